//! Files: opened by path, closed on drop.

mod options;

use core::ffi::CStr;

pub use options::OpenOptions;

use crate::errno::{Errno, Result};
use crate::fd::OwnedFd;
use crate::retry::{all, retry};
use crate::sys::fs::{self, Whence};

/// An open file, closed on drop.
///
/// ```
/// use baremap::{File, OpenOptions};
/// let file = File::open(c"/proc/self/exe")?;
/// assert!(file.len()? > 0);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub struct File(OwnedFd);

/// Where [`File::seek`] goes, in bytes.
///
/// ```
/// use baremap::{File, SeekFrom};
/// assert_eq!(File::open(c"/proc/self/exe")?.seek(SeekFrom::Start(7))?, 7);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeekFrom {
    /// From the start of the file.
    Start(u64),
    /// From the end of the file.
    End(i64),
    /// From where it stands.
    Current(i64),
}

impl File {
    /// Opens a file for reading.
    ///
    /// ```
    /// use baremap::{Errno, File};
    /// assert_eq!(File::open(c"/nowhere/at/all").unwrap_err(), Errno::ENOENT);
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::open`](fs::open).
    pub fn open(path: &CStr) -> Result<Self> {
        OpenOptions::new().read().open(path)
    }

    /// The length of the file in bytes.
    ///
    /// ```
    /// use baremap::File;
    /// assert!(File::open(c"/proc/self/exe")?.len()? > 0);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::fstat`](fs::fstat).
    #[doc(alias = "fstat")]
    pub fn len(&self) -> Result<u64> {
        Ok(fs::fstat(self.0.as_raw_fd())?.st_size as u64)
    }

    /// Whether the file says that it has no bytes.
    ///
    /// ```
    /// use baremap::File;
    /// // Whatever it has to say.
    /// assert!(File::open(c"/proc/version")?.is_empty()?);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::fstat`](fs::fstat).
    pub fn is_empty(&self) -> Result<bool> {
        self.len().map(|length| length == 0)
    }

    /// Makes the file `length` bytes long, cutting it or adding zeros.
    ///
    /// ```
    /// use baremap::{OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(1 << 30)?;
    /// assert_eq!(file.len()?, 1 << 30);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::ftruncate`](fs::ftruncate); `EFBIG` past 2^63-1.
    #[doc(alias = "ftruncate")]
    pub fn set_len(&self, length: u64) -> Result<()> {
        let length = offset(length)?;
        // SAFETY: the file is ours to change, unless somebody was promised that
        // it is left alone, who then has to keep this value from us.
        retry(|| unsafe { fs::ftruncate(self.0.as_raw_fd(), length) })
    }

    /// Moves the position at which `write` writes; returns it, from the start.
    ///
    /// ```
    /// use baremap::{OpenFlags, OpenOptions, SeekFrom};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.write_all(b"text")?;
    /// assert_eq!(file.seek(SeekFrom::End(-1))?, 3);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::lseek`](fs::lseek); `EFBIG` past 2^63-1.
    #[doc(alias = "lseek")]
    #[inline]
    pub fn seek(&self, to: SeekFrom) -> Result<u64> {
        let (offset, whence) = match to {
            SeekFrom::Start(from) => (offset(from)?, Whence::Set),
            SeekFrom::End(from) => (from, Whence::End),
            SeekFrom::Current(from) => (from, Whence::Cur),
        };
        fs::lseek(self.0.as_raw_fd(), offset, whence)
    }

    /// Reads at byte `from` of the file, until `buf` is full or the file ends;
    /// returns how many bytes it read.
    ///
    /// ```
    /// use baremap::File;
    /// let mut magic = [0; 3];
    /// assert_eq!(File::open(c"/proc/self/exe")?.read_at(&mut magic, 1)?, 3);
    /// assert_eq!(&magic, b"ELF");
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::pread64`](fs::pread64); `EFBIG` past 2^63-1.
    #[doc(alias = "pread")]
    pub fn read_at(&self, buf: &mut [u8], from: u64) -> Result<usize> {
        let mut from = offset(from)?;
        let mut rest = &mut *buf;
        let mut done = 0;
        while !rest.is_empty() {
            let read = retry(|| fs::pread64(self.0.as_raw_fd(), rest, from))?;
            match rest.get_mut(read..) {
                Some(left) if read > 0 => rest = left,
                _ => break,
            }
            done += read;
            from = from.saturating_add_unsigned(read as u64);
        }
        Ok(done)
    }

    /// Writes all of `bytes` at byte `to` of the file.
    ///
    /// ```
    /// use baremap::{OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.write_all_at(b"text", 100)?;
    /// assert_eq!(file.len()?, 104);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::pwrite64`](fs::pwrite64); `EFBIG` past 2^63-1. Part
    /// of it may be written then.
    #[doc(alias = "pwrite")]
    pub fn write_all_at(&self, bytes: &[u8], to: u64) -> Result<()> {
        let mut to = offset(to)?;
        all(bytes, |rest| {
            // SAFETY: as for `set_len`.
            let written = unsafe { fs::pwrite64(self.0.as_raw_fd(), rest, to) }?;
            to = to.saturating_add_unsigned(written as u64);
            Ok(written)
        })
    }

    /// Writes all of `bytes` at the position, and moves it.
    ///
    /// ```
    /// use baremap::{OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.write_all(b"some ")?;
    /// file.write_all(b"text")?;
    /// assert_eq!(file.len()?, 9);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::write`](fs::write). Part of it may be written then.
    #[doc(alias = "write")]
    pub fn write_all(&self, bytes: &[u8]) -> Result<()> {
        // SAFETY: as for `set_len`.
        all(bytes, |rest| unsafe { fs::write(self.0.as_raw_fd(), rest) })
    }

    /// Writes at the position by one call, which may take less than all; returns how
    /// many bytes it took.
    ///
    /// ```
    /// use baremap::OpenOptions;
    /// assert_eq!(OpenOptions::new().write().open(c"/dev/null")?.write(b"text")?, 4);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::write`](fs::write), `EINTR` among them.
    pub fn write(&self, bytes: &[u8]) -> Result<usize> {
        // SAFETY: as for `set_len`.
        unsafe { fs::write(self.0.as_raw_fd(), bytes) }
    }

    /// Reads at the position, and moves it; returns how many bytes it read, 0 at
    /// the end.
    ///
    /// ```
    /// use baremap::File;
    /// let mut text = [0; 6];
    /// assert_eq!(File::open(c"/proc/version")?.read(&mut text)?, 6);
    /// assert_eq!(&text, b"Linux ");
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::read`](fs::read).
    #[inline]
    pub fn read(&self, buf: &mut [u8]) -> Result<usize> {
        retry(|| fs::read(self.0.as_raw_fd(), buf))
    }

    /// Has all of the file written to the disk, and waits until it is.
    ///
    /// ```
    /// use baremap::{OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.write_all(b"text")?;
    /// file.sync_all()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::fsync`](fs::fsync).
    #[doc(alias = "fsync")]
    pub fn sync_all(&self) -> Result<()> {
        retry(|| fs::fsync(self.0.as_raw_fd()))
    }

    /// As [`sync_all`](Self::sync_all), without what is not needed to read the
    /// file, such as its times.
    ///
    /// ```
    /// use baremap::{OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.write_all(b"text")?;
    /// file.sync_data()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::fsync`](fs::fsync).
    #[doc(alias = "fdatasync")]
    pub fn sync_data(&self) -> Result<()> {
        retry(|| fs::fdatasync(self.0.as_raw_fd()))
    }

    /// Another descriptor of the same file, which shares its position.
    ///
    /// ```
    /// use baremap::File;
    /// let file = File::open(c"/proc/self/exe")?;
    /// let copy = file.try_clone()?;
    /// drop(file);
    /// assert!(copy.len()? > 0);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EMFILE`: too many descriptors.
    #[doc(alias = "dup")]
    pub fn try_clone(&self) -> Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Closes the file and reports what dropping it would hide.
    ///
    /// ```
    /// baremap::File::open(c"/proc/self/exe")?.close()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::close`](fs::close).
    pub fn close(self) -> Result<()> {
        self.0.close()
    }
}

impl From<OwnedFd> for File {
    fn from(fd: OwnedFd) -> Self {
        Self(fd)
    }
}

impl From<File> for OwnedFd {
    fn from(file: File) -> Self {
        file.0
    }
}

#[cfg(not(feature = "std"))]
impl crate::fd::AsFd for File {
    fn as_fd(&self) -> crate::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(feature = "std")]
impl std::os::fd::AsFd for File {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A byte offset as the kernel counts them.
fn offset(bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(|_| Errno::EFBIG)
}
