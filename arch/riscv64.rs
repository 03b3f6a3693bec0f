//! riscv64.
//!
//! | | register |
//! |---|---|
//! | instruction | `ecall` |
//! | call number | `a7` |
//! | arguments | `a0` `a1` `a2` `a3` `a4` `a5` |
//! | result | `a0` |
//! | clobbered | `v0` … `v31`, `vl`, `vtype`, `vcsr` |
//!
//! The first argument and the result share `a0`. The kernel keeps every integer
//! and floating-point register; the vector state it may discard at every call,
//! so that is declared, at no cost where nothing uses it.
//!
//! Options: `nostack`, for nothing is pushed. Not `preserves_flags`: here that
//! would promise `vl` and `vtype` too. Not `nomem` or `readonly`: a call reads
//! and writes memory, and one that changes mappings changes memory that no
//! argument points to.

use super::Word;

macro_rules! trap {
    ($number:ident) => {
        ecall!(result: $number, lateout("a0") result)
    };
    ($number:ident, $first:tt = $argument:ident $(, $register:tt = $rest:ident)*) => {
        ecall!(result: $number, inlateout($first) $argument => result $(, in($register) $rest)*)
    };
}

#[rustfmt::skip]
macro_rules! ecall {
    ($result:ident: $number:ident, $($operands:tt)*) => {{
        let $result: Word;
        core::arch::asm!(
            "ecall",
            in("a7") $number,
            $($operands)*,
            lateout("v0") _, lateout("v1") _, lateout("v2") _, lateout("v3") _, lateout("v4") _, lateout("v5") _, lateout("v6") _, lateout("v7") _,
            lateout("v8") _, lateout("v9") _, lateout("v10") _, lateout("v11") _, lateout("v12") _, lateout("v13") _, lateout("v14") _, lateout("v15") _,
            lateout("v16") _, lateout("v17") _, lateout("v18") _, lateout("v19") _, lateout("v20") _, lateout("v21") _, lateout("v22") _, lateout("v23") _,
            lateout("v24") _, lateout("v25") _, lateout("v26") _, lateout("v27") _, lateout("v28") _, lateout("v29") _, lateout("v30") _, lateout("v31") _,
            options(nostack),
        );
        $result
    }};
}

system_calls! { "a0" "a1" "a2" "a3" "a4" "a5" }

pub use super::generic::*;

/// Open flags whose value is this kernel's own.
pub const O_DIRECT: u32 = 0o40_000;
pub const O_LARGEFILE: u32 = 0o100_000;
pub const O_DIRECTORY: u32 = 0o200_000;
pub const O_NOFOLLOW: u32 = 0o400_000;

/// The way back from a handler: the vdso's, and there is no place for another.
pub type Restorer = [Word; 0];
pub fn signal_return() -> (Restorer, bool) {
    ([], false)
}

/// Runs what must run before `main`: nothing here.
///
/// # Safety
///
/// Once, before `main`, in a program without a C runtime.
pub unsafe fn run_constructors() {}

/// Leaves this program for another: the stack pointer and the program counter are
/// what a kernel sets for a program that starts, and `a0`, which a
/// program takes for a function to be called at its end, is null.
///
/// # Safety
///
/// `entry` must be the start of a program that is mapped, and `stack`, aligned to
/// 16 bytes, an initial stack for it. Nothing of this program goes on.
pub unsafe fn jump(entry: Word, stack: Word) -> ! {
    // SAFETY: the caller vouches for both, and nothing is left to come back to.
    unsafe {
        core::arch::asm!(
            "mv sp, a2",
            "li a0, 0",
            "li ra, 0",
            "jr a1",
            in("a1") entry,
            in("a2") stack,
            options(noreturn),
        )
    }
}

/// `_start`: the kernel jumps here with the initial stack in `sp`, which it has
/// aligned to the 16 bytes that the ABI wants.
///
/// `gp` is loaded first, without relaxation, for the linker may have made other
/// addresses relative to it; `ra` becomes 0, which ends a debugger's walk up
/// the frames; the stack pointer is the one argument.
#[doc(hidden)]
#[macro_export]
macro_rules! __start {
    ($main:path) => {
        ::core::arch::global_asm!(
            ".pushsection .text._start,\"ax\",@progbits",
            ".globl _start",
            ".type _start,@function",
            "_start:",
            ".option push",
            ".option norelax",
            "lla gp, __global_pointer$",
            ".option pop",
            "mv a0, sp",
            "li ra, 0",
            "tail {main}",
            ".size _start, . - _start",
            ".popsection",
            main = sym $main,
        );
    };
}
