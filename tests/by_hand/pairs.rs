//! Wrappers, and beside each the assembly that one would write by hand for the
//! same call with the same check for errors. Compiled to assembly and counted by
//! tests/instructions.rs; never linked, never run.

#![no_std]
#![allow(missing_docs, clippy::missing_safety_doc)]

use core::num::NonZeroIsize;

use baremap::{MapAnon, Result};
use baremap::flags::{MapFlags, MremapFlags, MsyncFlags, Prot};
use baremap::sys::fs::{self, Whence};
use baremap::sys::{mm, process};

#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
pub mod by_hand;

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
pub mod by_hand;

/// What the assembly by hand returns: as compact as ours.
pub type Answer<T> = core::result::Result<T, NonZeroIsize>;

#[unsafe(no_mangle)]
pub fn ours_getppid() -> i32 {
    process::getppid()
}

#[unsafe(no_mangle)]
pub fn ours_lseek(fd: i32, offset: i64, whence: Whence) -> Result<u64> {
    fs::lseek(fd, offset, whence)
}

#[unsafe(no_mangle)]
pub fn ours_munmap(addr: *mut u8, length: usize) -> Result<()> {
    // SAFETY: this is never run.
    unsafe { mm::munmap(addr, length) }
}

#[unsafe(no_mangle)]
pub fn ours_msync(addr: *mut u8, length: usize, flags: MsyncFlags) -> Result<()> {
    mm::msync(addr, length, flags)
}

#[unsafe(no_mangle)]
pub fn ours_mmap(
    addr: *mut u8,
    length: usize,
    prot: Prot,
    flags: MapFlags,
    fd: i32,
    offset: u64,
) -> Result<*mut u8> {
    // SAFETY: this is never run.
    unsafe { mm::mmap(addr, length, prot, flags, fd, offset) }
}

#[unsafe(no_mangle)]
pub fn ours_mremap(
    old: *mut u8,
    old_size: usize,
    new_size: usize,
    flags: MremapFlags,
    new: *mut u8,
) -> Result<*mut u8> {
    // SAFETY: this is never run.
    unsafe { mm::mremap(old, old_size, new_size, flags, new) }
}

/// Makes private memory and drops it. The kernel refuses a length of 0.
#[unsafe(no_mangle)]
pub fn ours_anonymous(length: usize) -> Result<()> {
    MapAnon::new(length).map(drop)
}
