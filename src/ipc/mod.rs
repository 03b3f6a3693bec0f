//! Processes that share memory: locks of theirs, and waiting for each other.
//!
//! All of it lies in the memory itself, where zeros are what nobody holds and nothing
//! has happened to, and is made of [`AtomicU32`](core::sync::atomic::AtomicU32) alone:
//! so it can stand in [`Shared`](crate::shared::Shared) memory, alone or in a type
//! of one's own.
//!
//! | type | size in bytes | what it is |
//! |---|---|---|
//! | [`Lock`] | 4 | one process at a time |
//! | [`Mutex`] | 4 and its data's | the same, with what it guards |
//! | [`Event`] | 4 | it has happened, to all who wait |
//! | [`Semaphore`] | 4 | permits that are given and taken |
//! | [`Once`] | 8 | the first who comes does it |
//!
//! A [`Ring`] is memory of its own, through which one process sends messages to another;
//! a [`Segment`] has a name by which processes find it.
//!
//! # When a process dies
//!
//! It may be killed between any two instructions, and hangs nobody else:
//!
//! - Who holds a lock is known by [name](Peer), and those who wait look every ten
//!   milliseconds whether he lives. The next one has the lock, and is told that what
//!   it guards may be [half changed](Held::OwnerDied). Who ends without being killed
//!   and still holds it has died, too. A thread that ends alone has not: its process
//!   lives.
//! - Nobody sleeps longer than those ten milliseconds without looking at the word
//!   again. That is what a wake-up costs that went to somebody dead, or was not sent.
//!
//! A robust list, by which the kernel itself gives back the locks of the dead, there
//! is one of for each thread, and it is the C library's.
//!
//! # What the peers agree on
//!
//! - They are in one PID namespace: in another, the name of the living may be that of
//!   nobody. They are in one time namespace too if they have /proc, whose times of
//!   start differ in another.
//! - Each has a [`Peer`] of its own, made after `fork`.
//! - The memory has nothing but what these functions wrote.
//!
//! Where one does not keep to it, the lock does not keep out, and waiting may not end;
//! no memory is accessed for that which is not there. So none of this is `unsafe`.
//!
//! # What it costs
//!
//! A lock that is free is taken by one compare-exchange and given back by one, without
//! a system call. Who finds it taken looks a hundred times before he sleeps.
//!
//! # Orderings
//!
//! Each type says its own. What they are worth, loom has tried: it goes through every
//! order of events, with the sleeps taken for endless.
//!
//! ```sh
//! RUSTFLAGS="--cfg loom" cargo test --release --target-dir target/loom --lib ipc
//! ```

mod event;
mod lock;
#[cfg(all(test, loom))]
mod models;
mod mutex;
mod once;
#[cfg(not(all(test, loom)))]
mod peer;
#[cfg(not(all(test, loom)))]
mod ring;
mod ring_end;
mod ring_error;
#[cfg(not(all(test, loom)))]
mod ring_mirror;
#[cfg(not(all(test, loom)))]
mod ring_sides;
#[cfg(not(all(test, loom)))]
mod segment;
#[cfg(not(all(test, loom)))]
mod segment_error;
mod semaphore;
#[cfg(not(all(test, loom)))]
mod word;
#[cfg(all(test, loom))]
#[path = "model.rs"]
mod word;

pub use event::Event;
pub use lock::{Lock, LockGuard};
pub use mutex::{Mutex, MutexGuard};
pub use once::{Begun, Once};
#[cfg(not(all(test, loom)))]
pub use peer::Peer;
#[cfg(not(all(test, loom)))]
pub use ring::Ring;
pub use ring_error::RingError;
#[cfg(not(all(test, loom)))]
pub use ring_sides::{Receiver, Sender};
#[cfg(not(all(test, loom)))]
pub use segment::Segment;
#[cfg(not(all(test, loom)))]
pub use segment_error::SegmentError;
pub use semaphore::Semaphore;
#[cfg(all(test, loom))]
pub use word::Peer;

/// A lock that is held now, and how it was found.
#[must_use = "the lock is held as long as this is there"]
#[derive(Debug)]
pub enum Held<G> {
    /// As the last holder gave it back.
    Whole(G),
    /// Its holder died with it. What it guards may be half changed; this is told to the
    /// next holder alone, and if he dies as well, to the one after him.
    OwnerDied(G),
}

impl<G> Held<G> {
    /// The guard, in either case: where what is guarded is whole at any time.
    pub fn guard(self) -> G {
        let (Self::Whole(guard) | Self::OwnerDied(guard)) = self;
        guard
    }

    fn map<H>(self, with: impl FnOnce(G) -> H) -> Held<H> {
        match self {
            Self::Whole(guard) => Held::Whole(with(guard)),
            Self::OwnerDied(guard) => Held::OwnerDied(with(guard)),
        }
    }
}
