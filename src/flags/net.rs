//! Flags of sockets and of waiting for descriptors.

use bitflags::bitflags;

bitflags! {
    /// How a socket behaves from the start.
    ///
    /// # References
    ///
    /// [socket(2)](https://man7.org/linux/man-pages/man2/socket.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "SOCK_CLOEXEC")]
    pub struct SocketFlags: u32 {
        /// Do not wait.
        const NONBLOCK = 0o4_000;
        /// Close it when another program is executed.
        const CLOEXEC = 0o2_000_000;
        const _ = !0;
    }

    /// How a message is sent or received, and what became of it.
    ///
    /// # References
    ///
    /// [recvmsg(2)](https://man7.org/linux/man-pages/man2/recv.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MSG_DONTWAIT")]
    #[repr(transparent)]
    pub struct MsgFlags: u32 {
        /// Data out of band.
        const OOB = 0x1;
        /// Look at it; it stays.
        const PEEK = 0x2;
        /// To directly connected hosts only.
        const DONTROUTE = 0x4;
        /// As an answer: control messages were cut for lack of room.
        const CTRUNC = 0x8;
        /// As an answer: the message was cut for lack of room. As a wish: tell its
        /// true length.
        const TRUNC = 0x20;
        /// Do not wait, this once.
        const DONTWAIT = 0x40;
        /// It ends a record.
        const EOR = 0x80;
        /// Wait until all the room is filled.
        const WAITALL = 0x100;
        /// The peer has answered: no need to look for it.
        const CONFIRM = 0x800;
        /// An error, not a message.
        const ERRQUEUE = 0x2000;
        /// No `SIGPIPE`, only `EPIPE`.
        const NOSIGNAL = 0x4000;
        /// More will follow at once.
        const MORE = 0x8000;
        /// Send from where it lies.
        const ZEROCOPY = 0x400_0000;
        /// Send data while connecting.
        const FASTOPEN = 0x2000_0000;
        /// Close received descriptors when another program is executed.
        const CMSG_CLOEXEC = 0x4000_0000;
        const _ = !0;
    }

    /// What [`ppoll`](crate::sys::net::ppoll) waits for, and what there is.
    ///
    /// # References
    ///
    /// [poll(2)](https://man7.org/linux/man-pages/man2/poll.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "POLLIN")]
    #[repr(transparent)]
    pub struct PollEvents: u16 {
        /// It can be read.
        const IN = 0x1;
        /// Something exceptional, such as data out of band.
        const PRI = 0x2;
        /// It can be written.
        const OUT = 0x4;
        /// As an answer: an error; the reading end of a pipe is gone.
        const ERR = 0x8;
        /// As an answer: the other end is gone.
        const HUP = 0x10;
        /// As an answer: it is not open.
        const NVAL = 0x20;
        /// As `IN`.
        const RDNORM = 0x40;
        /// Data of some priority can be read.
        const RDBAND = 0x80;
        /// As `OUT`.
        const WRNORM = 0x100;
        /// Data of some priority can be written.
        const WRBAND = 0x200;
        /// Of no effect.
        const MSG = 0x400;
        /// Of no effect.
        const REMOVE = 0x1000;
        /// The other end of a socket writes no more.
        const RDHUP = 0x2000;
        const _ = !0;
    }
}
