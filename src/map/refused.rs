//! [`Refused`]: a failing operation loses nothing.

use core::fmt;

use crate::errno::Errno;

/// An operation that was refused, with the value it would have consumed.
///
/// ```
/// use baremap::{Errno, MapAnon, Refused};
/// let Refused { value, errno } = MapAnon::new(10)?.split_at(5).unwrap_err();
/// assert_eq!((value.len(), errno), (10, Errno::EINVAL));
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub struct Refused<T> {
    /// What was to be consumed, whole as it was.
    pub value: T,
    /// Why it was not.
    pub errno: Errno,
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.errno.fmt(f)
    }
}

impl<T: fmt::Debug> core::error::Error for Refused<T> {}

#[cfg(feature = "std")]
impl<T> From<Refused<T>> for std::io::Error {
    fn from(refused: Refused<T>) -> Self {
        refused.errno.into()
    }
}

impl<T> From<Refused<T>> for Errno {
    fn from(refused: Refused<T>) -> Self {
        refused.errno
    }
}
