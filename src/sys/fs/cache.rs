//! Between the page cache and the device: writing back, reading ahead.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::SyncFileRangeFlags;
use crate::sys::{Argument, RawFd};

/// `int fsync(int fd)`
///
/// Returns when what was written to the file is on the device, with all that is
/// known of the file. The name in its directory is not: that is the directory's
/// own `fsync`.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINTR`: a signal came.
/// - `EINVAL`, `EROFS`: what it is, such as a pipe, has no device behind it.
/// - `EIO`, `ENOSPC`, `EDQUOT`: something written earlier, perhaps by others,
///   could not be stored. Told once; a second call may succeed all the same.
///
/// # References
///
/// [fsync(2)](https://man7.org/linux/man-pages/man2/fsync.2.html)
#[inline(always)]
pub fn fsync(fd: RawFd) -> Result<()> {
    // SAFETY: the call touches no memory of ours.
    errno::unit(unsafe { arch::syscall1(Sysno::fsync, fd.word()) })
}

/// `int fdatasync(int fd)`
///
/// As [`fsync`], without what is not needed to read the bytes again, such as
/// times.
///
/// # Errors
///
/// Those of [`fsync`].
///
/// # References
///
/// [fdatasync(2)](https://man7.org/linux/man-pages/man2/fsync.2.html)
#[inline(always)]
pub fn fdatasync(fd: RawFd) -> Result<()> {
    // SAFETY: the call touches no memory of ours.
    errno::unit(unsafe { arch::syscall1(Sysno::fdatasync, fd.word()) })
}

/// `int sync_file_range(int fd, off_t offset, off_t nbytes, unsigned int flags)`
///
/// Starts the writing back of `nbytes` bytes from byte `offset` on, or waits for
/// it; 0 bytes are all up to the end. No promise that they outlive a crash: the
/// device's own cache and the file's length are not its business.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINVAL`: an unknown flag; `offset` or its end is negative.
/// - `EIO`, `ENOSPC`: something could not be stored.
/// - `ENOMEM`: no memory for it.
/// - `ESPIPE`: a pipe, or a character device.
///
/// # References
///
/// [sync_file_range(2)](https://man7.org/linux/man-pages/man2/sync_file_range.2.html)
#[inline(always)]
pub fn sync_file_range(fd: RawFd, offset: i64, nbytes: i64, flags: SyncFileRangeFlags) -> Result<()> {
    // SAFETY: the call touches no memory of ours.
    errno::unit(unsafe {
        arch::syscall4(arch::SYNC_FILE_RANGE, fd.word(), offset.word(), nbytes.word(), flags.bits().word())
    })
}

/// `ssize_t readahead(int fd, off_t offset, size_t count)`
///
/// Starts the reading of `count` bytes from byte `offset` on into the page cache.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open for reading.
/// - `EINVAL`: what it is, such as a pipe, has no page cache.
///
/// # References
///
/// [readahead(2)](https://man7.org/linux/man-pages/man2/readahead.2.html)
#[inline(always)]
pub fn readahead(fd: RawFd, offset: i64, count: usize) -> Result<()> {
    // SAFETY: the call touches no memory of ours.
    errno::unit(unsafe { arch::syscall3(Sysno::readahead, fd.word(), offset.word(), count.word()) })
}

/// How a file will be read. The type is open: a newer kernel's value can be
/// passed as well.
///
/// # References
///
/// [posix_fadvise(2)](https://man7.org/linux/man-pages/man2/posix_fadvise.2.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "POSIX_FADV_NORMAL")]
pub struct FileAdvice(pub i32);

impl FileAdvice {
    /// No special treatment: what a file has at first.
    pub const NORMAL: Self = Self(0);
    /// Here and there.
    pub const RANDOM: Self = Self(1);
    /// From start to end.
    pub const SEQUENTIAL: Self = Self(2);
    /// Soon.
    pub const WILLNEED: Self = Self(3);
    /// Not soon: what is on the device already may leave the page cache.
    pub const DONTNEED: Self = Self(4);
    /// Once (Linux 6.3). Before that it has no effect, and nothing has.
    pub const NOREUSE: Self = Self(5);
}

/// `int posix_fadvise(int fd, off_t offset, off_t size, int advice)`
///
/// Tells the kernel how `size` bytes from byte `offset` on will be read; 0 bytes
/// are all up to the end. It changes no bytes of the file.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINVAL`: an unknown advice; `size` is negative.
/// - `ESPIPE`: a pipe.
///
/// # References
///
/// [posix_fadvise(2)](https://man7.org/linux/man-pages/man2/posix_fadvise.2.html)
#[doc(alias = "fadvise64")]
#[inline(always)]
pub fn posix_fadvise(fd: RawFd, offset: i64, size: i64, advice: FileAdvice) -> Result<()> {
    // SAFETY: the call touches no memory of ours.
    errno::unit(unsafe {
        arch::syscall4(Sysno::fadvise64, fd.word(), offset.word(), size.word(), advice.0.word())
    })
}
