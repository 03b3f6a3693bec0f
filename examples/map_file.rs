//! The lecture's first program: prints a file through a private map of it.
//!
//! `map_file [FILE]`, `f1.txt` if none is named.

#![no_std]
#![no_main]

mod named;
mod text;
mod whole;

use baremap::rt::{Start, stdout};
use baremap::{File, SeekFrom};
use named::{Named, OUTPUT, Of};
use text::text;
use whole::whole;

baremap::entry!(main);

fn main(start: Start) -> Result<(), Named> {
    let path = start.args().nth(1).unwrap_or(c"f1.txt");
    let file = File::open(path).of(path)?;
    let size = file.seek(SeekFrom::End(0)).of(path)? as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let data = unsafe { whole(size).private().map(&file) }.of(path)?;

    stdout().write_all(b"Data in the file is:\n").of(OUTPUT)?;
    stdout().write_all(text(&data)).of(OUTPUT)?;

    data.unmap().of(path)?;
    // Unmapping does not close the descriptor.
    file.close().of(path)
}
