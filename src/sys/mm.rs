//! Memory: mapping it, protecting it, writing it back.

use super::{Argument, RawFd};
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{MapFlags, MsyncFlags, Prot};

/// `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)`
///
/// Maps `length` bytes of the file `fd`, from byte `offset` on, or memory of no
/// file with [`MapFlags::ANONYMOUS`] (`fd` is -1 then, and `offset` 0). The
/// kernel chooses the address if `addr` is null, and rounds `length` up to whole
/// pages. Returns the address of the first byte.
///
/// # Safety
///
/// With [`MapFlags::FIXED`], nothing that is in use may lie within `length`
/// bytes of `addr`. What the memory is then used for is the caller's to answer:
/// the bytes of a file can be changed by others at any time.
///
/// # Errors
///
/// - `EACCES`: `fd` is no regular file, is not open for reading, or not for
///   writing with `SHARED` and `WRITE`.
/// - `EBADF`: `fd` is not open.
/// - `EINVAL`: `length` is 0; `addr` or `offset` is not a multiple of the page
///   size; neither `PRIVATE` nor `SHARED` is given.
/// - `ENODEV`: what `fd` is, such as a pipe or a directory, cannot be mapped.
/// - `ENOMEM`: no room in the address space, or too many mappings.
/// - `EOVERFLOW`: `offset` and `length` pass the largest file's end.
/// - `EPERM`: `EXEC`, and the filesystem is mounted `noexec`; or a seal forbids it.
///
/// # References
///
/// [mmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html)
#[inline(always)]
pub unsafe fn mmap(
    addr: *mut u8,
    length: usize,
    prot: Prot,
    flags: MapFlags,
    fd: RawFd,
    offset: u64,
) -> Result<*mut u8> {
    // SAFETY: the caller keeps mmap's contract, stated above.
    let word = unsafe {
        arch::syscall6(
            Sysno::mmap,
            addr.word(),
            length.word(),
            prot.bits().word(),
            flags.bits().word(),
            fd.word(),
            offset.word(),
        )
    };
    errno::pointer(word).map(|word| word.cast())
}

/// `int munmap(void *addr, size_t length)`
///
/// Unmaps every page that has a byte within `length` bytes of `addr`. A range
/// with nothing mapped is no error.
///
/// # Safety
///
/// Nothing in those pages may be used afterwards.
///
/// # Errors
///
/// - `EINVAL`: `addr` is not a multiple of the page size, `length` is 0, or the
///   range passes the end of the address space.
/// - `ENOMEM`: it would split a mapping, and there are too many already.
///
/// # References
///
/// [munmap(2)](https://man7.org/linux/man-pages/man2/munmap.2.html)
#[inline(always)]
pub unsafe fn munmap(addr: *mut u8, length: usize) -> Result<()> {
    // SAFETY: the caller has given up the range.
    errno::unit(unsafe { arch::syscall2(Sysno::munmap, addr.word(), length.word()) })
}

/// `int mprotect(void *addr, size_t length, int prot)`
///
/// Sets what may be done with every page that has a byte within `length` bytes
/// of `addr`.
///
/// # Safety
///
/// No reference to those pages may be used in a way that `prot` forbids.
///
/// # Errors
///
/// - `EACCES`: a file that was not opened for writing cannot become writable
///   shared memory.
/// - `EINVAL`: `addr` is not a multiple of the page size.
/// - `ENOMEM`: something in the range is not mapped, or there are too many
///   mappings.
///
/// # References
///
/// [mprotect(2)](https://man7.org/linux/man-pages/man2/mprotect.2.html)
#[inline(always)]
pub unsafe fn mprotect(addr: *mut u8, length: usize, prot: Prot) -> Result<()> {
    // SAFETY: the caller vouches for the references into the range.
    errno::unit(unsafe { arch::syscall3(Sysno::mprotect, addr.word(), length.word(), prot.bits().word()) })
}

/// `int msync(void *addr, size_t length, int flags)`
///
/// Has the changes in `length` bytes from `addr` on written to the file, and
/// waits for it or not, as `flags` says. It is safe for any address: it changes
/// neither memory nor mappings.
///
/// # Errors
///
/// - `EBUSY`: `INVALIDATE`, and a page is locked in memory.
/// - `EINVAL`: `addr` is not a multiple of the page size; both `ASYNC` and
///   `SYNC`; an unknown flag.
/// - `EIO`, `ENOSPC`: the pages could not be written.
/// - `ENOMEM`: something in the range is not mapped.
///
/// # References
///
/// [msync(2)](https://man7.org/linux/man-pages/man2/msync.2.html)
#[inline(always)]
pub fn msync(addr: *mut u8, length: usize, flags: MsyncFlags) -> Result<()> {
    // SAFETY: the call writes files, never this process's memory.
    errno::unit(unsafe { arch::syscall3(Sysno::msync, addr.word(), length.word(), flags.bits().word()) })
}
