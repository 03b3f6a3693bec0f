//! What is no fault of a guarded access ends the process as it did before: with the
//! same signal, and a core where there was one.
//!
//! In children alone, as in guard_handlers.rs.

mod common;
mod faults;
mod hosted;

use std::sync::atomic::Ordering::SeqCst;

use baremap::flags::{PidfdFlags, PidfdSignalFlags, SaFlags};
use baremap::guard::Guards;
use baremap::process::ExitStatus;
use baremap::sys::page_size;
use baremap::sys::process::{self, Resource, Rlimit64, Signal};
use baremap::sys::signal::{SigHandler, SigHow, SigInfo, SigSet, rt_sigprocmask, rt_tgsigqueueinfo};
use baremap::{MapAnon, MapMut, MapOptions, WaitFlags};
use common::Folder;
use faults::*;
use hosted::{Again, c_path, child, in_child, open, wrong_under_emulation};

/// How a child ends, with all that the kernel says of it: whether there is a core,
/// too, which is left where it is removed.
fn end(folder: &Folder, body: impl FnOnce() -> i32) -> i32 {
    let place = c_path(folder.path());
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    let size = if pattern.starts_with(['/', '|']) { 0 } else { 1 << 16 };
    let child = child(|| {
        // SAFETY: the path ends with a NUL.
        let moved = unsafe { libc::chdir(place.as_ptr()) } == 0;
        let limit = Rlimit64 { rlim_cur: size, rlim_max: size };
        let limited = process::prlimit64(0, Resource::CORE, Some(&limit)).is_ok();
        if moved && limited { body() } else { 1 }
    });
    process::wait4(child.pid(), WaitFlags::empty()).expect("our child").1
}

#[test]
fn without_a_handler_a_fault_ends_the_process_as_ever() {
    if has_no_good_end() {
        return;
    }
    for with_std in [false, true] {
        for signal in [Signal::BUS, Signal::SEGV] {
            let faults = |guards: bool| {
                let (cut, folder) = (Cut::new(), Folder::new());
                let page: MapAnon = MapAnon::new(page_size()).unwrap();
                let page = page.make_guard().unwrap();
                end(&folder, || {
                    if !with_std && !act(signal, SigHandler::DFL, SaFlags::empty(), SigSet::EMPTY) {
                        return 2;
                    }
                    if guards && Guards::install().is_err() {
                        return 3;
                    }
                    if signal == Signal::BUS {
                        return cut.touch().into();
                    }
                    // SAFETY: as for `touch`.
                    unsafe { page.as_ptr().read_volatile() }.into()
                })
            };
            let (before, now) = (faults(false), faults(true));
            assert_eq!(ExitStatus::from_raw(now).signal(), Some(signal), "std's: {with_std}");
            assert_eq!(now, before, "std's: {with_std}; {signal:?} and a core");
        }
    }
}

#[test]
fn without_a_handler_a_signal_that_is_sent_ends_the_process() {
    let status = in_child(|| {
        let there = on_bus(SigHandler::DFL, SaFlags::empty()) && Guards::install().is_ok();
        if there { send(Signal::BUS).into() } else { 9 }
    });
    assert_eq!(status.signal(), Some(Signal::BUS));
}

/// A signal that this process tells itself to be `code`.
fn told(code: i32) -> SigInfo {
    let mut info = SigInfo::default();
    info.si_signo = Signal::BUS.0;
    info.si_code = code;
    info
}

#[test]
fn a_signal_that_was_sent_is_none_of_ours_whatever_it_says() {
    const SI_QUEUE: i32 = -1;
    for code in [SI_QUEUE, libc::BUS_ADRERR] {
        if code > 0 && wrong_under_emulation("a signal to oneself as if by the kernel") {
            continue;
        }
        let cut = Cut::new();
        let status = in_child(|| {
            let there = on_bus(SigHandler::with_info(with_info), SaFlags::SIGINFO);
            let (map, ..) = guarded(cut);
            let (pid, tid) = (process::getpid(), process::gettid());
            // SAFETY: the handlers here do not rely on what they are told.
            let queued = unsafe { rt_tgsigqueueinfo(pid, tid, Signal::BUS, &told(code)) }.is_ok();
            let once = CALLS.load(SeqCst) == 1 && CODE.load(SeqCst) == code;
            CODE.store(0, SeqCst);
            let pidfd = process::pidfd_open(pid, PidfdFlags::empty());
            let sent = pidfd.is_ok_and(|fd| {
                let flags = PidfdSignalFlags::empty();
                process::pidfd_send_signal(fd, Signal::BUS, Some(&told(code)), flags).is_ok()
            });
            let twice = CALLS.load(SeqCst) == 2 && CODE.load(SeqCst) == code;
            first_wrong(&[there, queued, once, sent, twice, works(&map)])
        });
        assert_eq!(status.code(), Some(0), "{code}");
        let status = in_child(|| {
            let there = on_bus(SigHandler::DFL, SaFlags::empty()) && Guards::install().is_ok();
            let (pid, tid) = (process::getpid(), process::gettid());
            // SAFETY: as above.
            let _ = unsafe { rt_tgsigqueueinfo(pid, tid, Signal::BUS, &told(code)) };
            there.into()
        });
        assert_eq!(status.signal(), Some(Signal::BUS), "{code}");
    }
}

/// A map whose promise is broken: the memory is lent, and gone.
fn broken(folder: &Folder) -> MapMut {
    let file = open(&folder.file("broken", &vec![1; page_size()]));
    // SAFETY: it is not kept, and the test is about what comes of that.
    let map = unsafe { MapOptions::new().map_mut(&file) }.expect("a map");
    file.set_len(0).expect("shorter");
    map
}

#[test]
fn a_fault_on_the_other_side_of_a_copy_is_not_ours() {
    for writes in [false, true] {
        let (cut, folder) = (Cut::new(), Folder::new());
        let mut other = broken(&folder);
        let status = in_child(|| {
            let there = on_bus(SigHandler::new(leaves), SaFlags::empty());
            let (map, ..) = guarded(cut);
            let result = if writes { map.write_at(0, &other) } else { map.read_at(0, &mut other) };
            if there { 1 + i32::from(result.is_ok()) } else { 9 }
        });
        assert_eq!(status.code(), Some(40 + Signal::BUS.0), "writes: {writes}");
    }
}

#[test]
fn a_thread_that_keeps_the_signal_away_ends_the_process() {
    if has_no_good_end() {
        return;
    }
    let cut = Cut::new();
    let status = in_child(|| {
        let (map, ..) = guarded(cut);
        let blocked = rt_sigprocmask(SigHow::BLOCK, Some(&SigSet::EMPTY.with(Signal::BUS)));
        if works(&map) { 1 } else { 2 + i32::from(blocked.is_ok()) }
    });
    assert_eq!(status.signal(), Some(Signal::BUS));
}

#[test]
fn the_first_process_goes_on_after_a_signal_that_it_has_no_handler_for() {
    let cut = Cut::new();
    let status = in_child(|| {
        // SAFETY: the next child is the first process of its namespace.
        if unsafe { libc::unshare(libc::CLONE_NEWPID) } != 0 {
            return 77;
        }
        let status = in_child(|| {
            let there = on_bus(SigHandler::DFL, SaFlags::empty());
            let (map, ..) = guarded(cut);
            let first = process::getpid() == 1;
            first_wrong(&[there, first, send(Signal::BUS), works(&map), send(Signal::BUS), works(&map)])
        });
        status.code().unwrap_or(99)
    });
    if status.code() == Some(77) {
        eprintln!("not checked: only root has a namespace of its own");
    } else {
        assert_eq!(status.code(), Some(0));
    }
}

/// Uses up the stack.
fn descends(depth: usize) -> usize {
    let place = std::hint::black_box([depth; 64]);
    if depth == usize::MAX { 0 } else { place[0] + descends(depth + 1) }
}

#[test]
fn std_still_tells_of_a_stack_that_overflows() {
    const OVERFLOW: &str = "BAREMAP_OVERFLOW";
    if std::env::var_os(OVERFLOW).is_some() {
        Guards::install().expect("a handler");
        descends(0);
    }
    let again = Again::new("std_still_tells_of_a_stack_that_overflows", OVERFLOW, "1");
    let (argv, envp) = (again.argv(), again.envp());
    let status = in_child(|| {
        // What it says is not for who reads this test's output.
        // SAFETY: the child does not use it, and std opens another.
        unsafe { libc::close(2) };
        // SAFETY: both lists end with a null pointer.
        let _ = unsafe { process::execve(again.program(), argv.as_ptr(), envp.as_ptr()) };
        127
    });
    // Not by SIGSEGV: std's handler has known it by its address, and says so.
    assert_eq!(status.signal(), Some(Signal::ABRT));
}
