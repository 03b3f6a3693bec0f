//! Memory of the tests' own, and what the kernel says about it.

#![allow(dead_code, reason = "each test file uses a part")]

use std::fmt::Debug;
use std::ptr::null_mut;

use baremap::sys::{RawFd, mm, page_size};
use baremap::{Errno, MapFlags, Prot, Result};

use crate::hosted::wrong_under_emulation;
use crate::oracle::{NOT_OPEN, pipe, same, theirs};

pub const PRIVATE: MapFlags = MapFlags::PRIVATE.union(MapFlags::ANONYMOUS);
pub const SHARED: MapFlags = MapFlags::SHARED.union(MapFlags::ANONYMOUS);
pub const BOTH: Prot = Prot::READ.union(Prot::WRITE);

/// A new mapping of so many pages.
pub fn map(count: usize, flags: MapFlags, fd: RawFd) -> *mut u8 {
    // SAFETY: a new mapping replaces nothing.
    unsafe { mm::mmap(null_mut(), count * page_size(), BOTH, flags, fd, 0) }.expect("a mapping")
}

/// Pages of no file.
pub fn pages(count: usize) -> *mut u8 {
    map(count, PRIVATE, NOT_OPEN)
}

pub fn unmap(start: *mut u8, count: usize) {
    // SAFETY: it is the test's own, which is done with it.
    unsafe { mm::munmap(start, count * page_size()) }.expect("whole pages");
}

pub fn put(place: *mut u8, byte: u8) {
    // SAFETY: it is the test's own, mapped and writable.
    unsafe { place.write_volatile(byte) };
}

pub fn get(place: *mut u8) -> u8 {
    // SAFETY: it is the test's own, mapped and readable.
    unsafe { place.read_volatile() }
}

/// An address as the kernel gives it.
pub fn address(start: *mut u8) -> usize {
    start.addr()
}

/// As `same`; of qemu-user only that both get one answer.
#[track_caller]
pub fn same_on_kernels(what: &str, ours: Result<usize>, theirs: Result<usize>, expected: Result<usize>) {
    assert_eq!(ours, theirs, "{what}");
    if ours != expected && wrong_under_emulation(what) {
        return;
    }
    same(ours, theirs, expected);
}

/// Whether the kernel is at least of this version.
pub fn since(major: u32, minor: u32) -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").expect("/proc is mounted");
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map_while(|part| part.parse().ok());
    (numbers.next().expect("a version"), numbers.next().expect("a version")) >= (major, minor)
}

/// What a call has given that Linux has since this version; `None` where it is
/// missing, and then an older kernel must have answered it by `before`.
#[track_caller]
pub fn newer<T: Debug>(what: &str, since: (u32, u32), answer: Result<T>, before: Errno) -> Option<T> {
    let expected = self::since(since.0, since.1);
    match answer {
        Ok(value) => {
            assert!(expected, "{what} before Linux {since:?}: {value:?}");
            Some(value)
        }
        Err(errno) => {
            let old = !expected && errno == before;
            assert!(old || wrong_under_emulation(what), "{what}: {errno:?}");
            None
        }
    }
}

/// What the kernel finds when it reads a byte there, for a pipe: a signal it
/// would not get.
pub fn read_by_kernel(place: *mut u8) -> Result<usize> {
    let [_reader, writer] = pipe();
    theirs!(WRITE, writer.as_raw_fd(), place, 1)
}

/// Whether the mapping that holds `place` has the flag, one of the two-letter
/// names that proc_pid_smaps(5) lists.
pub fn has(place: *mut u8, flag: &str) -> bool {
    let smaps = std::fs::read_to_string("/proc/self/smaps").expect("/proc is mounted");
    let mut inside = false;
    for line in smaps.lines() {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let number = |text| usize::from_str_radix(text, 16).ok();
        if let Some((Some(start), Some(end))) = range.map(|(start, end)| (number(start), number(end))) {
            inside = (start..end).contains(&place.addr());
        } else if inside && line.starts_with("VmFlags:") {
            return line.split(' ').any(|word| word == flag);
        }
    }
    panic!("{place:?} has no flags in /proc/self/smaps");
}
