//! Files in memory whose promise the kernel keeps: sealed ones, which never change,
//! and fixed ones, which never get shorter.
//!
//! A seal is for ever, and holds for every process. It is looked for on a
//! descriptor that is owned here from then on, so that nobody can put another
//! file in its place.
//!
//! ```
//! use baremap::memfd::{Memfd, Sealed};
//! let file = Memfd::new(c"numbers")?;
//! file.write_all_at(b"one two three", 0)?;
//! let sealed = file.seal()?;
//! // No `unsafe`: nobody can change it, or cut it short.
//! let map = sealed.map()?;
//! assert_eq!(&map[4..7], b"two");
//!
//! // Whoever is given a descriptor looks before they trust it.
//! let received = Sealed::check(&sealed)?;
//! assert_eq!(received.map()?[..], map[..]);
//! # Ok::<(), baremap::Errno>(())
//! ```

use core::ffi::CStr;
use core::ops::Deref;

use crate::arch::Sysno;
use crate::errno::{Errno, Result};
use crate::fd::{AsFd, OwnedFd};
use crate::file::File;
use crate::flags::{MemfdFlags, Seals};
use crate::map::{Advice, HugePage, Map, MapOptions, OfFile, Read, Refused};
use crate::sys::{RawFd, fs, mm};
use crate::syscall;

/// What makes a file one that never changes.
const UNCHANGING: Seals = Seals::SHRINK.union(Seals::WRITE);

/// A file in memory, by no name that another could open. It goes when nobody has
/// it open or mapped.
#[derive(Debug)]
#[doc(alias = "memfd_create")]
pub struct Memfd(File);

impl Memfd {
    /// Makes an empty file. The name is only shown, in /proc: up to 249 bytes. Where
    /// the kernel has it (Linux 6.3), the file can never be executed.
    ///
    /// # Errors
    ///
    /// Those of [`sys::mm::memfd_create`](mm::memfd_create).
    pub fn new(name: &CStr) -> Result<Self> {
        Self::create(name, MemfdFlags::empty())
    }

    /// As [`new`](Self::new), in huge pages of the kernel's pool. Its length can be
    /// set, to whole huge pages; it cannot be written but by a map.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new); `ENODEV` if the machine has no such huge pages.
    pub fn with_huge_pages(name: &CStr, size: HugePage) -> Result<Self> {
        Self::create(name, MemfdFlags::huge(size.bytes().trailing_zeros()))
    }

    fn create(name: &CStr, flags: MemfdFlags) -> Result<Self> {
        let flags = flags | MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let fd = match mm::memfd_create(name, flags | MemfdFlags::NOEXEC_SEAL) {
            Err(Errno::EINVAL) => mm::memfd_create(name, flags),
            result => result,
        }?;
        // SAFETY: the kernel has just made it for us alone.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        fd.above_standard().map(|fd| Self(fd.into()))
    }

    /// Forbids every change of the file, for ever.
    ///
    /// # Errors
    ///
    /// With the file, which is as it was:
    ///
    /// - `EBUSY`: it is mapped [shared](MapOptions::shared), even if only to be read,
    ///   for such a map could be made writable; or a device is writing to it.
    /// - `EPERM`: it has a seal that forbids more of them.
    #[doc(alias = "F_ADD_SEALS")]
    pub fn seal(self) -> core::result::Result<Sealed, Refused<Self>> {
        match self.add(UNCHANGING | Seals::GROW | Seals::SEAL) {
            Ok(()) => Ok(Sealed(self.0.into())),
            Err(errno) => Err(Refused { value: self, errno }),
        }
    }

    /// Fixes the length of the file, for ever. Its bytes can be changed.
    ///
    /// ```
    /// use baremap::Errno;
    /// use baremap::memfd::{Fixed, Memfd};
    /// let file = Memfd::new(c"for all")?;
    /// file.set_len(100)?;
    /// let fixed = file.fix_length()?;
    /// // Whoever is given a descriptor looks before they trust it.
    /// assert_eq!(Fixed::check(&fixed)?.len()?, 100);
    /// # Ok::<(), Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EPERM`, with the file: it has a seal that forbids more of them.
    pub fn fix_length(self) -> core::result::Result<Fixed, Refused<Self>> {
        match self.add(Seals::SHRINK | Seals::GROW) {
            Ok(()) => Ok(Fixed(self.0.into())),
            Err(errno) => Err(Refused { value: self, errno }),
        }
    }

    fn add(&self, seals: Seals) -> Result<()> {
        fs::fcntl_add_seals(self.0.as_fd().as_raw_fd(), seals)
    }
}

impl Deref for Memfd {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl From<Memfd> for File {
    fn from(file: Memfd) -> Self {
        file.0
    }
}

/// A file in memory that never changes: seen to have the seals that say so. Unless
/// it was made here, it may get longer.
#[derive(Debug)]
pub struct Sealed(OwnedFd);

impl Sealed {
    /// Looks for the seals of a file that somebody else has made; it is open here
    /// once more, then.
    ///
    /// # Errors
    ///
    /// - `EBADF`: opened by [`OpenFlags::PATH`](crate::OpenFlags::PATH).
    /// - `EINVAL`: no file in memory.
    /// - `EMFILE`: too many descriptors.
    /// - `EPERM`: it can still be changed or cut short.
    pub fn check(file: &(impl AsFd + ?Sized)) -> Result<Self> {
        again(file).and_then(|fd| Self::from_owned(fd).map_err(Into::into))
    }

    /// As [`check`](Self::check), of a descriptor that is given away.
    ///
    /// # Errors
    ///
    /// As for [`check`](Self::check), with the descriptor.
    pub fn from_owned(fd: impl Into<OwnedFd>) -> core::result::Result<Self, Refused<OwnedFd>> {
        having(fd.into(), UNCHANGING).map(Self)
    }

    /// The length of the file in bytes.
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::fstat`](fs::fstat).
    pub fn len(&self) -> Result<usize> {
        length(&self.0)
    }

    /// Whether the file has no bytes.
    ///
    /// # Errors
    ///
    /// As for [`len`](Self::len).
    pub fn is_empty(&self) -> Result<bool> {
        self.len().map(|length| length == 0)
    }

    /// Maps the whole file for reading. Whoever takes files from others looks at
    /// [`len`](Self::len) first.
    ///
    /// Where nothing was ever written, a page takes memory when it is first read,
    /// and a program ends for which there is none, as by any of its memory;
    /// [`Advice::PopulateRead`] asks for it beforehand. Huge pages, of which there
    /// are few, are always asked for.
    ///
    /// # Errors
    ///
    /// - `EACCES`: not open for reading.
    /// - `EFAULT`: the pool has too few huge pages.
    /// - Those of [`sys::mm::mmap`](mm::mmap).
    pub fn map(&self) -> Result<Map> {
        self.map_with(MapOptions::new())
    }

    /// As [`map`](Self::map), a part of it, or as the options say. Whether shared
    /// or private does not count.
    ///
    /// ```
    /// use baremap::MapOptions;
    /// use baremap::memfd::Memfd;
    /// let file = Memfd::new(c"numbers")?;
    /// file.write_all_at(b"one two three", 0)?;
    /// let map = file.seal()?.map_with(MapOptions::new().byte_offset(4).len(3))?;
    /// assert_eq!(map[..], *b"two");
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`map`](Self::map), and
    ///
    /// - `EOVERFLOW`: the part passes the end of the file.
    /// - Those of [`MapOptions::map`] that come from the options.
    pub fn map_with<B: OfFile>(&self, options: MapOptions<B>) -> Result<Map<Read, B>> {
        let length = self.len()? as u64;
        if options.end().is_none_or(|end| end > length) {
            return Err(Errno::EOVERFLOW);
        }
        // SAFETY: the seals keep everybody from changing it or cutting it short, and
        // the map does not pass its end.
        let map = |options: MapOptions<B>| unsafe { options.map(&self.0) };
        let map = match map(options) {
            // Before Linux 6.7, and what was mended with it, a shared map of a
            // descriptor that could write is refused, even to be read. Nobody writes,
            // so that a private one is the same; without a reserve, it takes no huge
            // pages for copies.
            Err(Errno::EPERM) => map(options.private().no_reserve()),
            result => result,
        }?;
        if is_of_huge_pages(&self.0)? {
            // A hole would be filled when it is touched, if there is a huge page left.
            map.advise(Advice::PopulateRead)?;
        }
        Ok(map)
    }
}

/// A file in memory that never gets shorter, to be written by all who have it:
/// what [`Shared`](crate::shared::Shared) is made of. Unless it was made here, it
/// may get longer.
#[derive(Debug)]
pub struct Fixed(OwnedFd);

impl Fixed {
    /// Looks for the seals of a file that somebody else has made; it is open here
    /// once more, then.
    ///
    /// # Errors
    ///
    /// As for [`Sealed::check`].
    pub fn check(file: &(impl AsFd + ?Sized)) -> Result<Self> {
        again(file).and_then(|fd| Self::from_owned(fd).map_err(Into::into))
    }

    /// As [`check`](Self::check), of a descriptor that is given away.
    ///
    /// # Errors
    ///
    /// As for [`check`](Self::check), with the descriptor.
    pub fn from_owned(fd: impl Into<OwnedFd>) -> core::result::Result<Self, Refused<OwnedFd>> {
        having(fd.into(), Seals::SHRINK).map(Self)
    }

    /// The length of the file in bytes.
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::fstat`](fs::fstat).
    pub fn len(&self) -> Result<usize> {
        length(&self.0)
    }

    /// Whether the file has no bytes.
    ///
    /// # Errors
    ///
    /// As for [`len`](Self::len).
    pub fn is_empty(&self) -> Result<bool> {
        self.len().map(|length| length == 0)
    }

    pub(crate) const fn as_owned(&self) -> &OwnedFd {
        &self.0
    }
}

macro_rules! descriptors {
    ($($file:ident: $fd:expr,)*) => {
        $(#[cfg(not(feature = "std"))]
        impl AsFd for $file {
            fn as_fd(&self) -> crate::fd::BorrowedFd<'_> {
                self.0.as_fd()
            }
        }

        #[cfg(feature = "std")]
        impl std::os::fd::AsFd for $file {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                std::os::fd::AsFd::as_fd(&self.0)
            }
        }

        impl From<$file> for OwnedFd {
            fn from(file: $file) -> Self {
                $fd(file.0)
            }
        })*
    };
}

descriptors! {
    Memfd: OwnedFd::from,
    Sealed: core::convert::identity,
    Fixed: core::convert::identity,
}

/// A descriptor of one's own. What a type lends as its descriptor may be another
/// the next time.
fn again(file: &(impl AsFd + ?Sized)) -> Result<OwnedFd> {
    let fd = fs::fcntl_dupfd_cloexec(file.as_fd().as_raw_fd(), 3)?;
    // SAFETY: the kernel has just made it for us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn having(fd: OwnedFd, seals: Seals) -> core::result::Result<OwnedFd, Refused<OwnedFd>> {
    match fs::fcntl_get_seals(fd.as_raw_fd()) {
        Ok(found) if found.contains(seals) => Ok(fd),
        Ok(_) => Err(Refused { value: fd, errno: Errno::EPERM }),
        Err(errno) => Err(Refused { value: fd, errno }),
    }
}

fn length(fd: &OwnedFd) -> Result<usize> {
    usize::try_from(fs::fstat(fd.as_raw_fd())?.st_size).map_err(|_| Errno::EOVERFLOW)
}

/// Whether a file is of huge pages, whose holes may have none to be filled with.
pub(crate) fn is_of_huge_pages(fd: &OwnedFd) -> Result<bool> {
    const HUGETLBFS_MAGIC: u64 = 0x9584_58f6;
    let mut statfs = [0_u64; 15];
    let fd: RawFd = fd.as_raw_fd();
    // SAFETY: the kernel fills its `struct statfs`, 15 words on every 64-bit machine.
    unsafe { syscall!(Sysno::fstatfs as usize, fd, statfs.as_mut_ptr()) }?;
    let [kind, ..] = statfs;
    Ok(kind == HUGETLBFS_MAGIC)
}
