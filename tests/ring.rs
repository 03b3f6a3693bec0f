//! Messages through a ring: whole, in order, and no waiting for who has gone.

mod hosted;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use baremap::ipc::{Peer, Receiver, Ring, RingError, Sender};
use baremap::memfd::{Fixed, Memfd};
use baremap::process::{Child, exit};
use baremap::sys::page_size;
use baremap::sys::process::Signal;
use hosted::{child, wrong_under_emulation};
use proptest::prelude::*;

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(300);

const SHORT: Duration = Duration::from_millis(30);

fn ring() -> Ring {
    Ring::new(1).expect("memory")
}

fn both(ring: &Ring) -> (Sender, Receiver) {
    let me = Peer::new();
    (ring.sender(me).unwrap(), ring.receiver(me).unwrap())
}

#[track_caller]
fn ends_well(mut child: Child) {
    let status = child.wait_timeout(LONG).unwrap().expect("it does not hang");
    assert!(status.success(), "{status}");
}

/// A message by its number: of any length up to 300, and every byte says which it is.
fn message(number: u32) -> Vec<u8> {
    let length = 4 + number.wrapping_mul(2_654_435_761) as usize % 297;
    let mut bytes = vec![number as u8; length];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    bytes
}

#[test]
fn messages_come_whole_and_in_order_between_processes() {
    let count =
        if wrong_under_emulation("a hundred thousand messages, which take long") { 2000 } else { 100_000 };
    let (there, back) = (ring(), ring());
    let echo = child(|| {
        let me = Peer::new();
        let (mut from, mut to) = (there.receiver(me).unwrap(), back.sender(me).unwrap());
        let mut buffer = [0; 300];
        loop {
            match from.recv(&mut buffer) {
                Ok(length) => to.send(&buffer[..length]).unwrap(),
                Err(error) => return i32::from(error != RingError::Closed),
            }
        }
    });
    let me = Peer::new();
    let (mut to, mut from) = (there.sender(me).unwrap(), back.receiver(me).unwrap());
    let mut buffer = [0; 300];
    let (mut sent, mut received) = (0, 0);
    while received < count {
        while sent < count && to.try_send(&message(sent)).is_ok() {
            sent += 1;
        }
        let length = from.recv_timeout(&mut buffer, LONG).unwrap();
        assert_eq!(buffer[..length], message(received));
        received += 1;
    }
    drop(to);
    assert_eq!(from.recv(&mut buffer), Err(RingError::Closed));
    ends_well(echo);
}

#[test]
fn an_end_is_taken_once() {
    let ring = ring();
    let (sender, _receiver) = both(&ring);
    assert_eq!(ring.receiver(Peer::new()).err(), Some(RingError::Taken));
    drop(sender);
    assert_eq!(ring.sender(Peer::new()).err(), Some(RingError::Taken));
}

#[test]
fn a_message_may_be_empty_or_fill_the_ring_and_no_longer() {
    let (mut sender, mut receiver) = both(&ring());
    let page = page_size();
    let mut buffer = vec![0; page];
    for _ in 0..3 {
        sender.send(b"").unwrap();
        assert_eq!(receiver.recv(&mut buffer), Ok(0));
        let whole = vec![7; page - 4];
        sender.send(&whole).unwrap();
        assert_eq!(sender.try_send(b""), Err(RingError::Full));
        assert_eq!(receiver.try_recv(&mut buffer[..page - 5]), Err(RingError::TooLong(page - 4)));
        assert_eq!(receiver.try_recv(&mut buffer), Ok(page - 4));
        assert_eq!(buffer[..page - 4], whole);
    }
    assert_eq!(sender.try_send(&vec![0; page - 3]), Err(RingError::TooLong(page - 3)));
    assert_eq!(receiver.try_recv(&mut buffer), Err(RingError::Empty));
}

#[test]
fn waiting_in_vain_takes_as_long_as_was_asked_for() {
    let (mut sender, mut receiver) = both(&ring());
    let began = Instant::now();
    assert_eq!(receiver.recv_timeout(&mut [0; 8], SHORT), Err(RingError::TimedOut));
    sender.send(&vec![0; page_size() - 4]).unwrap();
    assert_eq!(sender.send_timeout(b"more", SHORT), Err(RingError::TimedOut));
    assert!(began.elapsed() >= 2 * SHORT);
}

#[test]
fn who_sleeps_is_woken_by_a_message_by_room_and_by_the_end() {
    let (there, back) = (ring(), ring());
    let other = child(|| {
        let me = Peer::new();
        let (mut from, mut to) = (there.receiver(me).unwrap(), back.sender(me).unwrap());
        let mut buffer = vec![0; page_size()];
        let first = from.recv(&mut buffer);
        std::thread::sleep(SHORT);
        to.send(&buffer[..4]).unwrap();
        std::thread::sleep(SHORT);
        let rest = [from.recv(&mut buffer), from.recv(&mut buffer)];
        let end = from.recv(&mut buffer);
        i32::from(first != Ok(4) || rest != [Ok(page_size() - 4), Ok(1)] || end != Err(RingError::Closed))
    });
    let me = Peer::new();
    let (mut to, mut from) = (there.sender(me).unwrap(), back.receiver(me).unwrap());
    std::thread::sleep(SHORT);
    to.send(b"ping").unwrap();
    assert_eq!(from.recv(&mut [0; 4]), Ok(4));
    to.send(&vec![1; page_size() - 4]).unwrap();
    to.send(b"!").unwrap();
    std::thread::sleep(SHORT);
    drop(to);
    ends_well(other);
}

#[test]
fn who_closes_and_who_dies_are_told_apart() {
    for (dies, expected) in [(false, RingError::Closed), (true, RingError::PeerDied)] {
        let (there, back) = (ring(), ring());
        let other = child(|| {
            let me = Peer::new();
            let (mut to, from) = (there.sender(me).unwrap(), back.receiver(me).unwrap());
            to.send(b"the last").unwrap();
            if dies {
                std::mem::forget((to, from));
                exit(0);
            }
            0
        });
        let me = Peer::new();
        let (mut from, mut to) = (there.receiver(me).unwrap(), back.sender(me).unwrap());
        let mut buffer = [0; 20];
        assert_eq!(from.recv(&mut buffer), Ok(8));
        assert_eq!(from.recv(&mut buffer), Err(expected));
        let refused = loop {
            if let Err(error) = to.send(&[0; 500]) {
                break error;
            }
        };
        assert_eq!(refused, expected);
        ends_well(other);
    }
}

#[test]
fn whoever_is_killed_hangs_nobody_and_tears_no_message() {
    let few = wrong_under_emulation("hundreds of kills, which would take it long");
    let kills = std::env::var("BAREMAP_KILLS").ok().and_then(|text| text.parse().ok());
    let kills = kills.unwrap_or(if few { 6_u64 } else { 300 });
    let mut total = 0;
    for number in 0..kills {
        let ring = ring();
        let mut buffer = [0; 300];
        let me = Peer::new();
        let time = Duration::from_micros(number * 7919 % 1500);
        let other = if number % 2 == 0 {
            let mut from = ring.receiver(me).unwrap();
            let other = child(|| {
                let mut to = ring.sender(Peer::new()).unwrap();
                for number in 0.. {
                    to.send(&message(number)).unwrap();
                }
                1
            });
            let (mut next, mut began) = (0, None);
            let end = loop {
                match from.recv_timeout(&mut buffer, LONG) {
                    Ok(length) => assert_eq!(buffer[..length], message(next), "torn"),
                    Err(error) => break error,
                }
                next += 1;
                let began = *began.get_or_insert_with(Instant::now);
                if began.elapsed() >= time && next > 0 {
                    let _ = other.kill(Signal::KILL);
                }
            };
            assert_eq!(end, RingError::PeerDied);
            total += next;
            other
        } else {
            let mut to = ring.sender(me).unwrap();
            let other = child(|| {
                let mut from = ring.receiver(Peer::new()).unwrap();
                let mut buffer = [0; 300];
                for next in 0.. {
                    let length = from.recv(&mut buffer).unwrap();
                    if buffer[..length] != message(next) {
                        exit(2);
                    }
                }
                1
            });
            // More than fits, so that the other has taken its end.
            (0..100).for_each(|number| to.send_timeout(&message(number), LONG).unwrap());
            let (mut next, began) = (100, Instant::now());
            let end = loop {
                if let Err(error) = to.send_timeout(&message(next), LONG) {
                    break error;
                }
                next += 1;
                if began.elapsed() >= time {
                    let _ = other.kill(Signal::KILL);
                }
            };
            assert_eq!(end, RingError::PeerDied);
            total += next;
            other
        };
        assert_eq!(other.wait().unwrap().signal(), Some(Signal::KILL));
    }
    println!("{kills} kills, {total} messages");
}

/// A file like a ring's, of these words at its start.
fn file(words: &[(u64, u32)], length: usize) -> Fixed {
    let file = Memfd::new(c"garbage").unwrap();
    file.set_len(length as u64).unwrap();
    for (place, word) in words {
        file.write_all_at(&word.to_ne_bytes(), *place).unwrap();
    }
    file.fix_length().unwrap()
}

/// Where an end has its position, from its start on; a receiver's is the second.
const POSITION: u64 = 0;
const SECOND: u64 = 256;

#[test]
fn what_no_ring_writes_is_refused() {
    let page = page_size();
    let me = Peer::new();
    for length in [0, 1, page, page + 1, 2 * page - 1, 4 * page] {
        assert!(Ring::of(file(&[], length)).is_err(), "{length}");
    }
    let used = Ring::of(file(&[(POSITION, 8), (SECOND, 4)], 2 * page)).unwrap();
    assert_eq!(used.sender(me).err(), Some(RingError::Corrupt));
    assert_eq!(used.receiver(me).err(), Some(RingError::Corrupt));
    // A message that is longer than what is said to be there; and what is said to be
    // there is more than fits, or no whole words.
    for (sent, length) in
        [(8, 5), (8, u32::MAX), (8, u32::MAX - 3), (4, 1), (page as u32 + 4, 0), (6, 0), (u32::MAX, 0)]
    {
        let file = file(&[(POSITION, sent), (page as u64, length)], 2 * page);
        let mut receiver = Ring::of(file).unwrap().receiver(me).unwrap();
        let mut buffer = vec![0; 2 * page];
        for _ in 0..2 {
            assert_eq!(receiver.try_recv(&mut buffer), Err(RingError::Corrupt), "{sent} {length}");
            assert_eq!(receiver.recv(&mut buffer), Err(RingError::Corrupt), "{sent} {length}");
        }
    }
    for received in [4, page as u32 + 4, u32::MAX, 2] {
        let file = file(&[(SECOND + POSITION, received)], 2 * page);
        let mut sender = Ring::of(file).unwrap().sender(me).unwrap();
        sender.send(&vec![0; page - 8]).unwrap();
        let refused = sender.send_timeout(&[0; 9], SHORT);
        let behind = received == 4;
        assert_eq!(refused, if behind { Err(RingError::TimedOut) } else { Err(RingError::Corrupt) });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn it_does_what_a_queue_does(steps in proptest::collection::vec(prop_oneof![
        (0_usize..900).prop_map(Some),
        Just(None),
    ], 1..400)) {
        let (mut sender, mut receiver) = both(&ring());
        let mut queue = VecDeque::<Vec<u8>>::new();
        let mut buffer = vec![0; 900];
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Some(length) => {
                    let message = vec![number as u8; length];
                    let used: usize = queue.iter().map(|message| 4 + message.len().next_multiple_of(4)).sum();
                    let fits = used + 4 + length.next_multiple_of(4) <= page_size();
                    prop_assert_eq!(sender.try_send(&message), if fits { Ok(()) } else { Err(RingError::Full) });
                    if fits {
                        queue.push_back(message);
                    }
                }
                None => {
                    let expected = queue.pop_front();
                    let got = receiver.try_recv(&mut buffer).map(|length| buffer[..length].to_vec());
                    prop_assert_eq!(got, expected.ok_or(RingError::Empty));
                }
            }
        }
    }
}
