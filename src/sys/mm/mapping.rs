//! Mapping memory, moving it, protecting it, writing it back.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{MapFlags, MremapFlags, MsyncFlags, Prot};
use crate::sys::{Argument, RawFd};

/// `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)`
///
/// Maps `length` bytes of the file `fd`, from byte `offset` on, or memory of no
/// file with [`MapFlags::ANONYMOUS`] (`fd` is -1 then, and `offset` 0). The
/// kernel chooses the address if `addr` is null, and rounds `length` up to whole
/// pages. Returns the address of the first byte.
///
/// # Safety
///
/// With [`MapFlags::FIXED`], nothing that is in use may lie in the pages that
/// have a byte within `length` bytes of `addr`, even if the call fails. What the
/// memory is then used for is the caller's to answer: the bytes of a file can be
/// changed by others at any time.
///
/// # Errors
///
/// - `EACCES`: `fd` is no regular file, is not open for reading, or not for
///   writing with `SHARED` and `WRITE`.
/// - `EAGAIN`: `LOCKED`, and the limit on locked memory would be passed.
/// - `EBADF`: `fd` is not open.
/// - `EEXIST`: `FIXED_NOREPLACE`, and something is there.
/// - `EINVAL`: `length` is 0; `addr` or `offset` is not a multiple of the page
///   size; neither `PRIVATE` nor `SHARED` is given.
/// - `ENFILE`: shared memory of no file, and the system has too many files.
/// - `ENODEV`: what `fd` is, such as a pipe or a directory, cannot be mapped.
/// - `ENOMEM`: no room in the address space, or too many mappings.
/// - `EOPNOTSUPP`: `SHARED_VALIDATE`, and a flag that is unknown or not for `fd`.
/// - `EOVERFLOW`: `offset` and `length` pass the largest file's end.
/// - `EPERM`: `EXEC`, and the filesystem is mounted `noexec`; a seal of the file
///   forbids it; `FIXED`, and what is there is sealed (Linux 6.10); `LOCKED`, and
///   the limit on locked memory is 0.
/// - `ETXTBSY`: `SHARED` and `WRITE`, and the machine swaps to the file.
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
/// - `EPERM`: the range is sealed (Linux 6.10).
///
/// # References
///
/// [munmap(2)](https://man7.org/linux/man-pages/man2/munmap.2.html)
#[inline(always)]
pub unsafe fn munmap(addr: *mut u8, length: usize) -> Result<()> {
    // SAFETY: the caller has given up the range.
    errno::unit(unsafe { arch::syscall2(Sysno::munmap, addr.word(), length.word()) })
}

/// `void *mremap(void *old_address, size_t old_size, size_t new_size, int flags, void *new_address)`
///
/// Makes a mapping longer or shorter, in bytes, and moves it if `flags` let it.
/// `new_address` counts only with [`MremapFlags::FIXED`] or
/// [`MremapFlags::DONTUNMAP`]. With `old_size` 0, on shared memory, it makes a
/// second mapping of the same pages. Returns where the mapping is now.
///
/// The old range may have several mappings, if it only moves, to a
/// [`MremapFlags::FIXED`] place (Linux 6.17). Before that `EFAULT`: move each by
/// itself.
///
/// # Safety
///
/// As for [`munmap`], of what the old range loses: all of it if it moves. With
/// [`MremapFlags::FIXED`], nothing that is in use may lie in the pages of the new
/// range, even if the call fails.
///
/// # Errors
///
/// - `EAGAIN`: it is locked, and would pass the limit on locked memory.
/// - `EFAULT`: something in the old range is not mapped, or it has several
///   mappings and does not only move.
/// - `EINVAL`: an address is not a multiple of the page size; the new size is 0;
///   `FIXED` or `DONTUNMAP` without `MAYMOVE`; the ranges overlap; `old_size` is
///   0 and the memory is private.
/// - `ENOMEM`: it cannot grow where it is and may not move, no room, or too many
///   mappings.
/// - `EPERM`: the range is sealed (Linux 6.10).
///
/// # References
///
/// [mremap(2)](https://man7.org/linux/man-pages/man2/mremap.2.html)
#[inline(always)]
pub unsafe fn mremap(
    old_address: *mut u8,
    old_size: usize,
    new_size: usize,
    flags: MremapFlags,
    new_address: *mut u8,
) -> Result<*mut u8> {
    // SAFETY: the caller keeps mremap's contract, stated above.
    let word = unsafe {
        arch::syscall5(
            Sysno::mremap,
            old_address.word(),
            old_size.word(),
            new_size.word(),
            flags.bits().word(),
            new_address.word(),
        )
    };
    errno::pointer(word).map(|word| word.cast())
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
/// - `EINVAL`: `addr` is not a multiple of the page size; `GROWSDOWN` or
///   `GROWSUP` of a mapping that does not grow so.
/// - `ENOMEM`: something in the range is not mapped, or there are too many
///   mappings.
/// - `EPERM`: the range is sealed (Linux 6.10).
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

/// `void *brk(void *addr)`
///
/// Moves the end of the heap to `addr`, or nowhere if the kernel refuses.
/// Returns the end as it is then: the kernel's call, unlike the C library's, has
/// no errors. A null `addr` asks.
///
/// # Safety
///
/// As for [`munmap`], of what lies between a lower `addr` and the old end. In a
/// process with a libc, the heap is the libc's.
///
/// # References
///
/// [brk(2)](https://man7.org/linux/man-pages/man2/brk.2.html)
#[inline(always)]
pub unsafe fn brk(addr: *mut u8) -> *mut u8 {
    // SAFETY: the caller has given up what it takes away.
    unsafe { arch::syscall1(Sysno::brk, addr.word()) }.cast()
}
