//! [`Map`]: the owner of a mapping, whatever may be done with it.

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};

use super::access::{Access, Exec, Raw, Read, Readable, Writable, Write};
use super::backing::{Anon, Backing, Pages};
use super::refused::Refused;

/// Mapped memory, unmapped on drop.
///
/// The first parameter says what may be done with it, the second what it is. The
/// names to use are [`Map`] (a file, to read), [`MapMut`], [`MapExec`],
/// [`MapRaw`] and [`MapAnon`]; [`MapOptions`](crate::MapOptions) makes them.
///
/// A map that can be read derefs to its bytes, one that can be written to mutable
/// ones. It is two words; those that need to know more have it in the second
/// parameter.
///
/// ```
/// use baremap::{File, Map};
/// let file = File::open(c"/proc/self/exe")?;
/// // SAFETY: nobody changes a program while it runs.
/// let map: Map = unsafe { Map::map(&file) }?;
/// assert_eq!(map[1..4], *b"ELF");
/// # Ok::<(), baremap::Errno>(())
/// ```
pub struct Map<A: Access = Read, B: Backing = Pages> {
    start: NonNull<u8>,
    length: usize,
    backing: B,
    access: PhantomData<A>,
}

/// A file's memory to read and write, or memory shared with children.
///
/// ```
/// use baremap::{MapMut, MapOptions};
/// let mut map: MapMut = MapOptions::new().len(10).map_shared_anon()?;
/// map[9] = 1;
/// # Ok::<(), baremap::Errno>(())
/// ```
pub type MapMut = Map<Write>;

/// A file's memory to read, and to run as code.
///
/// ```
/// use baremap::{File, MapExec, MapOptions};
/// let file = File::open(c"/proc/self/exe")?;
/// // SAFETY: nobody changes a program while it runs.
/// let map: MapExec = unsafe { MapOptions::new().map_exec(&file) }?;
/// assert_eq!(map[1..4], *b"ELF");
/// # Ok::<(), baremap::Errno>(())
/// ```
pub type MapExec = Map<Exec>;

/// A file's memory by its address alone, for whoever keeps their own rules.
///
/// ```
/// use baremap::{MapOptions, MapRaw};
/// let map: MapRaw = MapOptions::new().len(10).map_shared_anon()?.into();
/// assert_eq!(map.len(), 10);
/// # Ok::<(), baremap::Errno>(())
/// ```
pub type MapRaw = Map<Raw>;

/// Private memory of no file, to read and write.
///
/// ```
/// use baremap::MapAnon;
/// let mut map = MapAnon::new(10)?;
/// map[9] = 1;
/// # Ok::<(), baremap::Errno>(())
/// ```
pub type MapAnon = Map<Write, Anon>;

static_assertions::assert_eq_size!(Map, Option<Map>, MapMut, MapExec, Option<MapRaw>, [usize; 2]);
static_assertions::assert_eq_size!(MapAnon, Option<MapAnon>, [usize; 2]);
static_assertions::assert_impl_all!(Map: Send, Sync);
static_assertions::assert_impl_all!(MapMut: Send, Sync);
static_assertions::assert_impl_all!(MapAnon: Send, Sync);
static_assertions::assert_impl_all!(MapRaw: Send, Sync);
static_assertions::assert_not_impl_any!(Map: DerefMut, Clone);
static_assertions::assert_not_impl_any!(MapRaw: Deref);

// SAFETY: the memory belongs to the process, not to a thread.
unsafe impl<A: Access, B: Backing + Send> Send for Map<A, B> {}
// SAFETY: a shared map lends its bytes to be read, its address, and calls that
// the kernel takes from any number of threads.
unsafe impl<A: Access, B: Backing + Sync> Sync for Map<A, B> {}

impl<A: Access, B: Backing> Map<A, B> {
    /// The owner of a mapping.
    ///
    /// # Safety
    ///
    /// The mapping must be nobody else's: `length` bytes from `start` on, and what
    /// `backing` says is before them. It must allow `A`, as long as it is owned
    /// here; where that is reading, nobody else may change the bytes.
    #[inline]
    pub(super) const unsafe fn from_parts(start: NonNull<u8>, length: usize, backing: B) -> Self {
        Self { start, length, backing, access: PhantomData }
    }

    /// Gives up ownership.
    #[inline]
    pub(super) fn into_parts(self) -> (NonNull<u8>, usize, B) {
        let map = ManuallyDrop::new(self);
        // SAFETY: the value it is read from is never used again.
        let backing = unsafe { ptr::read(&raw const map.backing) };
        (map.start, map.length, backing)
    }

    /// The same mapping under another right.
    ///
    /// # Safety
    ///
    /// It must allow `To` now, as for [`from_parts`](Self::from_parts).
    #[inline]
    pub(super) unsafe fn with_access<To: Access>(self) -> Map<To, B> {
        let (start, length, backing) = self.into_parts();
        // SAFETY: it was this map's; the caller vouches for the right.
        unsafe { Map::from_parts(start, length, backing) }
    }

    pub(super) const fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(super) const fn backing(&self) -> &B {
        &self.backing
    }

    /// Has the map be of these bytes from now on.
    ///
    /// # Safety
    ///
    /// As for [`from_parts`](Self::from_parts).
    pub(super) unsafe fn set_extent(&mut self, start: NonNull<u8>, length: usize) {
        self.start = start;
        self.length = length;
    }

    /// How many bytes the map has.
    ///
    /// ```
    /// assert_eq!(baremap::MapAnon::new(10)?.len(), 10);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    #[inline]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether the map has no bytes.
    ///
    /// ```
    /// use baremap::{MapOptions, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// assert!(MapOptions::new().map_raw(&file)?.is_empty());
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The address of the first byte.
    ///
    /// ```
    /// let map = baremap::MapAnon::new(10)?;
    /// assert_eq!(map.as_ptr(), &raw const map[0]);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    #[inline]
    pub const fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// Unmaps, and reports what dropping it would hide. What was written to a
    /// shared map reaches the file all the same, in the kernel's own time.
    ///
    /// ```
    /// use baremap::{Errno, MapAnon};
    /// if let Err(refused) = MapAnon::new(10)?.unmap() {
    ///     // It is still there.
    ///     assert_eq!((refused.errno, refused.value[0]), (Errno::ENOMEM, 0));
    /// }
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::mm::munmap`](crate::sys::mm::munmap), with the map.
    #[doc(alias = "munmap")]
    pub fn unmap(self) -> Result<(), Refused<Self>> {
        let map = ManuallyDrop::new(self);
        // SAFETY: the mapping is this map's, which ends here if it succeeds.
        match unsafe { map.backing.release(map.start, map.length) } {
            Ok(()) => {
                let mut map = map;
                // SAFETY: it is dropped once, and `map` is not used again.
                unsafe { ptr::drop_in_place(&raw mut map.backing) };
                Ok(())
            }
            Err(errno) => Err(Refused { value: ManuallyDrop::into_inner(map), errno }),
        }
    }
}

impl<A: Access> From<Map<A, Anon>> for Map<A, Pages> {
    /// Forgets that nobody else can reach the memory.
    fn from(map: Map<A, Anon>) -> Self {
        let (start, length, Anon) = map.into_parts();
        // SAFETY: it was that map's, and is whole pages.
        unsafe { Self::from_parts(start, length, Pages) }
    }
}

impl<A: Writable, B: Backing> Map<A, B> {
    /// The address of the first byte, to write through.
    ///
    /// ```
    /// let mut map = baremap::MapAnon::new(10)?;
    /// // SAFETY: it is the first byte of the map.
    /// unsafe { map.as_mut_ptr().write(1) };
    /// assert_eq!(map[0], 1);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    #[inline]
    pub const fn as_mut_ptr(&mut self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl<B: Backing> Map<Raw, B> {
    /// The address of the first byte, to write through if the memory allows it.
    ///
    /// ```
    /// use baremap::{MapOptions, MapRaw};
    /// let map: MapRaw = MapOptions::new().len(10).map_shared_anon()?.into();
    /// // SAFETY: nobody else has the address.
    /// unsafe { map.as_mut_ptr().write(1) };
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    #[inline]
    pub const fn as_mut_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl<A: Access, B: Backing> Drop for Map<A, B> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the mapping is this map's, which ends here. An error leaves it
        // mapped, and nobody left to hear of it.
        let _ = unsafe { self.backing.release(self.start, self.length) };
    }
}

impl<A: Readable, B: Backing> Deref for Map<A, B> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: the kernel has mapped these bytes, fewer than `isize::MAX` since
        // no address space is larger, and they stay mapped and readable while
        // `self` lives; whoever made the map promised that nobody else changes them.
        unsafe { core::slice::from_raw_parts(self.as_ptr(), self.length) }
    }
}

impl<A: Writable, B: Backing> DerefMut for Map<A, B> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `deref`; they are writable too, and `&mut self` sees to it
        // that this is the only slice of them.
        unsafe { core::slice::from_raw_parts_mut(self.as_mut_ptr(), self.length) }
    }
}

impl<A: Readable, B: Backing> AsRef<[u8]> for Map<A, B> {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl<A: Writable, B: Backing> AsMut<[u8]> for Map<A, B> {
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl<A: Access, B: Backing> fmt::Debug for Map<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("start", &self.as_ptr()).field("len", &self.length).finish()
    }
}
