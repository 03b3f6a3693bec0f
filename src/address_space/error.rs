//! What can go wrong while reading /proc/PID.

use core::fmt;

use crate::errno::Errno;

/// Why there is no next mapping. A line's number counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The kernel refuses. Nothing comes after it.
    System(Errno),
    /// The buffer has no room for this line. The one after it can be read.
    TooLong {
        /// Which it is.
        line: usize,
    },
    /// This line is no mapping, no figure of one, or cut short. The one after it can
    /// be read.
    Malformed {
        /// Which it is.
        line: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(errno) => errno.fmt(f),
            Self::TooLong { line } => write!(f, "line {line} is longer than the buffer"),
            Self::Malformed { line } => write!(f, "line {line} cannot be understood"),
        }
    }
}

impl core::error::Error for Error {}

impl From<Errno> for Error {
    fn from(errno: Errno) -> Self {
        Self::System(errno)
    }
}

/// For programs that have one kind of error: `EOVERFLOW` of a line that is too long,
/// `EILSEQ` of one that is malformed.
impl From<Error> for Errno {
    fn from(error: Error) -> Self {
        match error {
            Error::System(errno) => errno,
            Error::TooLong { .. } => Self::EOVERFLOW,
            Error::Malformed { .. } => Self::EILSEQ,
        }
    }
}
