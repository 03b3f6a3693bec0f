//! The length of a file, and what of it takes room on the device.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::FallocateFlags;
use crate::sys::{Argument, RawFd};

/// `int ftruncate(int fd, off_t length)`
///
/// Makes the file `length` bytes long, cutting it or adding a hole of zeros.
///
/// # Safety
///
/// As for [`write`](super::write): pages of a map that lie past the new end are `SIGBUS`.
///
/// # Errors
///
/// - `EBADF`, `EINVAL`: `fd` is not open, or not for writing; `length` is
///   negative.
/// - `EFBIG`: past the largest file, or this process's limit, which has `SIGXFSZ`
///   come too.
/// - `EINTR`, `EIO`: a signal came; the device failed.
/// - `EPERM`: a seal forbids it, or the file is only for appending.
/// - `ETXTBSY`: a swap file.
///
/// # References
///
/// [ftruncate(2)](https://man7.org/linux/man-pages/man2/ftruncate.2.html)
#[inline(always)]
pub unsafe fn ftruncate(fd: RawFd, length: i64) -> Result<()> {
    // SAFETY: the caller may change the file.
    errno::unit(unsafe { arch::syscall2(Sysno::ftruncate, fd.word(), length.word()) })
}

/// `int fallocate(int fd, int mode, off_t offset, off_t size)`
///
/// Changes what room `size` bytes from byte `offset` on have on the device.
/// Without flags, the range gets room, and the file its length if it was shorter.
///
/// # Safety
///
/// As for [`write()`](super::write()): most flags change the range's bytes, or
/// move those after it.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open for writing.
/// - `EFBIG`: past the largest file, or this process's limit, which has `SIGXFSZ`
///   come too.
/// - `EINTR`: a signal came.
/// - `EINVAL`: `offset` is negative, or `size` not positive; for
///   `COLLAPSE_RANGE` and `INSERT_RANGE`, they are no multiples of a block, or
///   the range reaches the file's end.
/// - `ENODEV`, `ESPIPE`: no regular file; a pipe.
/// - `ENOSPC`, `EIO`: the device is full, it failed.
/// - `EOPNOTSUPP`: this filesystem does not, or not with these flags.
/// - `EPERM`: a seal forbids it, or the file is immutable, or only for appending.
/// - `ETXTBSY`: a swap file.
///
/// # References
///
/// [fallocate(2)](https://man7.org/linux/man-pages/man2/fallocate.2.html)
#[inline(always)]
pub unsafe fn fallocate(fd: RawFd, mode: FallocateFlags, offset: i64, size: i64) -> Result<()> {
    // SAFETY: the caller may change the file.
    errno::unit(unsafe {
        arch::syscall4(Sysno::fallocate, fd.word(), mode.bits().word(), offset.word(), size.word())
    })
}
