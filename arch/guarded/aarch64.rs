//! aarch64.
//!
//! | | |
//! |---|---|
//! | guarded address | `x1` where it is read, `x0` where it is written |
//! | bytes left of a copy | `x2` |
//!
//! A copy takes 64 bytes at a time while there are as many, then one. Of the 64
//! all are loaded before the first is stored, and the registers move on after the
//! last, so that a fault on the guarded side goes on with single bytes from where
//! the 64 began: these come to exactly the byte that is not there.
//!
//! A store or load lands at the end of its function's section, out of the way of
//! those that go well and within reach of a branch, and comes back.
//!
//! Options: `nostack`, for nothing is pushed. Copies set the flags; single loads
//! and stores do not. Loads are `readonly`; stores are not.

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
            let value: u64;
            let bad: u32;
            // SAFETY: a fault of the load goes to its landing.
            unsafe {
                core::arch::asm!(
                    concat!("2: ", $move),
                    "3:",
                    ".subsection 1",
                    "4: mov {bad:w}, #1",
                    "b 3b",
                    ".previous",
                    entry!("2b", "4b", $size, 1),
                    value = out(reg) value,
                    bad = inout(reg) 0_u32 => bad,
                    in("x1") from,
                    options(nostack, preserves_flags, readonly),
                );
            }
            (bad == 0).then_some(value as $type)
        }
    };
}

load!(load1, u8, "ldrb {value:w}, [x1]", 1);
load!(load2, u16, "ldrh {value:w}, [x1]", 2);
load!(load4, u32, "ldr {value:w}, [x1]", 4);
load!(load8, u64, "ldr {value}, [x1]", 8);

macro_rules! store {
    ($name:ident, $type:ty, $move:literal, $size:literal) => {
        /// Writes one value, and says whether the memory is there.
        ///
        /// # Safety
        ///
        /// The memory must be the caller's to write, where it is there.
        #[inline(always)]
        pub unsafe fn $name(to: *mut u8, value: $type) -> bool {
            let bad: u32;
            // SAFETY: a fault of the store goes to its landing.
            unsafe {
                core::arch::asm!(
                    concat!("2: ", $move),
                    "3:",
                    ".subsection 1",
                    "4: mov {bad:w}, #1",
                    "b 3b",
                    ".previous",
                    entry!("2b", "4b", $size, 0),
                    value = in(reg) u64::from(value),
                    bad = inout(reg) 0_u32 => bad,
                    in("x0") to,
                    options(nostack, preserves_flags),
                );
            }
            bad == 0
        }
    };
}

store!(store1, u8, "strb {value:w}, [x0]", 1);
store!(store2, u16, "strh {value:w}, [x0]", 2);
store!(store4, u32, "str {value:w}, [x0]", 4);
store!(store8, u64, "str {value}, [x0]", 8);

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
            "subs x2, x2, #64",
            "b.lo 6f",
            "2: ldp x3, x4, [x1]",
            "3: ldp x5, x6, [x1, #16]",
            "4: ldp x7, x8, [x1, #32]",
            "5: ldp x9, x10, [x1, #48]",
            "stp x3, x4, [x0]",
            "stp x5, x6, [x0, #16]",
            "stp x7, x8, [x0, #32]",
            "stp x9, x10, [x0, #48]",
            "add x1, x1, #64",
            "add x0, x0, #64",
            "subs x2, x2, #64",
            "b.hs 2b",
            "6: add x2, x2, #64",
            "7: cbz x2, 9f",
            "8: ldrb w3, [x1]",
            "strb w3, [x0]",
            "add x1, x1, #1",
            "add x0, x0, #1",
            "sub x2, x2, #1",
            "b 7b",
            "9:",
            entry!("2b", "6b", 64, 1),
            entry!("3b", "6b", 64, 1),
            entry!("4b", "6b", 64, 1),
            entry!("5b", "6b", 64, 1),
            entry!("8b", "9b", 1, 1),
            inout("x2") length => left,
            inout("x0") to => _,
            inout("x1") from => _,
            out("x3") _, out("x4") _, out("x5") _, out("x6") _,
            out("x7") _, out("x8") _, out("x9") _, out("x10") _,
            options(nostack),
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
            "subs x2, x2, #64",
            "b.lo 6f",
            "12: ldp x3, x4, [x1]",
            "ldp x5, x6, [x1, #16]",
            "ldp x7, x8, [x1, #32]",
            "ldp x9, x10, [x1, #48]",
            "2: stp x3, x4, [x0]",
            "3: stp x5, x6, [x0, #16]",
            "4: stp x7, x8, [x0, #32]",
            "5: stp x9, x10, [x0, #48]",
            "add x1, x1, #64",
            "add x0, x0, #64",
            "subs x2, x2, #64",
            "b.hs 12b",
            "6: add x2, x2, #64",
            "7: cbz x2, 9f",
            "ldrb w3, [x1]",
            "8: strb w3, [x0]",
            "add x1, x1, #1",
            "add x0, x0, #1",
            "sub x2, x2, #1",
            "b 7b",
            "9:",
            entry!("2b", "6b", 64, 0),
            entry!("3b", "6b", 64, 0),
            entry!("4b", "6b", 64, 0),
            entry!("5b", "6b", 64, 0),
            entry!("8b", "9b", 1, 0),
            inout("x2") length => left,
            inout("x0") to => _,
            inout("x1") from => _,
            out("x3") _, out("x4") _, out("x5") _, out("x6") _,
            out("x7") _, out("x8") _, out("x9") _, out("x10") _,
            options(nostack),
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
            "adrp {start}, __start_baremap_faults_1",
            "add {start}, {start}, :lo12:__start_baremap_faults_1",
            "adrp {stop}, __stop_baremap_faults_1",
            "add {stop}, {stop}, :lo12:__stop_baremap_faults_1",
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
pub const LEFT: u16 = 2;

/// Where a `ucontext_t` has the program counter and the registers, `x0` first: in
/// the kernel's `struct sigcontext`, behind the address of the fault.
///
/// # Safety
///
/// `context` must be the `ucontext_t` that a handler was given.
pub unsafe fn interrupted(context: *mut c_void) -> Interrupted {
    const REGISTERS: usize = 176 + 8;
    /// After 31 registers and the stack pointer.
    const PC: usize = 32;
    let registers: *mut usize = context.wrapping_byte_add(REGISTERS).cast();
    Interrupted { program_counter: registers.wrapping_add(PC), registers }
}
