//! [`Guarded`]: a map whose bytes are copied, not lent.

use core::cmp::Ordering;
use core::fmt;
use core::ops::{Bound, Range, RangeBounds};

use super::{Fault, Guards, Means, Value};
use crate::errno::Errno;
use crate::map::{Backing, Map, Pages, Raw};

/// How many bytes are in hand at once where memory is looked at or moved.
const CHUNK: usize = 512;

type Result<T> = core::result::Result<T, Fault>;

/// A map whose bytes may go away or change at any moment: see the
/// [module](super).
///
/// All accesses take positions in the map. They may come from several threads at
/// once, in a handler of signals, and in a child.
pub struct Guarded<M: Means = Guards, B: Backing = Pages> {
    map: Map<Raw, B>,
    means: M,
}

impl<M: Means, B: Backing> Guarded<M, B> {
    /// Guards a map: of a file, [`MapOptions::map_raw`](crate::MapOptions::map_raw)
    /// makes one.
    pub const fn new(map: Map<Raw, B>, means: M) -> Self {
        Self { map, means }
    }

    /// The map, unguarded.
    pub fn into_map(self) -> Map<Raw, B> {
        self.map
    }

    /// The map, for what is asked of the kernel: flushing, advice, locking.
    pub const fn map(&self) -> &Map<Raw, B> {
        &self.map
    }

    /// How many bytes the map has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether the map has no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Reads the bytes from `offset` on, as many as `to` has.
    ///
    /// # Errors
    ///
    /// - `EFAULT`: a byte is not there. Those before it were read.
    /// - `EINVAL`: the range is not within the map.
    pub fn read_at(&self, offset: usize, to: &mut [u8]) -> Result<()> {
        self.check(offset, to.len())?;
        // SAFETY: the range is of this map, whose memory is lent to nobody.
        let (done, result) = unsafe { self.means.read(self.map.as_ptr(), offset, to) };
        result.map_err(|errno| fault(errno, offset, done))
    }

    /// Writes bytes from `offset` on.
    ///
    /// # Errors
    ///
    /// - `EFAULT`: a byte is not there, or may not be written. Those before it were
    ///   written.
    /// - `EINVAL`: the range is not within the map.
    pub fn write_at(&self, offset: usize, from: &[u8]) -> Result<()> {
        self.check(offset, from.len())?;
        // SAFETY: the range is of this map, whose memory is lent to nobody.
        let (done, result) = unsafe { self.means.write(self.map.as_mut_ptr(), offset, from) };
        result.map_err(|errno| fault(errno, offset, done))
    }

    /// Reads one value at `offset`, aligned or not, in the byte order of the
    /// machine.
    ///
    /// # Errors
    ///
    /// As for [`read_at`](Self::read_at).
    #[inline]
    pub fn get<V: Value>(&self, offset: usize) -> Result<V> {
        self.check(offset, size_of::<V>())?;
        // SAFETY: as for `read_at`.
        unsafe { self.means.load(self.map.as_ptr(), offset) }.map_err(|errno| fault(errno, offset, 0))
    }

    /// Writes one value at `offset`, aligned or not, in the byte order of the
    /// machine.
    ///
    /// # Errors
    ///
    /// As for [`write_at`](Self::write_at). Where a page is there for a part of it
    /// alone, that part may have been written.
    #[inline]
    pub fn set<V: Value>(&self, offset: usize, value: V) -> Result<()> {
        self.check(offset, size_of::<V>())?;
        // SAFETY: as for `write_at`.
        unsafe { self.means.store(self.map.as_mut_ptr(), offset, value) }
            .map_err(|errno| fault(errno, offset, 0))
    }

    /// Writes the same byte everywhere in a range.
    ///
    /// # Errors
    ///
    /// As for [`write_at`](Self::write_at).
    pub fn fill(&self, range: impl RangeBounds<usize>, byte: u8) -> Result<()> {
        let chunk = [byte; CHUNK];
        let range = self.range(range)?;
        self.in_chunks(range, |offset, length| self.write_at(offset, chunk.get(..length).unwrap_or(&chunk)))
    }

    /// Copies a range to `to`, as if by way of memory elsewhere: the two may
    /// overlap.
    ///
    /// # Errors
    ///
    /// As for [`read_at`](Self::read_at) and [`write_at`](Self::write_at): the
    /// position is that of the byte which could not be read or written. If the range
    /// is copied from its end, as it is where `to` is behind its start, `done` counts
    /// from there.
    pub fn copy_within(&self, range: impl RangeBounds<usize>, to: usize) -> Result<()> {
        let Range { start, end } = self.range(range)?;
        let length = end.wrapping_sub(start);
        self.check(to, length)?;
        let mut done = 0;
        while done < length {
            let mut chunk = [0; CHUNK];
            let size = CHUNK.min(length.wrapping_sub(done));
            let chunk = chunk.get_mut(..size).unwrap_or_default();
            // Upwards, unless that wrote over what is still to be read.
            let result = if to <= start {
                self.move_up(start.wrapping_add(done), chunk, to.wrapping_add(done))
            } else {
                let rest = length.wrapping_sub(done).wrapping_sub(size);
                self.move_down(start.wrapping_add(rest), chunk, to.wrapping_add(rest))
            };
            result.map_err(|fault| Fault { done: done.saturating_add(fault.done), ..fault })?;
            done = done.saturating_add(size);
        }
        Ok(())
    }

    /// Copies a chunk by way of the one given, as many bytes as there are.
    fn move_up(&self, from: usize, chunk: &mut [u8], to: usize) -> Result<()> {
        let read = self.read_at(from, chunk);
        let there = read.map_or_else(|fault| fault.done, |()| chunk.len());
        self.write_at(to, chunk.get(..there).unwrap_or_default())?;
        read
    }

    /// As `move_up`, as many bytes as there are before the end. They are counted one
    /// by one where they are not all there.
    fn move_down(&self, from: usize, chunk: &mut [u8], to: usize) -> Result<()> {
        let mut missing = 0;
        let mut read = self.read_at(from, chunk);
        if read.is_err() {
            read = from_the_end(chunk.len(), |index| {
                let byte = self.get(from.wrapping_add(index))?;
                chunk.get_mut(index).into_iter().for_each(|place| *place = byte);
                Ok(())
            });
            missing = read.map_or_else(|fault| chunk.len().saturating_sub(fault.done), |()| 0);
        }
        let chunk = chunk.get(missing..).unwrap_or_default();
        let to = to.wrapping_add(missing);
        if self.write_at(to, chunk).is_err() {
            from_the_end(chunk.len(), |index| {
                self.set(to.wrapping_add(index), chunk.get(index).copied().unwrap_or_default())
            })?;
        }
        read
    }

    /// Looks for a byte in a range; returns the position of the first.
    ///
    /// # Errors
    ///
    /// As for [`read_at`](Self::read_at), if it comes to a byte that is not there.
    pub fn find(&self, byte: u8, range: impl RangeBounds<usize>) -> Result<Option<usize>> {
        let mut found = None;
        let range = self.range(range)?;
        let walked = self.in_chunks(range, |offset, length| {
            let mut chunk = [0; CHUNK];
            let chunk = chunk.get_mut(..length).unwrap_or_default();
            let read = self.read_at(offset, chunk);
            // What was read before a fault may have it.
            let there = read.map_or_else(|fault| fault.done, |()| length);
            let index = chunk.iter().take(there).position(|&other| other == byte);
            found = index.map(|index| offset.wrapping_add(index));
            // Any error ends the walk.
            if found.is_some() { Err(fault(Errno::EFAULT, offset, 0)) } else { read }
        });
        match found {
            Some(position) => Ok(Some(position)),
            None => walked.map(|()| None),
        }
    }

    /// Compares the bytes from `offset` on with others, as slices are compared.
    ///
    /// # Errors
    ///
    /// As for [`read_at`](Self::read_at), if it comes to a byte that is not there.
    pub fn compare(&self, offset: usize, with: &[u8]) -> Result<Ordering> {
        self.check(offset, with.len())?;
        let mut position = offset;
        for part in with.chunks(CHUNK) {
            let mut chunk = [0; CHUNK];
            let chunk = chunk.get_mut(..part.len()).unwrap_or_default();
            let read = self.read_at(position, chunk);
            let there = read.map_or_else(|fault| fault.done, |()| part.len());
            let (ours, theirs) = (chunk.get(..there), part.get(..there));
            match ours.cmp(&theirs) {
                Ordering::Equal => read.map_err(|fault| Fault {
                    done: position.wrapping_sub(offset).saturating_add(fault.done),
                    ..fault
                })?,
                different => return Ok(different),
            }
            position = position.wrapping_add(part.len());
        }
        Ok(Ordering::Equal)
    }

    /// Goes through a range, as many bytes at once as `buffer` has.
    ///
    /// # Errors
    ///
    /// `EINVAL`: the range is not within the map, or the buffer has no bytes.
    pub fn chunks<'map>(
        &'map self,
        range: impl RangeBounds<usize>,
        buffer: &'map mut [u8],
    ) -> Result<Chunks<'map, M, B>> {
        let range = self.range(range)?;
        if buffer.is_empty() {
            return Err(fault(Errno::EINVAL, range.start, 0));
        }
        Ok(Chunks { map: self, range, buffer })
    }

    /// Has something done to a range, a chunk at a time, until it fails.
    fn in_chunks(&self, range: Range<usize>, mut what: impl FnMut(usize, usize) -> Result<()>) -> Result<()> {
        let mut offset = range.start;
        while offset < range.end {
            let length = CHUNK.min(range.end.wrapping_sub(offset));
            what(offset, length).map_err(|fault| Fault {
                done: offset.wrapping_sub(range.start).saturating_add(fault.done),
                ..fault
            })?;
            offset = offset.wrapping_add(length);
        }
        Ok(())
    }

    /// Whether the range is within the map.
    #[inline]
    fn check(&self, offset: usize, length: usize) -> Result<()> {
        // In this order, the subtraction is not done again in a loop.
        match self.len().checked_sub(length) {
            Some(last) if offset <= last => Ok(()),
            _ => Err(fault(Errno::EINVAL, offset, 0)),
        }
    }

    fn range(&self, range: impl RangeBounds<usize>) -> Result<Range<usize>> {
        let start = match range.start_bound() {
            Bound::Included(&start) => Some(start),
            Bound::Excluded(&before) => before.checked_add(1),
            Bound::Unbounded => Some(0),
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.checked_add(1),
            Bound::Excluded(&end) => Some(end),
            Bound::Unbounded => Some(self.len()),
        };
        match (start, end) {
            (Some(start), Some(end)) if start <= end && end <= self.len() => Ok(start..end),
            _ => Err(fault(Errno::EINVAL, start.unwrap_or(usize::MAX), 0)),
        }
    }
}

/// Has something done to the bytes of a chunk from its last to its first, until it
/// fails.
fn from_the_end(length: usize, mut what: impl FnMut(usize) -> Result<()>) -> Result<()> {
    (0..length).rev().try_for_each(|index| {
        what(index).map_err(|fault| Fault { done: length.wrapping_sub(index).wrapping_sub(1), ..fault })
    })
}

fn fault(errno: Errno, offset: usize, done: usize) -> Fault {
    Fault { errno, offset: offset.saturating_add(done), done }
}

impl<M: Means, B: Backing> fmt::Debug for Guarded<M, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Guarded").field(&self.map).finish()
    }
}

/// A range of a [`Guarded`] map, copied into a buffer a chunk at a time: see
/// [`Guarded::chunks`]. It lends its buffer, so it is no [`Iterator`].
pub struct Chunks<'map, M: Means, B: Backing> {
    map: &'map Guarded<M, B>,
    range: Range<usize>,
    buffer: &'map mut [u8],
}

impl<M: Means, B: Backing> Chunks<'_, M, B> {
    /// The next bytes; `None` after the last. After an error it goes on behind the
    /// chunk that could not be read.
    #[allow(clippy::should_implement_trait, reason = "what it gives is borrowed from it")]
    pub fn next(&mut self) -> Option<Result<&[u8]>> {
        let length = self.buffer.len().min(self.range.end.checked_sub(self.range.start)?);
        if length == 0 {
            return None;
        }
        let offset = self.range.start;
        self.range.start = offset.wrapping_add(length);
        let chunk = self.buffer.get_mut(..length)?;
        Some(self.map.read_at(offset, chunk).map(|()| &*chunk))
    }
}
