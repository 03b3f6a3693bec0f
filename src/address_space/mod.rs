//! The reader of address spaces: which mappings a process has, and which of their
//! pages are in memory, as /proc tells it; without allocation.
//!
//! ```
//! use baremap::address_space::{AddressSpace, Name};
//!
//! let mut buffer = [0; 8192];
//! let mut maps = AddressSpace::own().maps(&mut buffer)?;
//! let mut stacks = 0;
//! while let Some(mapping) = maps.next_mapping()? {
//!     stacks += usize::from(mapping.name == Name::Stack);
//! }
//! assert_eq!(stacks, 1);
//! # Ok::<(), baremap::address_space::Error>(())
//! ```
//!
//! # References
//!
//! [proc(5)](https://docs.kernel.org/filesystems/proc.html)

mod error;
mod lines;
mod maps;
mod name;
mod pages;
mod parse;
mod query;
mod smaps;
mod usage;

use core::fmt::{self, Write};
use core::ops::Range;

pub use error::Error;
pub use maps::Maps;
pub use name::{Name, Path};
pub use pages::PageState;
pub use smaps::Smaps;
pub use usage::Usage;

use crate::errno::{Errno, Result};
use crate::file::File;
use crate::flags::Prot;
use crate::sys::process::Pid;

/// The address space of a process: of this one, or of another that this one may
/// look into ([ptrace(2)](https://man7.org/linux/man-pages/man2/ptrace.2.html) says
/// which it may).
///
/// It is a name and holds nothing: a process that ends makes room for another of the
/// same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressSpace(Option<Pid>);

impl AddressSpace {
    /// That of this process.
    #[must_use]
    pub const fn own() -> Self {
        Self(None)
    }

    /// That of a process by its number.
    #[must_use]
    pub const fn of(pid: Pid) -> Self {
        Self(Some(pid))
    }

    /// Reads its mappings, in the order of their addresses. The buffer has room for a
    /// line of /proc/PID/maps, which is 73 bytes and the path of a file; the more it
    /// holds, the fewer the calls.
    ///
    /// Each line is true, but a process that runs may change its mappings between the
    /// kernel's answers.
    ///
    /// # Errors
    ///
    /// Those of [`File::open`]; `ENOENT`: there is no such process, or no /proc.
    pub fn maps(self, buffer: &mut [u8]) -> Result<Maps<'_>> {
        Ok(Maps::new(self.open("maps")?, buffer))
    }

    /// Reads its mappings with what of each is in memory. The kernel looks at every
    /// page for that. The buffer has room for two lines.
    ///
    /// ```
    /// use baremap::address_space::AddressSpace;
    /// let mut map = baremap::MapAnon::new(1 << 20)?;
    /// map.fill(1);
    /// let mut buffer = [0; 8192];
    /// let mut smaps = AddressSpace::own().smaps(&mut buffer)?;
    /// while let Some((mapping, usage)) = smaps.next_mapping()? {
    ///     if mapping.range().contains(&map.as_ptr().addr()) {
    ///         assert!(usage.private_dirty >= 1 << 20);
    ///     }
    /// }
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`maps`](Self::maps); `EACCES`: it is not this process's to look at.
    pub fn smaps(self, buffer: &mut [u8]) -> Result<Smaps<'_>> {
        Ok(Smaps::new(self.open("smaps")?, buffer))
    }

    /// What all of it has in memory, in sum.
    ///
    /// ```
    /// use baremap::address_space::AddressSpace;
    /// let usage = AddressSpace::own().usage()?;
    /// assert!(0 < usage.pss && usage.pss <= usage.rss);
    /// # Ok::<(), baremap::address_space::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`smaps`](Self::smaps) and its reader; `ESRCH`: it has no memory, as
    /// the kernel's own threads and what has ended have none.
    pub fn usage(self) -> core::result::Result<Usage, Error> {
        let mut buffer = [0; 1024];
        let mut rollup = Smaps::new(self.open("smaps_rollup")?, &mut buffer);
        Ok(rollup.next_mapping()?.ok_or(Errno::ESRCH)?.1)
    }

    /// Opens a file of /proc/PID.
    fn open(self, file: &str) -> Result<File> {
        let mut path = Text { bytes: [0; 40], used: 0 };
        let written = match self.0 {
            None => write!(path, "/proc/self/{file}"),
            Some(pid) => write!(path, "/proc/{pid}/{file}"),
        };
        written.map_err(|_| Errno::ENAMETOOLONG)?;
        let path = core::ffi::CStr::from_bytes_until_nul(&path.bytes).map_err(|_| Errno::ENAMETOOLONG)?;
        File::open(path)
    }
}

/// A place for a short text.
struct Text {
    bytes: [u8; 40],
    used: usize,
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.used..).unwrap_or_default();
        if room.len() < text.len() {
            return Err(fmt::Error);
        }
        room.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
        self.used = self.used.saturating_add(text.len());
        Ok(())
    }
}

/// A range of addresses that a process has mapped, as a line of /proc/PID/maps tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping<'a> {
    /// The first byte.
    pub start: usize,
    /// The byte after the last, which is above `start`.
    pub end: usize,
    /// What may be done with its bytes.
    pub prot: Prot,
    /// Who sees what is stored there.
    pub sharing: Sharing,
    /// Where in the file it starts, in bytes.
    pub offset: u64,
    /// The device that the file is on.
    pub device: Device,
    /// The file's number there; 0 if it has no file.
    pub inode: u64,
    /// What it is.
    pub name: Name<'a>,
}

impl Mapping<'_> {
    /// Its addresses.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// Who sees what is stored in a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// `MAP_PRIVATE`: this process.
    Private,
    /// `MAP_SHARED`: everybody who has the file mapped.
    Shared,
}

/// A device, by its numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Device {
    /// Which driver.
    pub major: u32,
    /// Which of its devices.
    pub minor: u32,
}
