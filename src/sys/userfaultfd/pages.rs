//! What ends a fault: putting a page there, or saying that there is none.

use super::{KIND, UffdioRange};
use crate::errno::Result;
use crate::flags::{
    UffdContinueMode, UffdCopyMode, UffdMoveMode, UffdPoisonMode, UffdWriteprotectMode, UffdZeropageMode,
};
use crate::sys::RawFd;
use crate::sys::fs::ioctl;
use crate::sys::request::iowr;

/// `struct uffdio_copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioCopy {
    /// In: to where.
    pub dst: u64,
    /// In: from where; any address.
    pub src: u64,
    /// In: how many bytes: whole pages.
    pub len: u64,
    /// In: how.
    pub mode: UffdCopyMode,
    /// Out: how many bytes, or the negative number of the error.
    pub copy: i64,
}
static_assertions::const_assert_eq!(size_of::<UffdioCopy>(), 40);

/// `struct uffdio_zeropage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioZeropage {
    /// In: which pages.
    pub range: UffdioRange,
    /// In: how.
    pub mode: UffdZeropageMode,
    /// Out: how many bytes, or the negative number of the error.
    pub zeropage: i64,
}
static_assertions::const_assert_eq!(size_of::<UffdioZeropage>(), 32);

/// `struct uffdio_writeprotect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioWriteprotect {
    /// In: which pages.
    pub range: UffdioRange,
    /// In: whether to protect them.
    pub mode: UffdWriteprotectMode,
}
static_assertions::const_assert_eq!(size_of::<UffdioWriteprotect>(), 24);

/// `struct uffdio_continue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioContinue {
    /// In: which pages.
    pub range: UffdioRange,
    /// In: how.
    pub mode: UffdContinueMode,
    /// Out: how many bytes, or the negative number of the error.
    pub mapped: i64,
}
static_assertions::const_assert_eq!(size_of::<UffdioContinue>(), 32);

/// `struct uffdio_poison`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioPoison {
    /// In: which pages.
    pub range: UffdioRange,
    /// In: how.
    pub mode: UffdPoisonMode,
    /// Out: how many bytes, or the negative number of the error.
    pub updated: i64,
}
static_assertions::const_assert_eq!(size_of::<UffdioPoison>(), 32);

/// `struct uffdio_move`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioMove {
    /// In: to where.
    pub dst: u64,
    /// In: from where.
    pub src: u64,
    /// In: how many bytes: whole pages.
    pub len: u64,
    /// In: how.
    pub mode: UffdMoveMode,
    /// Out: how many bytes, or the negative number of the error. Its name in C,
    /// `move`, is a word of this language.
    pub moved: i64,
}
static_assertions::const_assert_eq!(size_of::<UffdioMove>(), 40);

/// The requests' numbers.
pub const UFFDIO_COPY: u32 = iowr::<UffdioCopy>(KIND, 3);
/// Of [`uffdio_zeropage`].
pub const UFFDIO_ZEROPAGE: u32 = iowr::<UffdioZeropage>(KIND, 4);
/// Of [`uffdio_move`].
pub const UFFDIO_MOVE: u32 = iowr::<UffdioMove>(KIND, 5);
/// Of [`uffdio_writeprotect`].
pub const UFFDIO_WRITEPROTECT: u32 = iowr::<UffdioWriteprotect>(KIND, 6);
/// Of [`uffdio_continue`].
pub const UFFDIO_CONTINUE: u32 = iowr::<UffdioContinue>(KIND, 7);
/// Of [`uffdio_poison`].
pub const UFFDIO_POISON: u32 = iowr::<UffdioPoison>(KIND, 8);

/// `int ioctl(int fd, UFFDIO_COPY, struct uffdio_copy *argp)`
///
/// Puts pages with these bytes where they are missing, and wakes who waits.
///
/// # Safety
///
/// `dst` must be the caller's to write, for `len` bytes.
///
/// # Errors
///
/// - `EAGAIN`: the memory was changed meanwhile; `copy` says how far it came.
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EEXIST`: a page is there.
/// - `EFAULT`: `src` is not readable.
/// - `EINVAL`: not whole pages, or an unknown mode.
/// - `ENOENT`: the range is not registered, or in several mappings.
/// - `ENOMEM`: no memory for it.
/// - `ESRCH`: the process has ended.
///
/// # References
///
/// [UFFDIO_COPY(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_COPY.2const.html)
#[inline(always)]
pub unsafe fn uffdio_copy(fd: RawFd, argp: &mut UffdioCopy) -> Result<()> {
    // SAFETY: the kernel fills the argument; the caller vouches for its addresses.
    unsafe { ioctl(fd, UFFDIO_COPY, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_ZEROPAGE, struct uffdio_zeropage *argp)`
///
/// As [`uffdio_copy`], with zeros.
///
/// # Safety
///
/// The range must be the caller's to write.
///
/// # Errors
///
/// Those of [`uffdio_copy`], and `EINVAL` for huge pages.
///
/// # References
///
/// [UFFDIO_ZEROPAGE(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_ZEROPAGE.2const.html)
#[inline(always)]
pub unsafe fn uffdio_zeropage(fd: RawFd, argp: &mut UffdioZeropage) -> Result<()> {
    // SAFETY: the kernel fills the argument; the caller vouches for the range.
    unsafe { ioctl(fd, UFFDIO_ZEROPAGE, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_WRITEPROTECT, struct uffdio_writeprotect *argp)`
///
/// Protects pages from being written, or no more, and wakes who waits then
/// (Linux 5.7). No byte changes.
///
/// # Errors
///
/// - `EAGAIN`: the memory was changed meanwhile.
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EFAULT`: the range has a fault of its own.
/// - `EINVAL`: not whole pages, or an unknown mode.
/// - `ENOENT`: the range is not registered with `WP`.
/// - `ESRCH`: the process has ended.
///
/// # References
///
/// [UFFDIO_WRITEPROTECT(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_WRITEPROTECT.2const.html)
#[inline(always)]
pub fn uffdio_writeprotect(fd: RawFd, argp: &mut UffdioWriteprotect) -> Result<()> {
    // SAFETY: the kernel reads the argument, which is of its size.
    unsafe { ioctl(fd, UFFDIO_WRITEPROTECT, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_CONTINUE, struct uffdio_continue *argp)`
///
/// Maps pages that the file has already, after a `MINOR` fault, and wakes who
/// waits (Linux 5.13). What they hold, others may have put there by another
/// mapping.
///
/// # Errors
///
/// - `EAGAIN`: the memory was changed meanwhile; `mapped` says how far it came.
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EEXIST`: a page is mapped.
/// - `EFAULT`: the file does not have a page.
/// - `EINVAL`: not whole pages, an unknown mode, or memory of no file.
/// - `ENOENT`: the range is not registered, or in several mappings.
/// - `ENOMEM`: no memory for it.
/// - `ESRCH`: the process has ended.
///
/// # References
///
/// [UFFDIO_CONTINUE(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_CONTINUE.2const.html)
#[inline(always)]
pub fn uffdio_continue(fd: RawFd, argp: &mut UffdioContinue) -> Result<()> {
    // SAFETY: the kernel fills the argument; the memory holds what its file does.
    unsafe { ioctl(fd, UFFDIO_CONTINUE, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_POISON, struct uffdio_poison *argp)`
///
/// Makes every touch of missing pages a `SIGBUS`, as of memory that has failed,
/// and wakes who waits (Linux 6.6). `DONTNEED` makes them missing again.
///
/// Before that, a page of an empty file that is mapped over each does the same,
/// with [`uffdio_wake`](super::uffdio_wake).
///
/// # Safety
///
/// The range must be the caller's to unmap.
///
/// # Errors
///
/// - `EAGAIN`: the memory was changed meanwhile; `updated` says how far it came.
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EEXIST`: a page is there.
/// - `EINVAL`: not whole pages, or an unknown mode; before Linux 6.6.
/// - `ENOENT`: the range is not registered, or in several mappings.
/// - `ENOMEM`: no memory for it.
/// - `ESRCH`: the process has ended.
///
/// # References
///
/// [UFFDIO_POISON(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_POISON.2const.html)
#[inline(always)]
pub unsafe fn uffdio_poison(fd: RawFd, argp: &mut UffdioPoison) -> Result<()> {
    // SAFETY: the kernel fills the argument; the caller vouches for the range.
    unsafe { ioctl(fd, UFFDIO_POISON, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_MOVE, struct uffdio_move *argp)`
///
/// Moves pages to where they are missing, without a copy, and wakes who waits
/// (Linux 6.8). They are missing from where they were.
///
/// Before that, [`uffdio_copy`] and the advice `DONTNEED` for `src` do the same.
///
/// # Safety
///
/// `dst` and `src` must be the caller's to write, for `len` bytes.
///
/// # Errors
///
/// - `EAGAIN`: the memory was changed meanwhile, or only a part could be moved;
///   `moved` says how far it came.
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EBUSY`: a page is in use by another, such as a child.
/// - `EEXIST`: a page is there.
/// - `EINVAL`: not whole pages, or an unknown mode; other than private memory of
///   no file, of the same rights and in one mapping each; `dst` is not
///   registered; `fd` is of another process, ended or not. Before Linux 6.8.
/// - `ENOENT`: a page is missing in `src`, without `ALLOW_SRC_HOLES`; or nothing is
///   mapped there.
/// - `ENOMEM`: no memory for it.
///
/// # References
///
/// [UFFDIO_MOVE(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_MOVE.2const.html)
#[inline(always)]
pub unsafe fn uffdio_move(fd: RawFd, argp: &mut UffdioMove) -> Result<()> {
    // SAFETY: the kernel fills the argument; the caller vouches for its addresses.
    unsafe { ioctl(fd, UFFDIO_MOVE, argp) }.map(drop)
}
