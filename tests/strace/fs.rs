//! The calls about files.

use baremap::flags::{FallocateFlags, RenameFlags, ResolveFlags, StatxMask, SyncFileRangeFlags};
use baremap::sys::fs::{self, AT_FDCWD, FileAdvice, OpenHow, Whence};
use baremap::{AtFlags, Mode, OpenFlags, PipeFlags};

use super::{Call, NONE, ODD};

const CREATE: OpenFlags = OpenFlags::RDWR.union(OpenFlags::CREAT).union(OpenFlags::EXCL);
const MODE: Mode = Mode::RUSR.union(Mode::WUSR).union(Mode::RGRP);
const HOW: OpenHow = OpenHow::new(CREATE, MODE, ResolveFlags::BENEATH);

pub const CALLS: &[Call] = &[
    (|| _ = fs::open(c"/no/such/place", CREATE, MODE), "open(\"/no/such/place\", 0xc2, 0640)"),
    (
        || _ = fs::openat(NONE, c"no/such/place", OpenFlags::TMPFILE | OpenFlags::CLOEXEC, MODE),
        "openat(-77, \"no/such/place\", 0x490000, 0640)",
    ),
    (
        || _ = fs::openat(AT_FDCWD, c"/no/such/place", CREATE, Mode::from_bits_retain(0o7777)),
        "openat(-100, \"/no/such/place\", 0xc2, 07777)",
    ),
    (
        || _ = fs::openat2(NONE, c"no/such/place", &HOW),
        "openat2(-77, \"no/such/place\", {flags=0xc2, mode=0640, resolve=0x8}, 24)",
    ),
    // SAFETY: there is no such descriptor; so with all that follow.
    (|| _ = unsafe { fs::close(NONE) }, "close(-77)"),
    (|| _ = fs::lseek(NONE, -5_000_000_000, Whence::End), "lseek(-77, -5000000000, 0x2)"),
    (|| _ = fs::lseek(NONE, i64::MAX, Whence::Hole), "lseek(-77, 9223372036854775807, 0x4)"),
    (|| _ = fs::read(NONE, &mut [0; 3]), "read(-77, …, 3)"),
    // SAFETY: see the first.
    (|| _ = unsafe { fs::write(NONE, b"five.") }, "write(-77, \"five.\", 5)"),
    (|| _ = fs::pread64(NONE, &mut [0; 7], 0x1234_5678_9abc), "pread64(-77, …, 7, 20015998343868)"),
    (|| _ = fs::pread64(NONE, &mut [0; 8], -5_000_000_000), "pread64(-77, …, 8, -5000000000)"),
    (
        // SAFETY: see the first.
        || _ = unsafe { fs::pwrite64(NONE, b"seven b", 5_000_000_001) },
        "pwrite64(-77, \"seven b\", 7, 5000000001)",
    ),
    (
        || {
            let (mut from, mut to) = (5_000_000_002, 6_000_000_002);
            // SAFETY: see the first.
            let _ = unsafe { fs::copy_file_range(NONE, Some(&mut from), -78, Some(&mut to), 9) };
        },
        "copy_file_range(-77, [5000000002], -78, [6000000002], 9, 0)",
    ),
    (
        // SAFETY: see the first.
        || _ = unsafe { fs::copy_file_range(NONE, None, -78, None, usize::MAX) },
        "copy_file_range(-77, NULL, -78, NULL, 18446744073709551615, 0)",
    ),
    (|| _ = fs::fsync(NONE), "fsync(-77)"),
    (|| _ = fs::fdatasync(NONE), "fdatasync(-77)"),
    (
        || _ = fs::sync_file_range(NONE, 5_000_000_003, 6_000_000_003, SyncFileRangeFlags::WRITE),
        "sync_file_range(-77, 5000000003, 6000000003, 0x2)",
    ),
    (|| _ = fs::readahead(NONE, 5_000_000_004, 6_000_000_004), "readahead(-77, 5000000004, 6000000004)"),
    (
        || _ = fs::posix_fadvise(NONE, 5_000_000_005, 6_000_000_005, FileAdvice::DONTNEED),
        "fadvise64(-77, 5000000005, 6000000005, 0x4)",
    ),
    // SAFETY: see the first.
    (|| _ = unsafe { fs::ftruncate(NONE, 5_000_000_006) }, "ftruncate(-77, 5000000006)"),
    // SAFETY: see the first.
    (|| _ = unsafe { fs::ftruncate(NONE, -6) }, "ftruncate(-77, 18446744073709551610)"),
    (
        // SAFETY: see the first.
        || _ = unsafe { fs::fallocate(NONE, FallocateFlags::ZERO_RANGE, 5_000_000_007, 6_000_000_007) },
        "fallocate(-77, 0x10, 5000000007, 6000000007)",
    ),
    (|| _ = fs::fstat(NONE), "fstat(-77, …)"),
    (
        || {
            _ = fs::statx(
                NONE,
                c"no/such/place",
                AtFlags::EMPTY_PATH | AtFlags::STATX_FORCE_SYNC,
                StatxMask::BTIME,
            )
        },
        "statx(-77, \"no/such/place\", 0x2000|0x1000, 0x800, …)",
    ),
    (
        || _ = fs::unlinkat(NONE, c"no/such/place", AtFlags::REMOVEDIR),
        "unlinkat(-77, \"no/such/place\", 0x200)",
    ),
    (
        || _ = fs::renameat2(NONE, c"one/place", -78, c"another/place", RenameFlags::EXCHANGE),
        "renameat2(-77, \"one/place\", -78, \"another/place\", 0x2)",
    ),
    (
        || _ = fs::linkat(NONE, c"one/place", -78, c"another/place", AtFlags::SYMLINK_FOLLOW),
        "linkat(-77, \"one/place\", -78, \"another/place\", 0x400)",
    ),
    (|| _ = fs::getdents64(NONE, &mut [0; 10]), "getdents64(-77, …, 10)"),
    (|| _ = fs::pipe2(PipeFlags::from_bits_retain(0x4000_0001)), "pipe2(…, 0x40000001)"),
    // SAFETY: see the first.
    (|| _ = unsafe { fs::dup3(NONE, 99, OpenFlags::CLOEXEC) }, "dup3(-77, 99, 0x80000)"),
    // SAFETY: see the first.
    (|| _ = unsafe { fs::ioctl(NONE, 0x8123_4567, ODD) }, "ioctl(-77, 0x81234567, 0x123456789001)"),
];
