//! Waiting for a word of memory, and waking who waits for it.
//!
//! One call of the kernel, `futex`, takes its arguments in another way for each
//! operation; here each is a function.

use core::ptr::from_ref;
use core::sync::atomic::AtomicU32;

use super::Argument;
use super::time::{Clock, Timespec};
use crate::arch::{self, Sysno, Word};
use crate::errno::{self, Result};
use crate::flags::{Futex2Flags, FutexFlags};

const FUTEX_WAIT: u32 = 0;
const FUTEX_WAKE: u32 = 1;
const FUTEX_REQUEUE: u32 = 3;
const FUTEX_CMP_REQUEUE: u32 = 4;
const FUTEX_WAIT_BITSET: u32 = 9;
const FUTEX_WAKE_BITSET: u32 = 10;

/// All 32 bits: whoever waits with it, or wakes with it, meets everyone.
#[doc(alias = "FUTEX_BITSET_MATCH_ANY")]
pub const BITSET_MATCH_ANY: u32 = !0;

/// The bits in which the kernel counts its operations are never flags: they would
/// make this another one, such as `FUTEX_WAKE_OP`, which writes to where the
/// fifth argument's register happens to point.
fn operation(operation: u32, flags: FutexFlags) -> Word {
    const OPERATIONS: u32 = 0x7f;
    (operation | flags.bits() & !OPERATIONS).word()
}

/// `long futex(uint32_t *uaddr, FUTEX_WAIT, uint32_t val, const struct timespec *timeout)`
///
/// Sleeps while `uaddr` holds `val`, until it is woken. It may also wake for no
/// reason, so the caller looks again. `timeout` is a duration, by the monotonic
/// clock; without it, it waits for ever.
///
/// # Errors
///
/// - `EAGAIN`: it does not hold `val`.
/// - `EINTR`: a signal came first.
/// - `EINVAL`: `timeout` is negative, or its nanoseconds are a second or more.
/// - `ENOSYS`: with `CLOCK_REALTIME`, or an unknown flag.
/// - `ETIMEDOUT`: nobody woke it in time.
///
/// # References
///
/// [FUTEX_WAIT(2const)](https://man7.org/linux/man-pages/man2/FUTEX_WAIT.2const.html)
#[inline(always)]
pub fn futex_wait(uaddr: &AtomicU32, flags: FutexFlags, val: u32, timeout: Option<&Timespec>) -> Result<()> {
    let op = operation(FUTEX_WAIT, flags);
    // SAFETY: the kernel reads the word and the timeout.
    errno::unit(unsafe {
        arch::syscall4(Sysno::futex, from_ref(uaddr).word(), op, val.word(), timeout.word())
    })
}

/// `long futex(uint32_t *uaddr, FUTEX_WAKE, uint32_t val)`
///
/// Wakes up to `val` of those who wait for `uaddr`; returns how many. A `val` of
/// 0 wakes one all the same, `i32::MAX` wakes all.
///
/// # Errors
///
/// - `EINVAL`: someone waits for it as for a lock with priorities.
/// - `ENOSYS`: with `CLOCK_REALTIME`, or an unknown flag.
///
/// # References
///
/// [FUTEX_WAKE(2const)](https://man7.org/linux/man-pages/man2/FUTEX_WAKE.2const.html)
#[inline(always)]
pub fn futex_wake(uaddr: &AtomicU32, flags: FutexFlags, val: i32) -> Result<usize> {
    let op = operation(FUTEX_WAKE, flags);
    // SAFETY: the call touches no memory of ours: the word's address is its name.
    errno::value(unsafe { arch::syscall3(Sysno::futex, from_ref(uaddr).word(), op, val.word()) })
}

/// `long futex(uint32_t *uaddr, FUTEX_WAIT_BITSET, uint32_t val, const struct timespec *timeout, NULL, uint32_t val3)`
///
/// As [`futex_wait`], woken only by those with a bit of `bitset` in theirs.
/// `timeout` is a time, not a duration: of the monotonic clock, or with
/// [`FutexFlags::CLOCK_REALTIME`] of that.
///
/// # Errors
///
/// Those of [`futex_wait`], `CLOCK_REALTIME` aside, and `EINVAL` if `bitset` is 0.
///
/// # References
///
/// [FUTEX_WAIT_BITSET(2const)](https://man7.org/linux/man-pages/man2/FUTEX_WAIT_BITSET.2const.html)
#[inline(always)]
pub fn futex_wait_bitset(
    uaddr: &AtomicU32,
    flags: FutexFlags,
    val: u32,
    timeout: Option<&Timespec>,
    bitset: u32,
) -> Result<()> {
    let (word, op) = (from_ref(uaddr).word(), operation(FUTEX_WAIT_BITSET, flags));
    let (timeout, unused) = (timeout.word(), 0_usize.word());
    // SAFETY: the kernel reads the word and the timeout.
    errno::unit(unsafe { arch::syscall6(Sysno::futex, word, op, val.word(), timeout, unused, bitset.word()) })
}

/// `long futex(uint32_t *uaddr, FUTEX_WAKE_BITSET, uint32_t val, NULL, NULL, uint32_t val3)`
///
/// As [`futex_wake`], of those with a bit of `bitset` in theirs.
///
/// # Errors
///
/// Those of [`futex_wake`], and `EINVAL` if `bitset` is 0.
///
/// # References
///
/// [FUTEX_WAKE_BITSET(2const)](https://man7.org/linux/man-pages/man2/FUTEX_WAKE_BITSET.2const.html)
#[inline(always)]
pub fn futex_wake_bitset(uaddr: &AtomicU32, flags: FutexFlags, val: i32, bitset: u32) -> Result<usize> {
    let (word, op) = (from_ref(uaddr).word(), operation(FUTEX_WAKE_BITSET, flags));
    let unused = 0_usize.word();
    // SAFETY: the call touches no memory of ours: the word's address is its name.
    errno::value(unsafe { arch::syscall6(Sysno::futex, word, op, val.word(), unused, unused, bitset.word()) })
}

/// `long futex(uint32_t *uaddr, FUTEX_REQUEUE, uint32_t val, uint32_t val2, uint32_t *uaddr2)`
///
/// Wakes up to `val` of those who wait for `uaddr`, and has up to `val2` of the
/// others wait for `uaddr2` instead; returns how many both are. It does not look
/// at `uaddr`, which may change meanwhile: [`futex_cmp_requeue`] does.
///
/// # Errors
///
/// - `EINVAL`: `val` or `val2` is negative.
/// - `ENOSYS`: with `CLOCK_REALTIME`, or an unknown flag.
///
/// # References
///
/// [FUTEX_REQUEUE(2const)](https://man7.org/linux/man-pages/man2/FUTEX_REQUEUE.2const.html)
#[inline(always)]
pub fn futex_requeue(
    uaddr: &AtomicU32,
    flags: FutexFlags,
    val: i32,
    val2: i32,
    uaddr2: &AtomicU32,
) -> Result<usize> {
    let (from, op, to) = (from_ref(uaddr).word(), operation(FUTEX_REQUEUE, flags), from_ref(uaddr2).word());
    // SAFETY: the call touches no memory of ours: the words' addresses are names.
    errno::value(unsafe { arch::syscall5(Sysno::futex, from, op, val.word(), val2.word(), to) })
}

/// `long futex(uint32_t *uaddr, FUTEX_CMP_REQUEUE, uint32_t val, uint32_t val2, uint32_t *uaddr2, uint32_t val3)`
///
/// As [`futex_requeue`], if `uaddr` holds `val3`.
///
/// # Errors
///
/// Those of [`futex_requeue`], and `EAGAIN` if it does not hold `val3`.
///
/// # References
///
/// [FUTEX_CMP_REQUEUE(2const)](https://man7.org/linux/man-pages/man2/FUTEX_CMP_REQUEUE.2const.html)
#[inline(always)]
pub fn futex_cmp_requeue(
    uaddr: &AtomicU32,
    flags: FutexFlags,
    val: i32,
    val2: i32,
    uaddr2: &AtomicU32,
    val3: u32,
) -> Result<usize> {
    let (from, op, to) =
        (from_ref(uaddr).word(), operation(FUTEX_CMP_REQUEUE, flags), from_ref(uaddr2).word());
    // SAFETY: the kernel reads the first word.
    errno::value(unsafe { arch::syscall6(Sysno::futex, from, op, val.word(), val2.word(), to, val3.word()) })
}

/// One of the words that [`futex_waitv`] waits for: `struct futex_waitv` of the
/// man page.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct FutexWaitv<'word> {
    /// What it must hold for the call to sleep.
    pub val: u64,
    /// The word.
    pub uaddr: &'word AtomicU32,
    /// Its size, which is [`Futex2Flags::SIZE_U32`], and whether it is private.
    pub flags: Futex2Flags,
    /// Must be 0.
    pub __reserved: u32,
}

/// `long futex_waitv(struct futex_waitv *waiters, unsigned int nr_futexes, unsigned int flags, const struct timespec *timeout, clockid_t clockid)`
///
/// Sleeps while each word holds its value, until one is woken; returns the place
/// of one that was. `timeout` is a time of the clock `clockid`, not a duration;
/// without it, it waits for ever. There are no flags yet.
///
/// A word's flags may have bits that are not named here, such as `FUTEX2_NUMA`
/// (Linux 6.16). Before that `EINVAL`: a word without it is for all nodes.
///
/// # Safety
///
/// Flags of a word that are not named here must not have the kernel write what is
/// not the caller's to write: with `FUTEX2_NUMA`, it writes a node's number right
/// behind the word.
///
/// # Errors
///
/// - `EAGAIN`: one of them does not hold its value.
/// - `EINTR`: a signal came first.
/// - `EINVAL`: no words, or more than 128; flags without `SIZE_U32`, or unknown
///   ones; a clock other than `MONOTONIC` and `REALTIME`; `timeout` is negative,
///   or its nanoseconds are a second or more.
/// - `ENOSYS`: before Linux 5.16.
/// - `ETIMEDOUT`: nobody woke it in time.
///
/// # References
///
/// [futex_waitv in the kernel's documentation](https://docs.kernel.org/userspace-api/futex2.html)
#[inline(always)]
pub unsafe fn futex_waitv(
    waiters: &[FutexWaitv<'_>],
    timeout: Option<&Timespec>,
    clockid: Clock,
) -> Result<usize> {
    let (list, count, flags) = (waiters.as_ptr().word(), waiters.len().word(), 0_usize.word());
    // SAFETY: the kernel reads the list, its words and the timeout; the caller
    // vouches for what more a flag has it do.
    errno::value(unsafe {
        arch::syscall5(Sysno::futex_waitv, list, count, flags, timeout.word(), clockid.0.word())
    })
}
