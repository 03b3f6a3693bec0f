//! An error that says which file it is about.

use core::ffi::CStr;
use core::fmt;

use baremap::{Errno, Lossy};

/// What failed, and why.
#[derive(Debug)]
pub struct Named {
    what: &'static CStr,
    errno: Errno,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Lossy(self.what).fmt(f)?;
        f.write_str(": ")?;
        self.errno.fmt(f)
    }
}

/// Gives an error the name of what it is about.
pub trait Of<T> {
    /// The same result, its error with the name.
    fn of(self, what: &'static CStr) -> Result<T, Named>;
}

impl<T, E: Into<Errno>> Of<T> for Result<T, E> {
    fn of(self, what: &'static CStr) -> Result<T, Named> {
        self.map_err(|error| Named { what, errno: error.into() })
    }
}

/// What the output's errors are about.
pub const OUTPUT: &CStr = c"standard output";
