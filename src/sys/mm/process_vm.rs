//! Copying between the memory of this process and another's, or its own.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::sys::process::Pid;
use crate::sys::{Argument, IoVec};

/// `ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long liovcnt, const struct iovec *remote, unsigned long riovcnt, unsigned long flags)`
///
/// Copies from ranges of the process `pid` to ranges of this one. Returns how
/// many bytes, which may be fewer: it stops at what is not there. There are no
/// flags yet.
///
/// # Safety
///
/// The local ranges must be the caller's to write.
///
/// # Errors
///
/// - `EFAULT`: nothing could be copied, for a range is not mapped.
/// - `EINVAL`: more than 1,024 ranges, or more bytes than 2^63-1.
/// - `ENOMEM`: no memory for the lists.
/// - `EPERM`: not from that process.
/// - `ESRCH`: no such process.
///
/// # References
///
/// [process_vm_readv(2)](https://man7.org/linux/man-pages/man2/process_vm_readv.2.html)
#[inline(always)]
pub unsafe fn process_vm_readv(pid: Pid, local: &[IoVec], remote: &[IoVec]) -> Result<usize> {
    // SAFETY: the kernel reads both lists, and writes where the caller lets it.
    errno::value(unsafe {
        arch::syscall6(
            Sysno::process_vm_readv,
            pid.word(),
            local.as_ptr().word(),
            local.len().word(),
            remote.as_ptr().word(),
            remote.len().word(),
            0_usize.word(),
        )
    })
}

/// `ssize_t process_vm_writev(pid_t pid, const struct iovec *local, unsigned long liovcnt, const struct iovec *remote, unsigned long riovcnt, unsigned long flags)`
///
/// As [`process_vm_readv`], the other way.
///
/// # Safety
///
/// The remote ranges must be the caller's to write, in that process.
///
/// # Errors
///
/// Those of [`process_vm_readv`].
///
/// # References
///
/// [process_vm_writev(2)](https://man7.org/linux/man-pages/man2/process_vm_readv.2.html)
#[inline(always)]
pub unsafe fn process_vm_writev(pid: Pid, local: &[IoVec], remote: &[IoVec]) -> Result<usize> {
    // SAFETY: the kernel reads both lists, and writes where the caller lets it.
    errno::value(unsafe {
        arch::syscall6(
            Sysno::process_vm_writev,
            pid.word(),
            local.as_ptr().word(),
            local.len().word(),
            remote.as_ptr().word(),
            remote.len().word(),
            0_usize.word(),
        )
    })
}
