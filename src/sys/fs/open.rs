//! Opening files and closing them.

use core::ffi::CStr;
use core::ptr::from_ref;

use super::descriptor;
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{Mode, OpenFlags, ResolveFlags};
use crate::sys::{Argument, RawFd};

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
/// - `EAGAIN`: `NONBLOCK`, and another has a lease on it.
/// - `EBUSY`: `EXCL` without `CREAT`, and the block device is in use.
/// - `EEXIST`: `CREAT | EXCL`, and it is there.
/// - `EINTR`: a signal came while this waited, as for the other end of a FIFO.
/// - `EINVAL`: `TMPFILE` that is not for writing; a flag, such as `DIRECT`, that
///   the filesystem does not know; a name that it does not take.
/// - `EISDIR`: a directory, for writing.
/// - `ELOOP`: too many symbolic links, or one with `NOFOLLOW`.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
/// - `ENAMETOOLONG`: a name, or the path, is too long.
/// - `ENODEV`, `ENXIO`: no such device; for `ENXIO` also a socket, or a FIFO for
///   writing with `NONBLOCK` that nobody reads.
/// - `ENOENT`: it, or a directory on the way, is not there.
/// - `ENOMEM`: no memory for it.
/// - `ENOSPC`, `EDQUOT`: no room for a new file, or the quota is full.
/// - `ENOTDIR`: a part of the path is no directory.
/// - `EOPNOTSUPP`: `TMPFILE`, which this filesystem cannot.
/// - `EPERM`: `NOATIME` of another's file; for writing, and it is immutable, or
///   only for appending, or a seal forbids it.
/// - `EROFS`: for writing, on a read-only filesystem.
/// - `ETXTBSY`: for writing, and it is being executed, or a swap file.
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

/// How [`openat2`] opens: `struct open_how` of the man page.
///
/// # References
///
/// [open_how(2type)](https://man7.org/linux/man-pages/man2/open_how.2type.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct OpenHow {
    /// [`OpenFlags`], as a number.
    pub flags: u64,
    /// [`Mode`] of a file that is created, as a number; else 0.
    pub mode: u64,
    /// How the path is followed.
    pub resolve: ResolveFlags,
}

impl OpenHow {
    /// As the flags are typed elsewhere.
    #[must_use]
    pub const fn new(flags: OpenFlags, mode: Mode, resolve: ResolveFlags) -> Self {
        Self { flags: flags.bits() as u64, mode: mode.bits() as u64, resolve }
    }
}

/// `long openat2(int dirfd, const char *path, const struct open_how *how, size_t size)`
///
/// As [`openat`], with rules for how the path is followed (Linux 5.6). Unlike
/// that, it refuses flags that the kernel does not know.
///
/// # Errors
///
/// Those of [`openat`], and
///
/// - `EAGAIN`: `BENEATH` or `IN_ROOT`, and something was renamed meanwhile; or
///   `CACHED`, and it is not.
/// - `EINVAL`: an unknown flag; a mode, and nothing is created.
/// - `ELOOP`: a symbolic link, where `NO_SYMLINKS` or `NO_MAGICLINKS` forbids it.
/// - `EXDEV`: the path leaves the directory or its mount, which `BENEATH` or
///   `NO_XDEV` forbids.
///
/// # References
///
/// [openat2(2)](https://man7.org/linux/man-pages/man2/openat2.2.html)
#[inline(always)]
pub fn openat2(dirfd: RawFd, path: &CStr, how: &OpenHow) -> Result<RawFd> {
    // SAFETY: a `CStr` ends with a NUL, and the kernel reads `how`, whose size it
    // is told; the call writes no memory of ours.
    descriptor(unsafe {
        arch::syscall4(
            Sysno::openat2,
            dirfd.word(),
            path.word(),
            from_ref(how).word(),
            size_of::<OpenHow>().word(),
        )
    })
}
