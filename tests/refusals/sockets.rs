//! Refusals of the calls about sockets, and of waiting for descriptors.

use std::ptr::{null_mut, without_provenance_mut};

use baremap::flags::{MsgFlags, PollEvents, SocketFlags};
use baremap::sys::IoVec;
use baremap::sys::net::{AddressFamily, MsgHdr, PollFd, SocketType, ppoll, recvmsg, sendmsg, socketpair};
use baremap::sys::time::Timespec;

use super::{BAD, CLOSED, HUGE, unknown};
use crate::oracle::{number, owned};

const UNIX: AddressFamily = AddressFamily::UNIX;
const STREAM: SocketType = SocketType::STREAM;
const QUIET: MsgFlags = MsgFlags::NOSIGNAL.union(MsgFlags::DONTWAIT);

#[test]
fn of_sockets() {
    let (one, other) = socketpair(UNIX, STREAM, SocketFlags::CLOEXEC, 0).expect("a pair");
    let [socket, other] = [one, other].map(|fd| owned(Ok(number(fd))));
    // There is something to receive.
    let mut part = IoVec { base: c"text".as_ptr().cast_mut().cast(), len: 4 };
    let msg = MsgHdr { msg_iov: &raw mut part, msg_iovlen: 1, ..MsgHdr::EMPTY };
    // SAFETY: the bytes are there, and live for ever.
    assert_eq!(unsafe { sendmsg(other.as_raw_fd(), &msg, QUIET) }, Ok(4));
    let (socket, q) = (socket.as_raw_fd(), QUIET.bits());

    let mut nowhere = IoVec { base: without_provenance_mut(BAD), len: 4 };
    let mut bad = MsgHdr { msg_iov: &raw mut nowhere, ..msg };
    let mut unlisted = MsgHdr { msg_iov: without_provenance_mut(BAD), ..msg };
    let mut long = MsgHdr { msg_iovlen: HUGE, ..msg };
    let mut plain = msg;
    let strange = MsgHdr { msg_control: without_provenance_mut(BAD), msg_controllen: 24, ..msg };
    let (bads, unlisteds, longs) = (&raw mut bad, &raw mut unlisted, &raw mut long);
    let (plains, stranges) = (&raw mut plain, &raw const strange);
    let mut pair = [0_i32; 2];
    let to = pair.as_mut_ptr();
    refusals! {
        socketpair(AddressFamily(77), STREAM, unknown(0), 0) => SOCKETPAIR(77, 1, 0, to) => EAFNOSUPPORT;
        socketpair(UNIX, STREAM, unknown(1 << 24), 0) => SOCKETPAIR(1, 1 << 24 | 1, 0, to) => EINVAL;
        socketpair(UNIX, SocketType(9), unknown(0), 0) => SOCKETPAIR(1, 9, 0, to) => ESOCKTNOSUPPORT;
        sendmsg(CLOSED, &plain, QUIET) => SENDMSG(CLOSED, plains, q) => EBADF;
        sendmsg(socket, &bad, QUIET) => SENDMSG(socket, bads, q) => EFAULT;
        sendmsg(socket, &unlisted, QUIET) => SENDMSG(socket, unlisteds, q) => EFAULT;
        sendmsg(socket, &long, QUIET) => SENDMSG(socket, longs, q) => EMSGSIZE;
        sendmsg(socket, &strange, QUIET) => SENDMSG(socket, stranges, q) => EFAULT;
        recvmsg(CLOSED, &mut plain, QUIET) => RECVMSG(CLOSED, plains, q) => EBADF;
        recvmsg(socket, &mut bad, QUIET) => RECVMSG(socket, bads, q) => EFAULT;
        recvmsg(socket, &mut unlisted, QUIET) => RECVMSG(socket, unlisteds, q) => EFAULT;
        recvmsg(socket, &mut long, QUIET) => RECVMSG(socket, longs, q) => EMSGSIZE;
    }
    raw_refusals! {
        SOCKETPAIR(1, 1, 0, BAD) => EFAULT;
        SENDMSG(socket, BAD, q) => EFAULT;
        RECVMSG(socket, BAD, q) => EFAULT;
    }
}

#[test]
fn of_waiting_for_descriptors() {
    let mut none = PollFd { fd: -1, events: PollEvents::IN, revents: PollEvents::empty() };
    let list = &raw mut none;
    let mut never = Timespec { tv_sec: 0, tv_nsec: -1 };
    let mut now = Timespec::default();
    let (no_time, time, null) = (&raw mut never, &raw mut now, null_mut::<u8>());
    refusals! {
        ppoll(&mut [none], Some(&mut never), None) => PPOLL(list, 1, no_time, null, 8) => EINVAL;
        ppoll(&mut [], Some(&mut never), None) => PPOLL(list, 0, no_time, null, 8) => EINVAL;
    }
    raw_refusals! {
        PPOLL(BAD, 1, time, null, 8) => EFAULT;
        PPOLL(list, HUGE, time, null, 8) => EINVAL;
        PPOLL(list, 1, BAD, null, 8) => EFAULT;
        PPOLL(list, 1, time, BAD, 8) => EFAULT;
        PPOLL(list, 1, time, list, 7) => EINVAL;
    }
}
