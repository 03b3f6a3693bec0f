//! What the first who comes does for all.

use super::lock::Lock;
use super::word::{Atom, Ordering, Word};
use super::{Held, Peer};
use crate::shared::Atoms;

/// Something that is done once, by whichever process comes first.
///
/// Zeros are what has not been done. If that process dies over it, the next one does
/// it, and is told.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use baremap::ipc::{Once, Peer};
/// use baremap::shared::Shared;
///
/// let me = Peer::new();
/// let memory = Shared::<Once>::new(5)?;
/// for _ in 0..2 {
///     memory.call(me, |_| memory.write_at(0, b"table").is_ok());
/// }
/// assert!(memory.is_done());
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
#[cfg_attr(all(test, loom), derive(Default))]
#[repr(C)]
pub struct Once {
    done: Word,
    lock: Lock,
}

// SAFETY: two such atomics, one behind the other.
unsafe impl Atoms for Once {
    type Atom = Atom;
}

/// What whoever does it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nobody died over it. One who did not succeed may have left something.
    Anew,
    /// Another died over it.
    OwnerDied,
}

impl Once {
    /// Does it if it is not done yet; waits meanwhile if another is doing it.
    ///
    /// `act` says whether it has succeeded. If not, or if it panics, the next who
    /// comes tries. It must not call this again.
    ///
    /// Returns whether it is done.
    pub fn call(&self, me: Peer, act: impl FnOnce(Begun) -> bool) -> bool {
        if self.is_done() {
            return true;
        }
        let (_guard, begun) = match self.lock.lock(me) {
            Held::Whole(guard) => (guard, Begun::Anew),
            Held::OwnerDied(guard) => (guard, Begun::OwnerDied),
        };
        if !self.is_done() && act(begun) {
            // What was done is seen by those who do not look at the lock, too.
            self.done.store(1, Ordering::Release);
        }
        self.is_done()
    }

    /// Whether it is done. Then what was done is seen.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire) == 1
    }
}
