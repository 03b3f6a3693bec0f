//! The operations of `futex`, and `futex_waitv`, do the same as by `sc`: see
//! oracle_calls.rs. A failed wait is compared; who is woken, and by which bit, is
//! seen in threads.

mod hosted;
mod oracle;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use baremap::flags::{Futex2Flags, FutexFlags};
use baremap::sys::futex::{
    BITSET_MATCH_ANY, FutexWaitv, futex_cmp_requeue, futex_requeue, futex_wait, futex_wait_bitset,
    futex_waitv, futex_wake, futex_wake_bitset,
};
use baremap::sys::time::{Clock, Timespec, clock_gettime};
use baremap::{Errno, Result};
use hosted::wrong_under_emulation;
use oracle::{none, same, theirs};

const PRIVATE: FutexFlags = FutexFlags::PRIVATE;
const MILLISECONDS: i64 = 1_000_000;
/// `sc` has no number for it: this is linux-raw-sys's.
const FUTEX_WAITV: usize = linux_raw_sys::general::__NR_futex_waitv as usize;

/// Two sleepers on `word`, by `sleep`; `wake` is asked until it has met both.
fn meet_two(sleep: impl Fn() -> Result<()> + Sync, mut wake: impl FnMut() -> Result<usize>) {
    std::thread::scope(|scope| {
        let sleepers = [(); 2].map(|()| scope.spawn(&sleep));
        let mut met = 0;
        while met < 2 {
            met += wake().unwrap();
            std::thread::yield_now();
        }
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap(), Ok(()));
        }
        assert_eq!(met, 2);
    });
}

#[test]
fn wait_refuses_the_same() {
    let word = AtomicU32::new(5);
    let place = word.as_ptr();
    let soon = Timespec { tv_sec: 0, tv_nsec: MILLISECONDS };
    let wrong = Timespec { tv_sec: 0, tv_nsec: 1_000_000_000 };
    for (flags, val, timeout, errno) in [
        (PRIVATE, 6, None, Errno::EAGAIN),
        (FutexFlags::empty(), 6, None, Errno::EAGAIN),
        (PRIVATE, 5, Some(&soon), Errno::ETIMEDOUT),
        (FutexFlags::empty(), 5, Some(&soon), Errno::ETIMEDOUT),
        (PRIVATE, 5, Some(&wrong), Errno::EINVAL),
        (PRIVATE | FutexFlags::CLOCK_REALTIME, 5, Some(&soon), Errno::ENOSYS),
        (FutexFlags::from_bits_retain(1 << 20), 5, Some(&soon), Errno::ENOSYS),
    ] {
        if errno == Errno::ENOSYS && wrong_under_emulation("unknown operations of futex") {
            continue;
        }
        let pointer = timeout.map_or(std::ptr::null(), std::ptr::from_ref);
        let ours = futex_wait(&word, flags, val, timeout).map(none);
        same(ours, theirs!(FUTEX, place, flags.bits(), val, pointer), Err(errno));
    }
}

#[test]
fn a_timeout_is_a_duration_to_wait_and_a_time_to_wait_bitset() {
    let word = AtomicU32::new(5);
    let past = Timespec { tv_sec: 1, tv_nsec: 0 };
    for (flags, clock) in
        [(PRIVATE, Clock::MONOTONIC), (PRIVATE | FutexFlags::CLOCK_REALTIME, Clock::REALTIME)]
    {
        let before = clock_gettime(clock).unwrap();
        assert_eq!(futex_wait_bitset(&word, flags, 5, Some(&past), 1), Err(Errno::ETIMEDOUT));
        let now = clock_gettime(clock).unwrap();
        assert!(now.tv_sec - before.tv_sec < 60);
        let mut later = now;
        later.tv_nsec += 30 * MILLISECONDS;
        if later.tv_nsec >= 1_000_000_000 {
            later = Timespec { tv_sec: later.tv_sec + 1, tv_nsec: later.tv_nsec - 1_000_000_000 };
        }
        let place = word.as_ptr();
        let bits = 9 | flags.bits();
        let ours = futex_wait_bitset(&word, flags, 5, Some(&later), 1).map(none);
        assert!(clock_gettime(clock).unwrap() >= later, "it did not wait");
        same(ours, theirs!(FUTEX, place, bits, 5, &raw const later, 0, 1), Err(Errno::ETIMEDOUT));
    }
    let before = clock_gettime(Clock::MONOTONIC).unwrap();
    let half = Timespec { tv_sec: 0, tv_nsec: 50 * MILLISECONDS };
    assert_eq!(futex_wait(&word, PRIVATE, 5, Some(&half)), Err(Errno::ETIMEDOUT));
    let after = clock_gettime(Clock::MONOTONIC).unwrap();
    let passed = (after.tv_sec - before.tv_sec) * 1_000_000_000 + after.tv_nsec - before.tv_nsec;
    assert!(passed >= half.tv_nsec, "{passed} ns");
}

#[test]
fn waking_is_the_same() {
    let word = AtomicU32::new(0);
    let place = word.as_ptr();
    for flags in [PRIVATE, FutexFlags::empty()] {
        meet_two(|| futex_wait(&word, flags, 0, None), || futex_wake(&word, flags, 1));
        meet_two(|| futex_wait(&word, flags, 0, None), || theirs!(FUTEX, place, 1 | flags.bits(), 1));
        let theirs = || theirs!(FUTEX, word.as_ptr(), flags.bits(), 0, 0).map(drop);
        meet_two(theirs, || futex_wake(&word, flags, i32::MAX));
    }
    same(futex_wake(&word, PRIVATE, 1), theirs!(FUTEX, place, 129, 1), Ok(0));
}

#[test]
fn bits_choose_who_is_woken() {
    let word = AtomicU32::new(0);
    let place = word.as_ptr();
    let bits = 10 | PRIVATE.bits();
    meet_two(
        || futex_wait_bitset(&word, PRIVATE, 0, None, 0b10),
        || {
            let other = futex_wake_bitset(&word, PRIVATE, i32::MAX, 0b101);
            same(other, theirs!(FUTEX, place, bits, i32::MAX, 0, 0, 0b101), Ok(0));
            futex_wake_bitset(&word, PRIVATE, i32::MAX, 0b110)
        },
    );
    meet_two(
        || theirs!(FUTEX, word.as_ptr(), 9 | PRIVATE.bits(), 0, 0, 0, 0b10).map(drop),
        || futex_wake_bitset(&word, PRIVATE, 1, BITSET_MATCH_ANY),
    );
    let ours = futex_wake_bitset(&word, PRIVATE, 1, 0);
    same(ours, theirs!(FUTEX, place, bits, 1, 0, 0, 0), Err(Errno::EINVAL));
    let ours = futex_wait_bitset(&word, PRIVATE, 0, None, 0).map(none);
    same(ours, theirs!(FUTEX, place, 9 | PRIVATE.bits(), 0, 0, 0, 0), Err(Errno::EINVAL));
}

#[test]
fn requeueing_is_the_same() {
    let (from, to) = (AtomicU32::new(3), AtomicU32::new(0));
    let (from_place, to_place) = (from.as_ptr(), to.as_ptr());
    type Requeue<'a> = &'a dyn Fn() -> Result<usize>;
    let calls: [Requeue; 4] = [
        &|| futex_requeue(&from, PRIVATE, 0, 1, &to),
        &|| theirs!(FUTEX, from_place, 3 | PRIVATE.bits(), 0, 1, to_place),
        &|| futex_cmp_requeue(&from, PRIVATE, 0, 1, &to, 3),
        &|| theirs!(FUTEX, from_place, 4 | PRIVATE.bits(), 0, 1, to_place, 3),
    ];
    for requeue in calls {
        let mut moved = 0;
        meet_two(
            || futex_wait(&from, PRIVATE, 3, None),
            || {
                moved += requeue().unwrap();
                futex_wake(&to, PRIVATE, 1)
            },
        );
        assert_eq!(moved, 2, "they were not woken by the second word");
    }
    let ours = futex_cmp_requeue(&from, PRIVATE, 0, 1, &to, 4);
    let theirs = theirs!(FUTEX, from_place, 4 | PRIVATE.bits(), 0, 1, to_place, 4);
    same(ours, theirs, Err(Errno::EAGAIN));
    let ours = futex_requeue(&from, PRIVATE, 0, -1, &to);
    let theirs = theirs!(FUTEX, from_place, 3 | PRIVATE.bits(), 0, -1_isize, to_place);
    same(ours, theirs, Err(Errno::EINVAL));
}

#[test]
fn waitv_waits_for_any_of_its_words() {
    let words = [AtomicU32::new(1), AtomicU32::new(2)];
    let flags = Futex2Flags::SIZE_U32 | Futex2Flags::PRIVATE;
    let waiters = [0, 1].map(|place: usize| FutexWaitv {
        val: place as u64 + 1,
        uaddr: &words[place],
        flags,
        __reserved: 0,
    });
    let ours = |waiters: &[FutexWaitv<'_>], timeout: Option<&Timespec>, clock: Clock| {
        // SAFETY: no flag here has the kernel write anything.
        unsafe { futex_waitv(waiters, timeout, clock) }
    };
    let theirs = |waiters: &[FutexWaitv<'_>], timeout: Option<&Timespec>, clock: Clock| {
        let timeout = timeout.map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the kernel reads the list and the timeout, which live as long.
        oracle::answer(unsafe {
            sc::syscall5(
                FUTEX_WAITV,
                waiters.as_ptr() as usize,
                waiters.len(),
                0,
                timeout as usize,
                clock.0 as usize,
            )
        })
    };
    let mut past = Timespec { tv_sec: 1, tv_nsec: 0 };
    let first = ours(&waiters, Some(&past), Clock::MONOTONIC);
    if first == Err(Errno::ENOSYS) && wrong_under_emulation("futex_waitv") {
        return;
    }
    same(first, theirs(&waiters, Some(&past), Clock::MONOTONIC), Err(Errno::ETIMEDOUT));
    let [mut unknown, mut changed] = [waiters; 2];
    unknown[1].flags = Futex2Flags::PRIVATE | Futex2Flags::from_bits_retain(1 << 20);
    changed[1].val = 9;
    for (waiters, clock, errno) in [
        (&waiters[..0], Clock::MONOTONIC, Errno::EINVAL),
        (&waiters[..], Clock::BOOTTIME, Errno::EINVAL),
        (&unknown[..], Clock::MONOTONIC, Errno::EINVAL),
        (&changed[..], Clock::REALTIME, Errno::EAGAIN),
    ] {
        same(ours(waiters, Some(&past), clock), theirs(waiters, Some(&past), clock), Err(errno));
    }
    past.tv_nsec = -1;
    let wrong = ours(&waiters, Some(&past), Clock::MONOTONIC);
    same(wrong, theirs(&waiters, Some(&past), Clock::MONOTONIC), Err(Errno::EINVAL));

    let woken = AtomicU32::new(0);
    let sleep = || {
        let place = ours(&waiters, None, Clock::MONOTONIC)?;
        woken.fetch_add(place as u32, SeqCst);
        Ok(())
    };
    meet_two(sleep, || futex_wake(&words[1], PRIVATE, 1));
    assert_eq!(woken.load(SeqCst), 2, "each was woken by the word at place 1");
}
