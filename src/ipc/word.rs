//! The layer under all of [`ipc`](super): a word that processes share, waiting for it
//! to change, and waking who waits. A model takes its place in the tests under loom.

use core::ops::Deref;
use core::sync::atomic::AtomicU32;
use core::time::Duration;

use crate::errno::Errno;
use crate::flags::FutexFlags;
use crate::shared::Atoms;
use crate::sys::futex::{futex_wait, futex_wake};
use crate::sys::time::{Clock, Timespec, clock_gettime};

/// The one kind of atomic that everything here is made of.
pub type Atom = AtomicU32;

pub use core::sync::atomic::{Ordering, fence};

/// How often a word is looked at before its process goes to sleep for it: about the
/// time that going to sleep and waking up take.
pub const SPINS: u32 = 100;

/// How often a waiter is woken in vain before it asks that newcomers stand back.
pub const PATIENCE: u32 = 4;

/// What a sleep lasts at most. Whoever is killed before it wakes others, or after it
/// was woken in their stead, costs them this and no more.
const SLICE: Duration = Duration::from_millis(10);

/// An atomic that can be waited for, by other processes too.
#[derive(Debug)]
#[repr(transparent)]
pub struct Word(AtomicU32);

// SAFETY: it is the one atomic.
unsafe impl Atoms for Word {
    type Atom = Atom;
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// The word has another value, or somebody woke us, or a signal, or nothing did.
    Perhaps,
    /// A slice of the time is over: time to look who is still alive.
    Slice,
    /// The time is over.
    TimeOver,
}

impl Word {
    /// Sleeps while the word holds `value`, until it is woken, for a slice at most.
    pub fn wait(&self, value: u32, until: Deadline) -> Wake {
        let Some(slice) = until.slice() else { return Wake::TimeOver };
        // Not `PRIVATE`: others wait in other processes.
        match futex_wait(&self.0, FutexFlags::empty(), value, Some(&slice)) {
            Err(Errno::ETIMEDOUT) => Wake::Slice,
            _ => Wake::Perhaps,
        }
    }

    /// Wakes one of those who wait, if there is one; says so.
    pub fn wake_one(&self) -> bool {
        futex_wake(&self.0, FutexFlags::empty(), 1).is_ok_and(|woken| woken > 0)
    }

    /// Wakes all who wait.
    pub fn wake_all(&self) {
        // It fails for no word that only these functions wait for.
        let _ = futex_wake(&self.0, FutexFlags::empty(), i32::MAX);
    }
}

impl Deref for Word {
    type Target = AtomicU32;

    fn deref(&self) -> &AtomicU32 {
        &self.0
    }
}

/// Until when is waited.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<Timespec>);

impl Deadline {
    /// Without end.
    pub const NEVER: Self = Self(None);

    /// So long from now.
    pub fn after(time: Duration) -> Self {
        let Timespec { tv_sec, tv_nsec } = now();
        let nanoseconds = tv_nsec.saturating_add(time.subsec_nanos().into());
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let tv_sec = tv_sec.saturating_add(seconds).saturating_add(nanoseconds / SECOND);
        Self(Some(Timespec { tv_sec, tv_nsec: nanoseconds % SECOND }))
    }

    /// What is left, a slice at most; `None` if nothing is.
    fn slice(self) -> Option<Timespec> {
        let slice = Timespec { tv_sec: 0, tv_nsec: SLICE.subsec_nanos().into() };
        let Some(end) = self.0 else { return Some(slice) };
        let now = now();
        let seconds = end.tv_sec.saturating_sub(now.tv_sec);
        let left = seconds.saturating_mul(SECOND).saturating_add(end.tv_nsec.saturating_sub(now.tv_nsec));
        (left > 0).then(|| Timespec { tv_sec: 0, tv_nsec: left.min(slice.tv_nsec) })
    }
}

/// How many nanoseconds are a second.
const SECOND: i64 = 1_000_000_000;

fn now() -> Timespec {
    // This clock is always there.
    clock_gettime(Clock::MONOTONIC).unwrap_or_default()
}

/// Tells the processor that this is a loop which waits.
pub fn pause() {
    core::hint::spin_loop();
}
