//! Descriptors themselves, whatever they stand for.

use super::descriptor;
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{OpenFlags, PipeFlags};
use crate::sys::{Argument, RawFd};

/// `int pipe2(int pipefd[2], int flags)`
///
/// Makes a pipe; returns its end to read from and its end to write to.
///
/// # Errors
///
/// - `EINVAL`: an unknown flag.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
/// - `ENOPKG`: a pipe for notifications, of a kernel without them.
///
/// # References
///
/// [pipe(2)](https://man7.org/linux/man-pages/man2/pipe.2.html)
#[inline(always)]
pub fn pipe2(flags: PipeFlags) -> Result<(RawFd, RawFd)> {
    let mut ends = [0; 2];
    // SAFETY: the kernel writes two descriptors there.
    errno::unit(unsafe { arch::syscall2(Sysno::pipe2, ends.as_mut_ptr().word(), flags.bits().word()) })?;
    let [reader, writer] = ends;
    Ok((reader, writer))
}

/// `int dup3(int oldfd, int newfd, int flags)`
///
/// Makes `newfd` another name of `oldfd`, closing first what it was. The one
/// flag is [`OpenFlags::CLOEXEC`].
///
/// # Safety
///
/// `newfd` must be free or the caller's own: another owner's would be closed
/// and replaced under it.
///
/// # Errors
///
/// - `EBADF`: `oldfd` is not open, or `newfd` is past the limit.
/// - `EBUSY`: another thread is just about to open something as `newfd`.
/// - `EINVAL`: the two are equal, or an unknown flag.
///
/// # References
///
/// [dup(2)](https://man7.org/linux/man-pages/man2/dup.2.html)
#[inline(always)]
pub unsafe fn dup3(oldfd: RawFd, newfd: RawFd, flags: OpenFlags) -> Result<RawFd> {
    // SAFETY: the caller owns the place that is replaced.
    descriptor(unsafe { arch::syscall3(Sysno::dup3, oldfd.word(), newfd.word(), flags.bits().word()) })
}

/// `int ioctl(int fd, unsigned long op, void *arg)`
///
/// Asks a device, or a special file, for what only it knows; `arg` is a number or
/// points to something, as `op` says. Returns what `op` says, mostly 0.
///
/// # Safety
///
/// As `op` says: it may read and write memory at `arg`, change the file, or unmap
/// memory.
///
/// # Errors
///
/// Those of `op`, and
///
/// - `EBADF`: `fd` is not open.
/// - `EFAULT`: `arg` does not point to what can be read or written.
/// - `EINVAL`: not this `op`, or not this `arg`.
/// - `ENOTTY`: what `fd` is does not know `op`.
///
/// # References
///
/// [ioctl(2)](https://man7.org/linux/man-pages/man2/ioctl.2.html)
#[inline(always)]
pub unsafe fn ioctl<T>(fd: RawFd, op: u32, arg: *mut T) -> Result<usize> {
    // SAFETY: the caller vouches for what the operation does.
    errno::value(unsafe { arch::syscall3(Sysno::ioctl, fd.word(), op.word(), arg.word()) })
}
