//! Files and descriptors: opening, reading, writing, measuring, locking, naming,
//! and getting what was written to the device.

mod bytes;
mod cache;
mod descriptor;
mod fcntl;
mod length;
mod name;
mod open;
mod stat;

pub use super::directory::{DirectoryEntry, directory_entries, getdents64};
pub use bytes::{Whence, copy_file_range, lseek, pread64, pwrite64, read, write};
pub use cache::{FileAdvice, fdatasync, fsync, posix_fadvise, readahead, sync_file_range};
pub use descriptor::{dup3, ioctl, pipe2};
pub use fcntl::{
    Flock, LockType, fcntl_add_seals, fcntl_dupfd_cloexec, fcntl_get_seals, fcntl_getfd, fcntl_getfl,
    fcntl_getlk, fcntl_ofd_getlk, fcntl_ofd_setlk, fcntl_ofd_setlkw, fcntl_setfd, fcntl_setfl, fcntl_setlk,
    fcntl_setlkw,
};
pub use length::{fallocate, ftruncate};
pub use name::{linkat, renameat2, unlinkat};
pub use open::{OpenHow, close, open, openat, openat2};
pub use stat::{Stat, Statx, StatxTimestamp, fstat, statx};

use super::RawFd;
use crate::arch;
use crate::errno::{self, Result};

/// In place of a directory's descriptor: the current directory.
pub const AT_FDCWD: RawFd = -100;

/// A descriptor out of a result: the kernel's are never negative.
#[inline(always)]
fn descriptor(word: arch::Word) -> Result<RawFd> {
    errno::value(word).map(|number| number as RawFd)
}
