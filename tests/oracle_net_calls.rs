//! The calls about sockets and waiting do the same as those of `sc`: see
//! oracle_calls.rs.

mod common;
mod hosted;
mod oracle;

use std::ptr::{null, null_mut, without_provenance_mut};
use std::time::Instant;

use baremap::flags::{FdFlags, MsgFlags, PollEvents, SocketFlags};
use baremap::sys::net::{
    self, AddressFamily, ControlBuffer, MsgHdr, PollFd, SocketType, control_messages, control_space,
    write_rights,
};
use baremap::sys::signal::SigSet;
use baremap::sys::time::Timespec;
use baremap::sys::{IoVec, RawFd, fs};
use baremap::{Errno, OwnedFd};
use common::Folder;
use hosted::{open, raw, write, wrong_under_emulation};
use oracle::{NOT_OPEN, number, owned, pipe, same, theirs};

/// Two connected sockets of the test's own.
fn pair(kind: SocketType) -> [OwnedFd; 2] {
    let (one, other) =
        net::socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, 0).unwrap();
    [one, other].map(|fd| owned(Ok(number(fd))))
}

#[test]
fn socketpair_is_the_same() {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let mut fds = [NOT_OPEN; 2];
    let kind = SocketType::STREAM.0 | flags.bits() as i32;
    assert_eq!(theirs!(SOCKETPAIR, AddressFamily::UNIX.0, kind, 0, fds.as_mut_ptr()), Ok(0));
    let theirs = fds.map(|fd| owned(Ok(number(fd))));
    for [one, other] in [pair(SocketType::STREAM), theirs] {
        let (one, other) = (one.as_raw_fd(), other.as_raw_fd());
        assert_eq!(fs::fcntl_getfd(one), Ok(FdFlags::CLOEXEC));
        let mut byte = [0];
        assert_eq!(fs::read(other, &mut byte), Err(Errno::EAGAIN));
        assert_eq!(write(one, b"x"), Ok(1));
        assert_eq!((fs::read(other, &mut byte), &byte), (Ok(1), b"x"));
    }

    let (unix, stream) = (AddressFamily::UNIX, SocketType::STREAM);
    for (family, kind, flags, protocol, errno) in [
        (AddressFamily(9999), stream, 0, 0, Errno::EAFNOSUPPORT),
        (unix, stream, 1 << 30, 0, Errno::EINVAL),
        (unix, stream, 0, 99, Errno::EPROTONOSUPPORT),
        (unix, SocketType::RDM, 0, 0, Errno::ESOCKTNOSUPPORT),
        (AddressFamily::INET, stream, 0, 0, Errno::EOPNOTSUPP),
    ] {
        if flags != 0 && wrong_under_emulation("socketpair with an unknown flag") {
            continue;
        }
        let ours = net::socketpair(family, kind, SocketFlags::from_bits_retain(flags), protocol);
        let kind = kind.0 | flags as i32;
        let theirs = theirs!(SOCKETPAIR, family.0, kind, protocol, fds.as_mut_ptr());
        same(ours.map(|_| 0), theirs, Err(errno));
    }
}

/// A message of these bytes and control messages.
fn message(range: &mut IoVec, control: *mut u8, length: usize) -> MsgHdr {
    let (msg_iov, msg_iovlen) = (&raw mut *range, 1);
    MsgHdr { msg_iov, msg_iovlen, msg_control: control, msg_controllen: length, ..MsgHdr::EMPTY }
}

fn send(fd: RawFd, msg: &MsgHdr) -> baremap::Result<usize> {
    // SAFETY: what it points to is the test's own, or refused.
    unsafe { net::sendmsg(fd, msg, MsgFlags::NOSIGNAL) }
}

fn receive(fd: RawFd, msg: &mut MsgHdr) -> baremap::Result<usize> {
    // SAFETY: what it points to is the test's own, or refused.
    unsafe { net::recvmsg(fd, msg, MsgFlags::CMSG_CLOEXEC) }
}

#[test]
fn descriptors_are_handed_over_the_same() {
    let folder = Folder::new();
    let [a, b] = [open(&folder.file("a", b"aa")), open(&folder.file("b", b"bb"))];
    let wanted = [raw(&a), raw(&b)].map(|fd| fs::fstat(fd).unwrap().st_ino);
    let sockets = pair(SocketType::SEQPACKET);
    let [sender, receiver] = sockets.each_ref().map(OwnedFd::as_raw_fd);
    // Each way to send, with each way to receive.
    for (ours_sends, ours_receives) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut text = *b"text";
        let mut range = IoVec { base: text.as_mut_ptr(), len: 4 };
        let mut control = ControlBuffer::<{ control_space(2) }>::new();
        let length = write_rights(&mut control.0, &[raw(&a), raw(&b)]).unwrap();
        let msg = message(&mut range, control.0.as_mut_ptr(), length);
        let flags = MsgFlags::NOSIGNAL.bits();
        let sent =
            if ours_sends { send(sender, &msg) } else { theirs!(SENDMSG, sender, &raw const msg, flags) };
        assert_eq!(sent, Ok(4));

        let mut bytes = [0_u8; 9];
        let mut room = IoVec { base: bytes.as_mut_ptr(), len: 9 };
        let mut control = ControlBuffer::<{ control_space(5) }>::new();
        let mut msg = message(&mut room, control.0.as_mut_ptr(), control.0.len());
        let flags = MsgFlags::CMSG_CLOEXEC.bits();
        let received = if ours_receives {
            receive(receiver, &mut msg)
        } else {
            theirs!(RECVMSG, receiver, &raw mut msg, flags)
        };
        assert_eq!((received, &bytes), (Ok(4), b"text\0\0\0\0\0"));
        assert_eq!(msg.msg_controllen, control_space(2));
        assert!(!msg.msg_flags.intersects(MsgFlags::TRUNC | MsgFlags::CTRUNC), "{:?}", msg.msg_flags);
        let got: Vec<OwnedFd> = control_messages(&control.0[..msg.msg_controllen])
            .flat_map(|message| message.descriptors())
            .map(|fd| owned(Ok(number(fd))))
            .collect();
        let inodes: Vec<u64> = got.iter().map(|fd| fs::fstat(fd.as_raw_fd()).unwrap().st_ino).collect();
        assert_eq!(inodes, wanted);
        for fd in got {
            assert_eq!(fs::fcntl_getfd(fd.as_raw_fd()), Ok(FdFlags::CLOEXEC));
        }
    }
}

#[test]
fn what_has_no_room_is_cut_and_said_to_be() {
    let [reader, _writer] = pipe();
    let sockets = pair(SocketType::SEQPACKET);
    let [sender, receiver] = sockets.each_ref().map(OwnedFd::as_raw_fd);
    let mut text = *b"text";
    let mut range = IoVec { base: text.as_mut_ptr(), len: 4 };
    let mut control = ControlBuffer::<{ control_space(3) }>::new();
    let length = write_rights(&mut control.0, &[reader.as_raw_fd(); 3]).unwrap();
    let msg = message(&mut range, control.0.as_mut_ptr(), length);
    assert_eq!(send(sender, &msg), Ok(4));
    let mut bytes = [0_u8; 2];
    let mut room = IoVec { base: bytes.as_mut_ptr(), len: 2 };
    // Room for one: 20 bytes, without what alignment adds.
    let mut control = ControlBuffer::<20>::new();
    let mut msg = message(&mut room, control.0.as_mut_ptr(), 20);
    assert_eq!(receive(receiver, &mut msg), Ok(2));
    assert!(msg.msg_flags.contains(MsgFlags::TRUNC), "{:?}", msg.msg_flags);
    if !wrong_under_emulation("cut control messages") {
        assert!(msg.msg_flags.contains(MsgFlags::CTRUNC), "{:?}", msg.msg_flags);
        let got: Vec<OwnedFd> = control_messages(&control.0[..msg.msg_controllen])
            .flat_map(|message| message.descriptors())
            .map(|fd| owned(Ok(number(fd))))
            .collect();
        assert_eq!(got.len(), 1);
    }
}

#[test]
fn control_messages_end_at_what_is_cut_short() {
    let mut control = ControlBuffer::<{ control_space(3) + control_space(1) }>::new();
    assert_eq!(write_rights(&mut control.0, &[1; 11]), None);
    assert_eq!(write_rights(&mut [], &[]), None);
    assert_eq!(write_rights(&mut control.0, &[1, 2, 3]), Some(32));
    assert_eq!(write_rights(&mut control.0[32..], &[-1]), Some(24));
    let read = |bytes: &[u8]| -> Vec<Vec<RawFd>> {
        control_messages(bytes).map(|message| message.descriptors().collect()).collect()
    };
    assert_eq!(read(&control.0), [vec![1, 2, 3], vec![-1]]);
    // The second is whole without what alignment adds.
    assert_eq!(read(&control.0[..52]), [vec![1, 2, 3], vec![-1]]);
    for length in 28..52 {
        assert_eq!(read(&control.0[..length]), [vec![1, 2, 3]], "{length}");
    }
    for length in 0..28 {
        assert!(read(&control.0[..length]).is_empty(), "{length}");
    }
    // Lengths that another process could have written.
    for length in [0, 1, 15, 57, usize::MAX - 7, usize::MAX] {
        control.0[..8].copy_from_slice(&length.to_ne_bytes());
        assert!(read(&control.0).is_empty(), "{length}");
    }
    // Of another kind.
    assert_eq!(write_rights(&mut control.0, &[1, 2, 3]), Some(32));
    control.0[12] = 2;
    assert_eq!(read(&control.0), [vec![], vec![-1]]);
}

#[test]
fn messages_are_refused_the_same() {
    let [reader, _writer] = pipe();
    let sockets = pair(SocketType::SEQPACKET);
    let [one, other] = sockets.each_ref().map(OwnedFd::as_raw_fd);
    let mut bytes = [0_u8; 4];
    let mut good = IoVec { base: bytes.as_mut_ptr(), len: 4 };
    let mut bad = IoVec { base: without_provenance_mut(8), len: 4 };
    let mut control = ControlBuffer::<{ control_space(1) }>::new();
    let length = write_rights(&mut control.0, &[NOT_OPEN]).unwrap();
    let plain = message(&mut good, null_mut(), 0);
    let nowhere = message(&mut bad, null_mut(), 0);
    let not_open = message(&mut good, control.0.as_mut_ptr(), length);
    let mut malformed = ControlBuffer([0xff; 24]);
    let malformed = message(&mut good, malformed.0.as_mut_ptr(), 24);
    let many = MsgHdr { msg_iovlen: 1025, ..plain };
    for (fd, msg, errno) in [
        (NOT_OPEN, plain, Errno::EBADF),
        (reader.as_raw_fd(), plain, Errno::ENOTSOCK),
        (one, nowhere, Errno::EFAULT),
        (one, not_open, Errno::EBADF),
        (one, malformed, Errno::EINVAL),
        (one, many, Errno::EMSGSIZE),
    ] {
        if errno == Errno::EINVAL && wrong_under_emulation("malformed control messages") {
            continue;
        }
        let theirs = theirs!(SENDMSG, fd, &raw const msg, MsgFlags::NOSIGNAL.bits());
        same(send(fd, &msg), theirs, Err(errno));
    }
    // Something must be there that could be received.
    for _ in 0..2 {
        assert_eq!(send(other, &plain), Ok(4));
    }
    for (fd, msg, errno) in [
        (NOT_OPEN, plain, Errno::EBADF),
        (reader.as_raw_fd(), plain, Errno::ENOTSOCK),
        (one, many, Errno::EMSGSIZE),
        (one, nowhere, Errno::EFAULT),
        (other, plain, Errno::EAGAIN),
    ] {
        let (mut a, mut b) = (msg, msg);
        let ours = receive(fd, &mut a);
        same(ours, theirs!(RECVMSG, fd, &raw mut b, MsgFlags::CMSG_CLOEXEC.bits()), Err(errno));
    }
    drop(sockets);
    let [one, other] = pair(SocketType::STREAM);
    drop(other);
    let fd = one.as_raw_fd();
    let theirs = theirs!(SENDMSG, fd, &raw const plain, MsgFlags::NOSIGNAL.bits());
    same(send(fd, &plain), theirs, Err(Errno::EPIPE));
    let (mut a, mut b) = (plain, plain);
    same(receive(fd, &mut a), theirs!(RECVMSG, fd, &raw mut b, 0), Ok(0));
}

#[test]
fn ppoll_is_the_same() {
    let [reader, writer] = pipe();
    let [gone_reader, gone_writer] = pipe();
    drop(gone_writer);
    let fds = [
        PollFd { fd: reader.as_raw_fd(), events: PollEvents::IN, revents: PollEvents::empty() },
        PollFd { fd: writer.as_raw_fd(), events: PollEvents::OUT, revents: PollEvents::empty() },
        PollFd { fd: gone_reader.as_raw_fd(), events: PollEvents::IN, revents: PollEvents::empty() },
        PollFd { fd: i32::MAX, events: PollEvents::IN, revents: PollEvents::empty() },
        PollFd { fd: NOT_OPEN, events: PollEvents::IN, revents: PollEvents::empty() },
    ];
    let both = |count: usize, time: Option<Timespec>, expected| {
        let (mut a, mut b, mut our_time, mut their_time) = (fds, fds, time, time);
        let ours = net::ppoll(&mut a[..count], our_time.as_mut(), None);
        let pointer = their_time.as_mut().map_or(null_mut(), |time| &raw mut *time);
        same(ours, theirs!(PPOLL, b.as_mut_ptr(), count, pointer, null::<u64>(), 8), expected);
        assert_eq!(a, b);
        a.map(|fd| fd.revents)
    };
    let none = PollEvents::empty();
    let answer = both(5, None, Ok(3));
    assert_eq!(answer, [none, PollEvents::OUT, PollEvents::HUP, PollEvents::NVAL, none]);
    write(writer.as_raw_fd(), b"x").unwrap();
    assert_eq!(both(1, None, Ok(1))[0], PollEvents::IN);
    assert_eq!(both(0, Some(Timespec { tv_sec: 0, tv_nsec: 0 }), Ok(0)), [none; 5]);
    for time in [Timespec { tv_sec: -1, tv_nsec: 0 }, Timespec { tv_sec: 0, tv_nsec: 1_000_000_000 }] {
        both(1, Some(time), Err(Errno::EINVAL));
    }
    let (mask, short) = (0_u64, 7);
    let mut one = [fds[0]];
    assert_eq!(net::ppoll(&mut one, None, Some(&SigSet(mask))), Ok(1));
    // The size that we always pass is the one the kernel takes.
    let theirs = theirs!(PPOLL, fds.as_ptr(), 0, null::<u8>(), &raw const mask, short);
    assert_eq!(theirs, Err(Errno::EINVAL));
}

#[test]
fn ppoll_waits_for_the_time_and_tells_what_remains() {
    let start = Instant::now();
    let mut time = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
    assert_eq!(net::ppoll(&mut [], Some(&mut time), None), Ok(0));
    assert!(start.elapsed().as_millis() >= 20);
    assert_eq!(time, Timespec { tv_sec: 0, tv_nsec: 0 });
    let [_reader, writer] = pipe();
    let ready = PollFd { fd: writer.as_raw_fd(), events: PollEvents::OUT, revents: PollEvents::empty() };
    let mut time = Timespec { tv_sec: 1000, tv_nsec: 0 };
    assert_eq!(net::ppoll(&mut [ready], Some(&mut time), None), Ok(1));
    assert!(time.tv_sec > 900 && time < Timespec { tv_sec: 1000, tv_nsec: 0 }, "{time:?}");
}
