//! The lecture's third program in the fewest bytes: an error is an exit status.

#![no_std]
#![no_main]

#[path = "../text.rs"]
mod text;

use baremap::rt::{Status, stdout};
use baremap::{Errno, MapOptions, OpenOptions, SeekFrom};
use text::text;

baremap::entry!(main);

/// What is appended, with the NUL that ends it.
const NEW: &[u8; 13] = b"This is GR8\n\0";

fn main() -> Result<(), Status> {
    let file = OpenOptions::new().read().write().open(c"f1.txt")?;
    file.seek(SeekFrom::End(100))?;
    file.write_all(b"\0")?;
    let size = file.len()? as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let mut data = unsafe { MapOptions::new().shared().len(size).map_mut(&file) }?;
    stdout().write_all(b"Data of f1.txt that is mapped in memory is:\n")?;
    let end = text(&data).len();
    stdout().write_all(text(&data))?;
    // A file that was stretched has room, unless somebody cut it meanwhile.
    let place = data.get_mut(end..).and_then(<[u8]>::first_chunk_mut);
    *place.ok_or(Errno::ENOSPC)? = *NEW;
    stdout().write_all(b"New data in the memory mapped region is:\n")?;
    stdout().write_all(text(&data))?;
    data.flush()?;
    // What goes out of scope is unmapped and closed.
    Ok(())
}
