//! The calls as one would write them for aarch64, register by register.

use core::arch::asm;
use core::num::NonZeroIsize;

use super::{Answer, MapFlags, MremapFlags, MsyncFlags, Prot, Whence};

#[unsafe(no_mangle)]
pub fn hand_getppid() -> i32 {
    let word: usize;
    // SAFETY: this is never run.
    unsafe {
        asm!(
            "svc 0",
            in("x8") 173_usize,
            lateout("x0") word,
            options(nostack, preserves_flags),
        );
    }
    word as i32
}

#[unsafe(no_mangle)]
pub fn hand_lseek(fd: i32, offset: i64, whence: Whence) -> Answer<u64> {
    let word: usize;
    // SAFETY: this is never run.
    unsafe {
        asm!(
            "svc 0",
            in("x8") 62_usize,
            inlateout("x0") fd as isize => word,
            in("x1") offset,
            in("x2") whence as isize,
            options(nostack, preserves_flags),
        );
    }
    if word > -4096_isize as usize {
        // SAFETY: it is -4095..=-1, never 0.
        return Err(unsafe { NonZeroIsize::new_unchecked(word as isize) });
    }
    Ok(word as u64)
}

#[unsafe(no_mangle)]
pub fn hand_munmap(addr: *mut u8, length: usize) -> Answer<()> {
    let word: usize;
    // SAFETY: this is never run.
    unsafe {
        asm!(
            "svc 0",
            in("x8") 215_usize,
            inlateout("x0") addr => word,
            in("x1") length,
            options(nostack, preserves_flags),
        );
    }
    if word > -4096_isize as usize {
        // SAFETY: it is -4095..=-1, never 0.
        return Err(unsafe { NonZeroIsize::new_unchecked(word as isize) });
    }
    Ok(())
}

#[unsafe(no_mangle)]
pub fn hand_msync(addr: *mut u8, length: usize, flags: MsyncFlags) -> Answer<()> {
    let word: usize;
    // SAFETY: this is never run.
    unsafe {
        asm!(
            "svc 0",
            in("x8") 227_usize,
            inlateout("x0") addr => word,
            in("x1") length,
            in("x2") flags.bits() as i32 as isize,
            options(nostack, preserves_flags),
        );
    }
    if word > -4096_isize as usize {
        // SAFETY: it is -4095..=-1, never 0.
        return Err(unsafe { NonZeroIsize::new_unchecked(word as isize) });
    }
    Ok(())
}

#[unsafe(no_mangle)]
pub fn hand_mmap(
    addr: *mut u8,
    length: usize,
    prot: Prot,
    flags: MapFlags,
    fd: i32,
    offset: u64,
) -> Answer<*mut u8> {
    let word: *mut u8;
    // SAFETY: this is never run.
    unsafe {
        asm!(
            "svc 0",
            in("x8") 222_usize,
            inlateout("x0") addr => word,
            in("x1") length,
            in("x2") prot.bits() as i32 as isize,
            in("x3") flags.bits() as i32 as isize,
            in("x4") fd as isize,
            in("x5") offset,
            options(nostack, preserves_flags),
        );
    }
    if word as usize > -4096_isize as usize {
        // SAFETY: it is -4095..=-1, never 0.
        return Err(unsafe { NonZeroIsize::new_unchecked(word as isize) });
    }
    Ok(word)
}

#[unsafe(no_mangle)]
pub fn hand_mremap(
    old: *mut u8,
    old_size: usize,
    new_size: usize,
    flags: MremapFlags,
    new: *mut u8,
) -> Answer<*mut u8> {
    let word: *mut u8;
    // SAFETY: this is never run.
    unsafe {
        asm!(
            "svc 0",
            in("x8") 216_usize,
            inlateout("x0") old => word,
            in("x1") old_size,
            in("x2") new_size,
            in("x3") flags.bits() as i32 as isize,
            in("x4") new,
            options(nostack, preserves_flags),
        );
    }
    if word as usize > -4096_isize as usize {
        // SAFETY: it is -4095..=-1, never 0.
        return Err(unsafe { NonZeroIsize::new_unchecked(word as isize) });
    }
    Ok(word)
}

/// `mmap`, a compare, `munmap`.
#[unsafe(no_mangle)]
pub fn hand_anonymous(length: usize) -> Answer<()> {
    let word: *mut u8;
    // SAFETY: this is never run.
    unsafe {
        asm!(
            "svc 0",
            in("x8") 222_usize,
            inlateout("x0") 0_usize => word,
            in("x1") length,
            in("x2") 3_usize,
            in("x3") 0x22_usize,
            in("x4") -1_isize,
            in("x5") 0_usize,
            options(nostack, preserves_flags),
        );
    }
    if word as usize > -4096_isize as usize {
        // SAFETY: it is -4095..=-1, never 0.
        return Err(unsafe { NonZeroIsize::new_unchecked(word as isize) });
    }
    // SAFETY: this is never run.
    unsafe {
        asm!(
            "svc 0",
            in("x8") 215_usize,
            inlateout("x0") word => _,
            in("x1") length,
            options(nostack, preserves_flags),
        );
    }
    Ok(())
}
