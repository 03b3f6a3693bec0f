//! Permits that are given and taken.
//!
//! The word is how many there are, with a flag that somebody may sleep for one.

use core::time::Duration;

use super::word::{Atom, Deadline, Ordering, Wake, Word};
use crate::errno::{Errno, Result};
use crate::shared::Atoms;

const WAITERS: u32 = 1 << 31;

/// A number of permits, for which processes wait.
///
/// Zeros are none. What was written before one was [given](Self::give) is seen by who
/// has taken it: `Release` and `Acquire`, and every change between the two is a
/// read-modify-write.
///
/// A permit is nobody's: what a process took and did not give back before it died is
/// gone. Where that matters, there is [`Lock`](super::Lock).
///
/// ```
/// use baremap::ipc::Semaphore;
/// use baremap::shared::Shared;
///
/// let places = Shared::<Semaphore>::new(0)?;
/// places.give(2)?;
/// places.take();
/// places.try_take()?;
/// assert!(places.try_take().is_err());
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
#[cfg_attr(all(test, loom), derive(Default))]
#[repr(transparent)]
pub struct Semaphore(Word);

// SAFETY: it is the one atomic.
unsafe impl Atoms for Semaphore {
    type Atom = Atom;
}

impl Semaphore {
    /// Gives so many permits, and wakes who waits.
    ///
    /// # Errors
    ///
    /// - `EOVERFLOW`: there would be more than 2^31 - 1.
    pub fn give(&self, permits: u32) -> Result<()> {
        let mut seen = self.0.load(Ordering::Relaxed);
        loop {
            let sum = (seen & !WAITERS).checked_add(permits).filter(|sum| sum & WAITERS == 0);
            let sum = sum.ok_or(Errno::EOVERFLOW)?;
            match self.0.compare_exchange(seen, sum, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => break,
                Err(now) => seen = now,
            }
        }
        // All of them: one alone may be about to die, and the flag has gone. Who finds
        // nothing says so again.
        if seen & WAITERS != 0 {
            self.0.wake_all();
        }
        Ok(())
    }

    /// Takes a permit, and waits for it as long as it takes.
    pub fn take(&self) {
        while self.take_until(Deadline::NEVER).is_err() {}
    }

    /// Takes a permit, and waits for it so long at most.
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT`: there was none.
    pub fn take_timeout(&self, timeout: Duration) -> Result<()> {
        self.try_take().or_else(|_| self.take_until(Deadline::after(timeout)))
    }

    /// Takes a permit if there is one.
    ///
    /// # Errors
    ///
    /// - `EBUSY`: there is none.
    pub fn try_take(&self) -> Result<()> {
        let mut seen = self.0.load(Ordering::Relaxed);
        while seen & !WAITERS != 0 {
            // The flag stays, for there may be others.
            match self.0.compare_exchange(seen, seen - 1, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(now) => seen = now,
            }
        }
        Err(Errno::EBUSY)
    }

    fn take_until(&self, until: Deadline) -> Result<()> {
        while self.try_take().is_err() {
            // There is none, or one has just come, or somebody said it already.
            let said = self.0.compare_exchange(0, WAITERS, Ordering::Relaxed, Ordering::Relaxed);
            let sleeps = matches!(said, Ok(_) | Err(WAITERS));
            if sleeps && self.0.wait(WAITERS, until) == Wake::TimeOver {
                return Err(Errno::ETIMEDOUT);
            }
        }
        Ok(())
    }
}
