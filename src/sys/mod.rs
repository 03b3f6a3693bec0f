//! One function for each system call, named by its man page. Here the raw words
//! stop: flags and results are typed, an error is an [`Errno`](crate::Errno).
//!
//! Nothing is checked before the kernel is asked, and nothing is retried or
//! hidden after: `EINTR` and short counts come through as they are. A function
//! is `unsafe` only where memory safety hangs on its caller.

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
