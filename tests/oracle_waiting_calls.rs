//! The calls about waiting for processes, and about threads, do the same as those
//! of `sc`: see oracle_calls.rs.

mod hosted;
mod oracle;

use baremap::flags::{PidfdFlags, PidfdSignalFlags};
use baremap::sys::fs;
use baremap::sys::process::{self, ChildCode, ChildInfo, CloneArgs, IdType, Pid, Resource, Rlimit64, Signal};
use baremap::sys::signal::{SigInfo, rt_tgsigqueueinfo};
use baremap::{CloneFlags, Errno, OwnedFd, WaitFlags};
use hosted::{child, end_with_parent, in_child, wrong_under_emulation};
use oracle::{NOT_OPEN, none, number, owned, pipe, same, theirs};

/// No process has a number this large.
const NOBODY: Pid = Pid::MAX;

/// A child that waits until the pipe's writer is dropped or a signal ends it, as
/// a bare number: who waits for it says how.
fn waiting() -> (Pid, OwnedFd) {
    let [reader, writer] = pipe();
    let (end, ours_too) = (reader.as_raw_fd(), writer.as_raw_fd());
    // SAFETY: the child makes system calls only, and ends.
    let pid = unsafe { process::fork() }.unwrap();
    if pid == 0 {
        end_with_parent();
        // SAFETY: the child's own copy of the descriptor.
        let _ = unsafe { fs::close(ours_too) };
        process::exit_group(fs::read(end, &mut [0]).map_or(1, |_| 7));
    }
    (pid, writer)
}

/// As `sigqueue` would send it.
fn queued(signal: Signal) -> SigInfo {
    let mut info = SigInfo::default();
    (info.si_signo, info.si_code) = (signal.0, -1); // SI_QUEUE
    info
}

/// `waitid` of theirs: the word, and the fields that are told.
fn their_waitid(kind: IdType, id: i32, flags: WaitFlags) -> (baremap::Result<usize>, [i32; 3]) {
    let mut info = [0_i32; 32];
    let word = theirs!(WAITID, kind.0, id, info.as_mut_ptr(), flags.bits(), 0);
    // si_code, si_pid, si_status
    (word, [info[2], info[4], info[6]])
}

#[test]
fn waitid_tells_the_same() {
    let (pid, writer) = waiting();
    let fd = owned(process::pidfd_open(pid, PidfdFlags::empty()).map(number));
    let nothing = WaitFlags::EXITED | WaitFlags::NOHANG;
    assert_eq!(process::waitid(IdType::PID, pid, nothing), Ok(None));
    assert_eq!(their_waitid(IdType::PID, pid, nothing), (Ok(0), [0; 3]));

    process::kill(pid, Signal::STOP).unwrap();
    let stopped = WaitFlags::STOPPED | WaitFlags::NOWAIT;
    let ours = process::waitid(IdType::PID, pid, stopped).unwrap().unwrap();
    assert_eq!((ours.si_code, ours.si_status), (ChildCode::STOPPED, Signal::STOP.0));
    let theirs = their_waitid(IdType::PID, pid, stopped);
    assert_eq!(theirs, (Ok(0), [ChildCode::STOPPED.0, pid, Signal::STOP.0]));
    process::kill(pid, Signal::CONT).unwrap();
    let ours = process::waitid(IdType::PID, pid, WaitFlags::CONTINUED).unwrap().unwrap();
    assert_eq!((ours.si_code, ours.si_status), (ChildCode::CONTINUED, Signal::CONT.0));

    drop(writer);
    let user = std::fs::metadata("/proc/self").map(|me| std::os::unix::fs::MetadataExt::uid(&me)).unwrap();
    let ended = ChildInfo { si_pid: pid, si_uid: user, si_code: ChildCode::EXITED, si_status: 7 };
    let keep = WaitFlags::EXITED | WaitFlags::NOWAIT;
    for (kind, id) in [(IdType::PID, pid), (IdType::PIDFD, fd.as_raw_fd())] {
        assert_eq!(process::waitid(kind, id, keep), Ok(Some(ended)));
        assert_eq!(their_waitid(kind, id, keep), (Ok(0), [ChildCode::EXITED.0, pid, 7]));
    }
    assert_eq!(process::waitid(IdType::PIDFD, fd.as_raw_fd(), WaitFlags::EXITED), Ok(Some(ended)));
    let again = (process::waitid(IdType::PID, pid, WaitFlags::EXITED), Errno::ECHILD);
    assert_eq!(again.0, Err(again.1));

    let (pid, _writer) = waiting();
    process::kill(pid, Signal::KILL).unwrap();
    let ours = process::waitid(IdType::PID, pid, WaitFlags::EXITED).unwrap().unwrap();
    assert_eq!((ours.si_code, ours.si_status), (ChildCode::KILLED, Signal::KILL.0));
}

#[test]
fn waitid_finds_any_child() {
    let status = in_child(|| {
        // SAFETY: the child ends at once.
        let pid = unsafe { process::fork() }.unwrap_or(-1);
        if pid == 0 {
            process::exit_group(3);
        }
        let found = process::waitid(IdType::ALL, NOBODY, WaitFlags::EXITED);
        let right =
            found.is_ok_and(|info| info.is_some_and(|info| (info.si_pid, info.si_status) == (pid, 3)));
        (!right).into()
    });
    assert!(status.success());
}

#[test]
fn waitid_refuses_the_same() {
    let (pid, writer) = waiting();
    let [reader, _keep] = pipe();
    let exited = WaitFlags::EXITED;
    let not_waiting = owned(process::pidfd_open(pid, PidfdFlags::NONBLOCK).map(number));
    for (kind, id, flags, errno) in [
        (IdType::PID, pid, WaitFlags::NOHANG, Errno::EINVAL),
        (IdType::PID, pid, exited | WaitFlags::from_bits_retain(1 << 20), Errno::EINVAL),
        (IdType::PID, 0, exited, Errno::EINVAL),
        (IdType(9), 1, exited, Errno::EINVAL),
        (IdType::PID, NOBODY, exited, Errno::ECHILD),
        (IdType::PIDFD, NOT_OPEN, exited, Errno::EINVAL),
        (IdType::PIDFD, 1 << 20, exited, Errno::EBADF),
        (IdType::PIDFD, reader.as_raw_fd(), exited, Errno::EBADF),
        (IdType::PIDFD, not_waiting.as_raw_fd(), exited, Errno::EAGAIN),
    ] {
        let ours = process::waitid(kind, id, flags).map(|_| 0);
        same(ours, their_waitid(kind, id, flags).0, Err(errno));
    }
    drop(writer);
    process::waitid(IdType::PID, pid, exited).unwrap();
}

#[test]
fn pidfd_open_and_send_signal_are_the_same() {
    for of_ours in [true, false] {
        let (pid, _writer) = waiting();
        let fd = if of_ours {
            process::pidfd_open(pid, PidfdFlags::empty()).map(number)
        } else {
            theirs!(PIDFD_OPEN, pid, 0)
        };
        let fd = owned(fd);
        let (raw, kill, plain) = (fd.as_raw_fd(), Signal::KILL, PidfdSignalFlags::empty());
        for (fd, signal, flags, expected) in [
            (raw, Signal::NONE, 0, Ok(0)),
            (raw, Signal(65), 0, Err(Errno::EINVAL)),
            (raw, Signal::NONE, 1 << 20, Err(Errno::EINVAL)),
            (NOT_OPEN, kill, 0, Err(Errno::EBADF)),
            (_writer.as_raw_fd(), kill, 0, Err(Errno::EBADF)),
        ] {
            let ours =
                process::pidfd_send_signal(fd, signal, None, PidfdSignalFlags::from_bits_retain(flags));
            same(ours.map(none), theirs!(PIDFD_SEND_SIGNAL, fd, signal.0, 0, flags), expected);
        }
        let other = queued(Signal::USR1);
        let ours = process::pidfd_send_signal(raw, kill, Some(&other), plain).map(none);
        let theirs = theirs!(PIDFD_SEND_SIGNAL, raw, kill.0, &raw const other, 0);
        same(ours, theirs, Err(Errno::EINVAL));
        let info = queued(kill);
        if of_ours {
            assert_eq!(process::pidfd_send_signal(raw, kill, Some(&info), plain), Ok(()));
        } else {
            assert_eq!(theirs!(PIDFD_SEND_SIGNAL, raw, kill.0, 0, 0), Ok(0));
        }
        let ended = process::waitid(IdType::PID, pid, WaitFlags::EXITED).unwrap().unwrap();
        assert_eq!((ended.si_code, ended.si_status), (ChildCode::KILLED, kill.0));
        let ours = process::pidfd_send_signal(raw, kill, None, plain).map(none);
        same(ours, theirs!(PIDFD_SEND_SIGNAL, raw, kill.0, 0, 0), Err(Errno::ESRCH));
    }
    for (pid, flags, errno) in
        [(0, 0, Errno::EINVAL), (NOBODY, 0, Errno::ESRCH), (process::getpid(), 1 << 20, Errno::EINVAL)]
    {
        let ours = process::pidfd_open(pid, PidfdFlags::from_bits_retain(flags)).map(number);
        same(ours, theirs!(PIDFD_OPEN, pid, flags), Err(errno));
    }
}

#[test]
fn clone3_is_the_same() {
    let flags = CloneFlags::PIDFD | CloneFlags::PARENT_SETTID | CloneFlags::CHILD_SETTID;
    for of_ours in [true, false] {
        let (mut pidfd, mut parent_tid, mut child_tid) = (NOT_OPEN, 0, 0);
        let args = CloneArgs {
            flags,
            pidfd: &raw mut pidfd,
            parent_tid: &raw mut parent_tid,
            child_tid: &raw mut child_tid,
            exit_signal: Signal::CHLD.0 as u64,
            ..CloneArgs::new()
        };
        let made = if of_ours {
            // SAFETY: no memory is shared, and each place is for what is written there.
            unsafe { process::clone3(&args) }.map(number)
        } else {
            theirs!(CLONE3, &raw const args, size_of::<CloneArgs>())
        };
        if made == Err(Errno::ENOSYS) && wrong_under_emulation("clone3") {
            return;
        }
        let pid = made.unwrap() as Pid;
        if pid == 0 {
            // SAFETY: it is a local, which the kernel wrote to before we came back.
            let told = unsafe { args.child_tid.read_volatile() };
            process::exit_group((told != process::getpid()).into());
        }
        // SAFETY: as above; so the next.
        let told = unsafe { args.parent_tid.read_volatile() };
        assert_eq!(told, pid);
        // SAFETY: as above.
        let fd = owned(Ok(number(unsafe { args.pidfd.read_volatile() })));
        let ended = process::waitid(IdType::PIDFD, fd.as_raw_fd(), WaitFlags::EXITED).unwrap().unwrap();
        assert_eq!((ended.si_pid, ended.si_status), (pid, 0), "the child was not told its number");
    }
    let taken = [process::getpid()];
    let plain = CloneArgs::new();
    for (args, errno) in [
        (CloneArgs { flags: CloneFlags::SIGHAND, ..plain }, Errno::EINVAL),
        (CloneArgs { exit_signal: 65, ..plain }, Errno::EINVAL),
        (CloneArgs { stack_size: 4096, ..plain }, Errno::EINVAL),
        (CloneArgs { set_tid: taken.as_ptr(), set_tid_size: 1, ..plain }, Errno::EEXIST),
    ] {
        // SAFETY: the kernel refuses it.
        let ours = unsafe { process::clone3(&args) }.map(number);
        if errno == Errno::EEXIST && ours == Err(Errno::EPERM) {
            continue; // Not privileged.
        }
        same(ours, theirs!(CLONE3, &raw const args, size_of::<CloneArgs>()), Err(errno));
    }
}

#[test]
fn rt_tgsigqueueinfo_is_the_same() {
    let (tgid, tid) = (process::getpid(), process::gettid());
    let info = queued(Signal::NONE);
    for (tgid, tid, signal, expected) in [
        (tgid, tid, Signal::NONE, Ok(0)),
        (tgid, NOBODY, Signal::NONE, Err(Errno::ESRCH)),
        (tgid, tid, Signal(65), Err(Errno::EINVAL)),
    ] {
        // SAFETY: nothing is sent.
        let ours = unsafe { rt_tgsigqueueinfo(tgid, tid, signal, &info) }.map(none);
        same(ours, theirs!(RT_TGSIGQUEUEINFO, tgid, tid, signal.0, &raw const info), expected);
    }
}

#[test]
fn gettid_and_tgkill_are_the_same() {
    let (tgid, tid) = (process::getpid(), process::gettid());
    assert_eq!(theirs!(GETTID), Ok(number(tid)));
    assert_ne!(std::thread::spawn(process::gettid).join().unwrap(), tid);
    for (tgid, tid, signal, expected) in [
        (tgid, tid, Signal::NONE, Ok(0)),
        (tgid, NOBODY, Signal::NONE, Err(Errno::ESRCH)),
        (NOBODY, tid, Signal::NONE, Err(Errno::ESRCH)),
        (tgid, tid, Signal(65), Err(Errno::EINVAL)),
        (0, tid, Signal::NONE, Err(Errno::EINVAL)),
        (tgid, -1, Signal::NONE, Err(Errno::EINVAL)),
    ] {
        let ours = process::tgkill(tgid, tid, signal).map(none);
        same(ours, theirs!(TGKILL, tgid, tid, signal.0), expected);
    }
    let killed = child(|| {
        let _ = process::tgkill(process::getpid(), process::gettid(), Signal::KILL);
        0
    });
    assert_eq!(killed.wait().unwrap().signal(), Some(Signal::KILL));
}

#[test]
fn prlimit64_is_the_same() {
    let status = in_child(|| {
        let core = Resource::CORE;
        let Ok(first) = process::prlimit64(0, core, None) else { return 1 };
        let new = Rlimit64 { rlim_cur: 0, rlim_max: first.rlim_max };
        let mut theirs = Rlimit64 { rlim_cur: 1, rlim_max: 1 };
        let told = theirs!(PRLIMIT64, 0, core.0, &raw const new, &raw mut theirs);
        if (told, theirs) != (Ok(0), first) || process::prlimit64(0, core, Some(&first)) != Ok(new) {
            return 2;
        }
        i32::from(process::prlimit64(0, core, None) != Ok(first))
    });
    assert!(status.success(), "{status}");
    let upside_down = Rlimit64 { rlim_cur: 2, rlim_max: 1 };
    for (pid, resource, new, errno) in [
        (0, Resource(99), None, Errno::EINVAL),
        (0, Resource::CORE, Some(&upside_down), Errno::EINVAL),
        (NOBODY, Resource::CORE, None, Errno::ESRCH),
    ] {
        let ours = process::prlimit64(pid, resource, new).map(|_| 0);
        let place = new.map_or(std::ptr::null(), std::ptr::from_ref);
        same(ours, theirs!(PRLIMIT64, pid, resource.0, place, 0), Err(errno));
    }
}

#[test]
fn scheduling_is_the_same() {
    same(process::sched_yield().map(none), theirs!(SCHED_YIELD), Ok(0));
    let mut allowed = [0_u64; 16];
    let bytes = theirs!(SCHED_GETAFFINITY, 0, size_of_val(&allowed), allowed.as_mut_ptr()).unwrap();
    assert!(bytes > 0);
    let place = allowed.iter().position(|&word| word != 0).unwrap();
    let mut one = [0_u64; 16];
    one[place] = 1 << allowed[place].trailing_zeros();
    for mask in [&one, &allowed] {
        assert_eq!(process::sched_setaffinity(0, mask), Ok(()));
        let mut now = [0_u64; 16];
        theirs!(SCHED_GETAFFINITY, 0, size_of_val(&now), now.as_mut_ptr()).unwrap();
        assert_eq!(&now, mask);
    }
    for (pid, mask, errno) in [(0, 0_u64, Errno::EINVAL), (NOBODY, 1, Errno::ESRCH)] {
        let ours = process::sched_setaffinity(pid, &[mask]).map(none);
        same(ours, theirs!(SCHED_SETAFFINITY, pid, 8, &raw const mask), Err(errno));
    }
}
