//! [`Advice`]: what the kernel may know of a map, by what it costs the caller.

use core::ops::RangeBounds;

use super::access::Access;
use super::backing::Backing;
use super::map::Map;
use crate::errno::Result;
use crate::sys::mm;

/// Advice that leaves every byte as it is, here and in children.
///
/// ```
/// use baremap::{Advice, MapAnon};
/// MapAnon::new(10)?.advise(Advice::DontDump)?;
/// # Ok::<(), baremap::Errno>(())
/// ```
///
/// # References
///
/// [madvise(2)](https://man7.org/linux/man-pages/man2/madvise.2.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
#[doc(alias = "MADV_NORMAL")]
pub enum Advice {
    /// No special treatment: what memory has at first.
    Normal = mm::Advice::NORMAL.0,
    /// It will be read here and there: nothing is read ahead.
    Random = mm::Advice::RANDOM.0,
    /// It will be read from start to end: much is read ahead.
    Sequential = mm::Advice::SEQUENTIAL.0,
    /// It will be needed soon: reading it in begins now.
    WillNeed = mm::Advice::WILLNEED.0,
    /// A child gets it, as at first.
    DoFork = mm::Advice::DOFORK.0,
    /// Equal pages may be shared, until one is written.
    Mergeable = mm::Advice::MERGEABLE.0,
    /// They may not.
    Unmergeable = mm::Advice::UNMERGEABLE.0,
    /// Huge pages may be used.
    HugePage = mm::Advice::HUGEPAGE.0,
    /// They may not.
    NoHugePage = mm::Advice::NOHUGEPAGE.0,
    /// It is left out of a core dump.
    DontDump = mm::Advice::DONTDUMP.0,
    /// It is not.
    DoDump = mm::Advice::DODUMP.0,
    /// A child finds the content, as at first.
    KeepOnFork = mm::Advice::KEEPONFORK.0,
    /// It is not needed soon (Linux 5.4).
    Cold = mm::Advice::COLD.0,
    /// Swap it out, or write it to its file, now (Linux 5.4).
    PageOut = mm::Advice::PAGEOUT.0,
    /// Have its pages there for reading (Linux 5.14).
    PopulateRead = mm::Advice::POPULATE_READ.0,
    /// Have its pages there for writing (Linux 5.14).
    PopulateWrite = mm::Advice::POPULATE_WRITE.0,
    /// Make huge pages of it now (Linux 6.1).
    Collapse = mm::Advice::COLLAPSE.0,
}

/// Advice that loses bytes, takes memory away, or changes what a child finds:
/// what relies on them is the caller's to know.
///
/// ```
/// use baremap::{MapAnon, UncheckedAdvice};
/// let mut map = MapAnon::new(10)?;
/// map[0] = 1;
/// // SAFETY: nothing relies on the content.
/// unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) }?;
/// assert_eq!(map[0], 0);
/// # Ok::<(), baremap::Errno>(())
/// ```
///
/// # References
///
/// [madvise(2)](https://man7.org/linux/man-pages/man2/madvise.2.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
#[doc(alias = "MADV_DONTNEED")]
pub enum UncheckedAdvice {
    /// It is not needed: private memory is zeros afterwards, or the file's bytes.
    /// For memory of no file, [`discard`](Map::discard) is safe.
    DontNeed = mm::Advice::DONTNEED.0,
    /// Its content may go, at any time until it is written again (Linux 4.5).
    Free = mm::Advice::FREE.0,
    /// Shared memory: free it in the file too, which has a hole then.
    Remove = mm::Advice::REMOVE.0,
    /// A child does not get it. The map is there all the same, to be read, and to
    /// unmap what may be another's by then.
    DontFork = mm::Advice::DONTFORK.0,
    /// A child finds zeros in it (Linux 4.14).
    WipeOnFork = mm::Advice::WIPEONFORK.0,
    /// As `DontNeed`, locked pages too (Linux 5.18).
    DontNeedLocked = mm::Advice::DONTNEED_LOCKED.0,
    /// A touch of it is `SIGSEGV` from now on, and its content gone (Linux 6.13).
    GuardInstall = mm::Advice::GUARD_INSTALL.0,
    /// It is not, any more (Linux 6.13).
    GuardRemove = mm::Advice::GUARD_REMOVE.0,
    /// Treat its pages as broken, for tests: for the privileged.
    HwPoison = mm::Advice::HWPOISON.0,
    /// Move its content to other pages, for tests: for the privileged.
    SoftOffline = mm::Advice::SOFT_OFFLINE.0,
}

impl<A: Access, B: Backing> Map<A, B> {
    /// Tells the kernel about the whole map: see
    /// [`advise_range`](Self::advise_range).
    ///
    /// ```
    /// use baremap::{Advice, MapAnon};
    /// MapAnon::new(1 << 22)?.advise(Advice::Random)?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`advise_range`](Self::advise_range).
    #[doc(alias = "madvise")]
    pub fn advise(&self, advice: Advice) -> Result<()> {
        self.advise_range(advice, ..)
    }

    /// Tells the kernel about every page of the map that has a byte of a range.
    ///
    /// ```
    /// use baremap::{Advice, Errno, MapAnon};
    /// let map = MapAnon::new(10_000)?;
    /// map.advise_range(Advice::WillNeed, 5000..6000)?;
    /// assert_eq!(map.advise_range(Advice::Cold, 9999..10_001), Err(Errno::EINVAL));
    /// # Ok::<(), Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the range is not within the map; or the kernel does not know
    ///   the advice, or not for such memory.
    /// - `EFAULT`: `Populate…`, and a page is past the end of the file.
    /// - The others of [`sys::mm::madvise`](mm::madvise).
    pub fn advise_range(&self, advice: Advice, range: impl RangeBounds<usize>) -> Result<()> {
        // SAFETY: this advice leaves every byte as it is.
        self.on_pages(range, |start, length| unsafe { mm::madvise(start, length, mm::Advice(advice as i32)) })
    }

    /// As [`unchecked_advise_range`](Self::unchecked_advise_range), about the
    /// whole map.
    ///
    /// ```
    /// use baremap::{MapAnon, UncheckedAdvice};
    /// let secret = MapAnon::new(10)?;
    /// // SAFETY: no child relies on it.
    /// unsafe { secret.unchecked_advise(UncheckedAdvice::WipeOnFork) }?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`unchecked_advise_range`](Self::unchecked_advise_range).
    ///
    /// # Errors
    ///
    /// As for [`advise_range`](Self::advise_range).
    pub unsafe fn unchecked_advise(&self, advice: UncheckedAdvice) -> Result<()> {
        // SAFETY: the caller vouches for it.
        unsafe { self.unchecked_advise_range(advice, ..) }
    }

    /// Tells the kernel about every page of the map that has a byte of a range.
    ///
    /// ```
    /// use baremap::{MapAnon, UncheckedAdvice};
    /// let page = baremap::sys::page_size();
    /// let mut map = MapAnon::new(2 * page)?;
    /// map.fill(1);
    /// // SAFETY: nothing relies on the content of the second page.
    /// unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, page..) }?;
    /// assert_eq!((map[page - 1], map[page]), (1, 0));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// Nothing may rely on what the advice takes away from those pages, which may
    /// have more bytes than the range: no reference on their content, a child not
    /// on finding them, and nothing on a guard that is removed.
    ///
    /// # Errors
    ///
    /// As for [`advise_range`](Self::advise_range).
    pub unsafe fn unchecked_advise_range(
        &self,
        advice: UncheckedAdvice,
        range: impl RangeBounds<usize>,
    ) -> Result<()> {
        // SAFETY: the caller vouches for what the advice does.
        self.on_pages(range, |start, length| unsafe { mm::madvise(start, length, mm::Advice(advice as i32)) })
    }
}
