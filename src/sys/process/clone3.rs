//! Making a process by a description that can grow.

use core::ptr::{null, null_mut};

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::CloneFlags;
use crate::sys::process::Pid;
use crate::sys::{Argument, RawFd};

/// What [`clone3`] makes: `struct clone_args` of the man page, as Linux 5.7 has
/// it. Addresses are pointers here, which have the same size.
///
/// # References
///
/// [clone3(2)](https://man7.org/linux/man-pages/man2/clone.2.html)
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CloneArgs {
    /// What is shared, and which of the places below are filled.
    pub flags: CloneFlags,
    /// Where the parent finds a descriptor of the child, with [`CloneFlags::PIDFD`].
    pub pidfd: *mut RawFd,
    /// Where the child finds its number, with [`CloneFlags::CHILD_SETTID`].
    pub child_tid: *mut Pid,
    /// Where the parent finds the child's number, with [`CloneFlags::PARENT_SETTID`].
    pub parent_tid: *mut Pid,
    /// The number of the signal that comes when the child ends; 0 for none.
    pub exit_signal: u64,
    /// The lowest byte of a stack for the child; null for a copy of ours.
    pub stack: *mut u8,
    /// How many bytes that stack has.
    pub stack_size: u64,
    /// What the child's thread pointer becomes, with [`CloneFlags::SETTLS`].
    pub tls: *mut u8,
    /// The numbers that the child is to have, from the innermost namespace out.
    pub set_tid: *const Pid,
    /// How many these are.
    pub set_tid_size: u64,
    /// A descriptor of the child's cgroup, with [`CloneFlags::INTO_CGROUP`].
    pub cgroup: u64,
}

static_assertions::const_assert_eq!(size_of::<CloneArgs>(), 88);

impl CloneArgs {
    /// A child as [`fork`](super::fork) makes it, except that no signal comes
    /// when it ends.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            flags: CloneFlags::empty(),
            pidfd: null_mut(),
            child_tid: null_mut(),
            parent_tid: null_mut(),
            exit_signal: 0,
            stack: null_mut(),
            stack_size: 0,
            tls: null_mut(),
            set_tid: null(),
            set_tid_size: 0,
            cgroup: 0,
        }
    }
}

impl Default for CloneArgs {
    fn default() -> Self {
        Self::new()
    }
}

/// `long clone3(struct clone_args *cl_args, size_t size)`
///
/// Makes a process as `args` say. Returns 0 in the child, the child's number in
/// the parent. A child without an exit signal is waited for by
/// [`WaitFlags::ALL`](crate::WaitFlags::ALL) only.
///
/// # Safety
///
/// As for [`fork`](super::fork): the child returns from here too. So `args` must
/// have no stack, and flags without [`CloneFlags::VM`], which would have both
/// run on the same one. With [`CloneFlags::FILES`], the two have one table of
/// descriptors, so only one of them may close what it owns. The pointers must be
/// valid for what the flags have the kernel do with them, as long as the child
/// lives.
///
/// # Errors
///
/// - `E2BIG`: before Linux 5.5, `set_tid` is not null; before 5.7, `cgroup` not 0.
/// - `EACCES`: `INTO_CGROUP`, and that cgroup is not to be written.
/// - `EAGAIN`: too many processes.
/// - `EBADF`: `INTO_CGROUP`, and `cgroup` is no descriptor of one.
/// - `EBUSY`: `INTO_CGROUP`, and that cgroup takes no processes.
/// - `EEXIST`: a number of `set_tid` is taken.
/// - `EFAULT`: a pointer that the flags ask for, or `set_tid`, points nowhere.
/// - `EINVAL`: flags that do not go together, an unknown one, or no such signal.
/// - `EMFILE`, `ENFILE`: `PIDFD`, and too many descriptors here, or in the system.
/// - `ENOENT`: `INTO_CGROUP`, and that cgroup was removed.
/// - `ENOMEM`: no memory for the kernel's tables; the first process of the PID
///   namespace has ended.
/// - `ENOSPC`: too many namespaces, or nested too deep.
/// - `ENOSYS`: before Linux 5.3, or a filter of system calls in the way.
/// - `EOPNOTSUPP`: `INTO_CGROUP`, and that cgroup is in the state "domain invalid".
/// - `EPERM`: namespaces or `set_tid`, for the privileged only.
///
/// # References
///
/// [clone3(2)](https://man7.org/linux/man-pages/man2/clone.2.html)
#[inline(always)]
pub unsafe fn clone3(args: &CloneArgs) -> Result<Pid> {
    let (args, size) = (core::ptr::from_ref(args).word(), size_of::<CloneArgs>().word());
    // SAFETY: the caller keeps clone's contract; the kernel only reads `args`.
    errno::value(unsafe { arch::syscall2(Sysno::clone3, args, size) }).map(|number| number as Pid)
}
