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
    ///
    /// ```
    /// use baremap::MapOptions;
    /// assert_eq!(MapOptions::new().len(10).map_anon()?.len(), 10);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[inline]
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
    #[inline]
    pub const fn byte_offset(self, offset: u64) -> MapOptions<Window> {
        MapOptions { offset, ..self.backed() }
    }

    /// From this byte of the file on, a multiple of the page size:
    /// [`page::round_down`](crate::page::round_down) makes one.
    ///
    /// ```
    /// use baremap::{File, MapOptions};
    /// let page = baremap::sys::page_size() as u64;
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// let map = unsafe { MapOptions::new().offset(page).map(&file) }?;
    /// assert_eq!(map.len() as u64, file.len()? - page);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[inline]
    pub const fn offset(self, offset: u64) -> Self {
        Self { offset, ..self }
    }
}

impl<B> MapOptions<B> {
    /// This many bytes, instead of all to the end of the file. No bytes of a file
    /// are an empty map. It is not held against the file: a page that lies wholly
    /// past the end is mapped too, and a touch of it is `SIGBUS`.
    ///
    /// ```
    /// use baremap::{File, MapOptions};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// let map = unsafe { MapOptions::new().len(4).map(&file) }?;
    /// assert_eq!(map[..], *b"\x7fELF");
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[inline]
    pub const fn len(self, length: usize) -> Self {
        Self { length: Some(length), ..self }
    }

    /// Copy on write: stores are this process's own and never reach the file.
    ///
    /// ```
    /// use baremap::{File, MapOptions};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// let mut map = unsafe { MapOptions::new().private().map_mut(&file) }?;
    /// map[0] = b'.';
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[doc(alias = "MAP_PRIVATE")]
    #[inline]
    pub const fn private(self) -> Self {
        Self { sharing: MapFlags::PRIVATE, ..self }
    }

    /// Stores reach the file, and everyone who maps it.
    ///
    /// ```
    /// use baremap::{MapOptions, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(1)?;
    /// // SAFETY: nobody else knows the file.
    /// unsafe { MapOptions::new().shared().map_mut(&file) }?[0] = 1;
    /// let mut byte = [0];
    /// file.read_at(&mut byte, 0)?;
    /// assert_eq!(byte, [1]);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[doc(alias = "MAP_SHARED")]
    #[inline]
    pub const fn shared(self) -> Self {
        Self { sharing: MapFlags::SHARED, ..self }
    }

    /// Has the pages there before the map is returned, as far as there is memory:
    /// a file is read in, and no touch waits.
    ///
    /// ```
    /// use baremap::MapOptions;
    /// let map = MapOptions::new().len(10_000).populate().map_anon()?;
    /// assert_eq!(map.len(), 10_000);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[doc(alias = "MAP_POPULATE")]
    #[inline]
    pub const fn populate(self) -> Self {
        self.with(MapFlags::POPULATE)
    }

    /// Sets no swap space aside. A store may find no memory then, which ends the
    /// process.
    ///
    /// ```
    /// use baremap::MapOptions;
    /// let map = MapOptions::new().len(10_000).no_reserve().map_anon()?;
    /// assert_eq!(map.len(), 10_000);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[doc(alias = "MAP_NORESERVE")]
    #[doc(alias = "no_reserve_swap")]
    #[inline]
    pub const fn no_reserve(self) -> Self {
        self.with(MapFlags::NORESERVE)
    }

    /// Locked in memory from the start: `EAGAIN` or `EPERM` if this process may
    /// not. Unlike [`Map::lock`](crate::Map::lock) it does not say when a page
    /// could not be read in.
    ///
    /// ```
    /// use baremap::{Errno, MapOptions};
    /// match MapOptions::new().len(100).locked().map_anon() {
    ///     Ok(map) => assert_eq!(map.len(), 100),
    ///     Err(errno) => assert!(matches!(errno, Errno::EAGAIN | Errno::EPERM)),
    /// }
    /// ```
    #[doc(alias = "MAP_LOCKED")]
    #[inline]
    pub const fn locked(self) -> Self {
        self.with(MapFlags::LOCKED)
    }

    /// For a stack.
    ///
    /// ```
    /// use baremap::MapOptions;
    /// let map = MapOptions::new().len(10_000).stack().map_anon()?;
    /// assert_eq!(map.len(), 10_000);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[doc(alias = "MAP_STACK")]
    #[inline]
    pub const fn stack(self) -> Self {
        self.with(MapFlags::STACK)
    }

    /// At this address if it is free, else anywhere.
    ///
    /// ```
    /// use baremap::MapOptions;
    /// let map = MapOptions::new().len(10).hint(1 << 32).map_anon()?;
    /// assert_eq!(map.len(), 10);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[inline]
    pub const fn hint(self, address: usize) -> Self {
        Self { address, flags: self.flags.difference(MapFlags::FIXED_NOREPLACE), ..self }
    }

    /// At exactly this address, a multiple of the page size and not 0, or `EEXIST`
    /// if something is there: nothing is ever replaced. Kernels before 4.17 say
    /// where the memory would be instead, which is held against it.
    ///
    /// ```
    /// use baremap::{Errno, MapAnon, MapOptions};
    /// let there = MapAnon::new(10)?;
    /// let here = MapOptions::new().len(10).fixed(there.as_ptr().addr());
    /// assert_eq!(here.map_anon().unwrap_err(), Errno::EEXIST);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[doc(alias = "MAP_FIXED_NOREPLACE")]
    #[inline]
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
    #[inline]
    pub const fn aligned(self, alignment: usize) -> Self {
        Self { alignment, ..self }
    }

    /// A name that `/proc/PID/maps` shows for memory of no file, up to 79
    /// printable bytes. Kernels without it ([Linux 5.17, and built
    /// so](crate::sys::prctl_set_vma_anon_name)) and bad names leave the memory
    /// nameless; [`Map::set_name`](crate::Map::set_name) says so.
    ///
    /// ```
    /// use baremap::MapOptions;
    /// let map = MapOptions::new().len(10).name(c"my heap").map_anon()?;
    /// assert_eq!(map.len(), 10);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[doc(alias = "PR_SET_VMA_ANON_NAME")]
    #[inline]
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

    /// The same for memory of another kind.
    #[inline]
    pub(super) const fn backed<C>(self) -> MapOptions<C> {
        let Self { length, offset, sharing, flags, address, alignment, name, .. } = self;
        MapOptions { length, offset, sharing, flags, address, alignment, name, backing: PhantomData }
    }

    #[inline]
    const fn with(self, flags: MapFlags) -> Self {
        Self { flags: self.flags.union(flags), ..self }
    }
}

impl Default for MapOptions {
    fn default() -> Self {
        Self::new()
    }
}
