//! Atomics that are accessed under a lock.

use core::fmt;
use core::ops::Deref;
use core::time::Duration;

use super::lock::{Lock, LockGuard};
use super::word::Atom;
use super::{Held, Peer};
use crate::errno::Result;
use crate::shared::Atoms;

/// A lock, and what is accessed by those who hold it.
///
/// That is made of atomics, which are read and written `Relaxed`: the lock orders
/// them. So a peer that breaks the rules, by a name that is not its own for one,
/// breaks what the numbers mean and nothing else. There is no `unsafe` to promise for
/// it. For bytes, there is a [`Lock`] at the start of
/// [`Shared`](crate::shared::Shared) memory.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use baremap::ipc::{Mutex, Peer};
/// use baremap::shared::Shared;
///
/// let me = Peer::new();
/// let memory = Shared::<Mutex<[AtomicU32; 2]>>::new(0)?;
/// let pair = memory.lock(me).guard();
/// pair[0].store(3, Relaxed);
/// pair[1].store(pair[0].load(Relaxed) + 1, Relaxed);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[repr(C)]
pub struct Mutex<T> {
    lock: Lock,
    data: T,
}

// SAFETY: a lock, which is one such atomic, and behind it what is made of them.
unsafe impl<T: Atoms<Atom = Atom>> Atoms for Mutex<T> {
    type Atom = Atom;
}

/// A mutex that is held, until this is dropped.
#[must_use = "it is given back when this is dropped"]
#[derive(Debug)]
pub struct MutexGuard<'mutex, T> {
    data: &'mutex T,
    _guard: LockGuard<'mutex>,
}

impl<T: Atoms<Atom = Atom>> Mutex<T> {
    /// As [`Lock::lock`].
    pub fn lock(&self, me: Peer) -> Held<MutexGuard<'_, T>> {
        self.with(self.lock.lock(me))
    }

    /// As [`Lock::lock_timeout`].
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT`: others had it all that time.
    pub fn lock_timeout(&self, me: Peer, timeout: Duration) -> Result<Held<MutexGuard<'_, T>>> {
        self.lock.lock_timeout(me, timeout).map(|held| self.with(held))
    }

    /// As [`Lock::try_lock`].
    ///
    /// # Errors
    ///
    /// - `EBUSY`: somebody has it, or is about to.
    pub fn try_lock(&self, me: Peer) -> Result<Held<MutexGuard<'_, T>>> {
        self.lock.try_lock(me).map(|held| self.with(held))
    }

    fn with<'mutex>(&'mutex self, held: Held<LockGuard<'mutex>>) -> Held<MutexGuard<'mutex, T>> {
        held.map(|guard| MutexGuard { data: &self.data, _guard: guard })
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.data
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mutex").field(&self.lock).finish()
    }
}
