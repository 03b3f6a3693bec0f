//! futex_wait, futex_wake, futex_wait_bitset, futex_wake_bitset, futex_requeue,
//! futex_cmp_requeue, futex_waitv.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use baremap::flags::{Futex2Flags, FutexFlags, TimerFlags};
use baremap::sys::futex::{
    FutexWaitv, futex_cmp_requeue, futex_requeue, futex_wait, futex_wait_bitset, futex_waitv, futex_wake,
    futex_wake_bitset,
};
use baremap::sys::process;
use baremap::sys::time::{Clock, Timespec, clock_nanosleep};
use baremap::{Errno, Result, syscall};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused};
use crate::memory::{SHARED, map, unmap};
use crate::oracle::NOT_OPEN;

const PRIVATE: FutexFlags = FutexFlags::PRIVATE;
const UNKNOWN: FutexFlags = FutexFlags::from_bits_retain(1 << 20);
/// A time that has passed, and a duration without length.
const NONE: Option<&Timespec> = Some(&Timespec { tv_sec: 0, tv_nsec: 0 });
const WRONG: Option<&Timespec> = Some(&Timespec { tv_sec: 0, tv_nsec: 1_000_000_000 });

/// Waits for a word that holds 0.
fn wait(flags: FutexFlags, val: u32, timeout: Option<&Timespec>) -> Result<()> {
    futex_wait(&AtomicU32::new(0), flags, val, timeout)
}

fn wait_bitset(flags: FutexFlags, val: u32, timeout: Option<&Timespec>, bitset: u32) -> Result<()> {
    futex_wait_bitset(&AtomicU32::new(0), flags, val, timeout, bitset)
}

fn requeue(flags: FutexFlags, val: i32) -> Result<()> {
    futex_requeue(&AtomicU32::new(0), flags, val, 1, &AtomicU32::new(0)).map(drop)
}

fn cmp_requeue(flags: FutexFlags, val: i32, val3: u32) -> Result<()> {
    futex_cmp_requeue(&AtomicU32::new(0), flags, val, 1, &AtomicU32::new(0), val3).map(drop)
}

fn waitv(flags: Futex2Flags, val: u64, timeout: Option<&Timespec>) -> Result<()> {
    let waiter = FutexWaitv { val, uaddr: &AtomicU32::new(0), flags, __reserved: 0 };
    // SAFETY: no flag here has the kernel write anything.
    unsafe { futex_waitv(&[waiter], timeout, Clock::MONOTONIC) }.map(drop)
}

const SIZE_U32: Futex2Flags = Futex2Flags::SIZE_U32;

/// The answer of `futex_wake` where someone waits for a lock with priorities.
fn wake_beside_a_lock() -> Result<()> {
    const FUTEX_LOCK_PI: u32 = 6;
    let page = map(1, SHARED, NOT_OPEN);
    // SAFETY: it is mapped, of zeros, and only used as this.
    let word = unsafe { AtomicU32::from_ptr(page.cast()) };
    let lock = || {
        let (place, timeout) = (word.as_ptr(), null_mut::<u8>());
        // SAFETY: the kernel writes to the word, which is shared.
        let _ = unsafe { syscall!(libc::SYS_futex as usize, place, FUTEX_LOCK_PI, 0, timeout) };
    };
    let answer = in_child_answer(|| {
        // It is ours, as far as the kernel knows.
        word.store(process::gettid() as u32, SeqCst);
        beside(lock, |_| {
            // It takes a while until the other waits, but not a minute.
            for _ in 0..60_000 {
                futex_wake(word, FutexFlags::empty(), 1)?;
                let pause = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
                clock_nanosleep(Clock::MONOTONIC, TimerFlags::empty(), &pause, None)?;
            }
            Ok(())
        })
    });
    unmap(page, 1);
    answer
}

const CHANGED: &str = "the word holds something else";
const TOO_LATE: &str = "the time is over";
const NO_TIME: &str = "the timeout has a second of nanoseconds";
const UNKNOWN_FLAG: &str = "a flag is unknown";
const NEGATIVE: &str = "a negative number is to be woken";

pub const CALLS: &[Call] = &[
    call(
        "futex_wait",
        &[
            refused(Errno::EAGAIN, CHANGED, || wait(PRIVATE, 1, NONE)),
            refused(Errno::EINTR, "signals come", || interrupted(|| wait(PRIVATE, 0, None))),
            refused(Errno::EINVAL, NO_TIME, || wait(PRIVATE, 0, WRONG)),
            refused(Errno::ENOSYS, "the clock is not to choose", || {
                wait(FutexFlags::CLOCK_REALTIME, 0, NONE)
            }),
            refused(Errno::ETIMEDOUT, TOO_LATE, || wait(PRIVATE, 0, NONE)),
        ],
    ),
    call(
        "futex_wake",
        &[
            refused(Errno::EINVAL, "someone waits for it as for a lock", wake_beside_a_lock),
            refused(Errno::ENOSYS, UNKNOWN_FLAG, || futex_wake(&AtomicU32::new(0), UNKNOWN, 1).map(drop)),
        ],
    ),
    call(
        "futex_wait_bitset",
        &[
            refused(Errno::EAGAIN, CHANGED, || wait_bitset(PRIVATE, 1, NONE, 1)),
            refused(Errno::EINTR, "signals come", || interrupted(|| wait_bitset(PRIVATE, 0, None, 1))),
            refused(Errno::EINVAL, "there is no bit in the set", || wait_bitset(PRIVATE, 0, NONE, 0)),
            refused(Errno::ENOSYS, UNKNOWN_FLAG, || wait_bitset(UNKNOWN, 0, NONE, 1)),
            refused(Errno::ETIMEDOUT, TOO_LATE, || wait_bitset(PRIVATE, 0, NONE, 1)),
        ],
    ),
    call(
        "futex_wake_bitset",
        &[
            refused(Errno::EINVAL, "there is no bit in the set", || {
                futex_wake_bitset(&AtomicU32::new(0), PRIVATE, 1, 0).map(drop)
            }),
            refused(Errno::ENOSYS, UNKNOWN_FLAG, || {
                futex_wake_bitset(&AtomicU32::new(0), UNKNOWN, 1, 1).map(drop)
            }),
        ],
    ),
    call(
        "futex_requeue",
        &[
            refused(Errno::EINVAL, NEGATIVE, || requeue(PRIVATE, -1)),
            refused(Errno::ENOSYS, UNKNOWN_FLAG, || requeue(UNKNOWN, 1)),
        ],
    ),
    call(
        "futex_cmp_requeue",
        &[
            refused(Errno::EAGAIN, CHANGED, || cmp_requeue(PRIVATE, 1, 1)),
            refused(Errno::EINVAL, NEGATIVE, || cmp_requeue(PRIVATE, -1, 0)),
            refused(Errno::ENOSYS, UNKNOWN_FLAG, || cmp_requeue(UNKNOWN, 1, 0)),
        ],
    ),
    call(
        "futex_waitv",
        &[
            refused(Errno::EAGAIN, CHANGED, || waitv(SIZE_U32, 1, NONE)).not_emulated(),
            refused(Errno::EINTR, "signals come", || interrupted(|| waitv(SIZE_U32, 0, None))).not_emulated(),
            refused(Errno::EINVAL, "a word has no size", || waitv(Futex2Flags::empty(), 0, NONE))
                .not_emulated(),
            not_that_old(),
            refused(Errno::ETIMEDOUT, TOO_LATE, || waitv(SIZE_U32, 0, NONE)).not_emulated(),
        ],
    ),
];
