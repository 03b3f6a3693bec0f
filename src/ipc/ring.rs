//! Messages from one process to another, through memory that they share.
//!
//! ```text
//!   the file      +------+-------------------+
//!                 | ends |       data        |
//!                 +------+-------------------+
//!   as mapped     +------+-------------------+-------------------+
//!                 | ends |       data        |  the data again   |
//!                 +------+-------------------+-------------------+
//!                                      ^ a message goes on here ^
//!   a message     +--------+-----------------+------+
//!                 | length |      bytes      | to a |
//!                 |   u32  |                 | word |
//!                 +--------+-----------------+------+
//!   ends          sender:   how many bytes it has sent     receiver: the same, received
//!                 (1 page)  who it is, and whether closed
//!                           whether it sleeps
//! ```
//!
//! The data is mapped twice, one behind the other: a message that reaches over the end
//! goes on in its second view, and lies in one piece for who copies it. Positions count
//! bytes and never go back; what they are modulo the capacity, a power of two, is where
//! in the data.

use super::ring_mirror::{MOST, Mirror};
use super::ring_sides::{Receiver, Sender};
use super::{Peer, RingError};
use crate::errno::{Errno, Result};
#[cfg(not(feature = "std"))]
use crate::fd::AsFd;
use crate::fd::OwnedFd;
use crate::file::File;
use crate::memfd::{Fixed, Memfd, is_of_huge_pages};
use crate::sys::page_size;

/// A file in memory that is a ring. Who has it can take one of its ends: each is taken
/// once, and by one process.
///
/// ```
/// use baremap::ipc::{Peer, Ring, RingError};
///
/// let ring = Ring::new(4096)?;
/// let me = Peer::new();
/// let (mut sender, mut receiver) = (ring.sender(me)?, ring.receiver(me)?);
/// sender.send(b"one message")?;
/// let mut buffer = [0; 100];
/// let length = receiver.recv(&mut buffer)?;
/// assert_eq!(&buffer[..length], b"one message");
/// drop(sender);
/// assert_eq!(receiver.recv(&mut buffer), Err(RingError::Closed));
/// # Ok::<(), RingError>(())
/// ```
#[derive(Debug)]
pub struct Ring {
    file: File,
    offset: u64,
    capacity: usize,
}

impl Ring {
    /// Makes a ring for so many bytes at least: a power of two, and whole pages. Of a
    /// message's they take four more, and up to three.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: more than 2^30.
    /// - Those of [`Memfd::new`].
    pub fn new(bytes: usize) -> Result<Self> {
        let file = Memfd::new(c"ring")?;
        file.set_len(Self::size(bytes)? as u64)?;
        Self::of(file.fix_length()?)
    }

    /// How many bytes of a file a ring takes that is for so many: see
    /// [`Segment::ring`](super::Segment::ring).
    ///
    /// # Errors
    ///
    /// - `EINVAL`: more than 2^30.
    pub fn size(bytes: usize) -> Result<usize> {
        let data = bytes.max(page_size()).checked_next_power_of_two().filter(|data| *data <= MOST);
        data.and_then(|data| data.checked_add(page_size())).ok_or(Errno::EINVAL)
    }

    /// The ring that is all of a file: of zeros, or as others left it.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: its length is no ring's, or it is of huge pages.
    /// - Those of [`sys::fs::fstat`](crate::sys::fs::fstat).
    pub fn of(file: Fixed) -> Result<Self> {
        if is_of_huge_pages(file.as_owned())? {
            return Err(Errno::EINVAL);
        }
        let capacity = Self::capacity_of(file.len()?)?;
        Ok(Self { file: OwnedFd::from(file).into(), offset: 0, capacity })
    }

    fn capacity_of(size: usize) -> Result<usize> {
        let data = size.checked_sub(page_size()).ok_or(Errno::EINVAL)?;
        if Self::size(data)? == size { Ok(data) } else { Err(Errno::EINVAL) }
    }

    /// The ring in the midst of a file that is not sealed, if there is one of this size.
    pub(super) const fn inside(file: File, offset: u64, capacity: usize) -> Self {
        Self { file, offset, capacity }
    }

    /// Takes the end that sends.
    ///
    /// A process that forks does so before: the two would have one end.
    ///
    /// # Errors
    ///
    /// - [`RingError::Taken`]: it was taken before, by whomever.
    /// - [`RingError::Corrupt`]: it is not as a new one.
    /// - [`RingError::Os`]: the file could not be mapped.
    pub fn sender(&self, me: Peer) -> core::result::Result<Sender, RingError> {
        let mirror = Mirror::of(&self.file, self.offset, self.capacity)?;
        mirror.ends().sender.claim(me)?;
        Ok(Sender::of(mirror, me))
    }

    /// Takes the end that receives.
    ///
    /// # Errors
    ///
    /// As for [`sender`](Self::sender).
    pub fn receiver(&self, me: Peer) -> core::result::Result<Receiver, RingError> {
        let mirror = Mirror::of(&self.file, self.offset, self.capacity)?;
        mirror.ends().receiver.claim(me)?;
        Ok(Receiver::of(mirror, me))
    }
}

#[cfg(not(feature = "std"))]
impl AsFd for Ring {
    fn as_fd(&self) -> crate::fd::BorrowedFd<'_> {
        self.file.as_fd()
    }
}

#[cfg(feature = "std")]
impl std::os::fd::AsFd for Ring {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(&self.file)
    }
}
