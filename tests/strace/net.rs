//! The calls about sockets, and waiting for descriptors.

use baremap::flags::{MsgFlags, PollEvents, SocketFlags};
use baremap::sys::IoVec;
use baremap::sys::net::{AddressFamily, MsgHdr, PollFd, SocketType, ppoll, recvmsg, sendmsg, socketpair};
use baremap::sys::process::Signal;
use baremap::sys::signal::SigSet;
use baremap::sys::time::Timespec;

use super::{Call, NONE, ODD};

/// The kernel does not look at descriptors that are negative.
const IGNORED: PollFd = PollFd { fd: NONE, events: PollEvents::PRI, revents: PollEvents::empty() };

pub const CALLS: &[Call] = &[
    (
        || _ = socketpair(AddressFamily(77), SocketType::SEQPACKET, SocketFlags::CLOEXEC, 78),
        "socketpair(0x4d, 0x5|0x80000, 78, …)",
    ),
    (
        || {
            let mut parts = IoVec { base: c"eight by".as_ptr().cast_mut().cast(), len: 8 };
            let msg = MsgHdr { msg_iov: &mut parts, msg_iovlen: 1, ..MsgHdr::EMPTY };
            // SAFETY: there is no such descriptor.
            let _ = unsafe { sendmsg(NONE, &msg, MsgFlags::NOSIGNAL | MsgFlags::DONTWAIT) };
        },
        "sendmsg(-77, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"eight by\", iov_len=8}], \
         msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0x4040)",
    ),
    (
        || {
            let mut msg = MsgHdr { msg_name: ODD, msg_namelen: 5, ..MsgHdr::EMPTY };
            // SAFETY: there is no such descriptor.
            let _ = unsafe { recvmsg(NONE, &mut msg, MsgFlags::CMSG_CLOEXEC) };
        },
        "recvmsg(-77, {msg_namelen=5}, 0x40000000)",
    ),
    (
        || {
            let mask = SigSet::EMPTY.with(Signal::USR1);
            let _ = ppoll(&mut [IGNORED; 2], Some(&mut Timespec::default()), Some(&mask));
        },
        "ppoll([{fd=-77}, {fd=-77}], 2, {tv_sec=0, tv_nsec=0}, [10], 8)",
    ),
];
