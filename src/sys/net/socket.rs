//! Pairs of sockets, and messages over them.

use core::ptr::{from_mut, from_ref, null_mut};

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{MsgFlags, SocketFlags};
use crate::sys::{Argument, IoVec, RawFd};

/// What a socket's addresses are. The type is open: others can be passed as well.
///
/// # References
///
/// [address_families(7)](https://man7.org/linux/man-pages/man7/address_families.7.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "AF_UNIX")]
pub struct AddressFamily(pub i32);

impl AddressFamily {
    /// Of any family: in an address that means none.
    pub const UNSPEC: Self = Self(0);
    /// This machine: the one that makes pairs, and hands over descriptors.
    #[doc(alias = "AF_LOCAL")]
    pub const UNIX: Self = Self(1);
    /// IPv4.
    pub const INET: Self = Self(2);
    /// IPv6.
    pub const INET6: Self = Self(10);
    /// The kernel's own services.
    pub const NETLINK: Self = Self(16);
    /// Between a virtual machine and its host.
    pub const VSOCK: Self = Self(40);
}

/// How a socket carries what is sent. The type is open.
///
/// # References
///
/// [socket(2)](https://man7.org/linux/man-pages/man2/socket.2.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "SOCK_STREAM")]
pub struct SocketType(pub i32);

impl SocketType {
    /// As one row of bytes.
    pub const STREAM: Self = Self(1);
    /// As messages, each by itself.
    pub const DGRAM: Self = Self(2);
    /// As packets of a protocol below those.
    pub const RAW: Self = Self(3);
    /// As messages that arrive, in any order.
    pub const RDM: Self = Self(4);
    /// As messages that arrive in order, over a connection.
    pub const SEQPACKET: Self = Self(5);
}

/// `int socketpair(int domain, int type, int protocol, int sv[2])`
///
/// Makes two sockets that are connected with each other. The flags are those
/// that C adds to `type`; `protocol` 0 is the family's usual one.
///
/// # Errors
///
/// - `EAFNOSUPPORT`: the kernel does not know the family.
/// - `EINVAL`: an unknown flag, or no such type at all.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
/// - `EOPNOTSUPP`: the family makes no pairs.
/// - `EPERM`: a type for the privileged only.
/// - `EPROTONOSUPPORT`, `ESOCKTNOSUPPORT`: the family does not know the protocol,
///   or the type.
///
/// # References
///
/// [socketpair(2)](https://man7.org/linux/man-pages/man2/socketpair.2.html)
#[inline(always)]
pub fn socketpair(
    domain: AddressFamily,
    kind: SocketType,
    flags: SocketFlags,
    protocol: i32,
) -> Result<(RawFd, RawFd)> {
    let mut sockets = [0; 2];
    // SAFETY: the kernel writes two descriptors there.
    errno::unit(unsafe {
        arch::syscall4(
            Sysno::socketpair,
            domain.0.word(),
            (kind.0 | flags.bits() as i32).word(),
            protocol.word(),
            sockets.as_mut_ptr().word(),
        )
    })?;
    let [one, other] = sockets;
    Ok((one, other))
}

/// A message's parts: `struct msghdr` of the man page.
///
/// # References
///
/// [msghdr(3type)](https://man7.org/linux/man-pages/man2/recv.2.html)
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct MsgHdr {
    /// To whom, or from whom; null if it is connected.
    pub msg_name: *mut u8,
    /// The length of that in bytes.
    pub msg_namelen: u32,
    /// The ranges that hold its bytes, or have room for them.
    pub msg_iov: *mut IoVec,
    /// How many ranges.
    pub msg_iovlen: usize,
    /// Control messages, or room for them: see [`ControlBuffer`](super::ControlBuffer).
    pub msg_control: *mut u8,
    /// The length of that in bytes.
    pub msg_controllen: usize,
    /// What became of a message that was received.
    pub msg_flags: MsgFlags,
}

impl MsgHdr {
    /// No parts at all.
    pub const EMPTY: Self = Self {
        msg_name: null_mut(),
        msg_namelen: 0,
        msg_iov: null_mut(),
        msg_iovlen: 0,
        msg_control: null_mut(),
        msg_controllen: 0,
        msg_flags: MsgFlags::empty(),
    };
}

/// `ssize_t sendmsg(int sockfd, const struct msghdr *msg, int flags)`
///
/// Sends a message; returns how many bytes of it. Descriptors in it stay open
/// here: what is sent is another name of each.
///
/// # Safety
///
/// What `msg` points to must be the caller's to read; with [`MsgFlags::ZEROCOPY`],
/// its bytes until the socket's error queue tells that they were sent.
///
/// # Errors
///
/// - `EACCES`: an address, and the socket there is not to be written, or a folder
///   on the way not to be searched.
/// - `EAGAIN`: no room, and it does not wait.
/// - `EALREADY`: `FASTOPEN`, and the connection is being made already.
/// - `EBADF`: `sockfd`, or a descriptor in the message, is not open.
/// - `ECONNREFUSED`, `ECONNRESET`, `EPIPE`: the other end is gone; with `EPIPE`
///   comes `SIGPIPE`, unless ignored, or `NOSIGNAL`.
/// - `EDESTADDRREQ`, `ENOTCONN`: no address, and it is not connected.
/// - `EFAULT`: something in `msg` does not point to what can be read.
/// - `EINTR`: a signal came before anything was sent.
/// - `EINVAL`: a control message is malformed, or has more than 253 descriptors.
/// - `EISCONN`: an address, and it is connected.
/// - `EMSGSIZE`: too long to be one message; more than 1,024 ranges.
/// - `ENOBUFS`, `ENOMEM`: no memory for it; too many bytes of control messages.
/// - `ENOTSOCK`: `sockfd` is no socket.
/// - `EOPNOTSUPP`: not with these flags on this socket.
/// - `ETOOMANYREFS`: too many descriptors are under way.
///
/// # References
///
/// [sendmsg(2)](https://man7.org/linux/man-pages/man2/send.2.html)
#[inline(always)]
pub unsafe fn sendmsg(sockfd: RawFd, msg: &MsgHdr, flags: MsgFlags) -> Result<usize> {
    // SAFETY: the kernel reads `msg`, and as long as it does what the caller lends it.
    errno::value(unsafe {
        arch::syscall3(Sysno::sendmsg, sockfd.word(), from_ref(msg).word(), flags.bits().word())
    })
}

/// `ssize_t recvmsg(int sockfd, struct msghdr *msg, int flags)`
///
/// Receives a message; returns how many bytes of it, 0 also at the end of a
/// stream. In `msg`, the lengths become those of what came, and `msg_flags` tell
/// what was cut.
///
/// Descriptors in it are open here afterwards, the caller's to close: those too
/// that nobody looks for, by
/// [`ControlMessage::descriptors`](super::ControlMessage::descriptors).
///
/// # Safety
///
/// What `msg` points to must be the caller's to write.
///
/// # Errors
///
/// - `EAGAIN`: nothing there, and it does not wait.
/// - `EBADF`: `sockfd` is not open.
/// - `ECONNREFUSED`: nobody listens where something was sent.
/// - `ECONNRESET`: the other end went with something unread.
/// - `EFAULT`: something in `msg` does not point to what can be written.
/// - `EINTR`: a signal came before anything was there.
/// - `EINVAL`: not with these flags on this socket; it is not connected.
/// - `EMSGSIZE`: more than 1,024 ranges.
/// - `ENOMEM`: no memory for it.
/// - `ENOTCONN`: it is not connected.
/// - `ENOTSOCK`: `sockfd` is no socket.
/// - `EOPNOTSUPP`: not with these flags on this socket.
///
/// # References
///
/// [recvmsg(2)](https://man7.org/linux/man-pages/man2/recv.2.html)
#[inline(always)]
pub unsafe fn recvmsg(sockfd: RawFd, msg: &mut MsgHdr, flags: MsgFlags) -> Result<usize> {
    // SAFETY: the kernel reads and writes `msg`, and writes where the caller lets it.
    errno::value(unsafe {
        arch::syscall3(Sysno::recvmsg, sockfd.word(), from_mut(msg).word(), flags.bits().word())
    })
}
