//! From one right to another: what may be done before and after, and that a
//! change that is refused has changed nothing.

mod common;
mod hosted;
mod huge;
mod memory;
mod oracle;

use baremap::map::{Anon, Exec, NoAccess, Write, WriteExec};
use baremap::sys::page_size;
use baremap::sys::process::Signal;
use baremap::{Errno, File, Map, MapAnon, MapOptions, MapRaw, Prot};
use common::Folder;
use hosted::{Filter, c_path, holds, holds_in_child, in_child, open, raw, wrong_under_emulation};
use huge::Pool;
use memory::since;

/// The three rights of the mapping that holds the address, such as `rw-`.
fn rights(place: *const u8) -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let number = |text: &str| usize::from_str_radix(text, 16).unwrap();
    let inside = |line: &&str| {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        (number(start)..number(end)).contains(&place.addr())
    };
    maps.lines().find(inside).expect("mapped").split(' ').nth(1).unwrap()[..3].to_owned()
}

/// A child dies of this touch.
#[track_caller]
fn touched(place: *const u8, signal: Option<Signal>) {
    let status = in_child(|| {
        // SAFETY: the child is there to die of it.
        let _ = unsafe { place.read_volatile() };
        0
    });
    assert_eq!(status.signal(), signal);
}

/// A child dies of this store, which leaves the byte as it is.
#[track_caller]
fn stored(place: *const u8, signal: Option<Signal>) {
    let status = in_child(|| {
        // SAFETY: the child is there to die of it.
        let byte = unsafe { place.read_volatile() };
        // SAFETY: as above.
        unsafe { place.cast_mut().write_volatile(byte) };
        0
    });
    assert_eq!(status.signal(), signal);
}

/// A function that returns its argument and 5.
#[cfg(target_arch = "x86_64")]
const CODE: [u8; 4] = [0x8d, 0x47, 0x05, 0xc3]; // lea eax, [rdi + 5]; ret
#[cfg(target_arch = "aarch64")]
const CODE: [u8; 8] = [0x00, 0x14, 0x00, 0x11, 0xc0, 0x03, 0x5f, 0xd6]; // add w0, w0, #5; ret
#[cfg(target_arch = "riscv64")]
const CODE: [u8; 8] = [0x1b, 0x05, 0x55, 0x00, 0x67, 0x80, 0x00, 0x00]; // addiw a0, a0, 5; ret

#[test]
fn each_right_allows_what_it_says_and_no_more() {
    if wrong_under_emulation("the rights in /proc/self/maps") {
        return;
    }
    let mut map = MapAnon::new(2 * page_size()).unwrap();
    map.fill(1);
    let place = map.as_ptr();
    assert_eq!(rights(place), "rw-");
    let map: Map<_, Anon> = map.make_read_only().unwrap();
    assert_eq!((rights(place), &map[..2]), ("r--".into(), &[1, 1][..]));
    stored(place, Some(Signal::SEGV));
    let map: Map<Exec, Anon> = map.make_exec().unwrap();
    assert_eq!((rights(place), map[0]), ("r-x".into(), 1));
    stored(place, Some(Signal::SEGV));
    let map: MapAnon = map.make_mut().unwrap();
    assert_eq!(rights(place), "rw-");
    stored(place, None);
    // All three only by that name.
    let mut map: Map<WriteExec, Anon> = map.make_exec_mut().unwrap();
    assert_eq!(rights(place), "rwx");
    map[0] = 2;
    let map = map.make_exec().unwrap();
    assert_eq!((rights(place), map.as_ptr(), map.len(), map[0]), ("r-x".into(), place, 2 * page_size(), 2));
    let map = map.make_read_only().unwrap();
    assert_eq!((rights(place), map[0]), ("r--".into(), 2));
}

#[test]
fn what_can_be_run_cannot_be_written_by_its_type() {
    use std::ops::DerefMut;
    static_assertions::assert_not_impl_any!(baremap::MapExec: DerefMut, AsMut<[u8]>);
    static_assertions::assert_not_impl_any!(Map<NoAccess, Anon>: std::ops::Deref);
    static_assertions::assert_impl_all!(Map<WriteExec, Anon>: DerefMut);
}

#[test]
fn a_map_of_a_file_becomes_writable_if_the_file_is() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    // SAFETY: the file is this test's own, here and below.
    let map = unsafe { Map::map(&open(&path)) }.unwrap();
    // SAFETY: no other map lends these bytes.
    let mut map = unsafe { map.make_mut_unchecked() }.unwrap();
    map[0] = b'T';
    let map = map.make_read_only().unwrap();
    assert_eq!((rights(map.as_ptr()), std::fs::read(&path).unwrap()), ("r--".into(), b"Text".to_vec()));
    drop(map);

    let only_to_read = File::open(&c_path(&path)).unwrap();
    // SAFETY: as above.
    let map = unsafe { Map::map(&only_to_read) }.unwrap();
    // SAFETY: as above.
    let refused = unsafe { map.make_mut_unchecked() }.unwrap_err();
    assert_eq!((refused.errno, &refused.value[..]), (Errno::EACCES, &b"Text"[..]));
    assert_eq!(rights(refused.value.as_ptr()), "r--");
    // Its own copy is its own.
    // SAFETY: as above.
    let map = unsafe { MapOptions::new().map_copy_read_only(&only_to_read) }.unwrap();
    // SAFETY: as above.
    let mut map = unsafe { map.make_mut_unchecked() }.unwrap();
    map[0] = b't';
    assert_eq!((&map[..], std::fs::read(&path).unwrap()), (&b"text"[..], b"Text".to_vec()));
}

#[test]
fn no_bytes_change_their_right_without_a_call() {
    let folder = Folder::new();
    // SAFETY: the file is this test's own.
    let map = unsafe { Map::map(&open(&folder.file("f", b""))) }.unwrap();
    let map = map.make_exec().unwrap().make_read_only().unwrap();
    // SAFETY: there are no bytes.
    assert!(unsafe { map.make_mut_unchecked() }.unwrap().make_exec_mut().unwrap().is_empty());
}

#[test]
fn a_raw_map_allows_what_it_is_told_of_whole_pages() {
    let page = page_size();
    let folder = Folder::new();
    let mut map = MapRaw::map_raw(&open(&folder.file("f", &vec![1; 2 * page + 1]))).unwrap();
    let places = [0, page, 2 * page].map(|at| map.as_ptr().wrapping_add(at));
    assert_eq!(map.protect(page.., Prot::READ), Ok(()));
    assert_eq!(places.map(rights), ["rw-", "r--", "r--"]);
    assert_eq!(map.protect(2 * page.., Prot::NONE), Ok(()));
    assert_eq!(places.map(rights), ["rw-", "r--", "---"]);
    touched(places[2], Some(Signal::SEGV));
    for (start, end) in [(1, page), (0, page - 1), (page, 2 * page + 2), (3 * page, 3 * page)] {
        assert_eq!(map.protect(start..end, Prot::NONE), Err(Errno::EINVAL), "{start}..{end}");
    }
    assert_eq!(map.protect(page..page, Prot::NONE), Ok(()));
    assert_eq!(places.map(rights), ["rw-", "r--", "---"]);
    assert_eq!(map.protect(.., Prot::READ | Prot::EXEC), Ok(()));
    assert_eq!(places.map(rights), ["r-x"; 3]);
}

#[test]
fn code_that_was_written_runs_once_it_may() {
    let mut map = MapAnon::new(CODE.len()).unwrap();
    map.copy_from_slice(&CODE);
    let call = |place: *const u8| {
        // SAFETY: the bytes are a function of this signature.
        let function: extern "C" fn(i32) -> i32 = unsafe { std::mem::transmute(place) };
        function(37)
    };
    assert_eq!(in_child(|| call(map.as_ptr())).signal(), Some(Signal::SEGV));
    // The kernel sees to the instruction cache where a page may be run for the
    // first time, and the bytes stay the same.
    let map = map.make_exec().unwrap();
    assert_eq!(call(map.as_ptr()), 42);
    let map = map.make_mut().unwrap().make_exec_mut().unwrap();
    assert_eq!(call(map.as_ptr()), 42);
}

#[test]
fn a_guard_ends_whoever_touches_it_and_is_zeros_when_it_is_one_no_more() {
    // It says yes, and does nothing.
    if wrong_under_emulation("MADV_GUARD_INSTALL") {
        return;
    }
    let page = page_size();
    let mut map = MapAnon::new(3 * page).unwrap();
    map.fill(1);
    let (memory, end) = map.split_at(2 * page).unwrap();
    let guard: Map<NoAccess, Anon> = end.make_guard().unwrap();
    for place in [0, page - 1] {
        touched(guard.as_ptr().wrapping_add(place), Some(Signal::SEGV));
    }
    touched(memory.as_ptr().wrapping_add(2 * page - 1), None);
    let mut end: Map<Write, Anon> = guard.make_mut().unwrap();
    assert!(end.len() == page && end.iter().all(|&byte| byte == 0));
    end.fill(2);
    let whole = memory.join(end).unwrap();
    assert!(
        whole[..2 * page].iter().all(|&byte| byte == 1) && whole[2 * page..].iter().all(|&byte| byte == 2)
    );
}

#[test]
fn a_guard_costs_no_mapping_where_the_kernel_has_them() {
    if !since(6, 13) || wrong_under_emulation("MADV_GUARD_INSTALL") {
        return;
    }
    let map = MapAnon::new(3 * page_size()).unwrap();
    let (_memory, end) = map.split_at(2 * page_size()).unwrap();
    let guard = end.make_guard().unwrap();
    assert_eq!(rights(guard.as_ptr()), "rw-");
}

#[test]
fn locked_memory_becomes_a_guard_all_the_same() {
    // It says yes, and does nothing.
    if wrong_under_emulation("MADV_GUARD_INSTALL") {
        return;
    }
    let page = page_size();
    // Locked in part, it is two mappings of which the kernel refuses one.
    for locked in [0..3 * page, 0..page, 2 * page..3 * page] {
        let mut map = MapAnon::new(3 * page).unwrap();
        map.fill(1);
        map.lock_range(locked).unwrap();
        let guard = map.make_guard().unwrap();
        for place in [0, page, 2 * page] {
            touched(guard.as_ptr().wrapping_add(place), Some(Signal::SEGV));
        }
        assert!(guard.make_mut().unwrap().iter().all(|&byte| byte == 0));
    }
}

#[test]
fn huge_memory_becomes_a_guard_too() {
    let Some(pool) = Pool::with(2) else { return };
    let mut map = MapOptions::new().len(2 * pool.size).map_huge(pool.page()).unwrap();
    map.fill(1);
    let (mut memory, end) = map.split_at(pool.size).unwrap();
    let guard = end.make_guard().unwrap();
    touched(guard.as_ptr(), Some(Signal::SEGV));
    assert!(guard.make_mut().unwrap().iter().all(|&byte| byte == 0));
    memory[0] = 2;
    assert_eq!(memory[pool.size - 1], 1);
}

/// Every change of a right meets an error of this call.
#[track_caller]
fn refused_changes(call: usize) {
    let page = page_size();
    let mut filter = Filter::new(&[call], Errno::ENOMEM);
    let mut map = MapAnon::new(3 * page).unwrap();
    map.fill(7);
    let read_only = MapAnon::new(page).unwrap().make_read_only().unwrap();
    let guard = MapAnon::new(page).unwrap().make_guard().unwrap();
    holds_in_child(|| {
        let whole = |map: &MapAnon| map.len() == 3 * page && map.iter().all(|&byte| byte == 7);
        holds!(filter.install());
        let refused = map.make_guard().err().ok_or(line!())?;
        holds!(refused.errno == Errno::ENOMEM && whole(&refused.value));
        let mut map = refused.value;
        // It can be written still.
        map[0] = 7;
        let refused = guard.make_mut().err().ok_or(line!())?;
        holds!(refused.errno == Errno::ENOMEM && refused.value.len() == page);
        if call == sc::nr::MPROTECT {
            let refused = map.make_read_only().err().ok_or(line!())?;
            holds!(refused.errno == Errno::ENOMEM && whole(&refused.value));
            let refused = refused.value.make_exec().err().ok_or(line!())?;
            holds!(refused.errno == Errno::ENOMEM && whole(&refused.value));
            let refused = refused.value.make_exec_mut().err().ok_or(line!())?;
            holds!(refused.errno == Errno::ENOMEM && whole(&refused.value));
            let refused = read_only.make_mut().err().ok_or(line!())?;
            holds!(refused.errno == Errno::ENOMEM && refused.value[0] == 0);
        }
        Ok(())
    });
}

#[test]
fn a_change_that_is_refused_gives_the_map_back_as_it_was() {
    if wrong_under_emulation("a filter of system calls") {
        return;
    }
    refused_changes(sc::nr::MPROTECT);
    refused_changes(sc::nr::MADVISE);
}

#[test]
fn a_change_that_is_refused_halfway_is_undone() {
    let page = page_size();
    let folder = Folder::new();
    let path = folder.file("f", &vec![0; 2 * page]);
    let (both, only_to_read) = (open(&path), File::open(&c_path(&path)).unwrap());
    let zeros = File::open(c"/dev/zero").unwrap();
    holds_in_child(|| {
        // Two mappings, the second of which may never be written.
        // SAFETY: the file is this test's own, here and below.
        let map = unsafe { Map::map(&both) }.or(Err(line!()))?;
        let (first, second) = map.split_at(page).or(Err(line!()))?;
        let options = MapOptions::new().len(page).fixed(second.as_ptr().addr());
        drop(second);
        // SAFETY: as above.
        let second = unsafe { options.map(&only_to_read) }.or(Err(line!()))?;
        let map = first.join(second).or(Err(line!()))?;
        // The kernel finds out for us whether a page can be written.
        // SAFETY: the bytes are zeros already.
        let writable = |place: *const u8| unsafe { libc::read(raw(&zeros), place.cast_mut().cast(), 1) } == 1;
        // SAFETY: as above.
        let refused = unsafe { map.make_mut_unchecked() }.err().ok_or(line!())?;
        holds!(refused.errno == Errno::EACCES && refused.value.len() == 2 * page);
        holds!(!writable(refused.value.as_ptr()) && !writable(refused.value.as_ptr().wrapping_add(page)));
        Ok(())
    });
}
