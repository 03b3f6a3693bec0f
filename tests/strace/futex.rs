//! The operations of `futex`, on a word that nobody waits for.

use std::sync::atomic::AtomicU32;

use baremap::flags::{Futex2Flags, FutexFlags};
use baremap::sys::futex::{
    FutexWaitv, futex_cmp_requeue, futex_requeue, futex_wait, futex_wait_bitset, futex_waitv, futex_wake,
    futex_wake_bitset,
};
use baremap::sys::time::{Clock, Timespec};

use super::Call;

static WORD: AtomicU32 = AtomicU32::new(5);
static OTHER: AtomicU32 = AtomicU32::new(6);
const TIME: Timespec = Timespec { tv_sec: 5_000_000_010, tv_nsec: 77 };

pub const CALLS: &[Call] = &[
    (
        || _ = futex_wait(&WORD, FutexFlags::PRIVATE, !6, Some(&TIME)),
        "futex(…, 0x80, 4294967289, {tv_sec=5000000010, tv_nsec=77})",
    ),
    (|| _ = futex_wake(&WORD, FutexFlags::empty(), 7), "futex(…, 0x1, 7)"),
    (
        || _ = futex_wait_bitset(&WORD, FutexFlags::CLOCK_REALTIME, 7, Some(&TIME), 0x1234),
        "futex(…, 0x109, 7, {tv_sec=5000000010, tv_nsec=77}, 0x1234)",
    ),
    (|| _ = futex_wake_bitset(&WORD, FutexFlags::PRIVATE, 8, 0x1234), "futex(…, 0x8a, 8, 0x1234)"),
    (|| _ = futex_requeue(&WORD, FutexFlags::PRIVATE, 9, 10, &OTHER), "futex(…, 0x83, 9, 10, …)"),
    (
        || _ = futex_cmp_requeue(&WORD, FutexFlags::PRIVATE, 11, 12, &OTHER, 13),
        "futex(…, 0x84, 11, 12, …, 13)",
    ),
    (
        || {
            let waiter = FutexWaitv { val: 7, uaddr: &WORD, flags: Futex2Flags::SIZE_U32, __reserved: 0 };
            // SAFETY: its one flag has the kernel write nothing.
            let _ = unsafe { futex_waitv(&[waiter], Some(&TIME), Clock::MONOTONIC) };
        },
        "futex_waitv([{val=0x7, uaddr=…, flags=0x2}], 1, 0, \
         {tv_sec=5000000010, tv_nsec=77}, 0x1)",
    ),
];
