//! [`MapMut`]: memory to read and write.

use core::fmt;
use core::ops::{Deref, DerefMut};

use super::mapping::{Mapping, Refused};
use crate::errno;
use crate::flags::MsyncFlags;

/// A map to read from and write to: a slice of bytes that is unmapped on drop.
pub struct MapMut(pub(super) Mapping);

static_assertions::assert_impl_all!(MapMut: Send, Sync);
static_assertions::assert_eq_size!(MapMut, Option<MapMut>, [usize; 2]);

impl MapMut {
    /// The address of the first byte.
    #[must_use]
    pub const fn as_ptr(&self) -> *const u8 {
        self.0.start().as_ptr()
    }

    /// The address of the first byte, to write through.
    #[must_use]
    pub const fn as_mut_ptr(&mut self) -> *mut u8 {
        self.0.start().as_ptr()
    }

    /// Has every change written to the file, and waits until it is.
    ///
    /// # Errors
    ///
    /// Those of [`sys::mm::msync`](crate::sys::mm::msync).
    #[doc(alias = "msync")]
    #[doc(alias = "MS_SYNC")]
    pub fn flush(&self) -> errno::Result<()> {
        self.0.sync(MsyncFlags::SYNC)
    }

    /// Unmaps, and reports what dropping it would hide. What was written to a
    /// shared map reaches the file all the same, in the kernel's own time.
    ///
    /// # Errors
    ///
    /// Those of [`sys::mm::munmap`](crate::sys::mm::munmap), with the map.
    #[doc(alias = "munmap")]
    pub fn unmap(self) -> Result<(), Refused<Self>> {
        self.0.unmap().map_err(|(mapping, errno)| Refused { value: Self(mapping), errno })
    }
}

impl Deref for MapMut {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the kernel has mapped these bytes, fewer than `isize::MAX` since
        // no address space is larger, and they stay mapped and readable while
        // `self` lives; whoever made the map promised that nobody else changes them.
        unsafe { core::slice::from_raw_parts(self.as_ptr(), self.0.length()) }
    }
}

impl DerefMut for MapMut {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `deref`; they are writable too, and `&mut self` sees to it
        // that this is the only slice of them.
        unsafe { core::slice::from_raw_parts_mut(self.as_mut_ptr(), self.0.length()) }
    }
}

impl AsRef<[u8]> for MapMut {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsMut<[u8]> for MapMut {
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl fmt::Debug for MapMut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapMut").field("start", &self.as_ptr()).field("len", &self.0.length()).finish()
    }
}
