//! The reader of address spaces: it tells what the text of /proc tells, of this
//! process and of another, through buffers of every size.

mod common;
mod hosted;
mod waiting;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;

use baremap::address_space::{AddressSpace, Error, Mapping, Name, Sharing};
use baremap::sys::mm::{mmap, munmap};
use baremap::sys::process::Pid;
use baremap::sys::procmap::PROCMAP_QUERY;
use baremap::sys::{page_size, prctl_set_vma_anon_name};
use baremap::{Errno, Map, MapAnon, MapFlags, MapOptions, Prot};
use common::Folder;
use hosted::{Filter, child, holds, holds_in_child, open, wrong_under_emulation};
use waiting::{Waiting, until_state};

/// A mapping as a line of /proc/PID/maps, without what fills it up.
fn line(mapping: &Mapping<'_>) -> Vec<u8> {
    let letter = |right, letter| if mapping.prot.contains(right) { letter } else { '-' };
    let mut line = format!(
        "{:08x}-{:08x} {}{}{}{} {:08x} {:02x}:{:02x} {}",
        mapping.start,
        mapping.end,
        letter(Prot::READ, 'r'),
        letter(Prot::WRITE, 'w'),
        letter(Prot::EXEC, 'x'),
        if mapping.sharing == Sharing::Shared { 's' } else { 'p' },
        mapping.offset,
        mapping.device.major,
        mapping.device.minor,
        mapping.inode,
    )
    .into_bytes();
    line.extend(b" ");
    match mapping.name {
        Name::None => line.truncate(line.len() - 1),
        Name::File(path) => line.extend(path.as_written()),
        Name::Deleted(path) => line.extend([path.as_written(), b" (deleted)"].concat()),
        Name::Stack => line.extend(b"[stack]"),
        Name::Heap => line.extend(b"[heap]"),
        Name::Vdso => line.extend(b"[vdso]"),
        Name::Vvar => line.extend(b"[vvar]"),
        Name::Anon(name) => line.extend([b"[anon:", name, b"]"].concat()),
        Name::SharedAnon(name) => line.extend([b"[anon_shmem:", name, b"]"].concat()),
        Name::Other(name) => line.extend(name),
        other => panic!("{other:?}"),
    }
    line
}

/// The lines of a process's maps in the kernel's words, without what fills them up.
fn lines(pid: Pid) -> Vec<Vec<u8>> {
    let text = fs::read(format!("/proc/{pid}/maps")).expect("/proc is mounted");
    let squeeze = |line: &[u8]| {
        let line = line.trim_ascii_end();
        let gap = line.windows(2).position(|pair| pair == b"  ").unwrap_or(line.len());
        let name = line[gap..].trim_ascii_start();
        if name.is_empty() { line.to_vec() } else { [&line[..gap], b" ", name].concat() }
    };
    text.strip_suffix(b"\n").expect("a last newline").split(|&byte| byte == b'\n').map(squeeze).collect()
}

/// Finds a mapping of this process.
fn mapping_of<T>(address: *const u8, told: impl FnOnce(Mapping<'_>) -> T) -> T {
    let mut buffer = [0; 8192];
    let mut maps = AddressSpace::own().maps(&mut buffer).unwrap();
    while let Some(mapping) = maps.next_mapping().unwrap() {
        if mapping.range().contains(&address.addr()) {
            return told(mapping);
        }
    }
    panic!("{address:?} is not mapped");
}

#[test]
fn every_mapping_of_another_process_is_told_through_buffers_of_every_size() {
    let folder = Folder::new();
    let long = folder.file(&"a".repeat(200), b"text");
    // SAFETY: nobody changes the file.
    let map = unsafe { Map::map(&open(&long)) }.unwrap();
    let process = Waiting::new();
    let expected = lines(process.pid());
    assert!(expected.len() > 5);
    for size in [300, 301, 302, 303, 333, 512, 1000, 4095, 4096, 4097, 1 << 16] {
        let mut buffer = vec![0; size];
        let mut maps = AddressSpace::of(process.pid()).maps(&mut buffer).unwrap();
        for expected in &expected {
            let told = line(&maps.next_mapping().unwrap().expect("another mapping"));
            assert_eq!(OsStr::from_bytes(&told), OsStr::from_bytes(expected), "{size}");
        }
        assert_eq!(maps.next_mapping(), Ok(None));
        assert_eq!(maps.next_mapping(), Ok(None));
    }
    drop(map);
}

#[test]
fn a_line_longer_than_the_buffer_is_an_error_and_the_next_one_is_read() {
    let process = Waiting::new();
    let expected = lines(process.pid());
    for size in 0..300 {
        let mut buffer = vec![0; size];
        let mut maps = AddressSpace::of(process.pid()).maps(&mut buffer).unwrap();
        if size == 0 {
            assert_eq!(maps.next_mapping(), Err(Error::TooLong { line: 1 }));
            assert_eq!(maps.next_mapping(), Ok(None));
            continue;
        }
        for (number, expected) in expected.iter().enumerate() {
            match maps.next_mapping() {
                Ok(mapping) => assert_eq!(&line(&mapping.expect("another mapping")), expected, "{size}"),
                Err(error) => {
                    assert_eq!(error, Error::TooLong { line: number + 1 });
                    // Its name begins in column 73, and a newline is behind it.
                    assert!(size < expected.len().max(73) + 100, "{size}: {expected:?}");
                }
            }
        }
        assert_eq!(maps.next_mapping(), Ok(None), "{size}");
    }
}

#[test]
fn files_are_told_by_any_path_and_when_they_are_removed() {
    for name in ["plain", "with several spaces", "two\nlines\n", "caf\u{e9}", " (deleted)x", "back\\slash"] {
        let folder = Folder::new();
        let path = folder.file(name, b"some text");
        let file = open(&path);
        // SAFETY: nobody changes the file.
        let map = unsafe { MapOptions::new().shared().map(&file) }.unwrap();
        let metadata = fs::metadata(&path).unwrap();
        let bytes = path.as_os_str().as_bytes();
        mapping_of(map.as_ptr(), |mapping| {
            assert_eq!((mapping.prot, mapping.sharing, mapping.offset), (Prot::READ, Sharing::Shared, 0));
            assert_eq!((mapping.start, mapping.end - mapping.start), (map.as_ptr().addr(), page_size()));
            assert_eq!(mapping.inode, metadata.ino());
            let device = (mapping.device.major, mapping.device.minor);
            // Of some file systems a mapping tells another device than the file.
            let expected = (libc::major(metadata.dev()), libc::minor(metadata.dev()));
            assert!(device == expected || device.0 == 0, "{device:?} {expected:?}");
            let Name::File(path) = mapping.name else { panic!("{mapping:?}") };
            assert!(path.bytes().eq(bytes.iter().copied()), "{path:?}");
            assert_eq!(path.as_written(), name_as_written(bytes));
        });
        fs::remove_file(&path).unwrap();
        if wrong_under_emulation("the name of a file that is removed") {
            continue;
        }
        mapping_of(map.as_ptr(), |mapping| {
            let Name::Deleted(path) = mapping.name else { panic!("{mapping:?}") };
            assert!(path.bytes().eq(bytes.iter().copied()), "{path:?}");
        });
    }
}

fn name_as_written(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| if *byte == b'\n' { b"\\012".to_vec() } else { vec![*byte] }).collect()
}

#[test]
fn anonymous_memory_is_told_by_its_name_if_it_has_one() {
    let map = MapAnon::new(page_size()).unwrap();
    let shared = MapOptions::new().len(page_size()).map_shared_anon().unwrap();
    mapping_of(shared.as_ptr(), |mapping| {
        assert_eq!((mapping.prot, mapping.sharing), (Prot::READ | Prot::WRITE, Sharing::Shared));
    });
    let shared_is_named = prctl_set_vma_anon_name(shared.as_ptr(), page_size(), Some(c"ours")).is_ok();
    if wrong_under_emulation("names of anonymous memory") {
        return;
    }
    // A kernel without CONFIG_ANON_VMA_NAME has no names.
    match map.set_name(Some(c"a name")) {
        Ok(()) => mapping_of(map.as_ptr(), |mapping| assert_eq!(mapping.name, Name::Anon(b"a name"))),
        Err(errno) => assert_eq!(errno, Errno::EINVAL),
    }
    mapping_of(shared.as_ptr(), |mapping| match mapping.name {
        Name::SharedAnon(name) => assert!(shared_is_named && name == b"ours"),
        Name::Deleted(path) => assert_eq!(path.as_written(), b"/dev/zero"),
        other => panic!("{other:?}"),
    });
}

/// Asks for the mapping at each end of every mapping, and beside them.
fn each_mapping_is_found(pid: Pid, buffers: &mut [[u8; 8192]; 2]) -> Result<(), u32> {
    let [first, second] = buffers;
    let mut maps = AddressSpace::of(pid).maps(first).or(Err(line!()))?;
    let (mut below, mut count) = (0, 0);
    while let Some(mapping) = maps.next_mapping().or(Err(line!()))? {
        // The kernel's own page, where x86_64 has it, is in no list of mappings.
        if mapping.name == Name::Other(b"[vsyscall]") {
            break;
        }
        for address in [mapping.start, mapping.start + 1, mapping.end - 1] {
            let found = AddressSpace::of(pid).mapping_at(address, second).or(Err(line!()))?;
            holds!(found == Some(mapping));
        }
        if below < mapping.start {
            let found = AddressSpace::of(pid).mapping_at(mapping.start - 1, second).or(Err(line!()))?;
            holds!(found.is_none());
        }
        (below, count) = (mapping.end, count + 1);
    }
    holds!(count > 5);
    Ok(())
}

#[test]
fn the_mapping_at_an_address_is_found_whether_the_kernel_can_be_asked_or_not() {
    let folder = Folder::new();
    let path = folder.file("two\nlines", b"text");
    // SAFETY: nobody changes the file.
    let map = unsafe { Map::map(&open(&path)) }.unwrap();
    let process = Waiting::new();
    let mut buffers = Box::new([[0; 8192]; 2]);
    assert_eq!(each_mapping_is_found(process.pid(), &mut buffers), Ok(()));
    if wrong_under_emulation("seccomp") {
        return;
    }
    let mut filter = Filter::where_argument(libc::SYS_ioctl as usize, 1, PROCMAP_QUERY, Errno::ENOTTY);
    let pid = process.pid();
    holds_in_child(|| {
        holds!(filter.install());
        // As root, it may look at its brother.
        each_mapping_is_found(pid, &mut buffers).or(Err(line!()))
    });
    drop(map);
}

#[test]
fn a_name_without_room_is_an_error() {
    let file = fs::read_link("/proc/self/exe").unwrap();
    let code = a_name_without_room_is_an_error as *const ();
    let answer = AddressSpace::own().mapping_at(code.addr(), &mut [0; 4]).map(drop);
    let expected = [Err(Error::System(Errno::ENAMETOOLONG)), Err(Error::TooLong { line: 1 })];
    assert!(expected.contains(&answer), "{answer:?} {file:?}");
    assert!(AddressSpace::own().mapping_at(code.addr(), &mut []).is_err());
}

#[test]
fn a_process_that_is_not_there_is_said_to_be_so() {
    for pid in [-1, 0, Pid::MAX, Pid::MIN] {
        let space = AddressSpace::of(pid);
        let mut buffer = [0; 100];
        assert_eq!(space.maps(&mut buffer).unwrap_err(), Errno::ENOENT);
        assert_eq!(space.smaps(&mut buffer).unwrap_err(), Errno::ENOENT);
        assert_eq!(space.usage(), Err(Error::System(Errno::ENOENT)));
        assert_eq!(space.mapping_at(0, &mut buffer), Err(Error::System(Errno::ENOENT)));
        assert_eq!(space.pages(0, &mut []), Err(Errno::ENOENT));
    }
}

#[test]
fn a_process_that_has_ended_has_no_mappings() {
    let child = child(|| 0);
    // It ends, and stays until it is waited for.
    until_state(child.pid(), 'Z');
    let space = AddressSpace::of(child.pid());
    let mut buffer = [0; 100];
    match space.maps(&mut buffer) {
        Ok(mut maps) => assert_eq!(maps.next_mapping(), Ok(None)),
        Err(errno) => assert_eq!(errno, Errno::EACCES),
    }
    assert!(matches!(space.usage(), Err(Error::System(Errno::ESRCH | Errno::EACCES))), "{:?}", space.usage());
    child.wait().unwrap();
}

#[test]
fn a_mapping_without_rights_is_told_as_such() {
    let flags = MapFlags::PRIVATE | MapFlags::ANONYMOUS;
    // SAFETY: it takes nobody's memory.
    let map = unsafe { mmap(std::ptr::null_mut(), page_size(), Prot::NONE, flags, -1, 0) }.unwrap();
    mapping_of(map.cast(), |mapping| assert_eq!(mapping.prot, Prot::NONE));
    // SAFETY: it is the test's own.
    unsafe { munmap(map, page_size()) }.unwrap();
}
