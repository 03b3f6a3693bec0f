//! What the maps of a case are of, and where they lie.

use std::ops::Range;
use std::path::Path;

use baremap::flags::MemfdFlags;
use baremap::sys::{fs, mm, page_size};
use baremap::{AsFd, File, OpenOptions, OwnedFd};

use super::maps::Expected;
use super::naive::{READ, WRITE};
use crate::common::Folder;
use crate::hosted::{c_path, open};
use crate::memory;

/// Bytes that differ from page to page.
pub fn pattern(length: usize, seed: usize) -> Vec<u8> {
    (0..length).map(|index| ((index + seed) % 251) as u8).collect()
}

/// A file, open in two ways, and the name that /proc/self/maps has for it. Memory
/// that is shared with children is a file there, too, which nobody can open.
pub struct Store {
    pub name: String,
    pub writable: Option<OwnedFd>,
    pub readable: Option<File>,
}

impl Store {
    pub const SHARED: &str = "/dev/zero (deleted)";

    pub fn in_a_folder(folder: &Folder, content: &[u8]) -> Self {
        let path = folder.file("of the model", content);
        let name = path.to_str().expect("a name in UTF-8").to_owned();
        let readable = File::open(&c_path(&path)).expect("the test's own file");
        Self { name, writable: Some(open(&path).into()), readable: Some(readable) }
    }

    pub fn in_memory(content: &[u8], flags: MemfdFlags) -> baremap::Result<Self> {
        let fd = mm::memfd_create(c"of the model", flags | MemfdFlags::CLOEXEC)?;
        // SAFETY: it is new.
        let writable = unsafe { OwnedFd::from_raw_fd(fd) };
        if flags.contains(MemfdFlags::HUGETLB) {
            // SAFETY: nothing maps the file yet.
            unsafe { fs::ftruncate(fd, content.len() as i64) }?;
        } else {
            assert_eq!(crate::hosted::write(fd, content), Ok(content.len()));
        }
        let path = c_path(Path::new(&format!("/proc/self/fd/{fd}")));
        let readable = OpenOptions::new().read().open(&path)?;
        Ok(Self {
            name: "/memfd:of the model (deleted)".into(),
            writable: Some(writable),
            readable: Some(readable),
        })
    }

    pub fn shared() -> Self {
        Self { name: Self::SHARED.into(), writable: None, readable: None }
    }

    /// What is in the file, as far as it can be read.
    pub fn content(&self, length: usize) -> Option<Vec<u8>> {
        let fd = self.readable.as_ref()?.as_fd().as_raw_fd();
        let mut bytes = vec![0; length + 1];
        let read = fs::pread64(fd, &mut bytes, 0).expect("the test's own file");
        bytes.truncate(read);
        Some(bytes)
    }
}

/// Pages with a pattern, and holes between them for the maps: whatever is done to
/// a map must not be seen on its neighbours. The holes are too small for what an
/// allocator maps.
pub struct Arena {
    start: *mut u8,
    guards: Vec<Vec<u8>>,
}

impl Arena {
    const HOLES: usize = 6;
    /// Pages of a hole, and of a hole with the guard before it.
    pub const HOLE: usize = 7;
    const STEP: usize = Self::HOLE + 1;
    const PAGES: usize = Self::HOLES * Self::STEP + 1;

    pub fn new() -> Self {
        let page = page_size();
        let start = memory::pages(Self::PAGES);
        let mut guards = Vec::new();
        for number in 0..=Self::HOLES {
            let guard = start.wrapping_add(number * Self::STEP * page);
            let bytes = pattern(page, number + 1);
            // SAFETY: the page was mapped just now, and is the test's own.
            unsafe { guard.copy_from_nonoverlapping(bytes.as_ptr(), page) };
            guards.push(bytes);
            if number < Self::HOLES {
                memory::unmap(guard.wrapping_add(page), Self::HOLE);
            }
        }
        Self { start, guards }
    }

    pub fn range(&self) -> Range<usize> {
        self.start.addr()..self.start.addr() + Self::PAGES * page_size()
    }

    /// The address of a page in it, which is a guard's now and then.
    pub fn page(&self, number: usize) -> usize {
        self.start.addr() + number % Self::PAGES * page_size()
    }

    pub fn guards(&self) -> impl Iterator<Item = usize> {
        (0..=Self::HOLES).map(|number| self.page(number * Self::STEP))
    }

    pub fn expected(&self) -> impl Iterator<Item = Expected> {
        self.guards().map(|start| Expected {
            range: start..start + page_size(),
            rights: READ | WRITE,
            shared: false,
            file: None,
        })
    }

    pub fn check(&self) {
        for (start, bytes) in self.guards().zip(&self.guards) {
            // SAFETY: the guard is mapped as long as this lives, or the test has
            // found that it is not; nobody writes to it meanwhile.
            let found = unsafe { std::slice::from_raw_parts(self.start.with_addr(start), bytes.len()) };
            assert!(found == bytes, "the neighbour at {start:#x} was written to");
        }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        memory::unmap(self.start, Self::PAGES);
    }
}
