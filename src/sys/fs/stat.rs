//! What is known of a file: its kind, its length, its times.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{AtFlags, StatxAttributes, StatxMask};
use crate::sys::{Argument, RawFd};

pub use crate::arch::Stat;

/// `int fstat(int fd, struct stat *statbuf)`
///
/// Tells what kind of file it is, its length in bytes, its times and the rest.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `ENOMEM`: no memory for it.
///
/// # References
///
/// [fstat(2)](https://man7.org/linux/man-pages/man2/fstat.2.html)
#[inline(always)]
pub fn fstat(fd: RawFd) -> Result<Stat> {
    let mut stat = MaybeUninit::<Stat>::uninit();
    // SAFETY: the kernel writes a `struct stat` there, which `Stat` is.
    errno::unit(unsafe { arch::syscall2(Sysno::fstat, fd.word(), stat.as_mut_ptr().word()) })?;
    // SAFETY: the call succeeded, so the kernel has filled it.
    Ok(unsafe { stat.assume_init() })
}

/// A time in [`Statx`], since 1970: `struct statx_timestamp` of the man page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C)]
pub struct StatxTimestamp {
    /// Seconds, negative before.
    pub tv_sec: i64,
    /// Nanoseconds after those.
    pub tv_nsec: u32,
    reserved: i32,
}

/// What [`statx`] fills: `struct statx` of the man page. A field whose bit is
/// not in `stx_mask` afterwards means nothing.
///
/// # References
///
/// [statx(2)](https://man7.org/linux/man-pages/man2/statx.2.html)
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(missing_docs, reason = "the man page's names")]
pub struct Statx {
    pub stx_mask: StatxMask,
    pub stx_blksize: u32,
    pub stx_attributes: StatxAttributes,
    pub stx_nlink: u32,
    pub stx_uid: u32,
    pub stx_gid: u32,
    pub stx_mode: u16,
    spare0: u16,
    pub stx_ino: u64,
    pub stx_size: u64,
    pub stx_blocks: u64,
    pub stx_attributes_mask: StatxAttributes,
    pub stx_atime: StatxTimestamp,
    pub stx_btime: StatxTimestamp,
    pub stx_ctime: StatxTimestamp,
    pub stx_mtime: StatxTimestamp,
    pub stx_rdev_major: u32,
    pub stx_rdev_minor: u32,
    pub stx_dev_major: u32,
    pub stx_dev_minor: u32,
    pub stx_mnt_id: u64,
    pub stx_dio_mem_align: u32,
    pub stx_dio_offset_align: u32,
    pub stx_subvol: u64,
    pub stx_atomic_write_unit_min: u32,
    pub stx_atomic_write_unit_max: u32,
    pub stx_atomic_write_segments_max: u32,
    pub stx_dio_read_offset_align: u32,
    pub stx_atomic_write_unit_max_opt: u32,
    spare2: u32,
    spare3: [u64; 8],
}
static_assertions::const_assert_eq!(size_of::<Statx>(), 256);

/// `int statx(int dirfd, const char *path, int flags, unsigned int mask, struct statx *statxbuf)`
///
/// Tells what `mask` asks of a file, and what else costs nothing (Linux 4.11).
/// With [`AtFlags::EMPTY_PATH`] and an empty `path`, it is the file `dirfd`.
///
/// # Errors
///
/// - `EACCES`: a directory on the way may not be searched.
/// - `EBADF`: a relative `path`, and `dirfd` is not open.
/// - `EINVAL`: an unknown flag, or a reserved bit of `mask`.
/// - `ELOOP`: too many symbolic links.
/// - `ENAMETOOLONG`: a name, or the path, is too long.
/// - `ENOENT`: it is not there; an empty path, without `EMPTY_PATH`.
/// - `ENOMEM`: no memory for it.
/// - `ENOTDIR`: a part of the path is no directory.
///
/// # References
///
/// [statx(2)](https://man7.org/linux/man-pages/man2/statx.2.html)
#[inline(always)]
pub fn statx(dirfd: RawFd, path: &CStr, flags: AtFlags, mask: StatxMask) -> Result<Statx> {
    let mut statx = MaybeUninit::<Statx>::uninit();
    // SAFETY: a `CStr` ends with a NUL; the kernel writes a `struct statx` to the
    // last argument, which `Statx` is.
    errno::unit(unsafe {
        arch::syscall5(
            Sysno::statx,
            dirfd.word(),
            path.word(),
            flags.bits().word(),
            mask.bits().word(),
            statx.as_mut_ptr().word(),
        )
    })?;
    // SAFETY: the call succeeded, so the kernel has filled all of it, spare
    // fields and fields that it does not know by zeros.
    Ok(unsafe { statx.assume_init() })
}
