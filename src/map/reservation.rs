//! [`Reservation`]: address space of one's own, and what is put into it.
//!
//! A range stays the reservation's from the first call to the last. It is divided
//! by value: a [`Piece`] is consumed by what is put into it, which borrows the
//! reservation. When that is dropped, memory without rights takes its place,
//! never a hole, for into a hole any other thread could map.

use core::fmt;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use super::access::{Access, Protection, Write};
use super::backing::{Backing, Pages, Private, Release, at_page, divisible, one_mapping};
use super::map::Map;
use super::options::MapOptions;
use super::refused::Refused;
use crate::errno::{Errno, Result};
use crate::flags::{MapFlags, MremapFlags, Prot};
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
    filled: AtomicUsize,
    /// Whether a part of the range may be another's.
    lost: AtomicBool,
}

// SAFETY: the range belongs to the process, not to a thread.
unsafe impl Send for Reservation {}
// SAFETY: a shared reservation lends nothing but two atomics.
unsafe impl Sync for Reservation {}

/// A part of a [`Reservation`] with nothing in it: a touch of it is `SIGSEGV`.
///
/// ```
/// use baremap::map::Piece;
/// use baremap::Reservation;
/// let page = baremap::sys::page_size();
/// let mut reservation = Reservation::new(page)?;
/// let piece: Piece<'_> = reservation.whole()?;
/// assert_eq!(piece.len(), page);
/// # Ok::<(), baremap::Errno>(())
/// ```
pub struct Piece<'r> {
    start: NonNull<u8>,
    length: usize,
    reservation: &'r Reservation,
}

// SAFETY: the range belongs to the process, not to a thread.
unsafe impl Send for Piece<'_> {}
// SAFETY: a shared piece lends nothing.
unsafe impl Sync for Piece<'_> {}

/// Private memory of no file, in a [`Reservation`].
///
/// ```
/// use baremap::Reservation;
/// use baremap::map::{Committed, Map, Write};
/// let mut reservation = Reservation::new(1)?;
/// let mut map: Map<Write, Committed<'_>> = reservation.whole()?.commit()?;
/// map[0] = 1;
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub struct Committed<'r>(&'r Reservation);

/// What was moved into a [`Reservation`].
///
/// ```
/// use baremap::map::{Map, Placed, Write};
/// use baremap::{MapAnon, Reservation};
/// let mut reservation = Reservation::new(1)?;
/// let map = MapAnon::new(1)?.into();
/// let map: Map<Write, Placed<'_>> = reservation.whole()?.place(map)?;
/// assert_eq!(map[0], 0);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub struct Placed<'r>(&'r Reservation);

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
    /// `ENOMEM`: part of it is lost, see [`Map::into_piece`]; or a map that was in
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
    fn clear(&self, start: NonNull<u8>, length: usize) -> Result<()> {
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
    fn refill(&self, start: NonNull<u8>, length: usize) -> bool {
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

impl<'r> Piece<'r> {
    /// How many bytes it has: whole pages.
    ///
    /// ```
    /// use baremap::Reservation;
    /// let page = baremap::sys::page_size();
    /// let mut reservation = Reservation::new(3 * page)?;
    /// let (first, rest) = reservation.whole()?.split_at(page)?;
    /// assert_eq!((first.len(), rest.len()), (page, 2 * page));
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
    /// use baremap::Reservation;
    /// let page = baremap::sys::page_size();
    /// let mut reservation = Reservation::new(3 * page)?;
    /// let (first, rest) = reservation.whole()?.split_at(page)?;
    /// assert_eq!(rest.as_ptr(), first.as_ptr().wrapping_add(page));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub const fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// Divides the piece in two, of which the first has `mid` bytes.
    ///
    /// ```
    /// use baremap::Reservation;
    /// let page = baremap::sys::page_size();
    /// let mut reservation = Reservation::new(3 * page)?;
    /// let piece = reservation.whole()?.split_at(1).unwrap_err().value;
    /// let (first, rest) = piece.split_at(page)?;
    /// assert_eq!((first.len(), rest.len()), (page, 2 * page));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL`, with the piece: `mid` is not inside of it, or no whole pages.
    pub fn split_at(self, mid: usize) -> core::result::Result<(Self, Self), Refused<Self>> {
        let rest = self.length.checked_sub(mid).filter(|rest| *rest > 0 && mid > 0);
        let start = self.start.as_ptr().wrapping_add(mid);
        let start = NonNull::new(start).filter(|start| at_page(*start, page_size()).is_ok());
        match (rest, start) {
            (Some(rest), Some(start)) => {
                let second = Self { start, length: rest, reservation: self.reservation };
                Ok((Self { length: mid, ..self }, second))
            }
            _ => Err(Refused { value: self, errno: Errno::EINVAL }),
        }
    }

    /// Makes private memory of the piece: zeros, to read and write.
    ///
    /// ```
    /// let mut reservation = baremap::Reservation::new(1 << 30)?;
    /// let mut memory = reservation.whole()?.commit()?;
    /// memory[(1 << 30) - 1] = 1;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `ENOMEM`, with the piece: no memory, or too many mappings.
    #[doc(alias = "mprotect")]
    pub fn commit(self) -> core::result::Result<Map<Write, Committed<'r>>, Refused<Self>> {
        // SAFETY: nothing is in it, so nothing is borrowed.
        match unsafe { mm::mprotect(self.start.as_ptr(), self.length, Write::PROT) } {
            Ok(()) => {
                self.reservation.filled.fetch_add(1, Relaxed);
                // SAFETY: the piece, which ends here, was private memory without
                // rights, and has these now.
                Ok(unsafe { Map::from_parts(self.start, self.length, Committed(self.reservation)) })
            }
            Err(errno) => {
                // SAFETY: as above; a part of it may have got the rights.
                let _ = unsafe { mm::mprotect(self.start.as_ptr(), self.length, Prot::NONE) };
                Err(Refused { value: self, errno })
            }
        }
    }

    /// Moves a map into the piece, which must be as many pages.
    ///
    /// ```
    /// use baremap::{MapAnon, Reservation};
    /// let mut reservation = Reservation::new(1)?;
    /// let mut map = MapAnon::new(1)?;
    /// map[0] = 1;
    /// let map = reservation.whole()?.place(map.into())?;
    /// assert_eq!(map[0], 1);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// With the piece, if it is not lost, and the map:
    ///
    /// - `EINVAL`: the map has not as many pages; or it is huge pages, and not
    ///   one whole, or the piece does not start like one.
    /// - `EFAULT`: the map is several mappings, such as parts with rights of their
    ///   own; or what can never be made longer, as of some devices.
    /// - `EPERM`: the map is sealed.
    /// - `ENOMEM`: too many mappings. The piece is lost if it cannot be told
    ///   whether it still has nothing in it.
    #[doc(alias = "mremap")]
    #[doc(alias = "MAP_FIXED")]
    #[allow(clippy::type_complexity, reason = "it is what it takes")]
    pub fn place<A: Access>(
        self,
        map: Map<A, Pages>,
    ) -> core::result::Result<Map<A, Placed<'r>>, Refused<(Option<Self>, Map<A, Pages>)>> {
        let fits = !map.is_empty() && round_up(map.len(), page_size()) == Some(self.length);
        let movable = if fits { one_mapping(map.start(), self.length) } else { Err(Errno::EINVAL) };
        if let Err(errno) = movable {
            return Err(Refused { value: (Some(self), map), errno });
        }
        let (from, to, flags) =
            (map.start().as_ptr(), self.start.as_ptr(), MremapFlags::FIXED | MremapFlags::MAYMOVE);
        // SAFETY: the map is ours by value, so that nothing is borrowed from it;
        // the piece has nothing in it, and is as long.
        match unsafe { mm::mremap(from, self.length, self.length, flags, to) } {
            Ok(_) => {
                let (_, length, Pages) = map.into_parts();
                self.reservation.filled.fetch_add(1, Relaxed);
                // SAFETY: there it is now, with the rights it had.
                Ok(unsafe { Map::from_parts(self.start, length, Placed(self.reservation)) })
            }
            // The arguments are looked at before anything is done.
            Err(Errno::EINVAL) => Err(Refused { value: (Some(self), map), errno: Errno::EINVAL }),
            Err(errno) => {
                let piece = self.reservation.refill(self.start, self.length).then_some(self);
                Err(Refused { value: (piece, map), errno })
            }
        }
    }
}

impl fmt::Debug for Piece<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Piece").field("start", &self.as_ptr()).field("len", &self.length).finish()
    }
}

/// What is in a [`Reservation`].
///
/// ```
/// use baremap::Errno;
/// use baremap::map::{Access, Map, Reserved};
/// fn replace<'r>(map: Map<impl Access, impl Reserved<'r>>) -> Result<u8, Errno> {
///     Ok(map.into_piece()?.commit()?[0])
/// }
/// let mut reservation = baremap::Reservation::new(1)?;
/// assert_eq!(replace(reservation.whole()?.commit()?), Ok(0));
/// # Ok::<(), baremap::Errno>(())
/// ```
pub trait Reserved<'r>: Backing {
    #[doc(hidden)]
    fn reservation(&self) -> &'r Reservation;
}

impl<'r, A: Access, B: Reserved<'r>> Map<A, B> {
    /// Takes the map out of its reservation: what is left is a piece with nothing
    /// in it. Dropping the map does the same.
    ///
    /// ```
    /// let mut reservation = baremap::Reservation::new(1)?;
    /// let mut memory = reservation.whole()?.commit()?;
    /// memory[0] = 1;
    /// let piece = memory.into_piece()?;
    /// assert_eq!(piece.commit()?[0], 0);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `ENOMEM`: the kernel has no memory to put nothing there. The piece is lost
    /// for good: it may be another's by now, so that the reservation neither lends
    /// nor unmaps it any more.
    pub fn into_piece(self) -> Result<Piece<'r>> {
        let (start, length, backing) = self.into_parts();
        let reservation = backing.reservation();
        reservation.filled.fetch_sub(1, Relaxed);
        // It was mapped, so it can be rounded.
        let length = round_up(length, page_size()).unwrap_or(length);
        reservation.clear(start, length).map(|()| Piece { start, length, reservation })
    }
}

macro_rules! reserved {
    ($($backing:ident)*) => {
        $(impl Backing for $backing<'_> {}

        impl<'r> Reserved<'r> for $backing<'r> {
            fn reservation(&self) -> &'r Reservation {
                self.0
            }
        }

        impl Release for $backing<'_> {
            fn joins(&self, next: &Self) -> bool {
                core::ptr::eq(self.0, next.0)
            }

            /// What the kernel refuses is lost to the reservation, which knows of it.
            unsafe fn release(&self, start: NonNull<u8>, length: usize) -> Result<()> {
                self.0.filled.fetch_sub(1, Relaxed);
                let length = round_up(length, page_size()).unwrap_or(length);
                let _ = self.0.clear(start, length);
                Ok(())
            }

            fn split(&self, start: NonNull<u8>) -> Result<Self> {
                at_page(start, page_size())?;
                divisible(start)?;
                self.0.filled.fetch_add(1, Relaxed);
                Ok(Self(self.0))
            }
        })*
    };
}

reserved! { Committed Placed }

impl Private for Committed<'_> {
    fn granule(&self) -> usize {
        page_size()
    }
}
