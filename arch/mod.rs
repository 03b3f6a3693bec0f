//! Everything that knows an instruction set: one file each, the same items in
//! the same order, so that two can be read side by side. `asm!` and
//! `target_arch` stand nowhere else.
//!
//! What a file owes:
//!
//! | item | what it is |
//! |---|---|
//! | `trap!` | one system-call instruction with its arguments already in their registers |
//! | `system_calls!` | the table of the six argument registers, which becomes `syscall0` … `syscall6` |
//! | `open`, `fork`, `clone` | the calls whose number or argument order differs between kernels |
//! | `SYNC_FILE_RANGE` | the number of a call that the table of numbers knows by two names |
//! | `Stat` | the layout that `fstat` fills |
//! | `O_DIRECT` … | the open flags whose value differs |
//! | `Restorer`, `signal_return` | the place in `struct sigaction` for the way back from a handler, and what to put there |
//! | `run_constructors` | what the compiler's library wants done before `main` |
//! | `jump` | into a program that was loaded here, on a stack of its own |
//! | `__start!` | `_start`, expanded in the program by [`entry!`](crate::entry) |
//!
//! A new instruction set is one new file, and its name in each `cfg` below. What
//! the generic kernel interface gives it, it takes from `generic`. Accesses that
//! may fault are in `guarded`, the functions that the compiler calls by name in
//! `memory`, each with a file for each instruction set again.

use core::mem::MaybeUninit;

pub use syscalls::Sysno;

/// A machine word as the kernel takes and returns it. It is a pointer, not an
/// integer, because some arguments and results are pointers and the assembly
/// must hand on their provenance.
pub type Word = *mut ();

/// The number of a call: by name, or by itself where the table lacks the name.
pub trait Number {
    fn number(self) -> usize;
}

impl Number for Sysno {
    #[inline(always)]
    fn number(self) -> usize {
        self as usize
    }
}

impl Number for usize {
    #[inline(always)]
    fn number(self) -> usize {
        self
    }
}

/// Writes `syscall0` … `syscall6` from an instruction set's six argument
/// registers, by way of its `trap!`.
macro_rules! system_calls {
    (@ $name:ident $(, $argument:ident = $register:tt)*) => {
        /// Issues a system call with exactly these arguments and returns the
        /// kernel's word, an error (-4095..=-1) not yet told from a value.
        ///
        /// # Safety
        ///
        /// The arguments must be such that the call breaks no promise of the
        /// program: memory it writes must be the caller's to write, memory it
        /// unmaps must be in nobody's use, and so on for each call.
        #[inline(always)]
        pub unsafe fn $name(number: impl super::Number $(, $argument: Word)*) -> Word {
            let number = super::Number::number(number);
            // SAFETY: the registers are those of the kernel's calling
            // convention, everything it clobbers is declared, and what the
            // call does is what the caller answers for.
            unsafe { trap!(number $(, $register = $argument)*) }
        }
    };
    ($a:tt $b:tt $c:tt $d:tt $e:tt $f:tt) => {
        system_calls!(@ syscall0);
        system_calls!(@ syscall1, a = $a);
        system_calls!(@ syscall2, a = $a, b = $b);
        system_calls!(@ syscall3, a = $a, b = $b, c = $c);
        system_calls!(@ syscall4, a = $a, b = $b, c = $c, d = $d);
        system_calls!(@ syscall5, a = $a, b = $b, c = $c, d = $d, e = $e);
        system_calls!(@ syscall6, a = $a, b = $b, c = $c, d = $d, e = $e, f = $f);
    };
}

/// Items that one instruction set alone has, outside this folder.
macro_rules! only {
    (x86_64: $($item:item)*) => { $(#[cfg(target_arch = "x86_64")] $item)* };
    (aarch64: $($item:item)*) => { $(#[cfg(target_arch = "aarch64")] $item)* };
}
pub(crate) use only;

#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod isa;

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod isa;

#[cfg(target_arch = "riscv64")]
#[path = "riscv64.rs"]
mod isa;

#[cfg(any(target_arch = "aarch64", target_arch = "riscv64"))]
mod generic;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
#[path = "unsupported.rs"]
mod isa;

#[cfg(not(all(
    target_os = "linux",
    target_pointer_width = "64",
    target_endian = "little",
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"),
)))]
compile_error!("baremap runs on Linux on x86_64, aarch64 and riscv64 (64-bit, little-endian) only");

pub use isa::*;

pub mod guarded;
mod memory;

/// The kernel's `struct sigaction`, which is not the C library's. Where an
/// instruction set has no place for the way back from a handler, that is empty.
#[repr(C)]
pub struct SigAction {
    pub sa_handler: Word,
    sa_flags: u64,
    sa_restorer: Restorer,
    pub sa_mask: u64,
    /// The mask again: qemu-user 7.2 believes that riscv64 has a way back, too, so
    /// that it looks for the mask here, and writes it here.
    spare: MaybeUninit<u64>,
}
static_assertions::const_assert_eq!(size_of::<SigAction>(), 32 + size_of::<Restorer>());

/// Says that `sa_restorer` is to be used: the one bit of the flags that is ours.
/// What is handed back to the kernel may have it from a libc, whose way back we
/// do not have; all ways back are the same call.
const SA_RESTORER: u64 = 0x0400_0000;

impl SigAction {
    #[inline(always)]
    pub fn new(sa_handler: Word, flags: u64, sa_mask: u64) -> Self {
        let (sa_restorer, present) = signal_return();
        let restorer = if present { SA_RESTORER } else { 0 };
        let spare = MaybeUninit::new(sa_mask);
        Self { sa_handler, sa_flags: flags & !SA_RESTORER | restorer, sa_restorer, sa_mask, spare }
    }

    #[inline(always)]
    pub fn flags(&self) -> u64 {
        self.sa_flags & !SA_RESTORER
    }
}

// The contract that the files above are held to, whichever was picked.
const _: () = {
    let _: unsafe fn(Sysno) -> Word = syscall0;
    let _: unsafe fn(Sysno, Word, Word, Word, Word, Word, Word) -> Word = syscall6;
    let _: unsafe fn(Word, Word, Word) -> Word = open;
    let _: unsafe fn() -> Word = fork;
    let _: unsafe fn(Word, Word, Word, Word, Word) -> Word = clone;
    let _: fn() -> (Restorer, bool) = signal_return;
    let _: unsafe fn() = run_constructors;
    let _: unsafe fn(Word, Word) -> ! = jump;
    let _: Sysno = SYNC_FILE_RANGE;
    let _: [u32; 4] = [O_DIRECT, O_LARGEFILE, O_DIRECTORY, O_NOFOLLOW];
};
static_assertions::assert_eq_size!(Word, usize);
