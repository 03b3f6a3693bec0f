//! Every call of `src/sys`, beside what strace must see of it: the name, and all
//! arguments. None of the calls does anything; most are refused, for they are
//! given what is not there.
//!
//! `…` stands for an address of this process, which nobody can know beforehand.
//! What is passed in memory strace shows as it is. Numbers differ from argument
//! to argument, so that two that changed places are seen.

pub mod fcntl;
pub mod fs;
pub mod futex;
pub mod machine;
pub mod mm;
pub mod net;
pub mod process;
pub mod requests;
pub mod signal;

use std::ptr::without_provenance_mut;

/// A call, and what strace must see of it.
pub type Call = (fn(), &'static str);

pub const ALL: &[&[Call]] = &[
    fs::CALLS,
    fcntl::CALLS,
    mm::CALLS,
    mm::OF_PROCESSES,
    net::CALLS,
    futex::CALLS,
    signal::CALLS,
    requests::CALLS,
    machine::CALLS,
    // The last of these ends the process.
    process::CALLS,
];

/// What strace 6.1 has no name for, by number: it shows six words, of which those
/// after the call's own arguments are what happened to be in the registers.
pub const UNNAMED: &[(&str, u32)] =
    &[("cachestat", linux_raw_sys::general::__NR_cachestat), ("mseal", linux_raw_sys::general::__NR_mseal)];

/// No descriptor: every call that takes it is refused, so nothing happens.
pub const NONE: i32 = -77;
/// No process.
pub const NOBODY: i32 = i32::MAX;
/// No address that a mapping can start at.
pub const ODD: *mut u8 = without_provenance_mut(0x1234_5678_9001);
/// Another.
pub const ODDER: *mut u8 = without_provenance_mut(0x1234_5688_9001);
