#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

#[cfg(any(feature = "std", test))]
extern crate std;

// Floor 0. The unsafe map of the crate is the list of `allow`s below.
#[allow(unsafe_code)]
#[path = "../arch/mod.rs"]
mod arch;

// Floor 1.
#[allow(unsafe_code)]
mod errno;
pub mod flags;
pub mod page;
mod retry;

// Floor 2.
#[allow(unsafe_code)]
pub mod sys;

// Floor 3.
#[allow(unsafe_code)]
mod command;
#[allow(unsafe_code)]
mod fd;
#[allow(unsafe_code)]
mod file;
mod path;
#[allow(unsafe_code)]
pub mod process;
#[allow(unsafe_code)]
pub mod rt;

// Floor 4.
#[allow(unsafe_code)]
pub mod map;

// Floor 5.
#[allow(unsafe_code)]
pub mod address_space;
#[allow(unsafe_code)]
pub mod guard;
#[allow(unsafe_code)]
pub mod memfd;
#[allow(unsafe_code)]
pub mod shared;

// Floor 6.
#[allow(unsafe_code)]
pub mod ipc;

// Text alone.
#[cfg(doc)]
pub mod soundness;

// The guide's snippets.
#[cfg(doctest)]
mod guide;

pub use command::Command;
pub use errno::{Errno, Result};
pub use fd::{AsFd, BorrowedFd, OwnedFd};
pub use file::{File, OpenOptions, SeekFrom};
pub use flags::{
    AtFlags, CloneFlags, MapFlags, Mode, MountFlags, MsyncFlags, OpenFlags, PipeFlags, Prot, WaitFlags,
};
pub use map::{
    Advice, GrowingMap, HugePage, LockError, Map, MapAnon, MapExec, MapMut, MapOptions, MapRaw, Refused,
    Reservation, UncheckedAdvice,
};
pub use path::{CPathBuf, Lossy, PATH_MAX};
