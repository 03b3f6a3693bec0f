//! No flag makes a futex's operation another one, which would take what is in
//! the arguments' registers for places to write to.

use std::sync::atomic::AtomicU32;

use baremap::Errno;
use baremap::flags::{Futex2Flags, FutexFlags};
use baremap::sys::futex::{
    FutexWaitv, futex_cmp_requeue, futex_requeue, futex_wait, futex_wait_bitset, futex_waitv, futex_wake,
    futex_wake_bitset,
};
use baremap::sys::time::{Clock, Timespec};

#[test]
fn an_operation_stays_what_its_function_says() {
    let (word, other) = (AtomicU32::new(5), AtomicU32::new(7));
    let soon = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    let past = Timespec { tv_sec: 1, tv_nsec: 0 };
    for number in 0..128 {
        let flags = FutexFlags::PRIVATE | FutexFlags::from_bits_retain(number);
        assert_eq!(futex_wait(&word, flags, 6, Some(&soon)), Err(Errno::EAGAIN), "{number}");
        assert_eq!(futex_wait_bitset(&word, flags, 5, Some(&past), 1), Err(Errno::ETIMEDOUT), "{number}");
        assert_eq!(futex_wake(&word, flags, 1), Ok(0), "{number}");
        assert_eq!(futex_wake_bitset(&word, flags, 1, 1), Ok(0), "{number}");
        assert_eq!(futex_requeue(&word, flags, 0, 1, &other), Ok(0), "{number}");
        assert_eq!(futex_cmp_requeue(&word, flags, 0, 1, &other, 6), Err(Errno::EAGAIN), "{number}");
    }
    assert_eq!((word.into_inner(), other.into_inner()), (5, 7));
}

#[test]
fn the_kernel_may_write_behind_a_word_hence_waitv_is_unsafe() {
    #[repr(C, align(8))]
    struct Pair {
        word: AtomicU32,
        node: AtomicU32,
    }
    const NUMA: Futex2Flags = Futex2Flags::from_bits_retain(0x4);
    let pair = Pair { word: AtomicU32::new(5), node: AtomicU32::new(!0) };
    let waiter = FutexWaitv { val: 6, uaddr: &pair.word, flags: Futex2Flags::SIZE_U32 | NUMA, __reserved: 0 };
    let past = Timespec { tv_sec: 1, tv_nsec: 0 };
    // SAFETY: what is behind the word may be written too.
    let answer = unsafe { futex_waitv(&[waiter], Some(&past), Clock::MONOTONIC) };
    match answer {
        Err(Errno::EAGAIN) => assert_ne!(pair.node.into_inner(), !0),
        // Before Linux 6.16, and under qemu-user.
        refused => assert!(matches!(refused, Err(Errno::EINVAL | Errno::ENOSYS)), "{refused:?}"),
    }
}
