//! What can be wrong with a file that should be a segment.

use core::fmt;

use crate::errno::Errno;

/// Why a segment was not made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SegmentError {
    /// It is no file that starts as a segment does.
    NoSegment,
    /// It is one as another version of this crate makes them: its number.
    Version(u32),
    /// It is of another kind than was asked for: of which.
    Kind(u32),
    /// It has another length than was asked for, in bytes; or than it says itself.
    Length(u64),
    /// The kernel's answer; `EEXIST` of [`create`](super::Segment::create): there is
    /// a file of this name.
    Os(Errno),
}

impl From<Errno> for SegmentError {
    fn from(errno: Errno) -> Self {
        Self::Os(errno)
    }
}

impl fmt::Display for SegmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSegment => f.write_str("no segment of shared memory"),
            Self::Version(number) => write!(f, "a segment of version {number}, which is not ours"),
            Self::Kind(number) => write!(f, "a segment of another kind, {number}"),
            Self::Length(bytes) => write!(f, "a segment of another length, {bytes} bytes"),
            Self::Os(errno) => errno.fmt(f),
        }
    }
}

impl core::error::Error for SegmentError {}
