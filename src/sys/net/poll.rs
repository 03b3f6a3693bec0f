//! Waiting until one of many descriptors is ready.

use core::ptr::{from_mut, from_ref, null, null_mut};

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::PollEvents;
use crate::sys::signal::SigSet;
use crate::sys::time::Timespec;
use crate::sys::{Argument, RawFd};

/// What is waited for of one descriptor: `struct pollfd` of the man page.
///
/// # References
///
/// [poll(2)](https://man7.org/linux/man-pages/man2/poll.2.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct PollFd {
    /// The descriptor; none if it is negative.
    pub fd: RawFd,
    /// What is waited for. `ERR`, `HUP` and `NVAL` always are.
    pub events: PollEvents,
    /// What there is.
    pub revents: PollEvents,
}

/// `int ppoll(struct pollfd *fds, nfds_t nfds, const struct timespec *tmo_p, const sigset_t *sigmask)`
///
/// Waits until there is something of `fds`, or the time is over, without end if
/// none is given. Returns how many have something, 0 when the time is over. As
/// the kernel does it, and no C library shows, `timeout` becomes what remains.
///
/// With `sigmask`, those signals are held back meanwhile instead of those that
/// are.
///
/// # Errors
///
/// - `EINTR`: a signal came.
/// - `EINVAL`: more descriptors than the process may have; no span of time.
/// - `ENOMEM`: no memory for it.
///
/// # References
///
/// [ppoll(2)](https://man7.org/linux/man-pages/man2/poll.2.html)
#[inline(always)]
pub fn ppoll(fds: &mut [PollFd], timeout: Option<&mut Timespec>, sigmask: Option<&SigSet>) -> Result<usize> {
    // SAFETY: the kernel reads and writes the list and the time, and reads the
    // mask, whose size it is told.
    errno::value(unsafe {
        arch::syscall5(
            Sysno::ppoll,
            fds.as_mut_ptr().word(),
            fds.len().word(),
            timeout.map_or(null_mut(), from_mut).word(),
            sigmask.map_or(null(), from_ref).word(),
            size_of::<SigSet>().word(),
        )
    })
}
