//! What is mapped costs what the kernel asks for it, and no more: page faults where
//! it is touched, and nothing where it is not.

use std::fs;
use std::ptr::null_mut;

use baremap::memfd::Memfd;
use baremap::sys::page_size;
use baremap::{Map, MapAnon, MapOptions, Reservation};

const PAGES: usize = 1000;

/// The page faults of this thread so far that no disk was read for.
fn faults() -> i64 {
    // SAFETY: zeros are a `rusage`.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: it is filled for this thread.
    assert_eq!(unsafe { libc::getrusage(libc::RUSAGE_THREAD, &mut usage) }, 0);
    usage.ru_minflt
}

/// How many faults it takes to read a byte of each page.
fn touching(start: *const u8) -> i64 {
    let before = faults();
    for page in 0..PAGES {
        let byte = start.wrapping_add(page * page_size());
        // SAFETY: so many pages are mapped there.
        unsafe { byte.read_volatile() };
    }
    faults() - before
}

/// The same of memory that is mapped by hand.
fn touching_by_hand(flags: i32, fd: i32) -> i64 {
    let length = PAGES * page_size();
    // SAFETY: the kernel chooses where.
    let start = unsafe { libc::mmap(null_mut(), length, libc::PROT_READ, flags, fd, 0) };
    assert_ne!(start, libc::MAP_FAILED);
    let faults = touching(start.cast());
    // SAFETY: it was mapped above.
    unsafe { libc::munmap(start, length) };
    faults
}

/// qemu-user has faults of its own.
fn emulated() -> bool {
    std::env::var_os("BAREMAP_EMULATED").is_some()
}

#[test]
fn a_touched_page_costs_no_fault_more_than_by_hand() {
    if emulated() {
        return;
    }
    let length = PAGES * page_size();
    let memory = MapAnon::new(length).unwrap();
    let ours = touching(memory.as_ptr());
    let by_hand = touching_by_hand(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1);
    assert!(ours <= by_hand.max(PAGES as i64), "{ours}, by hand {by_hand}");

    let file = Memfd::new(c"costs").unwrap();
    file.write_all_at(&vec![1; length], 0).unwrap();
    let fd = baremap::AsFd::as_fd(&*file).as_raw_fd();
    // SAFETY: nobody else knows the file.
    let map = unsafe { Map::map(&file) }.unwrap();
    let ours = touching(map.as_ptr());
    let by_hand = touching_by_hand(libc::MAP_SHARED, fd);
    // A fault brings its neighbours, as they lie in memory: at the ends, by chance.
    assert!(ours <= by_hand + 1, "{ours}, by hand {by_hand}");
}

#[test]
fn a_populated_page_costs_no_fault() {
    if emulated() {
        return;
    }
    let memory = MapOptions::new().len(PAGES * page_size()).populate().map_anon().unwrap();
    let faults = touching(memory.as_ptr());
    assert!(faults <= 1, "{faults}");
}

/// A line of /proc/self/status, in KiB.
fn status(name: &str) -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}"));
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_reserved_tebibyte_costs_no_memory() {
    if emulated() {
        return;
    }
    let before = ["VmRSS:", "VmPTE:", "VmData:"].map(status);
    let reservation = Reservation::new(1 << 40).unwrap();
    let after = ["VmRSS:", "VmPTE:", "VmData:"].map(status);
    assert_eq!(reservation.len(), 1 << 40);
    for (before, after) in before.into_iter().zip(after) {
        // The other tests are in this process, too; they have not much.
        assert!(after < before + (64 << 10), "{before} KiB became {after}");
    }
}
