//! The memory of a ring as one process sees it: the ends, the data, and the data again.

use core::mem::forget;
use core::sync::atomic::AtomicU32;

use super::ring_end::Ends;
use crate::arch::guarded;
use crate::errno::{Errno, Result};
use crate::fd::AsFd;
use crate::map::{Advice, MapOptions, Reservation};
use crate::sys::page_size;

/// What is mapped, for as long as this is there.
#[derive(Debug)]
pub struct Mirror {
    range: Reservation,
    /// Whole pages, a power of two, at most [`MOST`].
    capacity: usize,
}

/// So that the difference of two positions says how many bytes are between them.
pub const MOST: usize = 1 << 30;

impl Mirror {
    /// Maps the ring that starts at this byte of the file, a page's first.
    pub fn of(file: &(impl AsFd + ?Sized), offset: u64, capacity: usize) -> Result<Self> {
        let page = page_size();
        if !capacity.is_power_of_two() || capacity < page || capacity > MOST {
            return Err(Errno::EINVAL);
        }
        let once = page.checked_add(capacity).ok_or(Errno::ENOMEM)?;
        let behind = offset.checked_add(page as u64).ok_or(Errno::EOVERFLOW)?;
        let mut range = Reservation::new(once.checked_add(capacity).ok_or(Errno::ENOMEM)?)?;
        let (first, second) = range.whole()?.split_at(once)?;
        let map = MapOptions::new().offset(offset).len(once).map_raw(file)?;
        map.advise(Advice::PopulateWrite)?;
        let view = first.place(map)?;
        let again = second.place(MapOptions::new().offset(behind).len(capacity).map_raw(file)?)?;
        // Both go with the range.
        forget((view, again));
        Ok(Self { range, capacity })
    }

    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    pub fn ends(&self) -> &Ends {
        const { assert!(size_of::<Ends>() <= 4096, "they are in the first page") };
        let start: *const Ends = self.range.as_ptr().cast();
        // SAFETY: the first page is mapped as long as `self` is there, and is accessed
        // as these atomics alone; whoever has given the file sees to it that it stays.
        unsafe { &*start }
    }

    /// Where the byte of a position is, and behind it as many as there are in all.
    fn at(&self, position: u32) -> *mut u8 {
        let offset = position as usize & self.capacity.wrapping_sub(1);
        self.range.as_ptr().cast_mut().wrapping_add(page_size()).wrapping_add(offset)
    }

    /// The word of a position, which is a multiple of four.
    pub fn word(&self, position: u32) -> &AtomicU32 {
        let word: *const AtomicU32 = self.at(position & !3).cast();
        // SAFETY: it is mapped and aligned, and its length divides the capacity;
        // whatever is in it is a value of an atomic.
        unsafe { &*word }
    }

    /// Copies what is behind a position.
    pub fn read(&self, position: u32, to: &mut [u8]) -> Result<()> {
        let from = self.inside(position, to.len())?;
        // SAFETY: the bytes are mapped, and never lent.
        all(unsafe { guarded::copy_from(to.as_mut_ptr(), from, to.len()) })
    }

    /// Copies to behind a position.
    pub fn write(&self, position: u32, from: &[u8]) -> Result<()> {
        let to = self.inside(position, from.len())?;
        // SAFETY: the bytes are mapped, and never lent.
        all(unsafe { guarded::copy_to(to, from.as_ptr(), from.len()) })
    }

    fn inside(&self, position: u32, length: usize) -> Result<*mut u8> {
        if length <= self.capacity { Ok(self.at(position)) } else { Err(Errno::EINVAL) }
    }
}

fn all(left: usize) -> Result<()> {
    if left == 0 { Ok(()) } else { Err(Errno::EFAULT) }
}
