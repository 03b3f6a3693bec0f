//! Memory of no file that has a descriptor all the same.

use core::ffi::CStr;

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{MemfdFlags, OpenFlags};
use crate::sys::{Argument, RawFd};

/// `int memfd_create(const char *name, unsigned int flags)`
///
/// Makes an empty file in memory, which goes when nobody has it open or mapped.
/// The name is only shown, in /proc: up to 249 bytes.
///
/// # Errors
///
/// - `EACCES`: it could be executed, which the system's settings forbid.
/// - `EINVAL`: an unknown flag; the name is too long.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
/// - `ENODEV`: a size of huge page that the machine does not have.
/// - `ENOMEM`: no memory for it.
/// - `ENOSYS`: huge pages, and the kernel has none.
/// - `EPERM`: huge pages, for the privileged only.
///
/// # References
///
/// [memfd_create(2)](https://man7.org/linux/man-pages/man2/memfd_create.2.html)
#[inline(always)]
pub fn memfd_create(name: &CStr, flags: MemfdFlags) -> Result<RawFd> {
    // SAFETY: a `CStr` ends with a NUL; the call writes no memory of ours.
    let word = unsafe { arch::syscall2(Sysno::memfd_create, name.word(), flags.bits().word()) };
    errno::value(word).map(|fd| fd as RawFd)
}

/// `int memfd_secret(unsigned int flags)`
///
/// As [`memfd_create`], of memory that the kernel itself does not map: other
/// processes, and most of the kernel, cannot reach it. The one flag is
/// [`OpenFlags::CLOEXEC`]; the man page says `FD_CLOEXEC`, which the kernel
/// refuses.
///
/// A kernel has it unless it is told otherwise at its start (Linux 6.5). Before
/// that, one that is not told has only [`memfd_create`], which keeps no secrets.
///
/// # Errors
///
/// - `EINVAL`: an unknown flag.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
/// - `ENOMEM`: no memory for it.
/// - `ENOSYS`: before Linux 5.14, or not enabled at its start, or disabled.
///
/// # References
///
/// [memfd_secret(2)](https://man7.org/linux/man-pages/man2/memfd_secret.2.html)
#[inline(always)]
pub fn memfd_secret(flags: OpenFlags) -> Result<RawFd> {
    // SAFETY: the call touches no memory of ours.
    let word = unsafe { arch::syscall1(Sysno::memfd_secret, flags.bits().word()) };
    errno::value(word).map(|fd| fd as RawFd)
}
