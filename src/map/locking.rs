//! Keeping a map in memory.

use core::fmt;
use core::ops::RangeBounds;

use super::access::Access;
use super::backing::Backing;
use super::map::Map;
use crate::errno::{Errno, Result};
use crate::flags::MlockFlags;
use crate::sys::mm;
use crate::sys::process::{Resource, prlimit64};

impl<A: Access, B: Backing> Map<A, B> {
    /// Keeps the map in memory: its pages are there afterwards, and stay.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let map = MapAnon::new(10_000)?;
    /// if let Err(error) = map.lock() {
    ///     println!("{error}");
    /// }
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`lock_range`](Self::lock_range).
    #[doc(alias = "mlock")]
    pub fn lock(&self) -> core::result::Result<(), LockError> {
        self.lock_range(..)
    }

    /// Keeps every page that has a byte of a range in memory. Pages are locked or
    /// not, however often they are: one [`unlock_range`](Self::unlock_range) undoes
    /// it.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let map = MapAnon::new(10_000)?;
    /// if map.lock_range(..100).is_ok() {
    ///     map.unlock_range(..100)?;
    /// }
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EAGAIN`: a page could not be read in.
    /// - `EINVAL`: the range is not within the map.
    /// - `ENOMEM`: more than this process may lock; or a page is past the end of
    ///   the file, or there are too many mappings.
    /// - `EPERM`: this process may lock nothing.
    pub fn lock_range(&self, range: impl RangeBounds<usize>) -> core::result::Result<(), LockError> {
        self.locking(range, mm::mlock)
    }

    /// As [`lock_range`](Self::lock_range), each page from when it is touched on.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let map = MapAnon::new(10_000)?;
    /// map.lock_on_fault(..100)?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`lock_range`](Self::lock_range).
    #[doc(alias = "MLOCK_ONFAULT")]
    pub fn lock_on_fault(&self, range: impl RangeBounds<usize>) -> core::result::Result<(), LockError> {
        self.locking(range, |start, length| mm::mlock2(start, length, MlockFlags::ONFAULT))
    }

    /// Keeps the map in memory no longer.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let map = MapAnon::new(10_000)?;
    /// map.lock()?;
    /// map.unlock()?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`unlock_range`](Self::unlock_range).
    #[doc(alias = "munlock")]
    pub fn unlock(&self) -> Result<()> {
        self.unlock_range(..)
    }

    /// Keeps the pages that have a byte of a range in memory no longer.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let map = MapAnon::new(10_000)?;
    /// map.lock()?;
    /// map.unlock_range(..4096)?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the range is not within the map.
    /// - `ENOMEM`: too many mappings.
    pub fn unlock_range(&self, range: impl RangeBounds<usize>) -> Result<()> {
        self.on_pages(range, |start, length| mm::munlock(start, length))
    }

    fn locking(
        &self,
        range: impl RangeBounds<usize>,
        lock: impl Fn(*const u8, usize) -> Result<()>,
    ) -> core::result::Result<(), LockError> {
        let mut bytes = 0;
        let result = self.on_pages(range, |start, length| {
            bytes = length;
            lock(start, length)
        });
        result.map_err(|errno| LockError { errno, bytes, limit: limit() })
    }
}

/// How many bytes this process may lock, if that is limited.
fn limit() -> Option<u64> {
    let limit = prlimit64(0, Resource::MEMLOCK, None).ok()?.rlim_cur;
    (limit != crate::sys::process::Rlimit64::INFINITY).then_some(limit)
}

/// Why memory could not be locked, with what was asked for and what is allowed.
///
/// ```
/// use baremap::{Errno, LockError};
/// let error = LockError { errno: Errno::ENOMEM, bytes: 8192, limit: Some(4096) };
/// assert!(error.to_string().ends_with("may lock 4096 in all (RLIMIT_MEMLOCK)"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockError {
    /// What the kernel said.
    pub errno: Errno,
    /// How many bytes were to be locked: whole pages.
    pub bytes: usize,
    /// How many bytes this process may lock in all (`RLIMIT_MEMLOCK`); `None` is
    /// any number. A process with `CAP_IPC_LOCK` may lock more.
    pub limit: Option<u64>,
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} bytes were to be locked", self.errno, self.bytes)?;
        match self.limit {
            Some(limit) => write!(f, ", and this process may lock {limit} in all (RLIMIT_MEMLOCK)"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for LockError {}

impl From<LockError> for Errno {
    fn from(error: LockError) -> Self {
        error.errno
    }
}

#[cfg(feature = "std")]
impl From<LockError> for std::io::Error {
    fn from(error: LockError) -> Self {
        Self::new(std::io::Error::from(error.errno).kind(), error)
    }
}
