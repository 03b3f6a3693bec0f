//! The lecture's third program: appends to a file through a shared map of it.
//!
//! `map_append [FILE]`, `f1.txt` if none is named. It changes the file wholly or
//! not at all. So it prints last, when the file is changed and synced: the reader
//! of a pipe may go away, which ends this program wherever it stands. On an error
//! before that, length and bytes are put back as they were.

#![no_std]
#![no_main]

mod named;
mod text;

use baremap::rt::{Start, stdout};
use baremap::{Errno, File, MapMut, MapOptions, OpenOptions, SeekFrom};
use named::{Named, OUTPUT, Of};
use text::text;

baremap::entry!(main);

/// How far the file is stretched, less the one byte that is written there.
const STRETCH: u64 = 100;

/// What is appended, with the NUL that ends it.
const NEW: &[u8; 13] = b"This is GR8\n\0";

fn main(start: Start) -> Result<(), Named> {
    let path = start.args().nth(1).unwrap_or(c"f1.txt");
    let file = OpenOptions::new().read().write().open(path).of(path)?;
    let end = file.seek(SeekFrom::End(STRETCH as i64)).of(path)?;
    // What has no end to seek from cannot be stretched: a device.
    let size = end.checked_sub(STRETCH).ok_or(Errno::ENODEV).of(path)?;

    let (data, text_end) = stretch_and_append(&file).of(path).inspect_err(|_| {
        // The first error is the one to tell.
        let _ = file.set_len(size);
    })?;
    stdout().write_all(b"Data of f1.txt that is mapped in memory is:\n").of(OUTPUT)?;
    stdout().write_all(data.get(..text_end).unwrap_or_default()).of(OUTPUT)?;
    stdout().write_all(b"New data in the memory mapped region is:\n").of(OUTPUT)?;
    stdout().write_all(text(&data)).of(OUTPUT)?;

    data.unmap().of(path)?;
    file.close().of(path)
}

/// Appends, and returns the map with the place where the text ended before.
fn stretch_and_append(file: &File) -> Result<(MapMut, usize), Errno> {
    file.write_all(b"\0")?;
    let size = file.len()? as usize;
    // SAFETY: whoever runs this is asked to let the file be meanwhile.
    let mut data = unsafe { MapOptions::new().shared().len(size).map_mut(file) }?;

    let end = text(&data).len();
    // A file that was stretched has room, unless somebody cut it meanwhile.
    let place =
        data.get_mut(end..).and_then(<[u8]>::first_chunk_mut::<{ NEW.len() }>).ok_or(Errno::ENOSPC)?;
    let old = core::mem::replace(place, *NEW);
    match data.flush() {
        Ok(()) => Ok((data, end)),
        Err(errno) => {
            if let Some(place) = data.get_mut(end..).and_then(<[u8]>::first_chunk_mut) {
                *place = old;
            }
            Err(errno)
        }
    }
}
