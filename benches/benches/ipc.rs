//! Messages between processes: by a pipe, by a pair of sockets, by a ring.
//!
//! `a message` is sent and received by one thread, so that nobody waits. A `round trip`
//! goes to a thread on another processor and back, if there are two.

use std::mem::{size_of, zeroed};
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use baremap::ipc::{Peer, Receiver, Ring, Sender};
use baremap_benches::{Body, again, race};
use criterion::{Criterion, criterion_group, criterion_main};
use rustix::io::{read, write};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::pipe;

const SIZES: [(&str, usize); 2] = [("64 B", 64), ("4 KiB", 4096)];

/// A way for bytes: its end to receive by, and its end to send by.
type Way = (OwnedFd, OwnedFd);

fn by_pipe() -> Way {
    pipe().unwrap()
}

fn by_sockets() -> Way {
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::empty(), None).unwrap()
}

fn message(make: fn() -> Way, size: usize) -> Body<'static> {
    let (receive, send) = make();
    let mut buffer = vec![1; size];
    again(move || {
        write(&send, &buffer).unwrap();
        read(&receive, &mut buffer[..]).unwrap()
    })
}

fn round_trip(make: fn() -> Way, size: usize) -> Body<'static> {
    let (there, back) = (make(), make());
    // It ends when its way there is closed, with the body that holds the other end.
    thread::spawn(move || {
        run_on(1);
        let mut buffer = vec![0; size];
        while let Ok(1..) = read(&there.0, &mut buffer[..]) {
            write(&back.1, &buffer).unwrap();
        }
    });
    let (receive, send) = (back.0, there.1);
    let mut buffer = vec![1; size];
    again(move || {
        write(&send, &buffer).unwrap();
        read(&receive, &mut buffer[..]).unwrap()
    })
}

/// A ring's ends.
fn by_ring() -> (Receiver, Sender) {
    let (ring, me) = (Ring::new(1 << 16).unwrap(), Peer::new());
    (ring.receiver(me).unwrap(), ring.sender(me).unwrap())
}

fn message_by_ring(size: usize) -> Body<'static> {
    let (mut receive, mut send) = by_ring();
    let mut buffer = vec![1; size];
    again(move || {
        send.send(&buffer).unwrap();
        receive.recv(&mut buffer).unwrap()
    })
}

fn round_trip_by_ring(size: usize) -> Body<'static> {
    let ((mut there, mut send), (mut receive, mut back)) = (by_ring(), by_ring());
    thread::spawn(move || {
        run_on(1);
        let mut buffer = vec![0; size];
        while there.recv(&mut buffer).is_ok() {
            back.send(&buffer).unwrap();
        }
    });
    let mut buffer = vec![1; size];
    again(move || {
        send.send(&buffer).unwrap();
        receive.recv(&mut buffer).unwrap()
    })
}

/// Keeps this thread on a processor, if there is such a one.
fn run_on(processor: usize) {
    // SAFETY: zeros are an empty set.
    let mut set: libc::cpu_set_t = unsafe { zeroed() };
    // SAFETY: the set has room for 1,024 processors.
    unsafe { libc::CPU_SET(processor, &mut set) };
    // SAFETY: the set is of this size.
    unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) };
}

fn all(criterion: &mut Criterion) {
    run_on(0);
    for (case, size) in SIZES {
        race(
            criterion,
            ["ipc", &format!("a message of {case}")],
            ("pipe", message(by_pipe, size)),
            vec![("socketpair", message(by_sockets, size)), ("ring", message_by_ring(size))],
        );
        race(
            criterion,
            ["ipc", &format!("a round trip of {case}")],
            ("pipe", round_trip(by_pipe, size)),
            vec![("socketpair", round_trip(by_sockets, size)), ("ring", round_trip_by_ring(size))],
        );
    }
}

criterion_group! {
    name = ipc;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    targets = all
}
criterion_main!(ipc);
