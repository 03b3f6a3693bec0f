//! What a call is given is what the kernel gets, as strace decodes it: all six
//! arguments, the mode of a file to create, offsets above 4 GiB, negative seeks.
//! Natively, for strace reads the calls of this machine.

use std::fs;
use std::process::Command;
use std::ptr::without_provenance_mut;

use baremap::flags::{
    FallocateFlags, MemfdFlags, MlockFlags, MremapFlags, MsgFlags, PkeyRights, ResolveFlags,
    SyncFileRangeFlags,
};
use baremap::sys::fs::{self as files, AT_FDCWD, FileAdvice, OpenHow, Whence};
use baremap::sys::mm::{self, Advice};
use baremap::sys::net::{self, MsgHdr};
use baremap::sys::prctl_set_vma_anon_name;
use baremap::sys::process::{self, Signal};
use baremap::sys::signal::SigSet;
use baremap::sys::time::Timespec;
use baremap::{AtFlags, MapFlags, Mode, MsyncFlags, OpenFlags, Prot, WaitFlags};

/// No descriptor: every call that takes it is refused, so nothing happens.
const NONE: i32 = -77;
/// No address that a mapping can start at.
const ODD: *mut u8 = without_provenance_mut(0x1234_5678_9001);

/// The calls, each once. It runs alone, under strace.
#[test]
#[ignore = "is what the other test has traced"]
fn calls_to_be_traced() {
    let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP;
    let create = OpenFlags::RDWR | OpenFlags::CREAT | OpenFlags::EXCL;
    let _ = files::open(c"/no/such/place", create, mode);
    let _ = files::openat(NONE, c"no/such/place", OpenFlags::TMPFILE | OpenFlags::CLOEXEC, mode);
    let _ = files::openat(AT_FDCWD, c"/no/such/place", create, Mode::from_bits_retain(0o7777));
    let _ = files::lseek(NONE, -5_000_000_000, Whence::End);
    let _ = files::lseek(NONE, i64::MAX, Whence::Hole);
    let _ = files::read(NONE, &mut [0; 3]);
    let _ = files::pread64(NONE, &mut [0; 7], 0x1234_5678_9abc);
    // SAFETY: there is no such descriptor.
    let _ = unsafe { files::pwrite64(NONE, b"seven b", 5_000_000_001) };
    // SAFETY: there is no such descriptor.
    let _ = unsafe { files::ftruncate(NONE, 5_000_000_002) };
    let _ = files::unlinkat(NONE, c"no/such/place", AtFlags::REMOVEDIR);
    // SAFETY: there is no such descriptor.
    let _ = unsafe { files::dup3(NONE, 99, OpenFlags::CLOEXEC) };
    let _ = files::fcntl_dupfd_cloexec(NONE, 3);
    let _ = process::wait4(1, WaitFlags::NOHANG | WaitFlags::UNTRACED);
    let _ = process::kill(i32::MAX, Signal::TERM);

    let prot = Prot::READ | Prot::EXEC;
    let flags = MapFlags::SHARED | MapFlags::NORESERVE | MapFlags::POPULATE;
    // SAFETY: there is no such descriptor, so nothing is mapped.
    let _ = unsafe { mm::mmap(ODD, 0x5001, prot, flags, NONE, 0x1_2345_6789_a000) };
    // SAFETY: nothing can be mapped at an odd address, here and below.
    let _ = unsafe { mm::munmap(ODD, 0x5002) };
    // SAFETY: as above.
    let _ = unsafe { mm::mprotect(ODD, 0x5003, prot) };
    let _ = mm::msync(ODD, 0x5004, MsyncFlags::SYNC | MsyncFlags::INVALIDATE);
    let moves = MremapFlags::MAYMOVE | MremapFlags::FIXED;
    // SAFETY: as above.
    let _ = unsafe { mm::mremap(ODD, 0x5005, 0x6005, moves, ODD.wrapping_add(0x10_0000)) };
    // SAFETY: as above.
    let _ = unsafe { mm::madvise(ODD, 0x5006, Advice::GUARD_INSTALL) };
    let _ = mm::mlock2(ODD, usize::MAX, MlockFlags::ONFAULT);
    // SAFETY: as above.
    let _ = unsafe { mm::pkey_mprotect(ODD, 0x5007, prot, 15) };
    let _ = mm::pkey_alloc(PkeyRights::from_bits_retain(0x40));
    let _ = mm::memfd_create(c"named", MemfdFlags::from_bits_retain(0x8000_0000));

    let _ = files::fdatasync(NONE);
    let _ = files::sync_file_range(NONE, 5_000_000_003, 6_000_000_003, SyncFileRangeFlags::WRITE);
    let _ = files::readahead(NONE, 5_000_000_004, 6_000_000_004);
    let _ = files::posix_fadvise(NONE, 5_000_000_005, 6_000_000_005, FileAdvice::DONTNEED);
    let mode = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    // SAFETY: there is no such descriptor, here and below.
    let _ = unsafe { files::fallocate(NONE, mode, 5_000_000_006, 6_000_000_006) };
    let (mut from, mut to) = (5_000_000_007, 6_000_000_007);
    // SAFETY: as above.
    let _ = unsafe { files::copy_file_range(NONE, Some(&mut from), -78, Some(&mut to), 8) };
    let how = OpenHow::new(OpenFlags::CLOEXEC, Mode::empty(), ResolveFlags::BENEATH);
    let _ = files::openat2(NONE, c"no/such/place", &how);
    // SAFETY: as above.
    let _ = unsafe { net::sendmsg(NONE, &MsgHdr::EMPTY, MsgFlags::NOSIGNAL | MsgFlags::DONTWAIT) };
    // SAFETY: as above.
    let _ = unsafe { net::recvmsg(NONE, &mut MsgHdr::EMPTY.clone(), MsgFlags::CMSG_CLOEXEC) };
    let mask = SigSet::EMPTY.with(Signal::USR1);
    let _ = net::ppoll(&mut [], Some(&mut Timespec::default()), Some(&mask));
    let _ = prctl_set_vma_anon_name(ODD, 0x5008, None);
    let _ = process::tgkill(i32::MAX, i32::MAX - 1, Signal::TERM);
    let _ = process::sched_setaffinity(i32::MAX, &[1, 2]);
}

/// What strace must have seen of each, in order: up to where an address of ours
/// comes in, and from there on.
const EXPECTED: &[(&str, &str)] = &[
    ("open(\"/no/such/place\", 0xc2, 0640)", ""),
    ("openat(-77, \"no/such/place\", 0x490000, 0640)", ""),
    ("openat(-100, \"/no/such/place\", 0xc2, 07777)", ""),
    ("lseek(-77, -5000000000, 0x2)", ""),
    ("lseek(-77, 9223372036854775807, 0x4)", ""),
    ("read(-77, ", ", 3)"),
    ("pread64(-77, ", ", 7, 20015998343868)"),
    ("pwrite64(-77, \"seven b\", 7, 5000000001)", ""),
    ("ftruncate(-77, 5000000002)", ""),
    ("unlinkat(-77, \"no/such/place\", 0x200)", ""),
    ("dup3(-77, 99, 0x80000)", ""),
    ("fcntl(-77, 0x406, 3)", ""),
    ("wait4(1, ", ", 0x3, NULL)"),
    ("kill(2147483647, 15)", ""),
    ("mmap(0x123456789001, 20481, 0x5, 0xc001, -77, 0x123456789a000)", ""),
    ("munmap(0x123456789001, 20482)", ""),
    ("mprotect(0x123456789001, 20483, 0x5)", ""),
    ("msync(0x123456789001, 20484, 0x6)", ""),
    ("mremap(0x123456789001, 20485, 24581, 0x3, 0x123456889001)", ""),
    ("madvise(0x123456789001, 20486, 0x66)", ""),
    ("mlock2(0x123456789001, 18446744073709551615, 0x1)", ""),
    ("pkey_mprotect(0x123456789001, 20487, 0x5, 15)", ""),
    ("pkey_alloc(0, 0x40)", ""),
    ("memfd_create(\"named\", 0x80000000)", ""),
    ("fdatasync(-77)", ""),
    ("sync_file_range(-77, 5000000003, 6000000003, 0x2)", ""),
    ("readahead(-77, 5000000004, 6000000004)", ""),
    ("fadvise64(-77, 5000000005, 6000000005, 0x4)", ""),
    ("fallocate(-77, 0x3, 5000000006, 6000000006)", ""),
    ("copy_file_range(-77, [5000000007], -78, [6000000007], 8, 0)", ""),
    ("openat2(-77, \"no/such/place\", {flags=0x80000, resolve=0x8}, 24)", ""),
    ("sendmsg(-77, ", ", 0x4040)"),
    ("recvmsg(-77, ", ", 0x40000000)"),
    ("ppoll(", ", 0, {tv_sec=0, tv_nsec=0}, [10], 8)"),
    ("prctl(0x53564d41, 0, 0x123456789001, 20488, NULL)", ""),
    ("tgkill(2147483647, 2147483646, 15)", ""),
    ("sched_setaffinity(2147483647, 16, ", ""),
];

#[test]
fn strace_sees_the_arguments_that_were_passed() {
    let trace = std::env::temp_dir().join(format!("baremap-strace-{}", std::process::id()));
    let output = Command::new("strace")
        .args(["-f", "-qq", "-X", "raw", "-s", "64", "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "calls_to_be_traced", "--ignored"])
        .output()
        .expect("strace");
    assert!(output.status.success(), "{output:?}");
    let seen = fs::read_to_string(&trace).unwrap();
    fs::remove_file(&trace).unwrap();

    let mut lines = seen.lines();
    for (start, end) in EXPECTED {
        let matches = |line: &str| {
            let call = line.split_once(' ').map_or("", |(_, call)| call.trim_start());
            call.strip_prefix(start).is_some_and(|rest| rest.contains(end))
        };
        assert!(lines.any(matches), "{start}…{end} was not seen after the one before it in:\n{seen}");
    }
}
