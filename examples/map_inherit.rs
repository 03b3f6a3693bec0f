//! The lecture's second program: a child inherits its parent's map of a file.
//!
//! `map_inherit [FILE]`, `f1.txt` if none is named.

#![no_std]
#![no_main]

mod named;
mod text;
mod whole;

use baremap::process::{self, Fork};
use baremap::rt::{ExitCode, Start, stderr, stdout};
use baremap::{Errno, File};
use named::{Named, OUTPUT, Of};
use text::text;
use whole::whole;

baremap::entry!(main);

fn main(start: Start) -> Result<ExitCode, Named> {
    let path = start.args().nth(1).unwrap_or(c"f1.txt");
    let file = File::open(path).of(path)?;
    let size = file.len().of(path)? as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let data = unsafe { whole(size).shared().map(&file) }.of(path)?;

    // SAFETY: there is one thread, and neither process writes to the map.
    let heading = match unsafe { process::fork() }.of(c"fork")? {
        Fork::Child => b"Child access memory mapped file:\n".as_slice(),
        Fork::Parent(child) => {
            match child.wait() {
                Ok(status) if status.success() => {}
                Ok(status) => {
                    // If it exited, it has said why.
                    let Some(signal) = status.signal() else { return Ok(ExitCode::FAILURE) };
                    let _ = stderr().write_all(b"map_inherit: child: ended by a signal\n");
                    // Which one is told as a shell would.
                    return Ok(ExitCode::from(128 | signal.0 as u8));
                }
                // It has ended, and nobody knows how: whoever started us has
                // SIGCHLD ignored.
                Err(Errno::ECHILD) => {}
                Err(errno) => return Err(errno).of(c"child"),
            }
            b"Parent access memory mapped file:\n"
        }
    };
    stdout().write_all(heading).of(OUTPUT)?;
    stdout().write_all(text(&data)).of(OUTPUT)?;

    // Each process unmaps and closes its own.
    data.unmap().of(path)?;
    file.close().of(path)?;
    Ok(ExitCode::SUCCESS)
}
