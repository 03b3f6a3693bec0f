//! The memory functions that the compiler calls by name: `memcpy`, `memmove`,
//! `memset`, `memcmp`, `bcmp` and `strlen`. Nothing else supplies them in a program
//! without a C library.
//!
//! They are in assembly, since a loop in Rust may itself be compiled into a call of
//! the function that it stands in. Each has a section of its own, so that a program
//! is spared what it does not call. They expand in the program, by
//! [`entry!`](crate::entry): in the library they would collide with a C library's.
//!
//! A file supplies `__support!`, with the functions in this order.

#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
mod aarch64;

#[cfg(target_arch = "riscv64")]
mod riscv64;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
mod unsupported;
