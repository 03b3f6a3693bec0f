//! The calls as one would write them for x86_64, register by register.

use core::arch::asm;
use core::num::NonZeroIsize;

use super::{Answer, MapFlags, MremapFlags, MsyncFlags, Prot, Whence};

#[unsafe(no_mangle)]
pub fn hand_getppid() -> i32 {
    let word: usize;
    // SAFETY: this is never run.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") 110_usize => word,
            lateout("rcx") _,
            lateout("r11") _,
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
            "syscall",
            inlateout("rax") 8_usize => word,
            in("rdi") fd as isize,
            in("rsi") offset,
            in("rdx") whence as isize,
            lateout("rcx") _,
            lateout("r11") _,
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
            "syscall",
            inlateout("rax") 11_usize => word,
            in("rdi") addr,
            in("rsi") length,
            lateout("rcx") _,
            lateout("r11") _,
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
            "syscall",
            inlateout("rax") 26_usize => word,
            in("rdi") addr,
            in("rsi") length,
            in("rdx") flags.bits() as i32 as isize,
            lateout("rcx") _,
            lateout("r11") _,
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
            "syscall",
            inlateout("rax") 9_usize => word,
            in("rdi") addr,
            in("rsi") length,
            in("rdx") prot.bits() as i32 as isize,
            in("r10") flags.bits() as i32 as isize,
            in("r8") fd as isize,
            in("r9") offset,
            lateout("rcx") _,
            lateout("r11") _,
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
            "syscall",
            inlateout("rax") 25_usize => word,
            in("rdi") old,
            in("rsi") old_size,
            in("rdx") new_size,
            in("r10") flags.bits() as i32 as isize,
            in("r8") new,
            lateout("rcx") _,
            lateout("r11") _,
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
            "syscall",
            inlateout("rax") 9_usize => word,
            in("rdi") 0_usize,
            in("rsi") length,
            in("rdx") 3_usize,
            in("r10") 0x22_usize,
            in("r8") -1_isize,
            in("r9") 0_usize,
            lateout("rcx") _,
            lateout("r11") _,
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
            "syscall",
            inlateout("rax") 11_usize => _,
            in("rdi") word,
            in("rsi") length,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack, preserves_flags),
        );
    }
    Ok(())
}
