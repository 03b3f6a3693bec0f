//! aarch64.
//!
//! | | register |
//! |---|---|
//! | instruction | `svc 0` |
//! | call number | `x8` |
//! | arguments | `x0` `x1` `x2` `x3` `x4` `x5` |
//! | result | `x0` |
//! | clobbered | SVE state: `p0` … `p15`, and `z0` … `z31` beyond their low 128 bits |
//!
//! The first argument and the result share `x0`. The kernel keeps every general
//! register and the vector registers as they were before SVE; what SVE added it
//! may zero. The predicates are declared always, which costs nothing where
//! nothing uses them. The vectors are declared where SVE is compiled for; else
//! every function that makes a call would have to save `d8` … `d15` for nothing.
//! That leaves one case to the program: a function that turns SVE on for itself
//! by `#[target_feature]`, in a program compiled without, may hold a vector over
//! a call that is inlined into it, and must not.
//!
//! Options: `nostack`, for nothing is pushed; `preserves_flags`, for the
//! condition flags return with the rest of the processor state. Not `nomem` or
//! `readonly`: a call reads and writes memory, and one that changes mappings
//! changes memory that no argument points to.

use super::Word;

macro_rules! trap {
    ($number:ident) => {
        svc!(result: $number, lateout("x0") result)
    };
    ($number:ident, $first:tt = $argument:ident $(, $register:tt = $rest:ident)*) => {
        svc!(result: $number, inlateout($first) $argument => result $(, in($register) $rest)*)
    };
}

#[cfg(not(target_feature = "sve"))]
macro_rules! svc {
    ($result:ident: $number:ident, $($operands:tt)*) => {{
        let $result: Word;
        core::arch::asm!(
            "svc 0",
            in("x8") $number,
            $($operands)*,
            lateout("p0") _, lateout("p1") _, lateout("p2") _, lateout("p3") _, lateout("p4") _, lateout("p5") _, lateout("p6") _, lateout("p7") _,
            lateout("p8") _, lateout("p9") _, lateout("p10") _, lateout("p11") _, lateout("p12") _, lateout("p13") _, lateout("p14") _, lateout("p15") _,
            options(nostack, preserves_flags),
        );
        $result
    }};
}

#[cfg(target_feature = "sve")]
#[rustfmt::skip]
macro_rules! svc {
    ($result:ident: $number:ident, $($operands:tt)*) => {{
        let $result: Word;
        core::arch::asm!(
            "svc 0",
            in("x8") $number,
            $($operands)*,
            lateout("v0") _, lateout("v1") _, lateout("v2") _, lateout("v3") _, lateout("v4") _, lateout("v5") _, lateout("v6") _, lateout("v7") _,
            lateout("v8") _, lateout("v9") _, lateout("v10") _, lateout("v11") _, lateout("v12") _, lateout("v13") _, lateout("v14") _, lateout("v15") _,
            lateout("v16") _, lateout("v17") _, lateout("v18") _, lateout("v19") _, lateout("v20") _, lateout("v21") _, lateout("v22") _, lateout("v23") _,
            lateout("v24") _, lateout("v25") _, lateout("v26") _, lateout("v27") _, lateout("v28") _, lateout("v29") _, lateout("v30") _, lateout("v31") _,
            lateout("p0") _, lateout("p1") _, lateout("p2") _, lateout("p3") _, lateout("p4") _, lateout("p5") _, lateout("p6") _, lateout("p7") _,
            lateout("p8") _, lateout("p9") _, lateout("p10") _, lateout("p11") _, lateout("p12") _, lateout("p13") _, lateout("p14") _, lateout("p15") _,
            options(nostack, preserves_flags),
        );
        $result
    }};
}

system_calls! { "x0" "x1" "x2" "x3" "x4" "x5" }

pub use super::generic::*;

/// Open flags whose value is this kernel's own.
pub const O_DIRECT: u32 = 0o200_000;
pub const O_LARGEFILE: u32 = 0o400_000;
pub const O_DIRECTORY: u32 = 0o40_000;
pub const O_NOFOLLOW: u32 = 0o100_000;

/// The way back from a handler: the vdso's, so its place stays empty.
pub type Restorer = [Word; 1];
pub fn signal_return() -> (Restorer, bool) {
    ([core::ptr::null_mut()], false)
}

/// Runs the constructors that the linker collected in `.init_array`. Here the
/// compiler's own library has one, which looks for LSE atomics.
///
/// # Safety
///
/// Once, before `main`, in a program without a C runtime, which would have.
pub unsafe fn run_constructors() {
    type Constructor = unsafe extern "C" fn();
    unsafe extern "C" {
        static __init_array_start: [Constructor; 0];
        static __init_array_end: [Constructor; 0];
    }
    let end = (&raw const __init_array_end).cast::<Constructor>();
    let mut next = (&raw const __init_array_start).cast::<Constructor>();
    while next < end {
        // SAFETY: the linker put a constructor at each place from start to end.
        let constructor = unsafe { next.read() };
        // SAFETY: it is called once, as the caller promises.
        unsafe { constructor() };
        next = next.wrapping_add(1);
    }
}

/// Leaves this program for another: the stack pointer and the program counter are
/// what a kernel sets for a program that starts, and `x0`, which a
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
            "mov sp, x2",
            "mov x0, xzr",
            "mov x29, xzr",
            "mov x30, xzr",
            "br x1",
            in("x1") entry,
            in("x2") stack,
            options(noreturn),
        )
    }
}

/// `_start`: the kernel jumps here with the initial stack in `sp`, which it has
/// aligned to the 16 bytes that the ABI wants.
///
/// `x29` and `x30` become 0, which ends a debugger's walk up the frames; the
/// stack pointer is the one argument.
///
/// Around it stands what the compiler's own library wants here: its atomics
/// look for LSE instructions by a constructor in `.init_array`, which asks
/// `getauxval`; Debian's build of it is compiled with stack protection.
#[doc(hidden)]
#[macro_export]
macro_rules! __start {
    ($main:path) => {
        ::core::arch::global_asm!(
            ".pushsection .text._start,\"ax\",%progbits",
            ".globl _start",
            ".type _start,%function",
            "_start:",
            "mov x29, xzr",
            "mov x30, xzr",
            "mov x0, sp",
            "b {main}",
            ".size _start, . - _start",
            ".popsection",
            main = sym $main,
        );

        #[unsafe(no_mangle)]
        extern "C" fn getauxval(key: usize) -> usize {
            $crate::rt::auxiliary_value_asked(key).unwrap_or(0)
        }

        #[unsafe(no_mangle)]
        static __stack_chk_guard: usize = 0x5bd1_e995_9d1c_a900;

        #[unsafe(no_mangle)]
        extern "C" fn __stack_chk_fail() -> ! {
            $crate::rt::abort()
        }
    };
}
