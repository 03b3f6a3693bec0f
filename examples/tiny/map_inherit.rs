//! The lecture's second program in the fewest bytes. An error is an exit status, and
//! each call is made once: what a signal or a full pipe cuts short stays so.

#![no_std]
#![no_main]

#[path = "../text.rs"]
mod text;

use baremap::process::{self, Fork};
use baremap::rt::{Status, stdout};
use baremap::{MapOptions, Mode, OpenFlags, OwnedFd, WaitFlags, sys};
use text::text;

baremap::entry!(main);

fn main() -> Result<(), Status> {
    let file = OwnedFd::open(c"f1.txt", OpenFlags::RDONLY, Mode::empty())?;
    let size = sys::fs::fstat(file.as_raw_fd())?.st_size as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let data = unsafe { MapOptions::new().shared().exactly(size).map(&file) }?;
    // What goes out of scope then is unmapped and closed, in each process for itself.
    in_both(&data)
}

fn in_both(data: &[u8]) -> Result<(), Status> {
    // SAFETY: there is one thread, and neither process writes to the map.
    let heading = match unsafe { process::fork() }? {
        Fork::Child => b"Child access memory mapped file:\n".as_slice(),
        Fork::Parent(child) => {
            // It has ended in any case, be it that nobody is told how.
            let _ = sys::process::wait4(child.pid(), WaitFlags::empty());
            b"Parent access memory mapped file:\n"
        }
    };
    stdout().write(heading)?;
    stdout().write(text(data))?;
    Ok(())
}
