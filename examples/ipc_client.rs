//! Sends messages to the server at a file, and has each back.
//!
//! `ipc_client PATH [N]`: 1,000 if no number is named. How many a second went there and
//! back is told on standard error.

#![no_std]
#![no_main]

mod meeting;

use baremap::ipc::{Peer, RingError, Segment};
use baremap::rt::{Start, eprintln, println};
use baremap::sys::time::{Clock, clock_gettime};
use meeting::{BACK, Failed, KIND, MESSAGE, PATIENCE, THERE, length, ring};

baremap::entry!(main);

const USAGE: &str = "ipc_client PATH [N]";

fn main(start: Start) -> Result<(), Failed> {
    let path = start.args().nth(1).ok_or(Failed::Usage(USAGE))?;
    let count = match start.args().nth(2) {
        Some(number) => {
            number.to_str().ok().and_then(|text| text.parse().ok()).ok_or(Failed::Usage(USAGE))?
        }
        None => 1000,
    };
    let segment = Segment::open(path, KIND, length()?).map_err(|error| Failed::Path(path, error))?;
    let began = microseconds();
    exchange(&segment, count)?;
    let time = (microseconds() - began).max(1);
    println!("sent {count} messages, and had each back")?;
    eprintln!("{} a second", u64::from(count) * 1_000_000 / time)?;
    Ok(())
}

/// Sends as many as there is room for, and reads one whenever there is none.
fn exchange(segment: &Segment, count: u32) -> Result<(), Failed> {
    let me = Peer::new();
    let mut to = ring(segment, THERE)?.sender(me)?;
    let mut from = ring(segment, BACK)?.receiver(me)?;
    let (mut sent, mut received, mut buffer) = (0, 0, [0; MESSAGE]);
    while received < count {
        while sent < count {
            match to.try_send(&message(sent)) {
                Ok(()) => sent += 1,
                Err(RingError::Full) => break,
                Err(error) => return Err(error.into()),
            }
        }
        let length = from.recv_timeout(&mut buffer, PATIENCE)?;
        if length != MESSAGE || buffer != message(received) {
            return Err(Failed::Changed(received));
        }
        received += 1;
    }
    Ok(())
}

fn message(number: u32) -> [u8; MESSAGE] {
    let mut message = [number as u8; MESSAGE];
    for (to, from) in message.iter_mut().zip(number.to_ne_bytes()) {
        *to = from;
    }
    message
}

fn microseconds() -> u64 {
    let now = clock_gettime(Clock::MONOTONIC).unwrap_or_default();
    now.tv_sec as u64 * 1_000_000 + now.tv_nsec as u64 / 1000
}
