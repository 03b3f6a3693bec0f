//! msync with each of its flags: which pages of a shared map are dirty before and
//! after, which is to say stored to, and not yet written to the file's disk.
//!
//! `sync [FOLDER]`, `/tmp` if none is named. A folder in memory has no disk to write
//! to, so that its pages stay dirty.

#![no_std]
#![no_main]

mod scratch;
mod smaps;
mod told;

use baremap::rt::{self, println};
use baremap::sys::mm::msync;
use baremap::sys::process::getpid;
use baremap::{Errno, MapMut, MapOptions, MsyncFlags, sys};
use scratch::scratch;
use smaps::Bar;
use told::{Told, told};

baremap::entry!(main);

const PAGES: usize = 3;

fn main() -> Result<(), Errno> {
    let page = sys::page_size();
    let folder = rt::args().nth(1).unwrap_or(c"/tmp");
    let file = scratch(folder, b"")?;
    file.set_len((PAGES * page) as u64)?;
    file.sync_all()?;
    let map = || {
        // SAFETY: the file has no name, and only this program has it.
        unsafe { MapOptions::new().shared().map_mut(&file) }
    };
    let mut data = map()?;
    let other = map()?;
    let start = data.as_mut_ptr();
    let sync = |flags| told(msync(start, PAGES * page, flags));

    for round in [MsyncFlags::ASYNC, MsyncFlags::SYNC] {
        data.chunks_mut(page).for_each(|page| page.fill(b'!'));
        show("stored to three pages", None, &data)?;
        let name = if round == MsyncFlags::SYNC { "MS_SYNC" } else { "MS_ASYNC" };
        show(name, Some(sync(round)), &data)?;
    }

    data[0] = b'?';
    show("stored to one page", None, &data)?;
    show("MS_INVALIDATE", Some(sync(MsyncFlags::INVALIDATE)), &data)?;
    // SAFETY: it is the first byte of the map.
    let seen = char::from(unsafe { other.as_ptr().read_volatile() });
    println!("another map of the file, which is \"invalidated\", has the `{seen}` all the same")?;
    data.lock_range(..page).map_err(|error| error.errno)?;
    println!("MS_INVALIDATE, a page locked:      {}", sync(MsyncFlags::INVALIDATE))?;
    println!("MS_SYNC and MS_ASYNC:              {}", sync(MsyncFlags::SYNC | MsyncFlags::ASYNC))?;
    let odd = told(msync(start.wrapping_add(1), page, MsyncFlags::SYNC));
    println!("an address within a page:          {odd}")?;
    data.unmap().map_err(Errno::from)?;
    println!("what is not mapped:                {}", sync(MsyncFlags::SYNC))
}

/// A line: how many of the pages are dirty.
fn show(what: &str, result: Option<Told>, map: &MapMut) -> Result<(), Errno> {
    let start = map.as_ptr().addr();
    let dirty = smaps::pages(getpid(), start..start + map.len())?.dirty;
    match result {
        Some(result) => println!("{what:14} {result:20} dirty pages: {}", Bar(dirty, PAGES)),
        None => println!("{what:35} dirty pages: {}", Bar(dirty, PAGES)),
    }
}
