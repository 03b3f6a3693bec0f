//! Refusals of the calls about memory.

use std::ffi::CString;
use std::ptr::{null, null_mut, without_provenance_mut};

use baremap::flags::{
    MbindFlags, MemfdFlags, MlockFlags, MlockallFlags, MremapFlags, PkeyRights, PolicyFlags,
};
use baremap::sys::mm::{self, Advice, CachestatRange, Policy};
use baremap::sys::page_size;
use baremap::{MapFlags, MsyncFlags, OpenFlags, OwnedFd, Prot};

use super::{BAD, CLOSED, HUGE, unknown};
use crate::hosted::wants_root;
use crate::memory::{PRIVATE, pages, unmap};
use crate::oracle::{number, owned};

const READ: Prot = Prot::READ;

fn file() -> OwnedFd {
    owned(mm::memfd_create(c"there", MemfdFlags::CLOEXEC).map(number))
}

#[test]
fn of_calls_about_mappings() {
    let (start, page) = (pages(1), page_size());
    let odd = start.wrapping_add(1);
    let nothing = without_provenance_mut::<u8>(page);
    let fixed = PRIVATE | MapFlags::FIXED;
    let new = MapFlags::from_bits_retain(1 << 24 | 3);
    let neither = MapFlags::ANONYMOUS;
    let file = file();
    let file = file.as_raw_fd();
    let (map, r) = (MapFlags::PRIVATE, READ.bits());
    refusals! {
        mm::mmap(null_mut(), page, READ, map, CLOSED, 0) => MMAP(0, page, r, map.bits(), CLOSED, 0) => EBADF;
        mm::mmap(null_mut(), 0, READ, PRIVATE, -1, 0) => MMAP(0, 0, r, PRIVATE.bits(), HUGE, 0) => EINVAL;
        mm::mmap(null_mut(), HUGE, READ, PRIVATE, -1, 0) => MMAP(0, HUGE, r, PRIVATE.bits(), HUGE, 0) => ENOMEM;
        mm::mmap(odd, page, READ, fixed, -1, 0) => MMAP(odd, page, r, fixed.bits(), HUGE, 0) => EINVAL;
        mm::mmap(null_mut(), page, READ, PRIVATE, -1, 1) => MMAP(0, page, r, PRIVATE.bits(), HUGE, 1) => EINVAL;
        mm::mmap(null_mut(), page, READ, neither, -1, 0) => MMAP(0, page, r, neither.bits(), HUGE, 0) => EINVAL;
        mm::mmap(null_mut(), page, READ, new, file, 0) => MMAP(0, page, r, new.bits(), file, 0) => EOPNOTSUPP;

        mm::munmap(odd, page) => MUNMAP(odd, page) => EINVAL;
        mm::munmap(start, 0) => MUNMAP(start, 0) => EINVAL;
        mm::munmap(start, HUGE) => MUNMAP(start, HUGE) => EINVAL;

        mm::mprotect(odd, page, READ) => MPROTECT(odd, page, r) => EINVAL;
        mm::mprotect(odd, 0, READ) => MPROTECT(odd, 0, r) => EINVAL;
        mm::mprotect(start, HUGE, READ) => MPROTECT(start, HUGE, r) => ENOMEM;
        mm::mprotect(nothing, page, READ) => MPROTECT(nothing, page, r) => ENOMEM;
        mm::mprotect(start, page, unknown(0x4000)) => MPROTECT(start, page, 0x4000) => EINVAL;

        mm::mremap(odd, page, page, unknown(0), null_mut()) => MREMAP(odd, page, page, 0, 0) => EINVAL;
        mm::mremap(start, page, 0, unknown(0), null_mut()) => MREMAP(start, page, 0, 0, 0) => EINVAL;
        mm::mremap(start, page, HUGE, unknown(1), null_mut()) => MREMAP(start, page, HUGE, 1, 0) => EINVAL;
        mm::mremap(nothing, page, 2 * page, unknown(1), null_mut()) => MREMAP(nothing, page, 2 * page, 1, 0) => EFAULT;
        mm::mremap(start, page, page, unknown(0x80), null_mut()) => MREMAP(start, page, page, 0x80, 0) => EINVAL;
        mm::mremap(start, page, page, MremapFlags::FIXED, odd) => MREMAP(start, page, page, 2, odd) => EINVAL;

        mm::msync(odd, page, MsyncFlags::ASYNC) => MSYNC(odd, page, 1) => EINVAL;
        mm::msync(odd, 0, MsyncFlags::ASYNC) => MSYNC(odd, 0, 1) => EINVAL;
        mm::msync(start, HUGE - page, MsyncFlags::ASYNC) => MSYNC(start, HUGE - page, 1) => ENOMEM;
        mm::msync(nothing, page, MsyncFlags::ASYNC) => MSYNC(nothing, page, 1) => ENOMEM;
        mm::msync(start, page, unknown(0x80)) => MSYNC(start, page, 0x80) => EINVAL;

        mm::mseal(odd, page) => MSEAL(odd, page, 0) => EINVAL;
        mm::mseal(odd, 0) => MSEAL(odd, 0, 0) => EINVAL;
        mm::mseal(start, HUGE - page) => MSEAL(start, HUGE - page, 0) => EINVAL;
        mm::mseal(nothing, page) => MSEAL(nothing, page, 0) => ENOMEM;
    }
    raw_refusals! { MSEAL(start, page, 1) => EINVAL; }
    unmap(start, 1);
}

#[test]
fn of_advice_and_locks() {
    let (start, page) = (pages(1), page_size());
    let odd = start.wrapping_add(1);
    let nothing = without_provenance_mut::<u8>(page);
    let nowhere = without_provenance_mut::<u8>(BAD);
    refusals! {
        mm::madvise(odd, page, Advice::NORMAL) => MADVISE(odd, page, 0) => EINVAL;
        mm::madvise(odd, 0, Advice::NORMAL) => MADVISE(odd, 0, 0) => EINVAL;
        mm::madvise(start, HUGE - page, Advice::NORMAL) => MADVISE(start, HUGE - page, 0) => EINVAL;
        mm::madvise(nothing, page, Advice::NORMAL) => MADVISE(nothing, page, 0) => ENOMEM;
        mm::madvise(start, page, Advice(7_777)) => MADVISE(start, page, 7_777) => EINVAL;

        mm::mincore(odd, page, odd) => MINCORE(odd, page, odd) => EINVAL;
        mm::mincore(start, HUGE, odd) => MINCORE(start, HUGE, odd) => ENOMEM;
        mm::mincore(start, page, nowhere) => MINCORE(start, page, BAD) => EFAULT;
        mm::mincore(nothing, page, odd) => MINCORE(nothing, page, odd) => ENOMEM;

        mm::mlock2(start, 0, unknown(0x80)) => MLOCK2(start, 0, 0x80) => EINVAL;
        mm::munlock(nothing, page) => MUNLOCK(nothing, page) => ENOMEM;
        mm::munlock(start, HUGE - page) => MUNLOCK(start, HUGE - page) => EINVAL;
        mm::mlockall(unknown(0x80)) => MLOCKALL(0x80) => EINVAL;
        mm::mlockall(MlockallFlags::empty()) => MLOCKALL(0) => EINVAL;
    }
    // An ordinary user's limit is asked first.
    if !wants_root("locks past the limit") {
        refusals! {
            mm::mlock(nothing, page) => MLOCK(nothing, page) => ENOMEM;
            mm::mlock(start, HUGE - page) => MLOCK(start, HUGE - page) => EINVAL;
            mm::mlock2(nothing, page, MlockFlags::ONFAULT) => MLOCK2(nothing, page, 1) => ENOMEM;
            mm::mlock2(start, HUGE - page, MlockFlags::ONFAULT) => MLOCK2(start, HUGE - page, 1) => EINVAL;
        }
    }
    unmap(start, 1);
}

#[test]
fn of_keys_and_places() {
    let (start, page) = (pages(1), page_size());
    let odd = start.wrapping_add(1);
    let (node, nowhere) = ([1_u64].as_ptr(), without_provenance_mut::<u64>(BAD));
    let (none, no_mode) = (MbindFlags::empty(), PolicyFlags::empty());
    let bind = Policy::BIND;
    refusals! {
        mm::pkey_alloc(PkeyRights::from_bits_retain(0x80)) => PKEY_ALLOC(0, 0x80) => EINVAL;
        mm::pkey_free(7_777) => PKEY_FREE(7_777) => EINVAL;
        mm::pkey_mprotect(odd, page, READ, 0) => PKEY_MPROTECT(odd, page, 1, 0) => EINVAL;
        mm::pkey_mprotect(odd, 0, READ, 0) => PKEY_MPROTECT(odd, 0, 1, 0) => EINVAL;
        mm::pkey_mprotect(start, HUGE, READ, 0) => PKEY_MPROTECT(start, HUGE, 1, 0) => ENOMEM;
        mm::pkey_mprotect(start, page, unknown(0x4000), 0) => PKEY_MPROTECT(start, page, 0x4000, 0) => EINVAL;

        mm::mbind(odd, page, bind, no_mode, node, 64, none) => MBIND(odd, page, 2, node, 64, 0) => EINVAL;
        mm::mbind(start, page, bind, no_mode, nowhere, 64, none) => MBIND(start, page, 2, BAD, 64, 0) => EFAULT;
        mm::mbind(start, page, bind, no_mode, node, HUGE, none) => MBIND(start, page, 2, node, HUGE, 0) => EINVAL;
        mm::mbind(start, page, bind, no_mode, null(), 0, none) => MBIND(start, page, 2, 0, 0, 0) => EINVAL;
        mm::mbind(start, page, bind, no_mode, node, 64, unknown(0x80)) => MBIND(start, page, 2, node, 64, 0x80) => EINVAL;
        mm::mbind(start, page, bind, unknown(0x80), node, 64, none) => MBIND(start, page, 0x82, node, 64, 0) => EINVAL;
        mm::mbind(start, page, Policy(77), no_mode, node, 64, none) => MBIND(start, page, 77, node, 64, 0) => EINVAL;
    }
    raw_refusals! { PKEY_ALLOC(0x80, 0) => EINVAL; }
    unmap(start, 1);
}

#[test]
fn of_memory_with_a_descriptor() {
    let file = file();
    let (file, range) = (file.as_raw_fd(), CachestatRange::default());
    let (from, mut words) = (&raw const range, [0_u64; 5]);
    let to = words.as_mut_ptr();
    let long = CString::new("x".repeat(300)).expect("no NUL");
    refusals! {
        mm::memfd_create(c"named", unknown(1 << 24)) => MEMFD_CREATE(c"named".as_ptr(), 1 << 24) => EINVAL;
        mm::memfd_create(&long, MemfdFlags::CLOEXEC) => MEMFD_CREATE(long.as_ptr(), 1) => EINVAL;
        mm::memfd_secret(OpenFlags::from_bits_retain(1 << 24)) => MEMFD_SECRET(1 << 24) => EINVAL;
        mm::cachestat(CLOSED, &range) => CACHESTAT(CLOSED, from, to, 0) => EBADF;
    }
    raw_refusals! {
        MEMFD_CREATE(BAD, 1) => EFAULT;
        CACHESTAT(file, BAD, to, 0) => EFAULT;
        CACHESTAT(file, from, BAD, 0) => EFAULT;
        CACHESTAT(file, from, to, 1) => EINVAL;
    }
}
