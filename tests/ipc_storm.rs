//! A storm: processes lock, count, wait and wake, and are killed at any point of it.
//! Nobody who is left hangs, nothing is counted twice or lost, and who finds a change
//! half made was told that its maker died.
//!
//! It kills some hundreds, or as many as `BAREMAP_KILLS` says:
//!
//! ```sh
//! BAREMAP_KILLS=20000 cargo test --release --test ipc_storm
//! ```

mod hosted;

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use baremap::ipc::{Event, Held, Mutex, Once, Peer, Semaphore};
use baremap::process::Child;
use baremap::shared::{Atoms, Shared};
use baremap::sys::process::Signal;
use hosted::{child, wrong_under_emulation};

/// After this long without an end, it hangs.
const LONG: Duration = Duration::from_secs(300);

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// The two are the same whenever nobody holds the lock: unless he died with it.
#[repr(C)]
struct Pair {
    first: AtomicU32,
    second: AtomicU32,
    /// How often half a change was found, and mended.
    halves: AtomicU32,
    told: AtomicU32,
}

#[repr(C)]
struct All {
    pair: Mutex<Pair>,
    ready: Event,
    permits: Semaphore,
    once: [Once; 8],
    /// How often each was done.
    done: [AtomicU32; 8],
    wrong: AtomicU32,
    turns: AtomicU32,
}

// SAFETY: both are made of this atomic alone, without padding.
unsafe impl Atoms for Pair {
    type Atom = AtomicU32;
}
// SAFETY: as above.
unsafe impl Atoms for All {
    type Atom = AtomicU32;
}

/// Stays where it is for a while, where it may be killed.
fn linger(time: u32) {
    for _ in 0..time % 64 * 50 {
        std::hint::spin_loop();
    }
}

impl All {
    /// Counts, and finds what was counted whole, or was told that it may not be.
    fn count(&self, held: Held<baremap::ipc::MutexGuard<'_, Pair>>) {
        let told = matches!(held, Held::OwnerDied(_));
        let pair = held.guard();
        let (first, second) = (pair.first.load(Relaxed), pair.second.load(Relaxed));
        if first != second {
            if !told || first != second + 1 {
                self.wrong.fetch_add(1, Relaxed);
            }
            pair.halves.fetch_add(1, Relaxed);
            pair.second.store(first, Relaxed);
        }
        pair.told.fetch_add(u32::from(told), Relaxed);
        pair.first.store(first + 1, Relaxed);
        linger(first);
        pair.second.store(first + 1, Relaxed);
    }

    /// One operation of all there are.
    fn turn(&self, me: Peer, random: &mut Random) {
        let soon = Duration::from_micros(random.below(3000));
        match random.below(12) {
            0..4 => self.count(self.pair.lock(me)),
            4 => {
                let _ = self.pair.try_lock(me).map(|held| self.count(held));
            }
            5 => {
                let _ = self.pair.lock_timeout(me, soon).map(|held| self.count(held));
            }
            6 => self.ready.set(),
            7 => self.ready.clear(),
            8 => {
                let _ = self.ready.wait_timeout(soon);
            }
            9 => {
                if self.permits.take_timeout(soon).is_ok() {
                    linger(random.below(64) as u32);
                    self.wrong.fetch_add(u32::from(self.permits.give(1).is_err()), Relaxed);
                }
            }
            10 => {
                let _ = self.permits.try_take().and_then(|()| self.permits.give(1));
            }
            _ => {
                let index = random.below(8) as usize;
                let done = self.once[index].call(me, |_| {
                    self.done[index].store(self.done[index].load(Relaxed) + 1, Relaxed);
                    true
                });
                if !done {
                    self.wrong.fetch_add(1, Relaxed);
                }
            }
        }
        self.turns.fetch_add(1, Relaxed);
    }
}

/// A process that goes on until it is killed.
fn stormy(all: &All, seed: u64) -> Child {
    child(|| {
        let (me, mut random) = (Peer::new(), Random(seed));
        loop {
            all.turn(me, &mut random);
        }
    })
}

#[test]
fn whoever_is_killed_hangs_nobody_and_breaks_nothing() {
    let kills = std::env::var("BAREMAP_KILLS").ok().and_then(|text| text.parse().ok());
    let few = wrong_under_emulation("hundreds of kills, which would take it long");
    let kills = kills.unwrap_or(if few { 20 } else { 500 });
    let all = Shared::<All>::new(0).expect("memory");
    all.permits.give(1000).unwrap();
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut children: Vec<_> = (0..4).map(|_| stormy(&all, random.below(u64::MAX) | 1)).collect();
    let me = Peer::new();
    for number in 0..kills {
        // It has got somewhere, so that no kill is wasted on one that starts.
        let (turns, began) = (all.turns.load(Relaxed), Instant::now());
        while all.turns.load(Relaxed).wrapping_sub(turns) < 8 {
            assert!(began.elapsed() < LONG, "no turn after {number} kills");
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(random.below(1000)));
        let index = random.below(4) as usize;
        children[index].kill(Signal::KILL).unwrap();
        if number % 2 == 0 {
            // It is a zombie as yet, and dead.
            let held = all.pair.lock_timeout(me, LONG).expect("the lock of the dead");
            all.count(held);
        }
        let killed = std::mem::replace(&mut children[index], stormy(&all, random.below(u64::MAX) | 1));
        assert_eq!(killed.wait().unwrap().signal(), Some(Signal::KILL));
    }
    for child in children {
        child.kill(Signal::KILL).unwrap();
        child.wait().unwrap();
    }
    all.count(all.pair.lock_timeout(me, LONG).expect("the lock of the dead"));
    let pair = all.pair.try_lock(me).expect("nobody has it").guard();
    let [first, second, halves, told] =
        [&pair.first, &pair.second, &pair.halves, &pair.told].map(|number| number.load(Relaxed));
    assert_eq!((first, all.wrong.load(Relaxed)), (second, 0));
    assert!(halves <= told && told > 0 || few, "{halves} halves, {told} told");
    // Who died with a permit has it still.
    let mut left = 1000;
    while all.permits.try_take().is_ok() {
        left -= 1;
    }
    assert!((0..=kills + 4).contains(&left), "{left} permits died");
    println!("{kills} kills: {first} counted, {halves} half, {told} told, {left} permits died with theirs");
}

#[test]
fn what_is_counted_under_the_lock_is_what_everybody_counted() {
    // Each writes down in a place of its own what it has counted, under the lock: first
    // its own, then the sum. The sum may lack what one did who died in between.
    #[repr(C)]
    struct Sums {
        sum: Mutex<AtomicU32>,
        own: [AtomicU32; 64],
    }
    // SAFETY: all of them are this atomic.
    unsafe impl Atoms for Sums {
        type Atom = AtomicU32;
    }
    let count = if wrong_under_emulation("many processes at once") { 8 } else { 64 };
    let all = Shared::<Sums>::new(0).expect("memory");
    let mut random = Random(99);
    let add = |held: Held<baremap::ipc::MutexGuard<'_, AtomicU32>>, own: Option<&AtomicU32>| {
        let died = matches!(held, Held::OwnerDied(_));
        let sum = held.guard();
        if died {
            sum.store(all.own.iter().map(|own| own.load(Relaxed)).sum(), Relaxed);
        }
        if let Some(own) = own {
            own.store(own.load(Relaxed) + 1, Relaxed);
            sum.store(sum.load(Relaxed) + 1, Relaxed);
        }
        sum.load(Relaxed)
    };
    for round in all.own[..count].chunks(4) {
        let children: Vec<_> = round
            .iter()
            .map(|own| {
                child(|| {
                    let me = Peer::new();
                    loop {
                        add(all.sum.lock(me), Some(own));
                    }
                })
            })
            .collect();
        for (child, own) in children.into_iter().zip(round) {
            let began = Instant::now();
            while own.load(Relaxed) < 10 {
                assert!(began.elapsed() < LONG, "it does not get the lock");
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_micros(random.below(500)));
            child.kill(Signal::KILL).unwrap();
            child.wait().unwrap();
        }
    }
    let sum = add(all.sum.lock_timeout(Peer::new(), LONG).expect("the lock of the dead"), None);
    assert_eq!(sum, all.own.iter().map(|own| own.load(Relaxed)).sum());
}
