//! Maps of no file.

use core::ffi::CStr;
use core::hint::unreachable_unchecked;
use core::ops::RangeBounds;
use core::ptr::NonNull;

use super::access::{Access, Write};
use super::backing::{Anon, HugeAnon, Pages, Private};
use super::map::{Map, MapAnon, MapMut};
use super::options::MapOptions;
use crate::errno::{Errno, Result};
use crate::fd::AsFd;
use crate::flags::{MapFlags, Prot};
use crate::page::{PageRange, round_up};
use crate::retry::retry;
use crate::sys::{RawFd, fs, mm, page_size, prctl_set_vma_anon_name};

const NO_FILE: RawFd = -1;
const BOTH: Prot = Prot::READ.union(Prot::WRITE);

/// A size of huge page, as its power of two.
///
/// ```
/// use baremap::HugePage;
/// assert_eq!(HugePage::MB2.bytes(), 2 * 1024 * 1024);
/// assert_eq!(HugePage::of(1 << 16), Some(HugePage::KB64));
/// assert_eq!(HugePage::of(1), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HugePage(u8);

impl HugePage {
    /// 64 KiB, on aarch64 and riscv64.
    pub const KB64: Self = Self(16);
    /// 2 MiB.
    pub const MB2: Self = Self(21);
    /// 32 MiB, on aarch64 with pages of 16 KiB.
    pub const MB32: Self = Self(25);
    /// 512 MiB, on aarch64 with pages of 64 KiB.
    pub const MB512: Self = Self(29);
    /// 1 GiB.
    pub const GB1: Self = Self(30);

    /// Huge pages of so many bytes, a power of two that is not 1. The kernel knows
    /// which sizes there are.
    ///
    /// ```
    /// use baremap::HugePage;
    /// assert_eq!(HugePage::of(3), None);
    /// ```
    #[must_use]
    pub const fn of(bytes: usize) -> Option<Self> {
        // To the kernel, the exponent 0 is whatever size it prefers.
        match bytes.is_power_of_two() && bytes != 1 {
            true => Some(Self(bytes.trailing_zeros() as u8)),
            false => None,
        }
    }

    /// How many bytes one is.
    ///
    /// ```
    /// use baremap::HugePage;
    /// assert_eq!(HugePage::GB1.bytes(), 1 << 30);
    /// ```
    #[must_use]
    pub const fn bytes(self) -> usize {
        // No number of trailing zeros is larger than the number of bits.
        1_usize.wrapping_shl(self.0 as u32)
    }

    const fn flags(self) -> MapFlags {
        MapFlags::HUGETLB.union(MapFlags::from_bits_retain((self.0 as u32) << 26))
    }
}

impl MapOptions {
    /// Maps private memory of no file: zeros, to read and write. The length has to
    /// be given, and whether shared or private does not count.
    ///
    /// ```
    /// use baremap::MapOptions;
    /// let mut map = MapOptions::new().len(100).map_anon()?;
    /// map[99] = 1;
    /// assert_eq!((map.len(), map[0]), (100, 0));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EAGAIN`, `EPERM`: [`locked`](Self::locked), and this process may not
    ///   lock that much.
    /// - `EEXIST`: [`fixed`](Self::fixed), and something is there.
    /// - `EINVAL`: no length or 0, no address to be [`fixed`](Self::fixed) at, or
    ///   the alignment is no power of two.
    /// - `ENOMEM`: no memory, no room in the address space, or too many mappings.
    #[doc(alias = "MAP_ANONYMOUS")]
    #[inline]
    pub fn map_anon(self) -> Result<MapAnon> {
        let length = self.length.unwrap_or(0);
        let start = self.place_anon(length, MapFlags::PRIVATE)?;
        // By the type alone the optimizer does not know it, and would compare once
        // more to see whether the result is a map.
        let Some(start) = NonNull::new(start.as_ptr()) else {
            // SAFETY: no such pointer is null.
            unsafe { unreachable_unchecked() }
        };
        // SAFETY: the kernel has just mapped it, for this map alone; it refuses a
        // length of 0.
        Ok(unsafe { Map::from_parts(start, length, Anon) })
    }

    /// Maps memory of no file that children share: zeros, to read and write.
    /// Whoever forks promises, by that, what the child does with it.
    ///
    /// ```
    /// use baremap::MapOptions;
    /// use baremap::process::{self, Fork};
    /// let mut map = MapOptions::new().len(1).map_shared_anon()?;
    /// // SAFETY: only the child writes, and then it exits.
    /// match unsafe { process::fork() }? {
    ///     Fork::Child => {
    ///         map[0] = 1;
    ///         process::exit(0)
    ///     }
    ///     Fork::Parent(child) => child.wait()?,
    /// };
    /// assert_eq!(map[0], 1);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`map_anon`](Self::map_anon).
    pub fn map_shared_anon(self) -> Result<MapMut> {
        let length = self.length.unwrap_or(0);
        let start = self.place_anon(length, MapFlags::SHARED)?;
        // SAFETY: the kernel has just mapped it, for this map alone.
        Ok(unsafe { Map::from_parts(start, length, Pages) })
    }

    /// Maps private memory in huge pages of the kernel's pool, which an
    /// administrator fills. The length is rounded up to whole huge pages.
    ///
    /// With [`no_reserve`](Self::no_reserve), or in a child, a touch that finds
    /// the pool empty is `SIGBUS`.
    ///
    /// ```no_run
    /// use baremap::{HugePage, MapOptions};
    /// let map = MapOptions::new().len(1).map_huge(HugePage::MB2)?;
    /// assert_eq!(map.len(), HugePage::MB2.bytes());
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`map_anon`](Self::map_anon), and
    ///
    /// - `EINVAL`: the kernel has no huge pages of this size.
    /// - `ENOMEM`: the pool has too few.
    #[doc(alias = "MAP_HUGETLB")]
    pub fn map_huge(self, size: HugePage) -> Result<Map<Write, HugeAnon>> {
        let length = round_up(self.length.unwrap_or(0), size.bytes()).ok_or(Errno::ENOMEM)?;
        // A place for less than a huge page would be refused.
        let least = if self.alignment.is_power_of_two() { size.bytes() } else { 0 };
        let options = self.aligned(self.alignment.max(least));
        let start = options.place_anon(length, MapFlags::PRIVATE | size.flags())?;
        // SAFETY: the kernel has just mapped it, for this map alone.
        Ok(unsafe { Map::from_parts(start, length, HugeAnon(size.bytes())) })
    }

    #[inline]
    fn place_anon(self, length: usize, flags: MapFlags) -> Result<NonNull<u8>> {
        let start = self.place(length, BOTH, flags | MapFlags::ANONYMOUS, NO_FILE, 0)?;
        if let Some(name) = self.name {
            let _ = prctl_set_vma_anon_name(start.as_ptr(), length, Some(name));
        }
        Ok(start)
    }
}

impl MapAnon {
    /// Private memory of no file, so many bytes: see [`MapOptions::map_anon`].
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let map = MapAnon::new(1 << 20)?;
    /// assert_eq!((map.len(), map[0]), (1 << 20, 0));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`MapOptions::map_anon`].
    #[doc(alias = "mmap")]
    #[doc(alias = "map_anon")]
    #[inline]
    pub fn new(length: usize) -> Result<Self> {
        MapOptions::new().len(length).map_anon()
    }

    /// Reads what is left of a file into the map from its first byte on, and
    /// makes the map longer for it if need be. Returns how many bytes it read.
    ///
    /// It is for what cannot be mapped: pipes, sockets, devices, files in /proc.
    ///
    /// ```
    /// use baremap::{File, MapAnon};
    /// let mut text = MapAnon::new(1)?;
    /// let length = text.read_to_end(&File::open(c"/proc/self/status")?)?;
    /// assert!(text[..length].starts_with(b"Name:"));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::read`](fs::read) and of [`remap`](Map::remap). What
    /// was read by then is in the map, but for the byte that told that it would
    /// have to be longer.
    pub fn read_to_end(&mut self, file: &(impl AsFd + ?Sized)) -> Result<usize> {
        let fd = file.as_fd().as_raw_fd();
        let mut length = 0;
        loop {
            if length == self.len() {
                // One byte tells whether there is more, and costs no memory if not.
                let mut byte = [0];
                if retry(|| fs::read(fd, &mut byte))? == 0 {
                    return Ok(length);
                }
                let page = page_size();
                let longer = self.len().checked_mul(2).and_then(|longer| round_up(longer, page));
                self.remap(longer.ok_or(Errno::ENOMEM)?)?;
                if let Some(place) = self.get_mut(length) {
                    [*place] = byte;
                }
                length = length.saturating_add(1);
            }
            let rest = self.get_mut(length..).unwrap_or_default();
            match retry(|| fs::read(fd, rest))? {
                0 => return Ok(length),
                read => length = length.saturating_add(read),
            }
        }
    }
}

impl<B: Private> Map<Write, B> {
    /// Makes the bytes of a range zeros, and gives the whole pages among them
    /// back to the kernel.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let mut map = MapAnon::new(100_000)?;
    /// map.fill(1);
    /// map.discard(50_000..)?;
    /// assert_eq!((map[49_999], map[50_000], map[99_999]), (1, 0, 0));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL`: the range is not within the map, or its pages are locked.
    #[doc(alias = "MADV_DONTNEED")]
    pub fn discard(&mut self, range: impl RangeBounds<usize>) -> Result<()> {
        let base = self.as_ptr().addr();
        let range = (range.start_bound().cloned(), range.end_bound().cloned());
        let pages = PageRange::within(base, self.len(), range, self.backing().granule())?;
        let Some(bytes) = self.get_mut(range) else { return Err(Errno::EINVAL) };
        if pages.is_empty() {
            bytes.fill(0);
            return Ok(());
        }
        let before = pages.start().wrapping_sub(bytes.as_ptr().addr());
        let (before, rest) = bytes.split_at_mut_checked(before).ok_or(Errno::EINVAL)?;
        let (whole, after) = rest.split_at_mut_checked(pages.len()).ok_or(Errno::EINVAL)?;
        // SAFETY: private memory of no file is zeros afterwards, and `whole` is
        // borrowed mutably.
        unsafe { mm::madvise(whole.as_mut_ptr(), whole.len(), mm::Advice::DONTNEED) }?;
        before.fill(0);
        after.fill(0);
        Ok(())
    }
}

impl<A: Access, B: Private> Map<A, B> {
    /// Gives the memory the name that `/proc/PID/maps` shows, or takes it away.
    ///
    /// ```
    /// use baremap::{Errno, MapAnon};
    /// match MapAnon::new(1)?.set_name(Some(c"my heap")) {
    ///     Ok(()) | Err(Errno::EINVAL) => {}
    ///     Err(errno) => return Err(errno),
    /// }
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL`: the name has more than 79 bytes, or one that is not printable, or
    /// one of `[` `]` `\\` `$` `` ` ``; or the kernel has no names, as before Linux
    /// 5.17 or built without them.
    #[doc(alias = "PR_SET_VMA_ANON_NAME")]
    pub fn set_name(&self, name: Option<&CStr>) -> Result<()> {
        prctl_set_vma_anon_name(self.as_ptr(), self.len(), name)
    }
}
