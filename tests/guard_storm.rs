//! A storm: a process truncates a file, makes it longer, punches holes in it and
//! writes it anew, at random, while threads of another access it in every way there
//! is. Whatever they see has been there, or is an error; nobody is ended by a signal.
//!
//! It lasts two seconds, or as many as `BAREMAP_STORM_SECONDS` says:
//!
//! ```sh
//! BAREMAP_STORM_SECONDS=300 cargo test --release --test guard_storm
//! ```
//!
//! Every byte that is ever written says where it stands and when it was written: its
//! upper three bits are its position in an aligned word, the others the same in all
//! of a word, and not 0. A 0 is a hole's. So a byte by itself is right or wrong, and
//! so is a word that is written and read by one instruction.

mod common;
mod hosted;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use baremap::flags::FallocateFlags;
use baremap::guard::{ByFile, Fault, Guarded, Guards, KernelCopies, Means};
use baremap::shared::Shared;
use baremap::sys::{fs, page_size};
use baremap::{Errno, File, MapOptions};
use common::Folder;
use hosted::{child, open, raw, wrong_under_emulation};

const PAGES: usize = 12;

/// How many pages at the start are written by words alone.
const WORDS: usize = 6;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// The word of a moment.
fn word(moment: usize) -> u64 {
    let moment = (1 + moment % 31) as u8;
    u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|place: u8| place << 5 | moment))
}

fn is_right(offset: usize, byte: u8) -> bool {
    byte == 0 || byte >> 5 == (offset % 8) as u8 && byte & 31 != 0
}

/// Right in each byte, and all of one moment but for a hole's.
fn is_whole(word: u64) -> bool {
    let mut moments = word.to_le_bytes().into_iter().filter(|&byte| byte != 0).map(|byte| byte & 31);
    let first = moments.next();
    let right = word.to_le_bytes().into_iter().enumerate().all(|(offset, byte)| is_right(offset, byte));
    right && moments.all(|moment| Some(moment) == first)
}

/// What the other process does, until it is told to stop; or an error.
fn storm(file: &File, map: &Guarded, stop: &Shared<AtomicU64>) -> i32 {
    let (page, length) = (page_size(), PAGES * page_size());
    let mut random = Random(7);
    while stop.load(Relaxed) == 0 {
        let moment = random.below(31);
        // Whole words, so that none is torn by the end of the file.
        let (start, end) = (random.below(length / 8) * 8, random.below(length / 8) * 8);
        let done = match random.below(6) {
            0 => file.set_len(end as u64),
            1 => file.set_len(length as u64),
            2 => {
                let mode = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
                let start = random.below(PAGES) * page;
                // SAFETY: no slice is lent of it.
                unsafe { fs::fallocate(raw(file), mode, start as i64, page as i64) }
            }
            3 => {
                let bytes = word(moment).to_le_bytes();
                let place = start.max(WORDS * page) as u64;
                (0..64).try_for_each(|number| file.write_all_at(&bytes, place + 8 * number))
            }
            _ => {
                for place in (start..start + 64 * 8).step_by(8).filter(|place| *place < length) {
                    let _ = map.set(place, word(moment));
                }
                Ok(())
            }
        };
        if done.is_err() {
            return 1;
        }
    }
    0
}

/// What has been seen: accesses that went well, and errors.
#[derive(Default)]
struct Seen {
    well: AtomicU64,
    gone: AtomicU64,
}

impl Seen {
    /// Counts a result, which is an error of the right kind at a right place if it
    /// is one; returns how many bytes of `length` it is about.
    #[track_caller]
    fn count<T>(&self, result: Result<T, Fault>, start: usize, length: usize) -> usize {
        match result {
            Ok(_) => {
                self.well.fetch_add(1, Relaxed);
                length
            }
            Err(fault) => {
                self.gone.fetch_add(1, Relaxed);
                assert_eq!((fault.errno, fault.offset), (Errno::EFAULT, start + fault.done), "{fault:?}");
                assert!(fault.done <= length, "{fault:?} of {length} bytes");
                fault.done
            }
        }
    }
}

/// All there is, at random, until the time is over. Where a word is not accessed by
/// one instruction (`by_word`), its bytes are right one by one.
fn accesses<M: Means>(map: &Guarded<M>, by_word: bool, seed: u64, until: Instant) -> Seen {
    let (page, length) = (page_size(), PAGES * page_size());
    let is_right_at = |place: usize, word: u64| {
        let right = word.to_le_bytes().into_iter().enumerate().all(|(offset, byte)| is_right(offset, byte));
        if by_word && place < WORDS * page { is_whole(word) } else { right }
    };
    let (seen, mut random) = (Seen::default(), Random(seed));
    let mut bytes = vec![0; 3 * page];
    while Instant::now() < until {
        let start = random.below(length);
        let count = random.below((3 * page).min(length - start));
        let right = |start: usize, bytes: &[u8]| {
            bytes.iter().enumerate().all(|(index, &byte)| is_right(start + index, byte))
        };
        // Where bytes are written, in words' places and not among words.
        let low = (WORDS * page).max(start & !7);
        let room = (length - low).min(count) & !7;
        match random.below(9) {
            0 => {
                let there = seen.count(map.read_at(start, &mut bytes[..count]), start, count);
                assert!(right(start, &bytes[..there]), "{:?}", &bytes[..there]);
            }
            1 => {
                let text = word(random.below(31)).to_le_bytes().repeat(room / 8);
                seen.count(map.write_at(low, &text), low, room);
            }
            2 => {
                let result = map.get::<u8>(start);
                seen.count(result, start, 0);
                assert!(result.is_err() || right(start, &[result.unwrap()]), "{result:?}");
                let place = (start & !7).min(length - 8);
                let result = map.get::<u32>(place + 4);
                seen.count(result, place + 4, 0);
                let upper = result.map_or(0, |value| u64::from(value) << 32);
                assert!(is_right_at(place, upper), "{upper:#x}");
                let result = map.get::<u16>((start | 1).min(length - 3));
                assert!(
                    result.is_err() || right((start | 1).min(length - 3), &result.unwrap().to_le_bytes())
                );
            }
            3 => {
                let place = start & !7;
                let result = map.get::<u64>(place);
                seen.count(result, place, 0);
                assert!(is_right_at(place, result.unwrap_or(0)), "{result:x?} is of two moments");
            }
            4 => {
                let place = if by_word { start & !7 } else { low.min(length - 8) };
                seen.count(map.set(place, word(random.below(31))), place, 0);
            }
            5 => {
                seen.count(map.fill(low..low + room, 0), low, room);
            }
            6 => {
                let to = WORDS * page + (random.below(length - WORDS * page - room) & !7);
                match map.copy_within(low..low + room, to) {
                    Ok(()) => seen.well.fetch_add(1, Relaxed),
                    Err(fault) => {
                        assert!(fault.errno == Errno::EFAULT && fault.done < room, "{fault:?}");
                        seen.gone.fetch_add(1, Relaxed)
                    }
                };
            }
            7 => {
                let byte = word(random.below(31)).to_le_bytes()[random.below(8)];
                let result = map.find(byte, start..start + count);
                seen.count(result, start, count);
                if let Ok(Some(place)) = result {
                    assert!(place % 8 == usize::from(byte >> 5), "{byte:#x} at {place}");
                }
                seen.count(map.compare(start, &bytes[..count]), start, count);
            }
            _ => {
                let mut chunks = map.chunks(start..start + count, &mut bytes[..1 + count / 3]).unwrap();
                let mut position = start;
                while let Some(chunk) = chunks.next() {
                    let size = (1 + count / 3).min(start + count - position);
                    seen.count(chunk, position, size);
                    assert!(right(position, chunk.unwrap_or_default()));
                    position += size;
                }
            }
        }
    }
    seen
}

#[test]
fn nothing_but_errors_comes_of_a_storm() {
    let seconds = std::env::var("BAREMAP_STORM_SECONDS").ok().and_then(|text| text.parse().ok());
    let folder = Folder::new();
    let length = PAGES * page_size();
    let path = folder.file("f", &word(3).to_le_bytes().repeat(length / 8));
    let file = open(&path);
    let guards = Guards::install().expect("a handler");
    let new = || MapOptions::new().map_raw(&file).expect("a map");
    let stop = Shared::<AtomicU64>::new(0).expect("memory");
    let (map, other) = (Guarded::new(new(), guards), Guarded::new(new(), guards));
    let by_kernel = Guarded::new(new(), KernelCopies);
    let by_file = Guarded::new(new(), ByFile::new(open(&path), 0));

    let stormy = child(|| storm(&file, &other, &stop));
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(2));
    let all = std::thread::scope(|scope| {
        let mut threads = vec![
            scope.spawn(|| accesses(&map, true, 11, until)),
            scope.spawn(|| accesses(&map, true, 12, until)),
            scope.spawn(|| accesses(&map, true, 13, until)),
        ];
        if !wrong_under_emulation("process_vm_readv") {
            threads.push(scope.spawn(|| accesses(&by_kernel, false, 14, until)));
        }
        threads.push(scope.spawn(|| accesses(&by_file, false, 15, until)));
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    stop.store(1, Relaxed);
    assert_eq!(stormy.wait().unwrap().code(), Some(0));
    for seen in all {
        let seen = seen.expect("what it saw was right");
        let (well, gone) = (seen.well.load(Relaxed), seen.gone.load(Relaxed));
        assert!(well > 0 && gone > 0, "{well} went well, {gone} did not: it was no storm");
    }
}
