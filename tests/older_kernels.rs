//! What `sys` has about memory that Linux 6.1 has not: from its version on it
//! works, before that it gives the errno that is documented, and what is
//! documented instead does the same. The table is in the documentation of `sys`.

mod hosted;
mod memory;
mod oracle;

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::ptr::null_mut;

use baremap::flags::{
    MbindFlags, MemfdFlags, MremapFlags, PageCategories, PidfdFlags, PolicyFlags, ProcmapFlags,
};
use baremap::sys::mm::{self, Advice, Cachestat, CachestatRange, Policy};
use baremap::sys::pagemap::{PageRegion, PmScanArg, pagemap_scan};
use baremap::sys::procmap::{ProcmapQuery, procmap_query};
use baremap::sys::{IoVec, fs, page_size, process};
use baremap::{Errno, MapFlags, Prot, Result};
use hosted::{in_child, wrong_under_emulation};
use memory::*;
use oracle::{NOT_OPEN, number, owned};

fn advise(start: *mut u8, advice: Advice) -> Result<()> {
    // SAFETY: the page is the test's own, and nothing refers to it.
    unsafe { mm::madvise(start, page_size(), advice) }
}

fn protect(start: *mut u8, prot: Prot) -> Result<()> {
    // SAFETY: the page is the test's own, and nothing refers to it.
    unsafe { mm::mprotect(start, page_size(), prot) }
}

/// `Advice::GUARD_INSTALL` and `Advice::GUARD_REMOVE`.
#[test]
fn a_guard_is_a_page_without_rights_before_linux_6_13() {
    if wrong_under_emulation("madvise with GUARD_INSTALL") {
        return;
    }
    let guarded = pages(1);
    put(guarded, 1);
    let installed = newer("GUARD_INSTALL", (6, 13), advise(guarded, Advice::GUARD_INSTALL), Errno::EINVAL);
    if installed.is_some() {
        assert_eq!(read_by_kernel(guarded), Err(Errno::EFAULT));
    }
    let removed = newer("GUARD_REMOVE", (6, 13), advise(guarded, Advice::GUARD_REMOVE), Errno::EINVAL);
    assert_eq!(removed, installed);
    assert_eq!(read_by_kernel(guarded), Ok(1));
    assert_eq!(get(guarded), if installed.is_some() { 0 } else { 1 });

    put(guarded, 1);
    assert_eq!(protect(guarded, Prot::NONE), Ok(()));
    assert_eq!(read_by_kernel(guarded), Err(Errno::EFAULT));
    assert_eq!(protect(guarded, BOTH), Ok(()));
    assert_eq!(get(guarded), 1);
    unmap(guarded, 1);
}

/// `Advice::GUARD_INSTALL`, of shared memory.
#[test]
fn a_guard_in_shared_memory_is_a_page_without_rights_before_linux_6_15() {
    if wrong_under_emulation("madvise with GUARD_INSTALL") {
        return;
    }
    let start = map(1, SHARED, NOT_OPEN);
    put(start, 1);
    let installed = advise(start, Advice::GUARD_INSTALL);
    if newer("GUARD_INSTALL of shared memory", (6, 15), installed, Errno::EINVAL).is_none() {
        assert_eq!(protect(start, Prot::NONE), Ok(()));
    }
    assert_eq!(read_by_kernel(start), Err(Errno::EFAULT));
    unmap(start, 1);
}

/// `mremap` of several mappings.
#[test]
fn several_mappings_move_one_by_one_before_linux_6_17() {
    let page = page_size();
    let (from, to) = (pages(2), pages(2));
    put(from, 1);
    put(from.wrapping_add(page), 2);
    assert_eq!(protect(from.wrapping_add(page), Prot::READ), Ok(()));
    let flags = MremapFlags::MAYMOVE | MremapFlags::FIXED;
    let move_to = |from: *mut u8, length: usize, to: *mut u8| {
        // SAFETY: both ranges are the test's own.
        unsafe { mm::mremap(from, length, length, flags, to) }
    };
    let moved = || (get(to), get(to.wrapping_add(page))) == (1, 2);
    // In a child: what is refused has unmapped where it was to go, and here
    // another thread could be given that.
    let status = in_child(|| match move_to(from, 2 * page, to) {
        Ok(_) if moved() => 0,
        Ok(_) => 255,
        Err(errno) => errno.raw(),
    });
    let answer = Errno::from_raw(status.code().expect("an exit")).map_or(Ok(()), Err);
    newer("mremap of several mappings", (6, 17), answer, Errno::EFAULT);

    for place in [0, page] {
        let (from, to) = (from.wrapping_add(place), to.wrapping_add(place));
        assert_eq!(move_to(from, page, to), Ok(to));
    }
    assert!(moved());
    unmap(to, 2);
}

/// `MapFlags::DROPPABLE`.
#[test]
fn droppable_memory_is_advised_memory_before_linux_6_11() {
    if wrong_under_emulation("mmap with DROPPABLE") {
        return;
    }
    let flags = MapFlags::DROPPABLE | MapFlags::ANONYMOUS;
    // SAFETY: a new mapping replaces nothing.
    let made = unsafe { mm::mmap(null_mut(), page_size(), BOTH, flags, NOT_OPEN, 0) };
    let droppable = newer("DROPPABLE", (6, 11), made, Errno::EINVAL);
    let advised = pages(1);
    for start in droppable.into_iter().chain([advised]) {
        put(start, 7);
    }
    for advice in [Advice::WIPEONFORK, Advice::DONTDUMP, Advice::FREE] {
        assert_eq!(advise(advised, advice), Ok(()), "{advice:?}");
    }
    for start in droppable.into_iter().chain([advised]) {
        // Not in a child, not in a dump, and here while there is room.
        assert_eq!(in_child(|| i32::from(get(start))).code(), Some(0));
        assert!(has(start, "wf") && has(start, "dd"));
        assert!([7, 0].contains(&get(start)));
        unmap(start, 1);
    }
}

/// `mseal`.
#[test]
fn nothing_keeps_a_mapping_before_linux_6_10() {
    if wrong_under_emulation("mseal") {
        return;
    }
    let (start, page) = (pages(1), page_size());
    // In a child, for what is sealed stays as long as the process.
    let sealed_or_gone = in_child(|| {
        let sealed = mm::mseal(start, page);
        // SAFETY: the child's own copy, which it does not use.
        match (sealed, unsafe { mm::munmap(start, page) }) {
            (Ok(()), Err(Errno::EPERM)) => 1,
            (Err(Errno::ENOSYS), Ok(())) => 2,
            _ => 3,
        }
    });
    assert_eq!(sealed_or_gone.code(), Some(if since(6, 10) { 1 } else { 2 }));
    unmap(start, 1);
}

/// `process_madvise`, of oneself.
#[test]
fn a_process_advises_itself_by_madvise_before_linux_6_13() {
    let start = pages(1);
    let myself = owned(process::pidfd_open(process::getpid(), PidfdFlags::empty()).map(number));
    let range = [IoVec { base: start, len: page_size() }];
    put(start, 1);
    // SAFETY: nothing relies on the byte.
    let advised = unsafe { mm::process_madvise(myself.as_raw_fd(), &range, Advice::DONTNEED) };
    if newer("process_madvise of oneself", (6, 13), advised, Errno::EINVAL).is_some() {
        assert_eq!(get(start), 0);
    }
    put(start, 1);
    assert_eq!(advise(start, Advice::DONTNEED), Ok(()));
    assert!(get(start) == 0 || wrong_under_emulation("madvise with DONTNEED"));
    unmap(start, 1);
}

/// `Policy::WEIGHTED_INTERLEAVE`, and `PolicyFlags::NUMA_BALANCING` with `PREFERRED_MANY`.
#[test]
fn policies_are_without_weights_before_linux_6_9() {
    let (start, nodes) = (pages(1), [1_u64]);
    let bind = |policy: Policy, mode: PolicyFlags| {
        mm::mbind(start, page_size(), policy, mode, nodes.as_ptr(), 64, MbindFlags::empty())
    };
    let plain = PolicyFlags::empty();
    if bind(Policy::INTERLEAVE, plain) != Err(Errno::ENOSYS) {
        let weighted = bind(Policy::WEIGHTED_INTERLEAVE, plain);
        newer("WEIGHTED_INTERLEAVE", (6, 9), weighted, Errno::EINVAL);
        assert_eq!(bind(Policy::INTERLEAVE, plain), Ok(()));
        let balancing = bind(Policy::PREFERRED_MANY, PolicyFlags::NUMA_BALANCING);
        newer("NUMA_BALANCING with PREFERRED_MANY", (6, 11), balancing, Errno::EINVAL);
        assert_eq!(bind(Policy::PREFERRED_MANY, plain), Ok(()));
    }
    unmap(start, 1);
}

/// `procmap_query`: what it tells is in the text of /proc/self/maps.
#[test]
fn mappings_are_read_as_text_before_linux_6_11() {
    let file = owned(mm::memfd_create(c"mapped", MemfdFlags::empty()).map(number));
    let start = map(2, MapFlags::SHARED, file.as_raw_fd());
    let (from, to) = (start.addr(), start.addr() + 2 * page_size());
    let maps = File::open("/proc/self/maps").expect("/proc is mounted");
    let mut query = ProcmapQuery::new(from + 1, ProcmapFlags::empty());
    // SAFETY: it wants neither name nor build id.
    let asked = unsafe { procmap_query(maps.as_raw_fd(), &mut query) };
    if newer("PROCMAP_QUERY", (6, 11), asked, Errno::ENOTTY).is_some() {
        assert_eq!((query.vma_start, query.vma_end), (from as u64, to as u64));
        assert!(query.vma_flags.contains(ProcmapFlags::VMA_WRITABLE | ProcmapFlags::VMA_SHARED));
    }
    let text = std::fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
    let range = format!("{from:x}-{to:x} rw-s 00000000 ");
    let told = text.lines().any(|line| line.starts_with(&range) && line.ends_with("/memfd:mapped (deleted)"));
    assert!(told || wrong_under_emulation("/proc/self/maps"), "{range}: {text}");
    unmap(start, 2);
}

fn scan(start: *mut u8, count: usize, category: PageCategories) -> Result<Vec<PageRegion>> {
    let pagemap = File::open("/proc/self/pagemap").expect("/proc is mounted");
    let nothing = PageRegion { start: 0, end: 0, categories: PageCategories::empty() };
    let mut regions = vec![nothing; count];
    let mut arg = PmScanArg::new(start.addr(), start.addr() + count * page_size());
    (arg.category_mask, arg.return_mask) = (category, category);
    (arg.vec, arg.vec_len) = (regions.as_mut_ptr().expose_provenance() as u64, count as u64);
    // SAFETY: there is room for as many regions as it says.
    let found = unsafe { pagemap_scan(pagemap.as_raw_fd(), &mut arg) }?;
    regions.truncate(found);
    Ok(regions)
}

/// `pagemap_scan`: what it tells is in the words of /proc/self/pagemap.
#[test]
fn pages_are_read_as_words_before_linux_6_7() {
    let page = page_size();
    let start = pages(4);
    put(start.wrapping_add(page), 1);
    put(start.wrapping_add(2 * page), 1);
    let answer = scan(start, 4, PageCategories::PRESENT);
    if let Some(regions) = newer("PAGEMAP_SCAN", (6, 7), answer, Errno::ENOTTY) {
        let [start, end] = [1, 3].map(|place| (start.addr() + place * page) as u64);
        assert_eq!(regions, [PageRegion { start, end, categories: PageCategories::PRESENT }]);
    }
    if !wrong_under_emulation("/proc/self/pagemap") {
        let pagemap = File::open("/proc/self/pagemap").expect("/proc is mounted");
        let mut words = [0; 4 * 8];
        pagemap.read_exact_at(&mut words, (start.addr() / page * 8) as u64).unwrap();
        // A page in memory has the highest bit.
        let present = |place: usize| words[place * 8 + 7] >> 7;
        assert_eq!([0, 1, 2, 3].map(present), [0, 1, 1, 0]);
    }
    unmap(start, 4);
}

/// `PageCategories::GUARD`.
#[test]
fn nothing_tells_of_a_guard_before_linux_6_15() {
    let start = pages(1);
    let guarded = advise(start, Advice::GUARD_INSTALL).is_ok();
    let before = if since(6, 7) { Errno::EINVAL } else { Errno::ENOTTY };
    let found = scan(start, 1, PageCategories::GUARD);
    if let Some(regions) = newer("PageCategories::GUARD", (6, 15), found, before) {
        assert_eq!(regions.len(), usize::from(guarded));
    }
    unmap(start, 1);
}

/// `cachestat`: `mincore` of a map of the file tells as much.
#[test]
fn cached_pages_are_counted_by_mincore_before_linux_6_5() {
    let page = page_size();
    let file = owned(mm::memfd_create(c"cached", MemfdFlags::empty()).map(number));
    let fd = file.as_raw_fd();
    // SAFETY: the file is the test's own, and not mapped yet.
    assert_eq!(unsafe { fs::ftruncate(fd, 3 * page as i64) }, Ok(()));
    for place in [0, 2] {
        // SAFETY: as above.
        assert_eq!(unsafe { fs::pwrite64(fd, b"x", place * page as i64) }, Ok(1));
    }
    let counted = mm::cachestat(fd, &CachestatRange::default());
    if let Some(Cachestat { nr_cache, .. }) = newer("cachestat", (6, 5), counted, Errno::ENOSYS) {
        assert_eq!(nr_cache, 2);
    }
    let start = map(3, MapFlags::SHARED, fd);
    let mut there = [0; 3];
    // SAFETY: a byte for each page.
    assert_eq!(unsafe { mm::mincore(start, 3 * page, there.as_mut_ptr()) }, Ok(()));
    assert!(there == [1, 0, 1] || wrong_under_emulation("mincore"), "{there:?}");
    unmap(start, 3);
}
