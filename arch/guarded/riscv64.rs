//! riscv64.
//!
//! | | |
//! |---|---|
//! | guarded address | `a1` (`x11`) where it is read, `a0` (`x10`) where it is written |
//! | bytes left of a copy | `a2` (`x12`) |
//!
//! A copy takes 32 bytes at a time while there are as many and both sides are
//! aligned to 8, for an access that is not may be a trap of its own; then one. Of
//! the 32 all are loaded before the first is stored, and the registers move on
//! after the last, so that a fault on the guarded side goes on with single bytes
//! from where the 32 began: these come to exactly the byte that is not there.
//!
//! A single value that is not aligned is copied byte by byte. As one access it may
//! be a trap, out of which the kernel reports no address of ours.
//!
//! A store or load lands at the end of its function's section, out of the way of
//! those that go well and within reach of a jump, and comes back.
//!
//! Options: `nostack`, for nothing is pushed; `preserves_flags`, for there are
//! none. Loads are `readonly`; stores are not. The list holds distances between
//! sections, which the linker may change by relaxing: it keeps them right.

use core::ffi::c_void;

use super::{Entry, Interrupted, entry};

macro_rules! load {
    ($name:ident, $type:ty, $move:literal, $size:literal) => {
        /// Reads one value; `None` if the memory is not there.
        ///
        /// # Safety
        ///
        /// Nothing may be at the address that is not guarded memory, or the handler
        /// of faults must be installed.
        #[inline(always)]
        pub unsafe fn $name(from: *const u8) -> Option<$type> {
            if !from.cast::<$type>().is_aligned() {
                // SAFETY: as for this one.
                return unsafe { load_bytes(from, $size) }.map(|value| value as $type);
            }
            let value: u64;
            let bad: u64;
            // SAFETY: a fault of the load goes to its landing.
            unsafe {
                core::arch::asm!(
                    concat!("2: ", $move),
                    "3:",
                    ".subsection 1",
                    "4: li {bad}, 1",
                    "j 3b",
                    ".previous",
                    entry!("2b", "4b", $size, 11),
                    value = out(reg) value,
                    bad = inout(reg) 0_u64 => bad,
                    in("a1") from,
                    options(nostack, preserves_flags, readonly),
                );
            }
            (bad == 0).then_some(value as $type)
        }
    };
}

load!(load1, u8, "lbu {value}, 0(a1)", 1);
load!(load2, u16, "lhu {value}, 0(a1)", 2);
load!(load4, u32, "lwu {value}, 0(a1)", 4);
load!(load8, u64, "ld {value}, 0(a1)", 8);

macro_rules! store {
    ($name:ident, $type:ty, $move:literal, $size:literal) => {
        /// Writes one value, and says whether the memory is there.
        ///
        /// # Safety
        ///
        /// The memory must be the caller's to write, where it is there.
        #[inline(always)]
        pub unsafe fn $name(to: *mut u8, value: $type) -> bool {
            if !to.cast::<$type>().is_aligned() {
                // SAFETY: as for this one.
                return unsafe { store_bytes(to, value.into(), $size) };
            }
            let bad: u64;
            // SAFETY: a fault of the store goes to its landing.
            unsafe {
                core::arch::asm!(
                    concat!("2: ", $move),
                    "3:",
                    ".subsection 1",
                    "4: li {bad}, 1",
                    "j 3b",
                    ".previous",
                    entry!("2b", "4b", $size, 10),
                    value = in(reg) u64::from(value),
                    bad = inout(reg) 0_u64 => bad,
                    in("a0") to,
                    options(nostack, preserves_flags),
                );
            }
            bad == 0
        }
    };
}

store!(store1, u8, "sb {value}, 0(a0)", 1);
store!(store2, u16, "sh {value}, 0(a0)", 2);
store!(store4, u32, "sw {value}, 0(a0)", 4);
store!(store8, u64, "sd {value}, 0(a0)", 8);

/// # Safety
///
/// As for [`load8`].
unsafe fn load_bytes(from: *const u8, size: usize) -> Option<u64> {
    let mut value = [0; 8];
    // SAFETY: no value is longer.
    let left = unsafe { copy_from(value.as_mut_ptr(), from, size) };
    (left == 0).then_some(u64::from_le_bytes(value))
}

/// # Safety
///
/// As for [`store8`].
unsafe fn store_bytes(to: *mut u8, value: u64, size: usize) -> bool {
    // SAFETY: no value is longer; the caller vouches for the memory.
    unsafe { copy_to(to, value.to_le_bytes().as_ptr(), size) == 0 }
}

/// Copies from guarded memory, and returns how many bytes are left when it comes
/// to one that is not there.
///
/// # Safety
///
/// `to` must be the caller's to write, for `length` bytes.
#[inline]
pub unsafe fn copy_from(to: *mut u8, from: *const u8, length: usize) -> usize {
    let left;
    // SAFETY: a fault of the guarded side goes to its landing.
    unsafe {
        core::arch::asm!(
            "or t0, a0, a1",
            "andi t0, t0, 7",
            "bnez t0, 7f",
            "li t4, 32",
            "6: bltu a2, t4, 7f",
            "2: ld t0, 0(a1)",
            "3: ld t1, 8(a1)",
            "4: ld t2, 16(a1)",
            "5: ld t3, 24(a1)",
            "sd t0, 0(a0)",
            "sd t1, 8(a0)",
            "sd t2, 16(a0)",
            "sd t3, 24(a0)",
            "addi a1, a1, 32",
            "addi a0, a0, 32",
            "addi a2, a2, -32",
            "j 6b",
            "7: beqz a2, 9f",
            "8: lbu t0, 0(a1)",
            "sb t0, 0(a0)",
            "addi a1, a1, 1",
            "addi a0, a0, 1",
            "addi a2, a2, -1",
            "j 7b",
            "9:",
            entry!("2b", "7b", 32, 11),
            entry!("3b", "7b", 32, 11),
            entry!("4b", "7b", 32, 11),
            entry!("5b", "7b", 32, 11),
            entry!("8b", "9b", 1, 11),
            inout("a2") length => left,
            inout("a0") to => _,
            inout("a1") from => _,
            out("t0") _, out("t1") _, out("t2") _, out("t3") _, out("t4") _,
            options(nostack, preserves_flags),
        );
    }
    left
}

/// Copies to guarded memory, and returns how many bytes are left when it comes to
/// one that is not there.
///
/// # Safety
///
/// `from` must be readable for `length` bytes; the guarded memory must be the
/// caller's to write, where it is there.
#[inline]
pub unsafe fn copy_to(to: *mut u8, from: *const u8, length: usize) -> usize {
    let left;
    // SAFETY: a fault of the guarded side goes to its landing.
    unsafe {
        core::arch::asm!(
            "or t0, a0, a1",
            "andi t0, t0, 7",
            "bnez t0, 7f",
            "li t4, 32",
            "6: bltu a2, t4, 7f",
            "ld t0, 0(a1)",
            "ld t1, 8(a1)",
            "ld t2, 16(a1)",
            "ld t3, 24(a1)",
            "2: sd t0, 0(a0)",
            "3: sd t1, 8(a0)",
            "4: sd t2, 16(a0)",
            "5: sd t3, 24(a0)",
            "addi a1, a1, 32",
            "addi a0, a0, 32",
            "addi a2, a2, -32",
            "j 6b",
            "7: beqz a2, 9f",
            "lbu t0, 0(a1)",
            "8: sb t0, 0(a0)",
            "addi a1, a1, 1",
            "addi a0, a0, 1",
            "addi a2, a2, -1",
            "j 7b",
            "9:",
            entry!("2b", "7b", 32, 10),
            entry!("3b", "7b", 32, 10),
            entry!("4b", "7b", 32, 10),
            entry!("5b", "7b", 32, 10),
            entry!("8b", "9b", 1, 10),
            inout("a2") length => left,
            inout("a0") to => _,
            inout("a1") from => _,
            out("t0") _, out("t1") _, out("t2") _, out("t3") _, out("t4") _,
            options(nostack, preserves_flags),
        );
    }
    left
}

/// The ends of the list of guarded instructions, which has one entry that is none
/// at least: else there would be no section of the name.
pub fn bounds() -> [*const Entry; 2] {
    let (start, stop);
    // SAFETY: it only takes two addresses.
    unsafe {
        core::arch::asm!(
            ".hidden __start_baremap_faults_1",
            ".hidden __stop_baremap_faults_1",
            "lla {start}, __start_baremap_faults_1",
            "lla {stop}, __stop_baremap_faults_1",
            ".pushsection baremap_faults_1,\"aR\"",
            ".balign 4",
            ".zero 12",
            ".popsection",
            start = out(reg) start,
            stop = out(reg) stop,
            options(nomem, nostack, preserves_flags),
        );
    }
    [start, stop]
}

/// The register that counts the bytes left: no entry asks for it.
pub const LEFT: u16 = 12;

/// Where a `ucontext_t` has the program counter and the registers: the kernel has
/// the former in the place of `x0`.
///
/// # Safety
///
/// `context` must be the `ucontext_t` that a handler was given.
pub unsafe fn interrupted(context: *mut c_void) -> Interrupted {
    const REGISTERS: usize = 176;
    let registers: *mut usize = context.wrapping_byte_add(REGISTERS).cast();
    Interrupted { program_counter: registers, registers }
}
