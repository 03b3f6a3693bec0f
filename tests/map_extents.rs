//! Dividing maps, joining them, and changing their length: nothing but what was
//! asked for is unmapped, and what is refused has changed nothing.

mod common;
mod hosted;
mod huge;

use std::path::Path;

use baremap::map::{Pages, Raw};
use baremap::sys::{mm, page_size};
use baremap::{Errno, Map, MapAnon, MapMut, MapOptions, MsyncFlags};
use common::Folder;
use hosted::{holds, holds_in_child, mappings, open};
use huge::Pool;

/// So many pages, each full of its number.
fn numbered(pages: usize) -> MapAnon {
    let mut map = MapAnon::new(pages * page_size()).unwrap();
    for (number, page) in map.chunks_mut(page_size()).enumerate() {
        page.fill(number as u8 + 1);
    }
    map
}

/// The number of each page.
fn numbers(bytes: &[u8]) -> Vec<u8> {
    bytes
        .chunks(page_size())
        .map(|page| if page.iter().all(|&byte| byte == page[0]) { page[0] } else { 0 })
        .collect()
}

/// Whether a whole range is mapped.
fn mapped(start: *const u8, length: usize) -> bool {
    mm::msync(start.cast_mut(), length, MsyncFlags::ASYNC).is_ok()
}

#[test]
fn both_parts_have_their_bytes_and_the_whole_has_them_again() {
    let page = page_size();
    let (first, mut second) = numbered(3).split_at(page).unwrap();
    assert_eq!((numbers(&first), numbers(&second)), (vec![1], vec![2, 3]));
    assert_eq!(second.as_ptr(), first.as_ptr().wrapping_add(page));
    let third = second.split_off(page).unwrap();
    assert_eq!((numbers(&second), numbers(&third)), (vec![2], vec![3]));
    let whole = first.join(second).unwrap().join(third).unwrap();
    assert_eq!(numbers(&whole), [1, 2, 3]);
}

#[test]
fn a_map_is_divided_where_a_page_starts_inside_of_it() {
    let page = page_size();
    let mut map = MapAnon::new(2 * page + 10).unwrap();
    for mid in [0, 1, page - 1, page + 1, 2 * page + 9, 2 * page + 10, 2 * page + 11, 3 * page, usize::MAX] {
        assert_eq!(map.split_off(mid).unwrap_err(), Errno::EINVAL, "{mid}");
        let refused = map.split_at(mid).unwrap_err();
        assert_eq!((refused.errno, refused.value.len()), (Errno::EINVAL, 2 * page + 10), "{mid}");
        map = refused.value;
    }
    let (first, last) = map.split_at(2 * page).unwrap();
    assert_eq!((first.len(), last.len()), (2 * page, 10));
}

#[test]
fn each_part_unmaps_itself_and_nothing_else() {
    let page = page_size();
    holds_in_child(|| {
        let (first, rest) =
            MapAnon::new(3 * page).and_then(|map| Ok(map.split_at(page)?)).or(Err(line!()))?;
        let (second, third) = rest.split_at(page).or(Err(line!()))?;
        let places = [first.as_ptr(), second.as_ptr(), third.as_ptr()];
        drop(second);
        holds!(places.map(|place| mapped(place, page)) == [true, false, true]);
        holds!(first.unmap().is_ok());
        holds!(places.map(|place| mapped(place, page)) == [false, false, true]);
        drop(third);
        holds!(places.map(|place| mapped(place, page)) == [false; 3]);
        Ok(())
    });
}

#[test]
fn a_map_of_a_file_is_divided_too() {
    let folder = Folder::new();
    let page = page_size();
    let path = folder.file("f", &vec![1; 3 * page + 1]);
    let file = open(&path);
    // SAFETY: the file is this test's own.
    let mut window = unsafe { MapOptions::new().byte_offset(1).map(&file) }.unwrap();
    assert_eq!(window.split_off(page).unwrap_err(), Errno::EINVAL);
    let rest = window.split_off(2 * page - 1).unwrap();
    assert_eq!((window.len(), rest.len()), (2 * page - 1, page + 1));
    assert!(window.iter().chain(rest.iter()).all(|&byte| byte == 1));
    let mut whole = window.join(rest).unwrap();
    assert_eq!(whole.len(), 3 * page);
    whole.shrink(1).unwrap();
    assert_eq!((whole[..].len(), mappings(&path)), (1, 1));
    drop(whole);
    assert_eq!(mappings(&path), 0);
}

#[test]
fn only_neighbours_that_end_and_start_at_a_page_are_joined() {
    let page = page_size();
    let (first, last) = numbered(4).split_at(page).unwrap();
    let (second, last) = last.split_at(page).unwrap();
    let refused = first.join(last).unwrap_err();
    assert_eq!(refused.errno, Errno::EINVAL);
    let (first, mut last) = refused.value;
    let refused = second.join(first).unwrap_err();
    let (second, first) = refused.value;
    assert_eq!((numbers(&first), numbers(&second), numbers(&last)), (vec![1], vec![2], vec![3, 4]));
    let mut map = first.join(second).unwrap();
    // The rest of the page is nobody's.
    map.shrink(page + 1).unwrap();
    let (mut map, mut rest) = map.join(last).unwrap_err().value;
    assert_eq!((map.len(), numbers(&rest)), (page + 1, vec![3, 4]));
    map.grow(2 * page).unwrap();
    last = map.join(rest.split_off(page).unwrap()).unwrap_err().value.1;
    assert_eq!(numbers(&last), [4]);
}

#[test]
fn no_bytes_are_neither_divided_nor_joined_nor_made_longer() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b""));
    let empty = || MapOptions::new().map_raw(&file).unwrap();
    let (first, _) = empty().join(empty()).unwrap_err().value;
    let mut map: Map<Raw, Pages> = first.split_at(0).unwrap_err().value;
    assert_eq!(map.shrink(0), Err(Errno::EINVAL));
    // SAFETY: nothing is lent.
    assert_eq!(unsafe { map.remap_unchecked(10) }, Err(Errno::EINVAL));
    // SAFETY: as above.
    assert_eq!(unsafe { map.grow_unchecked(10) }, Err(Errno::EINVAL));
}

#[test]
fn shrinking_keeps_the_first_bytes_and_unmaps_the_pages_behind() {
    let page = page_size();
    let mut map = numbered(3);
    let place = map.as_ptr();
    for length in [3 * page + 1, 0, usize::MAX] {
        assert_eq!(map.shrink(length), Err(Errno::EINVAL), "{length}");
    }
    assert_eq!(
        (map.shrink(3 * page), map.shrink(page + 1), map.shrink(page + 2)),
        (Ok(()), Ok(()), Err(Errno::EINVAL))
    );
    assert_eq!((map.as_ptr(), &numbers(&map)[..]), (place, &[1, 2][..]));
    holds_in_child(|| {
        let mut map = MapAnon::new(3 * page).or(Err(line!()))?;
        let place = map.as_ptr();
        holds!(map.shrink(page + 1).is_ok() && mapped(place, 2 * page));
        holds!(!mapped(place.wrapping_add(2 * page), 1));
        Ok(())
    });
}

#[test]
fn growing_stays_where_it_is_or_is_refused() {
    let page = page_size();
    holds_in_child(|| {
        let (mut first, second) =
            MapAnon::new(4 * page).and_then(|map| Ok(map.split_at(page)?)).or(Err(line!()))?;
        let (second, third) = second.split_at(2 * page).or(Err(line!()))?;
        let place = first.as_ptr();
        first[0] = 1;
        holds!(first.grow(2 * page) == Err(Errno::ENOMEM) && first.len() == page);
        drop(second);
        holds!(first.grow(3 * page) == Ok(()) && first.as_ptr() == place);
        holds!(first.len() == 3 * page && first[0] == 1 && first[3 * page - 1] == 0);
        holds!(first.grow(3 * page + 1) == Err(Errno::ENOMEM) && third[0] == 0);
        // What was given up comes back as zeros.
        first[2 * page] = 1;
        holds!(first.shrink(page) == Ok(()) && first.grow(3 * page) == Ok(()) && first[2 * page] == 0);
        Ok(())
    });
}

#[test]
fn remapping_moves_where_there_is_no_room_and_keeps_the_bytes() {
    let page = page_size();
    let (mut first, second) = numbered(3).split_at(2 * page).unwrap();
    assert_eq!(first.remap(100 * page + 1), Ok(()));
    assert_eq!((first.len(), &numbers(&first)[..4]), (100 * page + 1, &[1, 2, 0, 0][..]));
    assert!(first[2 * page..].iter().all(|&byte| byte == 0));
    assert_eq!(numbers(&second), [3]);
    assert_eq!((first.remap(page), numbers(&first)), (Ok(()), vec![1]));
    for (length, errno) in [(0, Errno::EINVAL), (usize::MAX, Errno::EINVAL), (1 << 62, Errno::ENOMEM)] {
        let refused = first.remap(length).unwrap_err();
        assert!(
            refused == errno || refused == Errno::ENOMEM || refused == Errno::EINVAL,
            "{length}: {refused}"
        );
        assert_eq!(numbers(&first), [1], "{length}");
    }
}

#[test]
fn a_map_of_several_mappings_gets_no_longer() {
    let page = page_size();
    let (first, second) = numbered(2).split_at(page).unwrap();
    let second = second.make_read_only().unwrap().make_mut().unwrap();
    second.lock().unwrap();
    let mut map = first.join(second).unwrap();
    let refused = map.remap(3 * page).unwrap_err();
    assert!(refused == Errno::EFAULT || refused == Errno::ENOMEM, "{refused}");
    assert_eq!((numbers(&map), map.shrink(page), numbers(&map)), (vec![1, 2], Ok(()), vec![1]));
}

#[test]
fn a_map_of_a_file_grows_with_the_file() {
    let folder = Folder::new();
    let page = page_size();
    let path = folder.file("f", b"text");
    let file = open(&path);
    // SAFETY: the file is this test's own.
    let mut map: MapMut = unsafe { MapMut::map_mut(&file) }.unwrap();
    file.set_len(3 * page as u64).unwrap();
    // SAFETY: the file is as long.
    unsafe { map.remap_unchecked(3 * page) }.unwrap();
    map[3 * page - 1] = 1;
    assert_eq!((&map[..4], std::fs::read(&path).unwrap()[3 * page - 1]), (&b"text"[..], 1));
    assert_eq!(mappings(&path), 1);
    // SAFETY: it gets shorter.
    unsafe { map.grow_unchecked(page) }.unwrap();
    assert_eq!((map.len(), mappings(&path)), (page, 1));
}

#[test]
fn huge_memory_is_divided_between_huge_pages() {
    let Some(pool) = Pool::with(4) else { return };
    let huge = pool.size;
    let mut map = MapOptions::new().len(4 * huge).map_huge(pool.page()).unwrap();
    map.fill(1);
    for mid in [1, page_size(), huge / 2, huge + page_size()] {
        map = map.split_at(mid).unwrap_err().value;
    }
    let (mut first, second) = map.split_at(2 * huge).unwrap();
    assert_eq!(first.shrink(huge + 1), Ok(()));
    assert_eq!((first.len(), first.shrink(1), first.len(), pool.used()), (2 * huge, Ok(()), huge, 3));
    drop(second);
    assert_eq!((pool.used(), first.remap(2 * huge)), (1, Err(Errno::EINVAL)));
    drop(first);
    assert_eq!(pool.used(), 0);
}

#[test]
fn a_file_of_huge_pages_is_divided_and_shortened_between_huge_pages() {
    let Some(pool) = Pool::with(3) else { return };
    let path = Path::new("/memfd:divided (deleted)");
    let (file, page, huge) = (pool.memfd(c"divided"), page_size(), pool.size);
    file.set_len(3 * huge as u64).unwrap();
    // SAFETY: the file is this test's own.
    let map = unsafe { MapOptions::new().len(2 * huge + page).map_mut(&file) }.unwrap();
    let map = map.split_at(page).unwrap_err().value;
    let mut map = map.split_at(huge + page).unwrap_err().value;
    assert_eq!((map.shrink(huge + page), map.len()), (Err(Errno::EINVAL), 2 * huge + page));
    map[2 * huge] = 1;
    let last = map.split_off(2 * huge).unwrap();
    let mut map = map.join(last).unwrap();
    assert_eq!((map.shrink(huge), map.len()), (Ok(()), huge));
    map[huge - 1] = 1;
    drop(map);
    assert_eq!(mappings(path), 0);
}

#[test]
fn huge_pages_behind_ordinary_ones_are_unmapped_without_their_neighbours() {
    let Some(pool) = Pool::with(1) else { return };
    let (file, page, huge) = (pool.memfd(c"behind"), page_size(), pool.size);
    file.set_len(huge as u64).unwrap();
    holds_in_child(|| {
        // Ordinary pages, a huge page of which a page is lent, and ordinary pages again.
        let options = MapOptions::new().len(4 * huge).aligned(huge);
        let room = options.map_anon().or(Err(line!()))?;
        let (before, rest) = room.split_at(2 * page).or(Err(line!()))?;
        let (between, rest) = rest.split_at(huge - 2 * page).or(Err(line!()))?;
        let (free, behind) = rest.split_at(huge).or(Err(line!()))?;
        let (place, last) = (free.as_ptr().addr(), between.as_ptr());
        drop((before, free));
        drop(between);
        let ordinary = MapOptions::new().len(2 * page).fixed(place - 2 * page).map_anon().or(Err(line!()))?;
        let huge_page = MapOptions::new().len(page).fixed(place).map_raw(&file).or(Err(line!()))?;
        let ordinary: Map<Raw, Pages> = Map::<_, Pages>::from(ordinary).into();
        let map = ordinary.join(huge_page).or(Err(line!()))?;
        let start = map.as_ptr();
        drop(map);
        holds!(!mapped(start, page) && !mapped(start.wrapping_add(2 * page), huge) && !mapped(last, page));
        holds!(mapped(behind.as_ptr(), behind.len()));
        Ok(())
    });
}
