//! x86_64.
//!
//! | | |
//! |---|---|
//! | guarded address | `rsi` where it is read (register 9 of the context), `rdi` where it is written (8) |
//! | bytes left of a copy | `rcx` (14) |
//!
//! A copy ends in one instruction, `rep movsb`: when it faults, `rsi`, `rdi` and
//! `rcx` are those of the byte that it came to, so that it lands right behind itself.
//! Whatever is faster than it leaves the three as they are until it is done with
//! some bytes, and where it faults lands at the `rep movsb`, which does them again,
//! up to the one that is not there. A store or load lands at the end of its function's
//! section, out of the way of those that go well, and comes back with no address: no map
//! is at address 0.
//!
//! Options: `nostack`, for nothing is pushed, and a handler keeps off the red zone;
//! the direction flag is clear between any two statements. Loads are `readonly`; stores
//! are not.

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
            let address: usize;
            // SAFETY: a fault of the load goes to its landing.
            unsafe {
                core::arch::asm!(
                    concat!("2: ", $move),
                    "3:",
                    ".subsection 1",
                    "4: xor esi, esi",
                    "jmp 3b",
                    ".previous",
                    entry!("2b", "4b", $size, 9),
                    value = out(reg) value,
                    inout("rsi") from => address,
                    options(nostack, readonly),
                );
            }
            (address != 0).then_some(value as $type)
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
            let address: usize;
            // SAFETY: a fault of the store goes to its landing.
            unsafe {
                core::arch::asm!(
                    concat!("2: ", $move),
                    "3:",
                    ".subsection 1",
                    "4: xor edi, edi",
                    "jmp 3b",
                    ".previous",
                    entry!("2b", "4b", $size, 8),
                    value = in(reg) u64::from(value),
                    inout("rdi") to => address,
                    options(nostack),
                );
            }
            address != 0
        }
    };
}

store!(store1, u8, "mov byte ptr [rdi], {value:l}", 1);
store!(store2, u16, "mov word ptr [rdi], {value:x}", 2);
store!(store4, u32, "mov dword ptr [rdi], {value:e}", 4);
store!(store8, u64, "mov qword ptr [rdi], {value}", 8);

/// An instruction of a copy that touches guarded memory.
macro_rules! guarded {
    ($move:literal, $register:literal) => {
        concat!("2: ", $move, "\n", entry!("2b", "7f", 0, $register))
    };
}

/// One that does not.
macro_rules! plain {
    ($move:literal, $register:literal) => {
        $move
    };
}

/// A copy, of which the loads or the stores are guarded; the bytes that are left.
macro_rules! copy {
    ($load:ident $store:ident $register:literal, $to:ident $from:ident $length:ident) => {{
        let left;
        core::arch::asm!(
            // From 2 to 64 KiB nothing is faster than `rep movsb`; below it is
            // slow to begin, and above it may be slow where one side is not
            // aligned as the other.
            "lea {a}, [rcx - 0x800]",
            "cmp {a}, 0xf800",
            "jb 7f",
            "cmp rcx, 32",
            "jbe 4f",
            "3:",
            $load!("movups {x}, [rsi]", $register),
            $load!("movups {y}, [rsi + 16]", $register),
            $store!("movups [rdi], {x}", $register),
            $store!("movups [rdi + 16], {y}", $register),
            "add rsi, 32",
            "add rdi, 32",
            "sub rcx, 32",
            "cmp rcx, 32",
            "ja 3b",
            // At most 32: the first part and the last, which may overlap. The
            // first is written first: behind what is not there, nothing is.
            "4: cmp ecx, 16",
            "jb 5f",
            $load!("movups {x}, [rsi]", $register),
            $load!("movups {y}, [rsi + rcx - 16]", $register),
            $store!("movups [rdi], {x}", $register),
            $store!("movups [rdi + rcx - 16], {y}", $register),
            "jmp 6f",
            "5: cmp ecx, 8",
            "jb 5f",
            $load!("mov {a}, [rsi]", $register),
            $load!("mov {b}, [rsi + rcx - 8]", $register),
            $store!("mov [rdi], {a}", $register),
            $store!("mov [rdi + rcx - 8], {b}", $register),
            "jmp 6f",
            "5: cmp ecx, 4",
            "jb 7f",
            $load!("mov {a:e}, [rsi]", $register),
            $load!("mov {b:e}, [rsi + rcx - 4]", $register),
            $store!("mov [rdi], {a:e}", $register),
            $store!("mov [rdi + rcx - 4], {b:e}", $register),
            "6: xor ecx, ecx",
            "jmp 8f",
            "7:",
            "2: rep movsb",
            entry!("2b", "8f", 0, $register),
            "8:",
            a = out(reg) _,
            b = out(reg) _,
            x = out(xmm_reg) _,
            y = out(xmm_reg) _,
            inout("rcx") $length => left,
            inout("rdi") $to => _,
            inout("rsi") $from => _,
            options(nostack),
        );
        left
    }};
}

/// Copies from guarded memory, and returns how many bytes are left when it comes
/// to one that is not there.
///
/// # Safety
///
/// `to` must be the caller's to write, for `length` bytes.
pub unsafe fn copy_from(to: *mut u8, from: *const u8, length: usize) -> usize {
    // SAFETY: a fault of a load goes on at the last copy, or behind it.
    unsafe { copy!(guarded plain 9, to from length) }
}

/// Copies to guarded memory, and returns how many bytes are left when it comes to
/// one that is not there.
///
/// # Safety
///
/// `from` must be readable for `length` bytes; the guarded memory must be the
/// caller's to write, where it is there.
pub unsafe fn copy_to(to: *mut u8, from: *const u8, length: usize) -> usize {
    // SAFETY: a fault of a store goes on at the last copy, or behind it.
    unsafe { copy!(plain guarded 8, to from length) }
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
