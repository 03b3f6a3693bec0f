//! The figures that the kernel has of a process's memory, and the states of its pages.

mod common;
mod hosted;
mod waiting;

use std::os::unix::ffi::OsStrExt;

use baremap::address_space::{AddressSpace, Name, PageState, Usage};
use baremap::sys::page_size;
use baremap::{MapAnon, MapMut, MapOptions};
use common::Folder;
use hosted::{open, wrong_under_emulation};
use waiting::Waiting;

#[test]
fn figures_tell_what_a_store_does_to_a_private_map() {
    if wrong_under_emulation("/proc/self/smaps") {
        return;
    }
    let (page, folder) = (page_size() as u64, Folder::new());
    let path = folder.file("pages", &vec![1; 4 * page_size()]);
    // SAFETY: nobody changes the file.
    let mut map = unsafe { MapOptions::new().map_copy(&open(&path)) }.unwrap();
    let figures = |map: &MapMut| {
        let mut buffer = [0; 8192];
        let mut smaps = AddressSpace::own().smaps(&mut buffer).unwrap();
        while let Some((mapping, usage)) = smaps.next_mapping().unwrap() {
            if mapping.range().contains(&map.as_ptr().addr()) {
                let Name::File(name) = mapping.name else { panic!("{mapping:?}") };
                assert!(name.bytes().eq(path.as_os_str().as_bytes().iter().copied()));
                return usage;
            }
        }
        panic!("it is not mapped");
    };
    let before = figures(&map);
    assert_eq!((before.size, before.rss, before.page_size), (4 * page, 0, page));
    assert_eq!(map.iter().filter(|byte| **byte == 1).count(), 4 * page_size());
    let read = figures(&map);
    assert_eq!((read.rss, read.pss, read.anonymous), (4 * page, 4 * page, 0));
    map[page_size()] = 2;
    let stored = figures(&map);
    assert_eq!((stored.rss, stored.anonymous), (4 * page, page));
    // What was written to the file may not be on the disk yet.
    assert!(stored.private_dirty >= page && stored.private_dirty + stored.private_clean == 4 * page);
    map.lock().unwrap();
    assert_eq!(figures(&map).locked, 4 * page);
}

#[test]
fn the_sum_over_a_process_is_what_the_kernel_sums_up() {
    if wrong_under_emulation("/proc/PID/smaps, which is the emulator's") {
        return;
    }
    let process = Waiting::new();
    for size in [400, 401, 512, 4096, 1 << 16] {
        let mut buffer = vec![0; size];
        let mut smaps = AddressSpace::of(process.pid()).smaps(&mut buffer).unwrap();
        let (mut sum, mut count) = (Usage::default(), 0);
        while let Some((mapping, usage)) = smaps.next_mapping().unwrap() {
            assert_eq!(usage.size, mapping.range().len() as u64);
            sum.rss += usage.rss;
            sum.private_dirty += usage.private_dirty;
            sum.private_clean += usage.private_clean;
            sum.shared_clean += usage.shared_clean;
            sum.shared_dirty += usage.shared_dirty;
            sum.anonymous += usage.anonymous;
            count += 1;
        }
        let text = std::fs::read_to_string(format!("/proc/{}/maps", process.pid())).unwrap();
        assert_eq!(count, text.lines().count());
        let told = AddressSpace::of(process.pid()).usage().unwrap();
        assert_eq!((told.rss, told.anonymous), (sum.rss, sum.anonymous));
        // Whose pages are shared may change meanwhile, and which of them are written back.
        let all = |usage: Usage| {
            usage.private_dirty + usage.private_clean + usage.shared_clean + usage.shared_dirty
        };
        assert_eq!((all(told), all(sum)), (told.rss, told.rss));
        assert!(told.rss > 0);
    }
}

#[test]
fn pages_are_told_that_are_there_and_whose_they_are() {
    if wrong_under_emulation("/proc/self/pagemap") {
        return;
    }
    let page = page_size();
    let mut map = MapAnon::new(200 * page).unwrap();
    // SAFETY: the map is of ordinary pages.
    let _ = unsafe { libc::madvise(map.as_mut_ptr().cast(), 200 * page, libc::MADV_NOHUGEPAGE) };
    let there = [0, 1, 63, 64, 65, 199];
    there.iter().for_each(|number| map[number * page] = 1);
    let mut pages = [PageState::default(); 200];
    assert_eq!(AddressSpace::own().pages(map.as_ptr().addr() + 1, &mut pages), Ok(200));
    for (number, state) in pages.iter().enumerate() {
        assert_eq!(state.is_present(), there.contains(&number), "{number}");
        assert_eq!(state.is_exclusive(), there.contains(&number), "{number}");
        assert!(!state.is_of_file() && !state.is_swapped());
        assert_eq!(state.frame().is_some(), there.contains(&number) && hosted::is_root());
    }
    assert_eq!(AddressSpace::own().pages(usize::MAX, &mut pages), Ok(0));
    assert_eq!(AddressSpace::own().pages(0, &mut []), Ok(0));
}
