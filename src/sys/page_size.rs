//! The size of a page, which the kernel alone knows.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::{Argument, auxv};
use crate::arch::{self, Sysno};
use crate::errno;

/// The answer once it is known; 0 before.
static KNOWN: AtomicUsize = AtomicUsize::new(0);

/// The size of a page in bytes: 4, 16 or 64 KiB, a power of two.
///
/// It is looked up once, in the auxiliary vector: that of the initial stack in
/// a program that [`entry!`](crate::entry) started, else by
/// `prctl(PR_GET_AUXV)`, else, as before Linux 6.4, `/proc/self/auxv`. Where all
/// of them fail, the smallest alignment that `madvise` takes tells it.
///
/// # References
///
/// [getauxval(3)](https://man7.org/linux/man-pages/man3/getauxval.3.html)
#[must_use]
pub fn page_size() -> usize {
    match KNOWN.load(Relaxed) {
        // Two threads may both ask; they get the same answer.
        0 => {
            let size = ask();
            KNOWN.store(size, Relaxed);
            size
        }
        size => size,
    }
}

#[cold]
fn ask() -> usize {
    const AT_PAGESZ: usize = 6;
    auxv::value(AT_PAGESZ).unwrap_or_else(probe)
}

/// `madvise` of no bytes touches nothing and succeeds at any multiple of the
/// page size, so the smallest power of two that it takes is the page size.
fn probe() -> usize {
    const MADV_NORMAL: i32 = 0;
    (12..16)
        .map(|shift| 1_usize << shift)
        .find(|&size| {
            // SAFETY: advice about no bytes changes nothing.
            let word =
                unsafe { arch::syscall3(Sysno::madvise, size.word(), 0_usize.word(), MADV_NORMAL.word()) };
            errno::unit(word).is_ok()
        })
        .unwrap_or(1 << 16)
}
