//! Flags of signals, futexes, clocks and random bytes.

use bitflags::bitflags;

bitflags! {
    /// How a handler is called, and what `SIGCHLD` tells of.
    ///
    /// # References
    ///
    /// [sigaction(2)](https://man7.org/linux/man-pages/man2/sigaction.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "SA_SIGINFO")]
    pub struct SaFlags: u64 {
        /// With `SIGCHLD`: not when a child stops or goes on.
        const NOCLDSTOP = 0x1;
        /// With `SIGCHLD`: nobody waits for children; they just go.
        const NOCLDWAIT = 0x2;
        /// The handler takes three arguments.
        const SIGINFO = 0x4;
        /// Never set by a kernel that clears unknown flags, which tells it (Linux 5.11).
        const UNSUPPORTED = 0x400;
        /// Addresses come with their tag bits (Linux 5.11).
        const EXPOSE_TAGBITS = 0x800;
        /// On the stack that `sigaltstack` set.
        const ONSTACK = 0x800_0000;
        /// Calls that it interrupts are made again, where the kernel can.
        const RESTART = 0x1000_0000;
        /// The signal itself may come meanwhile.
        const NODEFER = 0x4000_0000;
        /// Once: then it does what it does by default.
        const RESETHAND = 0x8000_0000;
        const _ = !0;
    }

    /// What becomes of a stack for handlers.
    ///
    /// # References
    ///
    /// [sigaltstack(2)](https://man7.org/linux/man-pages/man2/sigaltstack.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "SS_DISABLE")]
    #[repr(transparent)]
    pub struct StackFlags: u32 {
        /// Told: a handler is running on it.
        const ONSTACK = 0x1;
        /// There is none.
        const DISABLE = 0x2;
        /// It is disabled while a handler runs on it (Linux 4.7).
        const AUTODISARM = 0x8000_0000;
        const _ = !0;
    }

    /// How a futex is waited for.
    ///
    /// # References
    ///
    /// [futex(2)](https://man7.org/linux/man-pages/man2/futex.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "FUTEX_PRIVATE_FLAG")]
    pub struct FutexFlags: u32 {
        /// No other process waits for it, which is faster.
        const PRIVATE = 0x80;
        /// A timeout that is a time is of the clock `REALTIME`.
        const CLOCK_REALTIME = 0x100;
        const _ = !0;
    }

    /// What kind of word [`futex_waitv`](crate::sys::futex::futex_waitv) waits for.
    ///
    /// # References
    ///
    /// [futex2 in the kernel's documentation](https://docs.kernel.org/userspace-api/futex2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "FUTEX2_PRIVATE")]
    #[repr(transparent)]
    pub struct Futex2Flags: u32 {
        /// One of 32 bits: the only size there is yet.
        const SIZE_U32 = 0x2;
        /// No other process waits for it.
        const PRIVATE = 0x80;
        const _ = !0;
    }

    /// How [`clock_nanosleep`](crate::sys::time::clock_nanosleep) takes its time.
    ///
    /// # References
    ///
    /// [clock_nanosleep(2)](https://man7.org/linux/man-pages/man2/clock_nanosleep.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "TIMER_ABSTIME")]
    pub struct TimerFlags: u32 {
        /// As a time, not as a duration.
        const ABSTIME = 0x1;
        const _ = !0;
    }

    /// Where [`getrandom`](crate::sys::getrandom) takes its bytes.
    ///
    /// # References
    ///
    /// [getrandom(2)](https://man7.org/linux/man-pages/man2/getrandom.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "GRND_NONBLOCK")]
    pub struct RandomFlags: u32 {
        /// Do not wait.
        const NONBLOCK = 0x1;
        /// From what /dev/random reads.
        const RANDOM = 0x2;
        /// Even before enough is gathered for keys (Linux 5.6).
        const INSECURE = 0x4;
        const _ = !0;
    }
}
