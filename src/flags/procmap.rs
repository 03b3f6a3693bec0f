//! Flags of what /proc says about a process's memory.

use bitflags::bitflags;

bitflags! {
    /// Which mapping [`procmap_query`](crate::sys::procmap::procmap_query) looks
    /// for, and what may be done with the one it found.
    ///
    /// # References
    ///
    /// [PROCMAP_QUERY](https://docs.kernel.org/filesystems/proc.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "PROCMAP_QUERY_VMA_READABLE")]
    #[repr(transparent)]
    pub struct ProcmapFlags: u64 {
        /// It may be read.
        const VMA_READABLE = 0x1;
        /// It may be written.
        const VMA_WRITABLE = 0x2;
        /// It may be run.
        const VMA_EXECUTABLE = 0x4;
        /// It is shared.
        const VMA_SHARED = 0x8;
        /// If none holds the address, the next above.
        const COVERING_OR_NEXT_VMA = 0x10;
        /// Only one that has a file.
        const FILE_BACKED_VMA = 0x20;
        const _ = !0;
    }

    /// What a page is, for [`pagemap_scan`](crate::sys::pagemap::pagemap_scan).
    ///
    /// # References
    ///
    /// [PAGEMAP_SCAN(2const)](https://man7.org/linux/man-pages/man2/PAGEMAP_SCAN.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "PAGE_IS_PRESENT")]
    #[repr(transparent)]
    pub struct PageCategories: u64 {
        /// In memory whose write protection ends by itself (`WP_ASYNC`).
        const WPALLOWED = 0x1;
        /// Written since it was write-protected.
        const WRITTEN = 0x2;
        /// Of a file.
        const FILE = 0x4;
        /// In memory.
        const PRESENT = 0x8;
        /// Swapped out.
        const SWAPPED = 0x10;
        /// The page of zeros that all share.
        const PFNZERO = 0x20;
        /// Huge.
        const HUGE = 0x40;
        /// Written since the marks were cleared.
        const SOFT_DIRTY = 0x80;
        /// A guard (Linux 6.15). Before that `EINVAL`, and nothing tells of it.
        const GUARD = 0x100;
        const _ = !0;
    }

    /// What [`pagemap_scan`](crate::sys::pagemap::pagemap_scan) does beside looking.
    ///
    /// # References
    ///
    /// [PAGEMAP_SCAN(2const)](https://man7.org/linux/man-pages/man2/PAGEMAP_SCAN.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "PM_SCAN_WP_MATCHING")]
    #[repr(transparent)]
    pub struct PmScanFlags: u64 {
        /// Write-protect the pages that match.
        const WP_MATCHING = 0x1;
        /// Stop with `EPERM` at memory that is not `WPALLOWED`.
        const CHECK_WPASYNC = 0x2;
        const _ = !0;
    }
}
