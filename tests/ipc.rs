//! Locks, events, semaphores and what is done once: of several processes.

mod hosted;

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use baremap::ipc::{Begun, Event, Held, Lock, Mutex, Once, Peer, Semaphore};
use baremap::process::{Child, ExitStatus};
use baremap::shared::{Atoms, Shared};
use baremap::sys::process::{Signal, sched_yield};
use baremap::{Errno, Result};
use hosted::{child, in_child, wrong_under_emulation};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

const SHORT: Duration = Duration::from_millis(30);

/// What the tests share, all of it zeros at first.
#[repr(C)]
struct All {
    pair: Mutex<[AtomicU32; 2]>,
    lock: Lock,
    ready: Event,
    go: Event,
    permits: Semaphore,
    once: Once,
    counts: [AtomicU32; 4],
}

// SAFETY: all of them are made of this atomic alone, one behind the other.
unsafe impl Atoms for All {
    type Atom = AtomicU32;
}

fn all() -> Shared<All> {
    Shared::new(0).expect("memory")
}

fn ends(mut child: Child) -> ExitStatus {
    child.wait_timeout(LONG).unwrap().expect("it does not hang")
}

#[track_caller]
fn all_end_well(children: impl IntoIterator<Item = Child>) {
    for status in children.into_iter().map(ends) {
        assert!(status.success(), "{status}");
    }
}

fn is_whole<G>(held: &Held<G>) -> bool {
    matches!(held, Held::Whole(_))
}

#[test]
fn memory_of_zeros_is_unlocked_unset_and_undone() {
    let (all, me) = (all(), Peer::new());
    assert!(is_whole(&all.lock.try_lock(me).unwrap()));
    assert!(is_whole(&all.pair.try_lock(me).unwrap()));
    assert!(!all.ready.is_set() && !all.once.is_done());
    assert_eq!(all.permits.try_take(), Err(Errno::EBUSY));
    assert_eq!(
        [size_of::<Lock>(), size_of::<Event>(), size_of::<Semaphore>(), size_of::<Once>()],
        [4, 4, 4, 8]
    );
}

#[test]
fn what_is_held_is_refused_and_waited_for_in_vain() {
    let (all, me) = (all(), Peer::new());
    let held = all.lock.lock(me);
    let status = in_child(|| {
        let me = Peer::new();
        let busy = all.lock.try_lock(me).err() == Some(Errno::EBUSY);
        let began = Instant::now();
        let late = all.lock.lock_timeout(me, SHORT).err() == Some(Errno::ETIMEDOUT);
        let now = all.lock.lock_timeout(me, Duration::ZERO).err() == Some(Errno::ETIMEDOUT);
        i32::from(!busy || !late || !now || began.elapsed() < SHORT)
    });
    assert!(status.success(), "{status}");
    drop(held);
    assert!(is_whole(&all.lock.lock_timeout(me, Duration::MAX).unwrap()));
}

#[test]
fn waiting_in_vain_takes_as_long_as_was_asked_for() {
    let all = all();
    let began = Instant::now();
    assert_eq!(all.ready.wait_timeout(SHORT), Err(Errno::ETIMEDOUT));
    assert_eq!(all.permits.take_timeout(SHORT), Err(Errno::ETIMEDOUT));
    assert!(began.elapsed() >= 2 * SHORT);
}

#[test]
fn processes_and_threads_count_under_a_lock() {
    const ROUNDS: u32 = 2000;
    fn count(all: &All) {
        let me = Peer::new();
        for _ in 0..ROUNDS {
            let pair = all.pair.lock(me).guard();
            // Torn, unless nobody else is in here.
            let number = pair[0].load(Relaxed);
            pair[0].store(number + 1, Relaxed);
            pair[1].store(pair[1].load(Relaxed) + 1, Relaxed);
        }
    }
    let all = all();
    let children = [(); 3].map(|()| {
        child(|| {
            count(&all);
            0
        })
    });
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| count(&all));
        }
    });
    all_end_well(children);
    let pair = all.pair.lock(Peer::new());
    assert!(is_whole(&pair));
    assert_eq!(pair.guard().each_ref().map(|number| number.load(Relaxed)), [5 * ROUNDS; 2]);
}

#[test]
fn the_next_is_told_that_the_holder_died_and_the_one_after_is_not() {
    let (all, me) = (all(), Peer::new());
    let holder = child(|| {
        std::mem::forget(all.lock.lock(Peer::new()));
        all.ready.set();
        all.go.wait();
        0
    });
    all.ready.wait();
    assert_eq!(all.lock.try_lock(me).err(), Some(Errno::EBUSY));
    holder.kill(Signal::KILL).unwrap();
    // It is not waited for, a zombie, and dead all the same.
    assert!(matches!(all.lock.lock_timeout(me, LONG), Ok(Held::OwnerDied(_))));
    assert!(is_whole(&all.lock.lock(me)));
    assert_eq!(ends(holder).signal(), Some(Signal::KILL));

    // One that ends with it, by itself, has died too; and after it was waited for.
    let status = in_child(|| {
        std::mem::forget(all.lock.lock(Peer::new()));
        0
    });
    assert!(status.success());
    assert!(matches!(all.lock.try_lock(me), Ok(Held::OwnerDied(_))));
    assert!(is_whole(&all.lock.try_lock(me).unwrap()));
}

#[test]
fn of_many_who_wait_for_the_dead_one_is_told() {
    let all = all();
    let waiting = |_| {
        child(|| {
            all.go.wait();
            all.counts[0].fetch_add(1, Relaxed);
            let held = all.lock.lock(Peer::new());
            all.counts[1].fetch_add(u32::from(!is_whole(&held)), Relaxed);
            0
        })
    };
    let status = in_child(|| {
        std::mem::forget(all.lock.lock(Peer::new()));
        0
    });
    assert!(status.success());
    let children = [0; 5].map(waiting);
    all.go.set();
    all_end_well(children);
    assert_eq!([&all.counts[0], &all.counts[1]].map(|count| count.load(Relaxed)), [5, 1]);
}

#[test]
fn a_number_that_another_process_has_now_is_told_from_the_dead() {
    // A holder of this process's number, that started at another time.
    let (memory, me) = (Shared::<[AtomicU32; 1]>::new(0).unwrap(), Peer::new());
    let lock = &memory[0];
    // SAFETY: both are one such atomic.
    let as_lock = unsafe { &*std::ptr::from_ref(lock).cast::<Lock>() };
    std::mem::forget(as_lock.lock(me));
    let name = lock.load(Relaxed);
    assert_eq!(name & 0x3f_ffff, std::process::id());
    assert!(name >> 22 != 0, "/proc is mounted");
    assert_eq!(as_lock.try_lock(me).err(), Some(Errno::EBUSY));
    lock.store(name ^ 1 << 22, Relaxed);
    assert!(matches!(as_lock.try_lock(me), Ok(Held::OwnerDied(_))));
}

#[test]
fn what_is_kept_for_one_who_died_before_he_took_it_is_kept_once() {
    // As it is given back for one who was woken in vain too often; another may sleep.
    const EAGER: u32 = 1 << 30;
    const WAITERS: u32 = 1 << 31;
    let (memory, me) = (Shared::<[AtomicU32; 1]>::new(0).unwrap(), Peer::new());
    // SAFETY: both are one such atomic.
    let lock = unsafe { &*std::ptr::from_ref(&memory[0]).cast::<Lock>() };
    for kept in [EAGER, EAGER | WAITERS] {
        memory[0].store(kept, Relaxed);
        assert_eq!(lock.try_lock(me).err(), Some(Errno::EBUSY));
        assert!(lock.try_lock(me).is_ok_and(|held| is_whole(&held)));
        memory[0].store(kept, Relaxed);
        assert_eq!(lock.lock_timeout(me, Duration::ZERO).err(), Some(Errno::ETIMEDOUT));
        assert!(lock.lock_timeout(me, Duration::ZERO).is_ok_and(|held| is_whole(&held)));
    }
}

#[test]
fn an_event_is_seen_by_all_who_wait_and_those_who_come_later() {
    let all = all();
    let children = [(); 3].map(|()| {
        child(|| {
            all.ready.wait();
            i32::from(all.counts[0].load(Relaxed) != 5)
        })
    });
    // One of those who wait dies; nobody misses anything.
    children[0].kill(Signal::KILL).unwrap();
    all.counts[0].store(5, Relaxed);
    all.ready.set();
    let [killed, others @ ..] = children;
    ends(killed);
    all_end_well(others);
    assert_eq!(all.ready.wait_timeout(Duration::ZERO), Ok(()));
    all.ready.clear();
    assert!(!all.ready.is_set());
}

#[test]
fn permits_are_taken_as_often_as_given() -> Result<()> {
    let all = all();
    let children = [(); 3].map(|()| {
        child(|| {
            for _ in 0..100 {
                all.permits.take();
                all.counts[0].fetch_add(1, Relaxed);
            }
            0
        })
    });
    for _ in 0..150 {
        all.permits.give(2)?;
    }
    all_end_well(children);
    assert_eq!((all.counts[0].load(Relaxed), all.permits.try_take()), (300, Err(Errno::EBUSY)));

    assert_eq!(all.permits.give(u32::MAX), Err(Errno::EOVERFLOW));
    assert_eq!(all.permits.give(i32::MAX as u32), Ok(()));
    assert_eq!(all.permits.give(1), Err(Errno::EOVERFLOW));
    all.permits.take_timeout(SHORT)
}

#[test]
fn it_is_done_once_and_by_another_if_the_first_dies_over_it() {
    let (all, me) = (all(), Peer::new());
    let status = in_child(|| {
        all.once.call(Peer::new(), |begun| baremap::process::exit(i32::from(begun != Begun::Anew))) as i32 + 2
    });
    assert!(status.success(), "{status}");
    assert!(!all.once.is_done());
    let call = || {
        all.once.call(Peer::new(), |begun| {
            all.counts[0].fetch_add(1, Relaxed);
            all.counts[1].fetch_add(u32::from(begun == Begun::OwnerDied), Relaxed);
            let _ = sched_yield();
            true
        })
    };
    let children = [(); 3].map(|()| child(|| i32::from(!call())));
    assert!(call());
    all_end_well(children);
    assert_eq!([&all.counts[0], &all.counts[1]].map(|count| count.load(Relaxed)), [1, 1]);
    assert!(all.once.call(me, |_| false));
}

#[test]
fn what_does_not_succeed_is_tried_again() {
    let (all, me) = (all(), Peer::new());
    assert!(!all.once.call(me, |_| false));
    assert!(all.once.call(me, |begun| begun == Begun::Anew));
}

#[test]
fn nobody_starves_beside_one_who_always_wants_the_lock() {
    let all = all();
    let greedy = child(|| {
        let me = Peer::new();
        all.ready.set();
        while !all.go.is_set() {
            // Given back and taken again at once.
            let _guard = all.lock.lock(me).guard();
            for _ in 0..1000 {
                std::hint::spin_loop();
            }
        }
        0
    });
    all.ready.wait();
    let me = Peer::new();
    let rounds = if wrong_under_emulation("how often there is a turn in a time") { 5 } else { 200 };
    for _ in 0..rounds {
        assert!(all.lock.lock_timeout(me, LONG).is_ok());
    }
    all.go.set();
    assert!(ends(greedy).success());
}
