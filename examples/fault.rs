//! What is past the end of a file that is mapped, and how a guarded map answers.
//!
//! ```text
//! file   │ten bytes.│
//! map    │ten bytes.000000000000│  the next page  │  after the map
//!        │ its bytes   zeros    │     SIGBUS      │     SIGSEGV
//! ```

#![no_std]
#![no_main]

mod child;
mod scratch;
mod told;
mod touch;

use baremap::guard::{Guarded, Guards};
use baremap::rt::println;
use baremap::{Errno, MapAnon, MapOptions, sys};
use scratch::scratch;
use told::told;
use touch::touch;

baremap::entry!(main);

const TEXT: &[u8] = b"ten bytes.";

fn main() -> Result<(), Errno> {
    let page = sys::page_size();
    let (end, pages) = (TEXT.len(), 2 * page);
    let file = scratch(c"/tmp", TEXT)?;
    // More than the file has. The kernel lets it pass.
    let map = MapOptions::new().len(pages).map_raw(&file)?;
    println!("a file of {end} bytes, a map of two pages; a child reads")?;
    println!("the last byte of the file:      {}", touch(map.as_ptr().wrapping_add(end - 1))?)?;
    println!("the byte after it:              {}", touch(map.as_ptr().wrapping_add(end))?)?;
    println!("the last byte of its page:      {}", touch(map.as_ptr().wrapping_add(page - 1))?)?;
    println!("the first byte of the next:     {}", touch(map.as_ptr().wrapping_add(page))?)?;
    println!("the last byte of the map:       {}", touch(map.as_ptr().wrapping_add(pages - 1))?)?;
    // What is behind this map is unmapped for certain.
    let (one, other) = MapAnon::new(pages)?.split_at(page).map_err(Errno::from)?;
    other.unmap().map_err(Errno::from)?;
    println!("a byte that no map has:         {}", touch(one.as_ptr().wrapping_add(page))?)?;

    let map = Guarded::new(map, Guards::install()?);
    println!("a guarded map, and no child")?;
    println!("the last byte of the file:      {}", told(map.get::<u8>(end - 1)))?;
    println!("the byte after it:              {}", told(map.get::<u8>(end)))?;
    println!("the first byte of the next:     {}", told(map.get::<u8>(page)))?;
    println!("a byte that no map has:         {}", told(map.get::<u8>(pages)))?;
    println!("a store after the file's end:   {}", told(map.set(end, b'!')))?;
    println!("  which is lost: the file has   {} bytes", file.len()?)?;
    file.set_len(0)?;
    println!("the first byte, the file cut:   {}", told(map.get::<u8>(0)))?;
    file.write_all_at(TEXT, 0)?;
    println!("the first byte, written anew:   {}", told(map.get::<u8>(0)))
}
