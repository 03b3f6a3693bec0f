//! sendmsg, recvmsg.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::ptr::without_provenance_mut;

use baremap::flags::{MsgFlags, SocketFlags};
use baremap::sys::net::{self, ControlBuffer, MsgHdr, SocketType, control_space, write_rights};
use baremap::sys::process::Resource;
use baremap::sys::{IoVec, RawFd};
use baremap::{CloneFlags, Errno, OwnedFd, Result, syscall};

use super::circumstances::*;
use super::net::{INET, STREAM, UNIX, pair, socket};
use super::{Call, call, in_child_answer, refused};
use crate::common::Folder;
use crate::oracle::{NOT_OPEN, pipe};

const DGRAM: SocketType = SocketType::DGRAM;
const PACKETS: SocketType = SocketType::SEQPACKET;
const NONE: MsgFlags = MsgFlags::empty();

/// A message of four bytes, as `change` has it, to or from a socket.
fn with_message(
    change: impl FnOnce(&mut MsgHdr),
    call: impl FnOnce(&mut MsgHdr) -> Result<usize>,
) -> Result<()> {
    let mut bytes = [0_u8; 4];
    let mut range = IoVec { base: bytes.as_mut_ptr(), len: bytes.len() };
    let mut msg = MsgHdr { msg_iov: &raw mut range, msg_iovlen: 1, ..MsgHdr::EMPTY };
    change(&mut msg);
    call(&mut msg).map(drop)
}

fn plain(_: &mut MsgHdr) {}

fn send_with(fd: RawFd, flags: MsgFlags, change: impl FnOnce(&mut MsgHdr)) -> Result<()> {
    // SAFETY: what it points to is there, or refused.
    with_message(change, |msg| unsafe { net::sendmsg(fd, msg, MsgFlags::NOSIGNAL | flags) })
}

fn receive_with(fd: RawFd, flags: MsgFlags, change: impl FnOnce(&mut MsgHdr)) -> Result<()> {
    // SAFETY: what it points to is there, or refused.
    with_message(change, |msg| unsafe { net::recvmsg(fd, msg, flags) })
}

fn send(fd: &OwnedFd) -> Result<()> {
    send_with(fd.as_raw_fd(), NONE, plain)
}

fn receive(fd: &OwnedFd) -> Result<()> {
    receive_with(fd.as_raw_fd(), NONE, plain)
}

/// Ranges that nobody may read.
fn nowhere(msg: &mut MsgHdr) {
    msg.msg_iov = without_provenance_mut(8);
}

/// More ranges than there may be.
fn in_many_ranges(msg: &mut MsgHdr) {
    msg.msg_iovlen = 1025;
}

/// Sends until there is no room.
fn fill(fd: &OwnedFd) -> Result<()> {
    loop {
        send(fd)?;
    }
}

/// One of a pair whose other end went with something unread.
fn forsaken(kind: SocketType) -> Result<OwnedFd> {
    let [one, _other] = pair(kind, SocketFlags::empty())?;
    send(&one)?;
    Ok(one)
}

/// Where nobody listens: a port of this machine.
fn here(port: u16) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: INET.0 as u16,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: libc::INADDR_LOOPBACK.to_be() },
        sin_zero: [0; 8],
    }
}

fn connect(fd: &OwnedFd, address: &libc::sockaddr_in) -> Result<()> {
    let (place, size) = (&raw const *address, size_of_val(address));
    // SAFETY: it reads the address.
    unsafe { syscall!(libc::SYS_connect as usize, fd.as_raw_fd(), place, size) }.map(drop)
}

/// The answer of `call` in a child with a network of its own, where it reaches itself.
fn on_a_network(call: impl FnOnce() -> Result<()>) -> Result<()> {
    #[repr(C)]
    struct Request {
        name: [u8; 16],
        flags: i16,
        rest: [u8; 22],
    }
    in_child_answer(|| {
        unshare(CloneFlags::NEWNET)?;
        let any = socket(INET, DGRAM, SocketFlags::empty())?;
        let up =
            Request { name: *b"lo\0\0\0\0\0\0\0\0\0\0\0\0\0\0", flags: libc::IFF_UP as i16, rest: [0; 22] };
        // SAFETY: it reads the request.
        unsafe {
            syscall!(libc::SYS_ioctl as usize, any.as_raw_fd(), libc::SIOCSIFFLAGS as usize, &raw const up)
        }?;
        call()
    })
}

/// Sends by a connection that is to be made by that, and of which nothing comes.
fn send_while_connecting() -> Result<()> {
    on_a_network(|| {
        let address = here(4000);
        let (place, size) = (&raw const address, size_of_val(&address));
        let [listener, first, second] = [(), (), ()].map(|()| socket(INET, STREAM, SocketFlags::empty()));
        let (listener, first, second) = (listener?, first?, second?);
        // SAFETY: it reads the address.
        unsafe { syscall!(libc::SYS_bind as usize, listener.as_raw_fd(), place, size) }?;
        // SAFETY: it touches no memory.
        unsafe { syscall!(libc::SYS_listen as usize, listener.as_raw_fd(), 0) }?;
        // Nobody takes it, and there is no place for another.
        connect(&first, &address)?;
        let flags = MsgFlags::FASTOPEN | MsgFlags::DONTWAIT;
        let to = |msg: &mut MsgHdr| (msg.msg_name, msg.msg_namelen) = (place.cast_mut().cast(), size as u32);
        match send_with(second.as_raw_fd(), flags, to) {
            Err(Errno::EINPROGRESS) => send_with(second.as_raw_fd(), flags, to),
            other => other,
        }
    })
}

/// Sends to a socket that has a name, where only its owner may write.
fn send_to_another_user() -> Result<()> {
    let folder = Folder::new();
    let path = folder.path().join("socket");
    let _socket = UnixDatagram::bind(&path).expect("a socket");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("the test's own socket");
    let sender = socket(UNIX, DGRAM, SocketFlags::empty())?;
    let mut address = (UNIX.0 as u16).to_ne_bytes().to_vec();
    address.extend(path.as_os_str().as_encoded_bytes());
    in_child_answer(|| {
        become_nobody()?;
        send_with(sender.as_raw_fd(), NONE, |msg| {
            (msg.msg_name, msg.msg_namelen) = (address.as_mut_ptr(), address.len() as u32);
        })
    })
}

/// Sends descriptors, and nobody takes them.
fn send_too_many_descriptors() -> Result<()> {
    in_child_answer(|| {
        let [one, _other] = pair(PACKETS, SocketFlags::empty())?;
        limit(Resource::NOFILE, 0)?;
        become_nobody()?;
        for _ in 0..3 {
            send_descriptor(&one, one.as_raw_fd())?;
        }
        Ok(())
    })
}

fn send_descriptor(fd: &OwnedFd, sent: RawFd) -> Result<()> {
    let mut control = ControlBuffer::<{ control_space(1) }>::new();
    let length = write_rights(&mut control.0, &[sent]).unwrap_or(0);
    send_with(fd.as_raw_fd(), NONE, |msg| {
        (msg.msg_control, msg.msg_controllen) = (control.0.as_mut_ptr(), length);
    })
}

const NOT_A_SOCKET: &str = "the descriptor is a pipe's";

pub const CALLS: &[Call] = &[
    call(
        "sendmsg",
        &[
            refused(Errno::EACCES, "the address is root's, and the process nobody's", send_to_another_user)
                .as_root(),
            refused(Errno::EAGAIN, "there is no room, and it does not wait", || {
                let [one, _other] = pair(STREAM, SocketFlags::NONBLOCK)?;
                fill(&one)
            }),
            refused(Errno::EALREADY, "the first data of a connection are under way", send_while_connecting)
                .as_root(),
            refused(Errno::EBADF, "the socket is not open", || send_with(NOT_OPEN, NONE, plain)),
            refused(Errno::ECONNREFUSED, "the other of a pair of messages is gone", || {
                let [one, other] = pair(DGRAM, SocketFlags::empty())?;
                drop(other);
                send(&one)
            }),
            refused(Errno::ECONNRESET, "the other end went with something unread", || {
                send(&forsaken(PACKETS)?)
            }),
            refused(Errno::EDESTADDRREQ, "there is no address for a datagram", || {
                send(&socket(INET, DGRAM, SocketFlags::empty())?)
            }),
            refused(Errno::EFAULT, "there is nothing where its ranges should be", || {
                let [one, _other] = pair(STREAM, SocketFlags::empty())?;
                send_with(one.as_raw_fd(), NONE, nowhere)
            }),
            refused(Errno::EINTR, "signals come while there is no room", || {
                let [one, _other] = pair(STREAM, SocketFlags::empty())?;
                interrupted(|| fill(&one))
            }),
            refused(Errno::EINVAL, "the control message is shorter than its header", || {
                let [one, _other] = pair(STREAM, SocketFlags::empty())?;
                let mut zeros = ControlBuffer::<16>::new();
                send_with(one.as_raw_fd(), NONE, |msg| {
                    (msg.msg_control, msg.msg_controllen) = (zeros.0.as_mut_ptr(), 16);
                })
            })
            .not_emulated(),
            refused(Errno::EISCONN, "there is an address for what is connected", || {
                let [one, _other] = pair(STREAM, SocketFlags::empty())?;
                let mut address = (UNIX.0 as u16).to_ne_bytes();
                send_with(one.as_raw_fd(), NONE, |msg| {
                    (msg.msg_name, msg.msg_namelen) = (address.as_mut_ptr(), 2);
                })
            }),
            refused(Errno::EMSGSIZE, "it is in 1,025 ranges", || {
                let [one, _other] = pair(STREAM, SocketFlags::empty())?;
                send_with(one.as_raw_fd(), NONE, in_many_ranges)
            }),
            refused(Errno::ENOBUFS, "there are 2 GiB of control messages", || {
                let [one, _other] = pair(STREAM, SocketFlags::empty())?;
                send_with(one.as_raw_fd(), NONE, |msg| msg.msg_controllen = 1 << 31)
            })
            .not_emulated(),
            no_memory(),
            refused(Errno::ENOTCONN, "the socket is not connected", || {
                send(&socket(UNIX, STREAM, SocketFlags::empty())?)
            }),
            refused(Errno::ENOTSOCK, NOT_A_SOCKET, || {
                let [_reader, writer] = pipe();
                send(&writer)
            }),
            refused(Errno::EOPNOTSUPP, "out of band, of messages", || {
                let [one, _other] = pair(DGRAM, SocketFlags::empty())?;
                send_with(one.as_raw_fd(), MsgFlags::OOB, plain)
            }),
            refused(Errno::EPIPE, "the other end is gone", || {
                let [one, other] = pair(STREAM, SocketFlags::empty())?;
                drop(other);
                send(&one)
            }),
            refused(Errno::ETOOMANYREFS, "a user's descriptors are under way", send_too_many_descriptors),
        ],
    ),
    call(
        "recvmsg",
        &[
            refused(Errno::EAGAIN, "there is nothing, and it does not wait", || {
                let [one, _other] = pair(STREAM, SocketFlags::NONBLOCK)?;
                receive(&one)
            }),
            refused(Errno::EBADF, "the socket is not open", || receive_with(NOT_OPEN, NONE, plain)),
            refused(Errno::ECONNREFUSED, "nobody listens where something was sent", || {
                on_a_network(|| {
                    let socket = socket(INET, DGRAM, SocketFlags::empty())?;
                    connect(&socket, &here(4000))?;
                    send(&socket)?;
                    receive(&socket)
                })
            })
            .as_root(),
            refused(Errno::ECONNRESET, "the other end went with something unread", || {
                receive(&forsaken(STREAM)?)
            }),
            refused(Errno::EFAULT, "there is nothing where its ranges should be", || {
                let [one, other] = pair(STREAM, SocketFlags::empty())?;
                send(&other)?;
                receive_with(one.as_raw_fd(), NONE, nowhere)
            }),
            refused(Errno::EINTR, "signals come while there is nothing", || {
                let [one, _other] = pair(STREAM, SocketFlags::empty())?;
                interrupted(|| receive(&one))
            }),
            refused(Errno::EINVAL, "the stream is not connected", || {
                receive(&socket(UNIX, STREAM, SocketFlags::empty())?)
            }),
            refused(Errno::EMSGSIZE, "it is in 1,025 ranges", || {
                let [one, _other] = pair(STREAM, SocketFlags::empty())?;
                receive_with(one.as_raw_fd(), NONE, in_many_ranges)
            }),
            no_memory(),
            refused(Errno::ENOTCONN, "messages in order, and it is not connected", || {
                receive(&socket(UNIX, PACKETS, SocketFlags::empty())?)
            }),
            refused(Errno::ENOTSOCK, NOT_A_SOCKET, || {
                let [reader, _writer] = pipe();
                receive(&reader)
            }),
            refused(Errno::EOPNOTSUPP, "out of band, of messages", || {
                let [one, _other] = pair(DGRAM, SocketFlags::empty())?;
                receive_with(one.as_raw_fd(), MsgFlags::OOB, plain)
            }),
        ],
    ),
];
