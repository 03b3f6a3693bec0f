//! Files in memory that are handed to another program, which looks before it
//! trusts: passed when it is started, or sent over a socket later.

mod hosted;
mod oracle;

use baremap::flags::{MsgFlags, Seals, SocketFlags};
use baremap::memfd::{Fixed, Memfd, Sealed};
use baremap::sys::net::{
    AddressFamily, ControlBuffer, MsgHdr, SocketType, control_messages, control_space, recvmsg, sendmsg,
    socketpair, write_rights,
};
use baremap::sys::{IoVec, RawFd, fs};
use baremap::{Errno, File, MapOptions, OwnedFd, Result};
use hosted::{Again, raw};
use oracle::{number, owned};

const ROLE: &str = "BAREMAP_HANDED";
const CONTENT: &[u8] = b"what was promised not to change";

/// What can be handed over, and what it turns out to be.
const KINDS: [(Kind, &str); 5] = [
    (Kind::Memfd(Seals::SHRINK.union(Seals::WRITE).union(Seals::GROW).union(Seals::SEAL)), "sealed"),
    (Kind::Memfd(Seals::SHRINK), "fixed"),
    (Kind::Memfd(Seals::WRITE), "EPERM"),
    (Kind::Memfd(Seals::SHRINK.union(Seals::FUTURE_WRITE)), "fixed"),
    (Kind::Pipe, "EINVAL"),
];

#[derive(Clone, Copy)]
enum Kind {
    Memfd(Seals),
    Pipe,
}

impl Kind {
    fn make(self) -> OwnedFd {
        match self {
            Self::Memfd(seals) => {
                let file = Memfd::new(c"handed over").unwrap();
                file.write_all_at(CONTENT, 0).unwrap();
                fs::fcntl_add_seals(raw(&file), seals).unwrap();
                file.into()
            }
            Self::Pipe => oracle::pipe().into_iter().next().unwrap(),
        }
    }
}

/// What a program that was handed the descriptor makes of it.
fn verdict(fd: OwnedFd) -> String {
    let refused = match Sealed::from_owned(fd) {
        Ok(sealed) => {
            assert_eq!(sealed.map().unwrap()[..], *CONTENT);
            assert_eq!(MapOptions::new().map_raw(&sealed).unwrap_err(), Errno::EPERM);
            return "sealed".into();
        }
        Err(refused) => refused,
    };
    match Fixed::from_owned(refused.value) {
        Ok(fixed) => {
            assert_eq!(fixed.len(), Ok(CONTENT.len()));
            "fixed".into()
        }
        Err(again) => {
            assert_eq!(again.errno, refused.errno);
            format!("{:?}", again.errno)
        }
    }
}

fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// A program that finds what it was to find exits with 42: libtest with others.
fn finish() -> ! {
    std::process::exit(42)
}

#[test]
fn a_program_checks_what_it_was_passed() {
    const FIRST: RawFd = 600;
    if role().is_some() {
        for (fd, (_, expected)) in (FIRST..).zip(KINDS) {
            assert_eq!(verdict(owned(Ok(number(fd)))), expected, "{fd}");
        }
        finish();
    }
    let again = Again::new("a_program_checks_what_it_was_passed", ROLE, "1");
    let output = output();
    let files = KINDS.map(|(kind, _)| kind.make());
    let command = again.command().pass(&output, 1).pass(&output, 2);
    let command = (FIRST..).zip(&files).fold(command, |command, (number, file)| command.pass(file, number));
    ends_well(command.spawn(), &output);
}

/// Somewhere for a program to say what is wrong.
fn output() -> File {
    Memfd::new(c"output").unwrap().into()
}

#[track_caller]
fn ends_well(child: Result<baremap::process::Child>, output: &File) {
    let status = child.unwrap().wait().unwrap();
    let mut said = [0; 4096];
    let length = output.read_at(&mut said, 0).unwrap();
    assert_eq!(status.code(), Some(42), "{}", String::from_utf8_lossy(&said[..length]));
}

fn send(socket: &OwnedFd, file: &OwnedFd) -> Result<usize> {
    let mut byte = [1];
    let mut range = IoVec { base: byte.as_mut_ptr(), len: 1 };
    let mut control = ControlBuffer::<{ control_space(1) }>::new();
    let length = write_rights(&mut control.0, &[file.as_raw_fd()]).unwrap();
    let msg = MsgHdr {
        msg_iov: &mut range,
        msg_iovlen: 1,
        msg_control: control.0.as_mut_ptr(),
        msg_controllen: length,
        ..MsgHdr::EMPTY
    };
    // SAFETY: the parts of the message are there.
    unsafe { sendmsg(socket.as_raw_fd(), &msg, MsgFlags::NOSIGNAL) }
}

fn receive(socket: &OwnedFd) -> OwnedFd {
    let mut byte = [0];
    let mut range = IoVec { base: byte.as_mut_ptr(), len: 1 };
    let mut control = ControlBuffer::<{ control_space(1) }>::new();
    let mut msg = MsgHdr {
        msg_iov: &mut range,
        msg_iovlen: 1,
        msg_control: control.0.as_mut_ptr(),
        msg_controllen: control.0.len(),
        ..MsgHdr::EMPTY
    };
    // SAFETY: there is room for the parts of the message.
    let received = unsafe { recvmsg(socket.as_raw_fd(), &mut msg, MsgFlags::CMSG_CLOEXEC) };
    assert_eq!(received, Ok(1));
    let messages = control_messages(&control.0[..msg.msg_controllen]);
    let fd = messages.flat_map(|message| message.descriptors()).next().expect("a descriptor");
    owned(Ok(number(fd)))
}

#[test]
fn a_stranger_checks_what_it_is_sent() {
    const SOCKET: RawFd = 600;
    if role().is_some() {
        let socket = owned(Ok(number(SOCKET)));
        for (_, expected) in KINDS {
            assert_eq!(verdict(receive(&socket)), expected);
        }
        finish();
    }
    let again = Again::new("a_stranger_checks_what_it_is_sent", ROLE, "1");
    let (here, there) =
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, 0).unwrap();
    let [here, there] = [here, there].map(|fd| owned(Ok(number(fd))));
    let output = output();
    let child = again.command().pass(&output, 1).pass(&output, 2).pass(&there, SOCKET).spawn();
    drop(there);
    for (kind, _) in KINDS {
        assert_eq!(send(&here, &kind.make()), Ok(1));
    }
    // What was sent is the stranger's alone by now.
    ends_well(child, &output);
}
