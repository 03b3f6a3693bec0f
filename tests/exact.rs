//! What takes one call each and looks at nothing: maps of exactly so many bytes, and
//! files opened and written by one call.

mod common;
mod hosted;

use baremap::sys::page_size;
use baremap::{Errno, File, MapOptions, Mode, OpenFlags, OwnedFd};
use common::Folder;
use hosted::{c_path, open};

#[test]
fn an_exact_map_lends_what_any_other_does() {
    let folder = Folder::new();
    let page = page_size();
    let bytes: Vec<u8> = (0..3 * page).map(|index| (index / 7) as u8).collect();
    let file = open(&folder.file("f", &bytes));
    // SAFETY: nobody else knows the file.
    let mut map = unsafe { MapOptions::new().exactly(2 * page + 1).map_mut(&file) }.unwrap();
    assert_eq!(map[..], bytes[..2 * page + 1]);
    map[page] = 200;
    map.flush().unwrap();
    let (first, rest) = map.split_at(page).unwrap();
    assert_eq!((first.len(), rest.len(), rest[0]), (page, page + 1, 200));
    first.unmap().unwrap();
    drop(rest);
    // SAFETY: as above; the offset is that of a page.
    let map = unsafe { MapOptions::new().offset(page as u64).exactly(1).map(&file) }.unwrap();
    assert_eq!(map[..], [200]);
}

#[test]
fn an_exact_map_is_unmapped_when_dropped() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b"text"));
    // SAFETY: nobody else knows the file.
    let map = unsafe { MapOptions::new().private().exactly(4).map(&file) }.unwrap();
    let address = map.as_ptr().addr();
    drop(map);
    // The place is free again.
    let again = MapOptions::new().len(4).fixed(address).map_anon();
    assert_eq!(again.map(|map| map.as_ptr().addr()), Ok(address));
}

#[test]
fn what_cannot_be_mapped_is_what_the_kernel_says() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b"text"));
    // SAFETY: nobody else knows the file.
    let refused = |length, file: &File| unsafe { MapOptions::new().exactly(length).map(file) }.unwrap_err();
    assert_eq!(refused(0, &file), Errno::EINVAL);
    assert_eq!(refused(usize::MAX, &file), Errno::ENOMEM);
    let folder = File::open(&c_path(folder.path())).unwrap();
    assert_eq!(refused(1, &folder), Errno::ENODEV);
}

#[test]
fn a_file_is_opened_and_written_by_one_call_each() {
    let folder = Folder::new();
    let path = folder.path().join("f");
    let flags = OpenFlags::RDWR | OpenFlags::CREAT | OpenFlags::EXCL;
    let file = File::from(OwnedFd::open(&c_path(&path), flags, Mode::RUSR | Mode::WUSR).unwrap());
    assert_eq!(file.write(b"some text"), Ok(9));
    assert_eq!(file.write(b""), Ok(0));
    assert_eq!(std::fs::read(&path).unwrap(), b"some text");
    assert_eq!(OwnedFd::open(&c_path(&path), flags, Mode::empty()).map(drop), Err(Errno::EEXIST));
    let full = File::from(OwnedFd::open(c"/dev/full", OpenFlags::WRONLY, Mode::empty()).unwrap());
    assert_eq!(full.write(b"x"), Err(Errno::ENOSPC));
}
