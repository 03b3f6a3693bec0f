//! socketpair, ppoll.

use baremap::flags::SocketFlags;
use baremap::sys::net::{self, AddressFamily, SocketType};
use baremap::sys::time::Timespec;
use baremap::{Errno, OwnedFd, Result, syscall};

use super::circumstances::*;
use super::process::{as_nobody, without_descriptors};
use super::{Call, call, refused};
use crate::oracle::{number, owned};

pub const UNIX: AddressFamily = AddressFamily::UNIX;
pub const INET: AddressFamily = AddressFamily::INET;
pub const STREAM: SocketType = SocketType::STREAM;
const ICMP: i32 = 1;

fn make_pair(domain: AddressFamily, kind: SocketType, flags: u32, protocol: i32) -> Result<[OwnedFd; 2]> {
    let (one, other) = net::socketpair(domain, kind, SocketFlags::from_bits_retain(flags), protocol)?;
    Ok([one, other].map(|fd| owned(Ok(number(fd)))))
}

/// Two connected sockets.
pub fn pair(kind: SocketType, flags: SocketFlags) -> Result<[OwnedFd; 2]> {
    make_pair(UNIX, kind, flags.bits(), 0)
}

/// A socket that is not connected.
pub fn socket(domain: AddressFamily, kind: SocketType, flags: SocketFlags) -> Result<OwnedFd> {
    let kind = kind.0 | flags.bits() as i32;
    // SAFETY: it touches no memory.
    unsafe { syscall!(libc::SYS_socket as usize, domain.0, kind, 0) }.map(|fd| owned(Ok(fd)))
}

pub const CALLS: &[Call] = &[
    call(
        "ppoll",
        &[
            refused(Errno::EINTR, "signals come", || {
                interrupted(|| net::ppoll(&mut [], None, None).map(drop))
            }),
            refused(Errno::EINVAL, "the timeout has a second of nanoseconds", || {
                let mut wrong = Timespec { tv_sec: 0, tv_nsec: 1_000_000_000 };
                net::ppoll(&mut [], Some(&mut wrong), None).map(drop)
            }),
            no_memory(),
        ],
    ),
    call(
        "socketpair",
        &[
            refused(Errno::EAFNOSUPPORT, "there is no such family", || {
                make_pair(AddressFamily(9999), STREAM, 0, 0).map(drop)
            }),
            refused(Errno::EINVAL, "a flag is unknown", || make_pair(UNIX, STREAM, 1 << 30, 0).map(drop))
                .not_emulated(),
            refused(Errno::EMFILE, "the limit of descriptors is 0", || {
                without_descriptors(|| make_pair(UNIX, STREAM, 0, 0).map(drop))
            }),
            too_many_files(),
            refused(Errno::EOPNOTSUPP, "the family is the internet's", || {
                make_pair(INET, STREAM, 0, 0).map(drop)
            }),
            refused(Errno::EPERM, "packets of a protocol, to nobody", || {
                as_nobody(|| make_pair(INET, SocketType::RAW, 0, ICMP).map(drop))
            }),
            refused(Errno::EPROTONOSUPPORT, "there is no such protocol", || {
                make_pair(UNIX, STREAM, 0, 99).map(drop)
            }),
            refused(Errno::ESOCKTNOSUPPORT, "the family has no such type", || {
                make_pair(UNIX, SocketType::RDM, 0, 0).map(drop)
            }),
        ],
    ),
];
