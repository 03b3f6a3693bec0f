//! The names of files: taking them away, changing them, giving more.

use core::ffi::CStr;

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{AtFlags, RenameFlags};
use crate::sys::{Argument, RawFd};

/// `int unlinkat(int dirfd, const char *path, int flags)`
///
/// Removes a name, or with [`AtFlags::REMOVEDIR`] an empty directory.
///
/// # Errors
///
/// - `EACCES`, `EPERM`: not allowed here; for `EPERM` also an immutable file.
/// - `EBADF`: a relative `path`, and `dirfd` is not open.
/// - `EBUSY`: in use by the system, such as a place where something is mounted.
/// - `EINVAL`: an unknown flag; `.` with `REMOVEDIR`.
/// - `EIO`, `ENOMEM`: the device failed, no memory for it.
/// - `EISDIR`: a directory, without `REMOVEDIR`.
/// - `ELOOP`: too many symbolic links on the way.
/// - `ENAMETOOLONG`: a name, or the path, is too long.
/// - `ENOENT`: it is not there.
/// - `ENOTDIR`: no directory, with `REMOVEDIR`; a part of the path is none.
/// - `ENOTEMPTY`: the directory is not empty.
/// - `EROFS`: a read-only filesystem.
///
/// # References
///
/// [unlinkat(2)](https://man7.org/linux/man-pages/man2/unlinkat.2.html)
#[inline(always)]
pub fn unlinkat(dirfd: RawFd, path: &CStr, flags: AtFlags) -> Result<()> {
    // SAFETY: a `CStr` ends with a NUL; the call writes no memory of ours.
    errno::unit(unsafe { arch::syscall3(Sysno::unlinkat, dirfd.word(), path.word(), flags.bits().word()) })
}

/// `int renameat2(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, unsigned int flags)`
///
/// Gives a file another name, in place of the file that had it, if any.
///
/// # Errors
///
/// - `EACCES`, `EPERM`: not allowed here; for `EPERM` also an immutable file.
/// - `EBADF`: a relative path, and its directory is not open.
/// - `EBUSY`: in use by the system, such as a place where something is mounted.
/// - `EEXIST`: `NOREPLACE`, and `newpath` is there.
/// - `EINVAL`: an unknown flag, or two that exclude each other; a directory would
///   get into itself; the filesystem does not know the flag.
/// - `EISDIR`, `ENOTDIR`: one is a directory, and the other none; for `ENOTDIR`
///   also a part of a path.
/// - `ELOOP`: too many symbolic links on the way.
/// - `EMLINK`: `newpath`'s directory has too many directories already.
/// - `ENAMETOOLONG`: a name, or a path, is too long.
/// - `ENOENT`: `oldpath` is not there, or a directory on the way; with
///   `EXCHANGE`, `newpath`.
/// - `ENOMEM`: no memory for it.
/// - `ENOSPC`, `EDQUOT`: no room for one more name, or the quota is full.
/// - `ENOTEMPTY`: `newpath` is a directory that is not empty.
/// - `EROFS`: a read-only filesystem.
/// - `EXDEV`: of two mounts.
///
/// # References
///
/// [renameat2(2)](https://man7.org/linux/man-pages/man2/rename.2.html)
#[inline(always)]
pub fn renameat2(
    olddirfd: RawFd,
    oldpath: &CStr,
    newdirfd: RawFd,
    newpath: &CStr,
    flags: RenameFlags,
) -> Result<()> {
    // SAFETY: a `CStr` ends with a NUL; the call writes no memory of ours.
    errno::unit(unsafe {
        arch::syscall5(
            Sysno::renameat2,
            olddirfd.word(),
            oldpath.word(),
            newdirfd.word(),
            newpath.word(),
            flags.bits().word(),
        )
    })
}

/// `int linkat(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, int flags)`
///
/// Gives a file one more name. With [`AtFlags::EMPTY_PATH`] and an empty
/// `oldpath`, it is the file `olddirfd` itself, such as one of
/// [`OpenFlags::TMPFILE`](crate::OpenFlags::TMPFILE).
///
/// # Errors
///
/// - `EACCES`: not allowed here.
/// - `EBADF`: a relative path, and its directory is not open.
/// - `EEXIST`: `newpath` is there.
/// - `EINVAL`: an unknown flag.
/// - `EIO`, `ENOMEM`: the device failed, no memory for it.
/// - `ELOOP`: too many symbolic links on the way.
/// - `EMLINK`: it has too many names already.
/// - `ENAMETOOLONG`: a name, or a path, is too long.
/// - `ENOENT`: `oldpath` is not there, or a directory on the way; `EMPTY_PATH`,
///   without the privilege; a file that was removed.
/// - `ENOSPC`, `EDQUOT`: no room for one more name, or the quota is full.
/// - `ENOTDIR`: a part of a path is no directory.
/// - `EPERM`: a directory, or an immutable file; a filesystem without links.
/// - `EROFS`: a read-only filesystem.
/// - `EXDEV`: of two mounts.
///
/// # References
///
/// [linkat(2)](https://man7.org/linux/man-pages/man2/link.2.html)
#[inline(always)]
pub fn linkat(
    olddirfd: RawFd,
    oldpath: &CStr,
    newdirfd: RawFd,
    newpath: &CStr,
    flags: AtFlags,
) -> Result<()> {
    // SAFETY: a `CStr` ends with a NUL; the call writes no memory of ours.
    errno::unit(unsafe {
        arch::syscall5(
            Sysno::linkat,
            olddirfd.word(),
            oldpath.word(),
            newdirfd.word(),
            newpath.word(),
            flags.bits().word(),
        )
    })
}
