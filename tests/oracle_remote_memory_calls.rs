//! The calls about another process's memory do the same as those of `sc`, here
//! mostly about our own: see oracle_calls.rs.

mod hosted;
mod memory;
mod oracle;

use std::ptr::null_mut;

use baremap::sys::mm::{self, Advice};
use baremap::sys::process::{self, Pid};
use baremap::sys::{IoVec, RawFd, page_size};
use baremap::{Errno, OwnedFd, Result};
use hosted::{child, in_child, wants_root, wrong_under_emulation};
use memory::*;
use oracle::{NOT_OPEN, owned, same, theirs};

/// No process has a number this large.
const NOBODY: Pid = Pid::MAX;

fn range(base: *mut u8, len: usize) -> IoVec {
    IoVec { base, len }
}

/// A descriptor of a process.
fn descriptor(pid: Pid) -> OwnedFd {
    owned(theirs!(PIDFD_OPEN, pid, 0))
}

fn advise(by_us: bool, process: RawFd, ranges: &[IoVec], advice: Advice) -> Result<usize> {
    if by_us {
        // SAFETY: nothing relies on the bytes of the ranges.
        unsafe { mm::process_madvise(process, ranges, advice) }
    } else {
        theirs!(PROCESS_MADVISE, process, ranges.as_ptr(), ranges.len(), advice.0, 0)
    }
}

#[test]
fn process_madvise_is_the_same() {
    if wrong_under_emulation("process_madvise") {
        return;
    }
    let page = page_size();
    let start = pages(3);
    let two = [range(start, page), range(start.wrapping_add(2 * page), page)];
    let gone = child(|| 0);
    let [myself, ended] = [process::getpid(), gone.pid()].map(descriptor);
    assert!(gone.wait().unwrap().success());
    let one = &two[..1];
    let many = vec![range(start, page); 1025];
    let inside = [range(start.wrapping_add(1), page)];
    let (myself, ended) = (myself.as_raw_fd(), ended.as_raw_fd());
    let nowhere = [range(null_mut(), page)];
    // To other processes only some advice may be given; to oneself, any since 6.13.
    let of_ones_own = if since(6, 13) { Ok(page) } else { Err(Errno::EINVAL) };
    for (process, ranges, advice, expected) in [
        (myself, &two[..], Advice::COLD, Ok(2 * page)),
        (myself, one, Advice::PAGEOUT, Ok(page)),
        (myself, one, Advice::DONTNEED, of_ones_own),
        (myself, one, Advice(99), Err(Errno::EINVAL)),
        (myself, &inside, Advice::COLD, Err(Errno::EINVAL)),
        (myself, &many, Advice::COLD, Err(Errno::EINVAL)),
        (myself, &nowhere, Advice::COLD, Err(Errno::ENOMEM)),
        (NOT_OPEN, one, Advice::COLD, Err(Errno::EBADF)),
        (ended, one, Advice::COLD, Err(Errno::ESRCH)),
    ] {
        let [ours, theirs] = [true, false].map(|by_us| advise(by_us, process, ranges, advice));
        assert_eq!((ours, theirs), (expected, expected), "{} ranges, {advice:?}", ranges.len());
    }
    unmap(start, 3);
}

/// One copy, from or to another process.
fn copy(by_us: bool, reads: bool, pid: Pid, local: &[IoVec], remote: &[IoVec]) -> Result<usize> {
    let (l, ln, r, rn) = (local.as_ptr(), local.len(), remote.as_ptr(), remote.len());
    match (by_us, reads) {
        // SAFETY: the ranges are the test's own, and in no other use.
        (true, true) => unsafe { mm::process_vm_readv(pid, local, remote) },
        // SAFETY: as above.
        (true, false) => unsafe { mm::process_vm_writev(pid, local, remote) },
        (false, true) => theirs!(PROCESS_VM_READV, pid, l, ln, r, rn, 0),
        (false, false) => theirs!(PROCESS_VM_WRITEV, pid, l, ln, r, rn, 0),
    }
}

#[test]
fn process_vm_readv_and_writev_are_the_same() {
    let pid = process::getpid();
    for by_us in [true, false] {
        for reads in [true, false] {
            let (mut here, mut there) = (*b"here", *b"away!");
            let local = [range(here.as_mut_ptr(), 4)];
            // Two ranges on one side, one on the other.
            let remote = [range(there.as_mut_ptr(), 1), range(there[2..].as_mut_ptr(), 3)];
            let copied = copy(by_us, reads, pid, &local, &remote);
            if copied == Err(Errno::ENOSYS) && wrong_under_emulation("process_vm_readv") {
                return;
            }
            assert_eq!(copied, Ok(4));
            let expected = if reads { (*b"aay!", *b"away!") } else { (*b"here", *b"hwere") };
            assert_eq!((here, there), expected, "by us: {by_us}");
        }
    }
}

#[test]
fn process_vm_readv_and_writev_are_refused_the_same() {
    if wrong_under_emulation("process_vm_readv") {
        return;
    }
    let page = page_size();
    let start = pages(2);
    let (pid, here, there) = (process::getpid(), range(start, page), range(start.wrapping_add(page), page));
    let nothing = range(null_mut(), page);
    let many = vec![range(start, 1); 1025];
    let too_long = [range(start, usize::MAX)];
    for (pid, local, remote, expected) in [
        // It stops at what is not there.
        (pid, &[here, here][..], &[there, nothing][..], Ok(page)),
        (pid, &[here], &[], Ok(0)),
        (pid, &[here], &[nothing], Err(Errno::EFAULT)),
        (pid, &many, &[there], Err(Errno::EINVAL)),
        (pid, &[here], &many, Err(Errno::EINVAL)),
        (pid, &too_long, &[there], Err(Errno::EINVAL)),
        (NOBODY, &[here], &[there], Err(Errno::ESRCH)),
    ] {
        for reads in [true, false] {
            let [ours, theirs] = [true, false].map(|by_us| copy(by_us, reads, pid, local, remote));
            same(ours, theirs, expected);
        }
    }
    unmap(start, 2);
}

#[test]
fn nobody_may_reach_into_roots_process() {
    if wrong_under_emulation("process_vm_readv") || wants_root("root's memory") {
        return;
    }
    let page = page_size();
    let start = pages(2);
    let (pid, here, there) = (process::getpid(), range(start, page), range(start.wrapping_add(page), page));
    let status = in_child(|| {
        // SAFETY: the child has no other thread; it only loses rights.
        if unsafe { libc::syscall(libc::SYS_setresuid, 65534, 65534, 65534) } != 0 {
            return 1;
        }
        let refused = [true, false].map(|by_us| copy(by_us, true, pid, &[here], &[there]));
        if refused == [Err(Errno::EPERM); 2] { 0 } else { 2 }
    });
    assert!(status.success(), "{status:?}");
    unmap(start, 2);
}
