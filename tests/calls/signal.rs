//! rt_sigaction, rt_sigprocmask, rt_tgsigqueueinfo, sigaltstack, clock_gettime,
//! clock_nanosleep, getrandom.

use std::ptr::null;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

use baremap::flags::{RandomFlags, SaFlags, StackFlags, TimerFlags};
use baremap::sys::process::{self, Pid, Resource, Signal};
use baremap::sys::signal::{
    SigAction, SigHandler, SigHow, SigInfo, SigSet, SigStack, rt_sigaction, rt_sigprocmask,
    rt_tgsigqueueinfo, sigaltstack,
};
use baremap::sys::time::{Clock, Timespec, clock_gettime, clock_nanosleep};
use baremap::sys::{getrandom, page_size};
use baremap::{Errno, Result};

use super::circumstances::*;
use super::process::as_nobody;
use super::{Call, call, in_child_answer, refused, unprovoked};
use crate::memory::{pages, unmap};

const STACK_PAGES: usize = 16;

/// The answer of `sigaltstack` for a stack of the call's own, so changed.
fn stack(change: fn(&mut SigStack)) -> Result<()> {
    let place = pages(STACK_PAGES);
    let mut ss = SigStack { ss_sp: place, ss_flags: StackFlags::empty(), ss_size: STACK_PAGES * page_size() };
    change(&mut ss);
    // SAFETY: the kernel refuses it.
    let answer = unsafe { sigaltstack(Some(&ss)) }.map(drop);
    unmap(place, STACK_PAGES);
    answer
}

/// The answer of `sigaltstack` to a handler that runs on such a stack.
fn stack_of_a_handler() -> Result<()> {
    static ANSWER: AtomicI32 = AtomicI32::new(0);
    extern "C" fn disable(_: Signal) {
        let none = SigStack { ss_sp: std::ptr::null_mut(), ss_flags: StackFlags::DISABLE, ss_size: 0 };
        // SAFETY: the kernel refuses it.
        ANSWER.store(unsafe { sigaltstack(Some(&none)) }.map_or_else(Errno::raw, |_| 0), SeqCst);
    }
    let place = pages(STACK_PAGES);
    let answer = in_child_answer(|| {
        let ss = SigStack { ss_sp: place, ss_flags: StackFlags::empty(), ss_size: STACK_PAGES * page_size() };
        // SAFETY: nobody else uses it as long as the child lives.
        unsafe { sigaltstack(Some(&ss)) }?;
        let act =
            SigAction { sa_handler: SigHandler::new(disable), sa_flags: SaFlags::ONSTACK, ..SigAction::DFL };
        // SAFETY: the handler makes a system call and stores to an atomic.
        unsafe { rt_sigaction(Signal::USR1, Some(&act)) }?;
        process::tgkill(process::getpid(), process::gettid(), Signal::USR1)?;
        Errno::from_raw(ANSWER.load(SeqCst)).map_or(Ok(()), Err)
    });
    unmap(place, STACK_PAGES);
    answer
}

/// What a process may say that it sends.
fn queued() -> SigInfo {
    let mut info = SigInfo::default();
    info.si_code = -1;
    info
}

fn queue(tgid: Pid, tid: Pid, signal: Signal, info: *const SigInfo) -> Result<()> {
    // SAFETY: what is sent, if it is, is no fault, and the kernel only reads.
    unsafe { rt_tgsigqueueinfo(tgid, tid, signal, info) }
}

fn nap(clock: Clock, tv_nsec: i64) -> Result<()> {
    clock_nanosleep(clock, TimerFlags::empty(), &Timespec { tv_sec: 0, tv_nsec }, None)
}

pub const CALLS: &[Call] = &[
    call(
        "rt_sigaction",
        &[refused(Errno::EINVAL, "the signal cannot be changed", || {
            // SAFETY: the kernel refuses it.
            unsafe { rt_sigaction(Signal::KILL, Some(&SigAction::DFL)) }.map(drop)
        })],
    ),
    call(
        "rt_sigprocmask",
        &[refused(Errno::EINVAL, "there is no such way to change the set", || {
            rt_sigprocmask(SigHow(3), Some(&SigSet::EMPTY)).map(drop)
        })],
    ),
    call(
        "rt_tgsigqueueinfo",
        &[
            refused(Errno::EAGAIN, "no signal may wait", || {
                in_child_answer(|| {
                    limit(Resource::SIGPENDING, 0)?;
                    queue(process::getpid(), process::gettid(), Signal(40), &queued())
                })
            }),
            refused(Errno::EFAULT, "nothing is there to be read", || {
                queue(process::getpid(), process::gettid(), Signal::NONE, null())
            }),
            refused(Errno::EINVAL, "there is no such signal", || {
                queue(process::getpid(), process::gettid(), NO_SIGNAL, &queued())
            }),
            refused(Errno::EPERM, "another process is to believe that the kernel sends it", || {
                in_child_answer(|| {
                    queue(process::getppid(), process::getppid(), Signal::NONE, &SigInfo::default())
                })
            }),
            refused(Errno::ESRCH, "there is no such thread", || {
                queue(process::getpid(), NO_PROCESS, Signal::NONE, &queued())
            }),
        ],
    ),
    call(
        "sigaltstack",
        &[
            refused(Errno::EINVAL, "a flag is unknown", || {
                stack(|ss| ss.ss_flags = StackFlags::from_bits_retain(1 << 20))
            }),
            refused(Errno::ENOMEM, "the stack has 16 bytes", || stack(|ss| ss.ss_size = 16)),
            refused(Errno::EPERM, "a handler is running on it", stack_of_a_handler),
        ],
    ),
    call(
        "clock_gettime",
        &[
            refused(Errno::EINVAL, "there is no such clock", || clock_gettime(Clock(99)).map(drop)),
            unprovoked(Errno::ENODEV, "no machine here has a device with a clock"),
            unprovoked(Errno::EOPNOTSUPP, "no machine here has a device with a clock"),
        ],
    ),
    call(
        "clock_nanosleep",
        &[
            refused(Errno::EINTR, "signals come", || interrupted(sleep)),
            refused(Errno::EINVAL, "the duration has a second of nanoseconds", || {
                nap(Clock::MONOTONIC, 1_000_000_000)
            }),
            refused(Errno::EOPNOTSUPP, "the clock is the thread's own", || nap(Clock::THREAD_CPUTIME_ID, 1)),
            refused(Errno::EPERM, "nobody would wake the machine", || {
                as_nobody(|| nap(Clock::BOOTTIME_ALARM, 1))
            })
            .where_there_is("a clock that can", || nap(Clock::BOOTTIME_ALARM, 1) != Err(Errno::EOPNOTSUPP)),
        ],
    ),
    call(
        "getrandom",
        &[
            unprovoked(Errno::EAGAIN, "the machine has gathered enough before a test runs"),
            unprovoked(Errno::EINTR, "it waits only until the machine has gathered enough"),
            refused(Errno::EINVAL, "two sources at once", || {
                getrandom(&mut [0], RandomFlags::RANDOM | RandomFlags::INSECURE).map(drop)
            }),
        ],
    ),
];
