//! What a process may use.

use core::mem::MaybeUninit;

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::sys::Argument;
use crate::sys::process::Pid;

/// What is limited. The type is open: any number can be passed.
///
/// # References
///
/// [getrlimit(2)](https://man7.org/linux/man-pages/man2/getrlimit.2.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "RLIMIT_CPU")]
pub struct Resource(pub i32);

impl Resource {
    /// Time on a processor, in seconds.
    pub const CPU: Self = Self(0);
    /// The length of a file that is written, in bytes.
    pub const FSIZE: Self = Self(1);
    /// Data, in bytes.
    pub const DATA: Self = Self(2);
    /// The first thread's stack, in bytes.
    pub const STACK: Self = Self(3);
    /// A core dump, in bytes.
    pub const CORE: Self = Self(4);
    /// Memory in use, in bytes: of no effect.
    pub const RSS: Self = Self(5);
    /// Threads of the user.
    pub const NPROC: Self = Self(6);
    /// One more than the highest descriptor.
    pub const NOFILE: Self = Self(7);
    /// Locked memory, in bytes.
    pub const MEMLOCK: Self = Self(8);
    /// Mapped memory, in bytes.
    pub const AS: Self = Self(9);
    /// File locks: of no effect.
    pub const LOCKS: Self = Self(10);
    /// Signals of the user that wait.
    pub const SIGPENDING: Self = Self(11);
    /// Message queues of the user, in bytes.
    pub const MSGQUEUE: Self = Self(12);
    /// 20 less the lowest nice value.
    pub const NICE: Self = Self(13);
    /// The highest real-time priority.
    pub const RTPRIO: Self = Self(14);
    /// Real-time work without waiting, in microseconds.
    pub const RTTIME: Self = Self(15);
}

/// A limit: `struct rlimit64` of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Rlimit64 {
    /// What holds.
    pub rlim_cur: u64,
    /// How far it may be raised.
    pub rlim_max: u64,
}

impl Rlimit64 {
    /// No limit.
    #[doc(alias = "RLIM64_INFINITY")]
    pub const INFINITY: u64 = u64::MAX;
}

/// `int prlimit64(pid_t pid, unsigned int resource, const struct rlimit64 *new_rlim, struct rlimit64 *old_rlim)`
///
/// Tells a limit of the process `pid`, or of this one if it is 0, as it was
/// before, and sets it to `new_rlim` if there is one.
///
/// # Errors
///
/// - `EINVAL`: no such resource; the limit is above its own maximum.
/// - `EPERM`: not of that process; to raise a maximum, or `NOFILE` above the
///   system's, is not allowed.
/// - `ESRCH`: no such process.
///
/// # References
///
/// [prlimit(2)](https://man7.org/linux/man-pages/man2/prlimit.2.html)
#[inline(always)]
pub fn prlimit64(pid: Pid, resource: Resource, new_rlim: Option<&Rlimit64>) -> Result<Rlimit64> {
    let mut old = MaybeUninit::<Rlimit64>::uninit();
    // SAFETY: the kernel reads one limit, if there is one, and writes one to `old`.
    errno::unit(unsafe {
        arch::syscall4(
            Sysno::prlimit64,
            pid.word(),
            resource.0.word(),
            new_rlim.word(),
            old.as_mut_ptr().word(),
        )
    })?;
    // SAFETY: the call succeeded, so the kernel has filled it.
    Ok(unsafe { old.assume_init() })
}
