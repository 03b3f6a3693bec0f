//! Something that happens, and is waited for.

use core::time::Duration;

use super::word::{Atom, Deadline, Ordering, Wake, Word};
use crate::errno::{Errno, Result};
use crate::shared::Atoms;

/// An event: it has happened or it has not, which all who wait for it learn.
///
/// Zeros are one that has not. What was written before it was [set](Self::set) is
/// seen by those who have waited for it: `Release` and `Acquire`. Nobody takes it
/// away from others by waiting, nor by dying meanwhile.
///
/// ```
/// use std::time::Duration;
/// use baremap::ipc::Event;
/// use baremap::shared::Shared;
///
/// let ready = Shared::<Event>::new(0)?;
/// assert!(ready.wait_timeout(Duration::from_millis(1)).is_err());
/// ready.set();
/// ready.wait();
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
#[cfg_attr(all(test, loom), derive(Default))]
#[repr(transparent)]
pub struct Event(Word);

// SAFETY: it is the one atomic.
unsafe impl Atoms for Event {
    type Atom = Atom;
}

impl Event {
    /// It has happened: whoever waits goes on.
    pub fn set(&self) {
        // Whoever sets it again has woken nobody yet, but the first is about to. Not
        // so if he died just then: the others' slice of sleep ends.
        if self.0.swap(1, Ordering::Release) == 0 {
            self.0.wake_all();
        }
    }

    /// It has not happened any more. Who has not looked since it had may miss it.
    pub fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Whether it has happened.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }

    /// Waits until it has happened.
    pub fn wait(&self) {
        while self.wait_until(Deadline::NEVER).is_err() {}
    }

    /// Waits until it has happened, so long at most.
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT`: it has not happened.
    pub fn wait_timeout(&self, timeout: Duration) -> Result<()> {
        if self.is_set() { Ok(()) } else { self.wait_until(Deadline::after(timeout)) }
    }

    fn wait_until(&self, until: Deadline) -> Result<()> {
        while !self.is_set() {
            if self.0.wait(0, until) == Wake::TimeOver {
                return Err(Errno::ETIMEDOUT);
            }
        }
        Ok(())
    }
}
