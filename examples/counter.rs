//! Several processes count in memory that they share, one at a time: by a lock that
//! lies in that memory itself. One of them is killed while it holds the lock, and the
//! next to take it is told.

#![no_std]
#![no_main]

use core::mem::forget;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use baremap::Errno;
use baremap::ipc::{Event, Held, Mutex, Peer};
use baremap::process::{Child, Fork, exit, fork};
use baremap::rt::println;
use baremap::shared::{Atoms, Shared};
use baremap::sys::process::Signal;

baremap::entry!(main);

const CHILDREN: usize = 4;
const ROUNDS: u32 = 10_000;

#[repr(C)]
struct Memory {
    counter: Mutex<AtomicU32>,
    holds: Event,
    never: Event,
}

// SAFETY: all of it is made of this atomic, without padding.
unsafe impl Atoms for Memory {
    type Atom = AtomicU32;
}

/// Makes a child that ends when it has done its work.
fn child(work: impl FnOnce()) -> Result<Child, Errno> {
    // SAFETY: no value of ours is an exclusive one to shared memory, and there are no
    // other threads.
    match unsafe { fork() }? {
        Fork::Parent(child) => Ok(child),
        Fork::Child => {
            work();
            exit(0)
        }
    }
}

fn count(memory: &Memory) {
    let me = Peer::new();
    for _ in 0..ROUNDS {
        // Two steps, between which nobody else comes.
        let counter = memory.counter.lock(me).guard();
        let number = counter.load(Relaxed);
        counter.store(number + 1, Relaxed);
    }
}

fn main() -> Result<(), Errno> {
    // Zeros: nobody holds it, and it counts from there.
    let memory = Shared::<Memory>::new(0)?;
    let mut children = [const { None }; CHILDREN];
    for place in &mut children {
        *place = Some(child(|| count(&memory))?);
    }
    for child in children.into_iter().flatten() {
        child.wait()?;
    }
    let me = Peer::new();
    let sum = memory.counter.lock(me).guard().load(Relaxed);
    println!("{CHILDREN} children counted to {sum}")?;

    let holder = child(|| {
        forget(memory.counter.lock(Peer::new()));
        memory.holds.set();
        memory.never.wait();
    })?;
    memory.holds.wait();
    println!("one holds the lock: {}", memory.counter.try_lock(me).is_err())?;
    holder.kill(Signal::KILL)?;
    match memory.counter.lock(me) {
        Held::OwnerDied(_guard) => println!("it was killed with the lock, which is ours now")?,
        Held::Whole(_guard) => println!("it gave the lock back")?,
    }
    println!("it ended by {}", holder.wait()?)?;
    println!("the next finds it whole: {}", matches!(memory.counter.lock(me), Held::Whole(_)))
}
