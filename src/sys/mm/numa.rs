//! On which memory of a large machine pages are to lie.

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{MbindFlags, PolicyFlags};
use crate::sys::Argument;

/// How the nodes for new pages are chosen. The type is open: a newer kernel's
/// value can be passed as well.
///
/// # References
///
/// [set_mempolicy(2)](https://man7.org/linux/man-pages/man2/set_mempolicy.2.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "MPOL_DEFAULT")]
pub struct Policy(pub i32);

impl Policy {
    /// As the thread's policy has it.
    pub const DEFAULT: Self = Self(0);
    /// This node if there is room, else another.
    pub const PREFERRED: Self = Self(1);
    /// These nodes and no other.
    pub const BIND: Self = Self(2);
    /// These nodes in turn, page by page.
    pub const INTERLEAVE: Self = Self(3);
    /// The node whose processor touches the page first.
    pub const LOCAL: Self = Self(4);
    /// These nodes if there is room, else another (Linux 5.15).
    pub const PREFERRED_MANY: Self = Self(5);
    /// These nodes in turn, by their weights (Linux 6.9). Before that `EINVAL`: use
    /// `INTERLEAVE`, which gives all of them the same.
    pub const WEIGHTED_INTERLEAVE: Self = Self(6);
}

/// `long mbind(void addr[], unsigned long len, int mode, const unsigned long nodemask[], unsigned long maxnode, unsigned flags)`
///
/// Sets the policy for every page that has a byte within `len` bytes of `addr`.
/// `nodemask` has a bit for each node, in words of 64, and may be null for none;
/// the kernel looks at `maxnode - 1` bits of it. `mode_flags` go into the same
/// argument as `mode`. It is safe for any addresses: no byte of memory changes.
///
/// # Errors
///
/// - `EFAULT`: something in the range is not mapped, or `nodemask` not readable.
/// - `EINVAL`: an unknown mode or flag; `addr` is not a multiple of the page
///   size; nodes for a mode without, or none, or none that is there, for a mode
///   with; `maxnode` is larger than a page has bits.
/// - `EIO`: `STRICT`, and a page is elsewhere, or could not be moved.
/// - `ENOMEM`: no memory for it, or too many mappings.
/// - `ENOSYS`: the kernel has no nodes.
/// - `EPERM`: `MOVE_ALL`, for the privileged only.
///
/// # References
///
/// [mbind(2)](https://man7.org/linux/man-pages/man2/mbind.2.html)
#[inline(always)]
pub fn mbind(
    addr: *mut u8,
    len: usize,
    mode: Policy,
    mode_flags: PolicyFlags,
    nodemask: *const u64,
    maxnode: usize,
    flags: MbindFlags,
) -> Result<()> {
    let mode = mode.0 | mode_flags.bits() as i32;
    // SAFETY: the kernel reads the mask and moves pages, whose bytes stay.
    errno::unit(unsafe {
        arch::syscall6(
            Sysno::mbind,
            addr.word(),
            len.word(),
            mode.word(),
            nodemask.word(),
            maxnode.word(),
            flags.bits().word(),
        )
    })
}
