//! The reader of address spaces, on text that no kernel has written: any bytes, lines
//! made from values, and real files that were damaged. It never panics, always comes to
//! an end, and says of every line what it is, or that it is none.
//!
//! `PROPTEST_CASES` says how many texts there are of each kind.

mod common;
mod hosted;

use std::os::fd::OwnedFd;

use baremap::address_space::{Device, Error, Mapping, Maps, Name, Sharing, Smaps};
use baremap::{File, Prot};
use common::Folder;
use hosted::{c_path, write};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A file with this text, to be read from its start.
fn file(text: &[u8]) -> File {
    let folder = Folder::new();
    File::open(&c_path(&folder.file("text", text))).unwrap()
}

/// The values of a mapping, its name aside.
type Values = (usize, usize, Prot, Sharing, u64, Device, u64);

fn values(mapping: &Mapping<'_>) -> Values {
    let Mapping { start, end, prot, sharing, offset, device, inode, .. } = *mapping;
    (start, end, prot, sharing, offset, device, inode)
}

/// A line that says so, and its values. The numbers are as wide as they get.
fn lines() -> impl Strategy<Value = (String, Values, String)> {
    let name = prop_oneof![
        Just(String::new()),
        select(vec!["[heap]", "[stack]", "[vdso]", "[vvar]", "[vsyscall]", "[stack:77]", "anon_inode:[x]"])
            .prop_map(str::to_owned),
        "/[^\\n\0]{0,80}",
        "/([ a-z/\\\\]|\\\\012){0,80}( \\(deleted\\))?",
        "\\[anon(_shmem)?:[a-z :]{0,20}\\]",
    ];
    let numbers = (any::<(usize, usize)>(), any::<(u64, u32, u32, u64)>(), 0..64_u32);
    let widths = (select(vec![0_usize, 8, 16]), any::<bool>());
    (numbers, select(vec![Sharing::Private, Sharing::Shared]), name, widths).prop_map(
        |(((one, other), (offset, major, minor, inode), narrow), sharing, name, (width, padded))| {
            let (start, end) = (one.min(other) >> narrow, (one.max(other) >> narrow).max(1));
            let start = start.min(end - 1);
            let (offset, inode) = (offset >> narrow, inode >> narrow);
            let (major, minor) = (major >> (narrow % 32), minor >> (narrow % 32));
            let prot = Prot::from_bits_truncate(offset as u32 & 7);
            let letter = |right, letter| if prot.contains(right) { letter } else { "-" };
            let rights = [letter(Prot::READ, "r"), letter(Prot::WRITE, "w"), letter(Prot::EXEC, "x")].concat();
            let shared = if sharing == Sharing::Shared { 's' } else { 'p' };
            let mut line = format!(
                "{start:0width$x}-{end:0width$x} {rights}{shared} {offset:08x} {major:02x}:{minor:02x} {inode} "
            );
            if padded {
                line = format!("{line:73}");
            }
            line += &name;
            (line, (start, end, prot, sharing, offset, Device { major, minor }, inode), name)
        },
    )
}

/// Reads all of it; returns how many mappings and errors there were.
fn whole(text: &[u8], size: usize) -> (usize, Vec<Error>) {
    let mut buffer = vec![0; size];
    let mut maps = Maps::new(file(text), &mut buffer);
    let (mut count, mut errors) = (0, Vec::new());
    loop {
        match maps.next_mapping() {
            Ok(None) => break,
            Ok(Some(mapping)) => {
                assert!(mapping.start < mapping.end);
                count += 1;
            }
            Err(error) => errors.push(error),
        }
        assert!(count + errors.len() <= text.len(), "it does not come to an end");
    }
    assert_eq!(maps.next_mapping(), Ok(None));
    (count, errors)
}

/// The same of figures. Each call goes past a line at least.
fn whole_of_figures(text: &[u8], size: usize) -> usize {
    let mut buffer = vec![0; size];
    let mut smaps = Smaps::new(file(text), &mut buffer);
    for errors in 0..=text.len() {
        loop {
            match smaps.next_mapping() {
                Ok(None) => return errors,
                Ok(Some(_)) => {}
                Err(_) => break,
            }
        }
    }
    panic!("it does not come to an end");
}

fn line_of(error: &Error) -> usize {
    match *error {
        Error::TooLong { line } | Error::Malformed { line } => line,
        Error::System(errno) => panic!("{errno}"),
    }
}

/// /proc/self/maps or smaps, damaged: bytes changed, cut away, doubled.
fn damaged(text: Vec<u8>, damage: Vec<(Index, Index, u8, u8)>) -> Vec<u8> {
    damage.into_iter().fold(text, |mut text, (at, to, byte, kind)| {
        if text.is_empty() {
            return text;
        }
        let (at, to) = (at.index(text.len()), to.index(text.len()));
        match kind % 5 {
            0 => text[at] = byte,
            1 => text[at] = b"\n -:0fxp["[usize::from(byte) % 9],
            2 => drop(text.remove(at)),
            3 => drop(text.drain(at.min(to)..at.max(to).min(at.min(to) + 200))),
            _ => text.insert(at, byte),
        }
        text
    })
}

fn real(name: &str) -> Vec<u8> {
    std::fs::read(format!("/proc/self/{name}")).expect("/proc is mounted")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_line_made_from_values_is_read_as_these(lines in prop::collection::vec(lines(), 1..20)) {
        let text: String = lines.iter().flat_map(|(line, ..)| [line, "\n"]).collect();
        let size = lines.iter().map(|(line, ..)| line.len()).max().unwrap() + 1;
        for size in [size, size + 1, 4096] {
            let mut buffer = vec![0; size];
            let mut maps = Maps::new(file(text.as_bytes()), &mut buffer);
            for (line, expected, name) in &lines {
                let mapping = maps.next_mapping().unwrap().unwrap();
                prop_assert_eq!(&values(&mapping), expected, "{}", line);
                let bytes: Vec<u8> = match mapping.name {
                    Name::None => Vec::new(),
                    Name::Stack => b"[stack]".into(),
                    Name::Heap => b"[heap]".into(),
                    Name::Vdso => b"[vdso]".into(),
                    Name::Vvar => b"[vvar]".into(),
                    Name::File(path) => {
                        let newlines = name.matches("\\012").count();
                        prop_assert_eq!(path.bytes().filter(|byte| *byte == b'\n').count(), newlines);
                        path.as_written().into()
                    }
                    Name::Deleted(path) => [path.as_written(), b" (deleted)"].concat(),
                    Name::Anon(name) => [b"[anon:", name, b"]"].concat(),
                    Name::SharedAnon(name) => [b"[anon_shmem:", name, b"]"].concat(),
                    Name::Other(name) => name.into(),
                    other => panic!("{other:?}"),
                };
                prop_assert_eq!(String::from_utf8(bytes).unwrap(), name.as_str());
            }
            prop_assert_eq!(maps.next_mapping(), Ok(None));
        }
    }

    #[test]
    fn any_bytes_are_mappings_or_errors_line_by_line(text: Vec<u8>, size in 1..200_usize) {
        let lines = text.split(|byte| *byte == b'\n').count() - usize::from(text.ends_with(b"\n"));
        let lines = if text.is_empty() { 0 } else { lines };
        let (count, errors) = whole(&text, size);
        prop_assert_eq!(count + errors.len(), lines);
        prop_assert!(errors.iter().map(line_of).is_sorted_by(|one, other| one < other));
        whole_of_figures(&text, size);
    }

    #[test]
    fn letters_of_maps_in_any_order_are_mappings_or_errors(
        text in "([0-9a-f]{1,17}-?|[ :]|[-rwxps]{4}| 00:0[0-9] |\\[|Rss:| kB|\n){0,200}",
        size in 1..300_usize,
    ) {
        let (count, errors) = whole(text.as_bytes(), size);
        prop_assert_eq!(count + errors.len(), text.lines().count());
        whole_of_figures(text.as_bytes(), size);
    }

    #[test]
    fn damaged_maps_are_told_line_by_line_and_never_left_out(
        damage: Vec<(Index, Index, u8, u8)>,
        size in select(vec![80_usize, 120, 200, 4096]),
    ) {
        let text = damaged(real("maps"), damage);
        let lines = text.split_inclusive(|byte| *byte == b'\n').count();
        let (count, errors) = whole(&text, size);
        prop_assert_eq!(count + errors.len(), lines);
        let figures = damaged(real("smaps"), vec![]);
        prop_assert_eq!(whole_of_figures(&figures, 4096), 0);
    }

    #[test]
    fn damaged_figures_come_to_an_end(
        damage: Vec<(Index, Index, u8, u8)>,
        size in select(vec![1_usize, 30, 80, 120, 4096]),
    ) {
        whole_of_figures(&damaged(real("smaps"), damage), size);
    }

    /// As a pipe gives them.
    #[test]
    fn text_in_pieces_is_the_same_text(cuts in prop::collection::vec(1..60_usize, 20), size in 100..400_usize) {
        let text = b"1000-2000 r-xp 00000000 08:01 77 /a file\n2000-3000 rw-s 00001000 103:10000 7 /dev/a\\012b (deleted)\n\
            7fffffffe000-ffffffffff600000 ---p 00000000 00:00 0                  [stack]\n";
        let (reader, writer) = std::io::pipe().unwrap();
        let writing = std::thread::spawn(move || {
            use std::os::fd::AsRawFd;
            let mut rest = text.as_slice();
            for cut in cuts.into_iter().cycle() {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                if piece.is_empty() {
                    break;
                }
                write(writer.as_raw_fd(), piece).unwrap();
                rest = after;
                std::thread::yield_now();
            }
        });
        // SAFETY: the number is the pipe's, which nobody else has.
        let reader = unsafe { baremap::OwnedFd::from_raw_fd(std::os::fd::IntoRawFd::into_raw_fd(OwnedFd::from(reader))) };
        let mut buffer = vec![0; size];
        let mut maps = Maps::new(File::from(reader), &mut buffer);
        let first = maps.next_mapping().unwrap().unwrap();
        prop_assert_eq!((first.range(), first.prot, first.inode), (0x1000..0x2000, Prot::READ | Prot::EXEC, 77));
        let second = maps.next_mapping().unwrap().unwrap();
        prop_assert_eq!((second.device, second.offset), (Device { major: 0x103, minor: 0x10000 }, 0x1000));
        prop_assert_eq!(second.sharing, Sharing::Shared);
        let Name::Deleted(path) = second.name else { panic!("{second:?}") };
        prop_assert!(path.bytes().eq(*b"/dev/a\nb"));
        let third = maps.next_mapping().unwrap().unwrap();
        prop_assert_eq!((third.name, third.end), (Name::Stack, 0xffff_ffff_ff60_0000));
        prop_assert_eq!(maps.next_mapping(), Ok(None));
        drop(maps);
        writing.join().unwrap();
    }
}

#[test]
fn a_line_that_is_no_mapping_is_malformed() {
    let good = "1000-2000 r-xp 00000000 08:01 77 /a";
    let bad = [
        "",
        " ",
        "1000",
        "1000-2000",
        "1000-2000 r-xp 00000000 08:01",
        "1000-2000 r-xp 00000000 08:01 ",
        "1000-2000 r-xp 00000000 08:01 77/a",
        "1000-1000 r-xp 00000000 08:01 77 /a",
        "2000-1000 r-xp 00000000 08:01 77 /a",
        "1000-2000 r-x 00000000 08:01 77 /a",
        "1000-2000 r-x- 00000000 08:01 77 /a",
        "1000-2000 rrxp 00000000 08:01 77 /a",
        "1000-2000 xr-p 00000000 08:01 77 /a",
        "1000-2000  r-xp 00000000 08:01 77 /a",
        "1000-10000000000000000 r-xp 00000000 08:01 77 /a",
        "1000-2000 r-xp 10000000000000000 08:01 77 /a",
        "1000-2000 r-xp 00000000 100000000:01 77 /a",
        "1000-2000 r-xp 00000000 08:01 18446744073709551616 /a",
        "1000-2000 r-xp 00000000 08:01 7f /a",
        "+1000-2000 r-xp 00000000 08:01 77 /a",
        "Rss:  4 kB",
    ];
    for bad in bad {
        let text = format!("{good}\n{bad}\n{good}\n");
        assert_eq!(whole(text.as_bytes(), 200), (2, vec![Error::Malformed { line: 2 }]), "{bad:?}");
        // Without its newline it is cut short, whatever is in it.
        for last in [bad, good] {
            let text = format!("{good}\n{last}");
            let errors = if last.is_empty() { vec![] } else { vec![Error::Malformed { line: 2 }] };
            assert_eq!(whole(text.as_bytes(), 200), (1, errors), "{last:?}");
        }
    }
    assert_eq!(whole(b"", 200), (0, vec![]));
}

#[test]
fn figures_that_are_malformed_are_errors_of_their_line_and_the_next_mapping_is_read() {
    let header = "1000-2000 r-xp 00000000 08:01 77 /a";
    for bad in ["Rss: kB", "Rss: -1 kB", "Rss: 4x kB", "Rss: 18014398509481984 kB", "Rss 4 kB", "Rss:", "R"] {
        let text = format!(
            "{header}\nRss:  8 kB\n{bad}\nPss:  4 kB\n{header}\nPss:  12 kB\nNew:  1 kB\nVmFlags: rd\n"
        );
        let mut buffer = [0; 100];
        let mut smaps = Smaps::new(file(text.as_bytes()), &mut buffer);
        let first = smaps.next_mapping().map(drop);
        // Without a size, it is another sort of figure.
        assert_eq!(first, if bad == "Rss:" { Ok(()) } else { Err(Error::Malformed { line: 3 }) }, "{bad}");
        let (mapping, usage) = smaps.next_mapping().unwrap().unwrap();
        assert_eq!((mapping.inode, usage.rss, usage.pss), (77, 0, 12 * 1024));
        assert_eq!(smaps.next_mapping(), Ok(None));
    }
    let mut buffer = [0; 100];
    let mut smaps = Smaps::new(file(b"Rss:  4 kB\n"), &mut buffer);
    assert_eq!(smaps.next_mapping(), Err(Error::Malformed { line: 1 }));
    assert_eq!(smaps.next_mapping(), Ok(None));
}
