//! Memory that several processes share, typed: atomics that they all see, and
//! bytes beside them that are copied.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use core::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize, Ordering,
};

use crate::arch::guarded;
use crate::errno::{Errno, Result};
use crate::map::{Advice, Map, MapOptions, Raw};
use crate::memfd::{Fixed, is_of_huge_pages};

/// A primitive atomic of which every pattern of bits is a value.
pub trait Atom: Sync + sealed::Atom {
    /// What it holds.
    type Value;

    /// Loads the value, in no order with others.
    fn load_relaxed(&self) -> Self::Value;
}

mod sealed {
    pub trait Atom {}
}

/// A type made of atomics alone, all of one kind, which processes can share.
///
/// # Safety
///
/// It must be made of [`Atom`](Self::Atom)s and nothing else, without padding; every
/// pattern of bits must be a value of it, and dropping it do nothing. `repr(C)` or
/// `repr(transparent)` says where the atomics are.
///
/// ```
/// use std::sync::atomic::AtomicU32;
/// use baremap::shared::Atoms;
///
/// #[repr(C)]
/// struct Counters {
///     seen: AtomicU32,
///     lost: AtomicU32,
/// }
/// // SAFETY: two atomics of one kind, one behind the other.
/// unsafe impl Atoms for Counters {
///     type Atom = AtomicU32;
/// }
/// ```
pub unsafe trait Atoms: Sync + Sized {
    /// The one kind of atomic that it is made of.
    type Atom: Atom;
}

macro_rules! atoms {
    ($($atom:ident of $value:ty,)*) => {
        $(impl sealed::Atom for $atom {}

        impl Atom for $atom {
            type Value = $value;

            fn load_relaxed(&self) -> $value {
                self.load(Ordering::Relaxed)
            }
        }

        // SAFETY: it is the one atomic.
        unsafe impl Atoms for $atom {
            type Atom = Self;
        })*
    };
}

atoms! {
    AtomicU8 of u8,
    AtomicU16 of u16,
    AtomicU32 of u32,
    AtomicU64 of u64,
    AtomicUsize of usize,
    AtomicI8 of i8,
    AtomicI16 of i16,
    AtomicI32 of i32,
    AtomicI64 of i64,
    AtomicIsize of isize,
}

// SAFETY: one behind the other, as the element promises.
unsafe impl<T: Atoms, const N: usize> Atoms for [T; N] {
    type Atom = T::Atom;
}

/// Shared memory: a `T` at its start, to which it derefs, and bytes behind that.
///
/// The memory is there when it is lent, and stays: it is nobody's file, or one that
/// can never get shorter. The atomics are of one kind, so that no two accesses of
/// different widths meet. The bytes behind them are never lent: they are copied, by
/// assembly, which may find those of another process half written. The atomics are
/// there to say when they are whole.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use baremap::shared::Shared;
///
/// let memory = Shared::<AtomicU32>::new(100)?;
/// memory.write_at(0, b"for a child")?;
/// memory.store(11, Ordering::Release);
///
/// let mut text = [0; 11];
/// assert_eq!(memory.load(Ordering::Acquire), 11);
/// memory.read_at(0, &mut text)?;
/// assert_eq!(&text, b"for a child");
/// # Ok::<(), baremap::Errno>(())
/// ```
pub struct Shared<T: Atoms> {
    memory: Memory<T>,
}

/// Shared memory that this process only reads: it is mapped so.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use baremap::memfd::Memfd;
/// use baremap::shared::{Shared, SharedView};
///
/// let file = Memfd::new(c"a counter and more")?;
/// file.set_len(100)?;
/// let file = file.fix_length()?;
/// let memory = Shared::<AtomicU32>::of(&file)?;
/// let view = SharedView::<AtomicU32>::of(&file)?;
/// memory.write_at(0, b"more")?;
/// memory.store(4, Ordering::Release);
///
/// assert_eq!(view.load(0), Some(4));
/// std::sync::atomic::fence(Ordering::Acquire);
/// let mut text = [0; 4];
/// view.read_at(0, &mut text)?;
/// assert_eq!(&text, b"more");
/// # Ok::<(), baremap::Errno>(())
/// ```
pub struct SharedView<T: Atoms> {
    memory: Memory<T>,
}

/// The map, at least as long as a `T`, and aligned for it: it starts at a page.
struct Memory<T> {
    map: Map<Raw>,
    atoms: PhantomData<fn() -> T>,
}

impl<T: Atoms> Memory<T> {
    fn of(map: Map<Raw>) -> Result<Self> {
        const { assert!(align_of::<T>() <= 4096, "no page is aligned so") };
        const { assert!(size_of::<T>() % size_of::<T::Atom>() == 0, "it is not made of its atoms") };
        let fits = size_of::<T>() <= map.len() && !map.is_empty();
        if fits { Ok(Self { map, atoms: PhantomData }) } else { Err(Errno::EINVAL) }
    }

    /// The first byte behind the `T`, if the range is within what is there.
    fn behind(&self, offset: usize, length: usize) -> Result<*mut u8> {
        let start = size_of::<T>().checked_add(offset);
        match start.and_then(|start| start.checked_add(length)) {
            Some(end) if end <= self.map.len() => {
                Ok(self.map.as_mut_ptr().wrapping_add(size_of::<T>()).wrapping_add(offset))
            }
            _ => Err(Errno::EINVAL),
        }
    }

    fn read_at(&self, offset: usize, to: &mut [u8]) -> Result<()> {
        let from = self.behind(offset, to.len())?;
        // SAFETY: the bytes are this map's, and never lent.
        all(unsafe { guarded::copy_from(to.as_mut_ptr(), from, to.len()) })
    }
}

/// What a copy has left undone: nothing, as long as the memory stays.
fn all(left: usize) -> Result<()> {
    if left == 0 { Ok(()) } else { Err(Errno::EFAULT) }
}

impl<T: Atoms> Shared<T> {
    /// Memory that this process's children share: zeros, with so many bytes behind
    /// the `T`.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: there would be no byte at all.
    /// - Those of [`MapOptions::map_shared_anon`].
    pub fn new(bytes: usize) -> Result<Self> {
        let length = size_of::<T>().checked_add(bytes).ok_or(Errno::ENOMEM)?;
        let map = MapOptions::new().len(length).populate().map_shared_anon()?;
        Memory::of(map.into()).map(|memory| Self { memory })
    }

    /// Memory that everybody shares who has the file. What they have written is
    /// found as it is. All of it takes memory from now on: whoever takes files from
    /// others looks at their [length](Fixed::len) first.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use baremap::memfd::{Fixed, Memfd};
    /// use baremap::shared::Shared;
    ///
    /// let file = Memfd::new(c"two counters")?;
    /// file.set_len(16)?;
    /// let file = file.fix_length()?;
    /// let here = Shared::<[AtomicU64; 2]>::of(&file)?;
    /// // As another process would, which was given the descriptor.
    /// let there = Shared::<[AtomicU64; 2]>::of(&Fixed::check(&file)?)?;
    /// there[1].fetch_add(1, Ordering::Relaxed);
    /// assert_eq!(here[1].load(Ordering::Relaxed), 1);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the file is shorter than a `T`, or of huge pages, whose memory
    ///   another process can take away again.
    /// - `EPERM`: it is sealed against writing.
    /// - Those of [`MapOptions::map_raw`].
    pub fn of(file: &Fixed) -> Result<Self> {
        Memory::of(there(file, MapOptions::map_raw, Advice::PopulateWrite)?).map(|memory| Self { memory })
    }

    /// How many bytes are behind the `T`.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.memory.map.len().saturating_sub(size_of::<T>())
    }

    /// Whether there are no bytes behind the `T`.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies bytes from behind the `T`, as they are just then.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the range is not within the memory.
    /// - `EFAULT`: the system has no memory left to swap a page in, and a handler of
    ///   [`guard`](crate::guard) is installed.
    pub fn read_at(&self, offset: usize, to: &mut [u8]) -> Result<()> {
        self.memory.read_at(offset, to)
    }

    /// Copies bytes to behind the `T`.
    ///
    /// # Errors
    ///
    /// As for [`read_at`](Shared::read_at).
    pub fn write_at(&self, offset: usize, from: &[u8]) -> Result<()> {
        let to = self.memory.behind(offset, from.len())?;
        // SAFETY: the bytes are this map's, and never lent.
        all(unsafe { guarded::copy_to(to, from.as_ptr(), from.len()) })
    }
}

impl<T: Atoms> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        let start: *const T = self.memory.map.as_ptr().cast();
        // SAFETY: the memory is there, long enough and aligned; whatever is written
        // into it, by whomever, is a `T`, which is read and written by atomics alone.
        unsafe { &*start }
    }
}

impl<T: Atoms> SharedView<T> {
    /// Memory that others write who have the file.
    ///
    /// # Errors
    ///
    /// As for [`Shared::of`]; the seal is refused only before Linux 6.7, where the
    /// descriptor could write.
    pub fn of(file: &Fixed) -> Result<Self> {
        let map = there(file, MapOptions::map_raw_read_only, Advice::PopulateRead)?;
        Memory::of(map).map(|memory| Self { memory })
    }

    /// Loads one of the atomics that the `T` is made of, by its number; `None` if
    /// there are fewer.
    ///
    /// It is in no order with others; [`fence`](core::sync::atomic::fence) is for
    /// that. Every other operation on an atomic may store, even one that changes
    /// nothing.
    #[must_use]
    pub fn load(&self, index: usize) -> Option<<T::Atom as Atom>::Value> {
        let count = size_of::<T>() / size_of::<T::Atom>();
        if index >= count {
            return None;
        }
        let atom = self.memory.map.as_ptr().cast::<T::Atom>().wrapping_add(index);
        // SAFETY: the memory is there, and the atomic in it; a relaxed load only reads.
        Some(unsafe { &*atom }.load_relaxed())
    }

    /// Copies bytes from behind the `T`, as they are just then.
    ///
    /// # Errors
    ///
    /// As for [`read_at`](Shared::read_at).
    pub fn read_at(&self, offset: usize, to: &mut [u8]) -> Result<()> {
        self.memory.read_at(offset, to)
    }
}

/// The map of a file, whose memory is there from now on.
fn there(
    file: &Fixed,
    map: impl FnOnce(MapOptions, &Fixed) -> Result<Map<Raw>>,
    populate: Advice,
) -> Result<Map<Raw>> {
    if is_of_huge_pages(file.as_owned())? {
        return Err(Errno::EINVAL);
    }
    let map = map(MapOptions::new(), file)?;
    map.advise(populate)?;
    Ok(map)
}

impl<T: Atoms> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.memory.map).finish()
    }
}

impl<T: Atoms> fmt::Debug for SharedView<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedView").field(&self.memory.map).finish()
    }
}
