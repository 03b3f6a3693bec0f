//! Requests to what a descriptor is of: `ioctl`, for the modules beside this one.

use super::{Argument, RawFd};
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};

/// The number of a request by `_IOR`: the kernel would fill its argument, but
/// those of userfaultfd that are so numbered only read it.
pub(super) const fn ior<T>(kind: u8, number: u8) -> u32 {
    encode::<T>(2, kind, number)
}

/// The number of a request whose argument the kernel reads and fills: `_IOWR`.
pub(super) const fn iowr<T>(kind: u8, number: u8) -> u32 {
    encode::<T>(3, kind, number)
}

/// Direction, size, kind and number, each in bits of its own; the same on each
/// of our instruction sets.
const fn encode<T>(direction: u32, kind: u8, number: u8) -> u32 {
    direction << 30 | (size_of::<T>() as u32) << 16 | (kind as u32) << 8 | number as u32
}

/// `int ioctl(int fd, unsigned long request, ...)`
///
/// # Safety
///
/// `argument` must be what the request takes, and what the request does must be
/// the caller's to do.
#[inline(always)]
pub(super) unsafe fn ioctl<T>(fd: RawFd, request: u32, argument: *mut T) -> Result<usize> {
    // SAFETY: the caller vouches for the request and its argument.
    errno::value(unsafe {
        arch::syscall3(Sysno::ioctl, fd.word(), (request as usize).word(), argument.word())
    })
}
