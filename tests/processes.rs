//! Processes: what a child shares with its parent and what it does not, how it
//! ended, what a new program inherits, and which interruptions are hidden.

mod common;
mod hosted;

use std::io::Read;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

use baremap::process::{Child, ExitStatus};
use baremap::sys::fs::{close, dup3, fstat, pipe2, read};
use baremap::sys::process::{self as sys, Pid, Signal, kill, wait4};
use baremap::sys::{RawFd, mm, page_size};
use baremap::{Errno, MapFlags, MapOptions, OpenFlags, PipeFlags, Prot, WaitFlags};
use common::Folder;
use hosted::{Again, child, in_child, open, write, wrong_under_emulation};

/// A pipe's end to read from and its end to write to.
fn pipe() -> [RawFd; 2] {
    pipe2(PipeFlags::CLOEXEC).unwrap().into()
}

fn close_all<const N: usize>(fds: [RawFd; N]) {
    for fd in fds {
        // SAFETY: each is the test's own.
        unsafe { close(fd) }.unwrap();
    }
}

#[test]
fn the_parent_sees_the_low_eight_bits_of_the_code() {
    for (code, seen) in [(0, 0), (1, 1), (42, 42), (255, 255), (256, 0), (-1, 255), (0x1234_5678, 0x78)] {
        let status = in_child(|| code);
        assert_eq!((status.code(), status.signal()), (Some(seen), None), "{code}");
        assert_eq!(status.success(), seen == 0);
        assert_eq!(
            (status.to_string(), format!("{status:?}")),
            (format!("exit {seen}"), format!("ExitStatus(exit {seen})"))
        );
    }
}

#[test]
fn the_parent_sees_the_signal_that_ended_a_child() {
    let mut signals = vec![Signal::TERM, Signal::KILL, Signal::ABRT, Signal::SEGV, Signal::USR1];
    if !wrong_under_emulation("the last real-time signal") {
        signals.push(Signal(64));
    }
    for signal in signals {
        let status = in_child(|| {
            // Rust's runtime has handlers for some.
            // SAFETY: the default action runs no handler.
            unsafe { libc::signal(signal.0, libc::SIG_DFL) };
            let _ = kill(sys::getpid(), signal);
            0
        });
        assert_eq!((status.code(), status.signal()), (None, Some(signal)));
        assert!(!status.success());
        assert_eq!(status.to_string(), format!("signal {}", signal.0));
    }
}

#[test]
fn a_core_dump_a_stop_and_a_continuation_are_no_other_end() {
    let dumped = ExitStatus::from_raw(0x86);
    assert_eq!((dumped.code(), dumped.signal()), (None, Some(Signal::ABRT)));
    assert_eq!(ExitStatus::from_raw(0x12_3400).code(), Some(0x34));
    for (status, text) in [(0x137f, "status 0x137f"), (0xffff, "status 0xffff")] {
        let status = ExitStatus::from_raw(status);
        assert_eq!((status.code(), status.signal(), status.success()), (None, None, false));
        assert_eq!(status.to_string(), text);
    }
    let [ready, go] = pipe();
    let stops = child(|| {
        let stopped = kill(sys::getpid(), Signal::STOP);
        // So that it is still there when it is asked for.
        stopped.and_then(|()| read(ready, &mut [0])).map_or(1, |_| 5)
    });
    let pid = stops.pid();
    assert_eq!(wait4(pid, WaitFlags::UNTRACED), Ok((pid, 0x137f)));
    assert_eq!(wait4(pid, WaitFlags::NOHANG), Ok((0, 0)));
    kill(pid, Signal::CONT).unwrap();
    assert_eq!(wait4(pid, WaitFlags::CONTINUED), Ok((pid, 0xffff)));
    assert_eq!(write(go, b"x"), Ok(1));
    assert_eq!(stops.wait().unwrap().code(), Some(5));
    close_all([ready, go]);
}

#[test]
fn a_child_can_be_waited_for_once() {
    let ended = child(|| 3);
    let pid = ended.pid();
    // Dropping it does not wait.
    drop(ended);
    assert_eq!(wait4(pid, WaitFlags::empty()), Ok((pid, 3 << 8)));
    assert_eq!(wait4(pid, WaitFlags::empty()), Err(Errno::ECHILD));
    let ended = child(|| 4);
    assert_eq!(wait4(ended.pid(), WaitFlags::empty()).unwrap().1, 4 << 8);
    assert_eq!(ended.wait(), Err(Errno::ECHILD));
}

#[test]
fn a_child_knows_who_it_is() {
    let parent = sys::getpid();
    let numbers = shared_numbers();
    let made = child(|| {
        numbers[0] = sys::getpid();
        numbers[1] = sys::getppid();
        0
    });
    let pid = made.pid();
    assert!(made.wait().unwrap().success() && pid > 0);
    assert_eq!(numbers[..], [pid, parent]);
}

/// Memory for two numbers that a child shares.
fn shared_numbers() -> &'static mut [Pid] {
    let (flags, prot) = (MapFlags::SHARED | MapFlags::ANONYMOUS, Prot::READ | Prot::WRITE);
    // SAFETY: a new mapping replaces nothing.
    let start = unsafe { mm::mmap(null_mut(), page_size(), prot, flags, -1, 0) }.unwrap();
    // SAFETY: a page of zeros, which is never unmapped.
    unsafe { std::slice::from_raw_parts_mut(start.cast(), 2) }
}

#[test]
fn a_shared_map_is_common_to_parent_and_child() {
    let folder = Folder::new();
    let path = folder.file("f", b"one text");
    // SAFETY: child and parent take turns.
    let mut map = unsafe { MapOptions::new().map_mut(&open(&path)) }.unwrap();
    let status = in_child(|| {
        if map[..] != *b"one text" {
            return 1;
        }
        map[..3].copy_from_slice(b"new");
        0
    });
    assert!(status.success());
    assert_eq!(&map[..], b"new text");
    assert_eq!(std::fs::read(&path).unwrap(), b"new text");
}

#[test]
fn a_private_map_parts_at_the_first_store_of_either() {
    let folder = Folder::new();
    let path = folder.file("f", &vec![b'.'; 2 * page_size()]);
    // SAFETY: nobody else changes the file.
    let mut map = unsafe { MapOptions::new().private().map_mut(&open(&path)) }.unwrap();
    map[0] = b'P';
    let ([ready, go], [done, finished]) = (pipe(), pipe());
    let page = page_size();
    let looks = child(|| {
        // Inherited as it was; its own store after that is its own.
        let inherited = map[0] == b'P';
        map[1] = b'C';
        let _ = write(finished, b"x");
        // The parent's later store, in either page, is not seen.
        let _ = read(ready, &mut [0]);
        (!(inherited && map[0] == b'P' && map[1] == b'C' && map[page] == b'.')).into()
    });
    assert_eq!(read(done, &mut [0]), Ok(1));
    assert_eq!(map[1], b'.');
    (map[0], map[page]) = (b'Q', b'Q');
    assert_eq!(write(go, b"x"), Ok(1));
    assert!(looks.wait().unwrap().success());
    assert_eq!((map[0], map[1], map[page]), (b'Q', b'.', b'Q'));
    assert!(std::fs::read(&path).unwrap().iter().all(|&byte| byte == b'.'));
    close_all([ready, go, done, finished]);
}

#[test]
fn an_inherited_map_outlives_the_parents() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    // SAFETY: child and parent take turns.
    let map = unsafe { MapOptions::new().map(&open(&path)) }.unwrap();
    let [ready, go] = pipe();
    let looks = child(|| {
        let _ = read(ready, &mut [0]);
        (map[..] != *b"text").into()
    });
    map.unmap().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(write(go, b"x"), Ok(1));
    assert!(looks.wait().unwrap().success());
    close_all([ready, go]);
}

#[test]
fn a_new_program_inherits_what_was_meant_for_it() {
    const TEST: &str = "a_new_program_inherits_what_was_meant_for_it";
    const KEPT: RawFd = 700;
    const CLOSED: RawFd = 701;
    if let Ok(value) = std::env::var("BAREMAP_EXECUTED") {
        let right = fstat(KEPT).is_ok() && fstat(CLOSED).is_err() && value == "a value";
        println!("it ran");
        std::process::exit(if right { 42 } else { 1 });
    }
    let again = Again::new(TEST, "BAREMAP_EXECUTED", "a value");
    let (program, argv, envp) = (again.program(), again.argv(), again.envp());
    let [reader, writer] = pipe();
    let runs = child(|| {
        let place = |to, flags| {
            // SAFETY: the child's own copies; it executes another program next.
            unsafe { dup3(writer, to, flags) }
        };
        if place(1, OpenFlags::empty()) != Ok(1)
            || place(KEPT, OpenFlags::empty()) != Ok(KEPT)
            || place(CLOSED, OpenFlags::CLOEXEC) != Ok(CLOSED)
        {
            return 2;
        }
        // SAFETY: both lists end with a null pointer.
        let _ = unsafe { sys::execve(program, argv.as_ptr(), envp.as_ptr()) };
        3
    });
    close_all([writer]);
    let mut said = String::new();
    // SAFETY: it is the test's own, and given up here.
    let mut reader: std::fs::File = unsafe { std::os::fd::FromRawFd::from_raw_fd(reader) };
    reader.read_to_string(&mut said).unwrap();
    assert_eq!(runs.wait().unwrap().code(), Some(42), "{said}");
    assert!(said.contains("it ran\n"), "{said}");
}

#[test]
fn a_child_is_reaped_by_the_kernel_where_sigchld_is_ignored() {
    let status = in_child(|| {
        // SAFETY: ignoring runs no handler.
        unsafe { libc::signal(Signal::CHLD.0, libc::SIG_IGN) };
        (child(|| 0).wait() != Err(Errno::ECHILD)).into()
    });
    assert!(status.success());
}

static INTERRUPTIONS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count(_: libc::c_int) {
    INTERRUPTIONS.fetch_add(1, Ordering::Relaxed);
}

/// In a process of its own: counts each `USR1`, which interrupts a system call,
/// then makes a child that sends fifty of them and goes on with `body`.
fn interrupted(body: impl FnOnce() -> i32) -> Child {
    // SAFETY: zeros are a valid action, with no flags and an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = count as *const () as usize;
    // SAFETY: the handler does only what a handler may.
    unsafe { libc::sigaction(Signal::USR1.0, &action, null_mut()) };
    child(|| {
        for _ in 0..50 {
            // SAFETY: the call has no conditions.
            unsafe { libc::usleep(2000) };
            let _ = kill(sys::getppid(), Signal::USR1);
        }
        body()
    })
}

#[test]
fn an_interruption_is_not_hidden_by_wait4() {
    let status = in_child(|| {
        let child = interrupted(|| 0);
        match wait4(child.pid(), WaitFlags::empty()) {
            Err(Errno::EINTR) => 0,
            Err(_) => 1,
            Ok(_) => 2,
        }
    });
    assert!(status.success(), "{status}");
}

#[test]
fn an_interruption_is_not_hidden_by_read() {
    let [reader, writer] = pipe();
    let status = in_child(|| {
        let _child = interrupted(|| write(writer, b"x").map_or(1, |_| 0));
        match read(reader, &mut [0]) {
            Err(Errno::EINTR) => 0,
            Err(_) => 1,
            Ok(_) => 2,
        }
    });
    assert!(status.success(), "{status}");
    close_all([reader, writer]);
}

#[test]
fn an_interruption_does_not_end_the_wait_for_a_child() {
    let status = in_child(|| match interrupted(|| 7).wait() {
        Ok(status) if status.code() != Some(7) => 1,
        Ok(_) if INTERRUPTIONS.load(Ordering::Relaxed) == 0 => 2,
        Ok(_) => 0,
        Err(_) => 3,
    });
    assert!(status.success(), "{status}");
}
