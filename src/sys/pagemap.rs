//! Finding the pages of a process that are in memory, written, or otherwise.

use super::RawFd;
use super::fs::ioctl;
use super::request::iowr;
use crate::errno::Result;
use crate::flags::{PageCategories, PmScanFlags};

/// Pages that follow each other and are alike: `struct page_region`.
///
/// # References
///
/// [PAGEMAP_SCAN(2const)](https://man7.org/linux/man-pages/man2/PAGEMAP_SCAN.2const.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct PageRegion {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
    /// What they are, of what `return_mask` asks for.
    pub categories: PageCategories,
}
static_assertions::const_assert_eq!(size_of::<PageRegion>(), 24);

/// What to look for, and where: `struct pm_scan_arg`.
///
/// # References
///
/// [PAGEMAP_SCAN(2const)](https://man7.org/linux/man-pages/man2/PAGEMAP_SCAN.2const.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct PmScanArg {
    /// In: the size of this type in bytes, as [`Self::new`] has it.
    pub size: u64,
    /// In: what to do beside looking.
    pub flags: PmScanFlags,
    /// In: the first byte.
    pub start: u64,
    /// In: the byte after the last.
    pub end: u64,
    /// Out: where it stopped.
    pub walk_end: u64,
    /// In: where the [`PageRegion`]s go; 0 for nowhere.
    pub vec: u64,
    /// In: for how many of them there is room.
    pub vec_len: u64,
    /// In: how many pages at most; 0 for any number.
    pub max_pages: u64,
    /// In: categories that count as the opposite, in the masks below.
    pub category_inverted: PageCategories,
    /// In: a page must be all of these.
    pub category_mask: PageCategories,
    /// In: a page must be one of these, unless none is given.
    pub category_anyof_mask: PageCategories,
    /// In: what the answer tells of each page.
    pub return_mask: PageCategories,
}
static_assertions::const_assert_eq!(size_of::<PmScanArg>(), 96);

impl PmScanArg {
    /// A scan from the byte `start` to before `end`, that matches every page and
    /// tells nothing.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self {
            size: size_of::<Self>() as u64,
            flags: PmScanFlags::empty(),
            start: start as u64,
            end: end as u64,
            walk_end: 0,
            vec: 0,
            vec_len: 0,
            max_pages: 0,
            category_inverted: PageCategories::empty(),
            category_mask: PageCategories::empty(),
            category_anyof_mask: PageCategories::empty(),
            return_mask: PageCategories::empty(),
        }
    }
}

/// The request's number.
pub const PAGEMAP_SCAN: u32 = iowr::<PmScanArg>(b'f', 16);

/// `int ioctl(int fd, PAGEMAP_SCAN, struct pm_scan_arg *arg)`
///
/// Looks through pages of the process whose /proc/…/pagemap is open as `fd`
/// (Linux 6.7). Returns how many regions it has filled in; where it stopped is in
/// `walk_end`. Before that, reading the file gives a word of 8 bytes for each page,
/// with the highest bit if it is in memory.
///
/// # Safety
///
/// `vec` must be the caller's to write, for `vec_len` regions, and `size` that of
/// [`PmScanArg`].
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EFAULT`: `vec` is not writable, or the range no process's.
/// - `EINVAL`: another size; an unknown flag or category; `start` is not a
///   multiple of the page size; `vec` without room for one region.
/// - `ENOMEM`: no memory for it.
/// - `ENOTTY`: before Linux 6.7, or `fd` is another file.
/// - `EPERM`: `CHECK_WPASYNC`, and a page is not `WPALLOWED`.
/// - `ESRCH`: the process has ended.
///
/// # References
///
/// [PAGEMAP_SCAN(2const)](https://man7.org/linux/man-pages/man2/PAGEMAP_SCAN.2const.html)
#[inline(always)]
pub unsafe fn pagemap_scan(fd: RawFd, arg: &mut PmScanArg) -> Result<usize> {
    // SAFETY: the caller vouches for the size in the argument and for `vec`.
    unsafe { ioctl(fd, PAGEMAP_SCAN, arg) }
}
