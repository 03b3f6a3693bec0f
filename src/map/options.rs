//! [`MapOptions`]: how a map is to be made.

use super::mapping::Mapping;
use super::{Map, MapMut};
use crate::errno::{Errno, Result};
use crate::fd::AsFd;
use crate::flags::{MapFlags, Prot};
use crate::retry::retry;
use crate::sys::{RawFd, fs};

/// How a map is to be made: shared, of the whole file, unless told otherwise.
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
pub struct MapOptions {
    length: Option<usize>,
    offset: u64,
    sharing: MapFlags,
}

impl MapOptions {
    /// Shared, from the start of the file to its end.
    pub const fn new() -> Self {
        Self { length: None, offset: 0, sharing: MapFlags::SHARED }
    }

    /// This many bytes, instead of all to the end of the file. No bytes are an
    /// empty map. It is not held against the file: a page that lies wholly past
    /// the end is mapped too, and a touch of it is `SIGBUS`.
    pub const fn len(self, length: usize) -> Self {
        Self { length: Some(length), ..self }
    }

    /// From this byte of the file on, a multiple of the page size:
    /// [`page::round_down`](crate::page::round_down) makes one.
    pub const fn offset(self, offset: u64) -> Self {
        Self { offset, ..self }
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

    /// Maps a file for reading.
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
    /// - `EINVAL`: the offset is no multiple of the page size.
    /// - `EISDIR`: a directory.
    /// - `ENODATA`: the length of the file says 0, but it has content, as
    ///   files in /proc do. Such a file can be read, not mapped.
    /// - `EOVERFLOW`: the file is larger than the address space, or ends before
    ///   the offset.
    /// - `ENODEV`: neither a file nor a directory, and no length is given; or
    ///   what cannot be mapped, such as a pipe.
    /// - Those of [`sys::mm::mmap`](crate::sys::mm::mmap).
    pub unsafe fn map(self, file: &(impl AsFd + ?Sized)) -> Result<Map> {
        self.mapping(file.as_fd().as_raw_fd(), Prot::READ).map(Map)
    }

    /// Maps a file for reading and writing.
    ///
    /// # Safety
    ///
    /// As for [`map`](Self::map), but for changes through this map itself.
    ///
    /// # Errors
    ///
    /// As for [`map`](Self::map).
    pub unsafe fn map_mut(self, file: &(impl AsFd + ?Sized)) -> Result<MapMut> {
        self.mapping(file.as_fd().as_raw_fd(), Prot::READ | Prot::WRITE).map(MapMut)
    }

    fn mapping(self, fd: RawFd, prot: Prot) -> Result<Mapping> {
        let length = match self.length {
            Some(length) => length,
            None => rest_of_file(fd, self.offset)?,
        };
        if length == 0 {
            return Ok(Mapping::EMPTY);
        }
        // SAFETY: the sharing is one of two, and both kinds of map can be read.
        unsafe { Mapping::new(length, prot, self.sharing, fd, self.offset) }
            .map_err(|errno| better(errno, fd))
    }
}

impl Default for MapOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// The bytes from `offset` to the end of the file, which has one: a file that
/// says 0 is looked at, since one in /proc says so and has content.
fn rest_of_file(fd: RawFd, offset: u64) -> Result<usize> {
    let stat = fs::fstat(fd)?;
    match stat.st_mode & S_IFMT {
        S_IFREG if stat.st_size > 0 => {}
        S_IFREG => return nothing_to_map(fd, offset).map(|()| 0),
        S_IFDIR => return Err(Errno::EISDIR),
        _ => return Err(Errno::ENODEV),
    }
    let rest = (stat.st_size as u64).checked_sub(offset).ok_or(Errno::EOVERFLOW)?;
    usize::try_from(rest).map_err(|_| Errno::EOVERFLOW)
}

#[cold]
fn nothing_to_map(fd: RawFd, offset: u64) -> Result<()> {
    match retry(|| fs::pread64(fd, &mut [0], 0)) {
        Ok(0) if offset == 0 => Ok(()),
        Ok(0) => Err(Errno::EOVERFLOW),
        Ok(_) => Err(Errno::ENODATA),
        // It is open, since it was measured, but not for reading.
        Err(Errno::EBADF) => Err(Errno::EACCES),
        Err(errno) => Err(errno),
    }
}

/// For a directory the kernel's answer depends on the length that its
/// filesystem claims.
#[cold]
fn better(errno: Errno, fd: RawFd) -> Errno {
    match fs::fstat(fd) {
        Ok(stat) if stat.st_mode & S_IFMT == S_IFDIR => Errno::EISDIR,
        _ => errno,
    }
}

/// What kind of file it is, in a mode: see inode(7).
const S_IFMT: u32 = 0o170_000;
const S_IFREG: u32 = 0o100_000;
const S_IFDIR: u32 = 0o040_000;
