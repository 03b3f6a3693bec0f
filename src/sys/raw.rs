//! The way out: a system call that has no function here.
//!
//! The call's number is a plain `usize`, not a type of the crate that has the
//! names: a caller needs this most for a call so new that no table knows it yet.
//! Every table's constants can be given: `libc::SYS_mseal as usize`,
//! `linux_raw_sys::general::__NR_mseal as usize`, `syscalls::Sysno::read as usize`.

use core::ptr::without_provenance_mut;

use crate::arch::{self, Word};
use crate::errno::{self, Result};

/// What can be an argument of [`syscall!`](crate::syscall): integers, with their
/// sign if they have one, and pointers, with their provenance.
pub trait RawArgument: sealed::Sealed {
    /// The word that it is in a register.
    fn raw(self) -> *mut ();
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! integers {
    ($($integer:ty)*) => {
        $(
            impl sealed::Sealed for $integer {}
            impl RawArgument for $integer {
                #[inline(always)]
                fn raw(self) -> *mut () {
                    without_provenance_mut(self as usize)
                }
            }
        )*
    };
}

integers! { i8 u8 i16 u16 i32 u32 i64 u64 isize usize }

impl<T> sealed::Sealed for *mut T {}
impl<T> RawArgument for *mut T {
    #[inline(always)]
    fn raw(self) -> *mut () {
        self.cast()
    }
}

impl<T> sealed::Sealed for *const T {}
impl<T> RawArgument for *const T {
    #[inline(always)]
    fn raw(self) -> *mut () {
        self.cast_mut().cast()
    }
}

/// What [`syscall!`](crate::syscall) calls: any system call, by its number and
/// up to six words. More do not compile.
///
/// # Safety
///
/// Those arguments must be such that the call breaks no promise of the program:
/// memory it writes must be the caller's to write, memory it unmaps must be in
/// nobody's use, and so on for each call. A call that returns twice on one
/// stack, such as `vfork`, or never to here, such as `rt_sigreturn`, must not
/// be made.
///
/// # Errors
///
/// Those of the call, and `ENOSYS` if the kernel has none of this number.
///
/// # References
///
/// [syscall(2)](https://man7.org/linux/man-pages/man2/syscall.2.html)
#[inline(always)]
pub unsafe fn syscall<const N: usize>(number: usize, arguments: [Word; N]) -> Result<usize> {
    const { assert!(N <= 6, "a system call takes up to six arguments") };
    let word = match *arguments.as_slice() {
        // SAFETY: the caller answers for what the call does; so in each arm.
        [] => unsafe { arch::syscall0(number) },
        // SAFETY: see the first.
        [a] => unsafe { arch::syscall1(number, a) },
        // SAFETY: see the first.
        [a, b] => unsafe { arch::syscall2(number, a, b) },
        // SAFETY: see the first.
        [a, b, c] => unsafe { arch::syscall3(number, a, b, c) },
        // SAFETY: see the first.
        [a, b, c, d] => unsafe { arch::syscall4(number, a, b, c, d) },
        // SAFETY: see the first.
        [a, b, c, d, e] => unsafe { arch::syscall5(number, a, b, c, d, e) },
        // SAFETY: see the first.
        [a, b, c, d, e, f, ..] => unsafe { arch::syscall6(number, a, b, c, d, e, f) },
    };
    errno::value(word)
}

/// Makes a system call that has no function here: its number as the kernel
/// counts, then up to six arguments, integers or raw pointers. It is
/// [`sys::raw::syscall`](crate::sys::raw::syscall), whose `# Safety` holds, hence
/// `unsafe`; the result is a `Result<usize, Errno>`.
///
/// # Examples
///
/// ```
/// use baremap::{Errno, syscall};
///
/// # #[cfg(target_arch = "x86_64")] const GETPID: usize = 39;
/// # #[cfg(not(target_arch = "x86_64"))] const GETPID: usize = 172;
/// // SAFETY: it touches no memory.
/// let pid = unsafe { syscall!(GETPID) };
/// assert_eq!(pid, Ok(std::process::id() as usize));
/// // SAFETY: there is no such call.
/// assert_eq!(unsafe { syscall!(100_000, 1_u32, c"text".as_ptr()) }, Err(Errno::ENOSYS));
/// ```
///
/// ```compile_fail
/// let _ = unsafe { baremap::syscall!(100_000, 1, 2, 3, 4, 5, 6, 7) };
/// ```
#[macro_export]
macro_rules! syscall {
    ($number:expr $(, $argument:expr)* $(,)?) => {
        $crate::sys::raw::syscall($number, [$($crate::sys::raw::RawArgument::raw($argument)),*])
    };
}
