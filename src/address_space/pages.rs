//! /proc/PID/pagemap: where each page is.

use super::AddressSpace;
use crate::errno::{Errno, Result};
use crate::sys::page_size;

/// Where a page is: a word of /proc/PID/pagemap.
///
/// # References
///
/// [pagemap](https://docs.kernel.org/admin-guide/mm/pagemap.html)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageState(u64);

impl PageState {
    /// Whether it is in memory.
    #[must_use]
    pub const fn is_present(self) -> bool {
        self.0 >> 63 & 1 == 1
    }

    /// Whether it is swapped out.
    #[must_use]
    pub const fn is_swapped(self) -> bool {
        self.0 >> 62 & 1 == 1
    }

    /// Whether it is a file's, or shared anonymous memory.
    #[must_use]
    pub const fn is_of_file(self) -> bool {
        self.0 >> 61 & 1 == 1
    }

    /// Whether it is mapped once, in this process.
    #[must_use]
    pub const fn is_exclusive(self) -> bool {
        self.0 >> 56 & 1 == 1
    }

    /// Which page of the machine's memory it is. Without `CAP_SYS_ADMIN` the kernel
    /// does not tell.
    #[must_use]
    pub const fn frame(self) -> Option<u64> {
        let frame = self.0 & ((1 << 55) - 1);
        if self.is_present() && frame != 0 { Some(frame) } else { None }
    }
}

impl AddressSpace {
    /// Tells of the page that holds the address `start`, and of those after it, as
    /// many as there is room for; returns how many it told of, fewer at the end of the
    /// address space.
    ///
    /// ```
    /// use baremap::address_space::{AddressSpace, PageState};
    /// let page = baremap::sys::page_size();
    /// let mut map = baremap::MapAnon::new(3 * page)?;
    /// map[page] = 1;
    /// let mut pages = [PageState::default(); 3];
    /// assert_eq!(AddressSpace::own().pages(map.as_ptr().addr(), &mut pages)?, 3);
    /// assert!(pages[1].is_present() && pages[1].is_exclusive());
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EACCES` or `EPERM`: it is not this process's to look at.
    /// - `ENOENT`: there is no such process, no /proc, or a kernel without pagemap.
    pub fn pages(self, start: usize, pages: &mut [PageState]) -> Result<usize> {
        const WORD: usize = size_of::<u64>();
        let file = self.open("pagemap")?;
        let first = start.checked_div(page_size()).ok_or(Errno::EINVAL)?;
        let mut position = (first as u64).saturating_mul(WORD as u64);
        let mut told = 0_usize;
        for pages in pages.chunks_mut(64) {
            let mut bytes = [0; 64 * WORD];
            let wanted = bytes.get_mut(..pages.len().saturating_mul(WORD)).unwrap_or_default();
            let read = file.read_at(wanted, position)?;
            for (page, word) in pages.iter_mut().zip(wanted.chunks_exact(WORD)) {
                *page = PageState(word.try_into().map_or(0, u64::from_ne_bytes));
            }
            told = told.saturating_add(read / WORD);
            position = position.saturating_add(read as u64);
            if read < pages.len().saturating_mul(WORD) {
                break;
            }
        }
        Ok(told)
    }
}
