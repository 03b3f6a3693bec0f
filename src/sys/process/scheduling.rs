//! When and where a thread runs.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::sys::Argument;
use crate::sys::process::Pid;

/// `int sched_yield(void)`
///
/// Lets other threads run first. On Linux it does not fail.
///
/// # References
///
/// [sched_yield(2)](https://man7.org/linux/man-pages/man2/sched_yield.2.html)
#[inline(always)]
pub fn sched_yield() -> Result<()> {
    // SAFETY: the call touches no memory of ours.
    errno::unit(unsafe { arch::syscall0(Sysno::sched_yield) })
}

/// `int sched_setaffinity(pid_t pid, size_t cpusetsize, const cpu_set_t *mask)`
///
/// Sets the processors that the thread `pid`, or this one if it is 0, may run
/// on: processor n is bit n % 64 of the word n / 64. Missing words are zeros.
///
/// # Errors
///
/// - `EINVAL`: none of these processors is there, or the thread's to use.
/// - `EPERM`: not of that thread.
/// - `ESRCH`: no such thread.
///
/// # References
///
/// [sched_setaffinity(2)](https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html)
#[inline(always)]
pub fn sched_setaffinity(pid: Pid, mask: &[u64]) -> Result<()> {
    // SAFETY: the kernel reads at most so many bytes there.
    errno::unit(unsafe {
        arch::syscall3(Sysno::sched_setaffinity, pid.word(), size_of_val(mask).word(), mask.as_ptr().word())
    })
}
