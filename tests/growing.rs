//! A file that grows with its map: what was appended is there, through the map
//! and in the file; what could not be is nowhere; and no end of the process
//! leaves more or less than was written.

mod common;
mod hosted;

use std::io::Read;
use std::os::fd::AsRawFd;

use baremap::sys::process::{Signal, kill};
use baremap::sys::{page_size, system};
use baremap::{BorrowedFd, Errno, File, GrowingMap, MountFlags, OpenOptions};
use common::Folder;
use hosted::{Filter, c_path, child, holds, holds_in_child, mappings, open, raw, wrong_under_emulation};

/// Maps a file of the test's own.
fn growing(file: File, capacity: usize) -> baremap::Result<GrowingMap<File>> {
    // SAFETY: nobody else changes it.
    unsafe { GrowingMap::new(file, capacity) }
}

/// The record of this number: of a length of its own, and different throughout.
fn record(number: usize) -> impl Iterator<Item = u8> {
    let length = 1 + number * 37 % 5000;
    (0..length).map(move |at| (number * 31 + at) as u8)
}

#[test]
fn what_is_appended_is_in_the_map_and_in_the_file() {
    let folder = Folder::new();
    let path = folder.file("f", b"old ");
    let mut map = growing(open(&path), 1 << 30).unwrap();
    let start = map.as_ptr();
    let mut expected = b"old ".to_vec();
    for number in 0..100 {
        let bytes: Vec<u8> = record(number).collect();
        map.append(&bytes).unwrap();
        expected.extend(bytes);
        assert!(map[..] == expected, "{number}");
        assert_eq!(map.file().len(), Ok(expected.len() as u64));
    }
    assert_eq!((map.append(b""), map.as_ptr(), map.capacity()), (Ok(()), start, 1 << 30));
    assert!(std::fs::read(&path).unwrap() == expected);
    assert_eq!(format!("{map:?}").matches(&format!("len: {}", expected.len())).count(), 1);
    assert_eq!(mappings(&path), 1);
    assert_eq!(map.into_file().len(), Ok(expected.len() as u64));
    assert_eq!(mappings(&path), 0);
}

#[test]
fn what_is_rewritten_reaches_the_file_and_appending_leaves_it() {
    let folder = Folder::new();
    let path = folder.file("f", b"");
    let mut map = growing(open(&path), 3 * page_size()).unwrap();
    assert_eq!((map.len(), map.flush()), (0, Ok(())));
    map.append(b"first").unwrap();
    map[0] = b'F';
    assert_eq!(map.flush(), Ok(()));
    map.append(b" second").unwrap();
    map[6] = b'S';
    assert_eq!((map.flush(), map.flush()), (Ok(()), Ok(())));
    assert_eq!((&map[..], std::fs::read(&path).unwrap()), (&b"First Second"[..], b"First Second".to_vec()));
    // What lies behind the end of the file in its last page is never seen.
    map.append(&vec![b'.'; page_size()]).unwrap();
    assert!(map[12..].iter().all(|&byte| byte == b'.'));
}

#[test]
fn a_flush_is_about_what_was_changed_since_the_last() {
    if wrong_under_emulation("a filter of system calls") {
        return;
    }
    let folder = Folder::new();
    for append in [true, false] {
        let mut map = growing(open(&folder.file("f", b"text")), 100).unwrap();
        map[0] = b'T';
        let mut filter = Filter::new(&[sc::nr::MSYNC], Errno::EIO);
        holds_in_child(|| {
            holds!(map.flush() == Ok(()) && filter.install());
            // There is nothing to ask the kernel for.
            holds!(map.flush() == Ok(()));
            if append {
                holds!(map.append(b" and more") == Ok(()));
            } else {
                map[3] = b'T';
            }
            // What was refused has to be asked for again.
            holds!(map.flush() == Err(Errno::EIO) && map.flush() == Err(Errno::EIO));
            Ok(())
        });
    }
}

#[test]
fn the_capacity_is_all_that_can_be_appended() {
    let folder = Folder::new();
    let path = folder.file("f", b"1234");
    for capacity in [0, 3] {
        let errno = if capacity == 0 { Errno::EINVAL } else { Errno::EFBIG };
        assert_eq!(growing(open(&path), capacity).unwrap_err(), errno);
    }
    assert_eq!(mappings(&path), 0);
    let mut map = growing(open(&path), 7).unwrap();
    assert_eq!(map.append(b"5678"), Err(Errno::EFBIG));
    assert_eq!(map[..], *b"1234");
    let said = [&b"567"[..], b"8", b""].map(|bytes| map.append(bytes));
    assert_eq!(said, [Ok(()), Err(Errno::EFBIG), Ok(())]);
    assert_eq!((&map[..], std::fs::read(&path).unwrap()), (&b"1234567"[..], b"1234567".to_vec()));
}

#[test]
fn a_file_that_cannot_be_read_and_written_is_refused() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    let options = OpenOptions::new();
    for options in [options.read(), options.write()] {
        let file = options.open(&c_path(&path)).unwrap();
        assert_eq!(growing(file, 100).unwrap_err(), Errno::EACCES);
    }
    let (reader, _writer) = std::io::pipe().unwrap();
    // SAFETY: `reader` keeps it open.
    let pipe = unsafe { BorrowedFd::borrow_raw(reader.as_raw_fd()) };
    // SAFETY: nothing is mapped.
    assert!(unsafe { GrowingMap::new(pipe, 100) }.is_err());
}

#[test]
fn an_append_that_ends_halfway_is_undone() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    let file = open(&path);
    let length = 2 * page_size();
    let zeros = vec![0; length];
    holds_in_child(|| {
        let limit = libc::rlimit { rlim_cur: length as u64, rlim_max: length as u64 };
        // SAFETY: the limit is this child's own.
        holds!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) } == 0);
        // SAFETY: ignoring runs no handler.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        // SAFETY: nobody else changes the file.
        let mut map = unsafe { GrowingMap::new(&file, 1 << 30) }.or(Err(line!()))?;
        // The first write takes what fits, the second nothing.
        holds!(map.append(&zeros) == Err(Errno::EFBIG));
        holds!(file.len() == Ok(4) && map[..] == *b"text");
        holds!(map.append(b"more") == Ok(()) && map[..] == *b"textmore" && map.flush() == Ok(()));
        Ok(())
    });
    assert_eq!(std::fs::read(&path).unwrap(), b"textmore");
}

#[test]
fn a_full_disk_is_an_error_and_the_file_as_it_was() {
    if wrong_under_emulation("a disk of one's own") {
        return;
    }
    let folder = Folder::new();
    let place = c_path(folder.path());
    let path = c_path(&folder.path().join("f"));
    let bytes = vec![7; 200_000];
    holds_in_child(|| {
        // SAFETY: it takes a number.
        if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
            return Ok(());
        }
        holds!(
            system::mount(
                c"none",
                c"/",
                c"none",
                MountFlags::from_bits_retain((libc::MS_REC | libc::MS_PRIVATE) as _),
                c""
            )
            .is_ok()
        );
        holds!(system::mount(c"tmpfs", &place, c"tmpfs", MountFlags::empty(), c"size=1048576").is_ok());
        let file = OpenOptions::new().read().write().create_new().open(&path).or(Err(line!()))?;
        // SAFETY: nobody else changes the file.
        let mut map = unsafe { GrowingMap::new(&file, 1 << 30) }.or(Err(line!()))?;
        let mut appended = 0;
        let refused = loop {
            match map.append(&bytes) {
                Ok(()) => appended += 1,
                Err(errno) => break errno,
            }
        };
        holds!(refused == Errno::ENOSPC && appended == 5);
        holds!(map.len() == 1_000_000 && file.len() == Ok(1_000_000));
        holds!(map.iter().all(|&byte| byte == 7));
        holds!(map.append(b"as long as there is room") == Ok(()) && map.flush() == Ok(()));
        Ok(())
    });
}

#[test]
fn a_process_that_is_killed_leaves_the_file_as_long_as_what_it_appended() {
    let folder = Folder::new();
    let path = folder.file("f", b"");
    for rounds in [1, 10, 200] {
        let file = open(&path);
        file.set_len(0).unwrap();
        let (mut reader, writer) = std::io::pipe().unwrap();
        let tell = writer.as_raw_fd();
        let appending = child(|| {
            // SAFETY: nobody else changes the file.
            let Ok(mut map) = (unsafe { GrowingMap::new(&file, 1 << 30) }) else { return 1 };
            let mut bytes = [0; 5000];
            for number in 0.. {
                let mut length = 0;
                for (place, byte) in bytes.iter_mut().zip(record(number)) {
                    *place = byte;
                    length += 1;
                }
                if map.append(&bytes[..length]).is_err() || hosted::write(tell, b".").is_err() {
                    return 2;
                }
            }
            0
        });
        // It is somewhere after so many records when it is killed.
        reader.read_exact(&mut vec![0; rounds]).unwrap();
        kill(appending.pid(), Signal::KILL).unwrap();
        assert_eq!(appending.wait().unwrap().signal(), Some(Signal::KILL));
        drop(writer);
        let mut told = Vec::new();
        reader.read_to_end(&mut told).unwrap();

        let content = std::fs::read(&path).unwrap();
        let (mut records, mut at) = (0, 0);
        while at < content.len() {
            for byte in record(records) {
                assert_eq!(content.get(at), Some(&byte), "record {records}, byte {at} of {}", content.len());
                at += 1;
            }
            records += 1;
        }
        // Each was told of after it was appended.
        let told = rounds + told.len();
        assert!((told..=told + 1).contains(&records), "{records} records, {told} told");
        assert_eq!(file.len(), Ok(content.len() as u64));
    }
}

#[test]
fn a_borrowed_file_will_do() {
    let folder = Folder::new();
    let path = folder.file("f", b"");
    let file = open(&path);
    // SAFETY: nobody else changes the file, here and below.
    let mut map = unsafe { GrowingMap::new(&file, 100) }.unwrap();
    map.append(b"text").unwrap();
    assert_eq!(raw(map.file()), raw(&file));
    drop(map);
    assert_eq!(file.len(), Ok(4));
}
