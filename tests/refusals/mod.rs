//! Tables of refusals, and how a row is checked.

use std::ffi::CString;

use baremap::{Errno, Result};
use bitflags::Flags;

use crate::hosted::wrong_under_emulation;
use crate::memory::since;
use crate::oracle::answer;

/// `our call => NUMBER(words) => ERRNO;`
macro_rules! refusals {
    ($($ours:expr => $name:ident($($word:expr),*) => $errno:ident;)*) => {$(
        #[allow(unused_unsafe, reason = "most of the calls are safe")]
        // SAFETY: the kernel refuses it, which is what the row is about.
        let ours = unsafe { $ours };
        let row = (stringify!($ours), $crate::refusals::nr::$name, &[$($word as usize),*][..]);
        $crate::refusals::refused(row, ours.map(drop), baremap::Errno::$errno);
    )*};
}

/// `NUMBER(words) => ERRNO;`
macro_rules! raw_refusals {
    ($($name:ident($($word:expr),*) => $errno:ident;)*) => {$(
        // SAFETY: the kernel refuses it, which is what the row is about.
        let ours = unsafe { baremap::syscall!($crate::refusals::nr::$name $(, $word as usize)*) };
        let what = stringify!($name($($word),*));
        let row = (what, $crate::refusals::nr::$name, &[$($word as usize),*][..]);
        $crate::refusals::refused(row, ours.map(drop), baremap::Errno::$errno);
    )*};
}

mod bytes;
mod descriptors;
mod machine;
mod memory;
mod names;
mod processes;
mod remote;
mod requests;
mod signals;
mod sockets;
mod waiting;

/// The calls' numbers: those of `sc`, and what it lacks.
pub mod nr {
    use linux_raw_sys::general as headers;
    pub use sc::nr::*;

    pub const CACHESTAT: usize = headers::__NR_cachestat as usize;
    pub const FUTEX_WAITV: usize = headers::__NR_futex_waitv as usize;
    pub const MEMFD_SECRET: usize = headers::__NR_memfd_secret as usize;
    pub const MSEAL: usize = headers::__NR_mseal as usize;
}

/// Calls that a kernel may be without: until this version, or by how it was built.
const OPTIONAL: &[(usize, Option<(u32, u32)>)] = &[
    (nr::CACHESTAT, Some((6, 5))),
    (nr::MSEAL, Some((6, 10))),
    (nr::MBIND, None),
    (nr::MEMFD_SECRET, None),
    (nr::PKEY_ALLOC, None),
    (nr::PKEY_FREE, None),
    (nr::PKEY_MPROTECT, None),
    (nr::USERFAULTFD, None),
];

/// No address of this process: there is nothing so low. It is aligned.
pub const BAD: usize = 0x40;
/// A descriptor that is never open: there are never so many.
pub const CLOSED: i32 = i32::MAX;
/// A process that there never is.
pub const NOBODY: i32 = i32::MAX;
/// More than there is of anything.
pub const HUGE: usize = usize::MAX;

/// Flags that no kernel knows.
pub fn unknown<F: Flags>(bits: F::Bits) -> F {
    F::from_bits_retain(bits)
}

/// A path longer than any may be.
pub fn long_path() -> CString {
    CString::new("x/".repeat(3_000)).expect("no NUL")
}

/// Has `sc` make the call too: both must be refused for this reason.
pub fn refused((what, number, words): (&str, usize, &[usize]), ours: Result<()>, errno: Errno) {
    let expected = if missing(number) { Errno::ENOSYS } else { errno };
    assert_eq!(theirs(number, words).map(drop), ours, "{what}");
    if ours != Err(expected) && wrong_under_emulation(what) {
        return;
    }
    assert_eq!(ours, Err(expected), "{what}");
}

fn theirs(number: usize, words: &[usize]) -> Result<usize> {
    let mut all = [0; 6];
    all[..words.len()].copy_from_slice(words);
    let [a, b, c, d, e, f] = all;
    // SAFETY: our twin of the call was refused, hence so is this one.
    answer(unsafe { sc::platform::syscall6(number, a, b, c, d, e, f) })
}

/// Whether this kernel has no such call, as those that lack it rightly say.
fn missing(number: usize) -> bool {
    let Some((_, from)) = OPTIONAL.iter().find(|(optional, _)| *optional == number) else { return false };
    // Nothing that all bits are set of is there.
    let late = from.is_some_and(|(major, minor)| since(major, minor));
    !late && theirs(number, &[HUGE; 6]) == Err(Errno::ENOSYS)
}
