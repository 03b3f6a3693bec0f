//! [`Piece`]: a part of a reservation with nothing in it, and what is put there.

use core::fmt;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::Relaxed;

use super::access::{Access, Protection, Write};
use super::backing::{Pages, at_page, one_mapping};
use super::map::Map;
use super::refused::Refused;
use super::reservation::Reservation;
use super::reserved::{Committed, Placed};
use crate::errno::Errno;
use crate::flags::{MremapFlags, Prot};
use crate::page::round_up;
use crate::sys::{mm, page_size};

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
    pub(super) start: NonNull<u8>,
    pub(super) length: usize,
    pub(super) reservation: &'r Reservation,
}

// SAFETY: the range belongs to the process, not to a thread.
unsafe impl Send for Piece<'_> {}
// SAFETY: a shared piece lends nothing.
unsafe impl Sync for Piece<'_> {}

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
