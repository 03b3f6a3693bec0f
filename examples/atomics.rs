//! Atomics of every kind: on aarch64 they call the compiler's own library,
//! which looks for the LSE instructions before `main`.

#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use baremap::rt::println;

baremap::entry!(main);

static WORD: AtomicU32 = AtomicU32::new(1);
static LONG: AtomicU64 = AtomicU64::new(1);

fn main() -> Result<(), baremap::Errno> {
    let taken = WORD.compare_exchange(1, 5, Ordering::AcqRel, Ordering::Relaxed);
    let refused = WORD.compare_exchange(1, 6, Ordering::SeqCst, Ordering::Relaxed);
    println!("compare_exchange: {taken:?} {refused:?}")?;
    println!("fetch_add: {} {}", WORD.fetch_add(2, Ordering::Relaxed), WORD.load(Ordering::Acquire))?;
    println!("swap: {} {}", LONG.swap(u64::MAX, Ordering::AcqRel), LONG.load(Ordering::Acquire))?;
    println!("fetch_and: {} {}", LONG.fetch_and(12, Ordering::Release), LONG.load(Ordering::Acquire))
}
