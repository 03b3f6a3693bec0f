//! Waits for a client at a file, sends back what it sends, and ends with it.
//!
//! `ipc_server PATH`: the file is made, and taken away in the end. One that was left by
//! a server that was killed is replaced.

#![no_std]
#![no_main]

mod meeting;

use core::ffi::CStr;

use baremap::Errno;
use baremap::ipc::{Peer, RingError, Segment, SegmentError};
use baremap::rt::{Start, println};
use meeting::{BACK, Failed, KIND, MESSAGE, THERE, length, ring};

baremap::entry!(main);

fn main(start: Start) -> Result<(), Failed> {
    let path = start.args().nth(1).ok_or(Failed::Usage("ipc_server PATH"))?;
    let me = Peer::new();
    let segment = make(path, me)?;
    let served = serve(&segment, me);
    Segment::remove(path).map_err(|errno| Failed::Path(path, errno.into()))?;
    println!("sent {} messages back", served?)?;
    Ok(())
}

fn make(path: &'static CStr, me: Peer) -> Result<Segment, Failed> {
    let create = || Segment::create(path, KIND, length()?, me);
    let named = |error| Failed::Path(path, error);
    match create() {
        Err(SegmentError::Os(Errno::EEXIST)) => {}
        result => return result.map_err(named),
    }
    // What is no segment of ours stays where it is.
    if !Segment::open(path, KIND, length()?).map_err(named)?.is_abandoned(me) {
        return Err(Failed::InUse(path));
    }
    Segment::remove(path).map_err(|errno| named(errno.into()))?;
    create().map_err(named)
}

fn serve(segment: &Segment, me: Peer) -> Result<u32, Failed> {
    let mut from = ring(segment, THERE)?.receiver(me)?;
    let mut to = ring(segment, BACK)?.sender(me)?;
    println!("ready")?;
    let (mut message, mut count) = ([0; MESSAGE], 0);
    loop {
        match from.recv(&mut message) {
            Ok(length) => to.send(message.get(..length).unwrap_or_default())?,
            Err(RingError::Closed) => return Ok(count),
            Err(error) => return Err(error.into()),
        }
        count += 1;
    }
}
