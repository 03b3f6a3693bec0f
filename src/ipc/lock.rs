//! A lock in one word, which outlives whoever dies with it.
//!
//! The word is 0, or the name of who holds it with two flags, or the flags alone:
//!
//! ```text
//!   31       30      29                 0
//! +---------+-------+--------------------+
//! | WAITERS | EAGER | the holder's name  |
//! +---------+-------+--------------------+
//! ```
//!
//! `WAITERS`: somebody may sleep, so wake one. `EAGER`: one of them has been woken in
//! vain too often. The lock is then given back not as 0 but as `EAGER` alone, which
//! only those take who have waited.
//!
//! Orderings: taking it is `Acquire`, giving it back is `Release`, by a
//! compare-exchange on the same word. What lies between them, others setting flags,
//! are read-modify-writes too, and so part of the release sequence. Setting a flag is
//! `Relaxed`: it publishes nothing, and the kernel looks at the word itself before it
//! lets anybody sleep. Taking it from the dead is `Acquire` as well, for what those
//! published who held it before him. What he wrote himself may be half of it; that it
//! is in memory by then, the kernel sees to, which ends a process under locks of its
//! own before it says so.
//!
//! Nobody starves: a waiter is eager after he was woken in vain a few times, or has
//! slept for as many slices. From then on no newcomer is faster, since he has to
//! sleep once first, and those who slept are woken in the order in which they came.

use core::fmt;
use core::time::Duration;

use super::word::{Deadline, Ordering, PATIENCE, SPINS, Wake, Word, pause};
use super::{Held, Peer};
use crate::errno::{Errno, Result};
use crate::shared::Atoms;

const WAITERS: u32 = 1 << 31;
const EAGER: u32 = 1 << 30;
const HOLDER: u32 = EAGER - 1;

/// A lock of several processes.
///
/// Zeros are a lock that nobody holds. It guards whatever its users agree on: bytes
/// of [`Shared`](crate::shared::Shared) memory, atomics, a file.
///
/// ```
/// use baremap::ipc::{Held, Lock, Peer};
/// use baremap::shared::Shared;
///
/// let me = Peer::new();
/// let memory = Shared::<Lock>::new(16)?;
/// match memory.lock(me) {
///     Held::Whole(guard) => {
///         memory.write_at(0, b"nobody comes in")?;
///         drop(guard);
///     }
///     Held::OwnerDied(_guard) => memory.write_at(0, &[0; 16])?,
/// }
/// # Ok::<(), baremap::Errno>(())
/// ```
#[cfg_attr(all(test, loom), derive(Default))]
#[repr(transparent)]
pub struct Lock(pub(super) Word);

// SAFETY: it is the one atomic.
unsafe impl Atoms for Lock {
    type Atom = super::word::Atom;
}

/// A lock that is held, until this is dropped.
#[must_use = "it is given back when this is dropped"]
pub struct LockGuard<'lock> {
    lock: &'lock Lock,
    name: u32,
}

impl Lock {
    /// Takes the lock, and waits for it as long as it takes.
    ///
    /// A process that waits for what it holds itself waits for ever, unless another
    /// of its threads gives it back.
    pub fn lock(&self, me: Peer) -> Held<LockGuard<'_>> {
        if let Some(guard) = self.take_free(me) {
            return Held::Whole(guard);
        }
        loop {
            // Without a deadline it does not fail.
            if let Ok(held) = self.contended(me, Deadline::NEVER) {
                return held;
            }
        }
    }

    /// Takes the lock, and waits for it so long at most.
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT`: others had it all that time.
    pub fn lock_timeout(&self, me: Peer, timeout: Duration) -> Result<Held<LockGuard<'_>>> {
        match self.take_free(me) {
            Some(guard) => Ok(Held::Whole(guard)),
            None => self.contended(me, Deadline::after(timeout)),
        }
    }

    /// Takes the lock if nobody alive has it.
    ///
    /// # Errors
    ///
    /// - `EBUSY`: somebody has it, or is about to.
    pub fn try_lock(&self, me: Peer) -> Result<Held<LockGuard<'_>>> {
        if let Some(guard) = self.take_free(me) {
            return Ok(Held::Whole(guard));
        }
        let seen = self.0.load(Ordering::Relaxed);
        self.keep_no_longer(seen);
        self.take_from_dead(me, seen).map(Held::OwnerDied).ok_or(Errno::EBUSY)
    }

    /// The whole of it, where nobody else wants it.
    fn take_free(&self, me: Peer) -> Option<LockGuard<'_>> {
        self.take(me, 0, me.name())
    }

    fn take(&self, me: Peer, from: u32, to: u32) -> Option<LockGuard<'_>> {
        let taken = self.0.compare_exchange(from, to, Ordering::Acquire, Ordering::Relaxed);
        taken.ok().map(|_| LockGuard { lock: self, name: me.name() })
    }

    /// From exactly this holder, if he is dead: of two who find out, one gets it.
    fn take_from_dead(&self, me: Peer, seen: u32) -> Option<LockGuard<'_>> {
        let gone = seen & HOLDER != 0 && me.sees_end_of(seen & HOLDER);
        if gone { self.take(me, seen, me.name() | WAITERS | seen & EAGER) } else { None }
    }

    /// What is kept for an eager one is for all again: he may have died before he took
    /// it, and who does not sleep would find it so for ever. If he lives, he finds it
    /// free, or is eager once more.
    fn keep_no_longer(&self, seen: u32) {
        if seen != 0 && seen & HOLDER == 0 {
            let _ = self.0.compare_exchange(seen, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    #[cold]
    fn contended(&self, me: Peer, until: Deadline) -> Result<Held<LockGuard<'_>>> {
        for _ in 0..SPINS {
            pause();
            let free = self.0.load(Ordering::Relaxed) == 0;
            if let Some(guard) = free.then(|| self.take_free(me)).flatten() {
                return Ok(Held::Whole(guard));
            }
        }
        let mut waits = 0_u32;
        loop {
            let seen = self.0.load(Ordering::Relaxed);
            let eager = waits >= PATIENCE;
            if seen & HOLDER == 0 && (seen & EAGER == 0 || waits > 0) {
                // Whoever was woken does not know how many others sleep. An eager one
                // has what it was eager for; if others are, they will say so again.
                let others = if waits > 0 { WAITERS } else { seen & WAITERS };
                let others = if eager { others } else { others | seen & EAGER };
                match self.take(me, seen, me.name() | others) {
                    Some(guard) => return Ok(Held::Whole(guard)),
                    None => continue,
                }
            }
            let waiting = seen | WAITERS | if eager { EAGER } else { 0 };
            let said = waiting == seen
                || self.0.compare_exchange(seen, waiting, Ordering::Relaxed, Ordering::Relaxed).is_ok();
            if !said {
                continue;
            }
            let woken = self.0.wait(waiting, until);
            waits = waits.saturating_add(1);
            if woken == Wake::Perhaps {
                continue;
            }
            if let Some(guard) = self.take_from_dead(me, waiting) {
                return Ok(Held::OwnerDied(guard));
            }
            if woken == Wake::TimeOver {
                self.keep_no_longer(waiting);
                return Err(Errno::ETIMEDOUT);
            }
        }
    }

    fn give_back(&self, name: u32) {
        let mut seen = name;
        // Others only add flags, so this is done at the third time at the latest.
        while let Err(now) = self.0.compare_exchange(seen, seen & EAGER, Ordering::Release, Ordering::Relaxed)
        {
            // Nobody takes it from the living; if somebody does all the same, it is his.
            if now & HOLDER != name {
                return;
            }
            seen = now;
        }
        if seen & WAITERS == 0 || self.0.wake_one() || seen & EAGER == 0 {
            return;
        }
        // It is kept for one who has gone meanwhile: then it is for all again. Somebody
        // may have come and fallen asleep just before.
        let mut seen = self.0.load(Ordering::Relaxed);
        while seen & HOLDER == 0 && seen != 0 {
            match self.0.compare_exchange(seen, 0, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => {
                    self.0.wake_one();
                    return;
                }
                Err(now) => seen = now,
            }
        }
    }
}

impl Drop for LockGuard<'_> {
    fn drop(&mut self) {
        self.lock.give_back(self.name);
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.0.load(Ordering::Relaxed);
        f.debug_struct("Lock").field("holder", &(word & HOLDER)).field("flags", &(word >> 30)).finish()
    }
}

impl fmt::Debug for LockGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LockGuard").field(self.lock).finish()
    }
}
