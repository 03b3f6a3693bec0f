//! Clocks.

use core::mem::MaybeUninit;

use super::Argument;
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::TimerFlags;

/// A time or a duration: `struct timespec` of the man pages.
///
/// # References
///
/// [timespec(3type)](https://man7.org/linux/man-pages/man3/timespec.3type.html)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C)]
pub struct Timespec {
    /// Whole seconds.
    pub tv_sec: i64,
    /// Nanoseconds beside them, 0 to 999,999,999.
    pub tv_nsec: i64,
}

/// A clock. The type is open: any number can be passed.
///
/// # References
///
/// [clock_getres(2)](https://man7.org/linux/man-pages/man2/clock_getres.2.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "CLOCK_MONOTONIC")]
pub struct Clock(pub i32);

impl Clock {
    /// Time since 1970, which can be set.
    pub const REALTIME: Self = Self(0);
    /// Time since some start, which only grows; it rests while the machine sleeps.
    pub const MONOTONIC: Self = Self(1);
    /// What this process has used of processors.
    pub const PROCESS_CPUTIME_ID: Self = Self(2);
    /// What this thread has used of processors.
    pub const THREAD_CPUTIME_ID: Self = Self(3);
    /// As `MONOTONIC`, not steered after other clocks.
    pub const MONOTONIC_RAW: Self = Self(4);
    /// As `REALTIME` at the last tick.
    pub const REALTIME_COARSE: Self = Self(5);
    /// As `MONOTONIC` at the last tick.
    pub const MONOTONIC_COARSE: Self = Self(6);
    /// As `MONOTONIC`, and goes on while the machine sleeps.
    pub const BOOTTIME: Self = Self(7);
    /// As `REALTIME`, to sleep by: it wakes the machine.
    pub const REALTIME_ALARM: Self = Self(8);
    /// As `BOOTTIME`, to sleep by: it wakes the machine.
    pub const BOOTTIME_ALARM: Self = Self(9);
    /// As `REALTIME`, without leap seconds.
    pub const TAI: Self = Self(11);
}

/// `int clock_gettime(clockid_t clockid, struct timespec *tp)`
///
/// Tells what time it is. It asks the kernel, which takes longer than a libc,
/// which reads the clock in the vdso.
///
/// # Errors
///
/// - `EINVAL`: no such clock.
/// - `ENODEV`, `EOPNOTSUPP`: the clock is a device's, which is gone, or does not
///   tell the time.
///
/// # References
///
/// [clock_gettime(2)](https://man7.org/linux/man-pages/man2/clock_gettime.2.html)
#[inline(always)]
pub fn clock_gettime(clockid: Clock) -> Result<Timespec> {
    let mut time = MaybeUninit::<Timespec>::uninit();
    // SAFETY: the kernel writes a `struct timespec` there.
    errno::unit(unsafe { arch::syscall2(Sysno::clock_gettime, clockid.0.word(), time.as_mut_ptr().word()) })?;
    // SAFETY: the call succeeded, so the kernel has filled it.
    Ok(unsafe { time.assume_init() })
}

/// `int clock_nanosleep(clockid_t clockid, int flags, const struct timespec *t, struct timespec *remain)`
///
/// Sleeps for the duration `t`, or with [`TimerFlags::ABSTIME`] until the clock
/// shows `t`. When a signal cuts a duration short, `remain` becomes its rest,
/// which may exceed `t` by the slack that the kernel gives timers.
///
/// # Errors
///
/// - `EINTR`: a signal came first.
/// - `EINVAL`: no such clock; `t` is negative, or its nanoseconds are a second or
///   more.
/// - `EOPNOTSUPP`: the kernel cannot sleep by that clock, as of a thread's own
///   (which the man page, speaking of a libc, has as `EINVAL`).
/// - `EPERM`: a clock that wakes the machine, for the privileged only.
///
/// # References
///
/// [clock_nanosleep(2)](https://man7.org/linux/man-pages/man2/clock_nanosleep.2.html)
#[inline(always)]
pub fn clock_nanosleep(
    clockid: Clock,
    flags: TimerFlags,
    t: &Timespec,
    remain: Option<&mut Timespec>,
) -> Result<()> {
    let t = core::ptr::from_ref(t).word();
    // SAFETY: the kernel reads one `struct timespec` and writes at most the other.
    errno::unit(unsafe {
        arch::syscall4(Sysno::clock_nanosleep, clockid.0.word(), flags.bits().word(), t, remain.word())
    })
}
