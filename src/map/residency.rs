//! Which bytes of a map are in memory.

use core::ops::{Range, RangeBounds};

use super::access::Access;
use super::backing::Backing;
use super::map::Map;
use crate::errno::{Errno, Result};
use crate::page::{addresses, round_down, round_up};
use crate::sys::{mm, page_size};

impl<A: Access, B: Backing> Map<A, B> {
    /// Goes through the ranges of bytes that are in memory, from the first to the
    /// last. The kernel is asked about as many pages at once as `buffer` has bytes.
    ///
    /// What is in memory changes at any time. Of a file that this process may not
    /// write, everything counts as in memory.
    ///
    /// ```
    /// use baremap::{Errno, MapAnon};
    /// let mut map = MapAnon::new(1 << 20)?;
    /// map[500_000] = 1;
    /// let ranges: Result<Vec<_>, Errno> = map.residency(&mut [0; 64]).collect();
    /// assert!(ranges?.iter().any(|range| range.contains(&500_000)));
    /// # Ok::<(), Errno>(())
    /// ```
    #[doc(alias = "mincore")]
    pub fn residency<'map>(&'map self, buffer: &'map mut [u8]) -> Residency<'map> {
        self.residency_between(0, self.len(), buffer)
    }

    /// As [`residency`](Self::residency), of a range.
    ///
    /// ```
    /// use baremap::{Errno, MapAnon};
    /// let mut map = MapAnon::new(1 << 20)?;
    /// map.fill(1);
    /// let mut ranges = [0; 64];
    /// let first = map.residency_range(10..20, &mut ranges)?.next();
    /// assert_eq!(first, Some(Ok(10..20)));
    /// # Ok::<(), Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL`: the range is not within the map.
    pub fn residency_range<'map>(
        &'map self,
        range: impl RangeBounds<usize>,
        buffer: &'map mut [u8],
    ) -> Result<Residency<'map>> {
        let (start, end) = addresses(0, self.len(), range)?;
        Ok(self.residency_between(start, end, buffer))
    }

    fn residency_between<'map>(
        &'map self,
        start: usize,
        end: usize,
        buffer: &'map mut [u8],
    ) -> Residency<'map> {
        let (head, page) = (self.backing().head(), page_size());
        let first = self.start().as_ptr().wrapping_sub(head);
        // Within the mapping, so within the address space; no bytes are no page.
        let end = if start == end { 0 } else { end.wrapping_add(head) };
        let low = start.wrapping_add(head);
        let position = round_down(low, page);
        Residency { first, head, low, end, chunk: position, asked: position, position, page, buffer }
    }
}

/// The ranges of bytes of a map that are in memory: see [`Map::residency`].
///
/// ```
/// use baremap::MapAnon;
/// let page = baremap::sys::page_size();
/// let mut map = MapAnon::new(3 * page)?;
/// map[page] = 1;
/// let mut buffer = [0; 3];
/// let mut residency = map.residency(&mut buffer);
/// assert!(residency.next().is_some_and(|range| range.is_ok_and(|range| range.contains(&page))));
/// # Ok::<(), baremap::Errno>(())
/// ```
///
/// # Errors
///
/// The iterator ends with an error if there is one: `EINVAL` if the buffer is
/// empty, `EAGAIN` if the kernel is out of memory.
#[derive(Debug)]
pub struct Residency<'map> {
    /// The first byte of the mapping, and how many come before the map's.
    first: *mut u8,
    head: usize,
    /// Between which positions in the mapping the bytes are that are asked about;
    /// those between which the answers in the buffer are about; and that of the page
    /// that is next. All but the first two are whole pages.
    low: usize,
    end: usize,
    chunk: usize,
    asked: usize,
    position: usize,
    page: usize,
    buffer: &'map mut [u8],
}

impl Residency<'_> {
    /// Whether the next page is in memory; `None` after the last.
    fn next_is_there(&mut self) -> Result<Option<bool>> {
        if self.position >= self.end {
            return Ok(None);
        }
        if self.position == self.asked {
            let most = self.buffer.len().saturating_mul(self.page);
            let length = most.min(self.end.saturating_sub(self.position));
            if length == 0 {
                return Err(Errno::EINVAL);
            }
            let start = self.first.wrapping_add(self.position);
            // SAFETY: the buffer has a byte for each page of this length.
            unsafe { mm::mincore(start, length, self.buffer.as_mut_ptr()) }?;
            self.chunk = self.position;
            self.asked = round_up(self.position.saturating_add(length), self.page).unwrap_or(self.end);
        }
        let index = self.position.saturating_sub(self.chunk).checked_div(self.page).unwrap_or(0);
        self.position = self.position.saturating_add(self.page);
        Ok(self.buffer.get(index).map(|there| there & 1 == 1))
    }

    /// A position in the mapping as one in the map.
    fn in_map(&self, position: usize) -> usize {
        position.min(self.end).max(self.low).saturating_sub(self.head)
    }
}

impl Iterator for Residency<'_> {
    type Item = Result<Range<usize>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut start = None;
        loop {
            let position = self.position;
            match (start, self.next_is_there()) {
                (_, Err(errno)) => {
                    self.end = 0;
                    return Some(Err(errno));
                }
                (None, Ok(None)) => return None,
                (None, Ok(Some(true))) => start = Some(position),
                (None, Ok(Some(false))) | (Some(_), Ok(Some(true))) => {}
                (Some(start), Ok(_)) => return Some(Ok(self.in_map(start)..self.in_map(position))),
            }
        }
    }
}
