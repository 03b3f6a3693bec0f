//! The lecture's first program in the fewest bytes. An error is an exit status, and
//! each call is made once: what a signal or a full pipe cuts short stays so.

#![no_std]
#![no_main]

#[path = "../text.rs"]
mod text;

use baremap::rt::{Status, stdout};
use baremap::{File, MapOptions, Mode, OpenFlags, OwnedFd, SeekFrom};
use text::text;

baremap::entry!(main);

fn main() -> Result<(), Status> {
    let file = File::from(OwnedFd::open(c"f1.txt", OpenFlags::RDONLY, Mode::empty())?);
    let size = file.seek(SeekFrom::End(0))? as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let data = unsafe { MapOptions::new().private().exactly(size).map(&file) }?;
    // What goes out of scope then is unmapped and closed.
    show(&data)
}

fn show(data: &[u8]) -> Result<(), Status> {
    stdout().write(b"Data in the file is:\n")?;
    stdout().write(text(data))?;
    Ok(())
}
