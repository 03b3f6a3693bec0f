//! Sockets between processes of one machine, messages with descriptors in them,
//! and waiting for descriptors.

mod control;
mod poll;
mod socket;

pub use control::{
    ControlBuffer, ControlMessage, SCM_RIGHTS, SOL_SOCKET, control_messages, control_space, write_rights,
};
pub use poll::{PollFd, ppoll};
pub use socket::{AddressFamily, MsgHdr, SocketType, recvmsg, sendmsg, socketpair};
