//! What a ring answers if it takes or gives no message.

use core::fmt;

use crate::errno::Errno;

/// Why no message was sent or received, or an end not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RingError {
    /// This end of the ring is somebody's, or was.
    Taken,
    /// There is no room for the message now.
    Full,
    /// There is no message now.
    Empty,
    /// Nothing happened all that time.
    TimedOut,
    /// The other side has closed its end, and all that it sent is received.
    Closed,
    /// The other side's process has ended without closing, and all that it sent is
    /// received.
    PeerDied,
    /// A message of so many bytes fits nowhere: not into the whole ring; or, received,
    /// not into the buffer, and then it can be received into a longer one.
    TooLong(usize),
    /// There is something in the memory that no ring ever writes there.
    Corrupt,
    /// The kernel's answer, where memory was asked of it.
    Os(Errno),
}

impl From<Errno> for RingError {
    fn from(errno: Errno) -> Self {
        Self::Os(errno)
    }
}

impl fmt::Display for RingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Taken => "this end of the ring is taken",
            Self::Full => "the ring is full",
            Self::Empty => "the ring is empty",
            Self::TimedOut => "the other side did nothing in time",
            Self::Closed => "the other side has closed the ring",
            Self::PeerDied => "the process on the other side has died",
            Self::TooLong(bytes) => return write!(f, "a message of {bytes} bytes is too long"),
            Self::Corrupt => "there is garbage in the ring",
            Self::Os(errno) => return errno.fmt(f),
        })
    }
}

impl core::error::Error for RingError {}
