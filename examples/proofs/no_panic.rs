//! Links only if nothing of the library can panic: its panic handler calls what
//! nobody defines, and stays in the program only if something calls it.
//!
//! It goes through the library with what the compiler cannot foresee. With the
//! feature `panics` it does what can panic, and must not link.

#![no_std]
#![no_main]

use core::ffi::CStr;
use core::hint::black_box;
use core::panic::PanicInfo;

use baremap::process::{self, Fork};
use baremap::rt::{self, eprintln, println};
use baremap::sys::{self, fs};
use baremap::{CPathBuf, Errno, File, Lossy, MapOptions, OpenOptions, SeekFrom};

baremap::__start!(start);
baremap::__support!();

#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panicked(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn the_library_can_panic() -> !;
    }
    // SAFETY: there is no such function, so this is never linked.
    unsafe { the_library_can_panic() }
}

unsafe extern "C" fn start(stack: *mut usize) -> ! {
    // SAFETY: `_start` hands on the stack as the kernel left it.
    unsafe { rt::start(stack, main) }
}

fn main() -> Result<(), Errno> {
    #[cfg(feature = "panics")]
    return Err(Errno::ALL[black_box(0)]);
    #[cfg(not(feature = "panics"))]
    everything(black_box(c"f1.txt"), black_box(7))
}

#[cfg_attr(feature = "panics", allow(dead_code))]
fn everything(path: &CStr, number: usize) -> Result<(), Errno> {
    let copy = CPathBuf::new(path.to_bytes())?;
    let file = OpenOptions::new().read().write().create().open(&copy)?;
    let mut bytes = [0; 300];
    let read = file.read_at(&mut bytes, number as u64)?;
    file.write_all_at(bytes.get(..read).unwrap_or_default(), u64::MAX - number as u64)?;
    file.seek(SeekFrom::Current(number as i64))?;
    file.set_len(number as u64)?;

    // SAFETY: this is never run.
    let mut map = unsafe { MapOptions::new().len(number).offset(number as u64).map_mut(&file) }?;
    if let Some(byte) = map.first_mut() {
        *byte = 1;
    }
    map.flush()?;
    println!("{map:?} {}", Lossy(path))?;
    map.unmap()?;
    // SAFETY: this is never run.
    let map = unsafe { MapOptions::new().map(&File::open(path)?) }?;
    for entry in fs::directory_entries(&map) {
        println!("{:?} {} {}", entry.name, entry.inode, entry.kind)?;
    }

    // SAFETY: this is never run.
    match unsafe { process::fork() }? {
        Fork::Child => process::exit(number as i32),
        Fork::Parent(child) => eprintln!("{:?}", child.wait()?)?,
    }
    for (key, value) in rt::auxv() {
        println!("{key} {value:#x} {}", sys::page_size())?;
    }
    println!("{:?}", rt::var(path.to_bytes()))?;
    println!("{:?} {:?}", baremap::page::round_up(number, sys::page_size()), Errno::from_raw(number as i32))
}
