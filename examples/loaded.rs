//! A program to be loaded: it says what it was given, and writes to its own data.
//!
//! Run it by itself, or by `loader loaded ONE TWO`: it cannot tell.

#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

use baremap::rt::{self, Start, println};
use baremap::{Errno, Lossy, sys};

baremap::entry!(main);

/// Initialized data: the file has these bytes.
static DATA: [AtomicU8; 8] = [const { AtomicU8::new(b'=') }; 8];

/// Uninitialized data: the file has none of it.
static ZEROS: [AtomicU8; 100_000] = [const { AtomicU8::new(0) }; 100_000];

fn main(start: Start) -> Result<(), Errno> {
    for argument in start.args().skip(1) {
        println!("argument: {}", Lossy(argument))?;
    }
    println!("environment: WHO is {}", Lossy(rt::var("WHO").unwrap_or(c"nobody")))?;
    let page = rt::auxiliary_value(6).unwrap_or(0);
    println!(
        "auxiliary vector: the page size is {}",
        if page == sys::page_size() { "in it" } else { "not in it" }
    )?;

    println!("data: {}", Letters(&DATA))?;
    DATA.iter().for_each(|byte| byte.store(b'#', Relaxed));
    println!("data, written to: {}", Letters(&DATA))?;
    let zeros = ZEROS.iter().filter(|byte| byte.load(Relaxed) == 0).count();
    println!("bss: {zeros} zeros of {}", ZEROS.len())?;
    ZEROS.iter().for_each(|byte| byte.store(1, Relaxed));
    println!("bss, written to: {} ones", ZEROS.iter().filter(|byte| byte.load(Relaxed) == 1).count())
}

struct Letters<'a>(&'a [AtomicU8]);

impl core::fmt::Display for Letters<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(byte.load(Relaxed))))
    }
}
