//! What `sys` has of userfaultfd that Linux 6.1 has not: see older_kernels.rs.

mod hosted;
mod memory;
mod oracle;
mod userfaults;

use std::fs::File;
use std::os::fd::AsRawFd;
use std::ptr::with_exposed_provenance_mut;
use std::thread::{JoinHandle, spawn};

use baremap::flags::{
    MemfdFlags, PageCategories, UffdContinueMode, UffdCopyMode, UffdFeatures, UffdMoveMode,
    UffdPagefaultFlags, UffdPoisonMode, UffdRegisterMode, UffdWriteprotectMode,
};
use baremap::sys::mm::{self, Advice};
use baremap::sys::pagemap::{PageRegion, PmScanArg, pagemap_scan};
use baremap::sys::{RawFd, fs, page_size, userfaultfd::*};
use baremap::{Errno, MapFlags, OwnedFd, Prot, Result};
use memory::*;
use oracle::{number, owned, pipe, theirs};
use userfaults::{PLAIN, api, message, missing, open, range};

/// A descriptor with these features, that has a page told of. Without the mode
/// `WP`, which not every instruction set has, there may be none.
fn watching(start: *mut u8, features: UffdFeatures, mode: UffdRegisterMode) -> Result<OwnedFd> {
    let fd = owned(open(true, PLAIN));
    uffdio_api(fd.as_raw_fd(), &mut api(features))?;
    uffdio_register(fd.as_raw_fd(), &mut UffdioRegister { range: range(start, 1), mode, ioctls: 0 })?;
    Ok(fd)
}

/// Whether the kernel can tell of stores to protected pages.
fn can_protect() -> bool {
    let start = pages(1);
    let can = watching(start, UffdFeatures::empty(), UffdRegisterMode::WP).is_ok();
    unmap(start, 1);
    assert!(can || cfg!(not(target_arch = "x86_64")));
    can
}

fn protect(fd: RawFd, start: *mut u8, mode: UffdWriteprotectMode) {
    assert_eq!(uffdio_writeprotect(fd, &mut UffdioWriteprotect { range: range(start, 1), mode }), Ok(()));
}

/// A thread that does something to a page.
fn thread<T: Send + 'static>(start: *mut u8, act: fn(*mut u8) -> T) -> JoinHandle<T> {
    let place = start.expose_provenance();
    spawn(move || act(with_exposed_provenance_mut(place)))
}

/// A store to a protected page is told, and waits until it is so no more.
fn a_store_is_told(fd: RawFd, start: *mut u8) {
    let writer = thread(start, |start| put(start, 9));
    let told = message(fd).pagefault().expect("a fault");
    assert_eq!(told.address, start.addr());
    assert_eq!(told.flags, UffdPagefaultFlags::WRITE | UffdPagefaultFlags::WP);
    protect(fd, start, UffdWriteprotectMode::empty());
    writer.join().unwrap();
    assert_eq!(get(start), 9);
}

/// `UffdRegisterMode::WP`, which x86_64 has had before.
#[test]
fn stores_are_stopped_by_rights_on_aarch64_before_linux_6_10() {
    if missing() {
        return;
    }
    let start = pages(1);
    put(start, 1);
    let version = if cfg!(target_arch = "x86_64") { (5, 7) } else { (6, 10) };
    let watched = watching(start, UffdFeatures::empty(), UffdRegisterMode::WP);
    newer("UffdRegisterMode::WP", version, watched, Errno::EINVAL);
    let [reader, writer] = pipe();
    assert_eq!(hosted::write(writer.as_raw_fd(), b"w"), Ok(1));
    // SAFETY: nothing refers to the page.
    assert_eq!(unsafe { mm::mprotect(start, page_size(), Prot::READ) }, Ok(()));
    // The kernel is stopped as we would be, by a signal.
    assert_eq!(theirs!(READ, reader.as_raw_fd(), start, 1), Err(Errno::EFAULT));
    assert_eq!(get(start), 1);
    unmap(start, 1);
}

/// `UffdFeatures::WP_UNPOPULATED`.
#[test]
fn pages_are_there_before_they_are_protected_before_linux_6_4() {
    if missing() || !can_protect() {
        return;
    }
    for feature in [UffdFeatures::WP_UNPOPULATED, UffdFeatures::empty()] {
        let start = pages(1);
        let watched = watching(start, feature, UffdRegisterMode::WP);
        let uffd = if feature.is_empty() {
            // SAFETY: it changes no byte.
            assert_eq!(unsafe { mm::madvise(start, page_size(), Advice::POPULATE_READ) }, Ok(()));
            watched.ok()
        } else {
            newer("WP_UNPOPULATED", (6, 4), watched, Errno::EINVAL)
        };
        if let Some(uffd) = uffd {
            protect(uffd.as_raw_fd(), start, UffdWriteprotectMode::WP);
            a_store_is_told(uffd.as_raw_fd(), start);
        }
        unmap(start, 1);
    }
}

/// `UffdFeatures::WP_ASYNC`.
#[test]
fn written_pages_are_told_one_by_one_before_linux_6_7() {
    if missing() || !can_protect() {
        return;
    }
    let start = pages(1);
    put(start, 1);
    let by_itself = watching(start, UffdFeatures::WP_ASYNC, UffdRegisterMode::WP);
    if let Some(uffd) = newer("WP_ASYNC", (6, 7), by_itself, Errno::EINVAL) {
        let pagemap = File::open("/proc/self/pagemap").expect("/proc is mounted");
        let written = || {
            let mut arg = PmScanArg::new(start.addr(), start.addr() + page_size());
            (arg.category_mask, arg.return_mask) = (PageCategories::WRITTEN, PageCategories::WRITTEN);
            let mut found = PageRegion { start: 0, end: 0, categories: arg.return_mask };
            (arg.vec, arg.vec_len) = ((&raw mut found).expose_provenance() as u64, 1);
            // SAFETY: there is room for one.
            unsafe { pagemap_scan(pagemap.as_raw_fd(), &mut arg) }
        };
        protect(uffd.as_raw_fd(), start, UffdWriteprotectMode::WP);
        assert_eq!(written(), Ok(0));
        put(start, 9);
        assert_eq!(written(), Ok(1));
    }
    let told = watching(start, UffdFeatures::empty(), UffdRegisterMode::WP).expect("told of");
    protect(told.as_raw_fd(), start, UffdWriteprotectMode::WP);
    a_store_is_told(told.as_raw_fd(), start);
    unmap(start, 1);
}

/// `UffdContinueMode::WP`.
#[test]
fn a_page_is_protected_before_who_waits_wakes_before_linux_6_4() {
    if missing() || !can_protect() {
        return;
    }
    let file = owned(mm::memfd_create(c"minor", MemfdFlags::empty()).map(number));
    // SAFETY: it is not mapped yet.
    assert_eq!(unsafe { fs::ftruncate(file.as_raw_fd(), page_size() as i64) }, Ok(()));
    let other = map(1, MapFlags::SHARED, file.as_raw_fd());
    put(other, 5);
    for at_once in [true, false] {
        let start = map(1, MapFlags::SHARED, file.as_raw_fd());
        let mode = UffdRegisterMode::MINOR | UffdRegisterMode::WP;
        let uffd = watching(start, UffdFeatures::empty(), mode).expect("told of");
        let fd = uffd.as_raw_fd();
        let reader = thread(start, get);
        assert_eq!(message(fd).pagefault().map(|told| told.flags), Some(UffdPagefaultFlags::MINOR));
        let go_on =
            |mode| uffdio_continue(fd, &mut UffdioContinue { range: range(start, 1), mode, mapped: 0 });
        let done = at_once.then(|| go_on(UffdContinueMode::WP));
        if done.and_then(|done| newer("UFFDIO_CONTINUE with WP", (6, 4), done, Errno::EINVAL)).is_none() {
            assert_eq!(go_on(UffdContinueMode::DONTWAKE), Ok(()));
            protect(fd, start, UffdWriteprotectMode::WP);
            assert_eq!(uffdio_wake(fd, &range(start, 1)), Ok(()));
        }
        assert!([5, 9].contains(&reader.join().unwrap()));
        a_store_is_told(fd, start);
        unmap(start, 1);
    }
    unmap(other, 1);
}

/// `UffdFeatures::POISON` and `uffdio_poison`.
#[test]
fn a_file_without_pages_is_poison_before_linux_6_6() {
    if missing() {
        return;
    }
    let page = page_size();
    let empty = owned(mm::memfd_create(c"empty", MemfdFlags::empty()).map(number));
    let memory = pages(1);
    let offered = watching(memory, UffdFeatures::POISON, UffdRegisterMode::MISSING);
    newer("UFFD_FEATURE_POISON", (6, 6), offered, Errno::EINVAL);
    unmap(memory, 1);
    for poison in [true, false] {
        let start = pages(1);
        let uffd = watching(start, UffdFeatures::empty(), UffdRegisterMode::MISSING).expect("told of");
        let (fd, all) = (uffd.as_raw_fd(), range(start, 1));
        let reader = thread(start, read_by_kernel);
        assert_eq!(message(fd).pagefault().map(|told| told.address), Some(start.addr()));
        let mut argument = UffdioPoison { range: all, mode: UffdPoisonMode::empty(), updated: 0 };
        let done = poison.then(|| {
            // SAFETY: nothing refers to the page.
            unsafe { uffdio_poison(fd, &mut argument) }
        });
        if done.and_then(|done| newer("UFFDIO_POISON", (6, 6), done, Errno::EINVAL)).is_none() {
            let flags = MapFlags::SHARED | MapFlags::FIXED;
            // SAFETY: what it replaces is the test's own.
            let put = unsafe { mm::mmap(start, page, BOTH, flags, empty.as_raw_fd(), 0) };
            assert_eq!(put, Ok(start));
            assert_eq!(uffdio_wake(fd, &all), Ok(()));
        }
        assert_eq!(reader.join().unwrap(), Err(Errno::EFAULT));
        unmap(start, 1);
    }
}

/// `UffdFeatures::MOVE` and `uffdio_move`.
#[test]
fn a_page_is_copied_and_given_up_before_linux_6_8() {
    if missing() {
        return;
    }
    let page = page_size();
    let memory = pages(1);
    let offered = watching(memory, UffdFeatures::MOVE, UffdRegisterMode::MISSING);
    newer("UFFD_FEATURE_MOVE", (6, 8), offered, Errno::EINVAL);
    unmap(memory, 1);
    for moves in [true, false] {
        let (start, source) = (pages(1), pages(1));
        put(source, b'm');
        let uffd = watching(start, UffdFeatures::empty(), UffdRegisterMode::MISSING).expect("told of");
        let fd = uffd.as_raw_fd();
        let reader = thread(start, get);
        assert_eq!(message(fd).pagefault().map(|told| told.address), Some(start.addr()));
        let [dst, src] = [start, source].map(|place| place.expose_provenance() as u64);
        let mut moved = UffdioMove { dst, src, len: page as u64, mode: UffdMoveMode::empty(), moved: 0 };
        let done = moves.then(|| {
            // SAFETY: both pages are the test's own.
            unsafe { uffdio_move(fd, &mut moved) }
        });
        if done.and_then(|done| newer("UFFDIO_MOVE", (6, 8), done, Errno::EINVAL)).is_none() {
            let mut copied = UffdioCopy { dst, src, len: page as u64, mode: UffdCopyMode::empty(), copy: 0 };
            // SAFETY: both pages are the test's own.
            assert_eq!(unsafe { uffdio_copy(fd, &mut copied) }, Ok(()));
            // SAFETY: nothing relies on what it held.
            assert_eq!(unsafe { mm::madvise(source, page, Advice::DONTNEED) }, Ok(()));
        }
        assert_eq!((reader.join().unwrap(), get(source)), (b'm', 0));
        unmap(start, 1);
        unmap(source, 1);
    }
}
