//! The lecture's second program in the fewest bytes: an error is an exit status.

#![no_std]
#![no_main]

#[path = "../text.rs"]
mod text;

use baremap::process::{self, Fork};
use baremap::rt::{Status, stdout};
use baremap::{File, MapOptions};
use text::text;

baremap::entry!(main);

fn main() -> Result<(), Status> {
    let file = File::open(c"f1.txt")?;
    let size = file.len()? as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let data = unsafe { MapOptions::new().shared().len(size).map(&file) }?;
    // SAFETY: there is one thread, and neither process writes to the map.
    let heading = match unsafe { process::fork() }? {
        Fork::Child => b"Child access memory mapped file:\n".as_slice(),
        Fork::Parent(child) => {
            child.wait()?;
            b"Parent access memory mapped file:\n"
        }
    };
    stdout().write_all(heading)?;
    stdout().write_all(text(&data))?;
    // What goes out of scope is unmapped and closed, in each process for itself.
    Ok(())
}
