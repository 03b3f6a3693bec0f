//! Maps of as many bytes as one says, for programs of the fewest bytes.

use core::ptr::NonNull;

use super::backing::{Backing, Pages, Release};
use super::file::OfFile;
use super::options::MapOptions;
use crate::errno::{Errno, Result};
use crate::sys::{RawFd, mm};

/// Memory of a file from the start of a page on, in pages of the ordinary size, and
/// a byte at least: what [`MapOptions::exactly`] maps.
///
/// ```
/// use baremap::map::{Exact, Map, Read};
/// use baremap::{File, MapOptions};
/// let file = File::open(c"/proc/self/exe")?;
/// // SAFETY: nobody changes a program while it runs.
/// let map: Map<Read, Exact> = unsafe { MapOptions::new().exactly(4).map(&file) }?;
/// assert_eq!(map[..], *b"\x7fELF");
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Exact;

impl Backing for Exact {}

impl Release for Exact {
    #[inline]
    unsafe fn release(&self, start: NonNull<u8>, length: usize) -> Result<()> {
        // SAFETY: the caller is done with it.
        unsafe { mm::munmap(start.as_ptr(), length) }
    }

    fn split(&self, start: NonNull<u8>) -> Result<Self> {
        Pages.split(start).map(|Pages| Self)
    }
}

impl OfFile for Exact {
    const MAY_BE_EMPTY: bool = false;

    fn at(offset: u64) -> (u64, Self) {
        (offset, Self)
    }

    #[inline]
    fn explain(errno: Errno, _: RawFd) -> Errno {
        errno
    }
}

impl MapOptions {
    /// This many bytes, as [`len`](Self::len) has it, but by the kernel's word alone:
    /// no bytes are `EINVAL`, a directory is whichever error the kernel has for it,
    /// and a file in huge pages is unmapped only if the length is whole ones. What
    /// else it takes to map and unmap is one call each.
    ///
    /// ```
    /// use baremap::{Errno, File, MapOptions};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// let map = unsafe { MapOptions::new().exactly(0).map(&file) };
    /// assert_eq!(map.unwrap_err(), Errno::EINVAL);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[inline]
    pub const fn exactly(self, length: usize) -> MapOptions<Exact> {
        self.len(length).backed()
    }
}
