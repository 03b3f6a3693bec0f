//! Files and descriptors: opening, reading, writing, measuring.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use super::{Argument, RawFd};
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{AtFlags, Mode, OpenFlags, PipeFlags};

pub use super::directory::{DirectoryEntry, directory_entries, getdents64};
pub use crate::arch::Stat;

/// In place of a directory's descriptor: the current directory.
pub const AT_FDCWD: RawFd = -100;

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

/// A descriptor out of a result: the kernel's are never negative.
#[inline(always)]
fn descriptor(word: arch::Word) -> Result<RawFd> {
    errno::value(word).map(|number| number as RawFd)
}

/// `int open(const char *path, int flags, mode_t mode)`
///
/// Opens a file. `mode` is for a file that [`OpenFlags::CREAT`] or
/// [`OpenFlags::TMPFILE`] creates, and is always passed. A path is open to every
/// process that may use it, so whoever lends a file's bytes has already promised
/// for those: hence this is safe even with [`OpenFlags::TRUNC`].
///
/// # Errors
///
/// - `EACCES`: a directory on the way may not be searched, or the file not be
///   opened so.
/// - `EEXIST`: `CREAT | EXCL`, and it is there.
/// - `EISDIR`: a directory, for writing.
/// - `ELOOP`: too many symbolic links, or one with `NOFOLLOW`.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
/// - `ENOENT`: it, or a directory on the way, is not there.
/// - `ENOTDIR`: a part of the path is no directory.
/// - `EROFS`: for writing, on a read-only filesystem.
/// - `ETXTBSY`: for writing, and it is being executed.
///
/// # References
///
/// [open(2)](https://man7.org/linux/man-pages/man2/open.2.html)
#[inline(always)]
pub fn open(path: &CStr, flags: OpenFlags, mode: Mode) -> Result<RawFd> {
    // SAFETY: a `CStr` ends with a NUL; the call writes no memory of ours.
    descriptor(unsafe { arch::open(path.word(), flags.bits().word(), mode.bits().word()) })
}

/// `int openat(int dirfd, const char *path, int flags, mode_t mode)`
///
/// As [`open`], with a relative `path` starting at the directory `dirfd`.
///
/// # Errors
///
/// Those of [`open`], and `EBADF` if `dirfd` is not open.
///
/// # References
///
/// [openat(2)](https://man7.org/linux/man-pages/man2/openat.2.html)
#[inline(always)]
pub fn openat(dirfd: RawFd, path: &CStr, flags: OpenFlags, mode: Mode) -> Result<RawFd> {
    // SAFETY: a `CStr` ends with a NUL; the call writes no memory of ours.
    descriptor(unsafe {
        arch::syscall4(Sysno::openat, dirfd.word(), path.word(), flags.bits().word(), mode.bits().word())
    })
}

/// `int close(int fd)`
///
/// Closes a descriptor. It is closed even when an error comes back, so it must
/// not be closed again. Mappings of the file stay.
///
/// # Safety
///
/// The descriptor must be the caller's own: another owner's would be closed
/// under it, and its number given to the next file that is opened.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINTR`: a signal came; the descriptor is closed.
/// - `EIO`, `ENOSPC`, `EDQUOT`: something written earlier could not be stored.
///
/// # References
///
/// [close(2)](https://man7.org/linux/man-pages/man2/close.2.html)
#[inline(always)]
pub unsafe fn close(fd: RawFd) -> Result<()> {
    // SAFETY: the caller owns the descriptor.
    errno::unit(unsafe { arch::syscall1(Sysno::close, fd.word()) })
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
/// - `EFBIG`: past the largest file, or this process's limit.
/// - `EINTR`: a signal came before anything was written.
/// - `ENOSPC`, `EDQUOT`, `EIO`: the device is full, the quota is, it failed.
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
/// - `EINVAL`: the position would be negative.
/// - `ENXIO`: no data, or no hole, after `offset`.
/// - `EOVERFLOW`: the position would pass 2^63-1.
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

/// `int fstat(int fd, struct stat *statbuf)`
///
/// Tells what kind of file it is, its length in bytes, its times and the rest.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
///
/// # References
///
/// [fstat(2)](https://man7.org/linux/man-pages/man2/fstat.2.html)
#[inline(always)]
pub fn fstat(fd: RawFd) -> Result<Stat> {
    let mut stat = MaybeUninit::<Stat>::uninit();
    // SAFETY: the kernel writes a `struct stat` there, which `Stat` is.
    errno::unit(unsafe { arch::syscall2(Sysno::fstat, fd.word(), stat.as_mut_ptr().word()) })?;
    // SAFETY: the call succeeded, so the kernel has filled it.
    Ok(unsafe { stat.assume_init() })
}

/// `int ftruncate(int fd, off_t length)`
///
/// Makes the file `length` bytes long, cutting it or adding a hole of zeros.
///
/// # Safety
///
/// As for [`write()`]: pages of a map that lie past the new end are `SIGBUS`.
///
/// # Errors
///
/// - `EBADF`, `EINVAL`: `fd` is not open, or not for writing; `length` is
///   negative.
/// - `EFBIG`: past the largest file.
/// - `EPERM`: a seal forbids it.
///
/// # References
///
/// [ftruncate(2)](https://man7.org/linux/man-pages/man2/ftruncate.2.html)
#[inline(always)]
pub unsafe fn ftruncate(fd: RawFd, length: i64) -> Result<()> {
    // SAFETY: the caller may change the file.
    errno::unit(unsafe { arch::syscall2(Sysno::ftruncate, fd.word(), length.word()) })
}

/// `int unlinkat(int dirfd, const char *path, int flags)`
///
/// Removes a name, or with [`AtFlags::REMOVEDIR`] an empty directory.
///
/// # Errors
///
/// - `EACCES`, `EPERM`: not allowed here.
/// - `EBUSY`: in use by the system.
/// - `EISDIR`: a directory, without `REMOVEDIR`.
/// - `ENOENT`: it is not there.
/// - `ENOTDIR`: no directory, with `REMOVEDIR`.
/// - `ENOTEMPTY`: the directory is not empty.
///
/// # References
///
/// [unlinkat(2)](https://man7.org/linux/man-pages/man2/unlinkat.2.html)
#[inline(always)]
pub fn unlinkat(dirfd: RawFd, path: &CStr, flags: AtFlags) -> Result<()> {
    // SAFETY: a `CStr` ends with a NUL; the call writes no memory of ours.
    errno::unit(unsafe { arch::syscall3(Sysno::unlinkat, dirfd.word(), path.word(), flags.bits().word()) })
}

/// `int pipe2(int pipefd[2], int flags)`
///
/// Makes a pipe; returns its end to read from and its end to write to.
///
/// # Errors
///
/// - `EINVAL`: an unknown flag.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
///
/// # References
///
/// [pipe(2)](https://man7.org/linux/man-pages/man2/pipe.2.html)
#[inline(always)]
pub fn pipe2(flags: PipeFlags) -> Result<(RawFd, RawFd)> {
    let mut ends = [0; 2];
    // SAFETY: the kernel writes two descriptors there.
    errno::unit(unsafe { arch::syscall2(Sysno::pipe2, ends.as_mut_ptr().word(), flags.bits().word()) })?;
    let [reader, writer] = ends;
    Ok((reader, writer))
}

/// `int dup3(int oldfd, int newfd, int flags)`
///
/// Makes `newfd` another name of `oldfd`, closing first what it was. The one
/// flag is [`OpenFlags::CLOEXEC`].
///
/// # Safety
///
/// `newfd` must be free or the caller's own: another owner's would be closed
/// and replaced under it.
///
/// # Errors
///
/// - `EBADF`: `oldfd` is not open, or `newfd` is past the limit.
/// - `EINVAL`: the two are equal, or an unknown flag.
///
/// # References
///
/// [dup(2)](https://man7.org/linux/man-pages/man2/dup.2.html)
#[inline(always)]
pub unsafe fn dup3(oldfd: RawFd, newfd: RawFd, flags: OpenFlags) -> Result<RawFd> {
    // SAFETY: the caller owns the place that is replaced.
    descriptor(unsafe { arch::syscall3(Sysno::dup3, oldfd.word(), newfd.word(), flags.bits().word()) })
}

/// `int fcntl(int fd, F_DUPFD_CLOEXEC, int lowest)`
///
/// Makes another name of `fd`, the lowest free number from `lowest` on, that is
/// closed when another program is executed.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINVAL`: `lowest` is negative or past the limit.
/// - `EMFILE`: too many descriptors.
///
/// # References
///
/// [fcntl(2)](https://man7.org/linux/man-pages/man2/fcntl.2.html)
#[inline(always)]
pub fn fcntl_dupfd_cloexec(fd: RawFd, lowest: RawFd) -> Result<RawFd> {
    const F_DUPFD_CLOEXEC: i32 = 1030;
    // SAFETY: the call makes a descriptor, and touches no memory of ours.
    descriptor(unsafe { arch::syscall3(Sysno::fcntl, fd.word(), F_DUPFD_CLOEXEC.word(), lowest.word()) })
}
