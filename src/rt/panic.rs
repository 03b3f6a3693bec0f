//! The end of a program that cannot go on.

use core::fmt;
use core::panic::PanicInfo;
use core::ptr::{null_mut, without_provenance_mut};

use super::print;
use crate::arch::{self, Sysno};
use crate::sys::process::{self, Signal};

/// Prints where and why, and aborts: what the panic handler calls.
#[doc(hidden)]
#[cold]
pub fn panicked(info: &PanicInfo<'_>) -> ! {
    let message = info.message();
    let _ = match info.location() {
        Some(place) => report(format_args!("panicked at {place}:\n{message}")),
        None => report(format_args!("panicked:\n{message}")),
    };
    abort()
}

fn report(text: fmt::Arguments<'_>) -> crate::Result<()> {
    print::print_to(print::stderr(), text, "\n")
}

/// Ends the process by `SIGABRT`, even where that is blocked or handled.
#[doc(alias = "SIGABRT")]
#[cold]
pub fn abort() -> ! {
    // The kernel's `struct sigaction` of the default action is all zeros on every
    // instruction set; a signal set has the bit of signal n at n - 1.
    let default = [0_u64; 4];
    let mask = 1_u64 << (Signal::ABRT.0 - 1);
    let (signal, size) = (without_provenance_mut(Signal::ABRT.0 as usize), without_provenance_mut(8));
    let unblock = without_provenance_mut(1);
    // SAFETY: the kernel reads at most 32 bytes there, and the default action
    // runs no code of ours.
    unsafe {
        arch::syscall4(Sysno::rt_sigaction, signal, (&raw const default).cast_mut().cast(), null_mut(), size)
    };
    // SAFETY: the kernel reads 8 bytes there; what unblocking lets through has
    // the default action.
    unsafe {
        arch::syscall4(Sysno::rt_sigprocmask, unblock, (&raw const mask).cast_mut().cast(), null_mut(), size)
    };
    let _ = process::kill(process::getpid(), Signal::ABRT);
    // The kernel sends PID 1 no signal that it has not asked for. This is what
    // a shell reports of a process that SIGABRT ended.
    process::exit_group(128 + Signal::ABRT.0)
}
