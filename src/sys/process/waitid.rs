//! Waiting for a child without its status word.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::WaitFlags;
use crate::sys::Argument;
use crate::sys::process::Pid;
use crate::sys::signal::SigInfo;

/// What the number given to [`waitid`] is of. The type is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "P_ALL")]
pub struct IdType(pub i32);

impl IdType {
    /// Any child: the number is ignored.
    pub const ALL: Self = Self(0);
    /// A process.
    pub const PID: Self = Self(1);
    /// A group of processes; 0 is ours (Linux 5.4).
    pub const PGID: Self = Self(2);
    /// A descriptor of a process (Linux 5.4).
    pub const PIDFD: Self = Self(3);
}

/// What happened to a child: `si_code` of the man page. The type is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "CLD_EXITED")]
pub struct ChildCode(pub i32);

impl ChildCode {
    /// It exited; the status is its exit code.
    pub const EXITED: Self = Self(1);
    /// A signal ended it, which is the status, as with all that follow.
    pub const KILLED: Self = Self(2);
    /// A signal ended it, and its core was dumped.
    pub const DUMPED: Self = Self(3);
    /// Its tracer stopped it.
    pub const TRAPPED: Self = Self(4);
    /// A signal stopped it.
    pub const STOPPED: Self = Self(5);
    /// It goes on after a stop.
    pub const CONTINUED: Self = Self(6);
}

/// What [`waitid`] tells: the fields of its `siginfo_t` that it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChildInfo {
    /// The child.
    pub si_pid: Pid,
    /// The user it ran as.
    pub si_uid: u32,
    /// What happened to it.
    pub si_code: ChildCode,
    /// Its exit code, or the number of a signal.
    pub si_status: i32,
}

/// `int waitid(idtype_t idtype, id_t id, siginfo_t *infop, int options, struct rusage *usage)`
///
/// Waits until something that `options` ask for happens to the child or children
/// of that number; `None` if [`WaitFlags::NOHANG`] found nothing. The resource
/// usage is not asked for.
///
/// # Errors
///
/// - `EAGAIN`: the descriptor does not wait, and the child has not ended.
/// - `EBADF`: `PIDFD`, and it is no descriptor of a process.
/// - `ECHILD`: no such child.
/// - `EINTR`: a signal came first.
/// - `EINVAL`: an unknown flag, none of `EXITED`, `STOPPED`, `CONTINUED`, no such
///   kind of number, or a number that is none.
///
/// # References
///
/// [waitid(2)](https://man7.org/linux/man-pages/man2/waitid.2.html)
#[inline(always)]
pub fn waitid(idtype: IdType, id: i32, options: WaitFlags) -> Result<Option<ChildInfo>> {
    // Zeros tell a child that was not found, and qemu-user leaves them so.
    let mut info = SigInfo::default();
    // SAFETY: the kernel writes a `siginfo_t` there, and no usage to a null pointer.
    errno::unit(unsafe {
        arch::syscall5(
            Sysno::waitid,
            idtype.0.word(),
            id.word(),
            (&raw mut info).word(),
            options.bits().word(),
            0_usize.word(),
        )
    })?;
    let (si_pid, si_uid) = (info.si_pid(), info.si_uid());
    let (si_code, si_status) = (ChildCode(info.si_code), info.si_status());
    Ok((si_pid != 0).then_some(ChildInfo { si_pid, si_uid, si_code, si_status }))
}
