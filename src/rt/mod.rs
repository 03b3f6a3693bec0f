//! The runtime of a freestanding program: from the kernel's jump to `_start`
//! until the exit. [`entry!`](crate::entry) is all a program needs.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//! use baremap::rt::println;
//!
//! baremap::entry!(main);
//!
//! fn main() -> Result<(), baremap::Errno> {
//!     println!("Hello from process {}", baremap::sys::process::getpid())
//! }
//! ```

mod panic;
mod print;
mod termination;

pub use crate::sys::start::{Auxv, Start, Strings};
#[doc(inline)]
pub use crate::{__eprint as eprint, __eprintln as eprintln, __print as print, __println as println};
pub use panic::abort;
#[doc(hidden)]
pub use panic::panicked;
#[doc(hidden)]
pub use print::print_to;
pub use print::{Output, stderr, stdout};
#[doc(hidden)]
pub use termination::Main;
pub use termination::{ExitCode, Status, Termination};

use core::ffi::CStr;

use crate::arch;
use crate::sys::{auxv, process};

/// Makes a function the start of the program.
///
/// The function takes nothing, or the [`Start`]; it returns what implements
/// [`Termination`]: `()`, `!`, an [`ExitCode`], or a `Result` of one of these,
/// whose error, which is `Display`, is printed as `program: error` and exits
/// with 1.
///
/// It expands to `_start`, the panic handler and the memory functions, so it
/// stands once in a program, which is `#![no_std]`, `#![no_main]`, built with
/// `panic = "abort"` and linked without the C runtime's start files.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        #[cfg(test)]
        ::core::compile_error!(
            "a freestanding program has no test harness: write `test = false` and `bench = false` in its [[bin]]"
        );

        #[cfg(not(any(panic = "abort", test, doc)))]
        ::core::compile_error!(
            "a freestanding program cannot unwind: set `panic = \"abort\"` in the workspace's profiles dev and release"
        );

        mod __baremap_entry {
            // For `$main`, which is named as seen from outside.
            #[allow(unused_imports, reason = "a full path needs no import")]
            use super::*;

            $crate::__start!(__baremap_start);
            $crate::__support!();

            unsafe extern "C" fn __baremap_start(stack: *mut usize) -> ! {
                // SAFETY: `_start` hands on the stack as the kernel left it.
                unsafe { $crate::rt::start(stack, $main) }
            }

            // The libraries that come with the compiler are built to unwind
            // and name this; nothing calls it where panics abort.
            #[unsafe(no_mangle)]
            extern "C" fn rust_eh_personality() {}

            #[panic_handler]
            fn __baremap_panicked(info: &::core::panic::PanicInfo<'_>) -> ! {
                $crate::rt::panicked(info)
            }
        }
    };
}

/// Runs the program: what `_start` calls.
///
/// # Safety
///
/// Once, with the stack pointer that the kernel gave the process.
#[doc(hidden)]
#[inline(always)]
pub unsafe fn start<M>(stack: *mut usize, main: impl Main<M>) -> ! {
    // SAFETY: the caller hands on the kernel's stack pointer.
    let start = unsafe { Start::new(stack) };
    // SAFETY: this is before `main`, and no C runtime has done it.
    unsafe { arch::run_constructors() };
    process::exit_group(main.run(start))
}

/// The arguments, the program's name first; none if [`entry!`](crate::entry)
/// did not start this process.
pub fn args() -> impl Iterator<Item = &'static CStr> {
    Start::get().into_iter().flat_map(Start::args)
}

/// The environment, as `NAME=value`; nothing as for [`args`].
pub fn env() -> impl Iterator<Item = &'static CStr> {
    Start::get().into_iter().flat_map(Start::env)
}

/// The auxiliary vector, as pairs of key and value; nothing as for [`args`].
pub fn auxv() -> impl Iterator<Item = (usize, usize)> {
    Start::get().into_iter().flat_map(Start::auxv)
}

/// The value of an environment variable.
#[doc(alias = "getenv")]
pub fn var(name: impl AsRef<[u8]>) -> Option<&'static CStr> {
    let name = name.as_ref();
    env().find_map(|pair| {
        let value = pair.to_bytes_with_nul().strip_prefix(name)?.strip_prefix(b"=")?;
        CStr::from_bytes_with_nul(value).ok()
    })
}

/// A value of the auxiliary vector, by its key: from the initial stack in a
/// program of ours, else from the kernel.
#[doc(alias = "getauxval")]
#[must_use]
pub fn auxiliary_value(key: usize) -> Option<usize> {
    auxv::value(key)
}

/// As [`auxiliary_value`], from the kernel in any case: for what a linker finds in
/// every program and leaves out of most, and would keep the initial stack in memory.
#[doc(hidden)]
#[must_use]
pub fn auxiliary_value_asked(key: usize) -> Option<usize> {
    auxv::value_asked(key)
}
