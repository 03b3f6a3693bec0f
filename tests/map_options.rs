//! Each option does what it says, and what it must not do it does not.

mod common;
mod hosted;
mod huge;
mod memory;
mod oracle;

use baremap::sys::page_size;
use baremap::{Advice, Errno, MapAnon, MapOptions};
use common::Folder;
use hosted::{holds, holds_in_child, mappings, open, wrong_under_emulation};
use huge::Pool;
use memory::{has, since};

/// Bytes that differ from page to page.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// How many bytes of the map are in memory.
fn resident(map: &MapAnon) -> usize {
    map.residency(&mut [0; 16]).map(|range| range.expect("mapped memory").len()).sum()
}

#[test]
fn populated_memory_is_there_before_it_is_touched() {
    let length = 9 * page_size() + 1;
    let options = MapOptions::new().len(length);
    assert_eq!(resident(&options.map_anon().unwrap()), 0);
    if wrong_under_emulation("MAP_POPULATE") {
        return;
    }
    assert_eq!(resident(&options.populate().map_anon().unwrap()), length);
}

#[test]
fn memory_can_be_without_reserve_locked_or_a_stack() {
    if wrong_under_emulation("flags of a mapping") {
        return;
    }
    let options = MapOptions::new().len(3 * page_size());
    for (options, flag) in [(options.no_reserve(), "nr"), (options.locked(), "lo")] {
        let mut plain = MapOptions::new().len(3 * page_size()).map_anon().unwrap();
        let mut map = options.map_anon().unwrap();
        assert!(has(map.as_mut_ptr(), flag) && !has(plain.as_mut_ptr(), flag), "{options:?}");
    }
    assert_eq!(resident(&options.locked().map_anon().unwrap()), options.locked().map_anon().unwrap().len());
    let mut stack = options.stack().map_anon().unwrap();
    // Until Linux 6.7 the flag did nothing.
    assert_eq!(has(stack.as_mut_ptr(), "nh"), since(6, 7));
    stack.fill(1);
}

#[test]
fn a_hint_is_followed_where_it_is_free_and_replaces_nothing() {
    let page = page_size();
    holds_in_child(|| {
        let options = MapOptions::new().len(page);
        let (mut here, free) =
            MapAnon::new(2 * page).and_then(|map| Ok(map.split_at(page)?)).or(Err(line!()))?;
        let place = free.as_ptr();
        drop(free);
        here[0] = 1;
        let beside = options.hint(place.addr()).map_anon().or(Err(line!()))?;
        holds!(beside.as_ptr() == place);
        let elsewhere = options.hint(here.as_ptr().addr()).map_anon().or(Err(line!()))?;
        holds!(elsewhere.as_ptr() != here.as_ptr() && (here[0], elsewhere[0]) == (1, 0));
        // The later word counts.
        let elsewhere = options.fixed(place.addr()).hint(place.addr()).map_anon().or(Err(line!()))?;
        holds!(elsewhere.as_ptr() != place);
        Ok(())
    });
}

#[test]
fn a_fixed_place_is_taken_exactly_or_not_at_all() {
    let page = page_size();
    let folder = Folder::new();
    let file = open(&folder.file("f", b"text"));
    holds_in_child(|| {
        let map = MapAnon::new(4 * page).or(Err(line!()))?;
        let (mut here, free) = map.split_at(2 * page).or(Err(line!()))?;
        let place = free.as_ptr();
        drop(free);
        here.fill(1);
        let options = MapOptions::new().len(page).fixed(place.addr());
        let beside = options.map_anon().or(Err(line!()))?;
        holds!(beside.as_ptr() == place && beside[0] == 0);
        let last_page = place.wrapping_sub(page).addr();
        for options in [options, options.fixed(last_page), options.len(2 * page).fixed(last_page)] {
            holds!(options.map_anon().err() == Some(Errno::EEXIST));
            holds!(options.map_shared_anon().err() == Some(Errno::EEXIST));
            holds!(options.map_raw(&file).err() == Some(Errno::EEXIST));
        }
        holds!(here.iter().all(|&byte| byte == 1) && beside[0] == 0);
        Ok(())
    });
    let within = MapOptions::new().len(page).fixed(page + 1).map_anon().unwrap_err();
    // It takes the address for a hint.
    assert!(within == Errno::EINVAL || wrong_under_emulation("MAP_FIXED_NOREPLACE"));
}

#[test]
fn no_map_is_ever_made_at_address_0() {
    // Whom the kernel would let: the privileged.
    let options = MapOptions::new().len(page_size());
    assert_eq!(options.fixed(0).map_anon().unwrap_err(), Errno::EINVAL);
    assert_eq!(options.fixed(0).map_shared_anon().unwrap_err(), Errno::EINVAL);
    assert!(options.hint(0).map_anon().is_ok() && options.hint(1).map_anon().is_ok());
}

#[test]
fn an_aligned_map_lies_as_the_file_does() {
    let folder = Folder::new();
    let page = page_size();
    let content = pattern(5 * page + 7);
    let file = open(&folder.file("f", &content));
    for alignment in [1, 512, page, 4 * page, 1 << 21, 1 << 30] {
        for offset in [0, page, 3 * page, 5 * page] {
            let options = MapOptions::new().aligned(alignment);
            // SAFETY: the file is this test's own.
            let map = unsafe { options.offset(offset as u64).map(&file) }.unwrap();
            assert_eq!(map.as_ptr().addr() % alignment, offset % alignment, "{alignment} {offset}");
            assert!(map[..] == content[offset..], "{alignment} {offset}");
            // SAFETY: as above.
            let map = unsafe { options.byte_offset(offset as u64 + 3).map(&file) }.unwrap();
            assert_eq!(map.as_ptr().addr() % alignment, (offset + 3) % alignment, "{alignment} {offset}");
            assert!(map[..] == content[offset + 3..], "{alignment} {offset}");
        }
        let map = MapOptions::new().len(page + 1).aligned(alignment).map_anon().unwrap();
        assert_eq!(map.as_ptr().addr() % alignment, 0);
    }
    let options = MapOptions::new().len(page);
    for alignment in [3, page + 1, 3 * page, usize::MAX] {
        assert_eq!(options.aligned(alignment).map_anon().unwrap_err(), Errno::EINVAL, "{alignment}");
    }
    assert_eq!(options.aligned(1 << 63).map_anon().unwrap_err(), Errno::ENOMEM);
    assert_eq!(options.len(usize::MAX).aligned(page).map_anon().unwrap_err(), Errno::ENOMEM);
}

#[test]
fn an_aligned_map_leaves_nothing_mapped_beside_it() {
    let page = page_size();
    holds_in_child(|| {
        let map = MapOptions::new().len(page).aligned(64 * page).map_anon().or(Err(line!()))?;
        for beside in [map.as_ptr().wrapping_sub(page), map.as_ptr().wrapping_add(page)] {
            // Something else may be there, but not what was tried first.
            let near = baremap::sys::mm::msync(beside.cast_mut(), page, baremap::MsyncFlags::ASYNC);
            let far = baremap::sys::mm::msync(beside.cast_mut(), 16 * page, baremap::MsyncFlags::ASYNC);
            holds!(near == Err(Errno::ENOMEM) || far == Err(Errno::ENOMEM));
        }
        Ok(())
    });
}

#[test]
fn a_name_is_shown_where_the_kernel_has_names() {
    let shown = |name: &str| {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().filter(|line| line.ends_with(&format!("[anon:{name}]"))).count()
    };
    let options = MapOptions::new().len(100);
    let map = options.name(c"of the test").map_anon().unwrap();
    // A bad name is none, and no error.
    let nameless = options.name(c"[of] the test").map_anon().unwrap();
    assert_eq!(nameless.set_name(Some(c"[of] the test")), Err(Errno::EINVAL));
    if let Err(errno) = map.set_name(Some(c"of the test, now")) {
        assert!(errno == Errno::EINVAL || wrong_under_emulation("names"), "{errno}");
        return eprintln!("not checked: names, which this kernel has not");
    }
    assert_eq!((shown("of the test"), shown("of the test, now")), (0, 1));
    let other = options.name(c"of the test").map_anon().unwrap();
    assert_eq!(shown("of the test"), 1);
    assert_eq!(other.set_name(None), Ok(()));
    assert_eq!(shown("of the test"), 0);
}

#[test]
fn a_window_starts_at_any_byte_and_leaves_nothing_mapped() {
    let folder = Folder::new();
    let page = page_size();
    let all = pattern(2 * page + 100);
    let path = folder.file("f", &all);
    let file = open(&path);
    for offset in (0..page).step_by(if page > 4096 { 61 } else { 1 }).chain(page..all.len()) {
        let options = MapOptions::new().byte_offset(offset as u64);
        // SAFETY: the file is this test's own.
        let map = unsafe { options.map(&file) }.unwrap();
        assert!(map[..] == all[offset..], "{offset}");
        drop(map);
        // SAFETY: as above.
        let map = unsafe { options.len(1).map_copy(&file) }.unwrap();
        assert_eq!(map[..], all[offset..offset + 1]);
        assert_eq!(map.as_ptr().addr() % page, offset % page);
        map.unmap().unwrap();
    }
    assert_eq!(mappings(&path), 0);
    // SAFETY: as above.
    let nothing = unsafe { MapOptions::new().byte_offset(all.len() as u64).map(&file) }.unwrap();
    assert!(nothing.is_empty());
    // SAFETY: as above.
    let past = unsafe { MapOptions::new().byte_offset(all.len() as u64 + 1).map(&file) };
    assert_eq!(past.unwrap_err(), Errno::EOVERFLOW);
}

#[test]
fn a_window_that_is_written_reaches_its_bytes_of_the_file_alone() {
    let folder = Folder::new();
    let page = page_size();
    let mut all = pattern(2 * page);
    let path = folder.file("f", &all);
    // SAFETY: the file is this test's own.
    let mut map =
        unsafe { MapOptions::new().byte_offset(page as u64 - 3).len(6).map_mut(&open(&path)) }.unwrap();
    map.copy_from_slice(b"window");
    assert_eq!((map.flush(), map.flush_range(5..), map.flush_async_range(..)), (Ok(()), Ok(()), Ok(())));
    all[page - 3..page + 3].copy_from_slice(b"window");
    assert!(std::fs::read(&path).unwrap() == all);
}

#[test]
fn shared_memory_of_no_file_is_seen_by_a_child_and_private_is_not() {
    let options = MapOptions::new().len(100);
    let (mut shared, mut private) = (options.map_shared_anon().unwrap(), options.map_anon().unwrap());
    holds_in_child(|| {
        (shared[99], private[99]) = (1, 1);
        Ok(())
    });
    assert_eq!((shared[99], private[99]), (1, 0));
}

#[test]
fn memory_without_a_length_is_refused() {
    for options in [MapOptions::new(), MapOptions::new().len(0)] {
        assert_eq!(options.map_anon().unwrap_err(), Errno::EINVAL);
        assert_eq!(options.map_shared_anon().unwrap_err(), Errno::EINVAL);
        assert_eq!(options.map_huge(baremap::HugePage::MB2).unwrap_err(), Errno::EINVAL);
    }
    assert_eq!(MapAnon::new(usize::MAX).unwrap_err(), Errno::ENOMEM);
}

#[test]
fn a_size_of_huge_page_is_a_power_of_two_and_none_the_kernel_has_by_another_name() {
    use baremap::HugePage;
    // The kernel takes a logarithm of 0 for its usual size.
    for bytes in [0, 1, 3, 4095, usize::MAX] {
        assert_eq!(HugePage::of(bytes), None, "{bytes}");
    }
    for power in 1..usize::BITS {
        assert_eq!(HugePage::of(1 << power).map(HugePage::bytes), Some(1 << power));
    }
    let nowhere = HugePage::of(1 << 13).unwrap();
    assert!(MapOptions::new().len(1).map_huge(nowhere).is_err());
}

#[test]
fn huge_memory_is_whole_huge_pages_and_goes_back_to_the_pool() {
    let Some(pool) = Pool::with(4) else { return };
    let options = MapOptions::new().len(pool.size + 1);
    for options in [options, options.populate(), options.aligned(page_size()), options.aligned(4 * pool.size)]
    {
        let mut map = options.map_huge(pool.page()).unwrap();
        assert_eq!((map.len(), map.as_ptr().addr() % pool.size), (2 * pool.size, 0));
        map.fill(1);
        assert_eq!(pool.used(), 2);
        // What it gives up is whole huge pages, and the rest is zeros all the same.
        map.discard(1..).unwrap();
        assert!(map[0] == 1 && map[1..].iter().all(|&byte| byte == 0));
        drop(map);
        assert_eq!(pool.used(), 0, "{options:?}");
    }
    let too_many = MapOptions::new().len(pool.size << 20).map_huge(pool.page());
    assert_eq!(too_many.unwrap_err(), Errno::ENOMEM);
}

#[test]
fn a_file_of_huge_pages_is_unmapped_wholly_whatever_its_length() {
    let Some(pool) = Pool::with(4) else { return };
    let path = std::path::Path::new("/memfd:odd lengths (deleted)");
    let (file, page, huge) = (pool.memfd(c"odd lengths"), page_size(), pool.size);
    file.set_len(3 * huge as u64).unwrap();
    for length in [1, page, page + 1, huge - 1, huge, huge + 1, huge + page, 2 * huge + 5, 3 * huge] {
        // SAFETY: the file is this test's own.
        let mut map = unsafe { MapOptions::new().len(length).map_mut(&file) }.unwrap();
        assert_eq!((map.len(), mappings(path)), (length, 1));
        map[length - 1] = 1;
        assert_eq!(map.advise(Advice::Normal), Ok(()));
        if length % 2 == 0 {
            map.unmap().unwrap();
        } else {
            drop(map);
        }
        assert_eq!(mappings(path), 0, "{length}");
    }
}
