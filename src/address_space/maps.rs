//! /proc/PID/maps, line by line.

use core::ops::Range;

use super::error::Error;
use super::lines::Lines;
use super::{Mapping, parse};
use crate::file::File;

/// The mappings of a process, from the lowest up: see
/// [`AddressSpace::maps`](super::AddressSpace::maps).
#[derive(Debug)]
pub struct Maps<'buf> {
    lines: Lines<'buf>,
    /// Where the last line is.
    last: Range<usize>,
}

impl<'buf> Maps<'buf> {
    /// Reads what is in a file, such as a copy of /proc/PID/maps, from where it stands.
    ///
    /// ```
    /// use baremap::{File, address_space::{Error, Maps}};
    /// let mut buffer = [0; 4096];
    /// let mut maps = Maps::new(File::open(c"/proc/version")?, &mut buffer);
    /// assert_eq!(maps.next_mapping(), Err(Error::Malformed { line: 1 }));
    /// assert_eq!(maps.next_mapping(), Ok(None));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub fn new(file: File, buffer: &'buf mut [u8]) -> Self {
        Self { lines: Lines::new(file, buffer), last: 0..0 }
    }

    /// The next mapping; `None` after the last.
    ///
    /// # Errors
    ///
    /// See [`Error`]. One line's error is not the next one's.
    pub fn next_mapping(&mut self) -> Result<Option<Mapping<'_>>, Error> {
        let Some(line) = self.lines.next()? else {
            return Ok(None);
        };
        self.last = line.clone();
        let malformed = Error::Malformed { line: self.lines.number() };
        parse::mapping(self.lines.get(line)).map(Some).ok_or(malformed)
    }

    /// The mapping that was last returned, for as long as the buffer is there.
    pub(super) fn into_last(self) -> Option<Mapping<'buf>> {
        parse::mapping(self.lines.into_bytes(self.last))
    }
}
