//! [`OpenOptions`]: how to open a file.

use core::ffi::CStr;

use super::File;
use crate::errno::{Errno, Result};
use crate::fd::OwnedFd;
use crate::flags::{Mode, OpenFlags};
use crate::retry::retry;
use crate::sys::fs;

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
    ///
    /// ```
    /// use baremap::{Errno, OpenOptions};
    /// // Neither for reading nor for writing.
    /// assert_eq!(OpenOptions::new().open(c"/dev/null").unwrap_err(), Errno::EINVAL);
    /// ```
    pub const fn new() -> Self {
        Self { read: false, write: false, flags: OpenFlags::CLOEXEC, mode: Mode::RUSR.union(Mode::WUSR) }
    }

    /// For reading.
    ///
    /// ```
    /// use baremap::{Errno, OpenOptions};
    /// let file = OpenOptions::new().read().open(c"/dev/null")?;
    /// assert_eq!(file.write_all(b"text"), Err(Errno::EBADF));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub const fn read(self) -> Self {
        Self { read: true, ..self }
    }

    /// For writing.
    ///
    /// ```
    /// use baremap::OpenOptions;
    /// OpenOptions::new().write().open(c"/dev/null")?.write_all(b"text")?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub const fn write(self) -> Self {
        Self { write: true, ..self }
    }

    /// Creates the file if it is not there.
    ///
    /// ```no_run
    /// use baremap::OpenOptions;
    /// let file = OpenOptions::new().write().create().open(c"log.txt")?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub const fn create(self) -> Self {
        self.flags(OpenFlags::CREAT)
    }

    /// Creates the file, and fails if it is there.
    ///
    /// ```
    /// use baremap::{Errno, OpenOptions};
    /// let options = OpenOptions::new().write().create_new();
    /// assert_eq!(options.open(c"/dev/null").unwrap_err(), Errno::EEXIST);
    /// ```
    pub const fn create_new(self) -> Self {
        self.flags(OpenFlags::CREAT.union(OpenFlags::EXCL))
    }

    /// Cuts the file to no bytes.
    ///
    /// ```no_run
    /// use baremap::OpenOptions;
    /// let file = OpenOptions::new().write().create().truncate().open(c"new.txt")?;
    /// assert_eq!(file.len()?, 0);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub const fn truncate(self) -> Self {
        self.flags(OpenFlags::TRUNC)
    }

    /// The permissions of a file that is created.
    ///
    /// ```no_run
    /// use baremap::{Mode, OpenOptions};
    /// let options = OpenOptions::new().write().create().mode(Mode::RUSR | Mode::RGRP);
    /// options.open(c"for-the-group.txt")?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub const fn mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// Any other flags, beside those already given: for the access, there are
    /// `read` and `write`.
    ///
    /// ```
    /// use baremap::{Errno, OpenFlags, OpenOptions};
    /// let options = OpenOptions::new().read().flags(OpenFlags::DIRECTORY);
    /// assert_eq!(options.open(c"/dev/null").unwrap_err(), Errno::ENOTDIR);
    /// ```
    pub const fn flags(self, flags: OpenFlags) -> Self {
        Self { flags: self.flags.union(flags), ..self }
    }

    /// Opens the file at `path`.
    ///
    /// ```
    /// use baremap::OpenOptions;
    /// let file = OpenOptions::new().read().write().open(c"/dev/null")?;
    /// assert_eq!(file.read(&mut [0])?, 0);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EINVAL`: neither for reading nor for writing (nor a mere
    ///   [`OpenFlags::PATH`]), or a file is to be created or cut that is not
    ///   open for writing.
    /// - Those of [`sys::fs::open`](fs::open).
    pub fn open(self, path: &CStr) -> Result<File> {
        let access = match (self.read, self.write) {
            (true, true) => OpenFlags::RDWR,
            (false, true) => OpenFlags::WRONLY,
            (true, false) if !self.flags.intersects(OpenFlags::CREAT | OpenFlags::TRUNC) => OpenFlags::RDONLY,
            (false, false) if self.flags.contains(OpenFlags::PATH) => OpenFlags::RDONLY,
            _ => return Err(Errno::EINVAL),
        };
        let fd = retry(|| fs::open(path, access | self.flags, self.mode))?;
        // SAFETY: the kernel has just opened it for us alone.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        fd.above_standard().map(File)
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}
