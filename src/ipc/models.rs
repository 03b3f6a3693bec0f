//! What loom tries: a few processes at once, and every order in which things happen.

use core::mem::forget;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread::spawn;

use super::ring_end::Ends;
use super::word::Deadline;
use super::{Begun, Event, Held, Lock, LockGuard, Once, Peer, RingError, Semaphore};

/// Every order, with so many changes of the running thread that nobody asked for:
/// which finds what is to be found, and comes to an end.
fn every_order(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// What is guarded: loom reports it if two access it in no order.
#[derive(Default)]
struct Guarded<L> {
    by: L,
    number: UnsafeCell<u32>,
}

// SAFETY: loom looks whether that is so.
unsafe impl<L: Sync> Sync for Guarded<L> {}

impl<L> Guarded<L> {
    fn add(&self) {
        // SAFETY: the model is there to find out.
        self.number.with_mut(|number| unsafe { *number += 1 });
    }

    fn get(&self) -> u32 {
        // SAFETY: the model is there to find out.
        self.number.with(|number| unsafe { *number })
    }
}

fn whole(held: Held<LockGuard<'_>>) -> LockGuard<'_> {
    match held {
        Held::Whole(guard) => guard,
        Held::OwnerDied(_) => panic!("nobody died"),
    }
}

fn add_under_the_lock(all: &Guarded<Lock>, name: u32) {
    let _guard = whole(all.by.lock(Peer(name)));
    all.add();
}

#[test]
fn two_hold_a_lock_one_after_the_other() {
    every_order(4, || {
        let all = Arc::new(Guarded::<Lock>::default());
        let other = all.clone();
        let thread = spawn(move || {
            add_under_the_lock(&other, 1);
            add_under_the_lock(&other, 1);
        });
        add_under_the_lock(&all, 2);
        add_under_the_lock(&all, 2);
        thread.join().unwrap();
        let _guard = whole(all.by.try_lock(Peer(2)).unwrap());
        assert_eq!(all.get(), 4);
    });
}

#[test]
fn three_hold_a_lock_one_after_the_other() {
    every_order(2, || {
        let all = Arc::new(Guarded::<Lock>::default());
        let threads = [1, 2].map(|name| {
            let all = all.clone();
            spawn(move || add_under_the_lock(&all, name))
        });
        add_under_the_lock(&all, 3);
        add_under_the_lock(&all, 3);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let _guard = whole(all.by.try_lock(Peer(3)).unwrap());
        assert_eq!(all.get(), 4);
    });
}

#[test]
fn one_of_those_who_wait_gets_the_lock_of_the_dead_and_is_told() {
    every_order(2, || {
        let all = Arc::new(Guarded::<Lock>::default());
        let dying = all.clone();
        let dies = spawn(move || {
            forget(whole(dying.by.lock(Peer(1))));
            dying.by.0.end(Peer(1));
        });
        let other = all.clone();
        let lock = |all: &Guarded<Lock>, name| {
            let (_guard, told) = match all.by.lock(Peer(name)) {
                Held::Whole(guard) => (guard, 0),
                Held::OwnerDied(guard) => (guard, 1),
            };
            all.add();
            told
        };
        let waits = spawn(move || lock(&other, 2));
        let told = lock(&all, 3);
        dies.join().unwrap();
        let told = told + waits.join().unwrap() + lock(&all, 3);
        assert_eq!((told, all.get()), (1, 3));
    });
}

#[test]
fn whoever_waits_for_an_event_sees_what_was_before_it() {
    every_order(3, || {
        let all = Arc::new(Guarded::<Event>::default());
        let threads = [(), ()].map(|()| {
            let all = all.clone();
            spawn(move || {
                all.by.wait();
                assert_eq!(all.get(), 1);
            })
        });
        all.add();
        all.by.set();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn no_permit_is_lost_and_none_is_taken_twice() {
    every_order(3, || {
        let all = Arc::new(Guarded::<Semaphore>::default());
        let threads = [(), ()].map(|()| {
            let all = all.clone();
            spawn(move || {
                all.by.take();
                assert_eq!(all.get(), 1);
            })
        });
        all.add();
        all.by.give(1).unwrap();
        all.by.give(1).unwrap();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(all.by.try_take().is_err());
    });
}

#[test]
fn a_semaphore_of_one_permit_is_a_lock() {
    every_order(3, || {
        let all = Arc::new(Guarded::<Semaphore>::default());
        all.by.give(1).unwrap();
        let once = |all: &Guarded<Semaphore>| {
            all.by.take();
            all.add();
            all.by.give(1).unwrap();
        };
        let other = all.clone();
        let thread = spawn(move || {
            once(&other);
            once(&other);
        });
        once(&all);
        thread.join().unwrap();
        all.by.take();
        assert_eq!(all.get(), 3);
    });
}

#[test]
fn what_is_done_once_is_seen_by_all() {
    every_order(3, || {
        let all = Arc::new(Guarded::<Once>::default());
        let call = |all: &Guarded<Once>, name| {
            let act = |begun| {
                assert_eq!(begun, Begun::Anew);
                all.add();
                true
            };
            assert!(all.by.call(Peer(name), act));
            assert_eq!(all.get(), 1);
        };
        let threads = [1, 2].map(|name| {
            let all = all.clone();
            spawn(move || call(&all, name))
        });
        call(&all, 3);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// A message is the number it has, and lies where the position says.
#[derive(Default)]
struct Numbers {
    ends: Ends,
    places: [UnsafeCell<u32>; 1],
}

// SAFETY: loom looks whether that is so.
unsafe impl Sync for Numbers {}

#[test]
fn a_ring_loses_no_message_no_room_and_no_wake_up() {
    const LAST: u32 = 3;
    every_order(3, || {
        let all = Arc::new(Numbers::default());
        let there = all.clone();
        let thread = spawn(move || {
            let (own, other, me) = (&there.ends.sender, &there.ends.receiver, Peer(1));
            own.claim(me).unwrap();
            let mut received = 0;
            for number in 0..LAST {
                while number - received == 1 {
                    received = own.wait(other, received, me, Deadline::NEVER).unwrap();
                }
                // SAFETY: the model is there to find out.
                there.places[0].with_mut(|place| unsafe { *place = number });
                own.publish(number + 1, other);
            }
            assert!(!other.is_closed());
            own.close(other);
        });
        let (own, other, me) = (&all.ends.receiver, &all.ends.sender, Peer(2));
        own.claim(me).unwrap();
        let (mut sent, mut received) = (0, 0);
        loop {
            if sent == received {
                match own.wait(other, sent, me, Deadline::NEVER) {
                    Ok(position) => sent = position,
                    Err(error) => break assert_eq!(error, RingError::Closed),
                }
            }
            // SAFETY: the model is there to find out.
            let number = all.places[0].with(|place| unsafe { *place });
            assert_eq!(number, received);
            received += 1;
            own.publish(received, other);
        }
        assert_eq!(received, LAST);
        thread.join().unwrap();
    });
}
