//! /proc/PID/smaps, mapping by mapping.

use super::error::Error;
use super::lines::Lines;
use super::{Mapping, Usage, parse};
use crate::file::File;

/// The mappings of a process with what of each is in memory: see
/// [`AddressSpace::smaps`](super::AddressSpace::smaps).
#[derive(Debug)]
pub struct Smaps<'buf> {
    lines: Lines<'buf>,
    /// Whether an error has come before the last figure of its mapping.
    torn: bool,
}

impl<'buf> Smaps<'buf> {
    /// Reads what is in a file, such as a copy of /proc/PID/smaps, from where it stands.
    pub fn new(file: File, buffer: &'buf mut [u8]) -> Self {
        Self { lines: Lines::new(file, buffer), torn: false }
    }

    /// The next mapping and its figures; `None` after the last. Of what the kernel has
    /// no figure of, there is 0.
    ///
    /// # Errors
    ///
    /// See [`Error`]. After one, this goes on with the next mapping.
    pub fn next_mapping(&mut self) -> Result<Option<(Mapping<'_>, Usage)>, Error> {
        self.lines.forget();
        while self.torn && self.at_figure()? {
            self.lines.next()?;
        }
        self.torn = true;
        let Some(header) = self.lines.next()? else {
            self.torn = false;
            return Ok(None);
        };
        parse::mapping(self.lines.get(header.clone())).ok_or(self.malformed())?;
        let header = self.lines.keep(header);
        let mut usage = Usage::default();
        while self.at_figure()? {
            let Some(line) = self.lines.next()? else { break };
            parse::figure(self.lines.get(line))
                .map(|(name, value)| usage.set(name, value))
                .ok_or(self.malformed())?;
        }
        self.torn = false;
        let mapping = parse::mapping(self.lines.get(header)).ok_or(self.malformed())?;
        Ok(Some((mapping, usage)))
    }

    /// Whether the next line is a figure: its name begins with a capital, where a
    /// mapping begins with its address.
    fn at_figure(&mut self) -> Result<bool, Error> {
        Ok(self.lines.peek()?.is_some_and(|byte| byte.is_ascii_uppercase()))
    }

    fn malformed(&self) -> Error {
        Error::Malformed { line: self.lines.number() }
    }
}
