//! Refusals of `userfaultfd`, and of requests by `ioctl`.

use std::fs::File;
use std::os::fd::AsRawFd;

use baremap::flags::{ProcmapFlags, UffdFeatures, UserfaultfdFlags};
use baremap::sys::page_size;
use baremap::sys::pagemap::{PAGEMAP_SCAN, PmScanArg, pagemap_scan};
use baremap::sys::procmap::{PROCMAP_QUERY, ProcmapQuery, procmap_query};
use baremap::sys::userfaultfd::*;

use super::{BAD, CLOSED, unknown};
use crate::hosted::wrong_under_emulation;
use crate::memory::{pages, since, unmap};
use crate::oracle::{number, owned};

const OPEN: UserfaultfdFlags = UserfaultfdFlags::CLOEXEC.union(UserfaultfdFlags::USER_MODE_ONLY);

/// A place that the kernel is given, for them.
fn at<T>(place: &T) -> usize {
    std::ptr::from_ref(place).expose_provenance()
}

#[test]
fn of_faults() {
    refusals! { userfaultfd(OPEN | unknown(1 << 24)) => USERFAULTFD(1 << 24 | OPEN.bits()) => EINVAL; }
    let range = UffdioRange { start: 0, len: 0 };
    let mut api = UffdioApi { api: UFFD_API, features: UffdFeatures::empty(), ioctls: 0 };
    let mut register = UffdioRegister { range, mode: unknown(1), ioctls: 0 };
    let mut copy = UffdioCopy { dst: 0, src: 0, len: 0, mode: unknown(0), copy: 0 };
    let mut zeros = UffdioZeropage { range, mode: unknown(0), zeropage: 0 };
    let mut protect = UffdioWriteprotect { range, mode: unknown(1) };
    refusals! {
        uffdio_api(CLOSED, &mut api) => IOCTL(CLOSED, UFFDIO_API, at(&api)) => EBADF;
        uffdio_register(CLOSED, &mut register) => IOCTL(CLOSED, UFFDIO_REGISTER, at(&register)) => EBADF;
        uffdio_unregister(CLOSED, &range) => IOCTL(CLOSED, UFFDIO_UNREGISTER, at(&range)) => EBADF;
        uffdio_wake(CLOSED, &range) => IOCTL(CLOSED, UFFDIO_WAKE, at(&range)) => EBADF;
        uffdio_copy(CLOSED, &mut copy) => IOCTL(CLOSED, UFFDIO_COPY, at(&copy)) => EBADF;
        uffdio_zeropage(CLOSED, &mut zeros) => IOCTL(CLOSED, UFFDIO_ZEROPAGE, at(&zeros)) => EBADF;
        uffdio_writeprotect(CLOSED, &mut protect) => IOCTL(CLOSED, UFFDIO_WRITEPROTECT, at(&protect)) => EBADF;
    }
    let Ok(fd) = userfaultfd(OPEN).map(|fd| owned(Ok(number(fd)))) else {
        assert!(super::missing(super::nr::USERFAULTFD) || wrong_under_emulation("userfaultfd"));
        return;
    };
    let fd = fd.as_raw_fd();
    refusals! {
        uffdio_register(fd, &mut register) => IOCTL(fd, UFFDIO_REGISTER, at(&register)) => EINVAL;
        uffdio_api(fd, &mut UffdioApi { api: 0, ..api }) => IOCTL(fd, UFFDIO_API, at(&UffdioApi { api: 0, ..api })) => EINVAL;
    }
    raw_refusals! { IOCTL(fd, UFFDIO_API, BAD) => EFAULT; }
    assert_eq!(uffdio_api(fd, &mut api), Ok(()));

    let (start, page) = (pages(2), page_size() as u64);
    let whole = UffdioRange { start: start.addr() as u64, len: page };
    let odd = UffdioRange { start: whole.start + 1, ..whole };
    let none = UffdioRange { len: 0, ..whole };
    let huge = UffdioRange { len: !page + 1, ..whole };
    register.range = whole;
    assert_eq!(uffdio_register(fd, &mut register), Ok(()));
    for range in [odd, none, huge] {
        register.range = range;
        (zeros.range, protect.range) = (range, range);
        (copy.dst, copy.src, copy.len) = (range.start, whole.start + page, range.len);
        refusals! {
            uffdio_register(fd, &mut register) => IOCTL(fd, UFFDIO_REGISTER, at(&register)) => EINVAL;
            uffdio_unregister(fd, &range) => IOCTL(fd, UFFDIO_UNREGISTER, at(&range)) => EINVAL;
            uffdio_wake(fd, &range) => IOCTL(fd, UFFDIO_WAKE, at(&range)) => EINVAL;
            uffdio_copy(fd, &mut copy) => IOCTL(fd, UFFDIO_COPY, at(&copy)) => EINVAL;
            uffdio_zeropage(fd, &mut zeros) => IOCTL(fd, UFFDIO_ZEROPAGE, at(&zeros)) => EINVAL;
            uffdio_writeprotect(fd, &mut protect) => IOCTL(fd, UFFDIO_WRITEPROTECT, at(&protect)) => EINVAL;
        }
    }
    let mut register = UffdioRegister { range: whole, mode: unknown(1 << 40), ioctls: 0 };
    let mut copy = UffdioCopy { dst: whole.start, src: BAD as u64, len: page, mode: unknown(0), copy: 0 };
    let mut strange = UffdioCopy { mode: unknown(1 << 40), ..copy };
    let mut zeros = UffdioZeropage { range: whole, mode: unknown(1 << 40), zeropage: 0 };
    let mut protect = UffdioWriteprotect { range: whole, mode: unknown(1 << 40) };
    refusals! {
        uffdio_register(fd, &mut register) => IOCTL(fd, UFFDIO_REGISTER, at(&register)) => EINVAL;
        uffdio_copy(fd, &mut copy) => IOCTL(fd, UFFDIO_COPY, at(&copy)) => EFAULT;
        uffdio_copy(fd, &mut strange) => IOCTL(fd, UFFDIO_COPY, at(&strange)) => EINVAL;
        uffdio_zeropage(fd, &mut zeros) => IOCTL(fd, UFFDIO_ZEROPAGE, at(&zeros)) => EINVAL;
        uffdio_writeprotect(fd, &mut protect) => IOCTL(fd, UFFDIO_WRITEPROTECT, at(&protect)) => EINVAL;
    }
    raw_refusals! {
        IOCTL(fd, UFFDIO_REGISTER, BAD) => EFAULT;
        IOCTL(fd, UFFDIO_UNREGISTER, BAD) => EFAULT;
        IOCTL(fd, UFFDIO_WAKE, BAD) => EFAULT;
        IOCTL(fd, UFFDIO_COPY, BAD) => EFAULT;
        IOCTL(fd, UFFDIO_ZEROPAGE, BAD) => EFAULT;
        IOCTL(fd, UFFDIO_WRITEPROTECT, BAD) => EFAULT;
    }
    unmap(start, 2);
}

#[test]
fn of_ends_of_faults() {
    let (start, page) = (pages(2), page_size() as u64);
    let whole = UffdioRange { start: start.addr() as u64, len: page };
    let mut goes_on = UffdioContinue { range: whole, mode: unknown(0), mapped: 0 };
    let mut poison = UffdioPoison { range: whole, mode: unknown(0), updated: 0 };
    let src = whole.start + page;
    let mut moves = UffdioMove { dst: whole.start, src, len: page, mode: unknown(0), moved: 0 };
    refusals! {
        uffdio_continue(CLOSED, &mut goes_on) => IOCTL(CLOSED, UFFDIO_CONTINUE, at(&goes_on)) => EBADF;
        uffdio_poison(CLOSED, &mut poison) => IOCTL(CLOSED, UFFDIO_POISON, at(&poison)) => EBADF;
        uffdio_move(CLOSED, &mut moves) => IOCTL(CLOSED, UFFDIO_MOVE, at(&moves)) => EBADF;
    }
    let Ok(fd) = userfaultfd(OPEN).map(|fd| owned(Ok(number(fd)))) else {
        assert!(super::missing(super::nr::USERFAULTFD) || wrong_under_emulation("userfaultfd"));
        return;
    };
    let fd = fd.as_raw_fd();
    assert_eq!(uffdio_api(fd, &mut UffdioApi { api: UFFD_API, features: unknown(0), ioctls: 0 }), Ok(()));
    for (start, len, mode) in [
        (whole.start + 1, page, 0),
        (whole.start, 0, 0),
        (whole.start, !page + 1, 0),
        (whole.start, page, 1 << 40),
    ] {
        let range = UffdioRange { start, len };
        (goes_on.range, goes_on.mode) = (range, unknown(mode));
        (poison.range, poison.mode) = (range, unknown(mode));
        (moves.dst, moves.len, moves.mode) = (start, len, unknown(mode));
        refusals! {
            uffdio_continue(fd, &mut goes_on) => IOCTL(fd, UFFDIO_CONTINUE, at(&goes_on)) => EINVAL;
            uffdio_poison(fd, &mut poison) => IOCTL(fd, UFFDIO_POISON, at(&poison)) => EINVAL;
            uffdio_move(fd, &mut moves) => IOCTL(fd, UFFDIO_MOVE, at(&moves)) => EINVAL;
        }
    }
    raw_refusals! { IOCTL(fd, UFFDIO_CONTINUE, BAD) => EFAULT; }
    // Before, there are no such requests, whatever they are given.
    if since(6, 6) {
        raw_refusals! { IOCTL(fd, UFFDIO_POISON, BAD) => EFAULT; }
    }
    if since(6, 8) {
        raw_refusals! { IOCTL(fd, UFFDIO_MOVE, BAD) => EFAULT; }
    }
    unmap(start, 2);
}

#[test]
fn of_files_about_memory() {
    let (maps, pagemap) = (File::open("/proc/self/maps").unwrap(), File::open("/proc/self/pagemap").unwrap());
    let (maps, pagemap) = (maps.as_raw_fd(), pagemap.as_raw_fd());
    let mut query = ProcmapQuery::new(0, ProcmapFlags::empty());
    let mut scan = PmScanArg::new(0, page_size());
    let mut empty = ProcmapQuery { size: 0, ..query };
    let mut strange = ProcmapQuery { query_flags: unknown(1 << 40), ..query };
    let mut unsized_scan = PmScanArg { size: 0, ..scan };
    let mut odd = PmScanArg { start: 1, ..scan };
    let mut flagged = PmScanArg { flags: unknown(1 << 40), ..scan };
    let mut nowhere = PmScanArg { vec: !0xfff, vec_len: 1, ..scan };
    let mut huge = PmScanArg { end: !0, ..scan };
    refusals! {
        procmap_query(CLOSED, &mut query) => IOCTL(CLOSED, PROCMAP_QUERY, at(&query)) => EBADF;
        pagemap_scan(CLOSED, &mut scan) => IOCTL(CLOSED, PAGEMAP_SCAN, at(&scan)) => EBADF;
    }
    if since(6, 11) {
        refusals! {
            procmap_query(maps, &mut empty) => IOCTL(maps, PROCMAP_QUERY, at(&empty)) => EINVAL;
            procmap_query(maps, &mut strange) => IOCTL(maps, PROCMAP_QUERY, at(&strange)) => EINVAL;
        }
        raw_refusals! { IOCTL(maps, PROCMAP_QUERY, BAD) => EFAULT; }
    } else {
        refusals! { procmap_query(maps, &mut query) => IOCTL(maps, PROCMAP_QUERY, at(&query)) => ENOTTY; }
    }
    if since(6, 7) {
        refusals! {
            pagemap_scan(pagemap, &mut unsized_scan) => IOCTL(pagemap, PAGEMAP_SCAN, at(&unsized_scan)) => EINVAL;
            pagemap_scan(pagemap, &mut odd) => IOCTL(pagemap, PAGEMAP_SCAN, at(&odd)) => EINVAL;
            pagemap_scan(pagemap, &mut flagged) => IOCTL(pagemap, PAGEMAP_SCAN, at(&flagged)) => EINVAL;
            pagemap_scan(pagemap, &mut nowhere) => IOCTL(pagemap, PAGEMAP_SCAN, at(&nowhere)) => EFAULT;
            pagemap_scan(pagemap, &mut huge) => IOCTL(pagemap, PAGEMAP_SCAN, at(&huge)) => EFAULT;
        }
        raw_refusals! { IOCTL(pagemap, PAGEMAP_SCAN, BAD) => EFAULT; }
    } else {
        refusals! { pagemap_scan(pagemap, &mut scan) => IOCTL(pagemap, PAGEMAP_SCAN, at(&scan)) => ENOTTY; }
    }
}
