//! The memory functions that `entry!` supplies, held against loops that a child
//! could read: at every length and alignment that makes them take another way, at
//! both ends of memory that has nothing behind it.

#![no_std]
#![no_main]

use core::ffi::{c_char, c_int};
use core::hint::black_box;

use baremap::rt::{ExitCode, println};
use baremap::{Errno, MapAnon, Prot, sys};

baremap::entry!(main);

unsafe extern "C" {
    fn memcpy(to: *mut u8, from: *const u8, length: usize) -> *mut u8;
    fn memmove(to: *mut u8, from: *const u8, length: usize) -> *mut u8;
    fn memset(to: *mut u8, byte: c_int, length: usize) -> *mut u8;
    fn memcmp(a: *const u8, b: *const u8, length: usize) -> c_int;
    fn bcmp(a: *const u8, b: *const u8, length: usize) -> c_int;
    fn strlen(text: *const c_char) -> usize;
}

/// What fits a stage, whatever the alignment.
const LONG: [usize; 10] = [127, 128, 129, 255, 256, 1023, 1024, 1025, 4096, 5000];

/// How far beyond its place a function is looked after.
const BESIDE: usize = 40;

fn main() -> Result<ExitCode, Errno> {
    let (one, other) = (Stage::new()?, Stage::new()?);
    let copied = each(|length| copies(&one, &other, length));
    let moved = each(|length| moves(&one, length));
    let set = each(|length| sets(&one, length));
    let compared = each(|length| compares(&one, &other, length));
    let measured = each(|length| measures(&one, length));
    println!("memcpy {copied}, memmove {moved}, memset {set}, memcmp {compared}, strlen {measured}")?;
    let good = copied && moved && set && compared && measured;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether it holds at every length.
fn each(holds: impl Fn(usize) -> bool) -> bool {
    (0..=80).chain(LONG).all(holds)
}

/// Bytes between two pages that are not there. They tell where they stand.
struct Stage {
    map: MapAnon,
    page: usize,
}

impl Stage {
    fn new() -> Result<Self, Errno> {
        let page = sys::page_size();
        let map = MapAnon::new(4 * page)?;
        let start = map.as_ptr().cast_mut();
        for end in [start, start.wrapping_add(3 * page)] {
            // SAFETY: it is a page of ours that nobody has touched.
            unsafe { sys::mm::mprotect(end, page, Prot::NONE) }?;
        }
        let stage = Self { map, page };
        stage.reset(0, stage.size());
        Ok(stage)
    }

    fn size(&self) -> usize {
        2 * self.page
    }

    fn place(&self, at: usize) -> *mut u8 {
        assert!(at <= self.size());
        self.map.as_ptr().cast_mut().wrapping_add(self.page + at)
    }

    fn byte(&self, at: usize) -> u8 {
        // SAFETY: `place` keeps to the stage. Volatile, or the loops around it may
        // become the very functions that they are to prove.
        unsafe { self.place(at).read_volatile() }
    }

    fn put(&self, at: usize, byte: u8) {
        // SAFETY: as above, and nobody has borrowed from the map.
        unsafe { self.place(at).write_volatile(byte) }
    }

    /// Puts back what stood there first.
    fn reset(&self, from: usize, to: usize) {
        (from..to).for_each(|at| self.put(at, first(at)));
    }

    /// Whether `length` bytes are what they should, and those beside them what they
    /// were; they are put back.
    fn is(&self, at: usize, length: usize, byte: impl Fn(usize) -> u8) -> bool {
        let (from, to) = (at.saturating_sub(BESIDE), (at + length + BESIDE).min(self.size()));
        let expected =
            |spot: usize| if (at..at + length).contains(&spot) { byte(spot - at) } else { first(spot) };
        let holds = (from..to).all(|spot| self.byte(spot) == expected(spot));
        self.reset(from, to);
        holds
    }

    /// Where that many bytes can start: at every alignment after the first edge, and
    /// before the second.
    fn places(&self, length: usize) -> impl Iterator<Item = usize> + use<> {
        (0..17).chain(self.size() - length - 16..=self.size() - length)
    }
}

/// The byte that stands first at a place.
fn first(at: usize) -> u8 {
    (at.wrapping_mul(7) + (at >> 8) + 1) as u8
}

fn copies(one: &Stage, other: &Stage, length: usize) -> bool {
    one.places(length).enumerate().all(|(index, to)| {
        // At every alignment against every other, in the end.
        let mut sources = other.places(length).skip(index % 3).step_by(3);
        sources.all(|from| {
            // SAFETY: both stay within their stages.
            let returned = unsafe { memcpy(one.place(to), other.place(from), length) };
            returned == one.place(to) && one.is(to, length, |index| first(from + index))
        })
    })
}

fn moves(stage: &Stage, length: usize) -> bool {
    const BY: [isize; 21] =
        [-100, -65, -33, -32, -31, -17, -16, -9, -8, -7, -1, 0, 1, 7, 8, 9, 16, 31, 32, 33, 100];
    stage.places(length).all(|from| {
        let mut targets = BY.iter().filter_map(|&by| from.checked_add_signed(by));
        targets.all(|to| {
            if to + length > stage.size() {
                return true;
            }
            // SAFETY: both stay within the stage.
            let returned = unsafe { memmove(stage.place(to), stage.place(from), length) };
            returned == stage.place(to) && stage.is(to, length, |index| first(from + index))
        })
    })
}

fn sets(stage: &Stage, length: usize) -> bool {
    stage.places(length).all(|at| {
        // SAFETY: it stays within the stage. Only the low byte counts.
        let returned = unsafe { memset(stage.place(at), 0x1234_56ab, length) };
        returned == stage.place(at) && stage.is(at, length, |_| 0xab)
    })
}

fn compares(one: &Stage, other: &Stage, length: usize) -> bool {
    one.places(length).all(|at| {
        // The same bytes at another place, elsewhere aligned.
        let from = if at < 17 { (at * 5) % 17 } else { other.size() - length - (at * 5) % 17 };
        (0..length).for_each(|index| other.put(from + index, first(at + index)));
        let (a, b) = (one.place(at), other.place(from));
        // SAFETY: both stay within their stages.
        let equal = unsafe { memcmp(a, b, length) } == 0;
        // SAFETY: as above.
        let same = unsafe { bcmp(a, b, length) } == 0;
        // Two bytes that differ, of which the first counts.
        let every = length.div_ceil(20).max(1);
        let differs = (0..length).step_by(every).all(|index| {
            let byte = first(at + index);
            other.put(from + index, byte ^ 0x80);
            let last = from + length - 1;
            let old = other.byte(last);
            other.put(last, old ^ 1);
            // SAFETY: as above.
            let order = unsafe { memcmp(a, b, length) };
            // SAFETY: as above.
            let differs = unsafe { bcmp(a, b, length) } != 0;
            other.put(last, old);
            other.put(from + index, byte);
            differs && order.signum() == if byte < 0x80 { -1 } else { 1 }
        });
        other.reset(from, from + length);
        equal && same && differs
    })
}

fn measures(stage: &Stage, length: usize) -> bool {
    stage.places(length + 1).all(|at| {
        (at..at + length).for_each(|spot| stage.put(spot, b'x'));
        // A NUL right before the text is none of it.
        if let Some(before) = at.checked_sub(1) {
            stage.put(before, 0);
        }
        stage.put(at + length, 0);
        // SAFETY: there is a NUL within the stage.
        let measured = unsafe { strlen(black_box(stage.place(at)).cast()) };
        stage.reset(at.saturating_sub(1), at + length + 1);
        measured == length
    })
}
