//! Control messages: what travels beside a message's bytes, above all descriptors.
//!
//! They are read and written as bytes, so that nothing here depends on how a
//! buffer is aligned, or on what another process has put into it.

use crate::sys::RawFd;

/// The level of control messages that any kind of socket may have.
pub const SOL_SOCKET: i32 = 1;

/// The kind of control message that carries descriptors.
pub const SCM_RIGHTS: i32 = 1;

/// `struct cmsghdr` of the man page: length of the whole `usize`, level `i32`,
/// kind `i32`.
const HEADER: usize = 16;

/// How many bytes a control message of this many descriptors takes: `CMSG_SPACE`
/// of the man page.
///
/// # References
///
/// [cmsg(3)](https://man7.org/linux/man-pages/man3/cmsg.3.html)
#[doc(alias = "CMSG_SPACE")]
#[must_use]
pub const fn control_space(descriptors: usize) -> usize {
    // Two to a word, and messages start at words.
    HEADER.saturating_add(descriptors.div_ceil(2).saturating_mul(8))
}

/// Room for control messages, aligned as the kernel has them.
///
/// ```
/// use baremap::sys::net::{ControlBuffer, control_space, write_rights};
///
/// let mut control = ControlBuffer::<{ control_space(2) }>::new();
/// assert_eq!(write_rights(&mut control.0, &[0, 1]), Some(24));
/// ```
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub struct ControlBuffer<const SIZE: usize>(pub [u8; SIZE]);

impl<const SIZE: usize> ControlBuffer<SIZE> {
    /// Room without a message.
    #[must_use]
    pub const fn new() -> Self {
        Self([0; SIZE])
    }
}

impl<const SIZE: usize> Default for ControlBuffer<SIZE> {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes a control message of these descriptors. Returns how many bytes it
/// takes, for `msg_controllen`; `None` if that is more than there are.
#[doc(alias("SCM_RIGHTS", "CMSG_FIRSTHDR", "CMSG_DATA"))]
pub fn write_rights(buffer: &mut [u8], descriptors: &[RawFd]) -> Option<usize> {
    let space = control_space(descriptors.len());
    let message = buffer.get_mut(..space)?;
    // What alignment adds at the end is sent too.
    message.fill(0);
    let length = HEADER.checked_add(size_of_val(descriptors))?;
    *message.first_chunk_mut()? = length.to_ne_bytes();
    *message.get_mut(8..)?.first_chunk_mut()? = SOL_SOCKET.to_ne_bytes();
    *message.get_mut(12..)?.first_chunk_mut()? = SCM_RIGHTS.to_ne_bytes();
    let places = message.get_mut(HEADER..)?.chunks_exact_mut(size_of::<RawFd>());
    for (place, descriptor) in places.zip(descriptors) {
        *place.first_chunk_mut()? = descriptor.to_ne_bytes();
    }
    Some(space)
}

/// A control message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlMessage<'buf> {
    /// Whose kind it is: `cmsg_level` of the man page, such as [`SOL_SOCKET`].
    pub level: i32,
    /// Its kind: `cmsg_type` of the man page, such as [`SCM_RIGHTS`].
    pub kind: i32,
    /// What it says.
    pub data: &'buf [u8],
}

impl<'buf> ControlMessage<'buf> {
    /// The descriptors that it carries; none if it is of another kind. In what
    /// [`recvmsg`](super::recvmsg) has just filled they are open, and nobody's
    /// but the caller's, who must close each: they are plain numbers here.
    pub fn descriptors(self) -> impl Iterator<Item = RawFd> + use<'buf> {
        let carries = self.level == SOL_SOCKET && self.kind == SCM_RIGHTS;
        let data = if carries { self.data } else { &[] };
        data.chunks_exact(size_of::<RawFd>())
            .filter_map(|bytes| Some(RawFd::from_ne_bytes(*bytes.first_chunk()?)))
    }
}

/// Reads the control messages that [`recvmsg`](super::recvmsg) filled: the first
/// `msg_controllen` bytes. Ends at the first that is cut short.
#[doc(alias = "CMSG_NXTHDR")]
pub fn control_messages(mut bytes: &[u8]) -> impl Iterator<Item = ControlMessage<'_>> {
    core::iter::from_fn(move || {
        let length = usize::from_ne_bytes(*bytes.first_chunk()?);
        let level = i32::from_ne_bytes(*bytes.get(8..)?.first_chunk()?);
        let kind = i32::from_ne_bytes(*bytes.get(12..)?.first_chunk()?);
        let data = bytes.get(HEADER..length)?;
        // The last may lack what alignment would add.
        bytes = bytes.get(length.checked_next_multiple_of(8)?..).unwrap_or_default();
        Some(ControlMessage { level, kind, data })
    })
}
