//! The model: maps as lists of pages, files as vectors of bytes, each rule of the
//! kernel as a loop over pages, in the kernel's own order where it stops at the
//! first page that it refuses.

use std::ops::{Bound, Range};

use baremap::{Errno, Result};

use super::held::Bounds;

pub const READ: u8 = 1;
pub const WRITE: u8 = 2;
pub const EXEC: u8 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    No,
    OnFault,
    Now,
}

/// A page, or huge page.
#[derive(Clone, Debug)]
pub struct Page {
    pub rights: u8,
    pub shared: bool,
    /// Whether the file was open for it.
    pub may_write: bool,
    /// Which file, and the byte of it that the page starts at.
    pub origin: Option<(usize, usize)>,
    /// What it holds, unless that is the file's, or zeros of nobody's.
    pub own: Option<Vec<u8>>,
    pub lock: Lock,
    /// A guard of the kind that is no right.
    pub guard: bool,
}

impl Page {
    /// A page of no file, to read and write.
    pub const fn anonymous() -> Self {
        Self {
            rights: READ | WRITE,
            shared: false,
            may_write: true,
            origin: None,
            own: None,
            lock: Lock::No,
            guard: false,
        }
    }

    pub const fn is_readable(&self) -> bool {
        self.rights & READ != 0 && !self.guard
    }

    pub const fn is_writable(&self) -> bool {
        self.rights & WRITE != 0 && !self.guard
    }

    /// What the kernel does that would have memory there for any use: a private
    /// page that can be written to is copied.
    pub fn populate(&mut self, files: &[Vec<u8>], unit: usize) {
        if !self.shared && self.is_writable() {
            self.own(files, unit);
        }
    }

    fn own(&mut self, files: &[Vec<u8>], unit: usize) -> &mut Vec<u8> {
        let origin = self.origin;
        self.own.get_or_insert_with(|| {
            let mut bytes = vec![0; unit];
            if let Some((file, at)) = origin {
                let rest = &files[file][at..];
                let length = rest.len().min(unit);
                bytes[..length].copy_from_slice(&rest[..length]);
            }
            bytes
        })
    }

    fn write(&mut self, files: &mut [Vec<u8>], unit: usize, at: usize, byte: u8) {
        match self.origin {
            Some((file, start)) if self.shared => files[file][start + at] = byte,
            _ => self.own(files, unit)[at] = byte,
        }
    }
}

/// A map.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// Where the first page is, and how many bytes of it come before the map.
    pub first: usize,
    pub head: usize,
    /// How many bytes the map has.
    pub length: usize,
    /// How many bytes a page has.
    pub unit: usize,
    pub pages: Vec<Page>,
}

impl Mapped {
    pub const fn start(&self) -> usize {
        self.first + self.head
    }

    /// Where the last page ends.
    pub fn end(&self) -> usize {
        self.first + self.pages.len() * self.unit
    }

    /// A range of positions, if it is one and within the map.
    pub fn range(&self, bounds: Bounds) -> Result<Range<usize>> {
        let start = match bounds.0 {
            Bound::Included(start) => start as u128,
            Bound::Excluded(before) => before as u128 + 1,
            Bound::Unbounded => 0,
        };
        let end = match bounds.1 {
            Bound::Included(last) => last as u128 + 1,
            Bound::Excluded(end) => end as u128,
            Bound::Unbounded => self.length as u128,
        };
        if start > end || end > self.length as u128 {
            return Err(Errno::EINVAL);
        }
        Ok(start as usize..end as usize)
    }

    /// The bytes of the map that a page has.
    pub fn bytes_of(&self, page: usize) -> Range<usize> {
        let start = (page * self.unit).saturating_sub(self.head);
        let end = ((page + 1) * self.unit).saturating_sub(self.head);
        start.min(self.length)..end.min(self.length)
    }

    /// The pages that have a byte of the range.
    pub fn covering(&self, range: &Range<usize>) -> Vec<usize> {
        let has = |page: &usize| {
            let bytes = self.bytes_of(*page);
            bytes.start.max(range.start) < bytes.end.min(range.end)
        };
        (0..self.pages.len()).filter(has).collect()
    }

    /// The pages that have no byte outside of the range, be it of the map or not.
    pub fn within(&self, range: &Range<usize>) -> Vec<usize> {
        let is = |page: &usize| {
            let start = page * self.unit;
            start >= self.head + range.start && start + self.unit <= self.head + range.end
        };
        (0..self.pages.len()).filter(is).collect()
    }

    pub fn write(&mut self, files: &mut [Vec<u8>], at: usize, byte: u8) {
        let place = self.head + at;
        self.pages[place / self.unit].write(files, self.unit, place % self.unit, byte);
    }

    /// How many bytes the map can have without passing the end of its file.
    pub fn most(&self, files: &[Vec<u8>], otherwise: usize) -> usize {
        match self.pages.last().and_then(|page| page.origin) {
            Some((file, at)) => (self.pages.len() - 1) * self.unit + files[file].len() - at - self.head,
            None => otherwise,
        }
    }

    /// mprotect(2), of the pages from one on.
    pub fn protect(&mut self, pages: Range<usize>, rights: u8, files: &[Vec<u8>]) -> Result<()> {
        for page in &mut self.pages[pages] {
            if page.shared && !page.may_write && rights & WRITE != 0 {
                return Err(Errno::EACCES);
            }
            let becomes_writable = page.rights & WRITE == 0 && rights & WRITE != 0;
            page.rights = rights;
            // The kernel saves a locked page the fault.
            if becomes_writable && page.lock == Lock::Now {
                page.populate(files, self.unit);
            }
        }
        Ok(())
    }

    /// mlock(2). What cannot be populated is locked all the same. Huge pages never
    /// are, and so are populated whatever `lock` is.
    pub fn lock(&mut self, pages: &[usize], lock: Lock, files: &[Vec<u8>], huge: bool) -> Result<()> {
        for &page in pages {
            self.pages[page].lock = if huge { Lock::No } else { lock };
        }
        if lock == Lock::Now || huge {
            return self
                .populate(pages, files, |page| page.rights != 0 && !page.guard)
                .map_err(|()| Errno::ENOMEM);
        }
        Ok(())
    }

    /// Populates pages up to the first that is not `good`.
    pub fn populate(
        &mut self,
        pages: &[usize],
        files: &[Vec<u8>],
        good: impl Fn(&Page) -> bool,
    ) -> std::result::Result<(), ()> {
        for &page in pages {
            let page = &mut self.pages[page];
            if !good(page) {
                return Err(());
            }
            page.populate(files, self.unit);
        }
        Ok(())
    }

    /// MADV_DONTNEED.
    pub fn forget(&mut self, pages: &[usize], locked_too: bool) -> Result<()> {
        for &page in pages {
            let page = &mut self.pages[page];
            if page.lock != Lock::No && !locked_too {
                return Err(Errno::EINVAL);
            }
            page.own = None;
        }
        Ok(())
    }

    /// MADV_REMOVE.
    pub fn remove(&self, pages: &[usize], files: &mut [Vec<u8>]) -> std::result::Result<(), ()> {
        // Since then who could write may, before, who can.
        let could = crate::memory::since(6, 7);
        for &page in pages {
            let page = &self.pages[page];
            let may = page.shared && if could { page.may_write } else { page.rights & WRITE != 0 };
            let (true, Some((file, at)), Lock::No) = (may, page.origin, page.lock) else { return Err(()) };
            let end = files[file].len().min(at + self.unit);
            files[file][at..end].fill(0);
        }
        Ok(())
    }

    /// Takes the pages and bytes from a position on off, which is where one starts.
    pub fn split_off(&mut self, at: usize) -> Self {
        let pages = self.pages.split_off((self.head + at) / self.unit);
        let second = Self { first: self.end(), head: 0, length: self.length - at, unit: self.unit, pages };
        self.length = at;
        second
    }

    /// Makes it so long; new pages are like the last one.
    pub fn resize(&mut self, length: usize, files: &[Vec<u8>]) {
        let count = (self.head + length).div_ceil(self.unit);
        self.pages.truncate(count);
        while self.pages.len() < count {
            let last = self.pages.last().expect("a map that is resized has a page");
            let origin = last.origin.map(|(file, at)| (file, at + self.unit));
            let mut page = Page { origin, own: None, guard: false, ..last.clone() };
            if page.lock == Lock::Now {
                page.populate(files, self.unit);
            }
            self.pages.push(page);
        }
        self.length = length;
    }
}
