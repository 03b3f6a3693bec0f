//! `madvise`, `process_madvise`, `mincore` and the calls that lock memory do the
//! same as those of `sc`: see oracle_calls.rs.
//!
//! What `HWPOISON` and `SOFT_OFFLINE` do is not tried: they take memory from the
//! machine for good.

mod hosted;
mod memory;
mod oracle;

use std::ptr::null_mut;

use baremap::flags::{MlockFlags, MlockallFlags};
use baremap::sys::mm::{self, Advice};
use baremap::sys::page_size;
use baremap::{Errno, MsyncFlags, Result};
use hosted::{in_child, wants_root, wrong_under_emulation};
use memory::*;
use oracle::{NOT_OPEN, none, owned, theirs};

fn advise(by_us: bool, start: *mut u8, length: usize, advice: Advice) -> Result<usize> {
    if by_us {
        // SAFETY: the memory is the test's own, and nothing relies on its bytes.
        unsafe { mm::madvise(start, length, advice) }.map(none)
    } else {
        theirs!(MADVISE, start, length, advice.0)
    }
}

/// Both about the same memory.
#[track_caller]
fn both(start: *mut u8, length: usize, advice: Advice, expected: Result<usize>) {
    let [ours, theirs] = [true, false].map(|by_us| advise(by_us, start, length, advice));
    same_on_kernels(&format!("madvise({start:?}, {advice:?})"), ours, theirs, expected);
}

#[test]
fn advice_marks_the_memory_the_same() {
    // Each with its opposite, and the flag that tells them apart.
    let pairs = [
        (Advice::RANDOM, Advice::NORMAL, "rr"),
        (Advice::SEQUENTIAL, Advice::NORMAL, "sr"),
        (Advice::DONTFORK, Advice::DOFORK, "dc"),
        (Advice::DONTDUMP, Advice::DODUMP, "dd"),
        (Advice::WIPEONFORK, Advice::KEEPONFORK, "wf"),
        // A kernel built without them refuses these.
        (Advice::HUGEPAGE, Advice::NOHUGEPAGE, "hg"),
        (Advice::MERGEABLE, Advice::UNMERGEABLE, "mg"),
    ];
    let page = page_size();
    let start = pages(1);
    for (advice, opposite, flag) in pairs {
        let optional = flag == "hg" || flag == "mg";
        for by_us in [true, false] {
            let done = advise(by_us, start, page, advice);
            if optional && done == Err(Errno::EINVAL) {
                assert_eq!(advise(!by_us, start, page, advice), done, "{advice:?}");
                continue;
            }
            assert_eq!(done, Ok(0), "{advice:?}");
            let seen = !wrong_under_emulation("/proc/self/smaps");
            assert!(!seen || has(start, flag), "{advice:?}, by us: {by_us}");
            assert_eq!(advise(by_us, start, page, opposite), Ok(0), "{opposite:?}");
            assert!(!seen || !has(start, flag), "{opposite:?}, by us: {by_us}");
        }
    }
    unmap(start, 1);
}

#[test]
fn advice_changes_the_bytes_the_same() {
    let page = page_size();
    for by_us in [true, false] {
        let start = pages(1);
        for advice in [Advice::DONTNEED, Advice::DONTNEED_LOCKED] {
            put(start, 1);
            let done = advise(by_us, start, page, advice);
            if get(start) != 0 || done != Ok(0) {
                assert!(wrong_under_emulation("madvise that takes bytes"), "{advice:?}: {done:?}");
            }
        }
        // It may stay or go, or come back by a store.
        assert_eq!(advise(by_us, start, page, Advice::FREE), Ok(0));
        put(start, 2);
        assert_eq!(get(start), 2);
        for advice in [Advice::COLD, Advice::PAGEOUT, Advice::WILLNEED] {
            // WILLNEED of memory without swap is EBADF on a kernel built without it.
            let done = advise(by_us, start, page, advice);
            assert!(done == Ok(0) || done == Err(Errno::EBADF), "{advice:?}: {done:?}");
            assert_eq!(get(start), 2);
        }
        unmap(start, 1);

        let shared = map(1, SHARED, NOT_OPEN);
        put(shared, 3);
        assert_eq!(advise(by_us, shared, page, Advice::REMOVE), Ok(0));
        let taken = get(shared) == 0;
        assert!(taken || wrong_under_emulation("madvise with REMOVE"));
        unmap(shared, 1);
    }
}

#[test]
fn advice_brings_pages_in_the_same() {
    let page = page_size();
    for advice in [Advice::POPULATE_READ, Advice::POPULATE_WRITE] {
        for by_us in [true, false] {
            let start = pages(2);
            assert_eq!(advise(by_us, start, 2 * page, advice), Ok(0));
            let there = present(by_us, start, 2);
            assert!(there == Ok([1, 1]) || wrong_under_emulation("madvise with POPULATE"), "{there:?}");
            unmap(start, 2);
        }
    }
}

#[test]
fn guards_are_there_from_linux_6_13_on() {
    let start = pages(1);
    let expected = if since(6, 13) { Ok(0) } else { Err(Errno::EINVAL) };
    both(start, page_size(), Advice::GUARD_INSTALL, expected);
    if expected.is_ok() {
        // The kernel is stopped by it as we would be.
        let written = baremap::sys::fs::pipe2(baremap::PipeFlags::CLOEXEC).map(|(reader, writer)| {
            let [_reader, writer] = [reader, writer].map(|fd| owned(Ok(fd as usize)));
            theirs!(WRITE, writer.as_raw_fd(), start, 1)
        });
        let stopped = written == Ok(Err(Errno::EFAULT));
        assert!(stopped || wrong_under_emulation("madvise with GUARD_INSTALL"), "{written:?}");
    }
    both(start, page_size(), Advice::GUARD_REMOVE, expected);
    unmap(start, 1);
}

#[test]
fn madvise_is_refused_the_same() {
    let page = page_size();
    let start = pages(2);
    let inside = start.wrapping_add(1);
    both(inside, page, Advice::NORMAL, Err(Errno::EINVAL));
    both(start, page, Advice(99), Err(Errno::EINVAL));
    both(start, 0, Advice::DONTNEED, Ok(0));
    both(start, page, Advice::REMOVE, Err(Errno::EINVAL));
    both(start, usize::MAX - page, Advice::DONTNEED, Err(Errno::EINVAL));
    both(null_mut(), page, Advice::DONTNEED, Err(Errno::ENOMEM));
    unmap(start, 2);

    // Past the end of a file, which is empty.
    let empty = owned(mm::memfd_create(c"empty", baremap::flags::MemfdFlags::empty()).map(|fd| fd as usize));
    let start = map(1, baremap::MapFlags::SHARED, empty.as_raw_fd());
    both(start, page, Advice::POPULATE_READ, Err(Errno::EFAULT));
    both(start, page, Advice::FREE, Err(Errno::EINVAL));
    unmap(start, 1);

    // As nobody, who may break nothing. EINVAL: a kernel that cannot.
    let start = pages(1);
    for advice in [Advice::HWPOISON, Advice::SOFT_OFFLINE] {
        let status = in_child(|| {
            if !become_nobody() {
                return 1;
            }
            let [ours, theirs] = [true, false].map(|by_us| advise(by_us, start, page, advice));
            let refused = ours == Err(Errno::EPERM) || ours == Err(Errno::EINVAL);
            if refused && ours == theirs { 0 } else { 2 }
        });
        assert!(status.success() || wrong_under_emulation("madvise of the privileged"), "{status:?}");
    }
    unmap(start, 1);
}

/// Gives up all privileges of the process, a child, for ever.
fn become_nobody() -> bool {
    // SAFETY: the child has no other thread; it only loses rights.
    unsafe { libc::syscall(libc::SYS_setresuid, 65534, 65534, 65534) == 0 }
}

/// Which of so many pages are in memory.
fn present<const COUNT: usize>(by_us: bool, start: *mut u8, count: usize) -> Result<[u8; COUNT]> {
    assert!(count <= COUNT);
    let mut there = [0xff_u8; COUNT];
    let (length, vec) = (count * page_size(), there.as_mut_ptr());
    if by_us {
        // SAFETY: a byte for each page.
        unsafe { mm::mincore(start, length, vec) }?;
    } else {
        theirs!(MINCORE, start, length, vec)?;
    }
    Ok(there)
}

#[test]
fn mincore_is_the_same() {
    let page = page_size();
    let start = pages(3);
    put(start.wrapping_add(page), 1);
    for by_us in [true, false] {
        // The second is there. The fourth byte is not touched.
        let there = present(by_us, start, 3);
        assert!(there == Ok([0, 1, 0, 0xff]) || wrong_under_emulation("mincore"), "{there:?}");
    }
    let mut there = [0_u8; 3];
    let vec = there.as_mut_ptr();
    for (place, vec, errno) in [
        (start.wrapping_add(1), vec, Errno::EINVAL),
        (null_mut(), vec, Errno::ENOMEM),
        (start, null_mut(), Errno::EFAULT),
    ] {
        // SAFETY: the kernel writes no more than a byte for each page, or nothing.
        let ours = unsafe { mm::mincore(place, page, vec) }.map(none);
        same_on_kernels("mincore", ours, theirs!(MINCORE, place, page, vec), Err(errno));
    }
    unmap(start, 3);
}

/// Whether memory is locked: then its pages may not be given up. It must be
/// shared, and is not written.
fn locked(start: *mut u8) -> bool {
    let answer = mm::msync(start, page_size(), MsyncFlags::INVALIDATE);
    assert!(answer == Ok(()) || answer == Err(Errno::EBUSY), "{answer:?}");
    answer == Err(Errno::EBUSY)
}

#[test]
fn locks_of_memory_are_the_same() {
    let page = page_size();
    let unseen = wrong_under_emulation("msync of locked memory");
    for by_us in [true, false] {
        let start = map(1, SHARED, NOT_OPEN);
        let unlock = || {
            let done = if by_us { mm::munlock(start, page).map(none) } else { theirs!(MUNLOCK, start, page) };
            assert_eq!(done, Ok(0));
            assert!(unseen || !locked(start));
        };
        // From within the page on, too.
        let inside = start.wrapping_add(1);
        let done = if by_us { mm::mlock(inside, 1).map(none) } else { theirs!(MLOCK, inside, 1) };
        assert_eq!(done, Ok(0));
        assert!(unseen || locked(start));
        assert_eq!(present(by_us, start, 1), Ok([1]));
        unlock();
        for flags in [MlockFlags::empty(), MlockFlags::ONFAULT] {
            let ours = by_us.then(|| mm::mlock2(start, page, flags).map(none));
            let done = ours.unwrap_or_else(|| theirs!(MLOCK2, start, page, flags.bits()));
            if done == Err(Errno::ENOSYS) && wrong_under_emulation("mlock2") {
                continue;
            }
            assert_eq!(done, Ok(0), "{flags:?}");
            assert!(unseen || locked(start));
            unlock();
        }
        unmap(start, 1);
    }
}

#[test]
fn locks_of_memory_are_refused_the_same() {
    if wants_root("locks past the limit") {
        return;
    }
    let page = page_size();
    let start = pages(1);
    let whole = usize::MAX - page;
    for (place, length, errno) in [(null_mut(), page, Errno::ENOMEM), (start, whole, Errno::EINVAL)] {
        let calls = [
            (mm::mlock(place, length).map(none), theirs!(MLOCK, place, length)),
            (mm::munlock(place, length).map(none), theirs!(MUNLOCK, place, length)),
        ];
        for (ours, theirs) in calls {
            same_on_kernels("locks of what is not there", ours, theirs, Err(errno));
        }
    }
    let unknown = MlockFlags::from_bits_retain(0x80);
    let ours = mm::mlock2(start, page, unknown).map(none);
    same_on_kernels("mlock2", ours, theirs!(MLOCK2, start, page, unknown.bits()), Err(Errno::EINVAL));

    // Nobody may lock anything, with a limit of 0.
    let status = in_child(|| {
        let none_at_all = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: it reads the limit only.
        let limited = unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &none_at_all) } == 0;
        if !limited || !become_nobody() {
            return 1;
        }
        let ours = mm::mlock(start, page).map(none);
        if (ours, theirs!(MLOCK, start, page)) == (Err(Errno::EPERM), Err(Errno::EPERM)) { 0 } else { 2 }
    });
    assert!(status.success() || wrong_under_emulation("limits on locked memory"), "{status:?}");
    unmap(start, 1);
}

#[test]
fn mlockall_and_munlockall_are_the_same() {
    if wants_root("locks past the limit") {
        return;
    }
    let page = page_size();
    let shared = map(1, SHARED, NOT_OPEN);
    let unseen = wrong_under_emulation("msync of locked memory");
    for by_us in [true, false] {
        // In a child, since it is about all memory.
        let status = in_child(|| {
            let lock = |flags: MlockallFlags| {
                if by_us { mm::mlockall(flags).map(none) } else { theirs!(MLOCKALL, flags.bits()) }
            };
            let unlock = || if by_us { mm::munlockall().map(none) } else { theirs!(MUNLOCKALL) };
            let is_locked = |start| mm::msync(start, page, MsyncFlags::INVALIDATE) == Err(Errno::EBUSY);
            let unknown = MlockallFlags::from_bits_retain(0x80);
            for flags in [MlockallFlags::empty(), MlockallFlags::ONFAULT, unknown] {
                if lock(flags) != Err(Errno::EINVAL) {
                    return 1;
                }
            }
            if lock(MlockallFlags::CURRENT | MlockallFlags::ONFAULT) != Ok(0) {
                return 2;
            }
            if !unseen && !is_locked(shared) {
                return 3;
            }
            if unlock() != Ok(0) || (!unseen && is_locked(shared)) {
                return 4;
            }
            if lock(MlockallFlags::FUTURE) != Ok(0) || (!unseen && is_locked(shared)) {
                return 5;
            }
            let later = map(1, SHARED, NOT_OPEN);
            if !unseen && !is_locked(later) {
                return 6;
            }
            if unlock() == Ok(0) && !is_locked(later) { 0 } else { 7 }
        });
        assert!(status.success(), "by us: {by_us}: {status:?}");
    }
    unmap(shared, 1);
}
