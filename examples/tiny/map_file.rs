//! The lecture's first program in the fewest bytes: an error is an exit status.

#![no_std]
#![no_main]

#[path = "../text.rs"]
mod text;

use baremap::rt::{Status, stdout};
use baremap::{File, MapOptions, SeekFrom};
use text::text;

baremap::entry!(main);

fn main() -> Result<(), Status> {
    let file = File::open(c"f1.txt")?;
    let size = file.seek(SeekFrom::End(0))? as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let data = unsafe { MapOptions::new().private().len(size).map(&file) }?;
    stdout().write_all(b"Data in the file is:\n")?;
    stdout().write_all(text(&data))?;
    // What goes out of scope is unmapped and closed.
    Ok(())
}
