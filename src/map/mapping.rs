//! What every map owns: a range of whole pages, ended by `munmap`.

use core::fmt;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use crate::errno::{Errno, Result};
use crate::flags::{MapFlags, MsyncFlags, Prot};
use crate::sys::{RawFd, mm};

/// A mapping of `length` bytes from `start` on; none at all if `length` is 0.
pub(super) struct Mapping {
    start: NonNull<u8>,
    length: usize,
}

static_assertions::assert_eq_size!(Mapping, Option<Mapping>, [usize; 2]);

// SAFETY: the memory belongs to the process, not to a thread.
unsafe impl Send for Mapping {}
// SAFETY: a `&Mapping` gives its address and length, and `sync`, which the kernel
// has any number of threads ask for.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// No mapping, which has no bytes and needs no call.
    pub(super) const EMPTY: Self = Self { start: NonNull::dangling(), length: 0 };

    /// Maps `length` bytes, not 0, of the file `fd` where the kernel likes.
    ///
    /// # Safety
    ///
    /// `flags` must be without [`MapFlags::FIXED`], and `prot` let the memory be
    /// used as the map's owner lends it.
    pub(super) unsafe fn new(
        length: usize,
        prot: Prot,
        flags: MapFlags,
        fd: RawFd,
        offset: u64,
    ) -> Result<Self> {
        // SAFETY: without FIXED, a new mapping replaces nothing.
        let start = unsafe { mm::mmap(core::ptr::null_mut(), length, prot, flags, fd, offset) }?;
        // SAFETY: the kernel maps nothing at address 0 that it was not told to.
        Ok(Self { start: unsafe { NonNull::new_unchecked(start) }, length })
    }

    pub(super) const fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(super) const fn length(&self) -> usize {
        self.length
    }

    pub(super) fn sync(&self, flags: MsyncFlags) -> Result<()> {
        match self.length {
            0 => Ok(()),
            length => mm::msync(self.start.as_ptr(), length, flags),
        }
    }

    /// Unmaps, or gives the mapping back with the reason why not.
    pub(super) fn unmap(self) -> core::result::Result<(), (Self, Errno)> {
        let mapping = ManuallyDrop::new(self);
        mapping.release().map_err(|errno| (ManuallyDrop::into_inner(mapping), errno))
    }

    fn release(&self) -> Result<()> {
        match self.length {
            0 => Ok(()),
            // SAFETY: the range is ours, and whoever borrowed it has ended.
            length => unsafe { mm::munmap(self.start.as_ptr(), length) },
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // An error leaves the pages mapped, and nobody left to hear of it.
        let _ = self.release();
    }
}

/// An operation that the kernel refused, with the value it would have consumed.
#[derive(Debug)]
pub struct Refused<T> {
    /// What was to be consumed, whole as it was.
    pub value: T,
    /// Why it was not.
    pub errno: Errno,
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.errno.fmt(f)
    }
}

impl<T: fmt::Debug> core::error::Error for Refused<T> {}

#[cfg(feature = "std")]
impl<T> From<Refused<T>> for std::io::Error {
    fn from(refused: Refused<T>) -> Self {
        refused.errno.into()
    }
}

impl<T> From<Refused<T>> for Errno {
    fn from(refused: Refused<T>) -> Self {
        refused.errno
    }
}
