//! The calls about memory.

use std::ptr::without_provenance_mut;

use baremap::flags::{
    MbindFlags, MemfdFlags, MlockFlags, MlockallFlags, MremapFlags, PkeyRights, PolicyFlags,
};
use baremap::sys::IoVec;
use baremap::sys::mm::{self, Advice, CachestatRange, Policy};
use baremap::{MapFlags, MsyncFlags, OpenFlags, Prot};

use super::{Call, NOBODY, NONE, ODD, ODDER};

const PROT: Prot = Prot::READ.union(Prot::EXEC);
const SHARED: MapFlags = MapFlags::SHARED.union(MapFlags::NORESERVE).union(MapFlags::POPULATE);
const MOVE: MremapFlags = MremapFlags::MAYMOVE.union(MremapFlags::FIXED);
/// Below all that there is, so the break stays where it was.
const LOW: *mut u8 = without_provenance_mut(0x1001);
const ONE: [IoVec; 1] = [IoVec { base: ODD, len: 0x5011 }];
const TWO: [IoVec; 2] = [IoVec { base: ODDER, len: 0x6011 }, IoVec { base: ODD, len: 0x7011 }];

pub const CALLS: &[Call] = &[
    (
        // SAFETY: there is no such descriptor, so nothing is mapped.
        || _ = unsafe { mm::mmap(ODD, 0x5001, PROT, SHARED, NONE, 0x1_2345_6789_a000) },
        "mmap(0x123456789001, 20481, 0x5, 0xc001, -77, 0x123456789a000)",
    ),
    // SAFETY: nothing can be mapped at an odd address; so with all that follow.
    (|| _ = unsafe { mm::munmap(ODD, 0x5002) }, "munmap(0x123456789001, 20482)"),
    // SAFETY: see above.
    (|| _ = unsafe { mm::munmap(ODD, usize::MAX) }, "munmap(0x123456789001, 18446744073709551615)"),
    // SAFETY: see above.
    (|| _ = unsafe { mm::mprotect(ODD, 0x5003, PROT) }, "mprotect(0x123456789001, 20483, 0x5)"),
    (
        || _ = mm::msync(ODD, 0x5004, MsyncFlags::SYNC | MsyncFlags::INVALIDATE),
        "msync(0x123456789001, 20484, 0x6)",
    ),
    (
        // SAFETY: see above.
        || _ = unsafe { mm::mremap(ODD, 0x5005, 0x6005, MOVE, ODDER) },
        "mremap(0x123456789001, 20485, 24581, 0x3, 0x123456889001)",
    ),
    // SAFETY: no memory is given up.
    (|| _ = unsafe { mm::brk(LOW) }, "brk(0x1001)"),
    (
        // SAFETY: see above.
        || _ = unsafe { mm::madvise(ODD, 0x5006, Advice::GUARD_INSTALL) },
        "madvise(0x123456789001, 20486, 0x66)",
    ),
    (
        // SAFETY: see above.
        || _ = unsafe { mm::mincore(ODD, 0x5007, ODDER) },
        "mincore(0x123456789001, 20487, 0x123456889001)",
    ),
    (|| _ = mm::mlock(ODD, 0x5008), "mlock(0x123456789001, 20488)"),
    (
        || _ = mm::mlock2(ODD, usize::MAX, MlockFlags::ONFAULT),
        "mlock2(0x123456789001, 18446744073709551615, 0x1)",
    ),
    (|| _ = mm::munlock(ODD, 0x5009), "munlock(0x123456789001, 20489)"),
    (|| _ = mm::mlockall(MlockallFlags::from_bits_retain(0x50)), "mlockall(0x50)"),
    (|| _ = mm::munlockall(), "munlockall()"),
    (|| _ = mm::pkey_alloc(PkeyRights::from_bits_retain(0x40)), "pkey_alloc(0, 0x40)"),
    // SAFETY: there is no such key.
    (|| _ = unsafe { mm::pkey_free(1077) }, "pkey_free(1077)"),
    (
        // SAFETY: see above.
        || _ = unsafe { mm::pkey_mprotect(ODD, 0x500a, PROT, 15) },
        "pkey_mprotect(0x123456789001, 20490, 0x5, 15)",
    ),
    (
        || {
            let (policy, how) = (Policy::INTERLEAVE, PolicyFlags::RELATIVE_NODES);
            let _ = mm::mbind(ODD, 0x500b, policy, how, [5].as_ptr(), 65, MbindFlags::MOVE);
        },
        "mbind(0x123456789001, 20491, 0x4003, [0x00000000000005], 65, 0x2)",
    ),
    (|| _ = mm::mseal(ODD, 0x500c), "mseal(0x123456789001, 20492, 0)"),
    (
        || _ = mm::cachestat(NONE, &CachestatRange { off: 5_000_000_009, len: 6_000_000_009 }),
        "cachestat(-77, …, …, 0)",
    ),
    (
        || _ = mm::memfd_create(c"named", MemfdFlags::from_bits_retain(0x8000_0000)),
        "memfd_create(\"named\", 0x80000000)",
    ),
    (|| _ = mm::memfd_secret(OpenFlags::from_bits_retain(0x4000_0000)), "memfd_secret(0x40000000)"),
];

pub const OF_PROCESSES: &[Call] = &[
    (
        // SAFETY: there is no such process, here and below.
        || _ = unsafe { mm::process_madvise(NONE, &TWO, Advice::COLD) },
        "process_madvise(-77, [{iov_base=0x123456889001, iov_len=24593}, \
         {iov_base=0x123456789001, iov_len=28689}], 2, 0x14, 0)",
    ),
    (
        // SAFETY: as above.
        || _ = unsafe { mm::process_vm_readv(NOBODY, &ONE, &TWO) },
        "process_vm_readv(2147483647, [{iov_base=0x123456789001, iov_len=20497}], 1, \
         [{iov_base=0x123456889001, iov_len=24593}, {iov_base=0x123456789001, iov_len=28689}], 2, 0)",
    ),
    (
        // SAFETY: as above.
        || _ = unsafe { mm::process_vm_writev(NOBODY, &TWO, &ONE) },
        "process_vm_writev(2147483647, [{iov_base=0x123456889001, iov_len=24593}, \
         {iov_base=0x123456789001, iov_len=28689}], 2, [{iov_base=0x123456789001, iov_len=20497}], 1, 0)",
    ),
];
