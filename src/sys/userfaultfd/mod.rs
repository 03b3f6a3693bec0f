//! Answering page faults oneself: a descriptor that tells of them, and the
//! requests that put pages where they are missing.
//!
//! In their order: [`userfaultfd`], [`uffdio_api`], [`uffdio_register`]; then, for
//! each message read, [`uffdio_copy`] or another that ends its fault.

mod message;
mod pages;

pub use message::{UffdEvent, UffdMsg, UffdPagefault};
pub use pages::{
    UFFDIO_CONTINUE, UFFDIO_COPY, UFFDIO_MOVE, UFFDIO_POISON, UFFDIO_WRITEPROTECT, UFFDIO_ZEROPAGE,
    UffdioContinue, UffdioCopy, UffdioMove, UffdioPoison, UffdioWriteprotect, UffdioZeropage,
    uffdio_continue, uffdio_copy, uffdio_move, uffdio_poison, uffdio_writeprotect, uffdio_zeropage,
};

use super::fs::ioctl;
use super::request::{ior, iowr};
use super::{Argument, RawFd};
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{UffdFeatures, UffdRegisterMode, UserfaultfdFlags};

/// The version of all this, and the letter of its requests.
pub const UFFD_API: u64 = 0xaa;

/// `struct uffdio_api`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioApi {
    /// In: [`UFFD_API`].
    pub api: u64,
    /// In: what is wanted; out: what the kernel has.
    pub features: UffdFeatures,
    /// Out: a bit for each request, by its number.
    pub ioctls: u64,
}
static_assertions::const_assert_eq!(size_of::<UffdioApi>(), 24);

/// `struct uffdio_range`: whole pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioRange {
    /// The first byte.
    pub start: u64,
    /// The length in bytes.
    pub len: u64,
}
static_assertions::const_assert_eq!(size_of::<UffdioRange>(), 16);

/// `struct uffdio_register`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioRegister {
    /// In: which pages.
    pub range: UffdioRange,
    /// In: which faults.
    pub mode: UffdRegisterMode,
    /// Out: a bit for each request that the pages can have, by its number.
    pub ioctls: u64,
}
static_assertions::const_assert_eq!(size_of::<UffdioRegister>(), 32);

const KIND: u8 = UFFD_API as u8;

/// The requests' numbers.
pub const UFFDIO_API: u32 = iowr::<UffdioApi>(KIND, 0x3f);
/// Of [`uffdio_register`].
pub const UFFDIO_REGISTER: u32 = iowr::<UffdioRegister>(KIND, 0);
/// Of [`uffdio_unregister`].
pub const UFFDIO_UNREGISTER: u32 = ior::<UffdioRange>(KIND, 1);
/// Of [`uffdio_wake`].
pub const UFFDIO_WAKE: u32 = ior::<UffdioRange>(KIND, 2);

/// `int userfaultfd(int flags)`
///
/// Opens a descriptor for faults of this process. [`UffdMsg`]s are read from it.
///
/// # Errors
///
/// - `EINVAL`: an unknown flag.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
/// - `ENOMEM`: no memory for it.
/// - `ENOSYS`: the kernel was built without it.
/// - `EPERM`: without `USER_MODE_ONLY`, for the privileged only.
///
/// # References
///
/// [userfaultfd(2)](https://man7.org/linux/man-pages/man2/userfaultfd.2.html)
#[inline(always)]
pub fn userfaultfd(flags: UserfaultfdFlags) -> Result<RawFd> {
    // SAFETY: the call touches no memory.
    let word = unsafe { arch::syscall1(Sysno::userfaultfd, flags.bits().word()) };
    errno::value(word).map(|fd| fd as RawFd)
}

/// `int ioctl(int fd, UFFDIO_API, struct uffdio_api *argp)`
///
/// Agrees on the version and on features, once, before all else.
///
/// # Errors
///
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EINVAL`: another version, a feature that the kernel does not have, or it is
///   done already. The answer is all zeros then, except in the last case.
/// - `EPERM`: `EVENT_FORK`, for the privileged only.
///
/// # References
///
/// [UFFDIO_API(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_API.2const.html)
#[inline(always)]
pub fn uffdio_api(fd: RawFd, argp: &mut UffdioApi) -> Result<()> {
    // SAFETY: the kernel fills the argument, which is of its size.
    unsafe { ioctl(fd, UFFDIO_API, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_REGISTER, struct uffdio_register *argp)`
///
/// Has faults in a range told from now on. Who touches a missing page waits until
/// it is put there.
///
/// # Errors
///
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EBUSY`: another descriptor has the range.
/// - `EINVAL`: not whole pages, no or an unknown mode, no memory of a kind that it
///   can be told of, or [`uffdio_api`] was not called.
/// - `ENOMEM`: the process has ended, or has too many mappings.
/// - `EPERM`: a file that may not be written.
///
/// # References
///
/// [UFFDIO_REGISTER(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_REGISTER.2const.html)
#[inline(always)]
pub fn uffdio_register(fd: RawFd, argp: &mut UffdioRegister) -> Result<()> {
    // SAFETY: the kernel fills the argument, which is of its size.
    unsafe { ioctl(fd, UFFDIO_REGISTER, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_UNREGISTER, struct uffdio_range *argp)`
///
/// Has them told no more, and wakes who waits.
///
/// # Errors
///
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EINVAL`: not whole pages, or no memory of a kind that it can be told of.
/// - `ENOMEM`: the process has ended, or has too many mappings.
///
/// # References
///
/// [UFFDIO_UNREGISTER(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_UNREGISTER.2const.html)
#[inline(always)]
pub fn uffdio_unregister(fd: RawFd, argp: &UffdioRange) -> Result<()> {
    let argp: *const UffdioRange = argp;
    // SAFETY: the kernel only reads the argument.
    unsafe { ioctl(fd, UFFDIO_UNREGISTER, argp.cast_mut()) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_WAKE, struct uffdio_range *argp)`
///
/// Wakes who waits in a range, after `DONTWAKE`.
///
/// # Errors
///
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EINVAL`: not whole pages.
///
/// # References
///
/// [UFFDIO_WAKE(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_WAKE.2const.html)
#[inline(always)]
pub fn uffdio_wake(fd: RawFd, argp: &UffdioRange) -> Result<()> {
    let argp: *const UffdioRange = argp;
    // SAFETY: the kernel only reads the argument.
    unsafe { ioctl(fd, UFFDIO_WAKE, argp.cast_mut()) }.map(drop)
}
