//! munmap: the whole map, a part of it, and the hole that is left. `#` is a page that
//! is mapped, `.` one that is not.

#![no_std]
#![no_main]

mod child;
mod scratch;
mod told;
mod touch;

use core::ptr::null_mut;

use baremap::rt::println;
use baremap::sys::mm::{mmap, msync, munmap};
use baremap::{AsFd, Errno, File, MapFlags, MsyncFlags, Prot, sys};
use scratch::scratch;
use told::told;
use touch::touch;

baremap::entry!(main);

const PAGES: usize = 6;

fn main() -> Result<(), Errno> {
    let page = sys::page_size();
    let file = scratch(c"/tmp", b"still here")?;
    file.set_len((PAGES * page) as u64)?;

    let start = map(&file, page)?;
    show("mapped", start, page)?;
    // SAFETY: nothing else is in the map, here and below.
    unsafe { munmap(start, PAGES * page) }?;
    show("the whole unmapped", start, page)?;
    let mut bytes = [0; 10];
    file.read_at(&mut bytes, 0)?;
    println!("the descriptor is open: {}", core::str::from_utf8(&bytes).unwrap_or_default())?;

    let start = map(&file, page)?;
    show("mapped again", start, page)?;
    // SAFETY: as above.
    unsafe { munmap(start, 1) }?;
    show("one byte of the first", start, page)?;
    // SAFETY: as above.
    unsafe { munmap(start.wrapping_add(2 * page), 2 * page) }?;
    show("two pages inside", start, page)?;
    println!("a touch of the hole: {}", touch(start.wrapping_add(2 * page))?)?;

    // SAFETY: as above. What is not mapped is no error.
    unsafe { munmap(start, PAGES * page) }?;
    show("all, with the holes", start, page)?;
    // SAFETY: nothing is mapped there.
    let again = unsafe { munmap(start, PAGES * page) };
    println!("once more: {}", told(again))?;
    // SAFETY: the kernel refuses it.
    let odd = unsafe { munmap(start.wrapping_add(1), page) };
    println!("an address within a page: {}", told(odd))?;
    // SAFETY: the kernel refuses it.
    let nothing = unsafe { munmap(start, 0) };
    println!("no bytes: {}", told(nothing))
}

fn map(file: &File, page: usize) -> Result<*mut u8, Errno> {
    let fd = file.as_fd().as_raw_fd();
    // SAFETY: it replaces nothing, and nothing is done with its bytes.
    unsafe { mmap(null_mut(), PAGES * page, Prot::READ, MapFlags::SHARED, fd, 0) }
}

/// Draws the pages. Asked to write one back that is not mapped, the kernel says so.
fn show(what: &str, start: *mut u8, page: usize) -> Result<(), Errno> {
    let mut pages = [b'.'; PAGES];
    for (number, place) in pages.iter_mut().enumerate() {
        if msync(start.wrapping_add(number * page), page, MsyncFlags::ASYNC).is_ok() {
            *place = b'#';
        }
    }
    println!("{} {what}", core::str::from_utf8(&pages).unwrap_or_default())
}
