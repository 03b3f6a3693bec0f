//! What the instruction sets share that came after x86_64: Linux gave them one
//! generic interface, without the calls that a newer one can do as well.

use super::{Sysno, Word, syscall4, syscall5};

/// `open(path, flags, mode)`, which this kernel has only as `openat`.
///
/// # Safety
///
/// `path` must point to a NUL-terminated string.
#[inline(always)]
pub unsafe fn open(path: Word, flags: Word, mode: Word) -> Word {
    const AT_FDCWD: usize = -100_isize as usize;
    let here = core::ptr::without_provenance_mut(AT_FDCWD);
    // SAFETY: the caller vouches for the path, the one pointer.
    unsafe { syscall4(Sysno::openat, here, path, flags, mode) }
}

/// `fork()`, which this kernel has only as `clone(SIGCHLD)`.
///
/// # Safety
///
/// As for [`crate::sys::process::fork`].
#[inline(always)]
pub unsafe fn fork() -> Word {
    const SIGCHLD: usize = 17;
    let (flags, none) = (core::ptr::without_provenance_mut(SIGCHLD), core::ptr::null_mut());
    // SAFETY: the caller keeps fork's contract; no stack means a copy of ours.
    unsafe { clone(flags, none, none, none, none) }
}

/// `clone` with its arguments in this kernel's order: `tls` before `child_tid`.
///
/// That is so where the kernel is configured with `CLONE_BACKWARDS`. An instruction
/// set where it is not has a `clone` of its own, which hides this one.
///
/// # Safety
///
/// Without `CLONE_VM`, as for [`crate::sys::process::fork`]; with it, `stack`
/// must be a stack for the child, which must never return from this frame.
#[inline(always)]
pub unsafe fn clone(flags: Word, stack: Word, parent_tid: Word, child_tid: Word, tls: Word) -> Word {
    // SAFETY: the caller keeps clone's contract.
    unsafe { syscall5(Sysno::clone, flags, stack, parent_tid, tls, child_tid) }
}

/// `sync_file_range`, which the table of numbers calls by the name and argument order of 32-bit
/// ARM: this kernel has the common order.
pub const SYNC_FILE_RANGE: Sysno = Sysno::sync_file_range2;

/// What `fstat` fills: `struct stat` of the man page, in this kernel's layout.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the man page's names")]
pub struct Stat {
    pub st_dev: u64,
    pub st_ino: u64,
    pub st_mode: u32,
    pub st_nlink: u32,
    pub st_uid: u32,
    pub st_gid: u32,
    pub st_rdev: u64,
    pad1: u64,
    pub st_size: i64,
    pub st_blksize: i32,
    pad2: i32,
    pub st_blocks: i64,
    pub st_atime: i64,
    pub st_atime_nsec: i64,
    pub st_mtime: i64,
    pub st_mtime_nsec: i64,
    pub st_ctime: i64,
    pub st_ctime_nsec: i64,
    unused: [u32; 2],
}
static_assertions::const_assert_eq!(size_of::<Stat>(), 128);
