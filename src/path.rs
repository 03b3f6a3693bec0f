//! Paths without allocation.

use core::ffi::CStr;

use crate::errno::{Errno, Result};

/// The longest path that the kernel takes, in bytes, with its ending NUL.
pub const PATH_MAX: usize = 4096;

/// A path on the stack: bytes turned into the `&CStr` that the calls take.
///
/// ```
/// use baremap::{CPathBuf, Errno};
/// assert_eq!(CPathBuf::new("f1.txt")?.as_c_str(), c"f1.txt");
/// assert_eq!(CPathBuf::new("a\0b").unwrap_err(), Errno::EINVAL);
/// assert_eq!(CPathBuf::new([b'a'; 4096]).unwrap_err(), Errno::ENAMETOOLONG);
/// # Ok::<(), Errno>(())
/// ```
#[derive(Clone)]
pub struct CPathBuf {
    /// The path, then at least one NUL.
    bytes: [u8; PATH_MAX],
}

impl CPathBuf {
    /// Copies a path, without a NUL at its end.
    ///
    /// ```
    /// use baremap::CPathBuf;
    /// let path = CPathBuf::new("/dev/null")?;
    /// assert_eq!(baremap::File::open(&path)?.len()?, 0);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EINVAL`: there is a NUL in it.
    /// - `ENAMETOOLONG`: it is longer than [`PATH_MAX`] - 1 bytes.
    pub fn new(path: impl AsRef<[u8]>) -> Result<Self> {
        let path = path.as_ref();
        if path.contains(&0) {
            return Err(Errno::EINVAL);
        }
        let mut bytes = [0; PATH_MAX];
        match bytes.get_mut(..path.len()) {
            Some(place) if path.len() < PATH_MAX => place.copy_from_slice(path),
            _ => return Err(Errno::ENAMETOOLONG),
        }
        Ok(Self { bytes })
    }

    /// The path as the calls take it.
    ///
    /// ```
    /// use baremap::CPathBuf;
    /// assert_eq!(CPathBuf::new("f1.txt")?.as_c_str().to_bytes_with_nul(), b"f1.txt\0");
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub fn as_c_str(&self) -> &CStr {
        // `new` has seen to it that a NUL follows the path, so this is always
        // found; the empty path stands where a panic would.
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or(c"")
    }
}

impl core::ops::Deref for CPathBuf {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        self.as_c_str()
    }
}

impl core::fmt::Debug for CPathBuf {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_c_str().fmt(f)
    }
}

/// Bytes, shown as text: what is no UTF-8 becomes U+FFFD. For arguments and
/// paths, of which Linux promises nothing.
///
/// ```
/// use baremap::Lossy;
/// assert_eq!(Lossy(c"f1.txt").to_string(), "f1.txt");
/// assert_eq!(Lossy(c"caf\xe9").to_string(), "caf\u{fffd}");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lossy<'a>(pub &'a CStr);

impl core::fmt::Display for Lossy<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for chunk in self.0.to_bytes().utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}
