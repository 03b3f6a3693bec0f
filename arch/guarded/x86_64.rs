//! x86_64.
//!
//! | | |
//! |---|---|
//! | guarded address | `rsi` where it is read (register 9 of the context), `rdi` where it is written (8) |
//! | bytes left of a copy | `rcx` (14) |
//!
//! A copy is one instruction: when it faults, `rsi`, `rdi` and `rcx` are those of
//! the byte that it came to, so that it lands right behind itself. A store or load
//! lands at the end of its function's section, out of the way of those that go
//! well, and comes back.
//!
//! Options: `nostack`, for nothing is pushed, and a handler keeps off the red zone;
//! `preserves_flags`, for `mov` sets none, and the direction flag is clear between
//! any two statements. Loads are `readonly`; stores are not.

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
                    "4: mov {bad:e}, 1",
                    "jmp 3b",
                    ".previous",
                    entry!("2b", "4b", $size, 9),
                    value = out(reg) value,
                    bad = inout(reg) 0_u32 => bad,
                    in("rsi") from,
                    options(nostack, preserves_flags, readonly),
                );
            }
            (bad == 0).then_some(value as $type)
        }
    };
}

load!(load1, u8, "movzx {value:e}, byte ptr [rsi]", 1);
load!(load2, u16, "movzx {value:e}, word ptr [rsi]", 2);
load!(load4, u32, "mov {value:e}, dword ptr [rsi]", 4);
load!(load8, u64, "mov {value}, qword ptr [rsi]", 8);

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
                    "4: mov {bad:e}, 1",
                    "jmp 3b",
                    ".previous",
                    entry!("2b", "4b", $size, 8),
                    value = in(reg) u64::from(value),
                    bad = inout(reg) 0_u32 => bad,
                    in("rdi") to,
                    options(nostack, preserves_flags),
                );
            }
            bad == 0
        }
    };
}

store!(store1, u8, "mov byte ptr [rdi], {value:l}", 1);
store!(store2, u16, "mov word ptr [rdi], {value:x}", 2);
store!(store4, u32, "mov dword ptr [rdi], {value:e}", 4);
store!(store8, u64, "mov qword ptr [rdi], {value}", 8);

/// Copies from guarded memory, and returns how many bytes are left when it comes
/// to one that is not there.
///
/// # Safety
///
/// `to` must be the caller's to write, for `length` bytes.
#[inline]
pub unsafe fn copy_from(to: *mut u8, from: *const u8, length: usize) -> usize {
    let left;
    // SAFETY: a fault of the guarded side goes on behind the copy.
    unsafe {
        core::arch::asm!(
            "2: rep movsb",
            "3:",
            entry!("2b", "3b", 0, 9),
            inout("rcx") length => left,
            inout("rdi") to => _,
            inout("rsi") from => _,
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
    // SAFETY: a fault of the guarded side goes on behind the copy.
    unsafe {
        core::arch::asm!(
            "2: rep movsb",
            "3:",
            entry!("2b", "3b", 0, 8),
            inout("rcx") length => left,
            inout("rdi") to => _,
            inout("rsi") from => _,
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
            "lea {start}, [rip + __start_baremap_faults_1]",
            "lea {stop}, [rip + __stop_baremap_faults_1]",
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

/// The register of the context that counts the bytes left: `rcx`.
pub const LEFT: u16 = 14;

/// Where a `ucontext_t` has the program counter and the registers: the latter in
/// the order of the kernel's `struct sigcontext`, from `r8` on.
///
/// # Safety
///
/// `context` must be the `ucontext_t` that a handler was given.
pub unsafe fn interrupted(context: *mut c_void) -> Interrupted {
    const REGISTERS: usize = 40;
    const RIP: usize = 16;
    let registers: *mut usize = context.wrapping_byte_add(REGISTERS).cast();
    Interrupted { program_counter: registers.wrapping_add(RIP), registers }
}
