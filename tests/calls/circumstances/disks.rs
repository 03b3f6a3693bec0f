//! Disks that a child of the test makes, and that may break.

use std::ffi::{CStr, c_uint};
use std::ptr::null_mut;

use baremap::flags::Seals;
use baremap::process::exit;
use baremap::sys::RawFd;
use baremap::sys::fs::{self, AT_FDCWD};
use baremap::{AtFlags, Errno, Mode, OpenFlags, OpenOptions, Result};

use super::places::{NOT_READY, memory, must, on_tmpfs, special};
use crate::hosted::is_root;

const CONTROL: &CStr = c"/dev/loop-control";

pub fn has_loop_devices() -> bool {
    is_root() && OpenOptions::new().read().write().open(CONTROL).is_ok()
}

/// A block device with a file behind it, which goes with the last descriptor.
/// It needs a filesystem where devices may be.
pub fn loop_device(behind: RawFd) -> RawFd {
    const LOOP_CTL_GET_FREE: u32 = 0x4c82;
    const LOOP_CONFIGURE: u32 = 0x4c0a;
    // In `struct loop_config`: the descriptor, and the flags of a `struct
    // loop_info64`, of which one has the device let the file go by itself.
    let mut config = [0_u32; 76];
    config[0] = behind as u32;
    config[15] = 4;
    let control = must(fs::open(CONTROL, OpenFlags::RDWR, Mode::empty()));
    loop {
        // SAFETY: this operation takes no argument.
        let number = must(unsafe { fs::ioctl(control, LOOP_CTL_GET_FREE, null_mut::<u8>()) });
        special(c"loop", libc::S_IFBLK, 7, number as c_uint);
        let device = must(fs::open(c"loop", OpenFlags::RDWR, Mode::empty()));
        // SAFETY: the call reads a `struct loop_config`, which has this size.
        match unsafe { fs::ioctl(device, LOOP_CONFIGURE, config.as_mut_ptr()) } {
            Ok(_) => return device,
            // Another was quicker.
            Err(Errno::EBUSY) => must(fs::unlinkat(AT_FDCWD, c"loop", AtFlags::empty())),
            Err(_) => exit(NOT_READY),
        }
    }
}

/// The answer of a call about a disk that cannot store what is written to it, since
/// what is behind it was sealed meanwhile.
pub fn with_broken_disk(act: impl FnOnce(RawFd) -> Result<()>) -> Result<()> {
    on_tmpfs(c"", || {
        let behind = memory();
        // SAFETY: it is this child's own file.
        must(unsafe { fs::ftruncate(behind, 1 << 20) });
        let disk = loop_device(behind);
        must(fs::fcntl_add_seals(behind, Seals::WRITE));
        act(disk)
    })
}
