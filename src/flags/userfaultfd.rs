//! Flags of faults that a program answers itself.

use bitflags::bitflags;

bitflags! {
    /// How [`userfaultfd`](crate::sys::userfaultfd::userfaultfd) opens a descriptor.
    ///
    /// # References
    ///
    /// [userfaultfd(2)](https://man7.org/linux/man-pages/man2/userfaultfd.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFD_USER_MODE_ONLY")]
    pub struct UserfaultfdFlags: u32 {
        /// Of the program's own faults only, not of the kernel's for it (Linux 5.11).
        const USER_MODE_ONLY = 0x1;
        /// Reading does not wait.
        const NONBLOCK = 0o4_000;
        /// Close it when another program is executed.
        const CLOEXEC = 0o2_000_000;
        const _ = !0;
    }

    /// What [`uffdio_api`](crate::sys::userfaultfd::uffdio_api) asks for and offers.
    ///
    /// # References
    ///
    /// [UFFDIO_API(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_API.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFD_FEATURE_EVENT_FORK")]
    #[repr(transparent)]
    pub struct UffdFeatures: u64 {
        /// Faults of write protection (Linux 5.7).
        const PAGEFAULT_FLAG_WP = 0x1;
        /// A message of each fork.
        const EVENT_FORK = 0x2;
        /// A message of each `mremap`.
        const EVENT_REMAP = 0x4;
        /// A message of `DONTNEED` and `REMOVE`.
        const EVENT_REMOVE = 0x8;
        /// Memory of huge pages may be registered.
        const MISSING_HUGETLBFS = 0x10;
        /// Shared memory may be registered.
        const MISSING_SHMEM = 0x20;
        /// A message of each `munmap`.
        const EVENT_UNMAP = 0x40;
        /// `SIGBUS` in place of a message.
        const SIGBUS = 0x80;
        /// Messages say which thread it was.
        const THREAD_ID = 0x100;
        /// Faults on huge pages that the file has already (Linux 5.13).
        const MINOR_HUGETLBFS = 0x200;
        /// Faults on shared pages that the file has already (Linux 5.14).
        const MINOR_SHMEM = 0x400;
        /// Messages have the address to the byte (Linux 5.18).
        const EXACT_ADDRESS = 0x800;
        /// Write protection of huge pages and shared memory (Linux 5.19).
        const WP_HUGETLBFS_SHMEM = 0x1000;
        /// Write protection of pages that are not there yet (Linux 6.4). Before that
        /// `EINVAL`: the advice [`POPULATE_READ`](crate::sys::mm::Advice::POPULATE_READ)
        /// has them there.
        const WP_UNPOPULATED = 0x2000;
        /// `UFFDIO_POISON` (Linux 6.6). Before that `EINVAL`: see
        /// [`uffdio_poison`](crate::sys::userfaultfd::uffdio_poison).
        const POISON = 0x4000;
        /// Write protection that ends by itself at the first store (Linux 6.7). Before
        /// that `EINVAL`: end it when a message tells of the store.
        const WP_ASYNC = 0x8000;
        /// `UFFDIO_MOVE` (Linux 6.8). Before that `EINVAL`: see
        /// [`uffdio_move`](crate::sys::userfaultfd::uffdio_move).
        const MOVE = 0x1_0000;
        const _ = !0;
    }

    /// Which faults [`uffdio_register`](crate::sys::userfaultfd::uffdio_register) is about.
    ///
    /// # References
    ///
    /// [UFFDIO_REGISTER(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_REGISTER.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFDIO_REGISTER_MODE_MISSING")]
    #[repr(transparent)]
    pub struct UffdRegisterMode: u64 {
        /// Pages that are not there.
        const MISSING = 0x1;
        /// Stores to pages that are write-protected (Linux 5.7), on aarch64 too
        /// (Linux 6.10). Before that `EINVAL`: use
        /// [`mprotect`](crate::sys::mm::mprotect), and a handler of `SIGSEGV`.
        const WP = 0x2;
        /// Pages that are not mapped, but in the file already (Linux 5.13).
        const MINOR = 0x4;
        const _ = !0;
    }

    /// How [`uffdio_copy`](crate::sys::userfaultfd::uffdio_copy) puts a page there.
    ///
    /// # References
    ///
    /// [UFFDIO_COPY(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_COPY.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFDIO_COPY_MODE_DONTWAKE")]
    #[repr(transparent)]
    pub struct UffdCopyMode: u64 {
        /// Who waits for it waits on.
        const DONTWAKE = 0x1;
        /// It is write-protected.
        const WP = 0x2;
        const _ = !0;
    }

    /// How [`uffdio_zeropage`](crate::sys::userfaultfd::uffdio_zeropage) puts a page there.
    ///
    /// # References
    ///
    /// [UFFDIO_ZEROPAGE(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_ZEROPAGE.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFDIO_ZEROPAGE_MODE_DONTWAKE")]
    #[repr(transparent)]
    pub struct UffdZeropageMode: u64 {
        /// Who waits for it waits on.
        const DONTWAKE = 0x1;
        const _ = !0;
    }

    /// What [`uffdio_writeprotect`](crate::sys::userfaultfd::uffdio_writeprotect) does.
    ///
    /// # References
    ///
    /// [UFFDIO_WRITEPROTECT(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_WRITEPROTECT.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFDIO_WRITEPROTECT_MODE_WP")]
    #[repr(transparent)]
    pub struct UffdWriteprotectMode: u64 {
        /// Protect; without it, protect no more.
        const WP = 0x1;
        /// Who waits for it waits on.
        const DONTWAKE = 0x2;
        const _ = !0;
    }

    /// How [`uffdio_continue`](crate::sys::userfaultfd::uffdio_continue) maps a page.
    ///
    /// # References
    ///
    /// [UFFDIO_CONTINUE(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_CONTINUE.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFDIO_CONTINUE_MODE_DONTWAKE")]
    #[repr(transparent)]
    pub struct UffdContinueMode: u64 {
        /// Who waits for it waits on.
        const DONTWAKE = 0x1;
        /// It is write-protected (Linux 6.4). Before that it is `EINVAL`: use
        /// `DONTWAKE`, then [`uffdio_writeprotect`](crate::sys::userfaultfd::uffdio_writeprotect),
        /// then [`uffdio_wake`](crate::sys::userfaultfd::uffdio_wake).
        const WP = 0x2;
        const _ = !0;
    }

    /// How [`uffdio_poison`](crate::sys::userfaultfd::uffdio_poison) takes a page away.
    ///
    /// # References
    ///
    /// [UFFDIO_POISON(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_POISON.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFDIO_POISON_MODE_DONTWAKE")]
    #[repr(transparent)]
    pub struct UffdPoisonMode: u64 {
        /// Who waits for it waits on.
        const DONTWAKE = 0x1;
        const _ = !0;
    }

    /// How [`uffdio_move`](crate::sys::userfaultfd::uffdio_move) moves a page.
    ///
    /// # References
    ///
    /// [UFFDIO_MOVE(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_MOVE.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFDIO_MOVE_MODE_DONTWAKE")]
    #[repr(transparent)]
    pub struct UffdMoveMode: u64 {
        /// Who waits for it waits on.
        const DONTWAKE = 0x1;
        /// What is missing where they come from stays missing, and is no error.
        const ALLOW_SRC_HOLES = 0x2;
        const _ = !0;
    }

    /// What kind of fault a [`UffdPagefault`](crate::sys::userfaultfd::UffdPagefault) was.
    ///
    /// # References
    ///
    /// [userfaultfd(2)](https://man7.org/linux/man-pages/man2/userfaultfd.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "UFFD_PAGEFAULT_FLAG_WRITE")]
    #[repr(transparent)]
    pub struct UffdPagefaultFlags: u64 {
        /// A store.
        const WRITE = 0x1;
        /// To a page that is write-protected.
        const WP = 0x2;
        /// Of a page that is in the file already.
        const MINOR = 0x4;
        const _ = !0;
    }
}
