//! Descriptors of processes, which unlike their numbers are never another's.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{PidfdFlags, PidfdSignalFlags};
use crate::sys::process::{Pid, Signal};
use crate::sys::signal::SigInfo;
use crate::sys::{Argument, RawFd};

/// `int pidfd_open(pid_t pid, unsigned int flags)`
///
/// Makes a descriptor of the process `pid`. It can be read from, for `poll`,
/// when that ends, and is closed when another program is executed.
///
/// # Errors
///
/// - `EINVAL`: an unknown flag; `pid` is not positive. Before Linux 6.9, `THREAD`.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
/// - `ENOENT`: the number of a thread other than a process's first; before Linux
///   6.15 that is `EINVAL`.
/// - `ENOMEM`: no memory for the kernel's tables.
/// - `ENOSYS`: before Linux 5.3.
/// - `ESRCH`: no such process.
///
/// # References
///
/// [pidfd_open(2)](https://man7.org/linux/man-pages/man2/pidfd_open.2.html)
#[inline(always)]
pub fn pidfd_open(pid: Pid, flags: PidfdFlags) -> Result<RawFd> {
    // SAFETY: the call touches no memory of ours.
    let word = unsafe { arch::syscall2(Sysno::pidfd_open, pid.word(), flags.bits().word()) };
    errno::value(word).map(|fd| fd as RawFd)
}

/// `int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags)`
///
/// Sends a signal to the process of a descriptor. Without `info` it is as if
/// [`kill`](super::kill) sent it. With [`Signal::NONE`] it only asks whether it
/// could.
///
/// # Errors
///
/// - `EAGAIN`: a real-time signal with `info`, and too many are waiting.
/// - `EBADF`: `pidfd` is not open, or is no descriptor of a process.
/// - `EINVAL`: no such signal; an unknown flag, or more than one; `info` is of
///   another signal.
/// - `ENOSYS`: before Linux 5.1.
/// - `EPERM`: not to that process; `info` pretends to come from the kernel or
///   from `kill`, to another process.
/// - `ESRCH`: the process has ended and was waited for.
///
/// # References
///
/// [pidfd_send_signal(2)](https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html)
#[inline(always)]
pub fn pidfd_send_signal(
    pidfd: RawFd,
    sig: Signal,
    info: Option<&SigInfo>,
    flags: PidfdSignalFlags,
) -> Result<()> {
    // SAFETY: the kernel reads one `siginfo_t`, if there is one, and writes nothing.
    errno::unit(unsafe {
        arch::syscall4(Sysno::pidfd_send_signal, pidfd.word(), sig.0.word(), info.word(), flags.bits().word())
    })
}
