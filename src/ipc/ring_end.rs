//! The two ends of a ring as they stand in its memory, and how one waits for the other.
//!
//! Orderings: a position is published by `Release` and looked at by `Acquire`, so that
//! the bytes of a message are there before its end is, and are read before their place
//! is given back. Going to sleep is a store of `sleeps` and a load of what the other
//! publishes; waking is the same the other way round. A `SeqCst` fence between the two,
//! on both sides, lets one of them see the other's store.

use super::word::{Atom, Deadline, Ordering, Wake, Word, fence};
use super::{Peer, RingError};
use crate::shared::Atoms;

const CLOSED: u32 = 1 << 31;

/// What only one side writes, but for `sleeps`. Zeros are an end that is nobody's yet.
#[repr(C)]
#[cfg_attr(all(test, loom), derive(Default))]
pub struct End {
    /// How many bytes of messages this side is through with, modulo 2^32.
    position: Word,
    /// It changes all the time; what the other side looks at besides does not.
    _line: [Atom; 31],
    /// The name of the process that has the end, and whether it has closed it.
    owner: Word,
    /// 1 while this side sleeps; who wakes it writes 0.
    sleeps: Word,
    _rest: [Atom; 30],
}

/// Both of them.
#[repr(C)]
#[cfg_attr(all(test, loom), derive(Default))]
pub struct Ends {
    pub sender: End,
    pub receiver: End,
}

// SAFETY: all of it is one kind of atomic, without padding.
unsafe impl Atoms for End {
    type Atom = Atom;
}
// SAFETY: as above.
unsafe impl Atoms for Ends {
    type Atom = Atom;
}

impl End {
    /// Makes it this process's, if it never was anybody's.
    pub fn claim(&self, me: Peer) -> Result<(), RingError> {
        let claimed = self.owner.compare_exchange(0, me.name(), Ordering::Relaxed, Ordering::Relaxed);
        claimed.map_err(|_| RingError::Taken)?;
        if self.position() == 0 { Ok(()) } else { Err(RingError::Corrupt) }
    }

    pub fn position(&self) -> u32 {
        self.position.load(Ordering::Acquire)
    }

    pub fn is_closed(&self) -> bool {
        self.owner.load(Ordering::Relaxed) & CLOSED != 0
    }

    /// Says how far this side has got.
    #[inline]
    pub fn publish(&self, position: u32, other: &Self) {
        self.position.store(position, Ordering::Release);
        other.wake();
    }

    /// Says that nothing more comes of this side.
    pub fn close(&self, other: &Self) {
        self.owner.fetch_or(CLOSED, Ordering::Release);
        other.wake();
    }

    #[inline]
    fn wake(&self) {
        fence(Ordering::SeqCst);
        if self.sleeps.load(Ordering::Relaxed) != 0 {
            // Before the call: who is about to sleep sees it, who sleeps is woken.
            self.sleeps.store(0, Ordering::Relaxed);
            self.sleeps.wake_one();
        }
    }

    /// How far this side is, if not where it was seen.
    pub fn moved(&self, seen: u32) -> Result<Option<u32>, RingError> {
        // Before the position: what was published before it was closed is seen then.
        let closed = self.owner.load(Ordering::Acquire) & CLOSED != 0;
        let position = self.position();
        match position != seen {
            true => Ok(Some(position)),
            false if closed => Err(RingError::Closed),
            false => Ok(None),
        }
    }

    /// Sleeps until the other side is not where it was seen.
    #[cold]
    pub fn wait(&self, other: &Self, seen: u32, me: Peer, until: Deadline) -> Result<u32, RingError> {
        let waited = self.sleep(other, seen, me, until);
        self.sleeps.store(0, Ordering::Relaxed);
        waited
    }

    fn sleep(&self, other: &Self, seen: u32, me: Peer, until: Deadline) -> Result<u32, RingError> {
        loop {
            self.sleeps.store(1, Ordering::Relaxed);
            fence(Ordering::SeqCst);
            if let Some(position) = other.moved(seen)? {
                return Ok(position);
            }
            let woken = self.sleeps.wait(1, until);
            if woken == Wake::Perhaps {
                continue;
            }
            let name = other.owner.load(Ordering::Relaxed) & !CLOSED;
            if name != 0 && me.sees_end_of(name) {
                // What it still published before that is there by now.
                return other.moved(seen)?.ok_or(RingError::PeerDied);
            }
            if woken == Wake::TimeOver {
                return Err(RingError::TimedOut);
            }
        }
    }
}
