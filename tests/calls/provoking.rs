//! What refusals of processes and sockets want: children, another user, limits,
//! signals. All but `with_child` and `beside` is for children of the test, for it stays.

use std::ptr::null_mut;

use baremap::flags::TimerFlags;
use baremap::sys::process::{self, Pid, Resource, Rlimit64, Signal};
use baremap::sys::signal::{SigAction, SigHandler, rt_sigaction};
use baremap::sys::time::{Clock, Timespec, clock_nanosleep};
use baremap::{CloneFlags, Errno, Result, WaitFlags, syscall};

use super::in_child_answer;
use crate::hosted::end_with_parent;

/// No process has a number this large.
pub const NO_PROCESS: Pid = Pid::MAX;

/// No signal has this number.
pub const NO_SIGNAL: Signal = Signal(65);

/// From here on this process is a user's who may nothing. Not by the libc, which
/// would tell the threads that the child does not have.
pub fn become_nobody() -> Result<()> {
    let nobody = 65534_u32;
    // SAFETY: it only takes away what this process may.
    unsafe { syscall!(libc::SYS_setresuid as usize, nobody, nobody, nobody) }?;
    // The kernel forgets that of whoever becomes another user.
    end_with_parent();
    Ok(())
}

/// This process may use so much, and can never again have more.
pub fn limit(resource: Resource, most: u64) -> Result<()> {
    let limit = Rlimit64 { rlim_cur: most, rlim_max: most };
    process::prlimit64(0, resource, Some(&limit)).map(drop)
}

/// Leaves these namespaces for new ones.
pub fn unshare(namespaces: CloneFlags) -> Result<()> {
    // SAFETY: it shares nothing that was promised to be shared.
    unsafe { syscall!(libc::SYS_unshare as usize, namespaces.bits()) }.map(drop)
}

/// Leaves the namespace of mounts for one whose mounts nobody else sees.
pub fn mount_alone() -> Result<()> {
    unshare(CloneFlags::NEWNS)?;
    let (nothing, flags) = (null_mut::<u8>(), libc::MS_REC | libc::MS_PRIVATE);
    // SAFETY: it reads one path.
    unsafe { syscall!(libc::SYS_mount as usize, nothing, c"/".as_ptr(), nothing, flags, nothing) }.map(drop)
}

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

/// The answer of `call` in a child that gets signals again and again: one alone
/// could come before the call.
pub fn interrupted(call: impl FnOnce() -> Result<()>) -> Result<()> {
    extern "C" fn nothing(_: Signal) {}
    in_child_answer(|| {
        let act = SigAction { sa_handler: SigHandler::new(nothing), ..SigAction::DFL };
        // SAFETY: the handler does nothing.
        unsafe { rt_sigaction(Signal::ALRM, Some(&act)) }?;
        let often = libc::timeval { tv_sec: 0, tv_usec: 10_000 };
        let timer = libc::itimerval { it_interval: often, it_value: often };
        let (kind, old) = (libc::ITIMER_REAL, null_mut::<u8>());
        // SAFETY: it reads the timer.
        unsafe { syscall!(libc::SYS_setitimer as usize, kind, &raw const timer, old) }?;
        call()
    })
}
