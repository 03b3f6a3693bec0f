//! [`Map`]: memory to read.

use core::fmt;
use core::ops::Deref;

use super::mapping::{Mapping, Refused};

/// A map to read from: a slice of bytes that is unmapped on drop.
pub struct Map(pub(super) Mapping);

static_assertions::assert_impl_all!(Map: Send, Sync);
static_assertions::assert_eq_size!(Map, Option<Map>, [usize; 2]);

impl Map {
    /// The address of the first byte.
    #[must_use]
    pub const fn as_ptr(&self) -> *const u8 {
        self.0.start().as_ptr()
    }

    /// Unmaps, and reports what dropping it would hide.
    ///
    /// # Errors
    ///
    /// Those of [`sys::mm::munmap`](crate::sys::mm::munmap), with the map.
    #[doc(alias = "munmap")]
    pub fn unmap(self) -> Result<(), Refused<Self>> {
        self.0.unmap().map_err(|(mapping, errno)| Refused { value: Self(mapping), errno })
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the kernel has mapped these bytes, fewer than `isize::MAX` since
        // no address space is larger, and they stay mapped and readable while
        // `self` lives; whoever made the map promised that nobody changes them.
        unsafe { core::slice::from_raw_parts(self.as_ptr(), self.0.length()) }
    }
}

impl AsRef<[u8]> for Map {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("start", &self.as_ptr()).field("len", &self.0.length()).finish()
    }
}
