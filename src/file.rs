//! Files: opened by path, closed on drop.
//!
//! The policy towards signals is here: a call that a signal interrupted before
//! it did anything (`EINTR`) is made again, except `close`.

use core::ffi::CStr;

use crate::errno::{Errno, Result};
use crate::fd::OwnedFd;
use crate::flags::{Mode, OpenFlags};
use crate::sys::fs::{self, Whence};

/// An open file, closed on drop.
///
/// ```
/// use baremap::{File, OpenOptions};
/// let file = File::open(c"/proc/self/exe")?;
/// assert!(file.size()? > 0);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub struct File(OwnedFd);

/// Where [`File::seek`] goes, in bytes.
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
    /// # Errors
    ///
    /// Those of [`sys::fs::open`](fs::open).
    pub fn open(path: &CStr) -> Result<Self> {
        OpenOptions::new().read().open(path)
    }

    /// The length of the file in bytes.
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::fstat`](fs::fstat).
    #[doc(alias = "fstat")]
    pub fn size(&self) -> Result<u64> {
        Ok(fs::fstat(self.0.as_raw_fd())?.st_size as u64)
    }

    /// Makes the file `length` bytes long, cutting it or adding zeros.
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::ftruncate`](fs::ftruncate); `EFBIG` past 2^63-1.
    #[doc(alias = "ftruncate")]
    pub fn set_size(&self, length: u64) -> Result<()> {
        let length = offset(length)?;
        retry(|| fs::ftruncate(self.0.as_raw_fd(), length))
    }

    /// Moves the position at which `write` writes; returns it, from the start.
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::lseek`](fs::lseek); `EFBIG` past 2^63-1.
    #[doc(alias = "lseek")]
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
    /// # Errors
    ///
    /// Those of [`sys::fs::pwrite64`](fs::pwrite64); `EFBIG` past 2^63-1. Part
    /// of it may be written then.
    #[doc(alias = "pwrite")]
    pub fn write_all_at(&self, bytes: &[u8], to: u64) -> Result<()> {
        let mut to = offset(to)?;
        all(bytes, |rest| {
            let written = fs::pwrite64(self.0.as_raw_fd(), rest, to)?;
            to = to.saturating_add_unsigned(written as u64);
            Ok(written)
        })
    }

    /// Writes all of `bytes` at the position, and moves it.
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::write`](fs::write). Part of it may be written then.
    #[doc(alias = "write")]
    pub fn write_all(&self, bytes: &[u8]) -> Result<()> {
        all(bytes, |rest| fs::write(self.0.as_raw_fd(), rest))
    }

    /// Closes the file and reports what dropping it would hide.
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

/// How to open a file.
///
/// ```
/// use baremap::{Errno, OpenOptions};
/// let options = OpenOptions::new().read().write();
/// assert_eq!(options.open(c"/nowhere/at/all").unwrap_err(), Errno::ENOENT);
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct OpenOptions {
    read: bool,
    write: bool,
    flags: OpenFlags,
    mode: Mode,
}

impl OpenOptions {
    /// Neither for reading nor for writing yet. A file that is created gets the
    /// mode 0600; a descriptor does not outlive `execve`.
    pub const fn new() -> Self {
        Self { read: false, write: false, flags: OpenFlags::CLOEXEC, mode: Mode::RUSR.union(Mode::WUSR) }
    }

    /// For reading.
    pub const fn read(self) -> Self {
        Self { read: true, ..self }
    }

    /// For writing.
    pub const fn write(self) -> Self {
        Self { write: true, ..self }
    }

    /// Creates the file if it is not there.
    pub const fn create(self) -> Self {
        self.flags(OpenFlags::CREAT)
    }

    /// Creates the file, and fails if it is there.
    pub const fn create_new(self) -> Self {
        self.flags(OpenFlags::CREAT.union(OpenFlags::EXCL))
    }

    /// Cuts the file to no bytes.
    pub const fn truncate(self) -> Self {
        self.flags(OpenFlags::TRUNC)
    }

    /// The permissions of a file that is created.
    pub const fn mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// Any other flags, beside those already given.
    pub const fn flags(self, flags: OpenFlags) -> Self {
        Self { flags: self.flags.union(flags), ..self }
    }

    /// Opens the file at `path`.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: neither for reading nor for writing (nor a mere
    ///   [`OpenFlags::PATH`]), or a file is to be created or cut that is not
    ///   open for writing.
    /// - Those of [`sys::fs::open`](fs::open).
    pub fn open(self, path: &CStr) -> Result<File> {
        let changes = self.flags.intersects(OpenFlags::CREAT | OpenFlags::TRUNC);
        let access = match (self.read, self.write) {
            (true, true) => OpenFlags::RDWR,
            (false, true) => OpenFlags::WRONLY,
            (_, false) if changes => return Err(Errno::EINVAL),
            (false, false) if !self.flags.contains(OpenFlags::PATH) => return Err(Errno::EINVAL),
            (_, false) => OpenFlags::RDONLY,
        };
        retry(|| fs::open(path, access | self.flags, self.mode)).map(|fd| {
            // SAFETY: the kernel has just opened it for us alone.
            File(unsafe { OwnedFd::from_raw_fd(fd) })
        })
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Makes a call again as long as a signal interrupts it.
pub(crate) fn retry<T>(mut call: impl FnMut() -> Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
}

/// Writes all of `bytes`, however little a single `write` takes.
pub(crate) fn all(mut bytes: &[u8], mut write: impl FnMut(&[u8]) -> Result<usize>) -> Result<()> {
    while !bytes.is_empty() {
        let written = retry(|| write(bytes))?;
        match bytes.get(written..) {
            Some(rest) if written > 0 => bytes = rest,
            // A write that takes nothing would be tried for ever.
            _ => return Err(Errno::EIO),
        }
    }
    Ok(())
}

/// A byte offset as the kernel counts them.
fn offset(bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(|_| Errno::EFBIG)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// A `write` that takes three bytes at most, and is interrupted every other time.
    fn write(taken: &mut Vec<u8>, calls: &mut u32, bytes: &[u8]) -> Result<usize> {
        *calls += 1;
        if calls.is_multiple_of(2) {
            return Err(Errno::EINTR);
        }
        let count = bytes.len().min(3);
        taken.extend(&bytes[..count]);
        Ok(count)
    }

    #[test]
    fn short_and_interrupted_writes_lose_and_repeat_nothing() {
        let bytes: Vec<u8> = (0..=255).collect();
        let (mut taken, mut calls) = (Vec::new(), 0);
        assert_eq!(all(&bytes, |rest| write(&mut taken, &mut calls, rest)), Ok(()));
        assert_eq!(taken, bytes);
    }

    #[test]
    fn a_write_that_takes_nothing_ends_in_an_error() {
        assert_eq!(all(b"x", |_| Ok(0)), Err(Errno::EIO));
        assert_eq!(all(b"", |_| Ok(0)), Ok(()));
    }

    #[test]
    fn an_error_other_than_eintr_ends_a_retry() {
        let mut answers = [Err(Errno::EINTR), Err(Errno::EINTR), Err(Errno::EAGAIN), Ok(1)].into_iter();
        assert_eq!(retry(|| answers.next().unwrap()), Err(Errno::EAGAIN));
        assert_eq!(answers.next(), Some(Ok(1)));
    }
}
