//! What is asked of the kernel about a range of a map: each goes through
//! [`PageRange`], so that it never reaches what lies beside the map.

use core::ops::RangeBounds;

use super::access::Access;
use super::backing::Backing;
use super::map::Map;
use crate::errno::Result;
use crate::flags::MsyncFlags;
use crate::page::PageRange;
use crate::sys::{mm, page_size};

impl<A: Access, B: Backing> Map<A, B> {
    /// Has every change written to the file, and waits until it is.
    ///
    /// ```
    /// use baremap::{MapMut, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(10_000)?;
    /// // SAFETY: nobody else knows the file.
    /// let mut map = unsafe { MapMut::map_mut(&file) }?;
    /// map.fill(1);
    /// map.flush()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EIO`, `ENOSPC`: the pages could not be written.
    #[doc(alias = "msync")]
    #[doc(alias = "MS_SYNC")]
    pub fn flush(&self) -> Result<()> {
        self.sync(MsyncFlags::SYNC)
    }

    /// Has every change written to the file, and does not wait. Linux writes them
    /// in its own time in any case, and does no more for this.
    ///
    /// ```
    /// use baremap::{MapMut, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(10_000)?;
    /// // SAFETY: nobody else knows the file.
    /// let mut map = unsafe { MapMut::map_mut(&file) }?;
    /// map.fill(1);
    /// map.flush_async()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::mm::msync`](mm::msync).
    #[doc(alias = "MS_ASYNC")]
    pub fn flush_async(&self) -> Result<()> {
        self.sync(MsyncFlags::ASYNC)
    }

    /// Has the changes in a range, and in the rest of its pages, written to the
    /// file, and waits until they are.
    ///
    /// ```
    /// use baremap::{MapMut, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(10_000)?;
    /// // SAFETY: nobody else knows the file.
    /// let mut map = unsafe { MapMut::map_mut(&file) }?;
    /// map[5000..5010].fill(1);
    /// map.flush_range(5000..5010)?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL`: the range is not within the map; and as for
    /// [`flush`](Self::flush).
    pub fn flush_range(&self, range: impl RangeBounds<usize>) -> Result<()> {
        self.on_pages(range, |start, length| mm::msync(start, length, MsyncFlags::SYNC))
    }

    /// As [`flush_range`](Self::flush_range), and does not wait.
    ///
    /// ```
    /// use baremap::{MapMut, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(10_000)?;
    /// // SAFETY: nobody else knows the file.
    /// let mut map = unsafe { MapMut::map_mut(&file) }?;
    /// map[5000..5010].fill(1);
    /// map.flush_async_range(5000..5010)?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`flush_range`](Self::flush_range).
    pub fn flush_async_range(&self, range: impl RangeBounds<usize>) -> Result<()> {
        self.on_pages(range, |start, length| mm::msync(start, length, MsyncFlags::ASYNC))
    }

    /// Has other maps of the file see the changes in a range, where they do not in
    /// any case, as they do on Linux.
    ///
    /// ```
    /// use baremap::{MapMut, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(10_000)?;
    /// // SAFETY: nobody else knows the file.
    /// let mut map = unsafe { MapMut::map_mut(&file) }?;
    /// map[0] = 1;
    /// map.invalidate(..1)?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EBUSY`: a page is locked.
    /// - `EINVAL`: the range is not within the map.
    #[doc(alias = "MS_INVALIDATE")]
    pub fn invalidate(&self, range: impl RangeBounds<usize>) -> Result<()> {
        self.on_pages(range, |start, length| mm::msync(start, length, MsyncFlags::INVALIDATE))
    }

    /// Has the file's bytes in a range read in, and does not wait.
    ///
    /// ```
    /// use baremap::{File, Map};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// unsafe { Map::map(&file) }?.prefetch(..1000)?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL`: the range is not within the map; and those of
    /// [`sys::mm::madvise`](mm::madvise).
    #[doc(alias = "MADV_WILLNEED")]
    pub fn prefetch(&self, range: impl RangeBounds<usize>) -> Result<()> {
        self.advise_range(super::Advice::WillNeed, range)
    }

    /// The whole map, whose pages need not be counted: the kernel rounds up.
    fn sync(&self, flags: MsyncFlags) -> Result<()> {
        let head = self.backing().head();
        match self.len() {
            0 => Ok(()),
            // The mapping starts so many bytes before the map, and has them all.
            length => mm::msync(self.start().as_ptr().wrapping_sub(head), length.wrapping_add(head), flags),
        }
    }

    /// Asks about every page of the map that has a byte of a range, if one has.
    pub(super) fn on_pages(
        &self,
        range: impl RangeBounds<usize>,
        ask: impl FnOnce(*mut u8, usize) -> Result<()>,
    ) -> Result<()> {
        let start = self.start().as_ptr();
        let pages = PageRange::covering(start.addr(), self.len(), range, page_size())?;
        if pages.is_empty() {
            return Ok(());
        }
        ask(start.with_addr(pages.start()), pages.len())
    }
}
