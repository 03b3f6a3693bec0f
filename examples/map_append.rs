//! The lecture's third program: appends to a file through a shared map of it.
//!
//! `map_append [FILE]`, `f1.txt` if none is named. It changes the file wholly or
//! not at all: on an error, length and bytes are put back as they were.

#![no_std]
#![no_main]

mod named;
mod text;

use core::ffi::CStr;

use baremap::rt::{self, stdout};
use baremap::{AsFd, Errno, File, MapMut, MapOptions, OpenOptions, SeekFrom};
use named::{Named, OUTPUT, Of};
use text::text;

baremap::entry!(main);

/// How far the file is stretched, less the one byte that is written there.
const STRETCH: u64 = 100;

/// What is appended, with the NUL that ends it.
const NEW: &[u8; 13] = b"This is GR8\n\0";

fn main() -> Result<(), Named> {
    let path = rt::args().nth(1).unwrap_or(c"f1.txt");
    let file = OpenOptions::new().read().write().open(path).of(path)?;
    if file.as_fd().as_raw_fd() <= 2 {
        // The kernel gives the lowest free number: where standard output is
        // closed, the file would take its place, and the text go into it.
        return Err(Errno::EBADF).of(OUTPUT);
    }
    let end = file.seek(SeekFrom::End(STRETCH as i64)).of(path)?;
    stretch_and_append(&file, path).inspect_err(|_| {
        // The first error is the one to tell.
        let _ = file.set_size(end - STRETCH);
    })?;
    file.close().of(path)
}

fn stretch_and_append(file: &File, path: &'static CStr) -> Result<(), Named> {
    file.write_all(b"\0").of(path)?;
    let size = file.size().of(path)? as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let mut data = unsafe { MapOptions::new().shared().len(size).map_mut(file) }.of(path)?;
    stdout().write_all(b"Data of f1.txt that is mapped in memory is:\n").of(OUTPUT)?;
    stdout().write_all(text(&data)).of(OUTPUT)?;

    let end = text(&data).len();
    let old = *place(&mut data, end).of(path)?;
    *place(&mut data, end).of(path)? = *NEW;
    show_and_sync(&data, path).inspect_err(|_| {
        if let Ok(place) = place(&mut data, end) {
            *place = old;
        }
    })?;
    data.unmap().of(path)
}

fn show_and_sync(data: &MapMut, path: &'static CStr) -> Result<(), Named> {
    stdout().write_all(b"New data in the memory mapped region is:\n").of(OUTPUT)?;
    stdout().write_all(text(data)).of(OUTPUT)?;
    data.flush().of(path)
}

/// Where the new text goes. A file that was stretched has room for it; what is
/// no such file, a device for one, may not.
fn place(data: &mut [u8], end: usize) -> Result<&mut [u8; NEW.len()], Errno> {
    data.get_mut(end..).and_then(<[u8]>::first_chunk_mut).ok_or(Errno::ENOSPC)
}
