//! Memory: mapping it, moving it, protecting it, locking it, advising the kernel
//! about it, and memory of no file that has a descriptor all the same.
//!
//! `remap_file_pages` is left out on purpose: since Linux 4.0 the kernel only
//! imitates it by many mappings, which `mmap` makes as well.

mod advice;
mod lock;
mod mapping;
mod memfd;
mod pkey;
mod process_vm;

pub use advice::{Advice, madvise, mincore, process_madvise};
pub use lock::{mlock, mlock2, mlockall, munlock, munlockall};
pub use mapping::{brk, mmap, mprotect, mremap, msync, munmap};
pub use memfd::{memfd_create, memfd_secret};
pub use pkey::{pkey_alloc, pkey_free, pkey_mprotect};
pub use process_vm::{process_vm_readv, process_vm_writev};
