//! What the server and its client agree on, and what can go wrong with it.

use core::ffi::CStr;
use core::fmt;
use core::time::Duration;

use baremap::ipc::{Ring, RingError, Segment, SegmentError};
use baremap::{Errno, Lossy};

/// By which they know the segment for theirs: "ECHO".
pub const KIND: u32 = 0x4f48_4345;

/// For how many bytes each of the two rings is.
pub const BYTES: usize = 1 << 16;

/// The ring to the server, and the one back.
pub const THERE: u32 = 0;
pub const BACK: u32 = 1;

pub const MESSAGE: usize = 64;

/// How long one of them waits for the other to do what takes it no time.
#[allow(dead_code, reason = "the server waits for a client as long as it takes")]
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn length() -> Result<u64, Errno> {
    Ok(2 * Ring::size(BYTES)? as u64)
}

pub fn ring(segment: &Segment, number: u32) -> Result<Ring, Errno> {
    // SAFETY: whoever runs this is asked not to cut the file short meanwhile.
    unsafe { segment.ring(number, BYTES) }
}

/// What failed.
#[derive(Debug)]
pub enum Failed {
    Usage(&'static str),
    Path(&'static CStr, SegmentError),
    #[allow(dead_code, reason = "the client does not make it")]
    InUse(&'static CStr),
    Ring(RingError),
    #[allow(dead_code, reason = "the server says nothing of what it sends back")]
    Changed(u32),
}

impl From<RingError> for Failed {
    fn from(error: RingError) -> Self {
        Self::Ring(error)
    }
}

impl From<Errno> for Failed {
    fn from(errno: Errno) -> Self {
        Self::Ring(errno.into())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(usage) => write!(f, "usage: {usage}"),
            Self::Path(path, error) => write!(f, "{}: {error}", Lossy(path)),
            Self::InUse(path) => write!(f, "{}: another server is there", Lossy(path)),
            Self::Ring(error) => error.fmt(f),
            Self::Changed(number) => write!(f, "message {number} came back changed"),
        }
    }
}
