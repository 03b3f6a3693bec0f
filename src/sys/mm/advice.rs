//! Telling the kernel what memory is for, and asking what of it is there.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::sys::{Argument, IoVec, RawFd};

/// What to tell the kernel about memory. The type is open: a newer kernel's
/// value can be passed as well.
///
/// # References
///
/// [madvise(2)](https://man7.org/linux/man-pages/man2/madvise.2.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "MADV_NORMAL")]
pub struct Advice(pub i32);

impl Advice {
    /// No special treatment: what memory has at first.
    pub const NORMAL: Self = Self(0);
    /// It will be read here and there.
    pub const RANDOM: Self = Self(1);
    /// It will be read from start to end.
    pub const SEQUENTIAL: Self = Self(2);
    /// It will be needed soon.
    pub const WILLNEED: Self = Self(3);
    /// It is not needed: private memory is zeros afterwards, or the file's bytes.
    pub const DONTNEED: Self = Self(4);
    /// Its content may go, at any time until it is written again (Linux 4.5).
    pub const FREE: Self = Self(8);
    /// Shared memory: free it in the file too, which has a hole then.
    pub const REMOVE: Self = Self(9);
    /// A child does not get it.
    pub const DONTFORK: Self = Self(10);
    /// A child gets it.
    pub const DOFORK: Self = Self(11);
    /// Equal pages may be shared, until one is written.
    pub const MERGEABLE: Self = Self(12);
    /// They may not.
    pub const UNMERGEABLE: Self = Self(13);
    /// Huge pages may be used.
    pub const HUGEPAGE: Self = Self(14);
    /// They may not.
    pub const NOHUGEPAGE: Self = Self(15);
    /// It is left out of a core dump.
    pub const DONTDUMP: Self = Self(16);
    /// It is not.
    pub const DODUMP: Self = Self(17);
    /// A child finds zeros in it (Linux 4.14).
    pub const WIPEONFORK: Self = Self(18);
    /// A child finds the content.
    pub const KEEPONFORK: Self = Self(19);
    /// It is not needed soon (Linux 5.4).
    pub const COLD: Self = Self(20);
    /// Swap it out now (Linux 5.4).
    pub const PAGEOUT: Self = Self(21);
    /// Have its pages there for reading (Linux 5.14).
    pub const POPULATE_READ: Self = Self(22);
    /// Have its pages there for writing (Linux 5.14).
    pub const POPULATE_WRITE: Self = Self(23);
    /// As `DONTNEED`, locked pages too (Linux 5.18).
    pub const DONTNEED_LOCKED: Self = Self(24);
    /// Make huge pages of it now (Linux 6.1).
    pub const COLLAPSE: Self = Self(25);
    /// Treat its pages as broken, for tests: for the privileged.
    pub const HWPOISON: Self = Self(100);
    /// Move its content to other pages, for tests: for the privileged.
    pub const SOFT_OFFLINE: Self = Self(101);
    /// A touch of it is `SIGSEGV` from now on, and private pages are dropped
    /// (Linux 6.13). Before that `EINVAL`: use [`mprotect`](super::mprotect) with `NONE`,
    /// which keeps them. Shared memory and files can have it too (Linux 6.15).
    pub const GUARD_INSTALL: Self = Self(102);
    /// It is not, any more (Linux 6.13). Before that `EINVAL`: use
    /// [`mprotect`](super::mprotect) again.
    pub const GUARD_REMOVE: Self = Self(103);
}

/// `int madvise(void *addr, size_t length, int advice)`
///
/// Tells the kernel about every page that has a byte within `length` bytes of
/// `addr`, a multiple of the page size.
///
/// # Safety
///
/// Some advice changes what the memory holds, or takes it away: `DONTNEED`,
/// `FREE`, `REMOVE`, `DONTNEED_LOCKED`, `WIPEONFORK`, `DONTFORK`, `HWPOISON` and
/// `GUARD_INSTALL`. No reference may rely on it then. Nor may anything rely on a
/// guard that `GUARD_REMOVE` removes, such as one that ends a stack. For advice
/// that is unknown here, whatever it does.
///
/// # Errors
///
/// - `EACCES`: `REMOVE`, and it is not writable shared memory.
/// - `EAGAIN`: no memory for it just now, or too many mappings.
/// - `EBADF`: `WILLNEED` of no file, and the kernel cannot swap.
/// - `EBUSY`: `COLLAPSE`, and the control group's limit would be passed.
/// - `EFAULT`: `POPULATE_…`, and a page is past the end of the file.
/// - `EHWPOISON`: `POPULATE_…`, and a page is broken.
/// - `EINVAL`: `addr` is not a multiple of the page size; the kernel does not
///   know the advice, or not for such memory.
/// - `EIO`: reading it in would pass the limit on resident memory.
/// - `ENOMEM`: something in the range is not mapped.
/// - `EPERM`: for the privileged only; or the memory is sealed.
///
/// # References
///
/// [madvise(2)](https://man7.org/linux/man-pages/man2/madvise.2.html)
#[inline(always)]
pub unsafe fn madvise(addr: *mut u8, length: usize, advice: Advice) -> Result<()> {
    // SAFETY: the caller vouches for what the advice does to the range.
    errno::unit(unsafe { arch::syscall3(Sysno::madvise, addr.word(), length.word(), advice.0.word()) })
}

/// `ssize_t process_madvise(int pidfd, const struct iovec *iovec, size_t vlen, int advice, unsigned int flags)`
///
/// As [`madvise`], about ranges of the process `pidfd`. Returns how many bytes
/// were advised, which may be fewer. There are no flags yet.
///
/// To other processes, only some advice can be given: `COLD`, `PAGEOUT`, `WILLNEED`
/// and `COLLAPSE`. To this one, any (Linux 6.13); before that, [`madvise`] gives it.
///
/// # Safety
///
/// As for [`madvise`], in that process.
///
/// # Errors
///
/// Those of [`madvise`], and
///
/// - `EACCES`: not to that process, into which the caller may not look.
/// - `EBADF`: `pidfd` is no process's descriptor.
/// - `EINVAL`: the advice is none of those for other processes, and it is one, or
///   it is before Linux 6.13; there are more than 1,024 ranges.
/// - `EPERM`: to another process, for the privileged only.
/// - `ESRCH`: it has ended.
///
/// # References
///
/// [process_madvise(2)](https://man7.org/linux/man-pages/man2/process_madvise.2.html)
#[inline(always)]
pub unsafe fn process_madvise(pidfd: RawFd, ranges: &[IoVec], advice: Advice) -> Result<usize> {
    // SAFETY: the kernel reads the list; the caller vouches for the ranges.
    errno::value(unsafe {
        arch::syscall5(
            Sysno::process_madvise,
            pidfd.word(),
            ranges.as_ptr().word(),
            ranges.len().word(),
            advice.0.word(),
            0_usize.word(),
        )
    })
}

/// `int mincore(void *addr, size_t length, unsigned char *vec)`
///
/// Says of each page that has a byte within `length` bytes of `addr` whether it
/// is in memory: the lowest bit of its byte in `vec`.
///
/// # Safety
///
/// `vec` must be writable for one byte a page.
///
/// # Errors
///
/// - `EAGAIN`: no memory for it just now.
/// - `EFAULT`: `vec` is not writable.
/// - `EINVAL`: `addr` is not a multiple of the page size.
/// - `ENOMEM`: something in the range is not mapped.
///
/// # References
///
/// [mincore(2)](https://man7.org/linux/man-pages/man2/mincore.2.html)
#[inline(always)]
pub unsafe fn mincore(addr: *mut u8, length: usize, vec: *mut u8) -> Result<()> {
    // SAFETY: the caller vouches for `vec`, where the kernel writes.
    errno::unit(unsafe { arch::syscall3(Sysno::mincore, addr.word(), length.word(), vec.word()) })
}
