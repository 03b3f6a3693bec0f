//! What a call came to, as a word.

use core::fmt;

use baremap::Errno;

/// `done`, or the error.
pub struct Told(Option<Errno>);

/// What a call came to.
pub fn told<T>(result: Result<T, impl Into<Errno>>) -> Told {
    Told(result.err().map(Into::into))
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(errno) => errno.fmt(f),
            None => f.pad("done"),
        }
    }
}
