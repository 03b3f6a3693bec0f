//! Pages that a call is about, and files to map.

use std::ffi::CString;
use std::ptr::null_mut;

use baremap::flags::MemfdFlags;
use baremap::sys::{RawFd, fs, mm, page_size};
use baremap::{Errno, MapFlags, Mode, OpenFlags, OwnedFd, Prot, Result};

use crate::calls::in_child_answer;
use crate::memory::{PRIVATE, map, unmap};
use crate::oracle::{NOT_OPEN, number, owned};

/// Makes mappings until the process, a child, has as many as it may have.
pub fn have_all_mappings() -> Result<()> {
    // Those of one kind would become one.
    for prot in [Prot::READ, Prot::NONE].into_iter().cycle() {
        // SAFETY: a new mapping replaces nothing.
        match unsafe { mm::mmap(null_mut(), page_size(), prot, PRIVATE, NOT_OPEN, 0) } {
            Err(Errno::ENOMEM) => return Ok(()),
            made => made?,
        };
    }
    Ok(())
}

/// The answer of a call about so many new pages of no file.
pub fn with_pages(count: usize, act: impl FnOnce(*mut u8) -> Result<()>) -> Result<()> {
    with_mapping(count, PRIVATE, NOT_OPEN, act)
}

/// The answer of a call about a new mapping of so many pages.
pub fn with_mapping(
    count: usize,
    kind: MapFlags,
    fd: RawFd,
    act: impl FnOnce(*mut u8) -> Result<()>,
) -> Result<()> {
    let start = map(count, kind, fd);
    let answer = act(start);
    unmap(start, count);
    answer
}

/// The answer of a call in a child, which has all the mappings it may have, about
/// the second of three pages: it would have to become a mapping of its own.
pub fn with_all_mappings(act: impl FnOnce(*mut u8) -> Result<()>) -> Result<()> {
    with_pages(3, |start| {
        in_child_answer(|| {
            have_all_mappings()?;
            act(start.wrapping_add(page_size()))
        })
    })
}

/// The answer of a call in a child about one page that can no more be changed.
pub fn with_sealed_page(act: impl FnOnce(*mut u8) -> Result<()>) -> Result<()> {
    with_pages(1, |start| {
        in_child_answer(|| {
            // SAFETY: nobody writes to it.
            unsafe { mm::mprotect(start, page_size(), Prot::READ) }?;
            mm::mseal(start, page_size())?;
            act(start)
        })
    })
}

/// The last page that an address could have.
pub fn last_page() -> *mut u8 {
    std::ptr::without_provenance_mut(usize::MAX - page_size() + 1)
}

/// A file in memory of so many pages, which may be sealed.
pub fn file_in_memory(count: usize) -> OwnedFd {
    let fd = owned(mm::memfd_create(c"file", MemfdFlags::ALLOW_SEALING).map(number));
    // SAFETY: nobody was promised that it stays as it is.
    unsafe { fs::ftruncate(fd.as_raw_fd(), (count * page_size()) as i64) }.expect("a length");
    fd
}

/// One page of a file in memory, opened anew like this.
pub fn opened(flags: OpenFlags) -> OwnedFd {
    let file = file_in_memory(1);
    let path = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd())).expect("no NUL");
    owned(fs::open(&path, flags, Mode::empty()).map(number))
}

/// The answer of a call about a page of a file that is open for reading, shared.
pub fn with_read_only_page(act: impl FnOnce(*mut u8) -> Result<()>) -> Result<()> {
    let (file, shared) = (opened(OpenFlags::RDONLY), MapFlags::SHARED);
    // SAFETY: a new mapping replaces nothing.
    let start = unsafe { mm::mmap(null_mut(), page_size(), Prot::READ, shared, file.as_raw_fd(), 0) }?;
    let answer = act(start);
    unmap(start, 1);
    answer
}
