//! x86_64.
//!
//! | | register |
//! |---|---|
//! | instruction | `syscall` |
//! | call number | `rax` |
//! | arguments | `rdi` `rsi` `rdx` `r10` `r8` `r9` |
//! | result | `rax` |
//! | clobbered | `rcx` (return address), `r11` (flags) |
//!
//! The fourth argument is in `r10`, not in `rcx` as in a function call, because
//! the instruction itself overwrites `rcx`. The kernel keeps every other
//! register, the vector state included.
//!
//! Options: `nostack`, for the instruction pushes nothing and the red zone
//! stays ours; `preserves_flags`, for the flags come back out of `r11`. Not
//! `nomem` or `readonly`: a call reads and writes memory, and one that changes
//! mappings changes memory that no argument points to.

use super::{Sysno, Word};

macro_rules! trap {
    ($number:ident $(, $register:tt = $argument:ident)*) => {{
        let result: Word;
        core::arch::asm!(
            "syscall",
            inlateout("rax") $number => result,
            $(in($register) $argument,)*
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack, preserves_flags),
        );
        result
    }};
}

system_calls! { "rdi" "rsi" "rdx" "r10" "r8" "r9" }

/// `open(path, flags, mode)`, a call of its own on this kernel.
///
/// # Safety
///
/// `path` must point to a NUL-terminated string.
#[inline(always)]
pub unsafe fn open(path: Word, flags: Word, mode: Word) -> Word {
    // SAFETY: the caller vouches for the path, the one pointer.
    unsafe { syscall3(Sysno::open, path, flags, mode) }
}

/// `fork()`, a call of its own on this kernel.
///
/// # Safety
///
/// As for [`crate::sys::process::fork`].
#[inline(always)]
pub unsafe fn fork() -> Word {
    // SAFETY: the caller keeps fork's contract.
    unsafe { syscall0(Sysno::fork) }
}

/// `clone` with its arguments in this kernel's order: `tls` last.
///
/// # Safety
///
/// Without `CLONE_VM`, as for [`crate::sys::process::fork`]; with it, `stack`
/// must be a stack for the child, which must never return from this frame.
#[inline(always)]
pub unsafe fn clone(flags: Word, stack: Word, parent_tid: Word, child_tid: Word, tls: Word) -> Word {
    // SAFETY: the caller keeps clone's contract.
    unsafe { syscall5(Sysno::clone, flags, stack, parent_tid, child_tid, tls) }
}

/// `sync_file_range`.
pub const SYNC_FILE_RANGE: Sysno = Sysno::sync_file_range;

/// What `fstat` fills: `struct stat` of the man page, in this kernel's layout.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the man page's names")]
pub struct Stat {
    pub st_dev: u64,
    pub st_ino: u64,
    pub st_nlink: u64,
    pub st_mode: u32,
    pub st_uid: u32,
    pub st_gid: u32,
    pad0: u32,
    pub st_rdev: u64,
    pub st_size: i64,
    pub st_blksize: i64,
    pub st_blocks: i64,
    pub st_atime: i64,
    pub st_atime_nsec: i64,
    pub st_mtime: i64,
    pub st_mtime_nsec: i64,
    pub st_ctime: i64,
    pub st_ctime_nsec: i64,
    unused: [i64; 3],
}
static_assertions::const_assert_eq!(size_of::<Stat>(), 144);

/// Open flags whose value is this kernel's own.
pub const O_DIRECT: u32 = 0o40_000;
pub const O_LARGEFILE: u32 = 0o100_000;
pub const O_DIRECTORY: u32 = 0o200_000;
pub const O_NOFOLLOW: u32 = 0o400_000;

/// The way back from a handler: the kernel wants one of us, and calls none else.
///
/// It is these very bytes, with nothing of another function right before them,
/// by which debuggers and unwinders know a signal's frame. It has no symbol,
/// which two versions of this crate in one program would fight over.
pub type Restorer = [Word; 1];
pub fn signal_return() -> (Restorer, bool) {
    let stub: Word;
    // SAFETY: it only takes an address; the stub stands elsewhere and is not run.
    unsafe {
        core::arch::asm!(
            "lea {stub}, [rip + 2f]",
            ".pushsection .text.signal_return,\"ax\",@progbits",
            "nop",
            "2:",
            "mov rax, {rt_sigreturn}",
            "syscall",
            ".popsection",
            stub = out(reg) stub,
            rt_sigreturn = const Sysno::rt_sigreturn as i32,
            options(nomem, nostack, preserves_flags),
        );
    }
    ([stub], true)
}

/// Runs what must run before `main`: nothing here.
///
/// # Safety
///
/// Once, before `main`, in a program without a C runtime.
pub unsafe fn run_constructors() {}

/// Leaves this program for another: the stack pointer and the program counter are
/// what a kernel sets for a program that starts, and `rdx`, which a
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
            "mov rsp, rsi",
            "xor edx, edx",
            "xor ebp, ebp",
            "jmp rax",
            in("rax") entry,
            in("rsi") stack,
            options(noreturn),
        )
    }
}

/// `_start`: the kernel jumps here with the initial stack in `rsp`, 16-aligned.
///
/// `rbp` becomes 0, which ends a debugger's walk up the frames; the stack
/// pointer is the one argument. It is called, not jumped to: the ABI has a
/// function start with a return address on a stack that was aligned before it.
#[doc(hidden)]
#[macro_export]
macro_rules! __start {
    ($main:path) => {
        ::core::arch::global_asm!(
            ".pushsection .text._start,\"ax\",@progbits",
            ".globl _start",
            ".type _start,@function",
            "_start:",
            "xor ebp, ebp",
            "mov rdi, rsp",
            "call {main}",
            "ud2",
            ".size _start, . - _start",
            ".popsection",
            main = sym $main,
        );
    };
}
