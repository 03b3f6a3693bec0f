//! Where a call is refused: children of the test that have a folder or a filesystem
//! of their own, and what is in it.

use std::ffi::{CStr, c_int, c_uint};

use baremap::flags::MemfdFlags;
use baremap::process::exit;
use baremap::sys::system::mount;
use baremap::sys::{RawFd, fs, mm};
use baremap::{Mode, MountFlags, OpenFlags, Result};

use super::privileges::mount_alone;
use crate::calls::in_child_answer;
use crate::common::Folder;
use crate::hosted::{c_path, is_root};

/// What a child ends with that could not prepare its call: no error's number.
pub const NOT_READY: i32 = 255;

/// What a call answered that only prepares another.
pub fn must<T>(answer: Result<T>) -> T {
    answer.unwrap_or_else(|_| exit(NOT_READY))
}

/// The same of a function of libc.
pub fn done(answer: c_int) {
    if answer == -1 {
        exit(NOT_READY)
    }
}

/// Asks in a child whose current directory is a new, empty folder.
pub fn in_folder(body: impl FnOnce() -> Result<()>) -> Result<()> {
    let folder = Folder::new();
    let path = c_path(folder.path());
    in_child_answer(|| {
        // SAFETY: it ends with a NUL.
        done(unsafe { libc::chdir(path.as_ptr()) });
        body()
    })
}

/// The same, where the folder is the root of a tmpfs that no other process sees.
pub fn on_tmpfs(options: &CStr, body: impl FnOnce() -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        must(mount_alone());
        must(mount(c"tmpfs", c"/tmp", c"tmpfs", MountFlags::empty(), options));
        // SAFETY: it ends with a NUL.
        done(unsafe { libc::chdir(c"/tmp".as_ptr()) });
        body()
    })
}

/// Has the tmpfs take no more changes.
pub fn be_read_only() {
    let again = MountFlags::from_bits_retain(libc::MS_REMOUNT);
    must(mount(c"", c"/tmp", c"", again | MountFlags::RDONLY, c""));
}

/// A new file, or what is there.
pub fn file(path: &CStr) -> RawFd {
    must(fs::open(
        path,
        OpenFlags::RDWR | OpenFlags::CREAT,
        Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH,
    ))
}

/// A file in memory that can be sealed.
pub fn memory() -> RawFd {
    must(mm::memfd_create(c"memory", MemfdFlags::ALLOW_SEALING))
}

/// A descriptor for reading.
pub fn reading(path: &CStr) -> RawFd {
    must(fs::open(path, OpenFlags::RDONLY, Mode::empty()))
}

/// A directory that only its owner may change.
pub fn directory(path: &CStr) {
    // SAFETY: it ends with a NUL.
    done(unsafe { libc::mkdir(path.as_ptr(), 0o755) });
}

pub fn link(target: &CStr, path: &CStr) {
    // SAFETY: both end with a NUL.
    done(unsafe { libc::symlink(target.as_ptr(), path.as_ptr()) });
}

/// A FIFO, a socket, or a device of these numbers.
pub fn special(path: &CStr, kind: libc::mode_t, major: c_uint, minor: c_uint) {
    // SAFETY: it ends with a NUL.
    done(unsafe { libc::mknod(path.as_ptr(), kind | 0o666, libc::makedev(major, minor)) });
}

pub fn permit(path: &CStr, mode: libc::mode_t) {
    // SAFETY: it ends with a NUL.
    done(unsafe { libc::chmod(path.as_ptr(), mode) });
}

/// Nobody may change the file, root included. Before Linux 6.0 tmpfs has none.
pub fn make_immutable(fd: RawFd) {
    const FS_IOC_SETFLAGS: u32 = 0x4008_6602;
    const FS_IMMUTABLE_FL: u64 = 0x10;
    let mut flags = FS_IMMUTABLE_FL;
    // SAFETY: the call reads the flags, and the file is the child's own.
    must(unsafe { fs::ioctl(fd, FS_IOC_SETFLAGS, &raw mut flags) });
}

/// Mounts a filesystem on a new directory.
pub fn mounted(kind: &CStr, path: &CStr) {
    directory(path);
    must(mount(kind, path, kind, MountFlags::empty(), c""));
}

/// One byte longer than a name may be.
pub const LONG: &CStr = {
    const BYTES: [u8; 257] = {
        let mut bytes = [b'x'; 257];
        bytes[256] = 0;
        bytes
    };
    match CStr::from_bytes_with_nul(&BYTES) {
        Ok(name) => name,
        Err(_) => unreachable!(),
    }
};

/// A path that leads in circles: a link to itself, and what would be behind it.
pub fn circle() -> &'static CStr {
    link(c"circle", c"circle");
    c"circle/f"
}

/// Whether the kernel has a filesystem that wants a device.
pub fn has_ext4() -> bool {
    let known = std::fs::read_to_string("/proc/filesystems").expect("/proc is mounted");
    is_root() && known.lines().any(|line| line == "\text4")
}
