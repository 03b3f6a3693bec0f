//! Giving maps up, and taking them back.

use core::ptr::NonNull;

use super::access::{Access, Readable, Writable};
use super::backing::{Backing, Bare};
use super::map::Map;

impl<A: Access, B: Bare> Map<A, B> {
    /// Gives up ownership: the bytes stay mapped until
    /// [`from_raw`](Self::from_raw) takes them back, or for ever.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let bytes = MapAnon::new(10)?.into_raw();
    /// // SAFETY: it was just given up.
    /// let map = unsafe { MapAnon::from_raw(bytes) };
    /// assert_eq!(map.len(), 10);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use = "memory that nobody unmaps leaks"]
    pub fn into_raw(self) -> NonNull<[u8]> {
        let (start, length, _) = self.into_parts();
        NonNull::slice_from_raw_parts(start, length)
    }

    /// Takes ownership of a mapping, such as one that
    /// [`into_raw`](Self::into_raw) has given up.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let mut map = MapAnon::new(10)?;
    /// map[0] = 1;
    /// // SAFETY: it is given up here.
    /// assert_eq!(unsafe { MapAnon::from_raw(map.into_raw()) }[0], 1);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// The bytes must be mapped from the start of a page on, allow what the type
    /// says, and be nobody else's; no bytes are no mapping. Where the type can be
    /// read, the promise of [`MapOptions::map`](crate::MapOptions::map) is made
    /// for them. For a [`MapAnon`](crate::MapAnon), they must be one at least, private and of no
    /// file, and not in huge pages of their own kind.
    #[must_use]
    pub const unsafe fn from_raw(bytes: NonNull<[u8]>) -> Self {
        // SAFETY: the caller gives it away, and vouches for the rest.
        unsafe { Self::from_parts(bytes.cast(), bytes.len(), B::BARE) }
    }
}

impl<A: Readable, B: Backing> Map<A, B> {
    /// The bytes, mapped for ever.
    ///
    /// ```
    /// let bytes: &'static [u8] = baremap::MapAnon::new(10)?.leak();
    /// assert_eq!(bytes, [0; 10]);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub fn leak<'map>(self) -> &'map [u8]
    where
        Self: 'map,
    {
        let (start, length, _) = self.into_parts();
        // SAFETY: as for `deref`, and nobody is left to unmap them.
        unsafe { core::slice::from_raw_parts(start.as_ptr(), length) }
    }
}

impl<A: Writable, B: Backing> Map<A, B> {
    /// The bytes, mapped and writable for ever.
    ///
    /// ```
    /// let bytes: &'static mut [u8] = baremap::MapAnon::new(10)?.leak_mut();
    /// bytes[9] = 1;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub fn leak_mut<'map>(self) -> &'map mut [u8]
    where
        Self: 'map,
    {
        let (start, length, _) = self.into_parts();
        // SAFETY: as for `deref_mut`, and nobody is left to unmap them.
        unsafe { core::slice::from_raw_parts_mut(start.as_ptr(), length) }
    }
}
