//! Address space of one's own: what is put into it, what is left when that is
//! gone, and that the range is never anybody else's meanwhile.

mod common;
mod hosted;
mod huge;

use std::mem::forget;

use baremap::flags::MemfdFlags;
use baremap::map::{Committed, Piece, Placed, Write};
use baremap::sys::process::Signal;
use baremap::sys::{mm, page_size};
use baremap::{
    Errno, File, Map, MapAnon, MapMut, MapOptions, MapRaw, MsyncFlags, OwnedFd, Refused, Reservation,
};
use common::Folder;
use hosted::{holds, holds_in_child, in_child, mappings, open};
use huge::Pool;

static_assertions::assert_impl_all!(Reservation: Send, Sync);
static_assertions::assert_impl_all!(Piece<'static>: Send, Sync);

/// Whether a whole range is mapped, with whatever rights.
fn mapped(start: *const u8, length: usize) -> bool {
    mm::msync(start.cast_mut(), length, MsyncFlags::ASYNC).is_ok()
}

/// Whether a touch ends the process by `SIGSEGV`, as that of an empty piece does.
fn is_empty(place: *const u8) -> bool {
    let status = in_child(|| {
        // SAFETY: the child is there to die of it.
        let _ = unsafe { place.read_volatile() };
        0
    });
    status.signal() == Some(Signal::SEGV)
}

fn anon(pages: usize) -> MapMut {
    MapAnon::new(pages * page_size()).expect("memory").into()
}

fn memfd(name: &std::ffi::CStr, length: usize) -> File {
    let fd = mm::memfd_create(name, MemfdFlags::CLOEXEC).expect("a file");
    // SAFETY: it was made for us.
    let file = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    file.set_len(length as u64).expect("a length");
    file
}

#[test]
fn a_reservation_is_whole_pages_of_nothing() {
    let page = page_size();
    for (length, whole) in [(1, page), (page, page), (page + 1, 2 * page), (1 << 32, 1 << 32)] {
        let mut reservation = Reservation::new(length).unwrap();
        assert_eq!(reservation.len(), whole);
        assert!(is_empty(reservation.as_ptr()) && mapped(reservation.as_ptr(), whole));
        let start = reservation.as_ptr();
        let piece = reservation.whole().unwrap();
        assert_eq!((piece.as_ptr(), piece.len()), (start, whole));
    }
    let aligned = Reservation::aligned(1, 1 << 21).unwrap();
    assert_eq!((aligned.as_ptr().addr() % (1 << 21), aligned.len()), (0, page));
    assert_eq!(Reservation::new(0).unwrap_err(), Errno::EINVAL);
    assert_eq!(Reservation::aligned(page, 3).unwrap_err(), Errno::EINVAL);
    for length in [usize::MAX, usize::MAX - page, 1 << 62] {
        assert_eq!(Reservation::new(length).unwrap_err(), Errno::ENOMEM);
    }
}

#[test]
fn pieces_are_divided_by_value_at_pages() {
    let page = page_size();
    let mut reservation = Reservation::new(3 * page).unwrap();
    let mut piece = reservation.whole().unwrap();
    for mid in [0, 1, page - 1, page + 1, 3 * page, 4 * page, usize::MAX, usize::MAX - page + 1] {
        let Refused { value, errno } = piece.split_at(mid).unwrap_err();
        assert_eq!((errno, value.len()), (Errno::EINVAL, 3 * page), "{mid}");
        piece = value;
    }
    let start = piece.as_ptr();
    let (first, rest) = piece.split_at(2 * page).unwrap();
    assert_eq!((first.as_ptr(), first.len()), (start, 2 * page));
    assert_eq!((rest.as_ptr(), rest.len()), (start.wrapping_add(2 * page), page));
    assert_eq!(format!("{rest:?}"), format!("Piece {{ start: {:?}, len: {page} }}", rest.as_ptr()));
}

#[test]
fn a_committed_piece_is_memory_until_it_is_dropped() {
    let page = page_size();
    let mut reservation = Reservation::new(3 * page).unwrap();
    let start = reservation.as_ptr();
    for _ in 0..2 {
        let (first, rest) = reservation.whole().unwrap().split_at(page).unwrap();
        let mut memory: Map<Write, Committed<'_>> = first.commit().unwrap();
        assert!(memory.len() == page && memory.iter().all(|&byte| byte == 0));
        memory.fill(1);
        assert!(is_empty(rest.as_ptr()));
        let memory = memory.make_read_only().unwrap().make_mut().unwrap();
        assert_eq!(memory[page - 1], 1);
        drop(memory);
        assert!(is_empty(start) && mapped(start, 3 * page));
    }
}

#[test]
fn what_is_taken_out_leaves_a_piece_that_can_be_filled_again() {
    let page = page_size();
    let mut reservation = Reservation::new(2 * page).unwrap();
    let mut memory = reservation.whole().unwrap().commit().unwrap();
    memory.fill(1);
    let (first, second) = memory.split_at(page).unwrap();
    let piece = first.into_piece().unwrap();
    assert!(is_empty(piece.as_ptr()) && second[0] == 1);
    let placed: Map<Write, Placed<'_>> = piece.place(anon(1)).unwrap();
    assert_eq!(placed.as_ptr().wrapping_add(page), second.as_ptr());
    let piece = placed.into_piece().unwrap();
    let memory = piece.commit().unwrap().join(second).unwrap();
    assert_eq!((memory[0], memory[page], memory.len()), (0, 1, 2 * page));
    assert_eq!(memory.into_piece().unwrap().len(), 2 * page);
}

#[test]
fn maps_of_every_kind_can_be_placed() {
    let folder = Folder::new();
    let page = page_size();
    let path = folder.file("f", &vec![1; page + 1]);
    let name = std::path::Path::new("/memfd:placed (deleted)");
    let memfd = memfd(c"placed", page);
    let mut reservation = Reservation::new(5 * page).unwrap();
    let start = reservation.as_ptr();
    let (first, rest) = reservation.whole().unwrap().split_at(2 * page).unwrap();
    let (second, rest) = rest.split_at(page).unwrap();
    let (third, fourth) = rest.split_at(page).unwrap();
    // SAFETY: the file is this test's own.
    let file = first.place(unsafe { Map::map(&open(&path)) }.unwrap()).unwrap();
    let mut shared = second.place(anon(1)).unwrap();
    let raw = third.place(MapRaw::map_raw(&memfd).unwrap()).unwrap();
    let mut memory = fourth.commit().unwrap();
    assert!(file.len() == page + 1 && file.iter().all(|&byte| byte == 1));
    (shared[0], memory[0]) = (2, 3);
    // SAFETY: it is mapped, and this test's own.
    unsafe { raw.as_mut_ptr().write_volatile(4) };
    let mut byte = [0];
    assert_eq!((memfd.read_at(&mut byte, 0), byte), (Ok(1), [4]));
    let starts = [file.as_ptr(), shared.as_ptr(), raw.as_ptr(), memory.as_ptr()];
    assert_eq!(starts, [0, 2, 3, 4].map(|pages| start.wrapping_add(pages * page)));
    assert_eq!((mappings(&path), mappings(name)), (1, 1));
    drop((memory, file));
    assert_eq!((mappings(&path), mappings(name), shared[0]), (0, 1, 2));
    drop((raw, shared));
    assert_eq!(mappings(name), 0);
    assert!(mapped(start, 5 * page) && (0..5).all(|number| is_empty(start.wrapping_add(number * page))));
}

#[test]
fn a_map_that_does_not_fit_is_given_back_with_the_piece() {
    let folder = Folder::new();
    let page = page_size();
    let empty = MapOptions::new().map_raw(&open(&folder.file("f", b""))).unwrap();
    let mut reservation = Reservation::new(2 * page).unwrap();
    let mut piece = reservation.whole().unwrap();
    for pages in [1, 3] {
        let mut map = anon(pages);
        map.fill(1);
        let Refused { value: (back, map), errno } = piece.place(map).unwrap_err();
        assert!(errno == Errno::EINVAL && map.iter().all(|&byte| byte == 1));
        piece = back.expect("nothing was done");
    }
    let Refused { value: (back, map), errno } = piece.place(empty).unwrap_err();
    assert!(errno == Errno::EINVAL && map.is_empty());
    assert!(back.expect("nothing was done").commit().is_ok());
}

#[test]
fn what_was_forgotten_is_gone_when_the_whole_is_lent_again() {
    let folder = Folder::new();
    let page = page_size();
    let path = folder.file("f", &vec![1; page]);
    let mut reservation = Reservation::new(3 * page).unwrap();
    let start = reservation.as_ptr();
    let (first, rest) = reservation.whole().unwrap().split_at(page).unwrap();
    let (second, third) = rest.split_at(page).unwrap();
    forget(first.commit().unwrap());
    // SAFETY: the file is this test's own.
    forget(second.place(unsafe { Map::map(&open(&path)) }.unwrap()).unwrap());
    third.commit().unwrap().leak_mut().fill(1);
    assert_eq!(mappings(&path), 1);
    let piece = reservation.whole().unwrap();
    assert_eq!(mappings(&path), 0);
    assert!((0..3).all(|number| is_empty(start.wrapping_add(number * page))));
    assert!(piece.commit().unwrap().iter().all(|&byte| byte == 0));
}

#[test]
fn a_reservation_that_is_dropped_unmaps_all_that_is_in_it() {
    let folder = Folder::new();
    let page = page_size();
    let path = folder.file("f", &vec![1; page]);
    let file = open(&path);
    holds_in_child(|| {
        let mut reservation = Reservation::new(3 * page).or(Err(line!()))?;
        let start = reservation.as_ptr();
        let (first, rest) =
            reservation.whole().and_then(|piece| Ok(piece.split_at(page)?)).or(Err(line!()))?;
        forget(first.place(MapRaw::map_raw(&file).or(Err(line!()))?).or(Err(line!()))?);
        drop(rest.commit().or(Err(line!()))?);
        holds!(mapped(start, 3 * page));
        drop(reservation);
        holds!((0..3).all(|number| !mapped(start.wrapping_add(number * page), page)));
        Ok(())
    });
}

#[test]
fn maps_of_two_reservations_are_not_joined() {
    holds_in_child(|| {
        // Nobody else maps anything here, and so long a gap there is but one.
        let mut one = Reservation::new(1 << 32).or(Err(line!()))?;
        let mut other = Reservation::new(1 << 32).or(Err(line!()))?;
        if one.as_ptr() < other.as_ptr() {
            std::mem::swap(&mut one, &mut other);
        }
        holds!(other.as_ptr().wrapping_add(other.len()) == one.as_ptr());
        let first = other.whole().and_then(|piece| Ok(piece.commit()?)).or(Err(line!()))?;
        let second = one.whole().and_then(|piece| Ok(piece.commit()?)).or(Err(line!()))?;
        let refused = first.join(second).err().ok_or(line!())?;
        holds!(refused.errno == Errno::EINVAL);
        Ok(())
    });
}

#[test]
fn a_map_of_several_mappings_is_given_back_with_the_piece() {
    let page = page_size();
    let mut reservation = Reservation::new(3 * page).unwrap();
    let mut map = anon(3);
    map.fill(1);
    map.lock_range(page..2 * page).unwrap();
    let place = map.as_ptr();
    let Refused { value: (back, map), errno } = reservation.whole().unwrap().place(map).unwrap_err();
    assert_eq!((errno, map.as_ptr()), (Errno::EFAULT, place));
    assert!(map.iter().all(|&byte| byte == 1));
    map.unlock().unwrap();
    assert!(back.expect("nothing was done").place(map).unwrap().iter().all(|&byte| byte == 1));
}

#[test]
fn a_map_that_is_sealed_in_part_is_not_moved_in_part() {
    let page = page_size();
    let mut reservation = Reservation::new(3 * page).unwrap();
    let mut map = anon(3);
    map.fill(1);
    // What is sealed stays until the process ends.
    holds_in_child(|| {
        if mm::mseal(map.as_mut_ptr().wrapping_add(2 * page), page) == Err(Errno::ENOSYS) {
            return Ok(());
        }
        let piece = reservation.whole().or(Err(line!()))?;
        let Refused { value: (back, map), .. } = piece.place(map).err().ok_or(line!())?;
        holds!(back.is_some() && mapped(map.as_ptr(), 3 * page) && map.iter().all(|&byte| byte == 1));
        Ok(())
    });
}

#[test]
fn a_huge_page_is_placed_where_one_starts_and_only_whole() {
    let Some(pool) = Pool::with(2) else { return };
    let (file, page, huge) = (pool.memfd(c"huge and placed"), page_size(), pool.size);
    file.set_len(huge as u64).unwrap();
    let mut reservation = Reservation::aligned(3 * huge, huge).unwrap();
    let (first, rest) = reservation.whole().unwrap().split_at(page).unwrap();
    let (second, rest) = rest.split_at(huge - page).unwrap();
    let (third, rest) = rest.split_at(huge).unwrap();
    let (fourth, _) = rest.split_at(page).unwrap();
    let mut neighbour = second.commit().unwrap();
    neighbour.fill(1);
    // A page of it is lent, but all of it would be moved.
    let map = || MapOptions::new().len(page).map_raw(&file).unwrap();
    let Refused { value: (back, _), errno } = first.place(map()).unwrap_err();
    assert_eq!(errno, Errno::EINVAL);
    assert!(neighbour.iter().all(|&byte| byte == 1));
    assert!(back.unwrap().commit().is_ok());
    assert!(fourth.place(map()).is_err());
    let placed = third.place(MapOptions::new().len(huge).map_raw(&file).unwrap()).unwrap();
    let placed = placed.split_at(page).unwrap_err().value;
    assert_eq!(placed.as_ptr().addr() % huge, 0);
    drop(placed);
    // Of two the kernel cannot be asked whether they are one mapping.
    let two = MapOptions::new().len(2 * huge).map_raw(&file).unwrap();
    let mut reservation = Reservation::aligned(2 * huge, huge).unwrap();
    let Refused { value: (back, _), errno } = reservation.whole().unwrap().place(two).unwrap_err();
    assert!(errno == Errno::EINVAL && back.is_some());
}
