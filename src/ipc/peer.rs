//! Who a process is to those it shares memory with, and whether it is still alive.

use core::ffi::CStr;

use crate::fd::OwnedFd;
use crate::flags::{OpenFlags, PidfdFlags, PollEvents};
use crate::retry::retry;
use crate::sys::fs;
use crate::sys::net::{PollFd, ppoll};
use crate::sys::process::{Pid, getpid, pidfd_open};
use crate::sys::time::Timespec;
use crate::{Errno, Mode};

/// The process's number: on 64 bits the kernel counts to 2^22.
const PID: u32 = (1 << 22) - 1;

/// When it started, in a few bits; 0 if that is not known.
const STARTED: u32 = 0xff << 22;

/// This process, as it signs what it holds in shared memory.
///
/// It is made once in each process, after `fork`: a child that went on with its
/// parent's would be taken for that, and what it held be waited for as long as the
/// parent lives. Threads of a process have the same name.
///
/// The name is the process's number, and of the time when it started as much as fits
/// beside it into one word. So a name is taken, and taken over, by one
/// compare-exchange. The number alone could be another's by now; that a stranger has
/// both is one chance in 255 of those where it got the number at all, for which the
/// kernel must have gone through all numbers. What comes of it is that the dead
/// process is found out when that stranger ends.
///
/// ```
/// use baremap::ipc::Peer;
///
/// let me = Peer::new();
/// assert_eq!(me, Peer::new());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(u32);

impl Peer {
    /// This process. Without /proc, or with one of another PID namespace, it has its
    /// number alone.
    #[must_use]
    pub fn new() -> Self {
        let pid = getpid();
        // Only where /proc counts as we do is this thread of that number our own.
        let started = started(b"self", pid).unwrap_or(0);
        Self(pid as u32 & PID | started)
    }

    /// What it writes into a word: never 0, and in the lower 30 bits.
    pub(super) const fn name(self) -> u32 {
        self.0
    }

    /// Whether the process of this name has ended; it may not be waited for yet.
    /// What is not known is alive.
    pub(super) fn sees_end_of(self, name: u32) -> bool {
        let pid = (name & PID) as Pid;
        if pid == 0 {
            return false;
        }
        let fd = match pidfd_open(pid, PidfdFlags::empty()) {
            // SAFETY: the kernel has just made it for us alone.
            Ok(fd) => unsafe { OwnedFd::from_raw_fd(fd) },
            // No process, or a thread that has got the number.
            Err(error) => return matches!(error, Errno::ESRCH | Errno::EINVAL | Errno::ENOENT),
        };
        let mut ends = [PollFd { fd: fd.as_raw_fd(), events: PollEvents::IN, revents: PollEvents::empty() }];
        let ended = retry(|| ppoll(&mut ends, Some(&mut Timespec::default()), None));
        if ended.is_ok_and(|ended| ended > 0) {
            return true;
        }
        let known = name & STARTED != 0 && self.0 & STARTED != 0;
        let mut digits = [0; DIGITS];
        known && started(decimal(pid, &mut digits), pid).is_some_and(|started| started != name & STARTED)
    }
}

impl Default for Peer {
    fn default() -> Self {
        Self::new()
    }
}

/// As many as a positive `Pid` can have.
const DIGITS: usize = 10;

/// The number in digits.
fn decimal(pid: Pid, digits: &mut [u8; DIGITS]) -> &[u8] {
    let (mut rest, mut start) = (pid.unsigned_abs(), DIGITS);
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            start = place;
            break;
        }
    }
    digits.get(start..).unwrap_or_default()
}

/// When the first thread of a process started, in the bits of `STARTED`.
///
/// The thread's file, not the process's, which an emulator makes up.
fn started(process: &[u8], pid: Pid) -> Option<u32> {
    let mut digits = [0; DIGITS];
    let parts = [b"/proc/", process, b"/task/", decimal(pid, &mut digits), b"/stat\0"];
    let mut path = [0; 48];
    for (to, from) in path.iter_mut().zip(parts.into_iter().flatten()) {
        *to = *from;
    }
    let path = CStr::from_bytes_until_nul(&path).ok()?;
    let fd = retry(|| fs::open(path, OpenFlags::CLOEXEC, Mode::empty())).ok()?;
    // SAFETY: the kernel has just made it for us alone.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    let mut text = [0; 512];
    let length = retry(|| fs::read(fd.as_raw_fd(), &mut text)).ok()?;
    let text = text.get(..length)?;
    // The second field, a name in parentheses, may have any byte; the third follows
    // the last of those. This is the twenty-second.
    let behind = text.iter().rposition(|byte| *byte == b')')?.checked_add(2)?;
    let field = text.get(behind..)?.split(|byte| *byte == b' ').nth(19)?;
    let ticks = field.iter().fold(0_u64, |number, digit| {
        number.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0')))
    });
    Some((1 + (ticks % 255) as u32) << STARTED.trailing_zeros())
}
