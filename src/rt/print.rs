//! Printing, formatted and raw, to standard output and standard error.

use core::fmt::{self, Write};

use crate::errno::{Errno, Result};
use crate::retry::all;
use crate::sys::{RawFd, fs};

/// Standard output or standard error. It is not buffered, and not closed.
#[derive(Clone, Copy, Debug)]
pub struct Output(RawFd);

/// Standard output.
#[must_use]
pub const fn stdout() -> Output {
    Output(1)
}

/// Standard error.
#[must_use]
pub const fn stderr() -> Output {
    Output(2)
}

impl Output {
    /// Writes all of `bytes`: short writes are continued, interrupted ones made
    /// again.
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::write`](fs::write). A pipe that nobody reads ends the
    /// process by `SIGPIPE`, as in C, or is `EPIPE` where that is ignored.
    pub fn write_all(self, bytes: &[u8]) -> Result<()> {
        all(bytes, |rest| self.write(rest))
    }

    /// Writes by one call, which may take less than all; returns how many bytes it
    /// took.
    ///
    /// # Errors
    ///
    /// As for [`write_all`](Self::write_all), and `EINTR`: a signal came first.
    pub fn write(self, bytes: &[u8]) -> Result<usize> {
        // SAFETY: the standard streams are everybody's to write to, and no file that
        // is opened takes their place, unless it is opened so that it may.
        unsafe { fs::write(self.0, bytes) }
    }
}

/// Text on its way to an output, gathered so that a line of up to 512 bytes is
/// one `write`.
struct Buffer {
    output: Output,
    bytes: [u8; 512],
    filled: usize,
    /// What stopped it first, for `fmt::Error` cannot tell, and a value's own
    /// formatting may go on regardless.
    result: Result<()>,
}

impl Buffer {
    fn flush(&mut self) -> fmt::Result {
        if let (Ok(()), Some(bytes)) = (self.result, self.bytes.get(..self.filled)) {
            self.result = self.output.write_all(bytes);
        }
        self.filled = 0;
        self.result.map_err(|_| fmt::Error)
    }
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            if self.filled == self.bytes.len() {
                self.flush()?;
            }
            if let Some(place) = self.bytes.get_mut(self.filled) {
                *place = byte;
                self.filled += 1;
            }
        }
        Ok(())
    }
}

/// Formats to an output, and then writes `end`: what the macros call.
///
/// # Errors
///
/// Those of [`Output::write_all`]; `EINVAL` if a value's own formatting fails.
#[doc(hidden)]
pub fn print_to(output: Output, text: fmt::Arguments<'_>, end: &str) -> Result<()> {
    let mut buffer = Buffer { output, bytes: [0; 512], filled: 0, result: Ok(()) };
    let formatted = buffer.write_fmt(text).and_then(|()| buffer.write_str(end)).and_then(|()| buffer.flush());
    buffer.result?;
    formatted.map_err(|_| Errno::EINVAL)
}

// The macros are exported at the root, as all are, under names that a glob
// import of it does not mistake for std's.

/// Prints to standard output. Unlike std's, it returns a `Result` and never
/// panics; see [`Output::write_all`](crate::rt::Output::write_all).
#[doc(hidden)]
#[macro_export]
macro_rules! __print {
    ($($text:tt)*) => {
        $crate::rt::print_to($crate::rt::stdout(), ::core::format_args!($($text)*), "")
    };
}

/// As [`print!`](crate::rt::print), and ends the line.
#[doc(hidden)]
#[macro_export]
macro_rules! __println {
    ($($text:tt)*) => {
        $crate::rt::print_to($crate::rt::stdout(), ::core::format_args!($($text)*), "\n")
    };
}

/// As [`print!`](crate::rt::print), to standard error.
#[doc(hidden)]
#[macro_export]
macro_rules! __eprint {
    ($($text:tt)*) => {
        $crate::rt::print_to($crate::rt::stderr(), ::core::format_args!($($text)*), "")
    };
}

/// As [`println!`](crate::rt::println), to standard error.
#[doc(hidden)]
#[macro_export]
macro_rules! __eprintln {
    ($($text:tt)*) => {
        $crate::rt::print_to($crate::rt::stderr(), ::core::format_args!($($text)*), "\n")
    };
}
