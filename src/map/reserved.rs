//! What is in a reservation, and how it is taken out again.

use core::ptr::NonNull;
use core::sync::atomic::Ordering::Relaxed;

use super::access::Access;
use super::backing::{Backing, Private, Release, at_page, divisible};
use super::map::Map;
use super::piece::Piece;
use super::reservation::Reservation;
use crate::errno::Result;
use crate::page::round_up;
use crate::sys::page_size;

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
pub struct Committed<'r>(pub(super) &'r Reservation);

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
pub struct Placed<'r>(pub(super) &'r Reservation);

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
