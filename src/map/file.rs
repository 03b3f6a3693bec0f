//! Maps of files.

use core::ptr::NonNull;

use super::access::{Access, Exec, Raw, Read, Write};
use super::backing::{Backing, Pages, Window};
use super::length::{better, rest_of_file};
use super::map::{Map, MapMut, MapRaw};
use super::options::MapOptions;
use crate::errno::{Errno, Result};
use crate::fd::AsFd;
use crate::flags::{MapFlags, Prot};
use crate::sys::{RawFd, page_size};

/// A part of a file: the kind of [`MapOptions`] that maps one.
///
/// ```
/// use baremap::map::{Map, OfFile, Read};
/// use baremap::{Errno, File, MapOptions};
/// unsafe fn few<B: OfFile>(options: MapOptions<B>, file: &File) -> Result<Map<Read, B>, Errno> {
///     // SAFETY: the caller vouches for the file.
///     unsafe { options.len(3).map(file) }
/// }
/// let file = File::open(c"/proc/self/exe")?;
/// // SAFETY: nobody changes a program while it runs.
/// assert_eq!(unsafe { few(MapOptions::new().byte_offset(1), &file) }?[..], *b"ELF");
/// # Ok::<(), baremap::Errno>(())
/// ```
pub trait OfFile: Backing + Copy {
    /// The byte of the file that the mapping starts at, to have the map start at
    /// `offset`.
    #[doc(hidden)]
    fn at(offset: u64) -> (u64, Self)
    where
        Self: Sized;

    /// Whether no bytes are a map, too.
    #[doc(hidden)]
    const MAY_BE_EMPTY: bool = true;

    /// What to say where the kernel said this of a file.
    #[doc(hidden)]
    fn explain(errno: Errno, fd: RawFd) -> Errno {
        better(errno, fd)
    }
}

impl OfFile for Pages {
    fn at(offset: u64) -> (u64, Self) {
        (offset, Self)
    }
}

impl OfFile for Window {
    fn at(offset: u64) -> (u64, Self) {
        let head = offset & (page_size() as u64).wrapping_sub(1);
        (offset.wrapping_sub(head), Self(head as usize))
    }
}

impl<B: OfFile> MapOptions<B> {
    /// Maps a file for reading.
    ///
    /// ```
    /// use baremap::{File, MapOptions};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// let map = unsafe { MapOptions::new().len(4).map(&file) }?;
    /// assert_eq!(map[..], *b"\x7fELF");
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As long as the map lives, nobody may change the mapped bytes of the file
    /// or cut it short, in this process or another: the map lends them as
    /// `&[u8]`, and a page that is gone is `SIGBUS`. With [`len`](Self::len), no
    /// page of the map may lie past the end of the file.
    ///
    /// # Errors
    ///
    /// - `EACCES`: not open for reading.
    /// - `EEXIST`: [`fixed`](Self::fixed), and something is there.
    /// - `EINVAL`: the offset is no multiple of the page size, nothing can be
    ///   [`fixed`](Self::fixed) at the address, or the alignment is no power of two.
    /// - `EISDIR`: a directory.
    /// - `ENODATA`: the length of the file says 0, but it has content, as
    ///   files in /proc do. Such a file can be read, not mapped:
    ///   [`read_to_end`](crate::MapAnon::read_to_end) does it.
    /// - `EOVERFLOW`: the file is larger than the address space, or ends before
    ///   the offset.
    /// - `ENODEV`: neither a file nor a directory, and no length is given; or
    ///   what cannot be mapped, such as a pipe.
    /// - Those of [`sys::mm::mmap`](crate::sys::mm::mmap).
    pub unsafe fn map(self, file: &(impl AsFd + ?Sized)) -> Result<Map<Read, B>> {
        // SAFETY: it is mapped to be read; the caller vouches for the file.
        unsafe { self.of_file(file.as_fd().as_raw_fd(), Prot::READ, self.sharing) }
    }

    /// Maps a file for reading and writing.
    ///
    /// ```
    /// use baremap::{MapOptions, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(100)?;
    /// // SAFETY: nobody else knows the file.
    /// let mut map = unsafe { MapOptions::new().map_mut(&file) }?;
    /// map[99] = 1;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`map`](Self::map), but for changes through this map itself.
    ///
    /// # Errors
    ///
    /// As for [`map`](Self::map), and `EACCES` for a shared map of what is not
    /// open for writing, too.
    pub unsafe fn map_mut(self, file: &(impl AsFd + ?Sized)) -> Result<Map<Write, B>> {
        // SAFETY: it is mapped for both; the caller vouches for the file.
        unsafe { self.of_file(file.as_fd().as_raw_fd(), Prot::READ | Prot::WRITE, self.sharing) }
    }

    /// Maps a file for reading and writing, copy on write: what is written is
    /// this process's own, and never reaches the file.
    ///
    /// ```
    /// use baremap::{File, MapOptions};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// let mut map = unsafe { MapOptions::new().map_copy(&file) }?;
    /// map[0] = b'.';
    /// assert!(map.starts_with(b".ELF"));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`map`](Self::map): a change of the file is seen in pages that were
    /// not written to, and a page that is gone from the file is gone, written to
    /// or not.
    ///
    /// # Errors
    ///
    /// As for [`map`](Self::map).
    pub unsafe fn map_copy(self, file: &(impl AsFd + ?Sized)) -> Result<Map<Write, B>> {
        // SAFETY: it is mapped for both; the caller vouches for the file.
        unsafe { self.of_file(file.as_fd().as_raw_fd(), Prot::READ | Prot::WRITE, MapFlags::PRIVATE) }
    }

    /// As [`map_copy`](Self::map_copy), to be read at first:
    /// [`make_mut_unchecked`](Map::make_mut_unchecked) makes it writable.
    ///
    /// ```
    /// use baremap::{File, MapOptions};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// let map = unsafe { MapOptions::new().map_copy_read_only(&file) }?;
    /// // SAFETY: the copy is our own.
    /// let mut map = unsafe { map.make_mut_unchecked() }?;
    /// map[0] = b'.';
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`map_copy`](Self::map_copy).
    ///
    /// # Errors
    ///
    /// As for [`map`](Self::map).
    pub unsafe fn map_copy_read_only(self, file: &(impl AsFd + ?Sized)) -> Result<Map<Read, B>> {
        // SAFETY: it is mapped to be read; the caller vouches for the file.
        unsafe { self.of_file(file.as_fd().as_raw_fd(), Prot::READ, MapFlags::PRIVATE) }
    }

    /// Maps a file for reading, and for running it as code.
    ///
    /// ```
    /// use baremap::{File, MapOptions};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// let map = unsafe { MapOptions::new().map_exec(&file) }?;
    /// assert!(map.starts_with(b"\x7fELF"));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`map`](Self::map).
    ///
    /// # Errors
    ///
    /// As for [`map`](Self::map), and `EPERM` where its filesystem is mounted
    /// `noexec`.
    pub unsafe fn map_exec(self, file: &(impl AsFd + ?Sized)) -> Result<Map<Exec, B>> {
        // SAFETY: it is mapped for both; the caller vouches for the file.
        unsafe { self.of_file(file.as_fd().as_raw_fd(), Prot::READ | Prot::EXEC, self.sharing) }
    }

    /// Maps a file for reading and writing by pointers. It is safe, for the map
    /// lends nothing: what the pointers find when others change the file, or cut
    /// it short, is the business of whoever uses them.
    ///
    /// ```
    /// use baremap::{MapOptions, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(100)?;
    /// let map = MapOptions::new().map_raw(&file)?;
    /// // SAFETY: the byte is in the file, which nobody else knows.
    /// unsafe { map.as_mut_ptr().write(1) };
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`map_mut`](Self::map_mut).
    pub fn map_raw(self, file: &(impl AsFd + ?Sized)) -> Result<Map<Raw, B>> {
        // SAFETY: nothing is lent.
        unsafe { self.of_file(file.as_fd().as_raw_fd(), Prot::READ | Prot::WRITE, self.sharing) }
    }

    /// Maps a file for reading by pointers: see [`map_raw`](Self::map_raw).
    ///
    /// ```
    /// use baremap::{File, MapOptions};
    /// let file = File::open(c"/proc/self/exe")?;
    /// let map = MapOptions::new().map_raw_read_only(&file)?;
    /// // SAFETY: the byte is in the file, and stays as it is while the program runs.
    /// assert_eq!(unsafe { map.as_ptr().add(1).read() }, b'E');
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`map`](Self::map).
    pub fn map_raw_read_only(self, file: &(impl AsFd + ?Sized)) -> Result<Map<Raw, B>> {
        // SAFETY: nothing is lent.
        unsafe { self.of_file(file.as_fd().as_raw_fd(), Prot::READ, self.sharing) }
    }

    /// Maps the file `fd`.
    ///
    /// # Safety
    ///
    /// `prot` must allow `A`, which the caller answers for as for
    /// [`map`](Self::map) where it is reading.
    unsafe fn of_file<A: Access>(self, fd: RawFd, prot: Prot, sharing: MapFlags) -> Result<Map<A, B>> {
        let length = match self.length {
            Some(length) => length,
            None => rest_of_file(fd, self.offset)?,
        };
        if B::MAY_BE_EMPTY && length == 0 {
            // SAFETY: nothing is owned, and nothing lent.
            return Ok(unsafe { Map::from_parts(NonNull::dangling(), 0, B::at(0).1) });
        }
        let (offset, backing) = B::at(self.offset);
        let whole = length.checked_add(backing.head()).ok_or(Errno::EOVERFLOW)?;
        let start = self.place(whole, prot, sharing, fd, offset).map_err(|errno| B::explain(errno, fd))?;
        // SAFETY: the mapping is longer than what comes before the map.
        let start = unsafe { start.add(backing.head()) };
        // SAFETY: the kernel has just mapped it, for this map alone, so that it
        // allows `A`; the caller vouches for the file.
        Ok(unsafe { Map::from_parts(start, length, backing) })
    }
}

impl Map {
    /// Maps a whole file for reading: [`MapOptions::new`] and
    /// [`map`](MapOptions::map).
    ///
    /// ```
    /// use baremap::{File, Map};
    /// let file = File::open(c"/proc/self/exe")?;
    /// // SAFETY: nobody changes a program while it runs.
    /// assert!(unsafe { Map::map(&file) }?.starts_with(b"\x7fELF"));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`MapOptions::map`].
    ///
    /// # Errors
    ///
    /// As for [`MapOptions::map`].
    #[allow(clippy::self_named_constructors, reason = "the name that users know")]
    pub unsafe fn map(file: &(impl AsFd + ?Sized)) -> Result<Self> {
        // SAFETY: the caller vouches for the file.
        unsafe { MapOptions::new().map(file) }
    }
}

impl MapMut {
    /// Maps a whole file for reading and writing: [`MapOptions::new`] and
    /// [`map_mut`](MapOptions::map_mut).
    ///
    /// ```
    /// use baremap::{MapMut, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(100)?;
    /// // SAFETY: nobody else knows the file.
    /// unsafe { MapMut::map_mut(&file) }?.fill(1);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`MapOptions::map_mut`].
    ///
    /// # Errors
    ///
    /// As for [`MapOptions::map_mut`].
    pub unsafe fn map_mut(file: &(impl AsFd + ?Sized)) -> Result<Self> {
        // SAFETY: the caller vouches for the file.
        unsafe { MapOptions::new().map_mut(file) }
    }
}

impl MapRaw {
    /// Maps a whole file for pointers: [`MapOptions::new`] and
    /// [`map_raw`](MapOptions::map_raw).
    ///
    /// ```
    /// use baremap::{MapRaw, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(100)?;
    /// assert_eq!(MapRaw::map_raw(&file)?.len(), 100);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`MapOptions::map_raw`].
    pub fn map_raw(file: &(impl AsFd + ?Sized)) -> Result<Self> {
        MapOptions::new().map_raw(file)
    }
}
