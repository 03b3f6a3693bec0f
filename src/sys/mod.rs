//! One function for each system call, named by its man page. Here the raw words
//! stop: flags and results are typed, an error is an [`Errno`](crate::Errno).
//!
//! Nothing is checked before the kernel is asked, and nothing is retried or
//! hidden after: `EINTR` and short counts come through as they are. A function
//! is `unsafe` only where memory safety hangs on its caller.
//!
//! # Newer than Linux 6.1
//!
//! What is in this table came later, and the tests have seen both answers: that of
//! Linux 6.1, and that of a kernel which has it all.
//!
//! | item | since Linux | before that | instead |
//! |---|---|---|---|
//! | [`MemfdFlags::NOEXEC_SEAL`](crate::flags::MemfdFlags::NOEXEC_SEAL) | 6.3 | `EINVAL` | without it, and `fchmod`, which is no seal |
//! | [`MemfdFlags::EXEC`](crate::flags::MemfdFlags::EXEC) | 6.3 | `EINVAL` | without it |
//! | [`Seals::EXEC`](crate::flags::Seals::EXEC) | 6.3 | `EINVAL` | nothing |
//! | [`FileAdvice::NOREUSE`](fs::FileAdvice::NOREUSE) | 6.3 | no effect | nothing |
//! | [`prctl_get_auxv`] | 6.4 | `EINVAL` | reading /proc/self/auxv |
//! | [`UffdFeatures::WP_UNPOPULATED`](crate::flags::UffdFeatures::WP_UNPOPULATED) | 6.4 | `EINVAL` | [`mm::Advice::POPULATE_READ`] first |
//! | [`UffdContinueMode::WP`](crate::flags::UffdContinueMode::WP) | 6.4 | `EINVAL` | `DONTWAKE`, [`userfaultfd::uffdio_writeprotect`], [`userfaultfd::uffdio_wake`] |
//! | [`cachestat`](mm::cachestat) | 6.5 | `ENOSYS` | [`mm::mincore`] of a map |
//! | [`memfd_secret`](mm::memfd_secret), as a rule | 6.5 | `ENOSYS` | [`mm::memfd_create`], which keeps no secret |
//! | [`uffdio_poison`](userfaultfd::uffdio_poison), [`UffdFeatures::POISON`](crate::flags::UffdFeatures::POISON) | 6.6 | `EINVAL` | a page of an empty file mapped there, [`userfaultfd::uffdio_wake`] |
//! | [`UffdFeatures::WP_ASYNC`](crate::flags::UffdFeatures::WP_ASYNC) | 6.7 | `EINVAL` | [`userfaultfd::uffdio_writeprotect`] at each message |
//! | [`pagemap_scan`](pagemap::pagemap_scan) | 6.7 | `ENOTTY` | reading /proc/self/pagemap |
//! | [`uffdio_move`](userfaultfd::uffdio_move), [`UffdFeatures::MOVE`](crate::flags::UffdFeatures::MOVE) | 6.8 | `EINVAL` | [`userfaultfd::uffdio_copy`], [`mm::Advice::DONTNEED`] |
//! | [`StatxMask::MNT_ID_UNIQUE`](crate::flags::StatxMask::MNT_ID_UNIQUE) | 6.8 | not told | `MNT_ID` |
//! | [`Policy::WEIGHTED_INTERLEAVE`](mm::Policy::WEIGHTED_INTERLEAVE) | 6.9 | `EINVAL` | `INTERLEAVE` |
//! | [`PidfdFlags::THREAD`](crate::flags::PidfdFlags::THREAD) | 6.9 | `EINVAL` | [`process::tgkill`], by number |
//! | [`PidfdSignalFlags`](crate::flags::PidfdSignalFlags), any | 6.9 | `EINVAL` | [`process::tgkill`], [`process::kill`], by number |
//! | [`mseal`](mm::mseal) | 6.10 | `ENOSYS` | nothing |
//! | [`UffdRegisterMode::WP`](crate::flags::UffdRegisterMode::WP), on aarch64 | 6.10 | `EINVAL` | [`mm::mprotect`], and a handler of `SIGSEGV` |
//! | [`StatxMask::SUBVOL`](crate::flags::StatxMask::SUBVOL) | 6.10 | not told | nothing |
//! | [`MapFlags::DROPPABLE`](crate::MapFlags::DROPPABLE) | 6.11 | `EINVAL` | [`mm::Advice::FREE`], `WIPEONFORK`, `DONTDUMP` |
//! | [`procmap_query`](procmap::procmap_query) | 6.11 | `ENOTTY` | reading /proc/self/maps |
//! | [`PolicyFlags::NUMA_BALANCING`](crate::flags::PolicyFlags::NUMA_BALANCING), with `PREFERRED_MANY` | 6.11 | `EINVAL` | without it |
//! | [`StatxMask::WRITE_ATOMIC`](crate::flags::StatxMask::WRITE_ATOMIC), [`StatxAttributes::WRITE_ATOMIC`](crate::flags::StatxAttributes::WRITE_ATOMIC) | 6.11 | not told | nothing |
//! | [`Advice::GUARD_INSTALL`](mm::Advice::GUARD_INSTALL), [`Advice::GUARD_REMOVE`](mm::Advice::GUARD_REMOVE) | 6.13 | `EINVAL` | [`mm::mprotect`] with `NONE`, and back |
//! | [`process_madvise`](mm::process_madvise), of oneself by any advice | 6.13 | `EINVAL` | [`mm::madvise`] |
//! | [`StatxMask::DIO_READ_ALIGN`](crate::flags::StatxMask::DIO_READ_ALIGN) | 6.14 | not told | `DIOALIGN` |
//! | [`Advice::GUARD_INSTALL`](mm::Advice::GUARD_INSTALL), of a file or shared memory | 6.15 | `EINVAL` | [`mm::mprotect`] with `NONE` |
//! | [`PageCategories::GUARD`](crate::flags::PageCategories::GUARD) | 6.15 | `EINVAL` | nothing |
//! | [`futex_waitv`](futex::futex_waitv), with `FUTEX2_NUMA` | 6.16 | `EINVAL` | without it |
//! | [`mremap`](mm::mremap) of several mappings | 6.17 | `EFAULT` | each by itself |
//! | [`FallocateFlags::WRITE_ZEROES`](crate::flags::FallocateFlags::WRITE_ZEROES) | 6.17 | `EOPNOTSUPP` | `ZERO_RANGE`, or writing zeros |

pub(crate) mod auxv;
mod directory;
pub mod fs;
pub mod futex;
pub mod mm;
pub mod net;
mod page_size;
pub mod pagemap;
mod prctl;
pub mod process;
pub mod procmap;
mod random;
pub mod raw;
mod request;
pub mod signal;
pub(crate) mod start;
pub mod system;
pub mod time;
pub mod userfaultfd;

pub use page_size::page_size;
pub use prctl::{prctl_get_auxv, prctl_set_vma_anon_name};
pub use random::getrandom;

use core::ffi::CStr;
use core::ptr::{null_mut, without_provenance_mut};

use crate::arch::Word;

/// A file descriptor as the kernel counts them.
pub type RawFd = i32;

/// A range of memory: `struct iovec` of the man pages.
///
/// # References
///
/// [iovec(3type)](https://man7.org/linux/man-pages/man3/iovec.3type.html)
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct IoVec {
    /// Its first byte.
    pub base: *mut u8,
    /// Its length in bytes.
    pub len: usize,
}

/// What can be put into the register of a system call's argument.
trait Argument {
    fn word(self) -> Word;
}

impl Argument for usize {
    #[inline(always)]
    fn word(self) -> Word {
        without_provenance_mut(self)
    }
}

/// Each of these types becomes a word as a C `int` or `long` does: with its
/// sign, which is how riscv64 has them in registers anyway.
macro_rules! integer_arguments {
    ($($integer:ty as $signed:ty,)*) => {
        $(impl Argument for $integer {
            #[inline(always)]
            fn word(self) -> Word {
                without_provenance_mut(self as $signed as usize)
            }
        })*
    };
}

integer_arguments! { i32 as i32, u32 as i32, i64 as i64, u64 as i64, }

impl<T> Argument for *mut T {
    #[inline(always)]
    fn word(self) -> Word {
        self.cast()
    }
}

impl<T> Argument for *const T {
    #[inline(always)]
    fn word(self) -> Word {
        self.cast_mut().cast()
    }
}

/// Where a pointer may be null: no pointer is.
impl<T> Argument for Option<&T> {
    #[inline(always)]
    fn word(self) -> Word {
        self.map_or(null_mut(), |place| core::ptr::from_ref(place).word())
    }
}

impl<T> Argument for Option<&mut T> {
    #[inline(always)]
    fn word(self) -> Word {
        self.map_or(null_mut(), |place| core::ptr::from_mut(place).word())
    }
}

impl Argument for &CStr {
    #[inline(always)]
    fn word(self) -> Word {
        self.as_ptr().word()
    }
}
