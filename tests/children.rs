//! Children: looked after without waiting, for a time, or until they end, and ended
//! by signals.

mod hosted;

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use baremap::flags::{PipeFlags, SaFlags, TimerFlags, WaitFlags};
use baremap::process::{Child, ExitStatus};
use baremap::sys::fs;
use baremap::sys::process::{
    CloneArgs, IdType, Signal, clone3, exit_group, getpid, getppid, kill, sched_yield, wait4, waitid,
};
use baremap::sys::signal::{SigAction, SigHandler, SigSet, rt_sigaction};
use baremap::sys::time::{Clock, Timespec, clock_nanosleep};
use baremap::{Errno, OwnedFd, Result};
use hosted::{child, in_child, lowest_free, write, wrong_under_emulation};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(3600);

/// A child that ends, with this code, when it is told to: by a byte.
struct Waiting {
    child: Child,
    go: OwnedFd,
}

fn waiting(code: i32) -> Waiting {
    let (reader, writer) = fs::pipe2(PipeFlags::CLOEXEC).unwrap();
    // SAFETY: both were made for us.
    let [reader, go] = [reader, writer].map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    let child = child(|| match fs::read(reader.as_raw_fd(), &mut [0]) {
        Ok(1) => code,
        _ => 100,
    });
    Waiting { child, go }
}

fn exited(code: i32) -> Result<Option<ExitStatus>> {
    Ok(Some(ExitStatus::from_raw(code << 8)))
}

#[test]
fn a_child_is_looked_after_without_waiting() {
    let Waiting { mut child, go } = waiting(3);
    assert_eq!(child.try_wait(), Ok(None));
    assert_eq!(child.kill(Signal::NONE), Ok(()));
    write(go.as_raw_fd(), b"x").unwrap();
    while child.try_wait() == Ok(None) {
        let _ = sched_yield();
    }
    // It is told again, whatever has the number of the child by now.
    assert_eq!(child.try_wait(), exited(3));
    assert_eq!(child.wait_timeout(LONG), exited(3));
    assert_eq!([Signal::NONE, Signal::KILL].map(|signal| child.kill(signal)), [Err(Errno::ESRCH); 2]);
    assert_eq!(child.wait().map(ExitStatus::code), Ok(Some(3)));
}

#[test]
fn another_process_of_the_same_number_gets_no_signal() {
    let mut child = child(|| 0);
    let pid = child.pid();
    assert_eq!(child.wait_timeout(LONG), exited(0));
    let args =
        CloneArgs { exit_signal: Signal::CHLD.0 as u64, set_tid: &pid, set_tid_size: 1, ..CloneArgs::new() };
    // SAFETY: the new process only sleeps, and then ends.
    let stranger = unsafe { clone3(&args) };
    if stranger == Ok(0) {
        hosted::end_with_parent();
        // SAFETY: the call has no conditions.
        unsafe { libc::pause() };
        exit_group(0);
    }
    if stranger.is_err() {
        // Who may choose it, and has a kernel that can, has this number.
        // Not by `eprintln`, which is heard of tests that fail alone.
        let line = format!("not checked: the number of another process, for {stranger:?}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        return;
    }
    assert_eq!((stranger, child.kill(Signal::TERM)), (Ok(pid), Err(Errno::ESRCH)));
    assert_eq!(child.try_wait(), exited(0));
    kill(pid, Signal::KILL).unwrap();
    assert_eq!(wait4(pid, WaitFlags::empty()), Ok((pid, Signal::KILL.0)));
}

#[test]
fn the_time_to_wait_is_over_or_the_child_is() {
    let Waiting { mut child, go } = waiting(4);
    assert_eq!(child.wait_timeout(Duration::ZERO), Ok(None));
    let (began, time) = (Instant::now(), Duration::from_millis(30));
    assert_eq!(child.wait_timeout(time), Ok(None));
    assert!(began.elapsed() >= time);
    write(go.as_raw_fd(), b"x").unwrap();
    assert_eq!(child.wait_timeout(LONG), exited(4));
    assert!(began.elapsed() < LONG);

    for time in [Duration::MAX, Duration::new(u64::MAX, 0), Duration::new(1 << 40, 999_999_999)] {
        let Waiting { mut child, go } = waiting(5);
        write(go.as_raw_fd(), b"x").unwrap();
        assert_eq!(child.wait_timeout(time), exited(5), "{time:?}");
    }
}

#[test]
fn a_signal_ends_a_child() {
    for signal in [Signal::TERM, Signal::KILL, Signal(40)] {
        let mut child = waiting(0).child;
        assert_eq!(child.kill(Signal(65)), Err(Errno::EINVAL));
        assert_eq!(child.kill(signal), Ok(()));
        let status = child.wait_timeout(LONG).unwrap().unwrap();
        assert_eq!((status.signal(), status.code()), (Some(signal), None));
    }
}

#[test]
fn a_child_that_has_ended_takes_signals_without_effect() {
    let mut ended = child(|| 6);
    let options = WaitFlags::EXITED | WaitFlags::NOWAIT;
    let pid = ended.pid();
    waitid(IdType::PID, pid, options).unwrap();
    assert_eq!(ended.kill(Signal::KILL), Ok(()));
    assert_eq!(ended.wait_timeout(Duration::ZERO), exited(6));
}

#[test]
fn what_somebody_else_has_waited_for_is_no_child() {
    let mut gone = child(|| 0);
    wait4(gone.pid(), WaitFlags::empty()).unwrap();
    assert_eq!(gone.try_wait(), Err(Errno::ECHILD));
    assert_eq!(gone.wait_timeout(LONG), Err(Errno::ECHILD));
    assert_eq!(gone.wait(), Err(Errno::ECHILD));
}

#[test]
fn waiting_for_what_the_kernel_reaps_ends_with_it() {
    let status = in_child(|| {
        let ignored = SigAction { sa_handler: SigHandler::IGN, ..SigAction::DFL };
        // SAFETY: ignoring runs no handler.
        if unsafe { rt_sigaction(Signal::CHLD, Some(&ignored)) }.is_err() {
            return 1;
        }
        let mut reaped = child(|| {
            let _ = sched_yield();
            0
        });
        i32::from(reaped.wait_timeout(LONG) != Err(Errno::ECHILD)) * 2
    });
    assert!(status.success(), "{status}");
}

static INTERRUPTIONS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count(_: Signal) {
    INTERRUPTIONS.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn signals_neither_end_the_wait_nor_make_it_longer() {
    if wrong_under_emulation("ppoll, which tells what is left of the time after a signal, too") {
        return;
    }
    let status = in_child(|| {
        let action = SigAction {
            sa_handler: SigHandler::new(count),
            sa_flags: SaFlags::empty(),
            sa_mask: SigSet::EMPTY,
        };
        // SAFETY: the handler only counts.
        if unsafe { rt_sigaction(Signal::USR1, Some(&action)) }.is_err() {
            return 1;
        }
        let me = getpid();
        // It sends signals as long as this process waits, and longer than that is to
        // wait; not so fast that an emulator does nothing but take them.
        let mut other = child(|| {
            let pause = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
            while getppid() == me {
                let _ = kill(me, Signal::USR1);
                let _ = clock_nanosleep(Clock::MONOTONIC, TimerFlags::empty(), &pause, None);
            }
            0
        });
        let waited = other.wait_timeout(Duration::from_millis(50));
        let _ = other.kill(Signal::KILL);
        match (waited, other.wait()) {
            (Ok(None), Ok(status)) if status.signal() != Some(Signal::KILL) => 2,
            (Ok(None), Ok(_)) if INTERRUPTIONS.load(Ordering::Relaxed) == 0 => 3,
            (Ok(None), Ok(_)) => 0,
            _ => 4,
        }
    });
    assert!(status.success(), "{status}");
}

#[test]
fn waiting_leaves_no_descriptor_open() {
    let status = in_child(|| {
        let mut other = child(|| {
            loop {
                let _ = sched_yield();
            }
        });
        let before = lowest_free();
        let timed_out = other.wait_timeout(Duration::from_millis(1)) == Ok(None);
        let killed =
            other.kill(Signal::KILL).is_ok() && other.wait_timeout(LONG).is_ok_and(|end| end.is_some());
        i32::from(!timed_out || !killed || lowest_free() != before || before.is_err())
    });
    assert!(status.success(), "{status}");
}
