//! Descriptors that close themselves.

use core::ffi::CStr;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use crate::errno::Result;
use crate::flags::{Mode, OpenFlags};
use crate::sys::{RawFd, fs};

/// A descriptor that is closed when this value is dropped.
///
/// ```
/// use baremap::{File, OwnedFd};
/// let fd: OwnedFd = File::open(c"/dev/null")?.into();
/// assert!(fd.as_raw_fd() > 2);
/// # Ok::<(), baremap::Errno>(())
/// ```
pub struct OwnedFd(RawFd);

static_assertions::assert_impl_all!(OwnedFd: Send, Sync);
static_assertions::assert_not_impl_any!(OwnedFd: Copy, Clone);

impl OwnedFd {
    /// Takes ownership of a descriptor.
    ///
    /// ```
    /// use baremap::OwnedFd;
    /// use baremap::flags::MemfdFlags;
    /// let number = baremap::sys::mm::memfd_create(c"ours", MemfdFlags::CLOEXEC)?;
    /// // SAFETY: it was made for us.
    /// let fd = unsafe { OwnedFd::from_raw_fd(number) };
    /// fd.close()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// `fd` must be open, and owned by nobody else: 0, 1 and 2 are owned by
    /// standard input, output and error.
    #[must_use]
    pub const unsafe fn from_raw_fd(fd: RawFd) -> Self {
        Self(fd)
    }

    /// Opens a file by one call, for a program of the fewest bytes.
    /// [`OpenOptions::open`](crate::OpenOptions::open) makes it again where a signal
    /// came between, and keeps off 0, 1 and 2: where standard output is closed, what
    /// is opened here may take its place, and be written to by what prints.
    ///
    /// ```
    /// use baremap::{Mode, OpenFlags, OwnedFd};
    /// let fd = OwnedFd::open(c"/dev/null", OpenFlags::RDONLY, Mode::empty())?;
    /// fd.close()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::open`](fs::open), `EINTR` among them.
    #[inline]
    pub fn open(path: &CStr, flags: OpenFlags, mode: Mode) -> Result<Self> {
        fs::open(path, flags, mode).map(Self)
    }

    /// The number of the descriptor, which stays owned here.
    ///
    /// ```
    /// use baremap::{File, OwnedFd};
    /// assert!(OwnedFd::from(File::open(c"/dev/null")?).as_raw_fd() > 2);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub const fn as_raw_fd(&self) -> RawFd {
        self.0
    }

    /// Gives up ownership: the caller has to close it.
    ///
    /// ```
    /// use baremap::{File, OwnedFd};
    /// let number = OwnedFd::from(File::open(c"/dev/null")?).into_raw_fd();
    /// // SAFETY: it was just given up.
    /// let fd = unsafe { OwnedFd::from_raw_fd(number) };
    /// assert_eq!(fd.as_raw_fd(), number);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use = "a descriptor that nobody closes leaks"]
    pub fn into_raw_fd(self) -> RawFd {
        ManuallyDrop::new(self).0
    }

    /// Moves the descriptor out of the place of standard input, output or error.
    /// The kernel gives the lowest free number: where one of these was closed, a
    /// new file would take its place, and what is printed go into the file.
    pub(crate) fn above_standard(self) -> Result<Self> {
        if self.0 > 2 {
            return Ok(self);
        }
        let moved = fs::fcntl_dupfd_cloexec(self.0, 3)?;
        Ok(Self(moved))
    }

    /// Another descriptor of the same file, which shares its position.
    ///
    /// ```
    /// use baremap::{File, OwnedFd};
    /// let fd = OwnedFd::from(File::open(c"/dev/null")?);
    /// assert_ne!(fd.try_clone()?.as_raw_fd(), fd.as_raw_fd());
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EMFILE`: too many descriptors.
    #[doc(alias = "dup")]
    pub fn try_clone(&self) -> Result<Self> {
        fs::fcntl_dupfd_cloexec(self.0, 3).map(Self)
    }

    /// Closes the descriptor and reports what dropping it would hide. It is
    /// closed in any case, so there is nothing to try again.
    ///
    /// ```
    /// use baremap::{File, OwnedFd};
    /// OwnedFd::from(File::open(c"/dev/null")?).close()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::fs::close`](crate::sys::fs::close).
    pub fn close(self) -> Result<()> {
        let fd = self.into_raw_fd();
        // SAFETY: it was owned by the value that has just been consumed.
        unsafe { fs::close(fd) }
    }
}

impl Drop for OwnedFd {
    fn drop(&mut self) {
        // SAFETY: it is owned by this value, which ends here. An error has
        // nobody left to hear of it; `close` is for those who want to.
        let _ = unsafe { fs::close(self.0) };
    }
}

impl fmt::Debug for OwnedFd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnedFd({})", self.0)
    }
}

/// A descriptor that somebody else owns and keeps open meanwhile.
///
/// ```
/// use baremap::{AsFd, File};
/// let file = File::open(c"/dev/null")?;
/// let fd = AsFd::as_fd(&file);
/// assert!(fd.as_raw_fd() > 2);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Clone, Copy)]
pub struct BorrowedFd<'fd>(RawFd, PhantomData<&'fd OwnedFd>);

impl BorrowedFd<'_> {
    /// Borrows a descriptor by its number.
    ///
    /// ```
    /// use baremap::BorrowedFd;
    /// // SAFETY: standard input is open as long as the program runs.
    /// let input = unsafe { BorrowedFd::borrow_raw(0) };
    /// assert_eq!(input.as_raw_fd(), 0);
    /// ```
    ///
    /// # Safety
    ///
    /// `fd` must be open, and stay so as long as this value lives.
    #[must_use]
    pub const unsafe fn borrow_raw(fd: RawFd) -> Self {
        Self(fd, PhantomData)
    }

    /// The number of the descriptor.
    ///
    /// ```
    /// use baremap::{AsFd, File, OwnedFd};
    /// let fd = OwnedFd::from(File::open(c"/dev/null")?);
    /// assert_eq!(AsFd::as_fd(&fd).as_raw_fd(), fd.as_raw_fd());
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub const fn as_raw_fd(self) -> RawFd {
        self.0
    }
}

impl fmt::Debug for BorrowedFd<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BorrowedFd({})", self.0)
    }
}

/// What has a descriptor to lend: our own types, and yours. With the feature `std`, everything that
/// implements the standard library's trait of this name does.
///
/// ```
/// use baremap::{AsFd, File};
/// fn number(of: &impl AsFd) -> i32 {
///     of.as_fd().as_raw_fd()
/// }
/// let file = File::open(c"/dev/null")?;
/// assert_eq!(number(&file), number(&&file));
/// # Ok::<(), baremap::Errno>(())
/// ```
#[diagnostic::on_unimplemented(
    note = "the types of the standard library have descriptors with baremap's feature `std`"
)]
pub trait AsFd {
    /// Lends the descriptor.
    fn as_fd(&self) -> BorrowedFd<'_>;
}

#[cfg(not(feature = "std"))]
mod without_std {
    use super::{AsFd, BorrowedFd, OwnedFd, PhantomData};

    impl AsFd for OwnedFd {
        fn as_fd(&self) -> BorrowedFd<'_> {
            BorrowedFd(self.0, PhantomData)
        }
    }

    impl AsFd for BorrowedFd<'_> {
        fn as_fd(&self) -> BorrowedFd<'_> {
            *self
        }
    }

    impl<T: AsFd + ?Sized> AsFd for &T {
        fn as_fd(&self) -> BorrowedFd<'_> {
            T::as_fd(self)
        }
    }

    impl<T: AsFd + ?Sized> AsFd for &mut T {
        fn as_fd(&self) -> BorrowedFd<'_> {
            T::as_fd(self)
        }
    }
}

#[cfg(feature = "std")]
mod with_std {
    use std::os::fd;

    use super::{AsFd, BorrowedFd, OwnedFd, PhantomData};

    impl<T: fd::AsFd + ?Sized> AsFd for T {
        fn as_fd(&self) -> BorrowedFd<'_> {
            use fd::AsRawFd;
            BorrowedFd(fd::AsFd::as_fd(self).as_raw_fd(), PhantomData)
        }
    }

    impl From<fd::OwnedFd> for OwnedFd {
        fn from(fd: fd::OwnedFd) -> Self {
            Self(fd::IntoRawFd::into_raw_fd(fd))
        }
    }

    impl From<OwnedFd> for fd::OwnedFd {
        fn from(fd: OwnedFd) -> Self {
            // SAFETY: it is open, and owned by the value just consumed.
            unsafe { fd::FromRawFd::from_raw_fd(fd.into_raw_fd()) }
        }
    }

    impl fd::AsFd for OwnedFd {
        fn as_fd(&self) -> fd::BorrowedFd<'_> {
            // SAFETY: it is open as long as `self`, from which it is borrowed.
            unsafe { fd::BorrowedFd::borrow_raw(self.0) }
        }
    }

    impl fd::AsFd for BorrowedFd<'_> {
        fn as_fd(&self) -> fd::BorrowedFd<'_> {
            // SAFETY: it is open as long as `self`, from which it is borrowed.
            unsafe { fd::BorrowedFd::borrow_raw(self.0) }
        }
    }
}
