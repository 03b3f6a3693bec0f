//! [`GrowingMap`]: a file that is appended to, and read and rewritten through its
//! map.

use core::fmt;
use core::ops::{Deref, DerefMut, Range};

use super::map::MapRaw;
use super::options::MapOptions;
use crate::errno::{Errno, Result};
use crate::fd::AsFd;
use crate::flags::MsyncFlags;
use crate::retry::{all, retry};
use crate::sys::{fs, mm};

/// A file and a map of it that grow together. Its address never changes.
///
/// The map is made once, for all that the file may become: pages past its end cost
/// nothing, and are there as soon as the file is. Bytes are appended by writing,
/// so that a full disk is an error, not a signal, and the file is at every moment
/// as long as what was written to it, whatever becomes of the process.
///
/// ```
/// use baremap::{GrowingMap, OpenFlags, OpenOptions};
/// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
/// // SAFETY: nobody else knows the file.
/// let mut log = unsafe { GrowingMap::new(file, 1 << 30) }?;
/// log.append(b"first line\n")?;
/// log.append(b"second line\n")?;
/// log[0] = b'F';
/// log.flush()?;
/// assert_eq!(&log[..], b"First line\nsecond line\n");
/// # Ok::<(), baremap::Errno>(())
/// ```
pub struct GrowingMap<F> {
    /// As long as the file may become.
    map: MapRaw,
    file: F,
    /// As long as the file is.
    length: usize,
    /// What was changed since the last flush.
    changed: Range<usize>,
}

impl<F: AsFd> GrowingMap<F> {
    /// Maps a file that is open for reading and writing, and may grow to
    /// `capacity` bytes.
    ///
    /// ```
    /// use baremap::{GrowingMap, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// // SAFETY: nobody else knows the file.
    /// let log = unsafe { GrowingMap::new(&file, 1 << 40) }?;
    /// assert!(log.is_empty());
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As long as the map lives, nobody else may change the file or cut it short,
    /// in this process or another.
    ///
    /// # Errors
    ///
    /// - `EACCES`: not open for reading and writing.
    /// - `EFBIG`: the file is longer than `capacity`.
    /// - `EINVAL`: `capacity` is 0.
    /// - Those of [`MapOptions::map_mut`].
    pub unsafe fn new(file: F, capacity: usize) -> Result<Self> {
        if capacity == 0 {
            return Err(Errno::EINVAL);
        }
        let map = MapOptions::new().len(capacity).map_raw(&file)?;
        let size = fs::fstat(file.as_fd().as_raw_fd())?.st_size;
        let length = usize::try_from(size).ok().filter(|length| *length <= capacity).ok_or(Errno::EFBIG)?;
        Ok(Self { map, file, length, changed: 0..0 })
    }

    /// Adds bytes at the end of the file, where the map then has them.
    ///
    /// ```
    /// use baremap::{Errno, GrowingMap, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// // SAFETY: nobody else knows the file.
    /// let mut log = unsafe { GrowingMap::new(&file, 5) }?;
    /// log.append(b"text")?;
    /// assert_eq!(log.append(b"more"), Err(Errno::EFBIG));
    /// assert_eq!(log[..], *b"text");
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EFBIG`: the capacity would be passed.
    /// - Those of [`sys::fs::pwrite64`](fs::pwrite64), such as `ENOSPC`. The file is
    ///   as it was.
    #[doc(alias = "pwrite")]
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let end =
            self.length.checked_add(bytes.len()).filter(|end| *end <= self.capacity()).ok_or(Errno::EFBIG)?;
        let fd = self.file.as_fd().as_raw_fd();
        let length = i64::try_from(self.length).map_err(|_| Errno::EFBIG)?;
        let mut at = length;
        let written = all(bytes, |rest| {
            // SAFETY: these bytes are past those that the map lends.
            let written = unsafe { fs::pwrite64(fd, rest, at) }?;
            at = at.saturating_add_unsigned(written as u64);
            Ok(written)
        });
        if let Err(errno) = written {
            if at != length {
                // SAFETY: as above. That it fails as well leaves bytes which the
                // next append writes over.
                let _ = retry(|| unsafe { fs::ftruncate(fd, length) });
            }
            return Err(errno);
        }
        self.has_changed(self.length..end);
        self.length = end;
        Ok(())
    }

    /// Has what was changed and appended written to the disk, and waits until it is.
    ///
    /// ```
    /// use baremap::{GrowingMap, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// // SAFETY: nobody else knows the file.
    /// let mut log = unsafe { GrowingMap::new(&file, 1 << 20) }?;
    /// log.append(b"lasting")?;
    /// log.flush()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EIO`, `ENOSPC`: the pages could not be written.
    #[doc(alias = "msync")]
    pub fn flush(&mut self) -> Result<()> {
        let changed = self.changed.clone();
        self.map.on_pages(changed, |start, length| mm::msync(start, length, MsyncFlags::SYNC))?;
        self.changed = 0..0;
        Ok(())
    }

    /// How many bytes the file may have.
    ///
    /// ```
    /// use baremap::{GrowingMap, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// // SAFETY: nobody else knows the file.
    /// assert_eq!(unsafe { GrowingMap::new(&file, 1000) }?.capacity(), 1000);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.map.len()
    }

    /// The file.
    ///
    /// ```
    /// use baremap::{GrowingMap, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// // SAFETY: nobody else knows the file.
    /// let mut log = unsafe { GrowingMap::new(file, 1000) }?;
    /// log.append(b"text")?;
    /// assert_eq!(log.file().len(), Ok(4));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub const fn file(&self) -> &F {
        &self.file
    }

    /// Unmaps the file, and gives it back.
    ///
    /// ```
    /// use baremap::{GrowingMap, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// // SAFETY: nobody else knows the file.
    /// let mut log = unsafe { GrowingMap::new(file, 1000) }?;
    /// log.append(b"text")?;
    /// assert_eq!(log.into_file().len(), Ok(4));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub fn into_file(self) -> F {
        self.file
    }

    fn has_changed(&mut self, range: Range<usize>) {
        self.changed = if self.changed.is_empty() {
            range
        } else {
            self.changed.start.min(range.start)..self.changed.end.max(range.end)
        };
    }
}

impl<F: AsFd> Deref for GrowingMap<F> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the file has so many bytes, which nobody takes away or changes;
        // they are mapped while `self` lives.
        unsafe { core::slice::from_raw_parts(self.map.as_ptr(), self.length) }
    }
}

impl<F: AsFd> DerefMut for GrowingMap<F> {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.has_changed(0..self.length);
        // SAFETY: as for `deref`; they are mapped to be written, and `&mut self`
        // sees to it that this is the only slice of them.
        unsafe { core::slice::from_raw_parts_mut(self.map.as_mut_ptr(), self.length) }
    }
}

impl<F> fmt::Debug for GrowingMap<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { map, length, .. } = self;
        f.debug_struct("GrowingMap").field("map", map).field("len", length).finish()
    }
}
