//! What a process has, to be compared before and after.

#![allow(dead_code, reason = "each test file uses a part")]

use baremap::sys::fs::{Whence, lseek, read};
use baremap::{Errno, File, Result};

use crate::hosted::raw;

/// A way to look at the mappings of this process that allocates nothing and maps
/// nothing, so that a child can use it.
pub struct Snapshot(File);

/// What is mapped, as a number that differs if anything differs, and how many
/// descriptors are open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    maps: u64,
    descriptors: usize,
}

impl Snapshot {
    /// Of this process, not of one that made it.
    pub fn new() -> std::result::Result<Self, u32> {
        Ok(Self(twice(|| File::open(c"/proc/self/maps")).or(Err(line!()))?))
    }

    pub fn take(&self) -> std::result::Result<Taken, u32> {
        let fd = raw(&self.0);
        twice(|| lseek(fd, 0, Whence::Set)).or(Err(line!()))?;
        let mut maps = 0xcbf2_9ce4_8422_2325;
        let mut bytes = [0; 4096];
        loop {
            let read = twice(|| read(fd, &mut bytes)).or(Err(line!()))?;
            for &byte in bytes.iter().take(read) {
                maps = (maps ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
            if read == 0 {
                break;
            }
        }
        let open = |fd: &i32| lseek(*fd, 0, Whence::Cur) != Err(Errno::EBADF);
        Ok(Taken { maps, descriptors: (0..64).filter(open).count() })
    }
}

/// One failure may be on purpose, and meant for another call.
fn twice<T>(mut call: impl FnMut() -> Result<T>) -> Result<T> {
    call().or_else(|_| call())
}
