//! The calls about processes and the machine do the same as those of `sc`: see
//! oracle_calls.rs.

mod common;
mod hosted;
mod oracle;

use std::os::unix::fs::PermissionsExt;
use std::ptr::{null, null_mut};

use baremap::process::ExitStatus;
use baremap::sys::fs;
use baremap::sys::process::{self, Pid, Signal};
use baremap::sys::system::{self, Reboot};
use baremap::{CloneFlags, Errno, MountFlags, Result, WaitFlags};
use common::Folder;
use hosted::{Again, c_path, end_with_parent, in_child, wrong_under_emulation};
use oracle::{none, number, pipe, same, theirs};

/// No process has a number this large.
const NOBODY: Pid = Pid::MAX;

/// Makes a child as we do, or as they do; it exits with the code that `body` returns.
fn child(of_ours: bool, body: impl FnOnce() -> i32) -> Pid {
    let pid = if of_ours {
        // SAFETY: the child does only what a signal handler may.
        unsafe { process::fork() }.unwrap()
    } else {
        their_fork().unwrap() as Pid
    };
    match pid {
        0 => {
            end_with_parent();
            process::exit_group(body())
        }
        pid => pid,
    }
}

#[cfg(target_arch = "x86_64")]
fn their_fork() -> Result<usize> {
    theirs!(FORK)
}

#[cfg(not(target_arch = "x86_64"))]
fn their_fork() -> Result<usize> {
    theirs!(CLONE, Signal::CHLD.0, 0, 0, 0, 0)
}

/// How a child ended, asked by us or by them.
fn ended(by_us: bool, child: Pid) -> ExitStatus {
    if by_us {
        let (pid, status) = process::wait4(child, WaitFlags::empty()).unwrap();
        assert_eq!(pid, child);
        return ExitStatus::from_raw(status);
    }
    let mut status = 0_i32;
    assert_eq!(theirs!(WAIT4, child, &raw mut status, 0, 0), Ok(number(child)));
    ExitStatus::from_raw(status)
}

#[test]
fn fork_wait4_and_exit_group_are_the_same() {
    for forked in [true, false] {
        for waited in [true, false] {
            let exits = child(forked, || {
                let _ = theirs!(EXIT_GROUP, 7);
                0
            });
            assert_eq!(ended(waited, exits).code(), Some(7));
            // Only the low 8 bits reach the parent.
            assert_eq!(ended(waited, child(forked, || 0x1_2345)).code(), Some(0x45));
        }
    }
}

#[test]
fn wait4_finds_nothing_or_refuses_the_same() {
    let [reader, writer] = pipe();
    let (reader, ours_too) = (reader.as_raw_fd(), writer.as_raw_fd());
    // It waits for the pipe to be closed by us.
    let waiting = child(true, || {
        // SAFETY: the child's own copy of the descriptor.
        let _ = unsafe { fs::close(ours_too) };
        fs::read(reader, &mut [0]).map_or(1, |_| 0)
    });
    let unknown = WaitFlags::from_bits_retain(1 << 20);
    for (pid, flags, expected) in [
        (waiting, WaitFlags::NOHANG, Ok(0)),
        (waiting, unknown, Err(Errno::EINVAL)),
        (process::getpid(), WaitFlags::empty(), Err(Errno::ECHILD)),
        (NOBODY, WaitFlags::empty(), Err(Errno::ECHILD)),
    ] {
        let mut status = 0_i32;
        let ours = process::wait4(pid, flags).map(|(pid, _)| number(pid));
        same(ours, theirs!(WAIT4, pid, &raw mut status, flags.bits(), 0), expected);
    }
    drop(writer);
    assert!(ended(true, waiting).success());
}

#[test]
fn clone_is_the_same() {
    // The two thread ids go to different places, which tells the arguments'
    // order: it is the instruction set's own for `sc`, the same always for us.
    let flags = CloneFlags::from_bits_retain(0x0010_0000 | 0x0100_0000); // PARENT_SETTID, CHILD_SETTID
    let word = flags.bits() | Signal::CHLD.0 as u64;
    for of_ours in [true, false] {
        let [mut parent_tid, mut child_tid] = [0 as Pid; 2];
        let [parent_place, child_place] = [&raw mut parent_tid, &raw mut child_tid];
        let made = if of_ours {
            // SAFETY: no memory is shared, and both places are for a thread's number.
            unsafe { process::clone(flags, Signal::CHLD, parent_place, child_place, null_mut()) }.map(number)
        } else {
            #[cfg(target_arch = "x86_64")]
            let made = theirs!(CLONE, word, 0, parent_place, child_place, 0);
            #[cfg(not(target_arch = "x86_64"))]
            let made = theirs!(CLONE, word, 0, parent_place, 0, child_place);
            made
        };
        let pid = made.unwrap() as Pid;
        if pid == 0 {
            // SAFETY: it is a local, which the kernel wrote to before we came back.
            let told = unsafe { child_place.read_volatile() };
            process::exit_group((told != process::getpid()).into());
        }
        assert!(ended(of_ours, pid).success(), "the child was not told its number");
        // SAFETY: as above.
        let told = unsafe { parent_place.read_volatile() };
        if !wrong_under_emulation("clone with CLONE_PARENT_SETTID") {
            assert_eq!(told, pid);
        }
    }
    // Sharing signal handlers wants sharing memory.
    let handlers = CloneFlags::from_bits_retain(0x800);
    // SAFETY: the kernel refuses it.
    let ours = unsafe { process::clone(handlers, Signal::CHLD, null_mut(), null_mut(), null_mut()) };
    let theirs = theirs!(CLONE, handlers.bits() | Signal::CHLD.0 as u64, 0, 0, 0, 0);
    same(ours.map(number), theirs, Err(Errno::EINVAL));
}

#[test]
fn kill_is_the_same() {
    for of_ours in [true, false] {
        let [reader, writer] = pipe();
        let end = reader.as_raw_fd();
        let victim = child(true, || fs::read(end, &mut [0]).map_or(1, |_| 0));
        let signal = Signal::KILL;
        let sent =
            if of_ours { process::kill(victim, signal) } else { theirs!(KILL, victim, signal.0).map(drop) };
        assert_eq!((sent, ended(true, victim).signal()), (Ok(()), Some(signal)));
        drop(writer);
    }
    for (pid, signal, expected) in [
        (process::getpid(), Signal::NONE, Ok(0)),
        (NOBODY, Signal::NONE, Err(Errno::ESRCH)),
        (process::getpid(), Signal(65), Err(Errno::EINVAL)),
        (process::getpid(), Signal(-1), Err(Errno::EINVAL)),
    ] {
        same(process::kill(pid, signal).map(none), theirs!(KILL, pid, signal.0), expected);
    }
}

#[test]
fn getpid_and_getppid_are_the_same() {
    let pid = process::getpid();
    assert_eq!((Ok(number(pid)), pid as u32), (theirs!(GETPID), std::process::id()));
    assert_eq!(Ok(number(process::getppid())), theirs!(GETPPID));
    let status = in_child(|| {
        let right = process::getppid() == pid && theirs!(GETPPID) == Ok(number(pid));
        (!right || process::getpid() == pid).into()
    });
    assert!(status.success());
}

#[test]
fn execve_is_the_same() {
    if std::env::var_os("BAREMAP_EXECUTED").is_some() {
        std::process::exit(42);
    }
    let again = Again::new("execve_is_the_same", "BAREMAP_EXECUTED", "1");
    let (program, argv, envp) = (again.program(), again.argv(), again.envp());
    let ours = in_child(|| {
        // SAFETY: both lists end with a null pointer.
        let _ = unsafe { process::execve(program, argv.as_ptr(), envp.as_ptr()) };
        1
    });
    let theirs = in_child(|| {
        let _ = theirs!(EXECVE, program.as_ptr(), argv.as_ptr(), envp.as_ptr());
        1
    });
    assert_eq!([ours, theirs].map(ExitStatus::code), [Some(42); 2]);

    let folder = Folder::new();
    let [no_program, not_to_be_run] = ["garbage", "text"].map(|name| folder.file(name, b"\x01\x02\x03\x04"));
    std::fs::set_permissions(&no_program, std::fs::Permissions::from_mode(0o700)).unwrap();
    for (path, errno) in [
        (folder.path().join("none"), Errno::ENOENT),
        (not_to_be_run, Errno::EACCES),
        (no_program, Errno::ENOEXEC),
    ] {
        let path = c_path(&path);
        let [argv, envp] = [[path.as_ptr(), null()], [null(), null()]];
        // A child of another test has the file open as long as it lives.
        let settled = |call: &dyn Fn() -> Result<usize>| loop {
            match call() {
                Err(Errno::ETXTBSY) => std::thread::yield_now(),
                result => return result,
            }
        };
        // SAFETY: both lists end with a null pointer.
        let ours = || unsafe { process::execve(&path, argv.as_ptr(), envp.as_ptr()) }.map(none);
        let theirs = || theirs!(EXECVE, path.as_ptr(), argv.as_ptr(), envp.as_ptr());
        same(settled(&ours), settled(&theirs), Err(errno));
    }
}

#[test]
fn mount_is_refused_the_same() {
    let folder = Folder::new();
    let (here, missing) = (c_path(folder.path()), c_path(&folder.path().join("missing")));
    let kind = c"no-such-filesystem";
    for target in [&missing, &here] {
        let ours = system::mount(c"none", target, kind, MountFlags::NOSUID, c"").map(none);
        let bits = MountFlags::NOSUID.bits();
        let text = |text: &std::ffi::CStr| text.as_ptr();
        let theirs = theirs!(MOUNT, text(c"none"), target.as_ptr(), text(kind), bits, text(c""));
        assert_eq!(ours, theirs);
        match ours {
            Err(Errno::ENOENT) if std::ptr::eq(target, &missing) => {}
            // The privileged hear that there is no such filesystem.
            Err(Errno::ENODEV | Errno::EPERM) if std::ptr::eq(target, &here) => {}
            other => panic!("{target:?}: {other:?}"),
        }
    }
}

#[test]
fn reboot_is_refused_the_same_to_the_unprivileged() {
    const BOOT: u32 = 1 << 22; // CAP_SYS_BOOT
    let status = in_child(|| {
        let nobody = 65534;
        let _ = theirs!(SETRESUID, nobody, nobody, nobody);
        // Whoever still may reboot the machine must not try.
        let header = [0x2008_0522_u32, 0]; // _LINUX_CAPABILITY_VERSION_3, this process
        let mut sets = [BOOT; 6]; // effective, permitted, inheritable; twice
        if theirs!(CAPGET, header.as_ptr(), sets.as_mut_ptr()) != Ok(0) || sets[0] & BOOT != 0 {
            return 99;
        }
        let ours = system::reboot(Reboot::Restart).map(none);
        let theirs = theirs!(REBOOT, 0xfee1_dead_u32, 672_274_793, Reboot::Restart as u32, 0);
        (ours != Err(Errno::EPERM) || theirs != ours).into()
    });
    assert!(status.success(), "{status}");
}
