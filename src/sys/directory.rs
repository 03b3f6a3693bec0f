//! What stands in a directory.

use core::ffi::CStr;

use super::{Argument, RawFd};
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};

/// `ssize_t getdents64(int fd, void *dirp, size_t count)`
///
/// Reads entries of a directory into `buf`, for [`directory_entries`]; returns
/// how many bytes they take, 0 at the end.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINVAL`: `buf` is too short for the next entry.
/// - `ENOENT`: the directory was removed.
/// - `ENOTDIR`: `fd` is no directory.
///
/// # References
///
/// [getdents64(2)](https://man7.org/linux/man-pages/man2/getdents64.2.html)
#[inline(always)]
pub fn getdents64(fd: RawFd, buf: &mut [u8]) -> Result<usize> {
    // SAFETY: the kernel writes at most `buf.len()` bytes there.
    errno::value(unsafe {
        arch::syscall3(Sysno::getdents64, fd.word(), buf.as_mut_ptr().word(), buf.len().word())
    })
}

/// An entry of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryEntry<'buf> {
    /// The number of its inode.
    pub inode: u64,
    /// What kind of file it is, one of the man page's `DT_…` values.
    pub kind: u8,
    /// Its name.
    pub name: &'buf CStr,
}

/// Reads what [`getdents64`] filled. Ends at the first entry that is cut short.
pub fn directory_entries(mut bytes: &[u8]) -> impl Iterator<Item = DirectoryEntry<'_>> {
    core::iter::from_fn(move || {
        // struct linux_dirent64: inode u64, offset i64, record length u16,
        // kind u8, name.
        let inode = u64::from_ne_bytes(*bytes.first_chunk()?);
        let length = usize::from(u16::from_ne_bytes(*bytes.get(16..)?.first_chunk()?));
        let record = bytes.get(..length)?;
        let kind = *record.get(18)?;
        let name = CStr::from_bytes_until_nul(record.get(19..)?).ok()?;
        bytes = bytes.get(length..)?;
        Some(DirectoryEntry { inode, kind, name })
    })
}
