//! Flags of processes.

use bitflags::bitflags;

bitflags! {
    /// Which changes of a child [`wait4`](crate::sys::process::wait4) and
    /// [`waitid`](crate::sys::process::waitid) report.
    ///
    /// # References
    ///
    /// [wait4(2)](https://man7.org/linux/man-pages/man2/wait4.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "WNOHANG")]
    pub struct WaitFlags: u32 {
        /// Return at once if nothing has changed.
        const NOHANG = 0x1;
        /// Also children that were stopped.
        const UNTRACED = 0x2;
        /// The same, by `waitid`'s name.
        const STOPPED = 0x2;
        /// Children that have ended. Only `waitid` takes it, and wants it.
        const EXITED = 0x4;
        /// Also children that go on after a stop.
        const CONTINUED = 0x8;
        /// Leave the child to be waited for again. Only `waitid` takes it.
        const NOWAIT = 0x100_0000;
        /// Not the children of this process's other threads.
        const NOTHREAD = 0x2000_0000;
        /// Children of every kind.
        const ALL = 0x4000_0000;
        /// Only children whose end sends no `SIGCHLD`.
        const CLONE = 0x8000_0000;
        const _ = !0;
    }

    /// What a clone shares with its parent.
    ///
    /// # References
    ///
    /// [clone(2)](https://man7.org/linux/man-pages/man2/clone.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "CLONE_VM")]
    #[repr(transparent)]
    pub struct CloneFlags: u64 {
        /// In a time namespace of its own (`clone3` only).
        const NEWTIME = 0x80;
        /// The memory itself, not a copy.
        const VM = 0x100;
        /// The root, the current directory and the umask.
        const FS = 0x200;
        /// The table of descriptors.
        const FILES = 0x400;
        /// The table of signal handlers; wants `VM`.
        const SIGHAND = 0x800;
        /// The parent is given a descriptor of the child.
        const PIDFD = 0x1000;
        /// Our tracer traces the child too.
        const PTRACE = 0x2000;
        /// The parent waits until the child executes or exits.
        const VFORK = 0x4000;
        /// The child's parent is ours.
        const PARENT = 0x8000;
        /// The process itself: a thread; wants `SIGHAND`.
        const THREAD = 0x1_0000;
        /// In a mount namespace of its own.
        const NEWNS = 0x2_0000;
        /// The list of what System V semaphores are to be undone.
        const SYSVSEM = 0x4_0000;
        /// The child's thread pointer is given.
        const SETTLS = 0x8_0000;
        /// The child's number is written for the parent.
        const PARENT_SETTID = 0x10_0000;
        /// The child's number is cleared, and waiters woken, at its end.
        const CHILD_CLEARTID = 0x20_0000;
        /// Of no effect to `clone`; `clone3` refuses it.
        const DETACHED = 0x40_0000;
        /// No tracer can have itself attached to the child.
        const UNTRACED = 0x80_0000;
        /// The child's number is written for the child.
        const CHILD_SETTID = 0x100_0000;
        /// In a cgroup namespace of its own.
        const NEWCGROUP = 0x200_0000;
        /// In a UTS namespace of its own.
        const NEWUTS = 0x400_0000;
        /// In an IPC namespace of its own.
        const NEWIPC = 0x800_0000;
        /// In a user namespace of its own.
        const NEWUSER = 0x1000_0000;
        /// In a PID namespace of its own.
        const NEWPID = 0x2000_0000;
        /// In a network namespace of its own.
        const NEWNET = 0x4000_0000;
        /// The I/O context.
        const IO = 0x8000_0000;
        /// Handled signals do in the child what they do by default (`clone3` only).
        const CLEAR_SIGHAND = 0x1_0000_0000;
        /// In the cgroup given (`clone3` only).
        const INTO_CGROUP = 0x2_0000_0000;
        const _ = !0;
    }

    /// How [`pidfd_open`](crate::sys::process::pidfd_open) makes a descriptor.
    ///
    /// # References
    ///
    /// [pidfd_open(2)](https://man7.org/linux/man-pages/man2/pidfd_open.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "PIDFD_NONBLOCK")]
    pub struct PidfdFlags: u32 {
        /// Of a thread, not of its process (Linux 6.9). Before that `EINVAL`: a thread
        /// has only its number, which [`tgkill`](crate::sys::process::tgkill) takes.
        const THREAD = 0o200;
        /// `waitid` does not wait by it (Linux 5.10).
        const NONBLOCK = 0o4_000;
        const _ = !0;
    }

    /// Whom [`pidfd_send_signal`](crate::sys::process::pidfd_send_signal) sends to
    /// (Linux 6.9); without one, to what the descriptor is of. Before that `EINVAL`:
    /// use [`tgkill`](crate::sys::process::tgkill) or
    /// [`kill`](crate::sys::process::kill), with numbers.
    ///
    /// # References
    ///
    /// [pidfd_send_signal(2)](https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "PIDFD_SIGNAL_THREAD")]
    pub struct PidfdSignalFlags: u32 {
        /// To the thread.
        const THREAD = 0x1;
        /// To the process.
        const THREAD_GROUP = 0x2;
        /// To the group of processes.
        const PROCESS_GROUP = 0x4;
        const _ = !0;
    }
}
