//! What loom tries in place of [`word`](super::word): its atomics, and a futex made of
//! its mutex and condition variable.
//!
//! No sleep is cut into slices and none comes to an end by itself, so that a wake-up
//! that gets lost is a deadlock, which loom reports.

use core::ops::Deref;
use core::time::Duration;

use loom::sync::{Condvar, Mutex};

/// Nothing is mapped in a model; it only has a name there.
pub type Atom = core::sync::atomic::AtomicU32;

pub use loom::sync::atomic::{AtomicU32, Ordering, fence};

pub const SPINS: u32 = 0;

pub const PATIENCE: u32 = 1;

#[derive(Debug, Default)]
pub struct Word {
    value: AtomicU32,
    /// How many sleep.
    sleepers: Mutex<u32>,
    woken: Condvar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "time does not pass in a model")]
pub enum Wake {
    Perhaps,
    Slice,
    TimeOver,
}

impl Word {
    pub fn wait(&self, value: u32, _: Deadline) -> Wake {
        // As the kernel does, whose lock makes of looking and going to sleep one step.
        let mut sleepers = self.sleepers.lock().unwrap();
        if is_gone(value) {
            return Wake::Slice;
        }
        if self.value.load(Ordering::SeqCst) == value {
            *sleepers += 1;
            drop(self.woken.wait(sleepers).unwrap());
        }
        if is_gone(value) { Wake::Slice } else { Wake::Perhaps }
    }

    /// The process of this name is dead, and all who sleep look whether it is.
    pub fn end(&self, me: Peer) {
        let sleepers = self.sleepers.lock().unwrap();
        GONE.store(me.0, Ordering::SeqCst);
        drop(sleepers);
        self.wake_all();
    }

    pub fn wake_one(&self) -> bool {
        let mut sleepers = self.sleepers.lock().unwrap();
        let any = *sleepers > 0;
        if any {
            *sleepers -= 1;
            self.woken.notify_one();
        }
        any
    }

    pub fn wake_all(&self) {
        *self.sleepers.lock().unwrap() = 0;
        self.woken.notify_all();
    }
}

impl Deref for Word {
    type Target = AtomicU32;

    fn deref(&self) -> &AtomicU32 {
        &self.value
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Deadline;

impl Deadline {
    pub const NEVER: Self = Self;

    pub fn after(_: Duration) -> Self {
        Self
    }
}

pub fn pause() {
    loom::hint::spin_loop();
}

loom::lazy_static! {
    /// The name of the one who has died.
    static ref GONE: AtomicU32 = AtomicU32::new(0);
}

/// Whether a word begins with the name of the dead.
fn is_gone(value: u32) -> bool {
    let gone = GONE.load(Ordering::SeqCst);
    gone != 0 && value & 0xffff == gone
}

/// A process by its name.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub u32);

impl Peer {
    pub(super) const fn name(self) -> u32 {
        self.0
    }

    pub(super) fn sees_end_of(self, name: u32) -> bool {
        is_gone(name)
    }
}
