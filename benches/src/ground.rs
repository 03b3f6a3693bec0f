//! Files to race on.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::fd::{FromRawFd, IntoRawFd};

use baremap::OwnedFd;

/// A file in a folder that nobody else can open, of so many bytes that are not all
/// the same, and that the kernel has in memory.
///
/// # Panics
///
/// If the folder has no room for it.
#[must_use]
pub fn file(folder: &str, length: usize) -> File {
    let path = format!("{folder}/baremap-bench-{}-{length}", std::process::id());
    let file = File::options().read(true).write(true).create_new(true).open(&path).expect("a new file");
    std::fs::remove_file(path).expect("it is ours");
    let mut writer = BufWriter::with_capacity(1 << 20, &file);
    let block: Vec<u8> = (0..65_536_u32).map(|index| (index * 7 / 8) as u8).collect();
    let mut left = length;
    while left != 0 {
        let part = left.min(block.len());
        writer.write_all(&block[..part]).expect("room for the file");
        left -= part;
    }
    writer.flush().expect("room for the file");
    drop(writer);
    // What is still to be written to the disk would be while others are measured.
    file.sync_all().expect("a disk");
    file
}

/// The same open file for this crate.
///
/// # Panics
///
/// If there is no descriptor left.
#[must_use]
pub fn ours(file: &File) -> baremap::File {
    let copy = file.try_clone().expect("a descriptor").into_raw_fd();
    // SAFETY: it was just made, and given up.
    unsafe { OwnedFd::from_raw_fd(copy) }.into()
}

/// The same open file for others.
///
/// # Panics
///
/// If there is no descriptor left.
#[must_use]
pub fn theirs(file: &baremap::File) -> File {
    let copy = file.try_clone().expect("a descriptor");
    let copy = OwnedFd::from(copy).into_raw_fd();
    // SAFETY: as above.
    unsafe { File::from_raw_fd(copy) }
}
