//! The lecture's third program in the fewest bytes. An error is an exit status, and
//! each call is made once: what a signal or a full pipe cuts short stays so.

#![no_std]
#![no_main]

#[path = "../text.rs"]
mod text;

use baremap::map::{Exact, Map, Write};
use baremap::rt::{Status, stdout};
use baremap::{AsFd, Errno, File, MapOptions, Mode, OpenFlags, OwnedFd, SeekFrom, sys};
use text::text;

baremap::entry!(main);

/// What is appended, with the NUL that ends it.
const NEW: &[u8; 13] = b"This is GR8\n\0";

fn main() -> Result<(), Status> {
    let file = File::from(OwnedFd::open(c"f1.txt", OpenFlags::RDWR, Mode::empty())?);
    file.seek(SeekFrom::End(100))?;
    file.write(b"\0")?;
    let size = sys::fs::fstat(file.as_fd().as_raw_fd())?.st_size as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let mut data = unsafe { MapOptions::new().shared().exactly(size).map_mut(&file) }?;
    // What goes out of scope then is unmapped and closed.
    append(&mut data)
}

fn append(data: &mut Map<Write, Exact>) -> Result<(), Status> {
    stdout().write(b"Data of f1.txt that is mapped in memory is:\n")?;
    let old = text(data);
    stdout().write(old)?;
    let end = old.len();
    // A file that was stretched has room, unless somebody cut it meanwhile.
    let room = data.get_mut(end..).and_then(<[u8]>::first_chunk_mut);
    *room.ok_or(Errno::ENOSPC)? = *NEW;
    stdout().write(b"New data in the memory mapped region is:\n")?;
    stdout().write(data.get(..end + NEW.len() - 1).unwrap_or_default())?;
    Ok(data.flush()?)
}
