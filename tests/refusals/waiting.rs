//! Refusals of `futex`, and of clocks.

use std::ptr::null;
use std::sync::atomic::AtomicU32;

use baremap::flags::{Futex2Flags, FutexFlags, TimerFlags};
use baremap::sys::futex::{
    FutexWaitv, futex_cmp_requeue, futex_requeue, futex_wait, futex_wait_bitset, futex_waitv, futex_wake,
    futex_wake_bitset,
};
use baremap::sys::time::{Clock, Timespec, clock_gettime, clock_nanosleep};

use super::{BAD, HUGE, unknown};

/// No span of time.
const NEVER: Timespec = Timespec { tv_sec: 0, tv_nsec: -1 };
/// A flag that no kernel knows, and the operations with it.
const STRANGE: u32 = 1 << 16;

#[test]
fn of_operations_on_words() {
    let (word, never) = (AtomicU32::new(0), NEVER);
    let (at, when, none) = (word.as_ptr(), &raw const never, null::<u8>());
    let private = FutexFlags::PRIVATE;
    let strange = || unknown::<FutexFlags>(STRANGE);
    refusals! {
        futex_wait(&word, private, 0, Some(&never)) => FUTEX(at, 0x80, 0, when) => EINVAL;
        futex_wait(&word, strange(), 1, None) => FUTEX(at, STRANGE, 1, none) => ENOSYS;
        futex_wake(&word, strange(), 1) => FUTEX(at, STRANGE | 1, 1) => ENOSYS;
        futex_wait_bitset(&word, private, 0, Some(&never), 1) => FUTEX(at, 0x89, 0, when, none, 1) => EINVAL;
        futex_wait_bitset(&word, private, 1, None, 0) => FUTEX(at, 0x89, 1, none, none, 0) => EINVAL;
        futex_wait_bitset(&word, strange(), 1, None, 1) => FUTEX(at, STRANGE | 9, 1, none, none, 1) => ENOSYS;
        futex_wake_bitset(&word, private, 1, 0) => FUTEX(at, 0x8a, 1, none, none, 0) => EINVAL;
        futex_wake_bitset(&word, strange(), 1, 1) => FUTEX(at, STRANGE | 10, 1, none, none, 1) => ENOSYS;
        futex_requeue(&word, private, -1, 1, &word) => FUTEX(at, 0x83, -1_i32, 1, at) => EINVAL;
        futex_requeue(&word, strange(), 1, 1, &word) => FUTEX(at, STRANGE | 3, 1, 1, at) => ENOSYS;
        futex_cmp_requeue(&word, private, 1, -1, &word, 0) => FUTEX(at, 0x84, 1, -1_i32, at, 0) => EINVAL;
        futex_cmp_requeue(&word, strange(), 1, 1, &word, 0) => FUTEX(at, STRANGE | 4, 1, 1, at, 0) => ENOSYS;
    }
    let odd = at.addr() + 1;
    raw_refusals! {
        FUTEX(BAD, 0x80, 0, none) => EFAULT;
        FUTEX(odd, 0x80, 0, none) => EINVAL;
        FUTEX(at, 0x80, 1, BAD) => EFAULT;
        FUTEX(odd, 0x81, 1) => EINVAL;
        FUTEX(BAD, 0x89, 0, none, none, 1) => EFAULT;
        FUTEX(odd, 0x8a, 1, none, none, 1) => EINVAL;
        FUTEX(odd, 0x83, 1, 1, at) => EINVAL;
        FUTEX(at, 0x83, 1, 1, odd) => EINVAL;
        FUTEX(BAD, 0x84, 1, 1, at, 0) => EFAULT;
    }
}

#[test]
fn of_waiting_for_many_words() {
    let (word, never) = (AtomicU32::new(0), NEVER);
    let waiter = FutexWaitv { val: 0, uaddr: &word, flags: Futex2Flags::SIZE_U32, __reserved: 0 };
    let strange = FutexWaitv { flags: unknown(STRANGE), ..waiter };
    let reserved = FutexWaitv { __reserved: 1, ..waiter };
    let many = [waiter; 129];
    let (list, none, when) = (many.as_ptr(), null::<u8>(), &raw const never);
    let (strangers, others) = (&raw const strange, &raw const reserved);
    let clock = Clock::MONOTONIC;
    refusals! {
        futex_waitv(&[], None, clock) => FUTEX_WAITV(list, 0, 0, none, 1) => EINVAL;
        futex_waitv(&many, None, clock) => FUTEX_WAITV(list, 129, 0, none, 1) => EINVAL;
        futex_waitv(&[strange], None, clock) => FUTEX_WAITV(strangers, 1, 0, none, 1) => EINVAL;
        futex_waitv(&[reserved], None, clock) => FUTEX_WAITV(others, 1, 0, none, 1) => EINVAL;
        futex_waitv(&[waiter], Some(&never), clock) => FUTEX_WAITV(list, 1, 0, when, 1) => EINVAL;
        futex_waitv(&[waiter], Some(&never), Clock(77)) => FUTEX_WAITV(list, 1, 0, when, 77) => EINVAL;
    }
    raw_refusals! {
        FUTEX_WAITV(BAD, 1, 0, none, 1) => EFAULT;
        FUTEX_WAITV(list, HUGE, 0, none, 1) => EINVAL;
        FUTEX_WAITV(list, 1, STRANGE, none, 1) => EINVAL;
        FUTEX_WAITV(list, 1, 0, BAD, 1) => EFAULT;
    }
}

#[test]
fn of_clocks() {
    let (never, mut rest) = (NEVER, Timespec::default());
    let (when, to, none) = (&raw const never, &raw mut rest, null::<u8>());
    let plain = TimerFlags::empty();
    refusals! {
        clock_gettime(Clock(77)) => CLOCK_GETTIME(77, to) => EINVAL;
        clock_nanosleep(Clock(77), plain, &rest, None) => CLOCK_NANOSLEEP(77, 0, to, none) => EINVAL;
        clock_nanosleep(Clock::MONOTONIC, plain, &never, None) => CLOCK_NANOSLEEP(1, 0, when, none) => EINVAL;
        clock_nanosleep(Clock::MONOTONIC, unknown(STRANGE), &never, None) => CLOCK_NANOSLEEP(1, STRANGE, when, none) => EINVAL;
    }
    raw_refusals! {
        CLOCK_GETTIME(1, BAD) => EFAULT;
        CLOCK_NANOSLEEP(1, 0, BAD, none) => EFAULT;
    }
}
