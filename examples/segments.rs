//! A program's segments, mapped: what the lecture calls the main use of private
//! file maps.

use core::mem;
use core::ptr::without_provenance_mut;

use baremap::sys::mm::mmap;
use baremap::{AsFd, Errno, File, MapFlags, Prot, Reservation};

use crate::elf::{Image, Segment};

const NO_FILE: i32 = -1;

/// Maps what the image says, and returns where its address `range().0` came to lie.
/// It stays mapped whatever becomes of this program.
pub fn map(image: &Image, file: &File, page: u64) -> Result<*mut u8, Errno> {
    let (start, end) = image.range(page);
    let length = (end - start) as usize;
    let base = if image.header.fixed {
        take(start as usize, length)?
    } else {
        // Anywhere: what is reserved stays so, for the reservation is not dropped.
        let reservation = Reservation::aligned(length, image.alignment(page) as usize)?;
        mem::ManuallyDrop::new(reservation).as_ptr().cast_mut()
    };
    for segment in image.segments() {
        map_segment(segment, base.wrapping_add((segment.start(page) - start) as usize), file, page)?;
    }
    Ok(base)
}

/// Takes addresses, if nothing at all is there: not this program, not its stack.
fn take(start: usize, length: usize) -> Result<*mut u8, Errno> {
    let flags = MapFlags::PRIVATE | MapFlags::ANONYMOUS | MapFlags::NORESERVE | MapFlags::FIXED_NOREPLACE;
    let wanted = without_provenance_mut(start);
    // SAFETY: it replaces nothing.
    let base = unsafe { mmap(wanted, length, Prot::NONE, flags, NO_FILE, 0) }?;
    // A kernel that takes the address as a hint has mapped elsewhere.
    if base == wanted { Ok(base) } else { Err(Errno::EEXIST) }
}

/// Maps a segment at `start`, its first page's place, which is reserved.
fn map_segment(segment: &Segment, start: *mut u8, file: &File, page: u64) -> Result<(), Errno> {
    let mut prot = Prot::READ;
    prot.set(Prot::WRITE, segment.writable);
    prot.set(Prot::EXEC, segment.executable);
    let here = MapFlags::PRIVATE | MapFlags::FIXED;
    let whole = (segment.end(page) - segment.start(page)) as usize;
    // What of its first page is before it; the file has that much there, too.
    let before = segment.address - segment.start(page);
    let mut from_file = 0;

    if segment.in_file != 0 {
        let bytes = (before + segment.in_file) as usize;
        from_file = bytes.next_multiple_of(page as usize);
        let fd = file.as_fd().as_raw_fd();
        // SAFETY: the range is reserved for the program, which has not started.
        unsafe { mmap(start, from_file, prot, here, fd, segment.offset - before) }?;
        if segment.in_memory > segment.in_file {
            // The page is written to here, so it is a copy: the file stays.
            // SAFETY: the range is the rest of a writable page that was just mapped.
            unsafe { start.wrapping_add(bytes).write_bytes(0, from_file - bytes) };
        }
    }
    if whole > from_file {
        let (start, rest) = (start.wrapping_add(from_file), whole - from_file);
        // SAFETY: as above.
        unsafe { mmap(start, rest, prot, here | MapFlags::ANONYMOUS, NO_FILE, 0) }?;
    }
    Ok(())
}
