//! Every constant and layout of memory policies, userfaultfd, `cachestat` and the
//! requests to /proc is that of the kernel's headers, as `linux-raw-sys` has them:
//! decided when this compiles.
//!
//! It does not know these, which are from the header named:
//!
//! | constant | header |
//! |---|---|
//! | `UFFDIO_WRITEPROTECT_MODE_WP` 1, `…_DONTWAKE` 2 | linux/userfaultfd.h |
//! | `UFFDIO_CONTINUE_MODE_DONTWAKE` 1, `…_WP` 2 | linux/userfaultfd.h |
//! | `UFFDIO_POISON_MODE_DONTWAKE` 1 | linux/userfaultfd.h |
//! | `UFFDIO_MOVE_MODE_DONTWAKE` 1, `…_ALLOW_SRC_HOLES` 2 | linux/userfaultfd.h |
//! | that the numbers of `UFFDIO_POISON` and `UFFDIO_MOVE` are of `_IOWR` | linux/userfaultfd.h |
//! | `PROCMAP_QUERY` _IOWR('f', 17), `PAGEMAP_SCAN` _IOWR('f', 16) | linux/fs.h |

mod oracle;

use std::mem::offset_of;

use baremap::flags::*;
use baremap::sys::mm::{Cachestat, CachestatRange, Policy};
use baremap::sys::pagemap::{PAGEMAP_SCAN, PageRegion, PmScanArg};
use baremap::sys::procmap::{PROCMAP_QUERY, ProcmapQuery};
use baremap::sys::userfaultfd::*;
use linux_raw_sys::general::{self as headers, procmap_query_flags as procmap};
use linux_raw_sys::{ioctl, mempolicy};

oracle::flags! {
    UffdFeatures {
        PAGEFAULT_FLAG_WP = UFFD_FEATURE_PAGEFAULT_FLAG_WP,
        EVENT_FORK = UFFD_FEATURE_EVENT_FORK,
        EVENT_REMAP = UFFD_FEATURE_EVENT_REMAP,
        EVENT_REMOVE = UFFD_FEATURE_EVENT_REMOVE,
        MISSING_HUGETLBFS = UFFD_FEATURE_MISSING_HUGETLBFS,
        MISSING_SHMEM = UFFD_FEATURE_MISSING_SHMEM,
        EVENT_UNMAP = UFFD_FEATURE_EVENT_UNMAP,
        SIGBUS = UFFD_FEATURE_SIGBUS,
        THREAD_ID = UFFD_FEATURE_THREAD_ID,
        MINOR_HUGETLBFS = UFFD_FEATURE_MINOR_HUGETLBFS,
        MINOR_SHMEM = UFFD_FEATURE_MINOR_SHMEM,
        EXACT_ADDRESS = UFFD_FEATURE_EXACT_ADDRESS,
        WP_HUGETLBFS_SHMEM = UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
        WP_UNPOPULATED = UFFD_FEATURE_WP_UNPOPULATED,
        POISON = UFFD_FEATURE_POISON,
        WP_ASYNC = UFFD_FEATURE_WP_ASYNC,
        MOVE = UFFD_FEATURE_MOVE,
    }
    UserfaultfdFlags {
        USER_MODE_ONLY = UFFD_USER_MODE_ONLY,
        NONBLOCK = O_NONBLOCK,
        CLOEXEC = O_CLOEXEC,
    }
    UffdRegisterMode {
        MISSING = UFFDIO_REGISTER_MODE_MISSING,
        WP = UFFDIO_REGISTER_MODE_WP,
        MINOR = UFFDIO_REGISTER_MODE_MINOR,
    }
    UffdCopyMode {
        DONTWAKE = UFFDIO_COPY_MODE_DONTWAKE,
        WP = UFFDIO_COPY_MODE_WP,
    }
    UffdZeropageMode {
        DONTWAKE = UFFDIO_ZEROPAGE_MODE_DONTWAKE,
    }
    UffdPagefaultFlags {
        WRITE = UFFD_PAGEFAULT_FLAG_WRITE,
        WP = UFFD_PAGEFAULT_FLAG_WP,
        MINOR = UFFD_PAGEFAULT_FLAG_MINOR,
    }
    PageCategories {
        WPALLOWED = PAGE_IS_WPALLOWED,
        WRITTEN = PAGE_IS_WRITTEN,
        FILE = PAGE_IS_FILE,
        PRESENT = PAGE_IS_PRESENT,
        SWAPPED = PAGE_IS_SWAPPED,
        PFNZERO = PAGE_IS_PFNZERO,
        HUGE = PAGE_IS_HUGE,
        SOFT_DIRTY = PAGE_IS_SOFT_DIRTY,
        GUARD = PAGE_IS_GUARD,
    }
    PmScanFlags {
        WP_MATCHING = PM_SCAN_WP_MATCHING,
        CHECK_WPASYNC = PM_SCAN_CHECK_WPASYNC,
    }
}

/// Compares numbers when compiling.
macro_rules! numbers {
    ($($ours:expr, $theirs:expr;)*) => {
        $(const _: () = assert!($ours as i64 == $theirs as i64, stringify!($ours));)*
    };
}

numbers! {
    UffdWriteprotectMode::WP.bits(), 1;
    UffdWriteprotectMode::DONTWAKE.bits(), 2;
    UffdContinueMode::DONTWAKE.bits(), 1;
    UffdContinueMode::WP.bits(), 2;
    UffdPoisonMode::DONTWAKE.bits(), 1;
    UffdMoveMode::DONTWAKE.bits(), 1;
    UffdMoveMode::ALLOW_SRC_HOLES.bits(), 2;
    ProcmapFlags::VMA_READABLE.bits(), procmap::PROCMAP_QUERY_VMA_READABLE;
    ProcmapFlags::VMA_WRITABLE.bits(), procmap::PROCMAP_QUERY_VMA_WRITABLE;
    ProcmapFlags::VMA_EXECUTABLE.bits(), procmap::PROCMAP_QUERY_VMA_EXECUTABLE;
    ProcmapFlags::VMA_SHARED.bits(), procmap::PROCMAP_QUERY_VMA_SHARED;
    ProcmapFlags::COVERING_OR_NEXT_VMA.bits(), procmap::PROCMAP_QUERY_COVERING_OR_NEXT_VMA;
    ProcmapFlags::FILE_BACKED_VMA.bits(), procmap::PROCMAP_QUERY_FILE_BACKED_VMA;
    PolicyFlags::STATIC_NODES.bits(), mempolicy::MPOL_F_STATIC_NODES;
    PolicyFlags::RELATIVE_NODES.bits(), mempolicy::MPOL_F_RELATIVE_NODES;
    PolicyFlags::NUMA_BALANCING.bits(), mempolicy::MPOL_F_NUMA_BALANCING;
    MbindFlags::STRICT.bits(), mempolicy::MPOL_MF_STRICT;
    MbindFlags::MOVE.bits(), mempolicy::MPOL_MF_MOVE;
    MbindFlags::MOVE_ALL.bits(), mempolicy::MPOL_MF_MOVE_ALL;
    Policy::DEFAULT.0, mempolicy::MPOL_DEFAULT;
    Policy::PREFERRED.0, mempolicy::MPOL_PREFERRED;
    Policy::BIND.0, mempolicy::MPOL_BIND;
    Policy::INTERLEAVE.0, mempolicy::MPOL_INTERLEAVE;
    Policy::LOCAL.0, mempolicy::MPOL_LOCAL;
    Policy::PREFERRED_MANY.0, mempolicy::MPOL_PREFERRED_MANY;
    Policy::WEIGHTED_INTERLEAVE.0, mempolicy::MPOL_WEIGHTED_INTERLEAVE;
    UFFD_API, headers::UFFD_API;
    UffdEvent::PAGEFAULT.0, headers::UFFD_EVENT_PAGEFAULT;
    UffdEvent::FORK.0, headers::UFFD_EVENT_FORK;
    UffdEvent::REMAP.0, headers::UFFD_EVENT_REMAP;
    UffdEvent::REMOVE.0, headers::UFFD_EVENT_REMOVE;
    UffdEvent::UNMAP.0, headers::UFFD_EVENT_UNMAP;
    UFFDIO_API, ioctl::UFFDIO_API;
    UFFDIO_REGISTER, ioctl::UFFDIO_REGISTER;
    UFFDIO_UNREGISTER, ioctl::UFFDIO_UNREGISTER;
    UFFDIO_WAKE, ioctl::UFFDIO_WAKE;
    UFFDIO_COPY, ioctl::UFFDIO_COPY;
    UFFDIO_ZEROPAGE, ioctl::UFFDIO_ZEROPAGE;
    UFFDIO_WRITEPROTECT, ioctl::UFFDIO_WRITEPROTECT;
    UFFDIO_CONTINUE, ioctl::UFFDIO_CONTINUE;
    UFFDIO_POISON, 3 << 30 | 32 << 16 | 0xaa << 8 | headers::_UFFDIO_POISON as i64;
    UFFDIO_MOVE, 3 << 30 | 40 << 16 | 0xaa << 8 | headers::_UFFDIO_MOVE as i64;
    offset_of!(UffdioMove, moved), offset_of!(headers::uffdio_move, move_);
    PROCMAP_QUERY, 3 << 30 | 104 << 16 | 0x66 << 8 | 17_i64;
    PAGEMAP_SCAN, 3 << 30 | 96 << 16 | 0x66 << 8 | 16_i64;
}

/// Compares each field's place, and the size, when compiling.
macro_rules! layouts {
    ($($ours:ty = $theirs:ty { $($field:ident)* })*) => {
        $(
            const _: () = assert!(size_of::<$ours>() == size_of::<$theirs>(), stringify!($ours));
            $(const _: () = assert!(
                offset_of!($ours, $field) == offset_of!($theirs, $field),
                concat!(stringify!($ours), ".", stringify!($field)),
            );)*
        )*
    };
}

layouts! {
    CachestatRange = headers::cachestat_range { off len }
    Cachestat = headers::cachestat { nr_cache nr_dirty nr_writeback nr_evicted nr_recently_evicted }
    PageRegion = headers::page_region { start end categories }
    PmScanArg = headers::pm_scan_arg {
        size flags start end walk_end vec vec_len max_pages category_inverted category_mask
        category_anyof_mask return_mask
    }
    ProcmapQuery = headers::procmap_query {
        size query_flags query_addr vma_start vma_end vma_flags vma_page_size vma_offset inode
        dev_major dev_minor vma_name_size build_id_size vma_name_addr build_id_addr
    }
    UffdioApi = headers::uffdio_api { api features ioctls }
    UffdioRange = headers::uffdio_range { start len }
    UffdioRegister = headers::uffdio_register { range mode ioctls }
    UffdioCopy = headers::uffdio_copy { dst src len mode copy }
    UffdioZeropage = headers::uffdio_zeropage { range mode zeropage }
    UffdioWriteprotect = headers::uffdio_writeprotect { range mode }
    UffdioContinue = headers::uffdio_continue { range mode mapped }
    UffdioPoison = headers::uffdio_poison { range mode updated }
    UffdioMove = headers::uffdio_move { dst src len mode }
    UffdMsg = headers::uffd_msg { event arg }
}
