//! Keeping memory from being swapped out.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{MlockFlags, MlockallFlags};
use crate::sys::Argument;

/// `int mlock(const void *addr, size_t length)`
///
/// Reads in and keeps every page that has a byte within `length` bytes of
/// `addr`. It is safe for any address: it changes neither memory nor mappings.
///
/// # Errors
///
/// - `EAGAIN`: some pages could not be locked.
/// - `EINVAL`: the range passes the end of the address space.
/// - `ENOMEM`: something in the range is not mapped; the limit on locked memory
///   would be passed; too many mappings.
/// - `EPERM`: the limit is 0.
///
/// # References
///
/// [mlock(2)](https://man7.org/linux/man-pages/man2/mlock.2.html)
#[inline(always)]
pub fn mlock(addr: *const u8, length: usize) -> Result<()> {
    // SAFETY: the call changes neither memory nor what is mapped.
    errno::unit(unsafe { arch::syscall2(Sysno::mlock, addr.word(), length.word()) })
}

/// `int mlock2(const void *addr, size_t length, unsigned int flags)`
///
/// As [`mlock`], as `flags` say.
///
/// # Errors
///
/// Those of [`mlock`], and `EINVAL` for an unknown flag.
///
/// # References
///
/// [mlock2(2)](https://man7.org/linux/man-pages/man2/mlock.2.html)
#[inline(always)]
pub fn mlock2(addr: *const u8, length: usize, flags: MlockFlags) -> Result<()> {
    // SAFETY: the call changes neither memory nor what is mapped.
    errno::unit(unsafe { arch::syscall3(Sysno::mlock2, addr.word(), length.word(), flags.bits().word()) })
}

/// `int munlock(const void *addr, size_t length)`
///
/// Lets go every page that has a byte within `length` bytes of `addr`.
///
/// # Errors
///
/// - `EINVAL`: the range passes the end of the address space.
/// - `ENOMEM`: something in the range is not mapped; too many mappings.
///
/// # References
///
/// [munlock(2)](https://man7.org/linux/man-pages/man2/mlock.2.html)
#[inline(always)]
pub fn munlock(addr: *const u8, length: usize) -> Result<()> {
    // SAFETY: the call changes neither memory nor what is mapped.
    errno::unit(unsafe { arch::syscall2(Sysno::munlock, addr.word(), length.word()) })
}

/// `int mlockall(int flags)`
///
/// Locks all memory of the process: what is mapped, or what will be.
///
/// # Errors
///
/// - `EINVAL`: an unknown flag, none, or `ONFAULT` alone.
/// - `ENOMEM`: the limit on locked memory would be passed.
/// - `EPERM`: the limit is 0.
///
/// # References
///
/// [mlockall(2)](https://man7.org/linux/man-pages/man2/mlock.2.html)
#[inline(always)]
pub fn mlockall(flags: MlockallFlags) -> Result<()> {
    // SAFETY: the call changes neither memory nor what is mapped.
    errno::unit(unsafe { arch::syscall1(Sysno::mlockall, flags.bits().word()) })
}

/// `int munlockall(void)`
///
/// Lets go all memory of the process, and what will be mapped.
///
/// # Errors
///
/// None that the man page knows.
///
/// # References
///
/// [munlockall(2)](https://man7.org/linux/man-pages/man2/mlock.2.html)
#[inline(always)]
pub fn munlockall() -> Result<()> {
    // SAFETY: the call changes neither memory nor what is mapped.
    errno::unit(unsafe { arch::syscall0(Sysno::munlockall) })
}
