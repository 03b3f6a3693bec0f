//! The loader becomes the program that it loads, leaves its file as it was, and
//! refuses what no program is: by one line, never by a signal.

mod common;

#[path = "../examples/elf.rs"]
#[allow(dead_code, reason = "the loader uses the rest")]
mod elf;

use std::ffi::CString;
use std::fs;
use std::path::Path;
use std::process::Output;

use common::{Folder, command, programs, run, told};
use elf::{ENTRY, HEADER, Header, Image};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const LOADED: &str = include_str!("../examples/loaded.stdout");

/// Places in the header of a file.
const KIND: usize = 16;
const MACHINE: usize = 18;
const START: usize = 24;
const TABLE: usize = 32;
const SIZE_OF_ENTRIES: usize = 54;
const COUNT: usize = 56;

/// Places in a program header.
const FLAGS: usize = 4;
const OFFSET: usize = 8;
const ADDRESS: usize = 16;
const IN_FILE: usize = 32;
const IN_MEMORY: usize = 40;
const ALIGNMENT: usize = 48;

fn program(name: &str) -> Vec<u8> {
    fs::read(programs().join(name)).unwrap()
}

fn double(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(*bytes[at..].first_chunk().unwrap())
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(*bytes[at..].first_chunk().unwrap())
}

fn set(bytes: &mut [u8], at: usize, value: u64, size: usize) {
    bytes[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]);
}

/// Where the program headers are, with their types.
fn entries(bytes: &[u8]) -> Vec<(usize, u32)> {
    let table = double(bytes, TABLE) as usize;
    let count = usize::from(bytes[COUNT]);
    (0..count).map(|number| table + number * ENTRY).map(|at| (at, word(bytes, at))).collect()
}

/// The program headers of what is loaded.
fn loads(bytes: &[u8]) -> Vec<usize> {
    entries(bytes).into_iter().filter(|&(_, kind)| kind == 1).map(|(at, _)| at).collect()
}

/// Has the loader look at a file of these bytes.
fn check(folder: &Folder, bytes: &[u8]) -> Output {
    let file = folder.file("program", bytes);
    command("loader").arg("--check").arg(&file).output().unwrap()
}

/// What the loader said of a file of these bytes, without the name.
fn refused(bytes: &[u8]) -> String {
    let folder = Folder::new();
    let (said, error, code) = told(&check(&folder, bytes));
    assert_eq!((said.as_str(), code), ("", Some(1)), "{error}");
    let name = format!("loader: {}: ", folder.path().join("program").display());
    error.strip_prefix(&name).unwrap_or_else(|| panic!("{error}")).trim_end().to_owned()
}

#[test]
fn the_program_runs_as_it_does_by_itself_and_its_file_stays() {
    let file = programs().join("loaded");
    let before = fs::read(&file).unwrap();
    for _ in 0..2 {
        let output = command("loader").arg(&file).args(["one", "two"]).env("WHO", "me").output().unwrap();
        let (said, error, code) = told(&output);
        assert_eq!((error, code), (String::new(), Some(0)));
        let (segments, rest) = said.split_at(said.find("argument: ").expect("it runs"));
        assert_eq!(rest, LOADED);
        assert!(segments.starts_with(&format!("{}: at its own addresses\n", file.display())), "{segments}");
    }
    assert!(fs::read(&file).unwrap() == before, "the file was written to");
    let by_itself = command("loaded").args(["one", "two"]).env("WHO", "me").output().unwrap();
    assert_eq!(told(&by_itself), (LOADED.into(), String::new(), Some(0)));
}

#[test]
fn the_segments_are_those_that_the_file_says() {
    let file = programs().join("loaded");
    let bytes = fs::read(&file).unwrap();
    let (said, ..) = told(&run("loader", &["--check".as_ref(), file.as_os_str()]));
    let mut lines: Vec<_> = said.lines().skip(1).collect();
    assert_eq!(lines.pop(), Some(format!("{:#014x}  where it starts", double(&bytes, START)).as_str()));
    let mut expected = Vec::new();
    for at in loads(&bytes) {
        let (writable, executable) = (word(&bytes, at + FLAGS) & 2 != 0, word(&bytes, at + FLAGS) & 1 != 0);
        let rights = if executable {
            "r-x"
        } else if writable {
            "rw-"
        } else {
            "r--"
        };
        expected.push(format!("{:#014x}  {rights}  ", double(&bytes, at + ADDRESS)));
    }
    expected.reverse();
    assert_eq!(lines.len(), expected.len(), "{said}");
    assert!(lines.iter().zip(&expected).all(|(line, start)| line.starts_with(start)), "{said}");
    let in_file: u64 = loads(&bytes).iter().map(|at| double(&bytes, at + IN_FILE)).sum();
    let counted =
        lines.iter().filter_map(|line| line.split(" bytes").next()?.rsplit(' ').next()?.parse::<u64>().ok());
    assert_eq!(counted.sum::<u64>(), in_file, "{said}");
}

#[test]
fn every_program_of_ours_is_loaded_and_keeps_its_exit_code() {
    let folder = Folder::new();
    let file = folder.file("f1.txt", include_bytes!("../examples/f1.txt"));
    for (name, expected, exit) in [
        ("map_file", include_str!("../examples/map_file.stdout"), 0),
        ("map_inherit", include_str!("../examples/map_inherit.stdout"), 0),
        ("memory", include_str!("../examples/memory.stdout"), 0),
        ("never", include_str!("../examples/never.stdout"), 3),
    ] {
        let (said, error, code) = told(&run("loader", &[&programs().join(name), &file]));
        assert_eq!((error, code), (String::new(), Some(exit)), "{name}");
        assert!(said.ends_with(&format!("where it starts\n{expected}")), "{name}: {said}");
    }
}

#[test]
fn a_program_that_does_not_care_is_loaded_anywhere() {
    let mut bytes = program("loaded");
    set(&mut bytes, KIND, 3, 2);
    let mut places = Vec::new();
    for _ in 0..2 {
        let folder = Folder::new();
        let (said, error, code) = told(&check(&folder, &bytes));
        assert_eq!((error, code), (String::new(), Some(0)));
        assert!(said.contains(": anywhere\n"), "{said}");
        let own = format!("{:#014x}  where it starts", double(&bytes, START));
        assert!(!said.contains(&own), "{said}");
        places.push(said);
    }
    assert_eq!(places[0].lines().count(), places[1].lines().count());
}

#[test]
fn what_is_at_the_loaders_own_addresses_is_refused() {
    let said = refused(&program("loader"));
    assert!(said.starts_with("0x10000000 to 0x1") && said.contains("is not free"), "{said}");
}

#[test]
fn a_program_is_named_and_there() {
    let nothing: [&str; 0] = [];
    let expected = "loader: PROGRAM: no program is named\n";
    assert_eq!(told(&run("loader", &nothing)), (String::new(), expected.into(), Some(1)));
    let expected = "loader: /no/such: ENOENT: No such file or directory\n";
    assert_eq!(told(&run("loader", &["/no/such"])), (String::new(), expected.into(), Some(1)));
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let folder = Folder::new();
    let pipe = folder.path().join("pipe");
    let name = CString::new(pipe.to_str().unwrap()).unwrap();
    // SAFETY: the name is a C string.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    let why = |path: &Path| told(&run("loader", &[path])).1;
    assert!(why(&pipe).ends_with("/pipe: ESPIPE: Illegal seek\n"), "{}", why(&pipe));
    assert!(why(folder.path()).ends_with(": EISDIR: Is a directory\n"));
    assert_eq!(why(Path::new("/dev/null")), "loader: /dev/null: the file ends within its header\n");
    assert_eq!(why(Path::new("/dev/zero")), "loader: /dev/zero: no ELF file\n");
}

#[test]
fn more_arguments_than_there_is_room_for_are_refused() {
    let mut command = command("loader");
    command.arg(programs().join("loaded")).args(vec!["x"; 5000]);
    let (_, error, code) = told(&command.output().unwrap());
    assert!(error.ends_with("loaded: E2BIG: Argument list too long\n"), "{error}");
    assert_eq!(code, Some(1));
}

#[test]
fn what_is_wrong_is_named() {
    let good = program("loaded");
    let bad = |at, value, size| {
        let mut bytes = good.clone();
        set(&mut bytes, at, value, size);
        refused(&bytes)
    };
    assert_eq!(bad(0, 0, 1), "no ELF file");
    assert_eq!(bad(4, 1, 1), "not a 64-bit program");
    assert_eq!(bad(5, 2, 1), "big-endian, or for another system than Linux");
    assert_eq!(bad(7, 9, 1), "big-endian, or for another system than Linux");
    assert_eq!(bad(6, 2, 1), "an unknown version of ELF");
    assert_eq!(bad(20, 2, 4), "an unknown version of ELF");
    assert_eq!(bad(MACHINE, 8, 2), "for another machine, number 8");
    assert_eq!(bad(KIND, 1, 2), "neither a program nor a position-independent one");
    assert_eq!(bad(KIND, 4, 2), "neither a program nor a position-independent one");
    assert_eq!(bad(SIZE_OF_ENTRIES, 32, 2), "program headers of 32 bytes");
    assert_eq!(bad(COUNT, 0xffff, 2), "65535 program headers, more than 64");
    assert_eq!(bad(COUNT, 0, 2), "nothing to load");
    assert_eq!(bad(TABLE, good.len() as u64 - 1, 8), "the file ends before its program headers do");
    assert_eq!(bad(TABLE, u64::MAX, 8), "the file ends before its program headers do");
    assert_eq!(bad(START, 0, 8), "it would start where no code is");
    assert_eq!(bad(START, u64::MAX, 8), "it would start where no code is");
    for length in [0, 1, HEADER - 1] {
        assert_eq!(refused(&good[..length]), "the file ends within its header");
    }
    assert_eq!(refused(&good[..HEADER + 1]), "the file ends before its program headers do");
}

#[test]
fn what_is_wrong_with_a_segment_is_named_with_its_number() {
    let good = program("loaded");
    let numbered = |at: usize| (at - double(&good, TABLE) as usize) / ENTRY;
    let bad = |entry: usize, changes: &[(usize, u64, usize)]| {
        let mut bytes = good.clone();
        changes.iter().for_each(|&(at, value, size)| set(&mut bytes, entry + at, value, size));
        let said = refused(&bytes);
        let number = format!("program header {}: ", numbered(entry));
        said.strip_prefix(&number).unwrap_or_else(|| panic!("{said}, not {number}")).to_owned()
    };
    let loads = loads(&good);
    let (first, last) = (loads[0], loads[loads.len() - 1]);
    let data = *loads.iter().rfind(|&&at| double(&good, at + IN_FILE) != 0).unwrap();
    assert!(word(&good, data + FLAGS) & 2 != 0, "the last with bytes of the file is data");
    let length = good.len() as u64;

    let dynamic = "a dynamic program, which wants an interpreter: only static ones are loaded";
    assert_eq!(bad(first, &[(0, 3, 4)]), dynamic);
    assert_eq!(bad(first, &[(FLAGS, 7, 4)]), "both writable and executable");
    assert_eq!(bad(first, &[(IN_FILE, 1 << 40, 8)]), "more bytes in the file than in memory");
    assert_eq!(bad(data, &[(OFFSET, u64::MAX, 8)]), "the file ends before the segment does");
    assert_eq!(bad(data, &[(OFFSET, length, 8)]), "the file ends before the segment does");
    let past = "it passes the end of what is a program's address space";
    assert_eq!(bad(data, &[(ADDRESS, u64::MAX - 1, 8)]), past);
    assert_eq!(bad(data, &[(ADDRESS, 1 << 63, 8)]), past);
    assert_eq!(bad(data, &[(IN_MEMORY, u64::MAX, 8)]), past);
    let odd = "address, offset and alignment do not fit each other";
    assert_eq!(bad(data, &[(ALIGNMENT, 3, 8)]), odd);
    assert_eq!(bad(data, &[(ALIGNMENT, 1 << 63, 8)]), odd);
    assert_eq!(bad(data, &[(ADDRESS, double(&good, data + ADDRESS) + 1, 8)]), odd);
    let zeros = "zeros to be filled in where nothing may be written";
    assert_eq!(bad(last, &[(FLAGS, 4, 4)]), zeros);
    let overlap = "it overlaps the segment before it, shares a page with it, or is not above it";
    let before = double(&good, first + ADDRESS);
    let offset = double(&good, first + OFFSET);
    assert_eq!(bad(data, &[(ADDRESS, before, 8), (OFFSET, offset, 8)]), overlap);
    assert_eq!(bad(first, &[(ADDRESS, 0, 8), (OFFSET, 0, 8)]), "it would lie at address 0");
    if let Some((stack, _)) = entries(&good).into_iter().find(|&(_, kind)| kind == 0x6474_e551) {
        assert_eq!(bad(stack, &[(FLAGS, 7, 4)]), "it wants a stack that is code");
    }
}

#[test]
fn a_program_of_any_size_is_not_believed() {
    let mut bytes = program("loaded");
    let last = *loads(&bytes).last().unwrap();
    for room in [(1 << 32) + 1, (1 << 47) - double(&bytes, last + ADDRESS)] {
        set(&mut bytes, last + IN_MEMORY, room, 8);
        for kind in [2, 3] {
            set(&mut bytes, KIND, kind, 2);
            assert_eq!(refused(&bytes), "it would take more than 4 GiB from its first byte to its last");
        }
    }
}

#[test]
fn a_changed_program_is_loaded_or_refused_and_never_a_signal() {
    let folder = Folder::new();
    let good = program("loaded");
    let headers = double(&good, TABLE) as usize + usize::from(good[COUNT]) * ENTRY;
    // Words that are at a border somewhere.
    let words = prop_oneof![
        any::<u64>(),
        Just(u64::MAX),
        Just(1 << 63),
        (0_u32..64).prop_map(|bit| 1 << bit),
        0_u64..0x1_0000,
    ];
    let change = (0..headers, words, prop_oneof![Just(1_usize), Just(2), Just(4), Just(8)]);
    let cut = prop_oneof![9 => Just(good.len()), 1 => 0..good.len()];
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let strategy = (vec(change, 1..4), cut);
    let tested = TestRunner::new(config).run(&strategy, |(changes, length)| {
        let mut bytes = good.clone();
        for (at, word, size) in changes {
            let size = size.min(headers - at);
            bytes[at..at + size].copy_from_slice(&word.to_le_bytes()[..size]);
        }
        bytes.truncate(length);
        let (said, error, code) = told(&check(&folder, &bytes));
        match code {
            Some(0) => prop_assert!(said.contains("where it starts") && error.is_empty()),
            Some(1) => prop_assert!(said.is_empty() && error.lines().count() == 1, "{said}{error}"),
            _ => prop_assert!(false, "{code:?}: {error}"),
        }
        Ok(())
    });
    if let Err(error) = tested {
        panic!("{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn headers_that_are_believed_hold(
        table in vec(any::<[u8; 7]>(), 0..6),
        entry in any::<u64>(),
        file in prop_oneof![1 => any::<u64>(), 1 => 0_u64..0x10_0000, 4 => Just(0x10_0000)],
        page in prop_oneof![Just(0x1000_u64), Just(0x4000), Just(0x1_0000)],
        fixed in any::<bool>(),
    ) {
        // Small numbers, each a step up most of the time, which is plausible often.
        let mut place = 0_u64;
        let bytes: Vec<u8> = table.iter().flat_map(|&[flags, offset, gap, in_file, zeros, within, odd]| {
            let mut entry = [0; ENTRY];
            let (writable, gap) = (flags % 4 == 0, u64::from(gap) % 4 * page);
            place = if odd % 32 == 0 { place.wrapping_sub(gap) } else { place.wrapping_add(gap + page) };
            set(&mut entry, 0, u64::from(odd != 1), 4);
            set(&mut entry, FLAGS, if writable { 2 } else { 1 }, 4);
            set(&mut entry, ADDRESS, place.wrapping_add(within.into()), 8);
            set(&mut entry, OFFSET, u64::from(offset % 8) * page + u64::from(within), 8);
            set(&mut entry, IN_FILE, in_file.into(), 8);
            set(&mut entry, IN_MEMORY, u64::from(in_file) + if writable { u64::from(zeros) * 99 } else { 0 }, 8);
            entry
        }).collect();
        let header = Header { fixed, entry: page + entry % 384, table: 64, count: table.len() };
        if let Ok(image) = Image::read(header, &bytes, file, page) {
            let (start, end) = image.range(page);
            prop_assert!(start < end && end <= 1 << 47 && end - start <= 1 << 32);
            for pair in image.segments().windows(2) {
                prop_assert!(pair[0].end(page) <= pair[1].start(page));
            }
            for segment in image.segments() {
                prop_assert!(!(segment.writable && segment.executable));
                prop_assert!(segment.in_file <= segment.in_memory);
                prop_assert!(segment.offset + segment.in_file <= file);
                prop_assert!(start <= segment.address && segment.address + segment.in_memory <= end);
            }
            prop_assert!(image.headers().is_none_or(|at| at >= start && at < end));
        }
    }
}
