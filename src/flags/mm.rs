//! Flags of memory.

use bitflags::bitflags;

bitflags! {
    /// What may be done with mapped memory.
    ///
    /// # References
    ///
    /// [mmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "PROT_READ")]
    pub struct Prot: u32 {
        /// No access at all.
        const NONE = 0x0;
        /// Its bytes may be read.
        const READ = 0x1;
        /// Its bytes may be written.
        const WRITE = 0x2;
        /// Its bytes may be run as code.
        const EXEC = 0x4;
        /// It may be used for atomics: of no effect on these instruction sets.
        const SEM = 0x8;
        /// With `mprotect`: from here down to the start of a mapping that grows down.
        const GROWSDOWN = 0x0100_0000;
        /// With `mprotect`: up to the end of a mapping that grows up.
        const GROWSUP = 0x0200_0000;
        const _ = !0;
    }

    /// What kind of mapping to make, and how.
    ///
    /// # References
    ///
    /// [mmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MAP_SHARED")]
    pub struct MapFlags: u32 {
        /// Stores reach the file and everyone who maps it.
        const SHARED = 0x1;
        /// Stores are this process's own: a page is copied at its first one.
        const PRIVATE = 0x2;
        /// As `SHARED`, and refuse flags that the kernel does not know.
        const SHARED_VALIDATE = 0x3;
        /// At exactly this address, replacing what is there.
        const FIXED = 0x10;
        /// Zeros that the kernel may drop again under pressure (Linux 6.11). A
        /// kind of its own, beside `SHARED` and `PRIVATE`; only anonymous. Before
        /// that `EINVAL`: use `PRIVATE` and, after each store, the advice
        /// [`FREE`](crate::sys::mm::Advice::FREE); once, `WIPEONFORK` and `DONTDUMP`.
        const DROPPABLE = 0x8;
        /// Memory that starts as zeros and belongs to no file.
        const ANONYMOUS = 0x20;
        /// It grows downwards as it is touched, as a stack does.
        const GROWSDOWN = 0x100;
        /// Of no effect.
        const DENYWRITE = 0x800;
        /// Of no effect.
        const EXECUTABLE = 0x1000;
        /// Kept in memory, as `mlock` does.
        const LOCKED = 0x2000;
        /// No swap space is set aside for it.
        const NORESERVE = 0x4000;
        /// Its pages are there before the call returns.
        const POPULATE = 0x8000;
        /// With `POPULATE`: only what needs no reading.
        const NONBLOCK = 0x1_0000;
        /// For a stack: of no effect today.
        const STACK = 0x2_0000;
        /// Of huge pages, of the default size unless `HUGE_…` is given.
        const HUGETLB = 0x4_0000;
        /// With `SHARED_VALIDATE`, on persistent memory: what is written is there
        /// after a crash.
        const SYNC = 0x8_0000;
        /// At exactly this address, unless something is there: then `EEXIST`. A
        /// kernel before 4.17 takes the address as a hint.
        const FIXED_NOREPLACE = 0x10_0000;
        /// Memory that is not cleared, on kernels built for it.
        const UNINITIALIZED = 0x400_0000;
        const _ = !0;
    }

    /// What [`mremap`](crate::sys::mm::mremap) may do.
    ///
    /// # References
    ///
    /// [mremap(2)](https://man7.org/linux/man-pages/man2/mremap.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MREMAP_MAYMOVE")]
    pub struct MremapFlags: u32 {
        /// It may move.
        const MAYMOVE = 0x1;
        /// It moves to exactly the given address, replacing what is there.
        const FIXED = 0x2;
        /// The old range stays mapped, empty (Linux 5.7).
        const DONTUNMAP = 0x4;
        const _ = !0;
    }

    /// How [`mlock2`](crate::sys::mm::mlock2) locks.
    ///
    /// # References
    ///
    /// [mlock(2)](https://man7.org/linux/man-pages/man2/mlock.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MLOCK_ONFAULT")]
    pub struct MlockFlags: u32 {
        /// Pages are locked as they are touched, not read in at once.
        const ONFAULT = 0x1;
        const _ = !0;
    }

    /// What [`mlockall`](crate::sys::mm::mlockall) locks.
    ///
    /// # References
    ///
    /// [mlockall(2)](https://man7.org/linux/man-pages/man2/mlock.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MCL_CURRENT")]
    pub struct MlockallFlags: u32 {
        /// What is mapped now.
        const CURRENT = 0x1;
        /// What will be mapped.
        const FUTURE = 0x2;
        /// Pages as they are touched.
        const ONFAULT = 0x4;
        const _ = !0;
    }

    /// What a protection key forbids.
    ///
    /// # References
    ///
    /// [pkeys(7)](https://man7.org/linux/man-pages/man7/pkeys.7.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "PKEY_DISABLE_ACCESS")]
    pub struct PkeyRights: u32 {
        /// Reading and writing.
        const DISABLE_ACCESS = 0x1;
        /// Writing.
        const DISABLE_WRITE = 0x2;
        const _ = !0;
    }

    /// How [`memfd_create`](crate::sys::mm::memfd_create) makes a file.
    ///
    /// # References
    ///
    /// [memfd_create(2)](https://man7.org/linux/man-pages/man2/memfd_create.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MFD_CLOEXEC")]
    pub struct MemfdFlags: u32 {
        /// Close it when another program is executed.
        const CLOEXEC = 0x1;
        /// It may be sealed.
        const ALLOW_SEALING = 0x2;
        /// Of huge pages, of the default size unless `HUGE_…` is given.
        const HUGETLB = 0x4;
        /// It cannot be executed, and stays so (Linux 6.3). Before that `EINVAL`: it
        /// can, unless `fchmod` takes that away, which does not stay so.
        const NOEXEC_SEAL = 0x8;
        /// It can be executed (Linux 6.3). Before that `EINVAL`: it can anyway.
        const EXEC = 0x10;
        const _ = !0;
    }

    /// What [`msync`](crate::sys::mm::msync) should do.
    ///
    /// # References
    ///
    /// [msync(2)](https://man7.org/linux/man-pages/man2/msync.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MS_SYNC")]
    pub struct MsyncFlags: u32 {
        /// Ask for the update and return at once.
        const ASYNC = 0x1;
        /// Make other mappings of the file see what was written.
        const INVALIDATE = 0x2;
        /// Ask for the update and wait until it is done.
        const SYNC = 0x4;
        const _ = !0;
    }
}

/// The size of huge pages, by its base-2 logarithm, in the six bits that the
/// kernel has for it.
const HUGE_SHIFT: u32 = 26;

/// Writes the constants of each size of huge page that some machine has.
macro_rules! huge_sizes {
    ($($name:ident = $log2:literal, $size:literal;)*) => {
        /// Sizes of huge pages; those that a machine has are in
        /// /sys/kernel/mm/hugepages.
        impl MapFlags {
            /// Of huge pages of 2 to the power of `log2` bytes.
            #[must_use]
            pub const fn huge(log2: u32) -> Self {
                Self::HUGETLB.union(Self::from_bits_retain((log2 & 0x3f) << HUGE_SHIFT))
            }

            $(
                #[doc = concat!("Of huge pages of ", $size, ".")]
                pub const $name: Self = Self::huge($log2);
            )*
        }

        /// Sizes of huge pages, as for [`MapFlags`].
        impl MemfdFlags {
            /// Of huge pages of 2 to the power of `log2` bytes.
            #[must_use]
            pub const fn huge(log2: u32) -> Self {
                Self::HUGETLB.union(Self::from_bits_retain((log2 & 0x3f) << HUGE_SHIFT))
            }

            $(
                #[doc = concat!("Of huge pages of ", $size, ".")]
                pub const $name: Self = Self::huge($log2);
            )*
        }
    };
}

huge_sizes! {
    HUGE_16KB = 14, "16 KiB";
    HUGE_64KB = 16, "64 KiB";
    HUGE_512KB = 19, "512 KiB";
    HUGE_1MB = 20, "1 MiB";
    HUGE_2MB = 21, "2 MiB";
    HUGE_8MB = 23, "8 MiB";
    HUGE_16MB = 24, "16 MiB";
    HUGE_32MB = 25, "32 MiB";
    HUGE_256MB = 28, "256 MiB";
    HUGE_512MB = 29, "512 MiB";
    HUGE_1GB = 30, "1 GiB";
    HUGE_2GB = 31, "2 GiB";
    HUGE_16GB = 34, "16 GiB";
}

crate::arch::only! { x86_64:
    /// What this instruction set alone has.
    impl MapFlags {
        /// Below 2 GiB.
        pub const BITS_32: Self = Self::from_bits_retain(0x40);
        /// Above 4 GiB.
        pub const ABOVE4G: Self = Self::from_bits_retain(0x80);
    }
}

crate::arch::only! { aarch64:
    /// What this instruction set alone has.
    impl Prot {
        /// Indirect branches may only go to landing pads.
        pub const BTI: Self = Self::from_bits_retain(0x10);
        /// Its bytes have allocation tags.
        pub const MTE: Self = Self::from_bits_retain(0x20);
    }
}
