//! Maps that children do not inherit as they are.

use core::fmt;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

use super::advice::{Advice, UncheckedAdvice};
use super::map::MapAnon;
use super::refused::Refused;
use crate::errno::{Errno, Result};

/// Private memory that no child gets.
///
/// In a child another mapping may be at its address, so that there nothing of it
/// is lent or unmapped. That a process is a child is known by a byte that the
/// kernel makes 0 in children.
///
/// ```
/// use baremap::MapAnon;
/// let mut secret = MapAnon::new(100)?.keep_from_children()?;
/// secret.with(|bytes| bytes[0] = 7)?;
/// assert_eq!(secret.with(|bytes| bytes[0]), Ok(7));
/// # Ok::<(), baremap::Errno>(())
/// ```
#[doc(alias = "MADV_DONTFORK")]
pub struct KeptFromChildren {
    map: ManuallyDrop<MapAnon>,
    /// 1 here, 0 in children.
    here: WipedInChildren,
}

/// Private memory that is zeros in every child.
///
/// What a child borrowed before it was one finds zeros: see
/// [`process::fork`](crate::process::fork), which is `unsafe` for this, too.
///
/// ```
/// use baremap::MapAnon;
/// let mut state = MapAnon::new(100)?.wipe_in_children()?;
/// state[0] = 7;
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
#[doc(alias = "MADV_WIPEONFORK")]
pub struct WipedInChildren(MapAnon);

impl MapAnon {
    /// Keeps the memory from children: they do not have it.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let key = MapAnon::new(32)?.keep_from_children()?;
    /// # drop(key);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::mm::madvise`](crate::sys::mm::madvise), and of another page;
    /// with the map.
    pub fn keep_from_children(self) -> core::result::Result<KeptFromChildren, Refused<Self>> {
        let here = MapAnon::new(1).and_then(|map| map.wipe_in_children().map_err(Errno::from));
        // SAFETY: nothing of the map is lent or unmapped in a child from here on.
        let keep = |here| unsafe { self.unchecked_advise(UncheckedAdvice::DontFork) }.map(|()| here);
        match here.and_then(keep) {
            Ok(mut here) => {
                here.fill(1);
                Ok(KeptFromChildren { map: ManuallyDrop::new(self), here })
            }
            Err(errno) => {
                // It may be several mappings, the first of which no child would get.
                let _ = self.advise(Advice::DoFork);
                Err(Refused { value: self, errno })
            }
        }
    }

    /// Has children find zeros in the memory.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let seed = MapAnon::new(32)?.wipe_in_children()?;
    /// # drop(seed);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::mm::madvise`](crate::sys::mm::madvise), such as `EINVAL`
    /// before Linux 4.14; with the map.
    pub fn wipe_in_children(self) -> core::result::Result<WipedInChildren, Refused<Self>> {
        // SAFETY: whoever forks promises not to rely on the bytes in the child.
        match unsafe { self.unchecked_advise(UncheckedAdvice::WipeOnFork) } {
            Ok(()) => Ok(WipedInChildren(self)),
            Err(errno) => {
                let _ = self.advise(Advice::KeepOnFork);
                Err(Refused { value: self, errno })
            }
        }
    }
}

impl KeptFromChildren {
    /// Lends the bytes, to what must not fork. What a [`Command`](crate::Command) is
    /// given must not lie in them, either: its child does not find it.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let mut key = MapAnon::new(32)?.keep_from_children()?;
    /// key.with(|bytes| bytes.fill(7))?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EFAULT`: this is a child, which does not have them.
    pub fn with<R>(&mut self, what: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        if !self.is_here() {
            return Err(Errno::EFAULT);
        }
        Ok(what(&mut self.map))
    }

    /// Whether this process has the memory, which no child does.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// assert!(MapAnon::new(32)?.keep_from_children()?.is_here());
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.here.first() == Some(&1)
    }
}

impl Drop for KeptFromChildren {
    fn drop(&mut self) {
        if self.is_here() {
            // SAFETY: it is dropped once, here.
            unsafe { ManuallyDrop::drop(&mut self.map) };
        }
    }
}

impl fmt::Debug for KeptFromChildren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptFromChildren").field("map", &*self.map).finish_non_exhaustive()
    }
}

impl Deref for WipedInChildren {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for WipedInChildren {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
