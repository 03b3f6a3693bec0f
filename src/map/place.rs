//! Where a map comes to lie.

use core::ptr::{NonNull, null_mut, without_provenance_mut};

use super::options::MapOptions;
use crate::errno::{Errno, Result};
use crate::flags::{MapFlags, Prot};
use crate::page::round_up;
use crate::sys::{RawFd, mm};

/// How often a place that was free a moment ago may be taken by another thread.
const ATTEMPTS: u32 = 64;

const NOWHERE: RawFd = -1;

impl<B> MapOptions<B> {
    /// Makes a mapping of `length` bytes that replaces nothing.
    #[inline]
    pub(super) fn place(
        self,
        length: usize,
        prot: Prot,
        sharing: MapFlags,
        fd: RawFd,
        offset: u64,
    ) -> Result<NonNull<u8>> {
        if self.alignment != 0 {
            return self.place_aligned(length, offset, |address, flags| {
                map(address, length, prot, sharing | flags, fd, offset)
            });
        }
        // The kernel would do it for the privileged.
        if self.address == 0 && self.flags.contains(MapFlags::FIXED_NOREPLACE) {
            return Err(Errno::EINVAL);
        }
        let start =
            map(without_provenance_mut(self.address), length, prot, sharing | self.flags, fd, offset)?;
        if self.flags.contains(MapFlags::FIXED_NOREPLACE) {
            return at(self.address, start, length);
        }
        Ok(start)
    }

    /// Looks for a range that has room for it wherever it starts, gives that up
    /// again, and maps at the aligned address in it.
    ///
    /// To map over a part of what was found would need no second attempt, but a
    /// failure can leave a hole there, which is not ours to close.
    fn place_aligned(
        self,
        length: usize,
        offset: u64,
        map: impl Fn(*mut u8, MapFlags) -> Result<NonNull<u8>>,
    ) -> Result<NonNull<u8>> {
        if !self.alignment.is_power_of_two() {
            return Err(Errno::EINVAL);
        }
        // A huge page of the file lies in the map as it lies in the file.
        let phase = offset as usize & self.alignment.wrapping_sub(1);
        let room = length.checked_add(self.alignment).ok_or(Errno::ENOMEM)?;
        let nothing = MapFlags::PRIVATE | MapFlags::ANONYMOUS | MapFlags::NORESERVE;
        let flags = self.flags | MapFlags::FIXED_NOREPLACE;
        for _ in 0..ATTEMPTS {
            // SAFETY: without FIXED, a new mapping replaces nothing.
            let free = unsafe { mm::mmap(null_mut(), room, Prot::NONE, nothing, NOWHERE, 0) }?;
            // SAFETY: it was mapped a moment ago, and nobody was told.
            unsafe { mm::munmap(free, room) }?;
            let place = free.addr().wrapping_sub(phase);
            let place = round_up(place, self.alignment).ok_or(Errno::ENOMEM)?.wrapping_add(phase);
            match map(without_provenance_mut(place), flags).and_then(|start| at(place, start, length)) {
                // Another thread was faster.
                Err(Errno::EEXIST) => {}
                result => return result,
            }
        }
        Err(Errno::EAGAIN)
    }
}

/// `mmap`, for flags that replace nothing.
#[inline(always)]
fn map(
    address: *mut u8,
    length: usize,
    prot: Prot,
    flags: MapFlags,
    fd: RawFd,
    offset: u64,
) -> Result<NonNull<u8>> {
    // SAFETY: nobody can pass FIXED, so it replaces nothing.
    let start = unsafe { mm::mmap(address, length, prot, flags, fd, offset) }?;
    // SAFETY: the kernel maps nothing at address 0 that it was not told to, which
    // is refused above.
    Ok(unsafe { NonNull::new_unchecked(start) })
}

/// A kernel that does not know FIXED_NOREPLACE has taken the address as a hint.
fn at(address: usize, start: NonNull<u8>, length: usize) -> Result<NonNull<u8>> {
    if start.addr().get() == address {
        return Ok(start);
    }
    // SAFETY: it has just been mapped, and nobody was told.
    let _ = unsafe { mm::munmap(start.as_ptr(), length) };
    Err(Errno::EEXIST)
}
