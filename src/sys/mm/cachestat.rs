//! Asking how much of a file is in memory.

use core::mem::MaybeUninit;

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::sys::{Argument, RawFd};

/// A range of a file: `struct cachestat_range` of the kernel's header.
///
/// # References
///
/// [linux/mman.h](https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi/linux/mman.h)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct CachestatRange {
    /// Its first byte.
    pub off: u64,
    /// Its length in bytes; 0 is to the file's end.
    pub len: u64,
}
static_assertions::const_assert_eq!(size_of::<CachestatRange>(), 16);

/// How many pages of a range are where: `struct cachestat` of the kernel's header.
///
/// # References
///
/// [linux/mman.h](https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi/linux/mman.h)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Cachestat {
    /// In memory.
    pub nr_cache: u64,
    /// Of these, changed and not yet written back.
    pub nr_dirty: u64,
    /// Of these, just being written back.
    pub nr_writeback: u64,
    /// No longer in memory.
    pub nr_evicted: u64,
    /// Of these, a short while ago.
    pub nr_recently_evicted: u64,
}
static_assertions::const_assert_eq!(size_of::<Cachestat>(), 40);

/// `int cachestat(unsigned int fd, struct cachestat_range *cstat_range, struct cachestat *cstat, unsigned int flags)`
///
/// Counts the pages of a file's range (Linux 6.5). There are no flags yet.
///
/// Before that, [`mincore`](super::mincore) tells which pages of a map of the file
/// are in memory, but not the rest.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EOPNOTSUPP`: of huge pages.
/// - `ENOSYS`: before Linux 6.5.
/// - `EPERM`: neither owned nor open for writing (Linux 6.14).
///
/// # References
///
/// [the commit that brought it](https://git.kernel.org/torvalds/c/cf264e1329fb0307e044f7675849f9f38b44c11a)
#[inline(always)]
pub fn cachestat(fd: RawFd, cstat_range: &CachestatRange) -> Result<Cachestat> {
    let mut cstat = MaybeUninit::<Cachestat>::uninit();
    let range: *const CachestatRange = cstat_range;
    // SAFETY: the kernel reads the range and fills the answer, both of their size.
    errno::unit(unsafe {
        arch::syscall4(Sysno::cachestat, fd.word(), range.word(), cstat.as_mut_ptr().word(), 0_usize.word())
    })?;
    // SAFETY: without an error, the kernel has filled it.
    Ok(unsafe { cstat.assume_init() })
}
