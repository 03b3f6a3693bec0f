//! Making mappings that nobody can take away.

use crate::arch;
use crate::errno::{self, Result};
use crate::sys::Argument;

/// The number of the call, the same on every instruction set: the table of
/// numbers ends before it. From include/uapi/asm-generic/unistd.h.
const MSEAL: usize = 462;

/// `int mseal(void *addr, size_t length, unsigned long flags)`
///
/// Seals every page that has a byte within `length` bytes of `addr`, until the
/// process ends: it can no more be unmapped, moved, replaced, or given other
/// rights, and not be emptied by advice unless it may be written (Linux 6.10).
/// Before that, nothing does this. There are no flags yet. It is safe for any
/// address: what is sealed is as it was.
///
/// # Errors
///
/// - `EINVAL`: `addr` is not a multiple of the page size, or the range passes
///   the end of the address space.
/// - `ENOMEM`: something in the range is not mapped, or there are too many
///   mappings.
/// - `ENOSYS`: before Linux 6.10.
///
/// # References
///
/// [mseal(2)](https://man7.org/linux/man-pages/man2/mseal.2.html)
#[inline(always)]
pub fn mseal(addr: *mut u8, length: usize) -> Result<()> {
    // SAFETY: the call changes neither memory nor its rights, it only keeps both.
    errno::unit(unsafe { arch::syscall3(MSEAL, addr.word(), length.word(), 0_usize.word()) })
}
