//! Dividing maps, joining them, and making them shorter and longer.

use core::ptr::NonNull;

use super::access::{Access, Readable};
use super::backing::{Backing, Movable, Pages, Private, Release};
use super::map::Map;
use super::refused::Refused;
use crate::errno::{Errno, Result};
use crate::flags::MremapFlags;
use crate::page::round_up;
use crate::sys::{mm, page_size};

impl<A: Access, B: Backing> Map<A, B> {
    /// Divides the map in two, of which the first has `mid` bytes: neither is
    /// empty, and the second starts at a page. Nothing moves.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let page = baremap::sys::page_size();
    /// let (left, right) = MapAnon::new(3 * page)?.split_at(page)?;
    /// assert_eq!((left.len(), right.len()), (page, 2 * page));
    /// let whole = left.join(right)?;
    /// assert_eq!(whole.len(), 3 * page);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL`, with the map: `mid` is not inside of the map, or not where a page
    /// starts, which may be a huge page.
    pub fn split_at(self, mid: usize) -> core::result::Result<(Self, Self), Refused<Self>> {
        let mut first = self;
        match first.split_off(mid) {
            Ok(second) => Ok((first, second)),
            Err(errno) => Err(Refused { value: first, errno }),
        }
    }

    /// Takes the bytes from `at` on off the map, as a map of their own.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let page = baremap::sys::page_size();
    /// let mut map = MapAnon::new(3 * page)?;
    /// let rest = map.split_off(page)?;
    /// assert_eq!((map.len(), rest.len()), (page, 2 * page));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`split_at`](Self::split_at); the map is as it was.
    pub fn split_off(&mut self, at: usize) -> Result<Self> {
        let rest = match self.len().checked_sub(at) {
            Some(rest) if rest > 0 && at > 0 => rest,
            _ => return Err(Errno::EINVAL),
        };
        // SAFETY: it is inside of the map.
        let start = unsafe { self.start().add(at) };
        let backing = self.backing().split(start)?;
        // SAFETY: the first part is this map's, which gives up the second.
        unsafe { self.set_extent(self.start(), at) };
        // SAFETY: it was this map's until now.
        Ok(unsafe { Self::from_parts(start, rest, backing) })
    }

    /// Makes one map of two, the second of which starts where the first ends.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let page = baremap::sys::page_size();
    /// let (first, second) = MapAnon::new(2 * page)?.split_at(page)?;
    /// // The other way round they are no neighbours, and come back.
    /// let (second, first) = second.join(first).unwrap_err().value;
    /// assert_eq!(first.join(second)?.len(), 2 * page);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL`, with both: they are no neighbours, or not in the same
    /// [`Reservation`](crate::Reservation), or the first ends inside a page.
    #[allow(clippy::type_complexity, reason = "it is what it takes")]
    pub fn join(self, next: Self) -> core::result::Result<Self, Refused<(Self, Self)>> {
        let end = self.start().addr().get().checked_add(self.len());
        let neighbours = end == Some(next.start().addr().get()) && self.backing().joins(next.backing());
        if !neighbours || self.is_empty() || next.is_empty() {
            return Err(Refused { value: (self, next), errno: Errno::EINVAL });
        }
        let (_, more, _) = next.into_parts();
        let (start, length, backing) = self.into_parts();
        // SAFETY: both were owned here, and together are this. The address comes
        // from the kernel, of which the compiler knows no end.
        Ok(unsafe { Self::from_parts(start, length.wrapping_add(more), backing) })
    }
}

impl<A: Access, B: Movable> Map<A, B> {
    /// Makes the map `length` bytes long, which is no more than it is, and unmaps
    /// what is beyond. Nothing moves.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let mut map = MapAnon::new(1 << 20)?;
    /// map.shrink(10)?;
    /// assert_eq!(map.len(), 10);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `length` is 0, or more than the map has; or the map would end
    ///   inside of a huge page.
    /// - Those of [`sys::mm::munmap`](mm::munmap). The map is as it was.
    #[doc(alias = "munmap")]
    pub fn shrink(&mut self, length: usize) -> Result<()> {
        let length = self.backing().whole(length).filter(|length| (1..=self.len()).contains(length));
        let length = length.ok_or(Errno::EINVAL)?;
        let (first, old) = self.mapping();
        // Within the map, so within the address space.
        let kept = round_up(length.wrapping_add(self.backing().head()), page_size()).ok_or(Errno::EINVAL)?;
        if kept < old {
            // SAFETY: the mapping does not start at address 0, nor does a part of it.
            let rest = unsafe { NonNull::new_unchecked(first.wrapping_add(kept)) };
            // SAFETY: it is in the mapping, and inside of a map borrowed mutably.
            unsafe { Pages.release(rest, old.wrapping_sub(kept)) }?;
        }
        // SAFETY: these bytes are left.
        unsafe { self.set_extent(self.start(), length) };
        Ok(())
    }

    /// The whole mapping: where it starts, and how many bytes it has.
    fn mapping(&self) -> (*mut u8, usize) {
        let head = self.backing().head();
        (self.start().as_ptr().wrapping_sub(head), self.len().wrapping_add(head))
    }

    /// Makes the map longer or shorter.
    ///
    /// # Safety
    ///
    /// As for [`remap_unchecked`](Self::remap_unchecked), and nothing is borrowed
    /// from the map.
    unsafe fn resize(&mut self, length: usize, flags: MremapFlags) -> Result<()> {
        let head = self.backing().head();
        let length = self.backing().whole(length).ok_or(Errno::ENOMEM)?;
        let whole = length.checked_add(head).ok_or(Errno::ENOMEM)?;
        if length == 0 || self.is_empty() {
            return Err(Errno::EINVAL);
        }
        let (first, old) = self.mapping();
        // SAFETY: the mapping is this map's, from which nothing is borrowed.
        let first = unsafe { mm::mremap(first, old, whole, flags, core::ptr::null_mut()) }?;
        // SAFETY: the kernel maps nothing at address 0 that it was not told to.
        let start = unsafe { NonNull::new_unchecked(first.wrapping_add(head)) };
        // SAFETY: there it is now.
        unsafe { self.set_extent(start, length) };
        Ok(())
    }

    /// Makes the map `length` bytes long where it is.
    ///
    /// ```
    /// use baremap::{File, MapOptions, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(100)?;
    /// // SAFETY: nobody else knows the file.
    /// let mut map = unsafe { MapOptions::new().len(10).map_mut(&file) }?;
    /// // SAFETY: as above, and the file is as long.
    /// unsafe { map.grow_unchecked(100) }?;
    /// assert_eq!(map.len(), 100);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`remap_unchecked`](Self::remap_unchecked).
    ///
    /// # Errors
    ///
    /// As for [`remap_unchecked`](Self::remap_unchecked), and `ENOMEM`: something
    /// is in the way.
    pub unsafe fn grow_unchecked(&mut self, length: usize) -> Result<()> {
        // SAFETY: the caller vouches for the file.
        unsafe { self.resize(length, MremapFlags::empty()) }
    }

    /// Makes the map `length` bytes long, elsewhere if there is no room.
    ///
    /// ```
    /// use baremap::{File, MapOptions, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(10)?;
    /// // SAFETY: nobody else knows the file.
    /// let mut map = unsafe { MapOptions::new().map_mut(&file) }?;
    /// file.set_len(1 << 20)?;
    /// // SAFETY: as above, and the file is as long.
    /// unsafe { map.remap_unchecked(1 << 20) }?;
    /// map[(1 << 20) - 1] = 1;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// The promise of [`MapOptions::map`](crate::MapOptions::map) for what is new:
    /// no page of it may lie past the end of the file. For memory of no file,
    /// [`remap`](Map::remap) is safe.
    ///
    /// # Errors
    ///
    /// - `EAGAIN`: it is locked, and would pass the limit on locked memory.
    /// - `EFAULT`: it is several mappings, such as parts with rights of their own
    ///   that were [joined](Self::join), and is to be longer.
    /// - `EINVAL`: `length` is 0, or the map has no bytes, or huge pages, of which
    ///   there would be more.
    /// - `ENOMEM`: no room, or too many mappings.
    ///
    /// The map is as it was.
    #[doc(alias = "mremap")]
    pub unsafe fn remap_unchecked(&mut self, length: usize) -> Result<()> {
        // SAFETY: the caller vouches for the file.
        unsafe { self.resize(length, MremapFlags::MAYMOVE) }
    }
}

impl<A: Readable, B: Private + Movable> Map<A, B> {
    /// Makes the map `length` bytes long where it is. What is new is zeros; the
    /// rest of what was the last page is as [`shrink`](Self::shrink) left it.
    ///
    /// ```
    /// use baremap::{Errno, MapAnon};
    /// let mut map = MapAnon::new(10)?;
    /// match map.grow(1 << 20) {
    ///     Ok(()) => assert_eq!(map.len(), 1 << 20),
    ///     Err(errno) => assert_eq!((errno, map.len()), (Errno::ENOMEM, 10)),
    /// }
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`remap`](Self::remap), and `ENOMEM`: something is in the way.
    pub fn grow(&mut self, length: usize) -> Result<()> {
        // SAFETY: there is no file whose end could be passed.
        unsafe { self.resize(length, MremapFlags::empty()) }
    }

    /// Makes the map `length` bytes long, elsewhere if there is no room. What is
    /// new is zeros, as [`grow`](Self::grow) has it.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let mut map = MapAnon::new(10)?;
    /// map[9] = 1;
    /// map.remap(1 << 20)?;
    /// assert_eq!((map[9], map[10], map.len()), (1, 0, 1 << 20));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`remap_unchecked`](Self::remap_unchecked). The map is as it was.
    #[doc(alias = "mremap")]
    pub fn remap(&mut self, length: usize) -> Result<()> {
        // SAFETY: there is no file whose end could be passed.
        unsafe { self.resize(length, MremapFlags::MAYMOVE) }
    }
}
