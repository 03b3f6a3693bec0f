//! A shared map of a file: a store reaches the file, and everybody who maps it.

#![no_std]
#![no_main]

mod child;
mod scratch;

use baremap::rt::println;
use baremap::{Errno, MapMut, MapOptions};
use child::child;
use scratch::scratch;

baremap::entry!(main);

const TEXT: &[u8; 16] = b"written by write";
const NEW: &[u8; 16] = b"stored by memory";

fn main() -> Result<(), Errno> {
    let file = scratch(c"/tmp", TEXT)?;
    let map = || {
        // SAFETY: the file has no name, and those who share it take turns.
        unsafe { MapOptions::new().shared().map_mut(&file) }
    };
    let (mut ours, other) = (map()?, map()?);
    println!("the file:               {}", text(TEXT))?;
    println!("one map:                {}", text(&ours))?;
    println!("another map:            {}", text(&other))?;

    // The child has both maps, too. It has not called write.
    let status = child(|| ours.copy_from_slice(NEW))?;
    println!("a child stores through one of the maps: {status}")?;
    let mut bytes = [0; TEXT.len()];
    file.read_at(&mut bytes, 0)?;
    println!("the file:               {}", text(&bytes))?;
    println!("one map, in the parent: {}", text(&seen(&ours)))?;
    println!("another map:            {}", text(&seen(&other)))?;

    // And the other way: what is written is there in every map.
    file.write_all_at(TEXT, 0)?;
    println!("somebody calls write:   {}", text(&seen(&other)))
}

/// What is in the map now, whoever put it there.
fn seen(map: &MapMut) -> [u8; TEXT.len()] {
    let mut bytes = [0; TEXT.len()];
    for (byte, place) in bytes.iter_mut().zip(map.iter()) {
        // SAFETY: it is a reference's.
        *byte = unsafe { core::ptr::from_ref(place).read_volatile() };
    }
    bytes
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or("no text")
}
