//! Reading, writing, copying, and the position for it.

use core::ptr::{from_mut, null_mut};

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::sys::{Argument, RawFd};

/// From where [`lseek`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Whence {
    /// From the start of the file.
    Set = 0,
    /// From where the descriptor stands.
    Cur = 1,
    /// From the end of the file.
    End = 2,
    /// To the next byte of data at or after the offset.
    Data = 3,
    /// To the next hole at or after the offset.
    Hole = 4,
}

/// `ssize_t read(int fd, void *buf, size_t count)`
///
/// Reads up to `buf.len()` bytes; returns how many, 0 at the end of the file.
///
/// # Errors
///
/// - `EAGAIN`: nothing there, and `fd` does not wait.
/// - `EBADF`: `fd` is not open for reading.
/// - `EINTR`: a signal came before anything was read.
/// - `EINVAL`: what `fd` is wants another length, or with `O_DIRECT` another
///   alignment.
/// - `EIO`: the device failed.
/// - `EISDIR`: `fd` is a directory.
///
/// # References
///
/// [read(2)](https://man7.org/linux/man-pages/man2/read.2.html)
#[inline(always)]
pub fn read(fd: RawFd, buf: &mut [u8]) -> Result<usize> {
    // SAFETY: the kernel writes at most `buf.len()` bytes there.
    errno::value(unsafe { arch::syscall3(Sysno::read, fd.word(), buf.as_mut_ptr().word(), buf.len().word()) })
}

/// `ssize_t write(int fd, const void *buf, size_t count)`
///
/// Writes up to `buf.len()` bytes; returns how many, which may be fewer.
///
/// # Safety
///
/// The file must be the caller's to change: a map may lend its bytes as a slice
/// to others, on the promise that nobody does.
///
/// # Errors
///
/// - `EAGAIN`: no room, and `fd` does not wait.
/// - `EBADF`: `fd` is not open for writing.
/// - `EDESTADDRREQ`: a socket that does not know where to.
/// - `EFBIG`: past the largest file, or this process's limit, which has `SIGXFSZ`
///   come too.
/// - `EINTR`: a signal came before anything was written.
/// - `EINVAL`: what `fd` is wants another length, or with `O_DIRECT` another
///   alignment.
/// - `ENOSPC`, `EDQUOT`, `EIO`: the device is full, the quota is, it failed.
/// - `EPERM`: a seal forbids it.
/// - `EPIPE`: nobody reads the pipe; `SIGPIPE` comes too, unless ignored.
///
/// # References
///
/// [write(2)](https://man7.org/linux/man-pages/man2/write.2.html)
#[inline(always)]
pub unsafe fn write(fd: RawFd, buf: &[u8]) -> Result<usize> {
    // SAFETY: the kernel reads at most `buf.len()` bytes there, and the caller may
    // change the file.
    errno::value(unsafe { arch::syscall3(Sysno::write, fd.word(), buf.as_ptr().word(), buf.len().word()) })
}

/// `ssize_t pread64(int fd, void *buf, size_t count, off_t offset)`
///
/// As [`read`], from byte `offset` of the file, moving no position.
///
/// # Errors
///
/// Those of [`read`], and `ESPIPE` if `fd` has no positions, `EINVAL` if
/// `offset` is negative.
///
/// # References
///
/// [pread(2)](https://man7.org/linux/man-pages/man2/pread.2.html)
#[inline(always)]
pub fn pread64(fd: RawFd, buf: &mut [u8], offset: i64) -> Result<usize> {
    // SAFETY: the kernel writes at most `buf.len()` bytes there.
    errno::value(unsafe {
        arch::syscall4(Sysno::pread64, fd.word(), buf.as_mut_ptr().word(), buf.len().word(), offset.word())
    })
}

/// `ssize_t pwrite64(int fd, const void *buf, size_t count, off_t offset)`
///
/// As [`write()`], at byte `offset` of the file, moving no position.
///
/// # Safety
///
/// As for [`write()`].
///
/// # Errors
///
/// Those of [`write()`], and `ESPIPE` if `fd` has no positions, `EINVAL` if
/// `offset` is negative.
///
/// # References
///
/// [pwrite(2)](https://man7.org/linux/man-pages/man2/pwrite.2.html)
#[inline(always)]
pub unsafe fn pwrite64(fd: RawFd, buf: &[u8], offset: i64) -> Result<usize> {
    // SAFETY: the kernel reads at most `buf.len()` bytes there, and the caller may
    // change the file.
    errno::value(unsafe {
        arch::syscall4(Sysno::pwrite64, fd.word(), buf.as_ptr().word(), buf.len().word(), offset.word())
    })
}

/// `off_t lseek(int fd, off_t offset, int whence)`
///
/// Moves the descriptor's position, in bytes; returns it from the file's start.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINVAL`: the position would be negative, or past the largest file.
/// - `ENXIO`: no data, or no hole, after `offset`.
/// - `EOVERFLOW`: the position would look like an error, as one of `/dev/mem` can.
/// - `ESPIPE`: `fd` has no positions, such as a pipe.
///
/// # References
///
/// [lseek(2)](https://man7.org/linux/man-pages/man2/lseek.2.html)
#[inline(always)]
pub fn lseek(fd: RawFd, offset: i64, whence: Whence) -> Result<u64> {
    // SAFETY: the call touches no memory of ours.
    let word = unsafe { arch::syscall3(Sysno::lseek, fd.word(), offset.word(), (whence as i32).word()) };
    errno::value(word).map(|position| position as u64)
}

/// `ssize_t copy_file_range(int fd_in, off_t *off_in, int fd_out, off_t *off_out, size_t size, unsigned int flags)`
///
/// Copies up to `size` bytes from one file to another, or within one, in the
/// kernel; returns how many, 0 at the end of `fd_in`. An offset is where, and is
/// moved on; without one it is the descriptor's position. There are no flags yet.
///
/// # Safety
///
/// As for [`write()`], of `fd_out`.
///
/// # Errors
///
/// - `EBADF`: `fd_in` is not open for reading, `fd_out` not for writing, or only
///   for appending.
/// - `EFBIG`: past the largest file, or this process's limit.
/// - `EINVAL`: the two ranges overlap in one file; one is no regular file.
/// - `EISDIR`: one is a directory.
/// - `ENOSPC`, `EIO`, `ENOMEM`: the device is full, it failed, no memory for it.
/// - `EOPNOTSUPP`: not on this filesystem (Linux 5.19).
/// - `EOVERFLOW`: an offset and `size` together pass 2^64-1.
/// - `EPERM`, `ETXTBSY`: `fd_out` is immutable, or a swap file.
/// - `EXDEV`: of two filesystems that cannot do it (before Linux 5.3: any two).
///
/// # References
///
/// [copy_file_range(2)](https://man7.org/linux/man-pages/man2/copy_file_range.2.html)
#[inline(always)]
pub unsafe fn copy_file_range(
    fd_in: RawFd,
    off_in: Option<&mut i64>,
    fd_out: RawFd,
    off_out: Option<&mut i64>,
    size: usize,
) -> Result<usize> {
    let place = |offset: Option<&mut i64>| offset.map_or(null_mut(), from_mut);
    // SAFETY: the kernel reads and writes the offsets that are given, and the
    // caller may change the file.
    errno::value(unsafe {
        arch::syscall6(
            Sysno::copy_file_range,
            fd_in.word(),
            place(off_in).word(),
            fd_out.word(),
            place(off_out).word(),
            size.word(),
            0_usize.word(),
        )
    })
}
