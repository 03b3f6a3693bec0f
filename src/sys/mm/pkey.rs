//! Protection keys: rights to memory that a thread changes without a call.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{PkeyRights, Prot};
use crate::sys::Argument;

/// `int pkey_alloc(unsigned int flags, unsigned int access_rights)`
///
/// Takes a free protection key, with these rights in the calling thread. There
/// are no flags yet.
///
/// # Errors
///
/// - `EINVAL`: unknown rights; or, on x86_64, the machine has no keys.
/// - `ENOSPC`: none is free.
/// - `ENOSYS`: the kernel of this instruction set has none.
///
/// # References
///
/// [pkey_alloc(2)](https://man7.org/linux/man-pages/man2/pkey_alloc.2.html)
#[inline(always)]
pub fn pkey_alloc(access_rights: PkeyRights) -> Result<i32> {
    // SAFETY: no memory has a key that was free.
    let word = unsafe { arch::syscall2(Sysno::pkey_alloc, 0_usize.word(), access_rights.bits().word()) };
    errno::value(word).map(|key| key as i32)
}

/// `int pkey_free(int pkey)`
///
/// Gives a key back.
///
/// # Safety
///
/// No memory may have the key: it would get the rights that its next owner sets.
///
/// # Errors
///
/// - `EINVAL`: the key is not taken.
/// - `ENOSYS`: the kernel of this instruction set has none.
///
/// # References
///
/// [pkey_free(2)](https://man7.org/linux/man-pages/man2/pkey_alloc.2.html)
#[inline(always)]
pub unsafe fn pkey_free(pkey: i32) -> Result<()> {
    // SAFETY: the caller has given up the key.
    errno::unit(unsafe { arch::syscall1(Sysno::pkey_free, pkey.word()) })
}

/// `int pkey_mprotect(void *addr, size_t length, int prot, int pkey)`
///
/// As [`mprotect`](super::mprotect), and gives the range the key `pkey`; -1
/// leaves it the one it has.
///
/// # Safety
///
/// As for [`mprotect`](super::mprotect), with the rights that the key has in any
/// thread, now or later.
///
/// # Errors
///
/// Those of [`mprotect`](super::mprotect), and
///
/// - `EINVAL`: the key is not taken.
/// - `ENOSYS`: the kernel of this instruction set has none.
///
/// # References
///
/// [pkey_mprotect(2)](https://man7.org/linux/man-pages/man2/mprotect.2.html)
#[inline(always)]
pub unsafe fn pkey_mprotect(addr: *mut u8, length: usize, prot: Prot, pkey: i32) -> Result<()> {
    // SAFETY: the caller vouches for the references into the range.
    errno::unit(unsafe {
        arch::syscall4(Sysno::pkey_mprotect, addr.word(), length.word(), prot.bits().word(), pkey.word())
    })
}
