//! [`MapOptions`]: how a map is to be made.

use core::ffi::CStr;
use core::marker::PhantomData;

use super::backing::{Pages, Window};
use crate::flags::MapFlags;

/// How a map is to be made: shared, of the whole file, unless told otherwise.
///
/// The functions that end in making a map are, of a file, [`map`](Self::map),
/// [`map_mut`](Self::map_mut), [`map_copy`](Self::map_copy),
/// [`map_exec`](Self::map_exec) and [`map_raw`](Self::map_raw); of memory alone,
/// [`map_anon`](Self::map_anon), [`map_shared_anon`](Self::map_shared_anon) and
/// [`map_huge`](Self::map_huge).
///
/// # Examples
///
/// ```
/// use baremap::{File, MapOptions};
/// let file = File::open(c"/proc/self/exe")?;
/// // SAFETY: nobody changes a program while it runs.
/// let map = unsafe { MapOptions::new().private().map(&file) }?;
/// assert_eq!(&map[..4], b"\x7fELF");
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
#[doc(alias = "mmap")]
pub struct MapOptions<B = Pages> {
    pub(super) length: Option<usize>,
    pub(super) offset: u64,
    pub(super) sharing: MapFlags,
    pub(super) flags: MapFlags,
    pub(super) address: usize,
    pub(super) alignment: usize,
    pub(super) name: Option<&'static CStr>,
    backing: PhantomData<B>,
}

impl MapOptions {
    /// Shared, from the start of the file to its end.
    pub const fn new() -> Self {
        Self {
            length: None,
            offset: 0,
            sharing: MapFlags::SHARED,
            flags: MapFlags::empty(),
            address: 0,
            alignment: 0,
            name: None,
            backing: PhantomData,
        }
    }

    /// From this byte of the file on, whichever it is. The map is a
    /// [`Map<_, Window>`](Window) then, which is three words instead of two.
    ///
    /// ```
    /// use baremap::{File, MapOptions};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// let map = unsafe { MapOptions::new().byte_offset(1).len(3).map(&file) }?;
    /// assert_eq!(map[..], *b"ELF");
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub const fn byte_offset(self, offset: u64) -> MapOptions<Window> {
        let Self { length, sharing, flags, address, alignment, name, .. } = self;
        MapOptions { length, offset, sharing, flags, address, alignment, name, backing: PhantomData }
    }

    /// From this byte of the file on, a multiple of the page size:
    /// [`page::round_down`](crate::page::round_down) makes one.
    pub const fn offset(self, offset: u64) -> Self {
        Self { offset, ..self }
    }
}

impl<B> MapOptions<B> {
    /// This many bytes, instead of all to the end of the file. No bytes of a file
    /// are an empty map. It is not held against the file: a page that lies wholly
    /// past the end is mapped too, and a touch of it is `SIGBUS`.
    pub const fn len(self, length: usize) -> Self {
        Self { length: Some(length), ..self }
    }

    /// Copy on write: stores are this process's own and never reach the file.
    #[doc(alias = "MAP_PRIVATE")]
    pub const fn private(self) -> Self {
        Self { sharing: MapFlags::PRIVATE, ..self }
    }

    /// Stores reach the file, and everyone who maps it.
    #[doc(alias = "MAP_SHARED")]
    pub const fn shared(self) -> Self {
        Self { sharing: MapFlags::SHARED, ..self }
    }

    /// Has the pages there before the map is returned, as far as there is memory:
    /// a file is read in, and no touch waits.
    #[doc(alias = "MAP_POPULATE")]
    pub const fn populate(self) -> Self {
        self.with(MapFlags::POPULATE)
    }

    /// Sets no swap space aside. A store may find no memory then, which ends the
    /// process.
    #[doc(alias = "MAP_NORESERVE")]
    #[doc(alias = "no_reserve_swap")]
    pub const fn no_reserve(self) -> Self {
        self.with(MapFlags::NORESERVE)
    }

    /// Locked in memory from the start: `EAGAIN` or `EPERM` if this process may
    /// not. Unlike [`Map::lock`](crate::Map::lock) it does not say when a page
    /// could not be read in.
    #[doc(alias = "MAP_LOCKED")]
    pub const fn locked(self) -> Self {
        self.with(MapFlags::LOCKED)
    }

    /// For a stack.
    #[doc(alias = "MAP_STACK")]
    pub const fn stack(self) -> Self {
        self.with(MapFlags::STACK)
    }

    /// At this address if it is free, else anywhere.
    pub const fn hint(self, address: usize) -> Self {
        Self { address, flags: self.flags.difference(MapFlags::FIXED_NOREPLACE), ..self }
    }

    /// At exactly this address, a multiple of the page size, or `EEXIST` if
    /// something is there: nothing is ever replaced. Kernels before 4.17 say
    /// where the memory would be instead, which is held against it.
    #[doc(alias = "MAP_FIXED_NOREPLACE")]
    pub const fn fixed(self, address: usize) -> Self {
        Self { address, ..self.with(MapFlags::FIXED_NOREPLACE) }
    }

    /// Places the map so that huge pages of this many bytes, a power of two, can
    /// be used for it: where the file has one, the map has it too. It does not
    /// bring them about; [`Advice::HugePage`](crate::Advice::HugePage) asks for
    /// them. With it, [`hint`](Self::hint) and [`fixed`](Self::fixed) do not count.
    ///
    /// ```
    /// use baremap::MapOptions;
    /// let map = MapOptions::new().len(10_000).aligned(1 << 21).map_anon()?;
    /// assert_eq!(map.as_ptr().addr() % (1 << 21), 0);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub const fn aligned(self, alignment: usize) -> Self {
        Self { alignment, ..self }
    }

    /// A name that `/proc/PID/maps` shows for memory of no file, up to 79
    /// printable bytes. Kernels without it ([Linux 5.17, and built
    /// so](crate::sys::prctl_set_vma_anon_name)) and bad names leave the memory
    /// nameless; [`Map::set_name`](crate::Map::set_name) says so.
    #[doc(alias = "PR_SET_VMA_ANON_NAME")]
    pub const fn name(self, name: &'static CStr) -> Self {
        Self { name: Some(name), ..self }
    }

    /// The byte of the file that the map ends before at the latest, as far as it is
    /// known without the file; `None` if no file is as long.
    pub(crate) const fn end(&self) -> Option<u64> {
        match self.length {
            Some(length) => self.offset.checked_add(length as u64),
            None => Some(self.offset),
        }
    }

    const fn with(self, flags: MapFlags) -> Self {
        Self { flags: self.flags.union(flags), ..self }
    }
}

impl Default for MapOptions {
    fn default() -> Self {
        Self::new()
    }
}
