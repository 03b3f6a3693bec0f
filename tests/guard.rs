//! Guarded maps: every access to memory that is gone is an error, and every fault
//! that is not theirs goes where it went before.

mod common;
mod hosted;

use std::cmp::Ordering;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use baremap::guard::{ByFile, Fault, Guarded, Guards, KernelCopies, Means};
use baremap::map::Window;
use baremap::sys::page_size;
use baremap::{AsFd, Errno, File, MapAnon, MapOptions, Prot};
use common::Folder;
use hosted::{c_path, open, wrong_under_emulation};

fn guards() -> Guards {
    Guards::install().expect("a handler")
}

fn guarded<M: Means>(file: &impl AsFd, means: M) -> Guarded<M> {
    Guarded::new(MapOptions::new().map_raw(file).expect("a map"), means)
}

/// Bytes of which no two pages are the same.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// Whatever the means, over a file of four pages that is cut to a page and a half.
fn what_is_gone_is_an_error<M: Means>(path: &std::path::Path, means: impl Fn(File) -> M, writes_past: bool) {
    let page = page_size();
    let all = pattern(4 * page);
    std::fs::write(path, &all).unwrap();
    let file = open(path);
    let map = guarded(&file, means(open(path)));
    let mut seen = vec![0; 4 * page];
    map.read_at(0, &mut seen).unwrap();
    assert_eq!(seen, all);
    assert_eq!(map.get::<u64>(3), Ok(u64::from_ne_bytes(all[3..11].try_into().unwrap())));

    let kept = page + page / 2;
    file.set_len(kept as u64).unwrap();
    // What is past the end in the last page is there for a map, and not for a file.
    let there = if writes_past { 2 * page } else { kept };
    seen.fill(1);
    let gone = Fault { errno: Errno::EFAULT, offset: there, done: there };
    assert_eq!(map.read_at(0, &mut seen), Err(gone));
    assert_eq!(seen[..kept], all[..kept]);
    assert!(seen[there..].iter().all(|&byte| byte == 1));
    let from = page + 1;
    assert_eq!(map.read_at(from, &mut seen[..2 * page]), Err(Fault { done: there - from, ..gone }));
    for position in [2 * page, 3 * page + 5, 4 * page - 8] {
        assert_eq!(map.get::<u64>(position), Err(Fault { offset: position, done: 0, ..gone }), "{position}");
        assert_eq!(map.get::<u8>(position).unwrap_err().errno, Errno::EFAULT);
        assert_eq!(map.set(position, 7_u32), Err(Fault { offset: position, done: 0, ..gone }));
        assert_eq!(map.read_at(position, &mut []), Ok(()));
    }
    // A value that is there in part.
    assert_eq!(map.get::<u64>(2 * page - 4).unwrap_err().errno, Errno::EFAULT);
    assert_eq!(map.write_at(from, &pattern(2 * page)), Err(Fault { done: there - from, ..gone }));
    assert_eq!(map.compare(0, &all[..from]), Ok(Ordering::Equal));
    assert_eq!(map.compare(0, &all[..3 * page]).unwrap_or(Ordering::Less), Ordering::Less);
    assert_eq!(file.len(), Ok(kept as u64));

    // It comes back with the file.
    file.set_len(4 * page as u64).unwrap();
    assert_eq!(map.get::<u64>(3 * page), Ok(0));
    assert_eq!(map.set(3 * page, 1_u64), Ok(()));
}

#[test]
fn by_the_handler_what_is_gone_is_an_error() {
    let folder = Folder::new();
    what_is_gone_is_an_error(&folder.path().join("f"), |_| guards(), true);
}

#[test]
fn by_the_kernel_what_is_gone_is_an_error() {
    let folder = Folder::new();
    if !wrong_under_emulation("process_vm_readv") {
        what_is_gone_is_an_error(&folder.path().join("f"), |_| KernelCopies, true);
    }
}

#[test]
fn by_the_file_what_is_gone_is_an_error() {
    let folder = Folder::new();
    what_is_gone_is_an_error(&folder.path().join("f"), |file| ByFile::new(file, 0), false);
}
