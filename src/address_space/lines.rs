//! A file's lines, through a buffer of any size.

use core::ops::Range;

use super::error::Error;
use crate::file::File;

type Result<T> = core::result::Result<T, Error>;

/// The lines, one after the other. Each is in the buffer until the next is asked for,
/// and a kept one for longer.
///
/// ```text
/// buffer │ kept │ (gap) │ unread │ room │
///        0      kept    start    end
/// ```
#[derive(Debug)]
pub(super) struct Lines<'buf> {
    file: File,
    buffer: &'buf mut [u8],
    kept: usize,
    start: usize,
    end: usize,
    /// The number of the last line.
    number: usize,
    /// Whether the file has no more.
    ended: bool,
}

impl<'buf> Lines<'buf> {
    pub fn new(file: File, buffer: &'buf mut [u8]) -> Self {
        Self { file, buffer, kept: 0, start: 0, end: 0, number: 0, ended: false }
    }

    /// The number of the line that was last returned, from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Where the next line is in the buffer, without its newline; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Range<usize>>> {
        let mut searched = 0;
        loop {
            let unread = self.get(self.start..self.end);
            if let Some(length) = newline(unread, searched) {
                let line = self.start..self.start.saturating_add(length);
                self.start = line.end.saturating_add(1);
                self.number = self.number.saturating_add(1);
                return Ok(Some(line));
            }
            searched = unread.len();
            if self.ended {
                return self.last(searched);
            }
            if self.fill()? == 0 && !self.ended {
                return self.skip();
            }
        }
    }

    /// The first byte of the next line; `None` at the end.
    pub fn peek(&mut self) -> Result<Option<u8>> {
        if self.start == self.end && !self.ended {
            self.fill()?;
        }
        Ok(self.get(self.start..self.end).first().copied())
    }

    /// Keeps the line that was last returned; returns where it is now.
    pub fn keep(&mut self, line: Range<usize>) -> Range<usize> {
        // It lies before what is unread.
        if line.end <= self.start {
            self.kept = line.len();
            move_down(self.buffer, line, 0);
        }
        0..self.kept
    }

    /// Forgets what was kept.
    pub fn forget(&mut self) {
        self.kept = 0;
    }

    pub fn get(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// The bytes of a line, when no further is read.
    pub fn into_bytes(self, line: Range<usize>) -> &'buf [u8] {
        self.buffer.get(line).unwrap_or_default()
    }

    /// The end: every line has a newline, or it was cut.
    fn last(&mut self, unread: usize) -> Result<Option<Range<usize>>> {
        self.start = self.end;
        if unread == 0 {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        Err(Error::Malformed { line: self.number })
    }

    /// Makes room and reads more; returns how much, 0 too where there is no room.
    fn fill(&mut self) -> Result<usize> {
        if self.start > self.kept {
            move_down(self.buffer, self.start..self.end, self.kept);
            self.end = self.end.saturating_sub(self.start).saturating_add(self.kept);
            self.start = self.kept;
        }
        let Some(room) = self.buffer.get_mut(self.end..).filter(|room| !room.is_empty()) else {
            return Ok(0);
        };
        let read = self.file.read(room).inspect_err(|_| {
            self.start = self.end;
            self.ended = true;
        })?;
        self.end = self.end.saturating_add(read);
        self.ended = read == 0;
        Ok(read)
    }

    /// Passes over a line that is longer than the buffer.
    fn skip(&mut self) -> Result<Option<Range<usize>>> {
        self.number = self.number.saturating_add(1);
        let error = Error::TooLong { line: self.number };
        self.kept = 0;
        // Without any room, there is no end to find.
        self.ended |= self.buffer.is_empty();
        while !self.ended {
            self.start = self.end;
            self.fill()?;
            if let Some(length) = newline(self.get(self.start..self.end), 0) {
                self.start = self.start.saturating_add(length).saturating_add(1);
                return Err(error);
            }
        }
        self.start = self.end;
        Err(error)
    }
}

/// Where the first newline is, when there is none in the first bytes.
fn newline(bytes: &[u8], searched: usize) -> Option<usize> {
    let rest = bytes.get(searched..)?;
    rest.iter().position(|&byte| byte == b'\n').map(|place| place.saturating_add(searched))
}

/// Moves bytes down to where `to` is.
fn move_down(buffer: &mut [u8], from: Range<usize>, to: usize) {
    let way = from.start.saturating_sub(to);
    // The checks are what `copy_within` would panic of.
    if let Some(part) = buffer.get_mut(to..from.end).filter(|part| way <= part.len()) {
        part.copy_within(way.., 0);
    }
}
