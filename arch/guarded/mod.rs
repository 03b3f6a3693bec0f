//! Accesses that may fault, and what the handler of the fault needs to know.
//!
//! Each instruction that touches guarded memory is listed in a section of the
//! program, with the place where to go on if it faults, the register that holds
//! the address, and how many bytes it touches from there on. The list is found by
//! the two symbols that every linker gives a section of such a name. Its entries
//! are kept (`R`) even where a linker sees nobody use them, and hold distances,
//! not addresses, so that nothing in it has to be relocated. An executable and each
//! of its libraries have their own list (`.hidden`), and their own handler.
//!
//! What is not the compiler's to see stays so: to it, guarded memory is read and
//! written by nobody but assembly, as a device's would be. That it changes or goes
//! is nothing that the compiler was promised not to happen.
//!
//! | item | what it is |
//! |---|---|
//! | `load1` … `load8`, `store1` … `store8` | one instruction each |
//! | `copy_from`, `copy_to` | as many bytes as there are, up to the first that faults |
//! | `interrupted` | where the interrupted program counter and registers are in a `ucontext_t` |
//! | `LEFT` | the register that counts the bytes left, where an instruction touches many |

#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod isa;

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod isa;

#[cfg(target_arch = "riscv64")]
#[path = "riscv64.rs"]
mod isa;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
#[path = "unsupported.rs"]
mod isa;

use core::ffi::c_void;

pub use isa::*;

/// An entry of the list.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Entry {
    /// How far it is from this field to the instruction.
    instruction: i32,
    /// How far it is from this field to where to go on.
    landing: i32,
    /// How many bytes are touched; 0 if register `LEFT` says.
    size: u16,
    /// The number of the register with the address of the first.
    register: u16,
}
static_assertions::const_assert_eq!(size_of::<Entry>(), 12);

impl Entry {
    fn instruction(&self) -> usize {
        (&raw const self.instruction).addr().wrapping_add_signed(self.instruction as isize)
    }

    fn landing(&self) -> usize {
        (&raw const self.landing).addr().wrapping_add_signed(self.landing as isize)
    }
}

/// The entry's five lines of assembly, for the labels of an instruction and of
/// its landing.
macro_rules! entry {
    ($instruction:literal, $landing:literal, $size:literal, $register:literal) => {
        concat!(
            ".pushsection baremap_faults_1,\"aR\"\n",
            ".balign 4\n",
            ".long ",
            $instruction,
            " - .\n",
            ".long ",
            $landing,
            " - .\n",
            ".short ",
            $size,
            "\n",
            ".short ",
            $register,
            "\n",
            ".popsection\n",
        )
    };
}
use entry;

/// What the kernel lets a handler see and change of the code that it interrupts.
#[derive(Clone, Copy)]
pub struct Interrupted {
    pub program_counter: *mut usize,
    /// Register 0; the others follow.
    pub registers: *const usize,
}

/// Sends interrupted code to its landing, if it is one of the listed instructions
/// and `address` one of the bytes that it touches. Says whether it was.
///
/// # Safety
///
/// `context` must be the `ucontext_t` that a handler was given.
pub unsafe fn land(context: *mut c_void, address: usize) -> bool {
    // SAFETY: it is a handler's.
    let Interrupted { program_counter, registers } = unsafe { interrupted(context) };
    // SAFETY: it points into the context.
    let counter = unsafe { program_counter.read() };
    // SAFETY: as above; the numbers in the list are those of registers.
    let register = |number: u16| unsafe { registers.wrapping_add(usize::from(number)).read() };
    let Some(entry) = entries().iter().find(|entry| entry.instruction() == counter) else { return false };
    let size = if entry.size == 0 { register(LEFT) } else { usize::from(entry.size) };
    if address.wrapping_sub(register(entry.register)) >= size {
        return false;
    }
    // SAFETY: it points into the context, which the kernel takes back.
    unsafe { program_counter.write(entry.landing()) };
    true
}

/// The list. Two versions of this crate in one program share it.
fn entries() -> &'static [Entry] {
    let [start, stop] = bounds();
    let count = stop.addr().wrapping_sub(start.addr()) / size_of::<Entry>();
    // SAFETY: the linker has put the entries, all of this type, between the two.
    unsafe { core::slice::from_raw_parts(start, count) }
}

// The contract that the files above are held to, whichever was picked.
const _: () = {
    let _: unsafe fn(*const u8) -> Option<u64> = load8;
    let _: unsafe fn(*mut u8, u64) -> bool = store8;
    let _: unsafe fn(*mut u8, *const u8, usize) -> usize = copy_from;
    let _: unsafe fn(*mut u8, *const u8, usize) -> usize = copy_to;
    let _: fn() -> [*const Entry; 2] = bounds;
    let _: unsafe fn(*mut c_void) -> Interrupted = interrupted;
    let _: u16 = LEFT;
};
