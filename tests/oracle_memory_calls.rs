//! The calls about memory do the same as those of `sc`: see oracle_calls.rs.

mod common;
mod hosted;
mod oracle;

use std::ptr::null_mut;

use baremap::sys::{RawFd, mm, page_size};
use baremap::{Errno, File, MapFlags, MsyncFlags, Prot, Result};
use common::Folder;
use hosted::{open, raw, wrong_under_emulation};
use oracle::{NOT_OPEN, none, pipe, same, theirs};

const PRIVATE: MapFlags = MapFlags::PRIVATE.union(MapFlags::ANONYMOUS);
const BOTH: Prot = Prot::READ.union(Prot::WRITE);

/// A file of three pages, each filled with a letter of its own.
fn three_pages(folder: &Folder) -> File {
    let content: Vec<u8> = b"abc".iter().flat_map(|&letter| vec![letter; page_size()]).collect();
    open(&folder.file("pages", &content))
}

/// Pages of no file, by us.
fn pages(count: usize) -> *mut u8 {
    // SAFETY: a new mapping replaces nothing.
    unsafe { mm::mmap(null_mut(), count * page_size(), BOTH, PRIVATE, NOT_OPEN, 0) }.unwrap()
}

fn unmap(start: *mut u8, count: usize) {
    // SAFETY: it is the test's own, which is done with it.
    unsafe { mm::munmap(start, count * page_size()) }.unwrap();
}

#[test]
fn mmap_is_the_same() {
    let folder = Folder::new();
    let file = three_pages(&folder);
    let (fd, page, shared) = (raw(&file), page_size(), MapFlags::SHARED);
    // Each of the six arguments has its effect: address, length, protection,
    // flags, descriptor, offset.
    let place = pages(4);
    let [a, b] = [place, place.wrapping_add(2 * page)];
    let fixed = shared | MapFlags::FIXED;
    // SAFETY: what it replaces is this test's own, and in no other use.
    let ours = unsafe { mm::mmap(a, 2 * page, Prot::READ, fixed, fd, page as u64) };
    assert_eq!(ours, Ok(a));
    assert_eq!(theirs!(MMAP, b, 2 * page, Prot::READ.bits(), fixed.bits(), fd, page), Ok(b.addr()));
    for start in [a, b] {
        // SAFETY: two pages of the file are mapped there.
        let seen = unsafe { std::slice::from_raw_parts(start, 2 * page) };
        assert!(
            seen[..page].iter().all(|&byte| byte == b'b') && seen[page..].iter().all(|&byte| byte == b'c')
        );
    }
    unmap(place, 4);
}

#[test]
fn mmap_is_refused_the_same() {
    let folder = Folder::new();
    let file = three_pages(&folder);
    let [reader, _writer] = pipe();
    let (fd, page, shared) = (raw(&file), page_size(), MapFlags::SHARED);
    let half = page as u64 / 2;
    let cases: [(usize, MapFlags, RawFd, u64, Errno); 6] = [
        (0, shared, fd, 0, Errno::EINVAL),
        (page, shared, fd, half, Errno::EINVAL),
        (page, MapFlags::empty(), fd, 0, Errno::EINVAL),
        (page, shared, NOT_OPEN, 0, Errno::EBADF),
        (page, shared, reader.as_raw_fd(), 0, Errno::ENODEV),
        (usize::MAX - page, PRIVATE, NOT_OPEN, 0, Errno::ENOMEM),
    ];
    for (length, flags, fd, offset, errno) in cases {
        // SAFETY: a new mapping replaces nothing, and none is made.
        let ours = unsafe { mm::mmap(null_mut(), length, Prot::READ, flags, fd, offset) };
        let ours = ours.map(|start| start.addr());
        let theirs = theirs!(MMAP, 0, length, Prot::READ.bits(), flags.bits(), fd, offset);
        assert_eq!(ours, theirs);
        if errno != Errno::EBADF || !wrong_under_emulation("mmap of a descriptor that is not open") {
            same(ours, theirs, Err(errno));
        }
    }
}

#[test]
fn munmap_is_the_same() {
    let page = page_size();
    let [a, b] = [pages(1), pages(1)];
    // One byte takes the page with it.
    // SAFETY: it is this test's own, and in no other use.
    same(unsafe { mm::munmap(a, 1) }.map(none), theirs!(MUNMAP, b, 1), Ok(0));
    let c = pages(1);
    let cases: [(*mut u8, usize, Result<usize>); 3] = [
        (c, 0, Err(Errno::EINVAL)),
        (c.wrapping_add(1), page, Err(Errno::EINVAL)),
        (c, usize::MAX - page, Err(Errno::EINVAL)),
    ];
    for (start, length, expected) in cases {
        // SAFETY: the kernel refuses each, so nothing is unmapped.
        let ours = unsafe { mm::munmap(start, length) };
        same(ours.map(none), theirs!(MUNMAP, start, length), expected);
    }
    unmap(c, 1);
}

#[test]
fn mprotect_is_the_same() {
    let page = page_size();
    let start = pages(2);
    let folder = Folder::new();
    let file = three_pages(&folder);
    // SAFETY: its bytes are in no use.
    let ours = unsafe { mm::mprotect(start, page, Prot::READ) };
    same(ours.map(none), theirs!(MPROTECT, start.wrapping_add(page), page, Prot::READ.bits()), Ok(0));
    // The kernel cannot write to either page now.
    for place in [start, start.wrapping_add(page)] {
        assert_eq!(theirs!(PREAD64, raw(&file), place, 1, 0), Err(Errno::EFAULT));
    }
    // SAFETY: as above.
    assert_eq!(unsafe { mm::mprotect(start, page, BOTH) }, Ok(()));
    assert_eq!(theirs!(PREAD64, raw(&file), start, 1, 0), Ok(1));

    // Nothing is mapped at address 0.
    for (place, errno) in [(start.wrapping_add(1), Errno::EINVAL), (null_mut(), Errno::ENOMEM)] {
        // SAFETY: the kernel refuses it, so nothing changes.
        let ours = unsafe { mm::mprotect(place, page, Prot::READ) };
        same(ours.map(none), theirs!(MPROTECT, place, page, Prot::READ.bits()), Err(errno));
    }
    unmap(start, 2);
}

#[test]
fn msync_is_the_same() {
    let folder = Folder::new();
    let file = three_pages(&folder);
    let page = page_size();
    // SAFETY: a new mapping replaces nothing.
    let start = unsafe { mm::mmap(null_mut(), page, BOTH, MapFlags::SHARED, raw(&file), 0) }.unwrap();
    let both = MsyncFlags::SYNC | MsyncFlags::ASYNC;
    let unknown = MsyncFlags::from_bits_retain(1 << 20);
    for (place, flags, expected) in [
        (start, MsyncFlags::SYNC, Ok(0)),
        (start, MsyncFlags::ASYNC, Ok(0)),
        (start, MsyncFlags::SYNC | MsyncFlags::INVALIDATE, Ok(0)),
        (start, both, Err(Errno::EINVAL)),
        (start, unknown, Err(Errno::EINVAL)),
        (start.wrapping_add(1), MsyncFlags::SYNC, Err(Errno::EINVAL)),
        (null_mut(), MsyncFlags::SYNC, Err(Errno::ENOMEM)),
    ] {
        let ours = mm::msync(place, page, flags).map(none);
        same(ours, theirs!(MSYNC, place, page, flags.bits()), expected);
    }
    unmap(start, 1);
}
