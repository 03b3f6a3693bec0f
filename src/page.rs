//! Rounding to pages, as arithmetic, and the one check that every operation on
//! a range goes through. The size of a page is an argument, for it is known only
//! at run time: see [`page_size`](crate::sys::page_size).

use core::ops::{Bound, RangeBounds};

use crate::errno::{Errno, Result};

/// `length` bytes rounded up to whole pages of `page` bytes, a power of two;
/// `None` if that passes the end of the address space.
///
/// ```
/// use baremap::page::round_up;
/// assert_eq!(round_up(1, 4096), Some(4096));
/// assert_eq!(round_up(4096, 4096), Some(4096));
/// assert_eq!(round_up(usize::MAX, 4096), None);
/// ```
#[must_use]
pub const fn round_up(length: usize, page: usize) -> Option<usize> {
    match length.checked_add(page.wrapping_sub(1)) {
        Some(sum) => Some(round_down(sum, page)),
        None => None,
    }
}

/// `offset` in bytes rounded down to the start of its page of `page` bytes, a
/// power of two.
///
/// ```
/// use baremap::page::round_down;
/// assert_eq!(round_down(4095, 4096), 0);
/// assert_eq!(round_down(70_000, 65_536), 65_536);
/// ```
#[must_use]
pub const fn round_down(offset: usize, page: usize) -> usize {
    offset & !page.wrapping_sub(1)
}

/// Whole pages of the address space, made from a range of bytes of a map.
///
/// The constructors take the map as its first address and its length in bytes,
/// `range` as positions in it, and `page` as the size of a page, a power of two.
/// They differ in what becomes of a page that is in the range in part.
///
/// # Errors
///
/// `EINVAL`: the range starts past its end or ends past that of the map, or the
/// pages pass the end of the address space.
///
/// ```
/// use baremap::Errno;
/// use baremap::page::PageRange;
///
/// let pages = PageRange::covering(0x10_000, 10_000, 5000..5001, 4096)?;
/// assert_eq!((pages.start(), pages.len()), (0x11_000, 4096));
/// let pages = PageRange::within(0x10_000, 10_000, 1.., 4096)?;
/// assert_eq!((pages.start(), pages.len()), (0x11_000, 4096));
/// assert_eq!(PageRange::covering(0x10_000, 10_000, ..10_001, 4096), Err(Errno::EINVAL));
/// # Ok::<(), Errno>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageRange {
    start: usize,
    length: usize,
}

impl PageRange {
    /// Every page that has a byte of the range; none for a range of no bytes.
    ///
    /// ```
    /// use baremap::page::PageRange;
    /// let pages = PageRange::covering(0x10_000, 10_000, 4000..4097, 4096)?;
    /// assert_eq!((pages.start(), pages.len()), (0x10_000, 8192));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for every range: see [`PageRange`].
    pub fn covering(base: usize, length: usize, range: impl RangeBounds<usize>, page: usize) -> Result<Self> {
        let (start, end) = addresses(base, length, range)?;
        let first = round_down(start, page);
        let end = if start == end { Some(first) } else { round_up(end, page) };
        Self::from_to(first, end)
    }

    /// Every page that has no byte outside of the range.
    ///
    /// ```
    /// use baremap::page::PageRange;
    /// let pages = PageRange::within(0x10_000, 10_000, 4000..8192, 4096)?;
    /// assert_eq!((pages.start(), pages.len()), (0x11_000, 4096));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for every range: see [`PageRange`].
    pub fn within(base: usize, length: usize, range: impl RangeBounds<usize>, page: usize) -> Result<Self> {
        let (start, end) = addresses(base, length, range)?;
        let end = round_down(end, page);
        // Where the first page would start past the last, there is none.
        let first = round_up(start, page).map_or(end, |first| first.min(end));
        Self::from_to(first, Some(end))
    }

    /// The pages that the range is made of, or `EINVAL` if it is not whole pages;
    /// none for a range of no bytes. The last page of the map counts as whole where
    /// the map ends inside it.
    ///
    /// ```
    /// use baremap::Errno;
    /// use baremap::page::PageRange;
    /// let pages = PageRange::exactly(0x10_000, 10_000, 4096.., 4096)?;
    /// assert_eq!((pages.start(), pages.len()), (0x11_000, 8192));
    /// assert_eq!(PageRange::exactly(0x10_000, 10_000, 1.., 4096), Err(Errno::EINVAL));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for every range: see [`PageRange`].
    pub fn exactly(base: usize, length: usize, range: impl RangeBounds<usize>, page: usize) -> Result<Self> {
        let (start, end) = addresses(base, length, range)?;
        let whole = |address| round_down(address, page) == address;
        if start == end {
            return Self::from_to(start, Some(start));
        }
        if !whole(start) || !whole(end) && base.checked_add(length) != Some(end) {
            return Err(Errno::EINVAL);
        }
        Self::from_to(start, round_up(end, page))
    }

    fn from_to(start: usize, end: Option<usize>) -> Result<Self> {
        let length = end.and_then(|end| end.checked_sub(start)).ok_or(Errno::EINVAL)?;
        Ok(Self { start, length })
    }

    /// The address of the first page.
    ///
    /// ```
    /// use baremap::page::PageRange;
    /// assert_eq!(PageRange::covering(0x10_000, 10_000, 5000.., 4096)?.start(), 0x11_000);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub const fn start(self) -> usize {
        self.start
    }

    /// How many bytes the pages are.
    ///
    /// ```
    /// use baremap::page::PageRange;
    /// assert_eq!(PageRange::covering(0x10_000, 10_000, .., 4096)?.len(), 3 * 4096);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub const fn len(self) -> usize {
        self.length
    }

    /// Whether there is no page.
    ///
    /// ```
    /// use baremap::page::PageRange;
    /// assert!(PageRange::within(0x10_000, 10_000, 1..4095, 4096)?.is_empty());
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.length == 0
    }
}

/// The range as addresses, if it lies within the map.
pub(crate) fn addresses(
    base: usize,
    length: usize,
    range: impl RangeBounds<usize>,
) -> Result<(usize, usize)> {
    let start = match range.start_bound() {
        Bound::Included(&start) => Some(start),
        Bound::Excluded(&before) => before.checked_add(1),
        Bound::Unbounded => Some(0),
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last.checked_add(1),
        Bound::Excluded(&end) => Some(end),
        Bound::Unbounded => Some(length),
    };
    match (start, end) {
        (Some(start), Some(end)) if start <= end && end <= length => {
            let address = |position| base.checked_add(position).ok_or(Errno::EINVAL);
            Ok((address(start)?, address(end)?))
        }
        _ => Err(Errno::EINVAL),
    }
}
