//! What the kernel tells of a map's pages.

use core::fmt;
use core::ops::Range;

use baremap::address_space::AddressSpace;
use baremap::sys::process::Pid;
use baremap::{Errno, sys};

/// Pages of a map that are in memory.
#[derive(Clone, Copy, Default)]
pub struct Pages {
    /// Those that another process has mapped, too, or another map.
    pub shared: usize,
    /// Those that this map alone has.
    pub own: usize,
    /// Those of both that were written to, and not yet to the file.
    pub dirty: usize,
}

/// The pages that a process has in this range of addresses.
pub fn pages(pid: Pid, range: Range<usize>) -> Result<Pages, Errno> {
    let page = sys::page_size() as u64;
    let (mut buffer, mut pages) = ([0; 8192], Pages::default());
    let mut smaps = AddressSpace::of(pid).smaps(&mut buffer)?;
    while let Some((mapping, usage)) = smaps.next_mapping()? {
        let mapping = mapping.range();
        if range.start <= mapping.start && mapping.end <= range.end {
            pages.shared += ((usage.shared_clean + usage.shared_dirty) / page) as usize;
            pages.own += ((usage.private_clean + usage.private_dirty) / page) as usize;
            pages.dirty += ((usage.shared_dirty + usage.private_dirty) / page) as usize;
        }
    }
    Ok(pages)
}

/// So many pages of so many, as a picture.
pub struct Bar(pub usize, pub usize);

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.1).try_for_each(|number| f.write_str(if number < self.0 { "#" } else { "." }))
    }
}
