//! Maps of files: what is seen through them, what reaches the file, what is
//! refused, and that they end.

mod common;
mod hosted;

use std::ops::DerefMut;
use std::path::Path;

use baremap::sys::page_size;
use baremap::{AsFd, Errno, File, Map, MapMut, MapOptions, MsyncFlags, OpenOptions, Result, sys};
use common::Folder;
use hosted::{Filter, c_path, in_child, mappings, open, wrong_under_emulation};

// What is mapped to be read cannot be written to.
static_assertions::assert_not_impl_any!(Map: DerefMut, AsMut<[u8]>);

fn map(options: MapOptions, file: &impl AsFd) -> Result<Map> {
    // SAFETY: each test has files of its own, and changes them only by system
    // calls or where it has no reference into the map.
    unsafe { options.map(file) }
}

fn map_mut(options: MapOptions, file: &impl AsFd) -> Result<MapMut> {
    // SAFETY: as above.
    unsafe { options.map_mut(file) }
}

fn content(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Bytes that differ from page to page.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

#[test]
fn a_map_shows_the_file_whatever_its_length() {
    let folder = Folder::new();
    let page = page_size();
    for length in [1, 100, page - 1, page, page + 1, 3 * page, 3 * page + 5] {
        let path = folder.file("f", &pattern(length));
        for options in [MapOptions::new(), MapOptions::new().private()] {
            let seen = map(options, &open(&path)).unwrap();
            assert!(seen[..] == pattern(length), "{length} bytes, {options:?}");
            assert_eq!((seen.len(), seen.as_ref().len()), (length, length));
            assert_eq!(seen.as_ptr().addr() % page, 0);
            let seen = map_mut(options, &open(&path)).unwrap();
            assert!(seen[..] == pattern(length), "{length} bytes, {options:?}");
        }
    }
}

#[test]
fn length_and_offset_choose_a_part() {
    let folder = Folder::new();
    let page = page_size();
    let all = pattern(3 * page + 5);
    let file = open(&folder.file("f", &all));
    let options = MapOptions::new();
    assert_eq!(map(options.len(7), &file).unwrap()[..], all[..7]);
    assert_eq!(map(options.offset(2 * page as u64), &file).unwrap()[..], all[2 * page..]);
    assert_eq!(map(options.offset(page as u64).len(page), &file).unwrap()[..], all[page..2 * page]);
    assert_eq!(map(options.offset(page as u64).len(1), &file).unwrap()[..], all[page..page + 1]);
}

#[test]
fn a_shared_store_reaches_the_file_and_every_map_of_it() {
    let folder = Folder::new();
    let path = folder.file("f", b"one text");
    let mut ours = map_mut(MapOptions::new(), &open(&path)).unwrap();
    let other = map(MapOptions::new(), &open(&path)).unwrap();
    ours[..3].copy_from_slice(b"new");
    ours.as_mut()[4] = b'T';
    assert_eq!((&ours[..], &other[..]), (&b"new Text"[..], &b"new Text"[..]));
    assert_eq!(content(&path), b"new Text");
    assert_eq!(ours.flush(), Ok(()));
    drop(ours);
    assert_eq!(content(&path), b"new Text");
}

#[test]
fn a_private_store_stays_here() {
    let folder = Folder::new();
    let path = folder.file("f", b"one text");
    // Not even the permission to write is needed.
    let mut ours = map_mut(MapOptions::new().private(), &File::open(&c_path(&path)).unwrap()).unwrap();
    let others = [MapOptions::new(), MapOptions::new().private()].map(|how| map(how, &open(&path)).unwrap());
    ours[..3].copy_from_slice(b"new");
    assert_eq!(&ours[..], b"new text");
    assert_eq!(ours.flush(), Ok(()));
    for other in &others {
        assert_eq!(&other[..], b"one text");
    }
    assert_eq!(content(&path), b"one text");
    drop(ours);
    assert_eq!(content(&path), b"one text");
    // The later choice counts.
    let mut shared = map_mut(MapOptions::new().private().shared(), &open(&path)).unwrap();
    shared[0] = b'O';
    assert_eq!(content(&path), b"One text");
}

#[test]
fn no_bytes_are_an_empty_map_and_no_mapping() {
    let folder = Folder::new();
    let empty = folder.file("empty", b"");
    let page = page_size();
    let whole = folder.file("whole", &pattern(page));
    let (nothing, at_end) = (MapOptions::new(), MapOptions::new().offset(page as u64));
    for (path, options) in [(&empty, nothing), (&empty, nothing.private()), (&whole, at_end)] {
        let map = map(options, &open(path)).unwrap();
        let mut mutable = map_mut(options, &open(path)).unwrap();
        assert!(map.is_empty() && mutable.as_mut().is_empty());
        assert_eq!(mutable.flush(), Ok(()));
        assert_eq!(mappings(path), 0, "{path:?}");
        map.unmap().unwrap();
        mutable.unmap().unwrap();
    }
}

#[test]
fn no_bytes_of_a_file_with_content_are_an_empty_map() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    let map = map(MapOptions::new().len(0), &open(&path)).unwrap();
    assert_eq!((&map[..], mappings(&path)), (&b""[..], 0));
}

#[test]
fn a_file_that_hides_its_length_is_refused() {
    for path in [c"/proc/self/status", c"/proc/version"] {
        let file = File::open(path).unwrap();
        assert_eq!(map(MapOptions::new(), &file).unwrap_err(), Errno::ENODATA, "{path:?}");
    }
}

#[test]
fn a_directory_is_refused() {
    let folder = Folder::new();
    folder.file("something in it", b"");
    for path in [c_path(folder.path()), c_path(Path::new("/")), c_path(Path::new("/proc"))] {
        let directory = File::open(&path).unwrap();
        for options in [MapOptions::new(), MapOptions::new().len(10), MapOptions::new().private()] {
            assert_eq!(map(options, &directory).unwrap_err(), Errno::EISDIR, "{path:?} {options:?}");
        }
    }
}

#[test]
fn a_pipe_or_a_device_without_a_length_is_refused() {
    for path in [c"/dev/null", c"/dev/zero"] {
        assert_eq!(map(MapOptions::new(), &File::open(path).unwrap()).unwrap_err(), Errno::ENODEV);
    }
    let (reader, _writer) = std::io::pipe().unwrap();
    let fd = std::os::fd::AsRawFd::as_raw_fd(&reader);
    // SAFETY: `reader` keeps it open.
    let pipe = unsafe { baremap::BorrowedFd::borrow_raw(fd) };
    assert_eq!(map(MapOptions::new(), &pipe).unwrap_err(), Errno::ENODEV);
    assert_eq!(map(MapOptions::new().len(10), &pipe).unwrap_err(), Errno::ENODEV);
}

#[test]
fn an_offset_within_a_page_is_refused() {
    let folder = Folder::new();
    let file = open(&folder.file("f", &pattern(2 * page_size())));
    for offset in [1, 512, page_size() as u64 / 2, page_size() as u64 + 1] {
        assert_eq!(map(MapOptions::new().offset(offset), &file).unwrap_err(), Errno::EINVAL, "{offset}");
    }
}

#[test]
fn an_offset_or_length_past_everything_is_refused() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b"text"));
    let page = page_size() as u64;
    let options = MapOptions::new();
    assert_eq!(map(options.offset(page), &file).unwrap_err(), Errno::EOVERFLOW);
    assert_eq!(map(options.offset(u64::MAX), &file).unwrap_err(), Errno::EOVERFLOW);
    assert_eq!(
        map(options.offset(0_u64.wrapping_sub(page)).len(page as usize), &file).unwrap_err(),
        Errno::EOVERFLOW
    );
    for length in [usize::MAX, usize::MAX - page_size() + 1, isize::MAX as usize] {
        assert_eq!(map(options.len(length), &file).unwrap_err(), Errno::ENOMEM, "{length:#x}");
    }
}

#[test]
fn a_file_that_cannot_be_read_or_written_is_refused() {
    let folder = Folder::new();
    let path = c_path(&folder.file("f", b"text"));
    let (readable, writable) = (OpenOptions::new().read(), OpenOptions::new().write());
    let (readable, writable) = (readable.open(&path).unwrap(), writable.open(&path).unwrap());
    for options in [MapOptions::new(), MapOptions::new().private()] {
        assert_eq!(map(options, &writable).unwrap_err(), Errno::EACCES);
        assert_eq!(map_mut(options, &writable).unwrap_err(), Errno::EACCES);
    }
    assert_eq!(map_mut(MapOptions::new(), &readable).unwrap_err(), Errno::EACCES);
}

#[test]
fn an_empty_file_is_refused_for_the_same_reasons() {
    let folder = Folder::new();
    let path = c_path(&folder.file("f", b""));
    let writable = OpenOptions::new().write().open(&path).unwrap();
    assert_eq!(map(MapOptions::new(), &writable).unwrap_err(), Errno::EACCES);
    let past = MapOptions::new().offset(page_size() as u64);
    assert_eq!(map(past, &File::open(&path).unwrap()).unwrap_err(), Errno::EOVERFLOW);
}

#[test]
fn past_the_end_are_zeros_to_the_page_and_then_sigbus() {
    let folder = Folder::new();
    let page = page_size();
    let map = map(MapOptions::new().len(2 * page), &open(&folder.file("f", b"text"))).unwrap();
    assert_eq!(map.len(), 2 * page);
    assert!(map[..4] == *b"text" && map[4..page].iter().all(|&byte| byte == 0));
    // SAFETY: an address within the map; the child is there to die of it.
    let status = in_child(|| unsafe { map.as_ptr().wrapping_add(page).read_volatile() }.into());
    assert_eq!(status.signal(), Some(sys::process::Signal::BUS));
}

#[test]
fn a_store_through_a_map_to_read_is_sigsegv() {
    let folder = Folder::new();
    let map = map(MapOptions::new(), &open(&folder.file("f", b"text"))).unwrap();
    let status = in_child(|| {
        // SAFETY: nothing is stored; the child is there to die of it.
        unsafe { map.as_ptr().cast_mut().write_volatile(0) };
        0
    });
    assert_eq!(status.signal(), Some(sys::process::Signal::SEGV));
}

#[test]
fn a_map_survives_its_file_being_closed_and_removed() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    let file = open(&path);
    let mut map = map_mut(MapOptions::new(), &file).unwrap();
    file.close().unwrap();
    std::fs::remove_file(&path).unwrap();
    map[0] = b'T';
    assert_eq!((&map[..], map.flush()), (&b"Text"[..], Ok(())));
}

#[test]
fn unmap_and_drop_end_the_mapping() {
    let folder = Folder::new();
    let path = folder.file("f", &pattern(3 * page_size()));
    let file = open(&path);
    assert_eq!(mappings(&path), 0);
    let (first, second) =
        (map(MapOptions::new(), &file).unwrap(), map_mut(MapOptions::new(), &file).unwrap());
    let (third, fourth) = (
        map(MapOptions::new().private(), &file).unwrap(),
        map_mut(MapOptions::new().private(), &file).unwrap(),
    );
    // Neighbours of one kind become one mapping, these four do not.
    assert_eq!(mappings(&path), 4);
    first.unmap().unwrap();
    assert_eq!(mappings(&path), 3);
    second.unmap().unwrap();
    assert_eq!(mappings(&path), 2);
    drop(third);
    assert_eq!(mappings(&path), 1);
    drop(fourth);
    assert_eq!(mappings(&path), 0);
}

#[test]
fn every_page_of_a_length_that_is_no_multiple_is_unmapped() {
    let folder = Folder::new();
    let path = folder.file("f", &pattern(2 * page_size() + 1));
    let map = map(MapOptions::new(), &open(&path)).unwrap();
    let last = map.as_ptr().wrapping_add(2 * page_size()).cast_mut();
    assert_eq!(sys::mm::msync(last, 1, MsyncFlags::ASYNC), Ok(()));
    map.unmap().unwrap();
    assert_eq!(mappings(&path), 0);
}

#[test]
fn an_unmap_that_is_refused_gives_the_map_back() {
    if wrong_under_emulation("a filter of system calls") {
        return;
    }
    let folder = Folder::new();
    let file = open(&folder.file("f", b"text"));
    let mut filter = Filter::new(&[sc::nr::MUNMAP], Errno::ENOMEM);
    let status = in_child(|| {
        let (Ok(map), Ok(mutable)) = (map(MapOptions::new(), &file), map_mut(MapOptions::new(), &file))
        else {
            return 1;
        };
        if !filter.install() {
            return 2;
        }
        let (Err(map), Err(mutable)) = (map.unmap(), mutable.unmap()) else { return 3 };
        if (map.errno, mutable.errno) != (Errno::ENOMEM, Errno::ENOMEM) {
            return 4;
        }
        // Whole as they were; dropping them hides the error and does not panic.
        if map.value[..] != *b"text" || mutable.value[..] != *b"text" || Errno::from(map) != Errno::ENOMEM {
            return 5;
        }
        0
    });
    assert!(status.success(), "{status}");
}

#[test]
fn a_map_prints_where_it_is_and_not_what_is_in_it() {
    let folder = Folder::new();
    let map = map(MapOptions::new(), &open(&folder.file("f", b"secret"))).unwrap();
    assert_eq!(format!("{map:?}"), format!("Map {{ start: {:?}, len: 6 }}", map.as_ptr()));
}

#[cfg(feature = "std")]
#[test]
fn files_of_std_can_be_mapped() {
    let folder = Folder::new();
    let file = std::fs::File::open(folder.file("f", b"text")).unwrap();
    assert_eq!(&map(MapOptions::new(), &file).unwrap()[..], b"text");
}
