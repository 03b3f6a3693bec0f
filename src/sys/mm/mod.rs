//! Memory: mapping it, moving it, protecting it, locking it, advising the kernel
//! about it, and memory of no file that has a descriptor all the same.
//!
//! `remap_file_pages` is left out on purpose: since Linux 4.0 the kernel only
//! imitates it by many mappings, which `mmap` makes as well.

mod advice;
mod cachestat;
mod lock;
mod mapping;
mod memfd;
mod numa;
mod pkey;
mod process_vm;
mod seal;

pub use advice::{Advice, madvise, mincore, process_madvise};
pub use cachestat::{Cachestat, CachestatRange, cachestat};
pub use lock::{mlock, mlock2, mlockall, munlock, munlockall};
pub use mapping::{brk, mmap, mprotect, mremap, msync, munmap};
pub use memfd::{memfd_create, memfd_secret};
pub use numa::{Policy, mbind};
pub use pkey::{pkey_alloc, pkey_free, pkey_mprotect};
pub use process_vm::{process_vm_readv, process_vm_writev};
pub use seal::mseal;
