//! What the memory of a map is, as types: it decides how the map ends, how it
//! can be split, and what of it is safe.

use core::ptr::NonNull;

use crate::errno::{Errno, Result};
use crate::flags::MremapFlags;
use crate::page::{round_down, round_up};
use crate::sys::{mm, page_size};

/// What the memory of a [`Map`](crate::Map) is: one of the types that stand in
/// its second parameter. Nobody else can add one.
///
/// ```
/// use baremap::map::{Backing, Map, Read};
/// fn first(map: &Map<Read, impl Backing>) -> Option<u8> {
///     map.first().copied()
/// }
/// assert_eq!(first(&baremap::MapAnon::new(1)?.make_read_only()?), Some(0));
/// # Ok::<(), baremap::Errno>(())
/// ```
pub trait Backing: Release {}

/// Private memory of no file, which nobody else can reach.
///
/// ```
/// use baremap::Errno;
/// use baremap::map::{Map, Private, Write};
/// fn zeros(map: &mut Map<Write, impl Private>) -> Result<(), Errno> {
///     map.discard(..)
/// }
/// zeros(&mut baremap::MapAnon::new(1)?)?;
/// # Ok::<(), baremap::Errno>(())
/// ```
pub trait Private: Backing {
    /// How many bytes the smallest part is that the kernel gives and takes.
    #[doc(hidden)]
    fn granule(&self) -> usize;
}

/// What can be moved and made longer.
///
/// ```
/// use baremap::Errno;
/// use baremap::map::{Access, Map, Movable};
/// fn halve(map: &mut Map<impl Access, impl Movable>) -> Result<(), Errno> {
///     map.shrink(map.len() / 2)
/// }
/// halve(&mut baremap::MapAnon::new(2)?)?;
/// # Ok::<(), baremap::Errno>(())
/// ```
pub trait Movable: Backing {
    /// What a map that shall have this many bytes has, if they fit the address
    /// space.
    #[doc(hidden)]
    fn whole(&self, length: usize) -> Option<usize> {
        Some(length)
    }
}

/// What an address and a length say all of.
///
/// ```
/// use baremap::map::{Access, Bare, Map};
/// fn forget(map: Map<impl Access, impl Bare>) -> usize {
///     map.into_raw().len()
/// }
/// assert_eq!(forget(baremap::MapAnon::new(2)?), 2);
/// # Ok::<(), baremap::Errno>(())
/// ```
pub trait Bare: Backing {
    #[doc(hidden)]
    const BARE: Self;
}

/// How a map ends and is divided: the part of [`Backing`] that is not public.
pub trait Release {
    /// How many bytes are mapped before the first one that the map lends.
    fn head(&self) -> usize {
        0
    }

    /// Whether a mapping of this kind and one that starts where it ends are one.
    fn joins(&self, next: &Self) -> bool {
        next.head() == 0
    }

    /// Ends the mapping.
    ///
    /// # Safety
    ///
    /// It must be the caller's, who uses it no more if the call succeeds.
    unsafe fn release(&self, start: NonNull<u8>, length: usize) -> Result<()>;

    /// What the part from `start` on is, which is not the whole, if the mapping
    /// can be divided there. `start` is in it.
    fn split(&self, start: NonNull<u8>) -> Result<Self>
    where
        Self: Sized;
}

/// Private memory of no file. It has a byte at least.
///
/// ```
/// use baremap::MapAnon;
/// use baremap::map::{Anon, Map, Read};
/// let map: Map<Read, Anon> = MapAnon::new(10)?.make_read_only()?;
/// assert_eq!(map.len(), 10);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Anon;

/// Private memory of no file, in huge pages of this many bytes.
///
/// ```no_run
/// use baremap::map::{HugeAnon, Map, Write};
/// use baremap::{HugePage, MapOptions};
/// let map: Map<Write, HugeAnon> = MapOptions::new().len(1).map_huge(HugePage::MB2)?;
/// assert_eq!(map.len(), 2 << 20);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HugeAnon(pub(super) usize);

/// Memory of a file from the start of a page on, or shared with children. It may
/// have no bytes: then nothing is mapped.
///
/// ```
/// use baremap::MapOptions;
/// use baremap::map::{Map, Pages, Write};
/// let map: Map<Write, Pages> = MapOptions::new().len(10).map_shared_anon()?;
/// assert_eq!(map.len(), 10);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Pages;

/// Memory of a file from any byte on: so many bytes after the start of a page.
///
/// ```
/// use baremap::map::{Map, Read, Window};
/// use baremap::{File, MapOptions};
/// let file = File::open(c"/proc/self/exe")?;
/// // SAFETY: nobody changes a program while it runs.
/// let map: Map<Read, Window> = unsafe { MapOptions::new().byte_offset(1).map(&file) }?;
/// assert!(map.starts_with(b"ELF"));
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Window(pub(super) usize);

impl Backing for Anon {}
impl Backing for HugeAnon {}
impl Backing for Pages {}
impl Backing for Window {}

impl Bare for Anon {
    const BARE: Self = Self;
}

impl Bare for Pages {
    const BARE: Self = Self;
}

impl Movable for Anon {}
impl Movable for HugeAnon {
    fn whole(&self, length: usize) -> Option<usize> {
        round_up(length, self.0)
    }
}

impl Movable for Pages {}
impl Movable for Window {}

impl Private for Anon {
    fn granule(&self) -> usize {
        page_size()
    }
}

impl Private for HugeAnon {
    fn granule(&self) -> usize {
        self.0
    }
}

impl Release for Anon {
    #[inline]
    unsafe fn release(&self, start: NonNull<u8>, length: usize) -> Result<()> {
        // SAFETY: the caller is done with it.
        unsafe { mm::munmap(start.as_ptr(), length) }
    }

    fn split(&self, start: NonNull<u8>) -> Result<Self> {
        at_page(start, page_size()).map(|()| *self)
    }
}

impl Release for HugeAnon {
    fn joins(&self, next: &Self) -> bool {
        self.0 == next.0
    }

    unsafe fn release(&self, start: NonNull<u8>, length: usize) -> Result<()> {
        // SAFETY: the caller is done with it.
        unsafe { mm::munmap(start.as_ptr(), length) }
    }

    fn split(&self, start: NonNull<u8>) -> Result<Self> {
        at_page(start, self.0).map(|()| *self)
    }
}

impl Release for Pages {
    #[inline]
    unsafe fn release(&self, start: NonNull<u8>, length: usize) -> Result<()> {
        if length == 0 {
            return Ok(());
        }
        // SAFETY: the caller is done with it.
        match unsafe { mm::munmap(start.as_ptr(), length) } {
            // SAFETY: as above.
            Err(Errno::EINVAL) => unsafe { release_huge(start, length) },
            result => result,
        }
    }

    fn split(&self, start: NonNull<u8>) -> Result<Self> {
        at_page(start, page_size())?;
        divisible(start).map(|()| *self)
    }
}

impl Release for Window {
    fn head(&self) -> usize {
        self.0
    }

    unsafe fn release(&self, start: NonNull<u8>, length: usize) -> Result<()> {
        let first = start.as_ptr().wrapping_sub(self.0);
        // SAFETY: the mapping starts so many bytes before what the map lends.
        let first = unsafe { NonNull::new_unchecked(first) };
        // SAFETY: the caller is done with it. The sum was mapped, so it is a length.
        unsafe { Pages.release(first, length.wrapping_add(self.0)) }
    }

    fn split(&self, start: NonNull<u8>) -> Result<Self> {
        Pages.split(start).map(|Pages| Self(0))
    }
}

/// Whether a page starts there.
pub(super) fn at_page(start: NonNull<u8>, page: usize) -> Result<()> {
    let address = start.addr().get();
    if round_down(address, page) == address { Ok(()) } else { Err(Errno::EINVAL) }
}

/// Whether a mapping can be divided at this page, which a mapping of huge pages
/// can not everywhere. To ask for the length that a part has already changes
/// nothing, but the kernel looks where it starts.
pub(super) fn divisible(start: NonNull<u8>) -> Result<()> {
    let page = page_size();
    // SAFETY: the length stays, so nothing moves and nothing is unmapped.
    unsafe { mm::mremap(start.as_ptr(), page, page, MremapFlags::empty(), core::ptr::null_mut()) }.map(drop)
}

/// Whether the mapping, whose length is whole pages, is one to the kernel and ends
/// where it says. Only such a one moves as a whole or not at all: of several, Linux
/// 6.17 may move the first and then fail; and of a huge page it moves all.
pub(super) fn one_mapping(start: NonNull<u8>, length: usize) -> Result<()> {
    let page = page_size();
    let (first, end) = (start.as_ptr(), start.as_ptr().wrapping_add(length));
    let longer = length.checked_add(page).ok_or(Errno::ENOMEM)?;
    // What crosses from one to the next cannot be made longer, whatever is behind it.
    // SAFETY: it does not move, and replaces nothing.
    match unsafe { mm::mremap(first, length, longer, MremapFlags::empty(), core::ptr::null_mut()) } {
        // SAFETY: the page has just been added.
        Ok(_) => unsafe { mm::munmap(end, page) },
        // There is no room, or it is locked and there is a limit.
        Err(Errno::ENOMEM | Errno::EAGAIN) => Ok(()),
        // Huge pages are never made longer. A single one has no place to be divided.
        Err(Errno::EINVAL) if length.is_power_of_two() => {
            match [length >> 1, length].map(|at| NonNull::new(first.wrapping_add(at)).map(divisible)) {
                [Some(Err(Errno::EINVAL)), behind] if behind != Some(Err(Errno::EINVAL)) => Ok(()),
                _ => Err(Errno::EINVAL),
            }
        }
        Err(errno) => Err(errno),
    }
}

/// Unmaps a file in huge pages, whose last one the length ends inside of: the
/// kernel has mapped all of that page, but takes only whole ones back.
///
/// # Safety
///
/// The mapping must be the caller's, who uses it no more if the call succeeds.
#[cold]
unsafe fn release_huge(start: NonNull<u8>, length: usize) -> Result<()> {
    // Every size of huge page is a power of two, the smallest 64 KiB, and the mapping
    // ends where one does. It may begin within one, with ordinary pages before it. As
    // long as the end tried comes before, it is inside a huge page, and refused.
    let first = start.addr().get();
    let mut huge = 1_usize << 16;
    while huge != 0 {
        let end = first.checked_add(length).and_then(|end| round_up(end, huge));
        let Some(whole) = end.and_then(|end| end.checked_sub(first)) else { break };
        // SAFETY: the caller is done with it; it ends where the mapping does, at
        // the latest, for the kernel divides no huge page.
        match unsafe { mm::munmap(start.as_ptr(), whole) } {
            Err(Errno::EINVAL) => huge <<= 1,
            result => return result,
        }
    }
    Err(Errno::EINVAL)
}
