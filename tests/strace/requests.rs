//! `userfaultfd`, and the requests by `ioctl`: to its descriptor and to files of
//! /proc.

use baremap::flags::{
    ProcmapFlags, UffdContinueMode, UffdCopyMode, UffdFeatures, UffdMoveMode, UffdPoisonMode,
    UffdRegisterMode, UffdWriteprotectMode, UffdZeropageMode, UserfaultfdFlags,
};
use baremap::sys::pagemap::{PmScanArg, pagemap_scan};
use baremap::sys::procmap::{ProcmapQuery, procmap_query};
use baremap::sys::userfaultfd::{
    UFFD_API, UffdioApi, UffdioContinue, UffdioCopy, UffdioMove, UffdioPoison, UffdioRange, UffdioRegister,
    UffdioWriteprotect, UffdioZeropage, uffdio_api, uffdio_continue, uffdio_copy, uffdio_move, uffdio_poison,
    uffdio_register, uffdio_unregister, uffdio_wake, uffdio_writeprotect, uffdio_zeropage, userfaultfd,
};

use super::{Call, NONE};

const RANGE: UffdioRange = UffdioRange { start: 0x1234_5678_9001, len: 0x5013 };

pub const CALLS: &[Call] = &[
    (|| _ = userfaultfd(UserfaultfdFlags::from_bits_retain(0x4000_0000)), "userfaultfd(0x40000000)"),
    (
        || _ = uffdio_api(NONE, &mut UffdioApi { api: UFFD_API, features: UffdFeatures::SIGBUS, ioctls: 0 }),
        "ioctl(-77, 0xc018aa3f, {api=0xaa, features=0x80})",
    ),
    (
        || {
            _ = uffdio_register(
                NONE,
                &mut UffdioRegister { range: RANGE, mode: UffdRegisterMode::WP, ioctls: 0 },
            )
        },
        "ioctl(-77, 0xc020aa00, {range={start=0x123456789001, len=0x5013}, mode=0x2})",
    ),
    (|| _ = uffdio_unregister(NONE, &RANGE), "ioctl(-77, 0x8010aa01, {start=0x123456789001, len=0x5013})"),
    (|| _ = uffdio_wake(NONE, &RANGE), "ioctl(-77, 0x8010aa02, {start=0x123456789001, len=0x5013})"),
    (
        || {
            let mode = UffdCopyMode::DONTWAKE;
            let mut copy = UffdioCopy { dst: RANGE.start, src: 0x1234_5688_9001, len: 0x5014, mode, copy: 0 };
            // SAFETY: there is no such descriptor, here and below.
            let _ = unsafe { uffdio_copy(NONE, &mut copy) };
        },
        "ioctl(-77, 0xc028aa03, {dst=0x123456789001, src=0x123456889001, len=0x5014, mode=0x1})",
    ),
    (
        || {
            let mode = UffdZeropageMode::DONTWAKE;
            let mut zeros = UffdioZeropage { range: RANGE, mode, zeropage: 0 };
            // SAFETY: as above.
            let _ = unsafe { uffdio_zeropage(NONE, &mut zeros) };
        },
        "ioctl(-77, 0xc020aa04, {range={start=0x123456789001, len=0x5013}, mode=0x1})",
    ),
    (
        || {
            _ = uffdio_writeprotect(
                NONE,
                &mut UffdioWriteprotect { range: RANGE, mode: UffdWriteprotectMode::WP },
            )
        },
        "ioctl(-77, 0xc018aa06, …)",
    ),
    (
        || {
            let mode = UffdContinueMode::DONTWAKE;
            _ = uffdio_continue(NONE, &mut UffdioContinue { range: RANGE, mode, mapped: 0 })
        },
        "ioctl(-77, 0xc020aa07, …)",
    ),
    (
        || {
            let mut poison = UffdioPoison { range: RANGE, mode: UffdPoisonMode::DONTWAKE, updated: 0 };
            // SAFETY: as above.
            let _ = unsafe { uffdio_poison(NONE, &mut poison) };
        },
        "ioctl(-77, 0xc020aa08, …)",
    ),
    (
        || {
            let mode = UffdMoveMode::DONTWAKE;
            let mut moved =
                UffdioMove { dst: RANGE.start, src: 0x1234_5688_9001, len: 0x5014, mode, moved: 0 };
            // SAFETY: as above.
            let _ = unsafe { uffdio_move(NONE, &mut moved) };
        },
        "ioctl(-77, 0xc028aa05, …)",
    ),
    (
        // SAFETY: as above.
        || _ = unsafe { pagemap_scan(NONE, &mut PmScanArg::new(0x1000, 0x5000)) },
        "ioctl(-77, 0xc0606610, …)",
    ),
    (
        // SAFETY: as above.
        || _ = unsafe { procmap_query(NONE, &mut ProcmapQuery::new(0x1000, ProcmapFlags::VMA_READABLE)) },
        "ioctl(-77, 0xc0686611, …)",
    ),
];
