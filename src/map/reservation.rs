//! [`Reservation`]: address space of one's own, and what is put into it.
//!
//! A range stays the reservation's from the first call to the last. It is divided
//! by value: a [`Piece`] is consumed by what is put into it, which borrows the
//! reservation. When that is dropped, memory without rights takes its place,
//! never a hole, for into a hole any other thread could map.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use super::options::MapOptions;
use super::piece::Piece;
use crate::errno::{Errno, Result};
use crate::flags::{MapFlags, Prot};
use crate::page::round_up;
use crate::sys::{RawFd, mm, page_size};

const NO_FILE: RawFd = -1;
const NOTHING: MapFlags = MapFlags::PRIVATE.union(MapFlags::ANONYMOUS).union(MapFlags::NORESERVE);

/// A range of the address space without memory, to be used piece by piece.
///
/// ```
/// use baremap::{MapAnon, Reservation};
/// let page = baremap::sys::page_size();
/// // A terabyte of addresses, of which two pages become memory.
/// let mut reservation = Reservation::new(1 << 40)?;
/// let (first, rest) = reservation.whole()?.split_at(2 * page)?;
/// let mut memory = first.commit()?;
/// memory[2 * page - 1] = 1;
/// // What was made elsewhere can be moved to where it is wanted.
/// let (next, _) = rest.split_at(page)?;
/// let placed = next.place(MapAnon::new(page)?.into())?;
/// assert_eq!(placed.as_ptr(), memory.as_ptr().wrapping_add(memory.len()));
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub struct Reservation {
    start: NonNull<u8>,
    length: usize,
    /// How many pieces have something in them.
    pub(super) filled: AtomicUsize,
    /// Whether a part of the range may be another's.
    lost: AtomicBool,
}

// SAFETY: the range belongs to the process, not to a thread.
unsafe impl Send for Reservation {}
// SAFETY: a shared reservation lends nothing but two atomics.
unsafe impl Sync for Reservation {}

impl Reservation {
    /// Reserves so many bytes of the address space, rounded up to whole pages.
    ///
    /// ```
    /// use baremap::Reservation;
    /// let page = baremap::sys::page_size();
    /// assert_eq!(Reservation::new(1)?.len(), page);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `length` is 0.
    /// - `ENOMEM`: no room in the address space, or too many mappings.
    pub fn new(length: usize) -> Result<Self> {
        Self::aligned(length, 0)
    }

    /// As [`new`](Self::new), from a multiple of `alignment` bytes on, a power of
    /// two.
    ///
    /// ```
    /// use baremap::Reservation;
    /// let reservation = Reservation::aligned(1 << 30, 1 << 21)?;
    /// assert_eq!(reservation.as_ptr().addr() % (1 << 21), 0);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), and `EINVAL`: `alignment` is no power of two.
    pub fn aligned(length: usize, alignment: usize) -> Result<Self> {
        let length = round_up(length, page_size()).ok_or(Errno::ENOMEM)?;
        let options = MapOptions::new().aligned(alignment);
        let start = options.place(length, Prot::NONE, NOTHING, NO_FILE, 0)?;
        Ok(Self { start, length, filled: AtomicUsize::new(0), lost: AtomicBool::new(false) })
    }

    /// How many bytes are reserved.
    ///
    /// ```
    /// assert_eq!(baremap::Reservation::new(1 << 30)?.len(), 1 << 30);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "it is never empty")]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// The address of the first byte.
    ///
    /// ```
    /// let mut reservation = baremap::Reservation::new(1)?;
    /// let start = reservation.as_ptr();
    /// assert_eq!(reservation.whole()?.as_ptr(), start);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub const fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// The whole range, once more with nothing in it.
    ///
    /// ```
    /// use baremap::Reservation;
    /// let mut reservation = Reservation::new(1)?;
    /// for _ in 0..2 {
    ///     let mut memory = reservation.whole()?.commit()?;
    ///     assert_eq!(memory[0], 0);
    ///     memory[0] = 1;
    /// }
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `ENOMEM`: part of it is lost, see
    /// [`Map::into_piece`](crate::Map::into_piece); or a map that was in
    /// it was forgotten, and what it left behind cannot be taken away.
    pub fn whole(&mut self) -> Result<Piece<'_>> {
        if *self.lost.get_mut() {
            return Err(Errno::ENOMEM);
        }
        // Every borrow has ended, so whatever is still there was forgotten.
        if core::mem::take(self.filled.get_mut()) != 0 {
            self.clear(self.start, self.length)?;
        }
        Ok(Piece { start: self.start, length: self.length, reservation: self })
    }

    /// Takes away what is in a part of the range, which has nothing in it then.
    pub(super) fn clear(&self, start: NonNull<u8>, length: usize) -> Result<()> {
        // SAFETY: the part is the reservation's, and nobody uses what was in it.
        let cleared =
            unsafe { mm::mmap(start.as_ptr(), length, Prot::NONE, NOTHING | MapFlags::FIXED, NO_FILE, 0) };
        match cleared {
            Ok(_) => Ok(()),
            Err(errno) => self.refill(start, length).then_some(()).ok_or(errno),
        }
    }

    /// After a call that should have replaced a part of the range and failed:
    /// closes the hole that it may have left. Says whether the part is surely the
    /// reservation's; if not, it is never used again.
    #[cold]
    pub(super) fn refill(&self, start: NonNull<u8>, length: usize) -> bool {
        let flags = NOTHING | MapFlags::FIXED_NOREPLACE;
        // SAFETY: it replaces nothing.
        let filled = unsafe { mm::mmap(start.as_ptr(), length, Prot::NONE, flags, NO_FILE, 0) };
        if filled == Ok(start.as_ptr()) {
            return true;
        }
        if let Ok(elsewhere) = filled {
            // SAFETY: a kernel that takes the address as a hint has just made it.
            let _ = unsafe { mm::munmap(elsewhere, length) };
        }
        // Something is there: what was to be replaced, or another's.
        self.lost.store(true, Relaxed);
        false
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !*self.lost.get_mut() {
            // SAFETY: the range is this reservation's, which ends here.
            let _ = unsafe { mm::munmap(self.start.as_ptr(), self.length) };
        }
    }
}
