//! Flags of processes.

use bitflags::bitflags;

bitflags! {
    /// Which changes of a child [`wait4`](crate::sys::process::wait4) reports.
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
        /// Also children that go on after a stop.
        const CONTINUED = 0x8;
        const _ = !0;
    }

    /// What a clone shares with its parent.
    ///
    /// # References
    ///
    /// [clone(2)](https://man7.org/linux/man-pages/man2/clone.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "CLONE_VM")]
    pub struct CloneFlags: u64 {
        /// The memory itself, not a copy.
        const VM = 0x100;
        /// The table of descriptors.
        const FILES = 0x400;
        /// The parent waits until the child executes or exits.
        const VFORK = 0x4000;
        const _ = !0;
    }
}
