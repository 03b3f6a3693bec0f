//! Asking `sc`, a crate that shares neither code nor tables with us.

#![allow(dead_code, reason = "each test file uses a part")]

use baremap::sys::{RawFd, fs};
use baremap::{Errno, OwnedFd, PipeFlags, Result};

/// A descriptor that is never open, whatever other tests do meanwhile.
pub const NOT_OPEN: RawFd = -1;

/// Makes a call through `sc`, which takes and gives plain words.
#[allow(unused_macros, reason = "each test file uses a part")]
macro_rules! theirs {
    ($name:ident $(, $argument:expr)*) => {{
        // SAFETY: our twin of the call, which stands beside this one, may be
        // made with these arguments, hence so may this one.
        crate::oracle::answer(unsafe { sc::syscall!($name $(, $argument)*) })
    }};
}
#[allow(unused_imports, reason = "each test file uses a part")]
pub(crate) use theirs;

/// Tells the kernel's errors from its values.
pub fn answer(word: usize) -> Result<usize> {
    let number = (word as isize).checked_neg().and_then(|number| i32::try_from(number).ok());
    number.and_then(Errno::from_raw).map_or(Ok(word), Err)
}

/// Both must have answered this.
#[track_caller]
pub fn same(ours: Result<usize>, theirs: Result<usize>, expected: Result<usize>) {
    assert_eq!(ours, expected, "ours");
    assert_eq!(theirs, expected, "theirs");
}

/// Success without a value, as the kernel says it.
pub fn none(_: ()) -> usize {
    0
}

/// A descriptor or process as the kernel says it.
pub fn number(fd: i32) -> usize {
    fd as usize
}

/// Takes a descriptor that one of the two has made.
pub fn owned(fd: Result<usize>) -> OwnedFd {
    // SAFETY: the call has just made it, for this test alone.
    unsafe { OwnedFd::from_raw_fd(fd.expect("a descriptor") as RawFd) }
}

/// A pipe with nothing in it: its end to read from, its end to write to.
pub fn pipe() -> [OwnedFd; 2] {
    let (reader, writer) = fs::pipe2(PipeFlags::CLOEXEC).expect("a pipe");
    [reader, writer].map(|fd| owned(Ok(number(fd))))
}

/// Compares each flag of a type when compiling, and has a test see that there is none beside them.
#[allow(unused_macros, reason = "each test file uses a part")]
macro_rules! flags {
    ($($type:ident { $($name:ident = $header:ident,)* })*) => {
        $($(const _: () = assert!(
            $type::$name.bits() as u64 == linux_raw_sys::general::$header as u64,
            concat!(stringify!($type), "::", stringify!($name), " is not ", stringify!($header)),
        );)*)*

        #[test]
        fn no_named_flag_was_left_out() {
            use std::collections::BTreeSet;
            $({
                let flags = <$type as bitflags::Flags>::FLAGS.iter().map(|flag| flag.name());
                let existing: BTreeSet<&str> = flags.filter(|name| !name.is_empty()).collect();
                assert_eq!(existing, BTreeSet::from([$(stringify!($name)),*]), "{}", stringify!($type));
            })*
        }
    };
}
#[allow(unused_imports, reason = "each test file uses a part")]
pub(crate) use flags;
