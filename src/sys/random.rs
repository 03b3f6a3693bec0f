//! Random bytes.

use super::Argument;
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::RandomFlags;

/// `ssize_t getrandom(void *buf, size_t buflen, unsigned int flags)`
///
/// Fills `buf` with random bytes, fit for keys; returns how many, which is all
/// of them up to 256, and may be fewer beyond.
///
/// # Errors
///
/// - `EAGAIN`: `NONBLOCK`, and the machine has not gathered enough since its start.
/// - `EINTR`: a signal came first.
/// - `EINVAL`: an unknown flag, or `RANDOM | INSECURE`.
///
/// # References
///
/// [getrandom(2)](https://man7.org/linux/man-pages/man2/getrandom.2.html)
#[inline(always)]
pub fn getrandom(buf: &mut [u8], flags: RandomFlags) -> Result<usize> {
    let (place, length) = (buf.as_mut_ptr().word(), buf.len().word());
    // SAFETY: the kernel writes at most `buf.len()` bytes there.
    errno::value(unsafe { arch::syscall3(Sysno::getrandom, place, length, flags.bits().word()) })
}
