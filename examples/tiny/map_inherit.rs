//! The lecture's second program in the fewest bytes. An error is an exit status, and
//! each call is made once: what a signal or a full pipe cuts short stays so.

#![no_std]
#![no_main]

#[path = "../text.rs"]
mod text;

use baremap::process::{self, Fork};
use baremap::rt::{Status, stdout};
use baremap::{File, MapOptions, Mode, OpenFlags, OwnedFd};
use text::text;

baremap::entry!(main);

fn main() -> Result<(), Status> {
    let file = File::from(OwnedFd::open(c"f1.txt", OpenFlags::RDONLY, Mode::empty())?);
    let size = file.len()? as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let data = unsafe { MapOptions::new().shared().exactly(size).map(&file) }?;
    // SAFETY: there is one thread, and neither process writes to the map.
    let heading = match unsafe { process::fork() }? {
        Fork::Child => b"Child access memory mapped file:\n".as_slice(),
        Fork::Parent(child) => {
            child.wait()?;
            b"Parent access memory mapped file:\n"
        }
    };
    stdout().write(heading)?;
    stdout().write(text(&data))?;
    // What goes out of scope is unmapped and closed, in each process for itself.
    Ok(())
}
