//! The memory functions that `entry!` supplies, held against loops that a child
//! could read, at every length and alignment that makes them take another way.

#![no_std]
#![no_main]

use core::ffi::{c_char, c_int};
use core::hint::black_box;

use baremap::rt::{ExitCode, println};

baremap::entry!(main);

unsafe extern "C" {
    fn memcpy(to: *mut u8, from: *const u8, length: usize) -> *mut u8;
    fn memmove(to: *mut u8, from: *const u8, length: usize) -> *mut u8;
    fn memset(to: *mut u8, byte: c_int, length: usize) -> *mut u8;
    fn memcmp(a: *const u8, b: *const u8, length: usize) -> c_int;
    fn bcmp(a: *const u8, b: *const u8, length: usize) -> c_int;
    fn strlen(text: *const c_char) -> usize;
}

/// Longer than two of the widest step, whatever the alignment.
const SIZE: usize = 96;

fn main() -> Result<ExitCode, baremap::Errno> {
    let copied = each(|at, length| copies(at, 0, length) && copies(0, at, length));
    let moved = each(|at, length| moves(at, 20, length) && moves(20, at, length) && moves(at, at, length));
    let set = each(sets);
    let compared = each(compares);
    let measured = each(measures);
    println!("memcpy {copied}, memmove {moved}, memset {set}, memcmp {compared}, strlen {measured}")?;
    let good = copied && moved && set && compared && measured;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether it holds at every offset and length.
fn each(holds: impl Fn(usize, usize) -> bool) -> bool {
    (0..40).all(|at| (0..=48).all(|length| holds(at, length)))
}

/// Bytes that tell where they stood.
fn pattern() -> [u8; SIZE] {
    black_box(core::array::from_fn(|index| (index as u8).wrapping_mul(7).wrapping_add(1)))
}

/// What a copy must give, byte by byte, each taken from the old state.
fn expected(to: usize, from: usize, length: usize, byte: impl Fn(&[u8; SIZE], usize) -> u8) -> [u8; SIZE] {
    let old = pattern();
    core::array::from_fn(|index| {
        if (to..to + length).contains(&index) { byte(&old, from + index - to) } else { old[index] }
    })
}

/// Equal, without the function that `==` would call.
fn same(a: &[u8; SIZE], b: &[u8; SIZE]) -> bool {
    a.iter().zip(b).all(|(a, b)| black_box(*a) == *b)
}

fn copies(to: usize, from: usize, length: usize) -> bool {
    let source = pattern();
    let mut bytes = pattern();
    let place = bytes[to..].as_mut_ptr();
    // SAFETY: `to`, `from` and `length` stay within the two arrays.
    let returned = unsafe { memcpy(place, source[from..].as_ptr(), length) };
    returned == place && same(&bytes, &expected(to, from, length, |old, index| old[index]))
}

fn moves(to: usize, from: usize, length: usize) -> bool {
    let mut bytes = pattern();
    let start = bytes.as_mut_ptr();
    let (place, source) = (start.wrapping_add(to), start.wrapping_add(from));
    // SAFETY: `to`, `from` and `length` stay within the array.
    let returned = unsafe { memmove(place, source, length) };
    returned == place && same(&bytes, &expected(to, from, length, |old, index| old[index]))
}

fn sets(at: usize, length: usize) -> bool {
    let mut bytes = pattern();
    let place = bytes[at..].as_mut_ptr();
    // SAFETY: `at` and `length` stay within the array. Only the low byte counts.
    let returned = unsafe { memset(place, 0x1234_56ab, length) };
    returned == place && same(&bytes, &expected(at, at, length, |_, _| 0xab))
}

fn compares(at: usize, length: usize) -> bool {
    let one = pattern();
    let mut other = pattern();
    // SAFETY: `at` and `length` stay within both arrays.
    let equal = unsafe { memcmp(one[at..].as_ptr(), other[at..].as_ptr(), length) };
    other[at + length / 2] ^= 0x80;
    // SAFETY: as above.
    let order = unsafe { memcmp(one[at..].as_ptr(), other[at..].as_ptr(), length) };
    // SAFETY: as above.
    let differs = unsafe { bcmp(one[at..].as_ptr(), other[at..].as_ptr(), length) } != 0;
    let truth = if length == 0 {
        0
    } else if one[at + length / 2] < 0x80 {
        -1
    } else {
        1
    };
    equal == 0 && order.signum() == truth && differs == (length > 0)
}

fn measures(at: usize, length: usize) -> bool {
    let mut text = [b'x'; SIZE];
    text[at + length] = 0;
    // SAFETY: there is a NUL within the array.
    unsafe { strlen(black_box(text[at..].as_ptr()).cast()) == length }
}
