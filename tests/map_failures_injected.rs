//! Each call that an operation makes fails once, on purpose: the operation then
//! succeeds all the same, or is refused as a whole, with the map as it was and
//! neither a mapping nor a descriptor left over.
//!
//! Natively, for it is strace that has the calls fail.

mod common;
mod hosted;
mod snapshot;

use std::io::{BufRead, BufReader, Read};
use std::os::fd::AsRawFd;
use std::panic::Location;
use std::process::{Command, Stdio};

use baremap::map::{Pages, Piece, Raw};
use baremap::sys::fs::read;
use baremap::sys::page_size;
use baremap::{Advice, File, GrowingMap, Map, MapAnon, MapMut, MapOptions, MapRaw, Refused, Reservation};
use common::Folder;
use hosted::{child, in_child, open, raw, write};
use snapshot::{Snapshot, Taken};

/// Whether the operation was refused; or the line that does not hold.
type Outcome = Result<bool, u32>;

struct World<'test> {
    /// Of two pages, each byte of which is 1.
    file: &'test File,
    /// Takes whatever is written.
    anywhere: &'test File,
    page: usize,
    /// The call that fails.
    call: &'test str,
    snapshot: Snapshot,
}

impl World<'_> {
    /// A result that is an error, with everything as before.
    #[track_caller]
    fn refused<T, E>(&self, before: Taken, result: Result<T, E>, intact: impl FnOnce(E) -> bool) -> Outcome {
        let line = Location::caller().line();
        let Err(error) = result else { return Ok(false) };
        if self.snapshot.take()? == before && intact(error) { Ok(true) } else { Err(line) }
    }

    /// Makes something out of nothing.
    #[track_caller]
    fn makes<T>(&self, make: impl FnOnce() -> baremap::Result<T>) -> Outcome {
        let before = self.snapshot.take()?;
        self.refused(before, make(), |_| true)
    }

    /// Has an operation on memory of three mappings that are full of 7.
    #[track_caller]
    fn changes<T>(&self, change: impl FnOnce(MapAnon) -> Result<T, Refused<MapAnon>>) -> Outcome {
        let Some(map) = self.several() else { return Ok(false) };
        let before = self.snapshot.take()?;
        self.refused(before, change(map), |refused| {
            let mut map = refused.value;
            map[0] = 7;
            map.len() == 3 * self.page && map.iter().all(|&byte| byte == 7)
        })
    }

    /// As `changes`, of an operation that borrows.
    #[track_caller]
    fn does<T>(&self, what: impl FnOnce(&mut MapAnon) -> baremap::Result<T>) -> Outcome {
        self.changes(|mut map| match what(&mut map) {
            Ok(_) => Ok(()),
            Err(errno) => Err(Refused { value: map, errno }),
        })
    }

    fn several(&self) -> Option<MapAnon> {
        let mut map = MapAnon::new(3 * self.page).ok()?;
        map.fill(7);
        map.advise_range(Advice::DontDump, self.page..2 * self.page).ok()?;
        Some(map)
    }

    /// As `does`, on a file that is mapped and of which a part would stay.
    #[track_caller]
    fn does_to_file<T>(&self, what: impl FnOnce(&mut MapMut) -> baremap::Result<T>) -> Outcome {
        // SAFETY: the file is this test's own.
        let Ok(mut map) = (unsafe { MapMut::map_mut(self.file) }) else { return Ok(false) };
        let before = self.snapshot.take()?;
        let result = what(&mut map);
        self.refused(before, result, |_| map.len() == 2 * self.page && map.iter().all(|&byte| byte == 1))
    }

    /// A descriptor's operation.
    #[track_caller]
    fn asks<T>(&self, what: impl FnOnce(&File) -> baremap::Result<T>) -> Outcome {
        self.makes(|| what(self.file).map(drop))
    }
}

type Operation = fn(&World<'_>) -> Outcome;

const OPERATIONS: &[(&str, Operation)] = &[
    ("new", |w| w.makes(|| MapAnon::new(w.page))),
    ("map_shared_anon", |w| w.makes(|| MapOptions::new().len(1).map_shared_anon())),
    // Of a range that cannot be unmapped again nobody can be rid.
    ("aligned", |w| match w.call {
        "munmap" => Ok(false),
        _ => w.makes(|| MapOptions::new().len(1).aligned(1 << 21).map_anon()),
    }),
    // SAFETY: the file is the test's own, here and below.
    ("map", |w| w.makes(|| unsafe { Map::map(w.file) })),
    // SAFETY: as above.
    ("map_copy", |w| w.makes(|| unsafe { MapOptions::new().byte_offset(1).map_copy(w.file) })),
    ("map_raw", |w| w.makes(|| MapRaw::map_raw(w.file))),
    // SAFETY: as above.
    ("GrowingMap::new", |w| w.makes(|| unsafe { GrowingMap::new(w.file, 1 << 30) })),
    ("Reservation::new", |w| w.makes(|| Reservation::new(1 << 30))),
    ("make_read_only", |w| w.changes(MapAnon::make_read_only)),
    ("make_exec", |w| w.changes(MapAnon::make_exec)),
    ("make_exec_mut", |w| w.changes(MapAnon::make_exec_mut)),
    ("make_guard", |w| w.changes(MapAnon::make_guard)),
    ("make_mut of a guard", opens),
    ("unmap", |w| w.changes(MapAnon::unmap)),
    ("shrink", |w| w.does(|map| map.shrink(1))),
    ("remap", |w| {
        w.does_to_file(|map| {
            // SAFETY: nothing beyond is touched.
            unsafe { map.remap_unchecked(4 * w.page) }
        })
    }),
    ("split_off", |w| w.does_to_file(|map| map.split_off(w.page))),
    ("flush", |w| w.does_to_file(|map| map.flush_range(..))),
    ("advise", |w| w.does(|map| map.advise(Advice::DontDump))),
    ("discard", |w| w.does(|map| map.discard(1..))),
    ("lock", |w| w.does(|map| Ok(map.lock()?))),
    ("unlock", |w| w.does(|map| map.unlock())),
    ("residency", |w| w.does(|map| map.residency(&mut [0]).try_for_each(|range| range.map(drop)))),
    ("set_name", |w| w.does(|map| map.set_name(Some(c"name")))),
    ("commit", commits),
    ("place", places),
    ("into_piece", empties),
    ("append", appends),
    ("read_to_end", reads_to_end),
    ("File::open", |w| w.makes(|| File::open(c"/proc/self/exe"))),
    ("try_clone", |w| w.asks(File::try_clone)),
    ("len", |w| w.asks(File::len)),
    ("set_len", |w| w.asks(|file| file.set_len(2 * w.page as u64))),
    ("read_at", |w| w.asks(|file| file.read_at(&mut [0], 0))),
    ("sync_all", |w| w.asks(File::sync_all)),
];

/// Whether the kernel can read this byte for us.
fn readable(w: &World<'_>, place: *const u8) -> bool {
    // SAFETY: it finds out by itself, and nobody minds what the file has.
    unsafe { libc::write(raw(w.anywhere), place.cast(), 1) == 1 }
}

fn opens(w: &World<'_>) -> Outcome {
    let Some(Ok(guard)) = w.several().map(MapAnon::make_guard) else { return Ok(false) };
    let Err(refused) = guard.make_mut() else { return Ok(false) };
    let guard = refused.value;
    let mut places = [0, 1, 2].map(|number| guard.as_ptr().wrapping_add(number * w.page)).into_iter();
    if places.any(|place| readable(w, place)) { Err(line!()) } else { Ok(true) }
}

fn commits(w: &World<'_>) -> Outcome {
    let Ok(mut reservation) = Reservation::new(3 * w.page) else { return Ok(false) };
    let Ok(piece) = reservation.whole() else { return Ok(false) };
    let before = w.snapshot.take()?;
    w.refused(before, piece.commit(), |refused| refused.value.len() == 3 * w.page)
}

fn places(w: &World<'_>) -> Outcome {
    let (Ok(mut reservation), Ok(map)) = (Reservation::new(2 * w.page), MapRaw::map_raw(w.file)) else {
        return Ok(false);
    };
    let Ok(piece) = reservation.whole() else { return Ok(false) };
    let before = w.snapshot.take()?;
    let mut lost = false;
    let outcome = w.refused(before, piece.place(map), |refused| {
        let (piece, map): (_, Map<Raw, Pages>) = refused.value;
        lost = piece.is_none();
        // SAFETY: it is the test's own, and mapped.
        map.len() == 2 * w.page && unsafe { map.as_ptr().read() } == 1
    })?;
    // What was placed is gone again, and taking it away may be what failed.
    let told = !outcome || reservation.whole().is_err() == lost;
    if told { Ok(outcome) } else { Err(line!()) }
}

fn empties(w: &World<'_>) -> Outcome {
    let Ok(mut reservation) = Reservation::new(2 * w.page) else { return Ok(false) };
    let Ok(Ok(memory)) = reservation.whole().map(Piece::commit) else { return Ok(false) };
    let before = w.snapshot.take()?;
    let outcome = w.refused(before, memory.into_piece(), |_| true)?;
    // What could not be emptied is lost, and said to be.
    if reservation.whole().is_err() == outcome { Ok(outcome) } else { Err(line!()) }
}

fn appends(w: &World<'_>) -> Outcome {
    // SAFETY: the file is the test's own.
    let Ok(mut map) = (unsafe { GrowingMap::new(w.file, 1 << 30) }) else { return Ok(false) };
    let before = w.snapshot.take()?;
    let result = map.append(b"more");
    let outcome = w.refused(before, result, |_| map.len() == 2 * w.page && map.iter().all(|&byte| byte == 1));
    let length = w.file.len().or_else(|_| w.file.len());
    let expected = 2 * w.page + if result.is_ok() { 4 } else { 0 };
    // For the next one.
    let _ = w.file.set_len(2 * w.page as u64).or_else(|_| w.file.set_len(2 * w.page as u64));
    if length == Ok(expected as u64) { outcome } else { Err(line!()) }
}

fn reads_to_end(w: &World<'_>) -> Outcome {
    let (Ok(mut map), Ok(file)) = (MapAnon::new(1), File::open(c"/proc/version")) else { return Ok(false) };
    let before = w.snapshot.take()?;
    let result = map.read_to_end(&file);
    // It may be longer by then, by what was read.
    let shorter = map.shrink(1).or_else(|_| map.shrink(1)).is_ok();
    w.refused(before, result, |_| shorter && map.len() == 1)
}

/// What fails, how often a scenario may make the call before it, and by which errors.
const CALLS: &[(&str, u32, &[&str])] = &[
    ("mmap", 4, &["ENOMEM", "EINVAL"]),
    ("munmap", 2, &["ENOMEM", "EINVAL"]),
    ("mremap", 3, &["ENOMEM", "EINVAL"]),
    ("mprotect", 3, &["ENOMEM"]),
    ("madvise", 4, &["ENOMEM", "EINVAL"]),
    ("msync", 1, &["EIO"]),
    ("mlock", 1, &["ENOMEM"]),
    ("munlock", 1, &["ENOMEM"]),
    ("mincore", 2, &["EAGAIN"]),
    ("prctl", 1, &["EINVAL"]),
    ("fstat", 1, &["EIO"]),
    ("read", 2, &["EIO"]),
    ("pread64", 1, &["EIO"]),
    ("pwrite64", 1, &["ENOSPC"]),
    ("ftruncate", 1, &["EIO"]),
    ("fsync", 1, &["EIO"]),
    ("open", 2, &["EMFILE"]),
    ("fcntl", 1, &["EMFILE"]),
];

/// Makes each operation in a process of its own, where the call fails once, and
/// says which were refused.
#[allow(clippy::incompatible_msrv, reason = "the oldest compiler builds no tests")]
#[track_caller]
fn with_failing(call: &str, error: &str, when: u32, file: &File, anywhere: &File) -> Vec<u8> {
    let (wait, mut go) = std::io::pipe().unwrap();
    let (mut told, tell) = std::io::pipe().unwrap();
    let runner = child(|| {
        // Until strace is there.
        while read(wait.as_raw_fd(), &mut [0]) != Ok(1) {}
        for (_, operation) in OPERATIONS {
            let mut report = [0; 3];
            let status = in_child(|| {
                let outcome = Snapshot::new().and_then(|snapshot| {
                    operation(&World { file, anywhere, page: page_size(), call, snapshot })
                });
                let [low, high, ..] = outcome.map_or_else(|line| line, |_| 0).to_le_bytes();
                report = [outcome.unwrap_or(false).into(), low, high];
                i32::from(write(tell.as_raw_fd(), &report) != Ok(3))
            });
            if !status.success() {
                return 1;
            }
        }
        0
    });
    drop(tell);
    let mut strace = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:error={error}:when={when}"), "-p", &runner.pid().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace");
    let mut said = String::new();
    BufReader::new(strace.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("attached"), "{said}");
    std::io::Write::write_all(&mut go, b".").unwrap();
    let mut reports = Vec::new();
    told.read_to_end(&mut reports).unwrap();
    let status = runner.wait().unwrap();
    strace.wait().unwrap();
    let reports: Vec<_> = reports.chunks(3).collect();
    assert!(
        status.success() && reports.len() == OPERATIONS.len(),
        "{call} {error} {when}: {status} {reports:?}"
    );
    for ((name, _), report) in OPERATIONS.iter().zip(&reports) {
        let line = u16::from_le_bytes([report[1], report[2]]);
        assert_eq!(line, 0, "{name}, where {call} number {when} is {error}, does not hold this line");
    }
    reports.iter().map(|report| report[0]).collect()
}

#[test]
fn whatever_call_fails_nothing_is_lost_and_nothing_left_over() {
    let folder = Folder::new();
    let file = open(&folder.file("f", &vec![1; 2 * page_size()]));
    let anywhere = open(&folder.file("anywhere", b""));
    let mut refused = vec![0; OPERATIONS.len()];
    for (call, most, errors) in CALLS {
        for (error, when) in errors.iter().flat_map(|error| (1..=*most).map(move |when| (error, when))) {
            let outcome = with_failing(call, error, when, &file, &anywhere);
            refused.iter_mut().zip(outcome).for_each(|(sum, one)| *sum += u32::from(one));
        }
    }
    for ((name, _), times) in OPERATIONS.iter().zip(refused) {
        assert!(times > 0, "{name} was never refused");
    }
}
