//! How much of a file there is to map, and why there is nothing.

use crate::errno::{Errno, Result};
use crate::retry::retry;
use crate::sys::{RawFd, fs};

/// The bytes from `offset` to the end of the file, which has one: a file that
/// says 0 is looked at, since one in /proc says so and has content.
#[inline]
pub(super) fn rest_of_file(fd: RawFd, offset: u64) -> Result<usize> {
    let stat = fs::fstat(fd)?;
    match stat.st_mode & S_IFMT {
        S_IFREG if stat.st_size > 0 => {}
        S_IFREG => return nothing_to_map(fd, offset).map(|()| 0),
        S_IFDIR => return Err(Errno::EISDIR),
        _ => return Err(Errno::ENODEV),
    }
    let rest = (stat.st_size as u64).checked_sub(offset).ok_or(Errno::EOVERFLOW)?;
    usize::try_from(rest).map_err(|_| Errno::EOVERFLOW)
}

#[cold]
fn nothing_to_map(fd: RawFd, offset: u64) -> Result<()> {
    match retry(|| fs::pread64(fd, &mut [0], 0)) {
        Ok(0) if offset == 0 => Ok(()),
        Ok(0) => Err(Errno::EOVERFLOW),
        Ok(_) => Err(Errno::ENODATA),
        // It is open, since it was measured, but not for reading.
        Err(Errno::EBADF) => Err(Errno::EACCES),
        Err(errno) => Err(errno),
    }
}

/// For a directory the kernel's answer depends on the length that its
/// filesystem claims.
#[cold]
pub(super) fn better(errno: Errno, fd: RawFd) -> Errno {
    match fs::fstat(fd) {
        Ok(stat) if stat.st_mode & S_IFMT == S_IFDIR => Errno::EISDIR,
        _ => errno,
    }
}

/// What kind of file it is, in a mode: see inode(7).
const S_IFMT: u32 = 0o170_000;
const S_IFREG: u32 = 0o100_000;
const S_IFDIR: u32 = 0o040_000;
