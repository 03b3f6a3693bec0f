//! A parent and its child send each other messages, through two rings that the child
//! inherits. Then the child is killed, and the parent, who waits for it, is told.

#![no_std]
#![no_main]

use baremap::ipc::{Peer, Ring, RingError};
use baremap::process::{Fork, exit, fork};
use baremap::rt::println;
use baremap::sys::process::Signal;

baremap::entry!(main);

const COUNT: u32 = 10_000;

/// Sends back one more than each number it is sent.
fn answer(there: &Ring, back: &Ring) -> Result<(), RingError> {
    let me = Peer::new();
    let (mut from, mut to) = (there.receiver(me)?, back.sender(me)?);
    let mut number = [0; 4];
    loop {
        from.recv(&mut number)?;
        to.send(&(u32::from_ne_bytes(number) + 1).to_ne_bytes())?;
    }
}

fn main() -> Result<(), RingError> {
    let (there, back) = (Ring::new(4096)?, Ring::new(4096)?);
    // SAFETY: no value of ours is an exclusive one to shared memory, and there are no
    // other threads.
    let child = match unsafe { fork() }? {
        Fork::Parent(child) => child,
        Fork::Child => exit(i32::from(answer(&there, &back).is_err())),
    };
    let me = Peer::new();
    let (mut to, mut from) = (there.sender(me)?, back.receiver(me)?);
    let mut number = 0_u32.to_ne_bytes();
    for _ in 0..COUNT {
        to.send(&number)?;
        from.recv(&mut number)?;
    }
    println!("counted to {} in turns", u32::from_ne_bytes(number))?;
    child.kill(Signal::KILL)?;
    if let Err(error) = from.recv(&mut number) {
        println!("{error}")?;
    }
    println!("it ended by {}", child.wait()?)?;
    Ok(())
}
