//! Children that a call is about, or that signals come to.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

use baremap::flags::{SaFlags, TimerFlags};
use baremap::process::exit;
use baremap::sys::RawFd;
use baremap::sys::process::{self, Pid, Signal};
use baremap::sys::signal::{SigAction, SigHandler, SigSet, rt_sigaction};
use baremap::sys::time::{Clock, Timespec, clock_nanosleep};
use baremap::{CloneFlags, Errno, OwnedFd, Result, WaitFlags};

use super::places::{NOT_READY, done, must};
use crate::calls::in_child_answer;
use crate::hosted::end_with_parent;
use crate::memory::{SHARED, map, unmap};
use crate::oracle::{NOT_OPEN, number, owned};

/// No process has a number this large.
pub const NO_PROCESS: Pid = Pid::MAX;

/// No signal has this number.
pub const NO_SIGNAL: Signal = Signal(65);

/// Sleeps longer than any test lasts.
pub fn sleep() -> Result<()> {
    let long = Timespec { tv_sec: 1000, tv_nsec: 0 };
    clock_nanosleep(Clock::MONOTONIC, TimerFlags::empty(), &long, None)
}

/// What came of making a child: if there is one, it ends, and is waited for.
pub fn made(child: Result<Pid>) -> Result<()> {
    match child? {
        0 => process::exit_group(0),
        child => process::wait4(child, WaitFlags::ALL).map(drop),
    }
}

/// The answer of `call`, which is given a child that only sleeps.
pub fn with_child(call: impl FnOnce(Pid) -> Result<()>) -> Result<()> {
    let sleeps = || {
        let _ = sleep();
    };
    beside(sleeps, call)
}

/// The answer of `call`, which is given a child that does `other` meanwhile. It
/// may make system calls only.
pub fn beside(other: impl FnOnce(), call: impl FnOnce(Pid) -> Result<()>) -> Result<()> {
    // SAFETY: the child makes system calls only, and ends.
    let child = unsafe { process::fork() }?;
    if child == 0 {
        end_with_parent();
        other();
        process::exit_group(0);
    }
    let answer = call(child);
    process::kill(child, Signal::KILL)?;
    while process::wait4(child, WaitFlags::empty()) == Err(Errno::EINTR) {}
    answer
}

/// A descriptor that a child has made, which is gone then.
pub fn made_by_a_child(make: impl FnOnce() -> Result<RawFd>) -> OwnedFd {
    let told = map(1, SHARED, NOT_OPEN).cast::<RawFd>();
    // The two have one table of descriptors.
    // SAFETY: the child closes none, and only makes system calls.
    let child =
        unsafe { process::clone(CloneFlags::FILES, Signal::CHLD, null_mut(), null_mut(), null_mut()) }
            .expect("a child");
    if child == 0 {
        // SAFETY: the page is ours, mapped and writable.
        unsafe { told.write_volatile(make().unwrap_or(NOT_OPEN)) };
        process::exit_group(0);
    }
    let ended = process::wait4(child, WaitFlags::empty());
    assert_eq!(ended.map(|(pid, _)| pid), Ok(child));
    // SAFETY: the page is ours, and the child has written it.
    let fd = unsafe { told.read_volatile() };
    unmap(told.cast(), 1);
    assert_ne!(fd, NOT_OPEN, "the child made none");
    owned(Ok(number(fd)))
}

/// From here on a signal does nothing.
pub fn ignore(signal: Signal) {
    handle(signal, SigHandler::IGN);
}

fn handle(signal: Signal, sa_handler: SigHandler) {
    let act = SigAction { sa_handler, sa_flags: SaFlags::empty(), sa_mask: SigSet::EMPTY };
    // SAFETY: of the two handlers in this file, one only counts, the other is none.
    must(unsafe { rt_sigaction(signal, Some(&act)) });
}

/// From here on signals come, again and again, since one could come before the
/// call. A call that begins again by itself would never end: they end it.
pub fn be_interrupted() {
    extern "C" fn count(_: Signal) {
        static SIGNALS: AtomicU32 = AtomicU32::new(0);
        if SIGNALS.fetch_add(1, Ordering::Relaxed) == 1000 {
            exit(NOT_READY)
        }
    }
    handle(Signal::ALRM, SigHandler::new(count));
    let often = libc::timeval { tv_sec: 0, tv_usec: 10_000 };
    let timer = libc::itimerval { it_interval: often, it_value: often };
    // SAFETY: the call reads the timer and writes nothing.
    done(unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, null_mut()) });
}

/// The answer of `call` in a child that signals come to.
pub fn interrupted(call: impl FnOnce() -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        be_interrupted();
        call()
    })
}
