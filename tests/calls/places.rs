//! Where a call is refused: children of the test that have a folder, a filesystem,
//! a user, limits or signals of their own. Nothing of it outlives them.
//!
//! As everywhere in such a child, what runs there makes system calls only.

use std::ffi::{CStr, c_int, c_uint};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

use baremap::flags::SaFlags;
use baremap::process::exit;
use baremap::sys::fs::{self, AT_FDCWD};
use baremap::sys::process::{Resource, Rlimit64, Signal, prlimit64};
use baremap::sys::signal::{SigAction, SigHandler, SigSet, rt_sigaction};
use baremap::sys::system::mount;
use baremap::sys::{RawFd, mm};
use baremap::{Errno, Mode, MountFlags, OpenFlags, Result};

use super::{Refusal, in_child_answer, unprovoked};
use crate::common::Folder;
use crate::hosted::c_path;

/// What a child ends with that could not prepare its call: no error's number.
const NOT_READY: i32 = 255;

/// What a call answered that only prepares another.
pub fn must<T>(answer: Result<T>) -> T {
    answer.unwrap_or_else(|_| exit(NOT_READY))
}

/// The same of a function of libc.
fn done(answer: c_int) {
    if answer == -1 {
        exit(NOT_READY)
    }
}

pub fn is_root() -> bool {
    // SAFETY: the call only answers.
    unsafe { libc::geteuid() == 0 }
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
        // SAFETY: what is mounted takes no memory away.
        done(unsafe { libc::unshare(libc::CLONE_NEWNS) });
        // What is mounted from here on is not to spread to where this came from.
        let alone = MountFlags::from_bits_retain(libc::MS_REC | libc::MS_PRIVATE);
        must(mount(c"", c"/", c"", alone, c""));
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

/// From here on this child is an ordinary user. Without libc, which would have
/// its threads follow: there are none here.
pub fn be_another() {
    const ANOTHER: c_uint = 65_534;
    for call in [libc::SYS_setresgid, libc::SYS_setresuid] {
        // SAFETY: this only takes away privileges.
        let answer = unsafe { libc::syscall(call, ANOTHER, ANOTHER, ANOTHER) };
        done(answer as c_int);
    }
}

/// From here on this child has no more of it.
pub fn limit(resource: Resource, value: u64) {
    must(prlimit64(0, resource, Some(&Rlimit64 { rlim_cur: value, rlim_max: value })));
}

/// From here on a signal does nothing.
pub fn ignore(signal: Signal) {
    handle(signal, SigHandler::IGN);
}

fn handle(signal: Signal, sa_handler: SigHandler) {
    let act = SigAction { sa_handler, sa_flags: SaFlags::empty(), sa_mask: SigSet::EMPTY };
    // SAFETY: of the two handlers in this file, one only counts, the other is none.
    must(unsafe { rt_sigaction(signal, Some(&act)) });
}

/// From here on signals come, again and again, since one could come before the
/// call. A call that begins again by itself would never end: they end it.
pub fn be_interrupted() {
    extern "C" fn count(_: Signal) {
        static SIGNALS: AtomicU32 = AtomicU32::new(0);
        if SIGNALS.fetch_add(1, Ordering::Relaxed) == 1000 {
            exit(NOT_READY)
        }
    }
    handle(Signal::ALRM, SigHandler::new(count));
    let often = libc::timeval { tv_sec: 0, tv_usec: 10_000 };
    let timer = libc::itimerval { it_interval: often, it_value: often };
    // SAFETY: the call reads the timer and writes nothing.
    done(unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, null_mut()) });
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
    must(mm::memfd_create(c"memory", baremap::flags::MemfdFlags::ALLOW_SEALING))
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
    let control = must(fs::open(c"/dev/loop-control", OpenFlags::RDWR, Mode::empty()));
    loop {
        // SAFETY: this operation takes no argument.
        let number = must(unsafe { fs::ioctl(control, LOOP_CTL_GET_FREE, null_mut::<u8>()) });
        special(c"loop", libc::S_IFBLK, 7, number as c_uint);
        let device = must(fs::open(c"loop", OpenFlags::RDWR, Mode::empty()));
        // SAFETY: the call reads a `struct loop_config`, which has this size.
        match unsafe { fs::ioctl(device, LOOP_CONFIGURE, config.as_mut_ptr()) } {
            Ok(_) => return device,
            // Another was quicker.
            Err(Errno::EBUSY) => must(fs::unlinkat(AT_FDCWD, c"loop", baremap::AtFlags::empty())),
            Err(_) => exit(NOT_READY),
        }
    }
}

pub fn has_loop_devices() -> bool {
    is_root() && std::path::Path::new("/dev/loop-control").exists()
}

/// Whether the kernel has a filesystem that wants a device.
pub fn has_ext4() -> bool {
    let known = std::fs::read_to_string("/proc/filesystems").expect("/proc is mounted");
    is_root() && known.lines().any(|line| line == "\text4")
}

pub const fn no_memory() -> Refusal {
    unprovoked(Errno::ENOMEM, "the kernel itself would have to run out of memory")
}

pub const fn no_quota() -> Refusal {
    unprovoked(
        Errno::EDQUOT,
        "no filesystem of these kernels has quotas, but one on a device that is set up so",
    )
}

pub const fn too_many_files() -> Refusal {
    unprovoked(
        Errno::ENFILE,
        "root may exceed the limit of the system, and to lower it is to lower it for all",
    )
}

pub const fn no_failure() -> Refusal {
    unprovoked(Errno::EIO, "wants a device that fails under a filesystem")
}
