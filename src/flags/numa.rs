//! Flags of memory policies.

use bitflags::bitflags;

bitflags! {
    /// How [`mbind`](crate::sys::mm::mbind) takes the nodes of a policy.
    ///
    /// # References
    ///
    /// [set_mempolicy(2)](https://man7.org/linux/man-pages/man2/set_mempolicy.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MPOL_F_STATIC_NODES")]
    pub struct PolicyFlags: u32 {
        /// Pages move to the node that uses them, with `BIND` (Linux 5.12), and with
        /// `PREFERRED_MANY` (Linux 6.11). Before that `EINVAL`: they stay without it.
        const NUMA_BALANCING = 0x2000;
        /// The nodes are numbered among those that the thread may use.
        const RELATIVE_NODES = 0x4000;
        /// The nodes stay these, whichever the thread may use later.
        const STATIC_NODES = 0x8000;
        const _ = !0;
    }

    /// What [`mbind`](crate::sys::mm::mbind) does about pages that are there.
    ///
    /// # References
    ///
    /// [mbind(2)](https://man7.org/linux/man-pages/man2/mbind.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MPOL_MF_STRICT")]
    pub struct MbindFlags: u32 {
        /// A page that is not where the policy wants it is `EIO`.
        const STRICT = 0x1;
        /// Move this process's own pages to where the policy wants them.
        const MOVE = 0x2;
        /// Move the pages that others map too: for the privileged.
        const MOVE_ALL = 0x4;
        const _ = !0;
    }
}
