//! The commands of `fcntl`.

use baremap::OpenFlags;
use baremap::flags::{FdFlags, Seals};
use baremap::sys::fs::{
    Flock, LockType, fcntl_add_seals, fcntl_dupfd_cloexec, fcntl_get_seals, fcntl_getfd, fcntl_getfl,
    fcntl_getlk, fcntl_ofd_getlk, fcntl_ofd_setlk, fcntl_ofd_setlkw, fcntl_setfd, fcntl_setfl, fcntl_setlk,
    fcntl_setlkw,
};

use super::{Call, NONE};

const LOCK: Flock =
    Flock { l_type: LockType::WRLCK, l_whence: 2, l_start: -5_000_000_008, l_len: 6_000_000_008, l_pid: 7 };

pub const CALLS: &[Call] = &[
    (|| _ = fcntl_dupfd_cloexec(NONE, 3), "fcntl(-77, 0x406, 3)"),
    (|| _ = fcntl_getfd(NONE), "fcntl(-77, 0x1)"),
    (|| _ = fcntl_setfd(NONE, FdFlags::from_bits_retain(0x51)), "fcntl(-77, 0x2, 0x51)"),
    (|| _ = fcntl_getfl(NONE), "fcntl(-77, 0x3)"),
    (|| _ = fcntl_setfl(NONE, OpenFlags::APPEND | OpenFlags::NOATIME), "fcntl(-77, 0x4, 0x40400)"),
    (|| _ = fcntl_add_seals(NONE, Seals::SEAL | Seals::WRITE), "fcntl(-77, 0x409, 0x9)"),
    (|| _ = fcntl_get_seals(NONE), "fcntl(-77, 0x40a)"),
    (|| _ = fcntl_getlk(NONE, &mut LOCK.clone()), "fcntl(-77, 0x5, …)"),
    (
        || _ = fcntl_setlk(NONE, &LOCK),
        "fcntl(-77, 0x6, {l_type=0x1, l_whence=0x2, l_start=-5000000008, l_len=6000000008})",
    ),
    (
        || _ = fcntl_setlkw(NONE, &LOCK),
        "fcntl(-77, 0x7, {l_type=0x1, l_whence=0x2, l_start=-5000000008, l_len=6000000008})",
    ),
    (|| _ = fcntl_ofd_getlk(NONE, &mut LOCK.clone()), "fcntl(-77, 0x24, …)"),
    (
        || _ = fcntl_ofd_setlk(NONE, &LOCK),
        "fcntl(-77, 0x25, {l_type=0x1, l_whence=0x2, l_start=-5000000008, l_len=6000000008})",
    ),
    (
        || _ = fcntl_ofd_setlkw(NONE, &LOCK),
        "fcntl(-77, 0x26, {l_type=0x1, l_whence=0x2, l_start=-5000000008, l_len=6000000008})",
    ),
];
