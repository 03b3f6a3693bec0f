//! A private map of a file, in two processes: they share its pages until one of them
//! stores. Then that page is copied, and the file is none the wiser.

#![no_std]
#![no_main]

mod child;
mod scratch;
mod smaps;

use baremap::rt::println;
use baremap::sys::process::{Pid, getpid, getppid};
use baremap::{Errno, MapMut, MapOptions, sys};
use child::child;
use scratch::scratch;
use smaps::Bar;

baremap::entry!(main);

const PAGES: usize = 4;

fn main() -> Result<(), Errno> {
    let page = sys::page_size();
    let file = scratch(c"/tmp", b"")?;
    for number in 0..PAGES {
        file.write_all_at(b"a", (number * page) as u64)?;
    }
    file.set_len((PAGES * page) as u64)?;
    // SAFETY: nobody changes the file, which has no name.
    let mut map = unsafe { MapOptions::new().map_copy(&file) }?;
    let heading = "a file of four pages, mapped privately:";
    println!("{heading:42} shared   its own")?;

    letters(&map);
    show("  the parent has read", getpid(), &map)?;
    let status = child(|| {
        let _ = told_by_child(&mut map);
    })?;
    println!("the child: {status}")?;
    println!("the parent reads  {}", text(&letters(&map)))?;
    let mut bytes = [0; PAGES];
    for (number, byte) in bytes.iter_mut().enumerate() {
        file.read_at(core::slice::from_mut(byte), (number * page) as u64)?;
    }
    println!("the file has      {}", text(&bytes))
}

/// What the child does, and sees of itself and of its parent.
fn told_by_child(map: &mut MapMut) -> Result<(), Errno> {
    let (child, parent) = (getpid(), getppid());
    letters(map);
    show("  the child has read, too", child, map)?;
    show("    and the parent", parent, map)?;
    if let Some(byte) = map.get_mut(sys::page_size()) {
        *byte = b'X';
    }
    show("  the child has stored", child, map)?;
    show("    and the parent", parent, map)?;
    println!("the child reads   {}", text(&letters(map)))
}

/// A byte of every page, which brings the pages in.
fn letters(map: &MapMut) -> [u8; PAGES] {
    let mut letters = [0; PAGES];
    for (letter, page) in letters.iter_mut().zip(map.chunks(sys::page_size())) {
        // SAFETY: it is the first byte of a page of the map.
        *letter = unsafe { page.as_ptr().read_volatile() };
    }
    letters
}

/// A line of figures: of the same map, in this process or in the other.
fn show(who: &str, pid: Pid, map: &MapMut) -> Result<(), Errno> {
    let start = map.as_ptr().addr();
    let pages = smaps::pages(pid, start..start + map.len())?;
    println!("{who:42} {}     {}", Bar(pages.shared, PAGES), Bar(pages.own, PAGES))
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or("no text")
}
