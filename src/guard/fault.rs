//! [`Fault`]: an access that did not come to its end.

use core::fmt;

use crate::errno::Errno;

/// An access to guarded memory that came to a byte which is not there, or was not
/// made at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `EFAULT` if a byte is not there, or may not be written; `EINVAL` if the range
    /// is not within the map. Other means than [`Guards`](super::Guards) have those
    /// of their system calls.
    pub errno: Errno,
    /// The position in the map of the first byte that was not accessed.
    pub offset: usize,
    /// How many bytes were, from the start of the range on. Each of them was, and
    /// none behind them, but where a function says otherwise.
    pub done: usize,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} of the map, after {} bytes", self.errno, self.offset, self.done)
    }
}

impl core::error::Error for Fault {}

impl From<Fault> for Errno {
    fn from(fault: Fault) -> Self {
        fault.errno
    }
}

#[cfg(feature = "std")]
impl From<Fault> for std::io::Error {
    fn from(fault: Fault) -> Self {
        Self::new(std::io::Error::from(fault.errno).kind(), fault)
    }
}
