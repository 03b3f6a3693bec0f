//! Every constant about memory that the kernel fixes is that of its headers, as
//! `linux-raw-sys` has them for each instruction set: decided when this compiles.

mod oracle;

use baremap::flags::{
    MapFlags, MemfdFlags, MlockFlags, MlockallFlags, MremapFlags, MsyncFlags, PkeyRights, Prot,
};
use baremap::sys::mm::Advice;
use linux_raw_sys::general as headers;

oracle::flags! {
    Prot {
        NONE = PROT_NONE,
        READ = PROT_READ,
        WRITE = PROT_WRITE,
        EXEC = PROT_EXEC,
        SEM = PROT_SEM,
        GROWSDOWN = PROT_GROWSDOWN,
        GROWSUP = PROT_GROWSUP,
    }
    MapFlags {
        SHARED = MAP_SHARED,
        PRIVATE = MAP_PRIVATE,
        SHARED_VALIDATE = MAP_SHARED_VALIDATE,
        DROPPABLE = MAP_DROPPABLE,
        FIXED = MAP_FIXED,
        ANONYMOUS = MAP_ANONYMOUS,
        GROWSDOWN = MAP_GROWSDOWN,
        DENYWRITE = MAP_DENYWRITE,
        EXECUTABLE = MAP_EXECUTABLE,
        LOCKED = MAP_LOCKED,
        NORESERVE = MAP_NORESERVE,
        POPULATE = MAP_POPULATE,
        NONBLOCK = MAP_NONBLOCK,
        STACK = MAP_STACK,
        HUGETLB = MAP_HUGETLB,
        SYNC = MAP_SYNC,
        FIXED_NOREPLACE = MAP_FIXED_NOREPLACE,
        UNINITIALIZED = MAP_UNINITIALIZED,
    }
    MremapFlags {
        MAYMOVE = MREMAP_MAYMOVE,
        FIXED = MREMAP_FIXED,
        DONTUNMAP = MREMAP_DONTUNMAP,
    }
    MlockFlags {
        ONFAULT = MLOCK_ONFAULT,
    }
    MlockallFlags {
        CURRENT = MCL_CURRENT,
        FUTURE = MCL_FUTURE,
        ONFAULT = MCL_ONFAULT,
    }
    PkeyRights {
        DISABLE_ACCESS = PKEY_DISABLE_ACCESS,
        DISABLE_WRITE = PKEY_DISABLE_WRITE,
    }
    MemfdFlags {
        CLOEXEC = MFD_CLOEXEC,
        ALLOW_SEALING = MFD_ALLOW_SEALING,
        HUGETLB = MFD_HUGETLB,
        NOEXEC_SEAL = MFD_NOEXEC_SEAL,
        EXEC = MFD_EXEC,
    }
    MsyncFlags {
        ASYNC = MS_ASYNC,
        INVALIDATE = MS_INVALIDATE,
        SYNC = MS_SYNC,
    }
}

/// Compares numbers when compiling.
macro_rules! numbers {
    ($($ours:expr, $theirs:expr;)*) => {
        $(const _: () = assert!($ours as i64 == $theirs as i64, stringify!($ours));)*
    };
}

numbers! {
    Advice::NORMAL.0, headers::MADV_NORMAL;
    Advice::RANDOM.0, headers::MADV_RANDOM;
    Advice::SEQUENTIAL.0, headers::MADV_SEQUENTIAL;
    Advice::WILLNEED.0, headers::MADV_WILLNEED;
    Advice::DONTNEED.0, headers::MADV_DONTNEED;
    Advice::FREE.0, headers::MADV_FREE;
    Advice::REMOVE.0, headers::MADV_REMOVE;
    Advice::DONTFORK.0, headers::MADV_DONTFORK;
    Advice::DOFORK.0, headers::MADV_DOFORK;
    Advice::MERGEABLE.0, headers::MADV_MERGEABLE;
    Advice::UNMERGEABLE.0, headers::MADV_UNMERGEABLE;
    Advice::HUGEPAGE.0, headers::MADV_HUGEPAGE;
    Advice::NOHUGEPAGE.0, headers::MADV_NOHUGEPAGE;
    Advice::DONTDUMP.0, headers::MADV_DONTDUMP;
    Advice::DODUMP.0, headers::MADV_DODUMP;
    Advice::WIPEONFORK.0, headers::MADV_WIPEONFORK;
    Advice::KEEPONFORK.0, headers::MADV_KEEPONFORK;
    Advice::COLD.0, headers::MADV_COLD;
    Advice::PAGEOUT.0, headers::MADV_PAGEOUT;
    Advice::POPULATE_READ.0, headers::MADV_POPULATE_READ;
    Advice::POPULATE_WRITE.0, headers::MADV_POPULATE_WRITE;
    Advice::DONTNEED_LOCKED.0, headers::MADV_DONTNEED_LOCKED;
    Advice::COLLAPSE.0, headers::MADV_COLLAPSE;
    Advice::HWPOISON.0, headers::MADV_HWPOISON;
    Advice::SOFT_OFFLINE.0, headers::MADV_SOFT_OFFLINE;
    Advice::GUARD_INSTALL.0, headers::MADV_GUARD_INSTALL;
    Advice::GUARD_REMOVE.0, headers::MADV_GUARD_REMOVE;
    MapFlags::HUGE_16KB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_16KB;
    MapFlags::HUGE_64KB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_64KB;
    MapFlags::HUGE_512KB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_512KB;
    MapFlags::HUGE_1MB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_1MB;
    MapFlags::HUGE_2MB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_2MB;
    MapFlags::HUGE_8MB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_8MB;
    MapFlags::HUGE_16MB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_16MB;
    MapFlags::HUGE_32MB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_32MB;
    MapFlags::HUGE_256MB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_256MB;
    MapFlags::HUGE_512MB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_512MB;
    MapFlags::HUGE_1GB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_1GB;
    MapFlags::HUGE_2GB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_2GB;
    MapFlags::HUGE_16GB.bits(), headers::MAP_HUGETLB | headers::MAP_HUGE_16GB;
    MemfdFlags::HUGE_64KB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_64KB;
    MemfdFlags::HUGE_512KB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_512KB;
    MemfdFlags::HUGE_1MB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_1MB;
    MemfdFlags::HUGE_2MB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_2MB;
    MemfdFlags::HUGE_8MB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_8MB;
    MemfdFlags::HUGE_16MB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_16MB;
    MemfdFlags::HUGE_32MB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_32MB;
    MemfdFlags::HUGE_256MB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_256MB;
    MemfdFlags::HUGE_512MB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_512MB;
    MemfdFlags::HUGE_1GB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_1GB;
    MemfdFlags::HUGE_2GB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_2GB;
    MemfdFlags::HUGE_16GB.bits(), headers::MFD_HUGETLB | headers::MFD_HUGE_16GB;
}

#[cfg(target_arch = "x86_64")]
numbers! {
    MapFlags::BITS_32.bits(), headers::MAP_32BIT;
    MapFlags::ABOVE4G.bits(), headers::MAP_ABOVE4G;
}

#[cfg(target_arch = "aarch64")]
numbers! {
    Prot::BTI.bits(), headers::PROT_BTI;
    Prot::MTE.bits(), headers::PROT_MTE;
}
