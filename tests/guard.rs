//! Guarded maps: every access to memory that is gone is an error, and every fault
//! that is not theirs goes where it went before.

mod common;
mod hosted;

use std::cmp::Ordering;

use baremap::flags::FallocateFlags;
use baremap::guard::{ByFile, Fault, Guarded, Guards, KernelCopies, Means};
use baremap::map::{Anon, HugePage, Raw, Window};
use baremap::memfd::Memfd;
use baremap::sys::mm::{self, Advice};
use baremap::sys::{fs, page_size, system};
use baremap::{AsFd, Errno, File, Map, MapAnon, MapOptions, MountFlags, OpenOptions};
use common::Folder;
use hosted::{c_path, in_child, open, raw, wrong_under_emulation};

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

const fn gone(offset: usize, done: usize) -> Fault {
    Fault { errno: Errno::EFAULT, offset, done }
}

/// A map that may only be read, by means that say `errno` of a write.
fn what_is_read_only_is_not_written<M: Means>(means: impl Fn(File) -> M, errno: Errno) {
    let folder = Folder::new();
    let path = folder.file("f", &pattern(2 * page_size()));
    let file = File::open(&c_path(&path)).unwrap();
    let map = MapOptions::new().map_raw_read_only(&file).unwrap();
    let map = Guarded::new(map, means(file));
    let refused = |offset| Err(Fault { errno, offset, done: 0 });
    assert_eq!(map.write_at(1, &[1, 2]), refused(1));
    assert_eq!(map.set(8, 1_u64), refused(8));
    assert_eq!(map.set(3, 1_u8), refused(3));
    assert_eq!(map.fill(5.., 0), refused(5));
    // From the end, since it would else write over what is still to be read.
    assert_eq!(map.copy_within(..9, 100), refused(108));
    assert_eq!(map.copy_within(100..109, 7), refused(7));
    assert_eq!(map.compare(0, &pattern(2 * page_size())), Ok(Ordering::Equal));
}

#[test]
fn what_is_read_only_is_an_error_to_write() {
    what_is_read_only_is_not_written(|_| guards(), Errno::EFAULT);
    what_is_read_only_is_not_written(|file| ByFile::new(file, 0), Errno::EBADF);
    if !wrong_under_emulation("process_vm_writev") {
        what_is_read_only_is_not_written(|_| KernelCopies, Errno::EFAULT);
    }
}

#[test]
fn positions_are_those_of_a_window() {
    let folder = Folder::new();
    let page = page_size();
    let all = pattern(4 * page);
    let file = open(&folder.file("f", &all));
    let start = page + 100;
    let map: Guarded<_, Window> =
        Guarded::new(MapOptions::new().byte_offset(start as u64).map_raw(&file).unwrap(), guards());
    let by_file: Guarded<_, Window> = Guarded::new(
        MapOptions::new().byte_offset(start as u64).map_raw(&file).unwrap(),
        ByFile::new(&file, start as u64),
    );
    assert_eq!(map.len(), 3 * page - 100);
    for place in [0, 1, page - 104, 2 * page] {
        let expected = u64::from_ne_bytes(all[start + place..start + place + 8].try_into().unwrap());
        assert_eq!(map.get(place), Ok(expected));
        assert_eq!(by_file.get(place), Ok(expected));
    }
    assert_eq!(map.compare(0, &all[start..]), Ok(Ordering::Equal));
    assert_eq!(by_file.compare(0, &all[start..]), Ok(Ordering::Equal));
    file.set_len(2 * page as u64).unwrap();
    let there = page - 100;
    assert_eq!(map.compare(0, &all[start..]), Err(gone(there, there)));
    assert_eq!(by_file.compare(0, &all[start..]), Err(gone(there, there)));
    file.set_len(0).unwrap();
    assert_eq!(map.get::<u8>(0), Err(gone(0, 0)));
}

#[test]
fn a_hole_is_zeros() {
    let folder = Folder::new();
    let page = page_size();
    let file = open(&folder.file("f", &pattern(4 * page)));
    let map = guarded(&file, guards());
    let mode = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    // SAFETY: no slice is lent of it.
    unsafe { fs::fallocate(raw(&file), mode, page as i64, 2 * page as i64) }.unwrap();
    let mut seen = vec![1; 2 * page];
    map.read_at(page, &mut seen).unwrap();
    assert!(seen.iter().all(|&byte| byte == 0));
    map.set(2 * page, 7_u16).unwrap();
    assert_eq!(map.find(7, page..), Ok(Some(2 * page)));
}

#[test]
fn copies_of_any_length_come_to_the_very_byte_that_is_gone() {
    let folder = Folder::new();
    let page = page_size();
    let file = open(&folder.file("f", &pattern(2 * page)));
    let map = guarded(&file, guards());
    file.set_len(page as u64).unwrap();
    for length in (0..=100).chain([255, 256, 1023, 1024, 1025]) {
        for there in (0..length).take(70).chain([length]) {
            let from = page - there;
            let expected = if there < length { Err(gone(page, there)) } else { Ok(()) };
            let mut seen = vec![1; length];
            let bytes: Vec<u8> = pattern(length).iter().map(|byte| byte ^ 0x55).collect();
            for round in 0..2 {
                assert_eq!(map.read_at(from, &mut seen), expected, "{there} of {length} are read");
                assert!(seen[there..].iter().all(|&byte| byte == 1), "{there} of {length} are read");
                if round == 0 {
                    assert_eq!(map.write_at(from, &bytes), expected, "{there} of {length} are written");
                }
            }
            assert_eq!(seen[..there], bytes[..there], "{there} of {length}");
        }
    }
}

#[test]
fn a_guard_page_is_an_error() {
    if wrong_under_emulation("madvise(MADV_GUARD_INSTALL)") {
        return;
    }
    let page = page_size();
    let map: Map<Raw, Anon> = MapAnon::new(3 * page).unwrap().into();
    let map = Guarded::new(map, guards());
    let place = map.map().as_mut_ptr().wrapping_add(page);
    // SAFETY: it is this test's, and no slice is lent of it.
    match unsafe { mm::madvise(place, page, Advice::GUARD_INSTALL) } {
        // Before Linux 6.13; pages without rights are in the model.
        Err(Errno::EINVAL) => return,
        result => result.unwrap(),
    }
    let mut seen = vec![1; 2 * page];
    assert_eq!(map.read_at(0, &mut seen), Err(gone(page, page)));
    assert_eq!(map.fill(10.., 3), Err(gone(page, page - 10)));
    assert_eq!(map.set(2 * page - 8, 1_u64), Err(gone(2 * page - 8, 0)));
    assert_eq!(map.set(2 * page, 1_u64), Ok(()));
}

#[test]
fn a_full_filesystem_is_an_error() {
    let folder = Folder::new();
    let (place, path) = (c_path(folder.path()), c_path(&folder.path().join("f")));
    let page = page_size();
    let (all, room) = (pattern(16 * page), 4 * page);
    let options = std::ffi::CString::new(format!("size={room}")).unwrap();
    let status = in_child(|| {
        // So that the mount is this child's alone, and goes with it.
        let private = MountFlags::from_bits_retain((libc::MS_REC | libc::MS_PRIVATE) as _);
        // SAFETY: it takes nothing away that this child needs.
        if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
            return 77;
        }
        if system::mount(c"none", c"/", c"", private, c"").is_err() {
            return 1;
        }
        if system::mount(c"tmpfs", &place, c"tmpfs", MountFlags::empty(), &options).is_err() {
            return 2;
        }
        let file = OpenOptions::new().read().write().create().open(&path).and_then(|file| {
            file.set_len(all.len() as u64)?;
            Ok(file)
        });
        let Ok(map) = file.and_then(|file| MapOptions::new().map_raw(&file)) else { return 3 };
        let Ok(guards) = Guards::install() else { return 4 };
        let map = Guarded::new(map, guards);
        let Err(fault) = map.write_at(0, &all) else { return 5 };
        // The filesystem needs some of the room for itself.
        let kept = fault.offset;
        let exact = fault == gone(kept, kept) && kept > 0 && kept <= room && kept % page == 0;
        let there = all.get(..kept).map(|there| map.compare(0, there)) == Some(Ok(Ordering::Equal));
        let last = map.set(15 * page, 1_u64) == Err(gone(15 * page, 0));
        let filled = map.fill(page.., 9) == Err(gone(kept, kept - page));
        if exact && there && last && filled { 0 } else { 6 }
    });
    if status.code() == Some(77) {
        eprintln!("not checked: only root has a mount of its own");
    } else {
        assert_eq!(status.code(), Some(0));
    }
}

#[test]
fn a_pool_of_huge_pages_that_is_empty_is_an_error() {
    if wrong_under_emulation("mmap of huge pages") {
        return;
    }
    let number = |name: &str| -> usize {
        let text = std::fs::read_to_string(format!("/proc/sys/vm/{name}")).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    };
    let huge = HugePage::MB2.bytes();
    let count = number("nr_hugepages") + number("nr_overcommit_hugepages") + 1;
    let Ok(file) = Memfd::with_huge_pages(c"huge", HugePage::MB2) else {
        return eprintln!("not checked: the machine has no huge pages");
    };
    file.set_len((count * huge) as u64).unwrap();
    // Without a reserve, for the kernel would refuse that.
    let map = Guarded::new(MapOptions::new().no_reserve().map_raw(&file).unwrap(), guards());
    let results: Vec<_> = (0..count).map(|number| (number * huge, map.set(number * huge, 1_u64))).collect();
    assert!(results.iter().any(|(_, result)| result.is_err()), "{results:?}");
    for (offset, result) in results {
        assert!(result == Ok(()) || result == Err(gone(offset, 0)), "{result:?} at {offset}");
    }
    map.into_map().unmap().expect("it ends as it should");
}

#[test]
fn what_is_not_in_the_map_is_not_tried() {
    let page = page_size();
    let map: Map<Raw, Anon> = MapAnon::new(page).unwrap().into();
    let map = Guarded::new(map, guards());
    let outside = |offset| Err(Fault { errno: Errno::EINVAL, offset, done: 0 });
    assert_eq!(map.read_at(page - 1, &mut [0; 2]), outside(page - 1));
    assert_eq!(map.read_at(usize::MAX, &mut [0; 2]), outside(usize::MAX));
    assert_eq!(map.write_at(page, &[0]), outside(page));
    assert_eq!(map.get::<u64>(page - 7).map(drop), outside(page - 7));
    assert_eq!(map.set(usize::MAX - 3, 0_u64), outside(usize::MAX - 3));
    #[allow(clippy::reversed_empty_ranges, reason = "it is what is tried")]
    let backwards = 3..2;
    assert_eq!(map.fill(backwards, 1), outside(3));
    assert_eq!(map.fill(..=page, 1), outside(0));
    assert_eq!(map.fill(..=usize::MAX, 1), outside(0));
    assert_eq!(map.copy_within(..2, page - 1), outside(page - 1));
    assert_eq!(map.find(1, page + 1..).map(drop), outside(page + 1));
    assert_eq!(map.compare(page, &[0]).map(drop), outside(page));
    assert_eq!(map.chunks(.., &mut []).map(drop), outside(0));
    assert_eq!(map.read_at(page, &mut []), Ok(()));
    assert_eq!(map.find(0, page..), Ok(None));
}

#[test]
fn a_file_without_bytes_is_a_map_without() {
    let folder = Folder::new();
    let map = guarded(&open(&folder.file("f", b"")), guards());
    assert!(map.is_empty());
    assert_eq!(map.read_at(0, &mut []), Ok(()));
    assert_eq!(map.copy_within(.., 0), Ok(()));
    assert_eq!(map.get::<u8>(0), Err(Fault { errno: Errno::EINVAL, offset: 0, done: 0 }));
    assert_eq!(map.chunks(.., &mut [0; 3]).unwrap().next(), None);
}

#[test]
fn chunks_go_on_behind_what_is_gone() {
    let page = page_size();
    let folder = Folder::new();
    let file = open(&folder.file("f", &pattern(3 * page)));
    let map = guarded(&file, guards());
    file.set_len(page as u64).unwrap();
    let mut buffer = vec![0; page + 10];
    let mut chunks = map.chunks(.., &mut buffer).unwrap();
    assert_eq!(chunks.next(), Some(Err(gone(page, page))));
    file.set_len(2 * page as u64).unwrap();
    assert_eq!(chunks.next(), Some(Err(gone(2 * page, page - 10))));
    file.set_len(3 * page as u64).unwrap();
    assert_eq!(chunks.next().map(|chunk| chunk.map(<[u8]>::len)), Some(Ok(page - 20)));
    assert_eq!(chunks.next(), None);
}

#[test]
fn a_file_that_was_cut_short_is_not_made_longer_by_a_write() {
    let folder = Folder::new();
    let page = page_size();
    let file = open(&folder.file("f", &pattern(2 * page)));
    let map = guarded(&file, ByFile::new(open(&folder.path().join("f")), 0));
    file.set_len(10).unwrap();
    assert_eq!(map.write_at(5, &[9; 20]), Err(gone(10, 5)));
    assert_eq!(map.set(100, 1_u8), Err(gone(100, 0)));
    assert_eq!(file.len(), Ok(10));
}

#[test]
fn a_fault_says_where_and_why() {
    let fault = gone(20, 5);
    assert_eq!(fault.to_string(), "EFAULT: Bad address at byte 20 of the map, after 5 bytes");
    assert_eq!(Errno::from(fault), Errno::EFAULT);
    let error: &dyn std::error::Error = &fault;
    assert!(error.source().is_none());
}
