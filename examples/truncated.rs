//! A file that another process cuts short and writes anew while it is mapped here:
//! every access of what is gone is an error, and there is no `unsafe` in it.
//!
//! `truncated [RUNNER]` starts itself again as that other process, by `RUNNER` where
//! the kernel cannot start it itself, such as an emulator.

#![no_std]
#![no_main]

use core::ffi::CStr;

use baremap::guard::{Guarded, Guards};
use baremap::memfd::Memfd;
use baremap::rt::{self, println};
use baremap::sys::process::sched_yield;
use baremap::sys::time::{Clock, clock_gettime};
use baremap::{Command, Errno, File, MapOptions, OpenOptions, sys};

baremap::entry!(main);

/// What the other process is told that it is.
const OTHER: &CStr = c"--cut-it-short";

/// The number that the file has there, and how it opens it by that.
const PASSED: i32 = 3;
const FILE: &CStr = c"/proc/self/fd/3";

const PAGES: usize = 3;

fn main() -> Result<(), Errno> {
    let argument = rt::args().nth(1);
    if argument == Some(OTHER) { cut_short() } else { read(argument) }
}

/// What reads, all the while.
fn read(runner: Option<&CStr>) -> Result<(), Errno> {
    let page = sys::page_size();
    let file = Memfd::new(c"shared")?;
    write(&file, b"a")?;
    let map = Guarded::new(MapOptions::new().map_raw(&file)?, Guards::install()?);
    println!("three pages: {:?}", letters(&map)?)?;

    let myself = rt::args().next().unwrap_or_default();
    let command = match runner {
        Some(runner) => Command::new(runner).arg(myself),
        None => Command::new(c"/proc/self/exe"),
    };
    let child = command.arg(OTHER).pass(&*file, PASSED).spawn()?;
    until(|| Ok(map.get::<u8>(page).is_err()))?;
    let (kept, gone) = (map.get::<u8>(0)?, map.get::<u8>(page));
    println!(
        "cut to one: {}, then {}",
        char::from(kept),
        gone.map_or_else(|fault| fault.errno, |_| Errno::EIO)
    )?;
    let mut bytes = [0; 5000];
    let start = page - 100;
    if let Err(fault) = map.read_at(start, &mut bytes) {
        println!("a read across its end: {} bytes, then {}", fault.done, fault.errno)?;
    }
    if let Err(fault) = map.write_at(start, &bytes) {
        println!("a write across its end: {} bytes, then {}", fault.done, fault.errno)?;
    }

    // The sign for the other to go on.
    map.set(0, b'!')?;
    until(|| Ok(map.get::<u8>(0)? == b'b'))?;
    println!("written anew: {:?}", letters(&map)?)?;
    println!("the other process: {}", child.wait()?)?;

    let sealed = Memfd::new(c"sealed")?;
    sealed.write_all_at(b"lent for good", 0)?;
    let map = sealed.seal()?.map()?;
    let text: &[u8] = &map;
    println!("sealed: {}", core::str::from_utf8(text).unwrap_or_default())
}

/// What cuts the file short, and writes it anew.
fn cut_short() -> Result<(), Errno> {
    let file = OpenOptions::new().read().write().open(FILE)?;
    let map = Guarded::new(MapOptions::new().map_raw(&file)?, Guards::install()?);
    file.set_len(sys::page_size() as u64)?;
    until(|| Ok(map.get::<u8>(0)? == b'!'))?;
    write(&file, b"b")
}

/// Makes the file three pages long, the first of which is written last.
fn write(file: &File, letter: &[u8]) -> Result<(), Errno> {
    let page = sys::page_size();
    file.set_len((PAGES * page) as u64)?;
    (0..PAGES).rev().try_for_each(|number| file.write_all_at(letter, (number * page) as u64))
}

/// The first letter of every page.
fn letters(map: &Guarded) -> Result<[char; PAGES], Errno> {
    let mut letters = ['?'; PAGES];
    for (number, letter) in letters.iter_mut().enumerate() {
        *letter = map.get::<u8>(number * sys::page_size())?.into();
    }
    Ok(letters)
}

/// Waits for what the other process does, half a minute at most.
fn until(mut holds: impl FnMut() -> Result<bool, Errno>) -> Result<(), Errno> {
    let end = clock_gettime(Clock::MONOTONIC)?.tv_sec + 30;
    while !holds()? {
        if clock_gettime(Clock::MONOTONIC)?.tv_sec > end {
            return Err(Errno::ETIMEDOUT);
        }
        sched_yield()?;
    }
    Ok(())
}
