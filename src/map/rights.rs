//! From one right to another. Each gives the map back if the kernel refuses.

use core::ops::RangeBounds;

use super::access::{Access, Exec, NoAccess, Protection, Raw, Read, Readable, Writable, Write, WriteExec};
use super::backing::{Backing, Private};
use super::map::Map;
use super::refused::Refused;
use crate::errno::{self, Errno};
use crate::flags::Prot;
use crate::page::PageRange;
use crate::sys::mm::{self, Advice};
use crate::sys::page_size;

impl<A: Readable, B: Backing> Map<A, B> {
    /// To be read only, from now on.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let mut map = MapAnon::new(100)?;
    /// map[0] = 1;
    /// let map = map.make_read_only()?;
    /// assert_eq!(map[0], 1);
    /// let mut map = map.make_mut()?;
    /// map[0] = 2;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::mm::mprotect`](mm::mprotect), with the map.
    #[doc(alias = "mprotect")]
    pub fn make_read_only(self) -> Result<Map<Read, B>, Refused<Self>> {
        // SAFETY: it can be read as before.
        unsafe { self.become_with() }
    }

    /// To be read and run as code, and written no more. On aarch64 and riscv64,
    /// code that was written here has to be made known to the instruction cache
    /// before it is run.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let mut code = MapAnon::new(1)?;
    /// code[0] = 0xc3;
    /// let code = code.make_exec()?;
    /// assert_eq!(code[0], 0xc3);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`make_read_only`](Self::make_read_only); `EACCES` for a file whose
    /// filesystem is mounted `noexec`.
    pub fn make_exec(self) -> Result<Map<Exec, B>, Refused<Self>> {
        // SAFETY: it can be read as before.
        unsafe { self.become_with() }
    }

    /// To be written, too.
    ///
    /// ```
    /// use baremap::{Map, OpenFlags, OpenOptions};
    /// let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
    /// file.set_len(10)?;
    /// // SAFETY: nobody else knows the file.
    /// let map = unsafe { Map::map(&file) }?;
    /// // SAFETY: it is the only map of it.
    /// let mut map = unsafe { map.make_mut_unchecked() }?;
    /// map[0] = 1;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`MapOptions::map_mut`](crate::MapOptions::map_mut): where the map is
    /// shared, no other map may lend these bytes of the file meanwhile. For memory
    /// of no file, [`make_mut`](Map::make_mut) is safe.
    ///
    /// # Errors
    ///
    /// As for [`make_read_only`](Self::make_read_only); `EACCES` for a shared map
    /// of a file that is not open for writing.
    pub unsafe fn make_mut_unchecked(self) -> Result<Map<Write, B>, Refused<Self>> {
        // SAFETY: it can be read as before; the caller vouches for the bytes.
        unsafe { self.become_with() }
    }

    /// Has the whole map allow what `To` says.
    ///
    /// # Safety
    ///
    /// Where the map becomes writable, nobody else may lend its bytes.
    unsafe fn become_with<To: Access + Protection>(self) -> Result<Map<To, B>, Refused<Self>> {
        match self.protect_all(To::PROT) {
            // SAFETY: it allows that now; the caller vouches for the bytes.
            Ok(()) => Ok(unsafe { self.with_access() }),
            Err(errno) => {
                // It may be several mappings, the first of which were changed. What
                // they were needs no more memory than there was.
                let _ = self.protect_all(A::PROT);
                Err(Refused { value: self, errno })
            }
        }
    }

    fn protect_all(&self, prot: Prot) -> errno::Result<()> {
        // SAFETY: only for maps that are owned, so that nothing is borrowed, and
        // whose type is then made to say the same.
        self.on_pages(.., |start, length| unsafe { mm::mprotect(start, length, prot) })
    }
}

impl<A: Readable, B: Private> Map<A, B> {
    /// To be read and written.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let mut map = MapAnon::new(1)?.make_read_only()?.make_mut()?;
    /// map[0] = 1;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`make_read_only`](Self::make_read_only).
    pub fn make_mut(self) -> Result<Map<Write, B>, Refused<Self>> {
        // SAFETY: nobody else can reach the memory.
        unsafe { self.become_with() }
    }
}

impl<A: Writable, B: Backing> Map<A, B> {
    /// To be read, written *and* run as code. Such memory is what attacks on a
    /// program look for: [`make_exec`](Self::make_exec) takes the writing away.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let mut code = MapAnon::new(1)?.make_exec_mut()?;
    /// code[0] = 0xc3;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`make_exec`](Self::make_exec).
    pub fn make_exec_mut(self) -> Result<Map<WriteExec, B>, Refused<Self>> {
        // SAFETY: it can be written as before.
        unsafe { self.become_with() }
    }
}

impl<B: Private> Map<Write, B> {
    /// To be touched no more: what is beside it ends here, for a touch is
    /// `SIGSEGV`. What it held is lost. [`split_at`](Map::split_at) makes such a
    /// guard out of the end of a map.
    ///
    /// Since Linux 6.13 it costs no mapping of its own; before, and for memory that
    /// is locked or huge pages, it is one without rights. Locked memory may be locked
    /// no longer.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let page = baremap::sys::page_size();
    /// let (stack, end) = MapAnon::new(3 * page)?.split_at(2 * page)?;
    /// let guard = end.make_guard()?;
    /// assert_eq!(guard.as_ptr(), stack.as_ptr().wrapping_add(stack.len()));
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`make_read_only`](Self::make_read_only).
    #[doc(alias = "MADV_GUARD_INSTALL")]
    #[doc(alias = "PROT_NONE")]
    pub fn make_guard(self) -> Result<Map<NoAccess, B>, Refused<Self>> {
        // It may be several mappings, of which the last is refused when the first
        // are empty already. Rights can be given back, so they go first.
        match self.protect_all(Prot::NONE).and_then(|()| self.on_pages(.., empty)) {
            // SAFETY: that lends nothing.
            Ok(()) => Ok(unsafe { self.with_access() }),
            Err(errno) => {
                let _ = self.protect_all(Write::PROT);
                Err(Refused { value: self, errno })
            }
        }
    }
}

/// Takes its content from memory without rights. A touch is `SIGSEGV` afterwards.
fn empty(start: *mut u8, length: usize) -> errno::Result<()> {
    // SAFETY: nothing relies on the content but the map, which is to be a guard.
    if unsafe { mm::madvise(start, length, Advice::GUARD_INSTALL) }.is_ok() {
        // So that it is one mapping with what is beside it. If not, not.
        // SAFETY: nothing is borrowed from it.
        let _ = unsafe { mm::mprotect(start, length, Write::PROT) };
        return Ok(());
    }
    // SAFETY: as above.
    let emptied = unsafe { mm::madvise(start, length, Advice::DONTNEED) };
    emptied.or_else(|_| {
        // A locked page is not given up.
        mm::munlock(start, length)?;
        // SAFETY: as above.
        unsafe { mm::madvise(start, length, Advice::DONTNEED) }
    })
}

/// Takes a guard away, of either kind.
fn open(start: *mut u8, length: usize) -> errno::Result<()> {
    // SAFETY: nothing is borrowed from it.
    unsafe { mm::mprotect(start, length, Write::PROT) }?;
    // SAFETY: nothing relies on the guard but the map that it is.
    match unsafe { mm::madvise(start, length, Advice::GUARD_REMOVE) } {
        // A kernel without guards, or memory that cannot have them, has none.
        Ok(()) | Err(Errno::EINVAL) => Ok(()),
        Err(errno) => Err(errno),
    }
}

impl<B: Private> Map<NoAccess, B> {
    /// To be read and written again: zeros.
    ///
    /// ```
    /// use baremap::MapAnon;
    /// let guard = MapAnon::new(1)?.make_guard()?;
    /// assert_eq!(guard.make_mut()?[0], 0);
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`make_read_only`](Map::make_read_only).
    #[doc(alias = "MADV_GUARD_REMOVE")]
    pub fn make_mut(self) -> Result<Map<Write, B>, Refused<Self>> {
        match self.on_pages(.., open) {
            // SAFETY: it can be read and written now, and is nobody else's.
            Ok(()) => Ok(unsafe { self.with_access() }),
            Err(errno) => {
                // Several mappings may be open in part: a guard is one throughout.
                // SAFETY: nothing is borrowed from it.
                let _ = self.on_pages(.., |start, length| unsafe { mm::mprotect(start, length, Prot::NONE) });
                Err(Refused { value: self, errno })
            }
        }
    }
}

impl<A: Access, B: Backing> From<Map<A, B>> for Map<Raw, B>
where
    A: Readable,
{
    /// By its address alone, with the rights that it has.
    fn from(map: Map<A, B>) -> Self {
        // SAFETY: it lends nothing.
        unsafe { map.with_access() }
    }
}

impl<B: Backing> Map<Raw, B> {
    /// Has whole pages of the map allow `prot` from now on. It is safe, for the
    /// map lends nothing: pointers are the business of whoever uses them. Where it
    /// fails, pages before the one that was refused may allow it already.
    ///
    /// ```
    /// use baremap::{MapOptions, MapRaw, Prot};
    /// let page = baremap::sys::page_size();
    /// let mut map: MapRaw = MapOptions::new().len(2 * page).map_shared_anon()?.into();
    /// map.protect(page.., Prot::READ)?;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the range is not within the map, or not whole pages.
    /// - Those of [`sys::mm::mprotect`](mm::mprotect).
    #[doc(alias = "mprotect")]
    pub fn protect(&mut self, range: impl RangeBounds<usize>, prot: Prot) -> errno::Result<()> {
        let start = self.start().as_ptr();
        let pages = PageRange::exactly(start.addr(), self.len(), range, page_size())?;
        if pages.is_empty() {
            return Ok(());
        }
        // SAFETY: the pages are this map's, of which nothing is borrowed.
        unsafe { mm::mprotect(start.with_addr(pages.start()), pages.len(), prot) }
    }
}
