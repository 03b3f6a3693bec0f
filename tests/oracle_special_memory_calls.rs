//! `mbind`, `cachestat` and the requests to /proc/self/maps and …/pagemap do the
//! same as those of `sc`: see oracle_calls.rs. `sc` has no number for `cachestat`,
//! which is linux-raw-sys's here.

mod hosted;
mod memory;
mod oracle;

use std::fs::File;
use std::os::fd::AsRawFd;
use std::ptr::null_mut;

use baremap::flags::{MbindFlags, MemfdFlags, PageCategories, PmScanFlags, PolicyFlags, ProcmapFlags};
use baremap::sys::mm::{self, Cachestat, CachestatRange, Policy};
use baremap::sys::pagemap::{PAGEMAP_SCAN, PageRegion, PmScanArg, pagemap_scan};
use baremap::sys::procmap::{PROCMAP_QUERY, ProcmapQuery, procmap_query};
use baremap::sys::{RawFd, page_size};
use baremap::{Errno, MapFlags, Result};
use hosted::{wants_root, write, wrong_under_emulation};
use memory::*;
use oracle::{NOT_OPEN, none, number, owned, theirs};

#[test]
fn mbind_is_the_same() {
    let page = page_size();
    let start = pages(2);
    let second = start.wrapping_add(page);
    let (first_node, far_node) = ([1_u64], [0, 0, 1_u64 << 63]);
    let (node, far, no_node) = (first_node.as_ptr(), far_node.as_ptr(), std::ptr::null());
    let nowhere = std::ptr::without_provenance(8);
    let (no_flags, no_mode) = (MbindFlags::empty(), PolicyFlags::empty());
    let everywhere =
        |place: *mut u8, policy: Policy, mode: PolicyFlags, mask, maxnode: usize, flags: MbindFlags| {
            let ours = mm::mbind(place, page, policy, mode, mask, maxnode, flags).map(none);
            let word = policy.0 | mode.bits() as i32;
            [ours, theirs!(MBIND, place, page, word, mask, maxnode, flags.bits())]
        };
    if everywhere(start, Policy::DEFAULT, no_mode, no_node, 0, no_flags) == [Err(Errno::ENOSYS); 2] {
        // A kernel for machines of one node, or qemu-user.
        assert!(!std::path::Path::new("/sys/devices/system/node").exists() || wrong_under_emulation("mbind"));
        unmap(start, 2);
        return;
    }
    let mut strict = MbindFlags::STRICT | MbindFlags::MOVE;
    strict.set(MbindFlags::MOVE_ALL, !wants_root("MOVE_ALL"));
    let both_modes = PolicyFlags::STATIC_NODES | PolicyFlags::RELATIVE_NODES;
    let unknown = MbindFlags::from_bits_retain(0x80);
    let weighted = if since(6, 9) { Ok(0) } else { Err(Errno::EINVAL) };
    for (place, policy, mode, mask, maxnode, flags, expected) in [
        (start, Policy::PREFERRED, no_mode, node, 64, no_flags, Ok(0)),
        (start, Policy::BIND, no_mode, node, 64, strict, Ok(0)),
        (start, Policy::INTERLEAVE, PolicyFlags::STATIC_NODES, node, 64, no_flags, Ok(0)),
        (start, Policy::INTERLEAVE, PolicyFlags::RELATIVE_NODES, node, 64, no_flags, Ok(0)),
        (start, Policy::BIND, PolicyFlags::NUMA_BALANCING, node, 64, no_flags, Ok(0)),
        (start, Policy::LOCAL, no_mode, no_node, 0, no_flags, Ok(0)),
        (start, Policy::PREFERRED_MANY, no_mode, node, 64, no_flags, Ok(0)),
        (start, Policy::WEIGHTED_INTERLEAVE, no_mode, node, 64, no_flags, weighted),
        (start, Policy::DEFAULT, no_mode, no_node, 0, no_flags, Ok(0)),
        (start, Policy::BIND, both_modes, node, 64, no_flags, Err(Errno::EINVAL)),
        (start, Policy(99), no_mode, node, 64, no_flags, Err(Errno::EINVAL)),
        (start, Policy::DEFAULT, no_mode, node, 64, no_flags, Err(Errno::EINVAL)),
        (start, Policy::BIND, no_mode, no_node, 0, no_flags, Err(Errno::EINVAL)),
        (start, Policy::BIND, no_mode, far, 193, no_flags, Err(Errno::EINVAL)),
        (start, Policy::BIND, no_mode, node, 1 << 30, no_flags, Err(Errno::EINVAL)),
        (start, Policy::BIND, no_mode, node, 64, unknown, Err(Errno::EINVAL)),
        (start.wrapping_add(1), Policy::BIND, no_mode, node, 64, no_flags, Err(Errno::EINVAL)),
        (null_mut(), Policy::BIND, no_mode, node, 64, no_flags, Err(Errno::EFAULT)),
        (start, Policy::BIND, no_mode, nowhere, 64, no_flags, Err(Errno::EFAULT)),
    ] {
        let answers = everywhere(place, policy, mode, mask, maxnode, flags);
        assert_eq!(answers, [expected; 2], "{policy:?} {mode:?} {maxnode} {flags:?}");
    }
    // The policy is there: asked of by their get_mempolicy, MPOL_F_ADDR being 2.
    let policy_of = |place: *mut u8| {
        let mut policy = -1_i32;
        assert_eq!(theirs!(GET_MEMPOLICY, &raw mut policy, 0, 0, place, 2), Ok(0));
        policy
    };
    assert_eq!(mm::mbind(start, page, Policy::BIND, no_mode, node, 64, no_flags), Ok(()));
    assert_eq!(theirs!(MBIND, second, page, Policy::BIND.0, node, 64, 0), Ok(0));
    assert_eq!((policy_of(start), policy_of(second)), (Policy::BIND.0, Policy::BIND.0));
    unmap(start, 2);
}

/// What `cachestat` says to them.
fn their_cachestat(fd: RawFd, range: CachestatRange) -> Result<Cachestat> {
    let mut stat = Cachestat::default();
    let call = linux_raw_sys::general::__NR_cachestat as usize;
    let [range, to] = [(&raw const range).addr(), (&raw mut stat).expose_provenance()];
    // SAFETY: the kernel reads the one and fills the other.
    oracle::answer(unsafe { sc::platform::syscall4(call, fd as usize, range, to, 0) })?;
    Ok(stat)
}

#[test]
fn cachestat_is_there_from_linux_6_5_on() {
    let page = page_size();
    let file = owned(mm::memfd_create(c"cached", MemfdFlags::empty()).map(number));
    let fd = file.as_raw_fd();
    // Three pages, then one of them again by its range.
    assert_eq!(write(fd, &vec![1; 3 * page]), Ok(3 * page));
    let (all, second) = (CachestatRange::default(), CachestatRange { off: page as u64, len: 1 });
    for (fd, range, expected) in [(fd, all, Ok(3)), (fd, second, Ok(1)), (NOT_OPEN, all, Err(Errno::EBADF))] {
        let ours = mm::cachestat(fd, &range);
        assert_eq!(ours, their_cachestat(fd, range));
        if ours == Err(Errno::ENOSYS) {
            assert!(!since(6, 5) || wrong_under_emulation("cachestat"));
        } else {
            assert_eq!(ours.map(|stat| stat.nr_cache), expected);
        }
    }
}

fn query(by_us: bool, fd: RawFd, query: &mut ProcmapQuery) -> Result<usize> {
    if by_us {
        // SAFETY: where its addresses are not 0, they are the test's own.
        return unsafe { procmap_query(fd, query) }.map(none);
    }
    theirs!(IOCTL, fd, PROCMAP_QUERY, &raw mut *query)
}

#[test]
fn procmap_query_is_there_from_linux_6_11_on() {
    let page = page_size();
    let maps = File::open("/proc/self/maps").unwrap();
    let fd = maps.as_raw_fd();
    let file = owned(mm::memfd_create(c"mapped", MemfdFlags::empty()).map(number));
    let start = map(2, MapFlags::SHARED, file.as_raw_fd());
    let inside = start.addr() + page + 1;
    let no_flags = ProcmapFlags::empty();
    let supported = query(true, fd, &mut ProcmapQuery::new(inside, no_flags));
    // qemu-user says ENOSYS of a request that it does not know.
    if supported == Err(Errno::ENOTTY) || supported == Err(Errno::ENOSYS) {
        assert_eq!(query(false, fd, &mut ProcmapQuery::new(inside, no_flags)), supported);
        let old = !since(6, 11) && supported == Err(Errno::ENOTTY);
        assert!(old || wrong_under_emulation("PROCMAP_QUERY"));
        unmap(start, 2);
        return;
    }
    let mut answers = Vec::new();
    for by_us in [true, false] {
        let mut name = [0xff_u8; 64];
        let mut asked = ProcmapQuery::new(inside, no_flags);
        (asked.vma_name_addr, asked.vma_name_size) = (name.as_mut_ptr().expose_provenance() as u64, 64);
        assert_eq!(query(by_us, fd, &mut asked), Ok(0));
        let (from, to) = (start.addr() as u64, (start.addr() + 2 * page) as u64);
        assert_eq!((asked.vma_start, asked.vma_end, asked.vma_page_size), (from, to, page as u64));
        let shared = ProcmapFlags::VMA_READABLE | ProcmapFlags::VMA_WRITABLE | ProcmapFlags::VMA_SHARED;
        assert_eq!((asked.vma_flags, asked.vma_offset), (shared, 0));
        assert_eq!(&name[..asked.vma_name_size as usize], b"/memfd:mapped (deleted)\0");
        assert_ne!(asked.inode, 0);
        asked.vma_name_addr = 0;
        answers.push(asked);

        let ask = |address: usize, flags: ProcmapFlags| {
            let mut asked = ProcmapQuery::new(address, flags);
            query(by_us, fd, &mut asked).map(|_| asked.vma_start)
        };
        // Nothing is mapped at address 0, but something above.
        assert_eq!(ask(0, no_flags), Err(Errno::ENOENT));
        assert!(ask(0, ProcmapFlags::COVERING_OR_NEXT_VMA).is_ok_and(|start| start > 0));
        assert_eq!(ask(inside, ProcmapFlags::FILE_BACKED_VMA), Ok(from));
        assert_eq!(ask(inside, ProcmapFlags::VMA_EXECUTABLE), Err(Errno::ENOENT));
        assert_eq!(ask(inside, ProcmapFlags::from_bits_retain(0x1000)), Err(Errno::EINVAL));
        for (change, errno) in [
            (&(|asked: &mut ProcmapQuery| asked.size = 8) as &dyn Fn(&mut ProcmapQuery), Errno::EINVAL),
            (&|asked| asked.vma_name_size = 8, Errno::EINVAL),
            (
                &|asked| (asked.vma_name_size, asked.vma_name_addr) = (8, asked.vma_name_addr | 1),
                Errno::ENAMETOOLONG,
            ),
            (&|asked| (asked.vma_name_size, asked.vma_name_addr) = (64, 1), Errno::EFAULT),
        ] {
            let mut asked = ProcmapQuery::new(inside, no_flags);
            change(&mut asked);
            assert_eq!(query(by_us, fd, &mut asked), Err(errno));
        }
        // Another file knows no such request.
        let mut asked = ProcmapQuery::new(inside, no_flags);
        assert_eq!(query(by_us, file.as_raw_fd(), &mut asked), Err(Errno::ENOTTY));
        assert_eq!(query(by_us, NOT_OPEN, &mut asked), Err(Errno::EBADF));
    }
    assert_eq!(answers[0], answers[1]);
    unmap(start, 2);
}

fn scan(by_us: bool, fd: RawFd, arg: &mut PmScanArg) -> Result<usize> {
    if by_us {
        // SAFETY: where its address is not 0, it is the test's own.
        return unsafe { pagemap_scan(fd, arg) };
    }
    theirs!(IOCTL, fd, PAGEMAP_SCAN, &raw mut *arg)
}

#[test]
fn pagemap_scan_is_there_from_linux_6_7_on() {
    let page = page_size();
    let pagemap = File::open("/proc/self/pagemap").unwrap();
    let fd = pagemap.as_raw_fd();
    let start = pages(4);
    let (from, to) = (start.addr(), start.addr() + 4 * page);
    for place in [1, 2] {
        put(start.wrapping_add(place * page), 1);
    }
    let supported = scan(true, fd, &mut PmScanArg::new(from, to));
    // qemu-user says ENOSYS of a request that it does not know.
    if supported == Err(Errno::ENOTTY) || supported == Err(Errno::ENOSYS) {
        assert_eq!(scan(false, fd, &mut PmScanArg::new(from, to)), supported);
        let old = !since(6, 7) && supported == Err(Errno::ENOTTY);
        assert!(old || wrong_under_emulation("PAGEMAP_SCAN"));
        unmap(start, 4);
        return;
    }
    let present = PageCategories::PRESENT;
    for by_us in [true, false] {
        let nothing = PageRegion { start: 0, end: 0, categories: PageCategories::empty() };
        let mut regions = [nothing; 4];
        let mut arg = PmScanArg::new(from, to);
        (arg.vec, arg.vec_len) = (regions.as_mut_ptr().expose_provenance() as u64, 4);
        (arg.category_mask, arg.return_mask) = (present, present | PageCategories::FILE);
        assert_eq!(scan(by_us, fd, &mut arg), Ok(1));
        let found =
            PageRegion { start: (from + page) as u64, end: (from + 3 * page) as u64, categories: present };
        assert_eq!((regions[0], arg.walk_end), (found, to as u64));
        // What is not there: before and after.
        arg.category_inverted = present;
        assert_eq!(scan(by_us, fd, &mut arg), Ok(2));
        // One page, and no more.
        (arg.category_inverted, arg.max_pages) = (PageCategories::empty(), 1);
        assert_eq!(scan(by_us, fd, &mut arg), Ok(1));
        assert_eq!((regions[0].end, arg.walk_end), ((from + 2 * page) as u64, (from + 2 * page) as u64));

        let plain = PmScanArg::new(from, to);
        let unknown = PageCategories::from_bits_retain(1 << 40);
        for (arg, errno) in [
            (PmScanArg { size: 8, ..plain }, Errno::EINVAL),
            (PmScanArg { flags: PmScanFlags::from_bits_retain(0x80), ..plain }, Errno::EINVAL),
            (PmScanArg { start: from as u64 + 1, ..plain }, Errno::EINVAL),
            (PmScanArg { category_mask: unknown, ..plain }, Errno::EINVAL),
            (PmScanArg { flags: PmScanFlags::CHECK_WPASYNC, ..plain }, Errno::EPERM),
            (PmScanArg { vec: 1 << 63, vec_len: 1, ..arg }, Errno::EFAULT),
        ] {
            let mut refused = arg;
            assert_eq!(scan(by_us, fd, &mut refused), Err(errno), "{arg:?}");
        }
        assert_eq!(scan(by_us, NOT_OPEN, &mut arg), Err(Errno::EBADF));
    }
    unmap(start, 4);
}
