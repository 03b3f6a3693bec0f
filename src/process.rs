//! Processes: making a child, waiting for it, ending.

use core::fmt;
use core::time::Duration;

use crate::arch;
use crate::errno::{Errno, Result};
use crate::fd::OwnedFd;
use crate::flags::{PidfdFlags, PollEvents, WaitFlags};
use crate::retry::retry;
use crate::sys::net::{PollFd, ppoll};
use crate::sys::process::{self as sys, Pid, Signal};
use crate::sys::time::Timespec;

/// Which of the two processes returns from [`fork`].
#[derive(Debug)]
#[must_use = "both processes go on from here"]
pub enum Fork {
    /// This one is the child.
    Child,
    /// This one is the parent, and that is its child.
    Parent(Child),
}

/// Makes a copy of this process. Maps are inherited: shared ones stay shared
/// between the two, private ones part page by page as either writes.
///
/// # Safety
///
/// As for [`sys::process::fork`](sys::fork): every value is duplicated, `&mut`
/// to shared memory too, and where there were other threads the child may only
/// do what a signal handler may.
///
/// # Errors
///
/// Those of [`sys::process::fork`](sys::fork).
///
/// # Examples
///
/// ```
/// use baremap::process::{self, Fork};
/// // SAFETY: the child only exits.
/// match unsafe { process::fork() }? {
///     Fork::Child => process::exit(3),
///     Fork::Parent(child) => assert_eq!(child.wait()?.code(), Some(3)),
/// }
/// # Ok::<(), baremap::Errno>(())
/// ```
#[doc(alias = "clone")]
pub unsafe fn fork() -> Result<Fork> {
    // SAFETY: the caller keeps fork's contract.
    let pid = unsafe { sys::fork() }?;
    Ok(match pid {
        0 => Fork::Child,
        pid => Fork::Parent(Child { pid, ended: None }),
    })
}

/// A child that this process made. Dropping it leaves the child running, and a
/// zombie once it has ended, unless it was waited for.
///
/// ```
/// use std::time::Duration;
/// use baremap::Command;
/// use baremap::sys::process::Signal;
/// let mut child = Command::new(c"/bin/sleep").arg(c"1000").spawn()?;
/// if child.wait_timeout(Duration::from_millis(10))?.is_none() {
///     child.kill(Signal::TERM)?;
/// }
/// assert_eq!(child.wait()?.signal(), Some(Signal::TERM));
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
#[must_use = "a child that nobody waits for stays as a zombie"]
pub struct Child {
    pid: Pid,
    /// Known once it was waited for: from then on the number may be another's.
    ended: Option<ExitStatus>,
}

impl Child {
    /// The number of the child, which is its own until it is waited for.
    #[must_use]
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    /// Waits until the child has ended; a signal to us does not end the wait.
    ///
    /// # Errors
    ///
    /// - `ECHILD`: somebody else has waited for it, or `SIGCHLD` is ignored.
    #[doc(alias = "waitpid")]
    #[doc(alias = "wait4")]
    pub fn wait(self) -> Result<ExitStatus> {
        match self.ended {
            Some(status) => Ok(status),
            None => retry(|| sys::wait4(self.pid, WaitFlags::empty())).map(|(_, status)| ExitStatus(status)),
        }
    }

    /// How the child ended, if it has.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    #[doc(alias = "WNOHANG")]
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            let (pid, status) = retry(|| sys::wait4(self.pid, WaitFlags::NOHANG))?;
            self.ended = (pid != 0).then_some(ExitStatus(status));
        }
        Ok(self.ended)
    }

    /// Waits until the child has ended, but no longer than this; a signal to us does
    /// not end the wait. `None` if it has not ended by then.
    ///
    /// # Errors
    ///
    /// - As for [`wait`](Self::wait).
    /// - `EMFILE`, `ENFILE`, `ENOMEM`: no descriptor of the child could be had.
    /// - `ENOSYS`: before Linux 5.3.
    #[doc(alias = "pidfd_open")]
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<ExitStatus>> {
        if let Some(status) = self.try_wait()? {
            return Ok(Some(status));
        }
        let fd = match sys::pidfd_open(self.pid, PidfdFlags::empty()) {
            // It has ended meanwhile, and whoever waited for it was not this.
            Err(Errno::ESRCH) => return self.try_wait(),
            result => result?,
        };
        // SAFETY: the kernel has just made it for us alone.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) }.above_standard()?;
        let tv_sec = i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX);
        let mut left = Timespec { tv_sec, tv_nsec: timeout.subsec_nanos().into() };
        let mut ends = [PollFd { fd: fd.as_raw_fd(), events: PollEvents::IN, revents: PollEvents::empty() }];
        // What is left of the time is told in any case, by which it goes on.
        retry(|| ppoll(&mut ends, Some(&mut left), None))?;
        self.try_wait()
    }

    /// Sends the child a signal. One that has ended, and was not waited for, takes it
    /// without effect.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: no such signal.
    /// - `EPERM`: it is another user's by now.
    /// - `ESRCH`: it was waited for.
    pub fn kill(&self, signal: Signal) -> Result<()> {
        // Its number may be another's.
        if self.ended.is_some() { Err(Errno::ESRCH) } else { sys::kill(self.pid, signal) }
    }
}

/// How a process ended: by exiting with a code, or by a signal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExitStatus(i32);

impl ExitStatus {
    /// Reads the status word of [`sys::process::wait4`](sys::wait4).
    #[must_use]
    pub const fn from_raw(status: i32) -> Self {
        Self(status)
    }

    /// Whether it exited with the code 0.
    #[must_use]
    pub const fn success(self) -> bool {
        self.0 == 0
    }

    /// The code it exited with, 0..=255; `None` if a signal ended it.
    #[must_use]
    #[doc(alias = "WEXITSTATUS")]
    pub const fn code(self) -> Option<i32> {
        match self.0 & 0x7f {
            0 => Some(self.0 >> 8 & 0xff),
            _ => None,
        }
    }

    /// The signal that ended it; `None` if it exited.
    #[must_use]
    #[doc(alias = "WTERMSIG")]
    pub const fn signal(self) -> Option<Signal> {
        match self.0 & 0x7f {
            // 0x7f is a stop, which only `WaitFlags::UNTRACED` reports.
            0 | 0x7f => None,
            signal => Some(Signal(signal)),
        }
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code(), self.signal()) {
            (Some(code), _) => write!(f, "exit {code}"),
            (_, Some(signal)) => write!(f, "signal {}", signal.0),
            _ => write!(f, "status {:#x}", self.0),
        }
    }
}

impl fmt::Debug for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExitStatus({self})")
    }
}

/// Ends the process; its parent sees the low 8 bits of `code`. Nothing is
/// dropped first.
#[doc(alias = "exit_group")]
pub fn exit(code: i32) -> ! {
    sys::exit_group(code)
}

/// Leaves this program for another that was mapped here, as `execve` would: it
/// starts at `entry`, with `stack` as its initial stack, and never comes back.
///
/// The stack begins with the number of arguments, and goes on upwards with the
/// arguments, a null pointer, the environment, a null pointer, and the auxiliary
/// vector, which ends with the key 0. What a kernel gives a new process and this does
/// not: descriptors are not closed, signals keep their actions, masks and stack,
/// the thread its pointer, its rounding modes and what it has registered with the
/// kernel, and everything that is mapped stays.
///
/// # Safety
///
/// - `entry` must be the entry point of a program for this instruction set that is
///   mapped whole, and `stack` its initial stack, aligned to 16 bytes, with room
///   below it.
/// - No other thread may run, and nothing of this program is used again: no handler
///   of a signal, no memory that the new program was not told of.
///
/// # References
///
/// [execve(2)](https://man7.org/linux/man-pages/man2/execve.2.html),
/// [elf(5)](https://man7.org/linux/man-pages/man5/elf.5.html)
///
/// # Examples
///
/// The program `loader` in examples/ maps a program, builds its stack, and ends with
/// this.
pub unsafe fn jump_to(entry: *const u8, stack: *mut usize) -> ! {
    // SAFETY: the caller vouches for both.
    unsafe { arch::jump(entry.cast_mut().cast(), stack.cast()) }
}
