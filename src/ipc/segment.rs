//! Shared memory that processes find by its name, a path.
//!
//! ```text
//!   0        8         12     16       24      28         a page
//!   +--------+---------+------+--------+-------+-----------+-----------------+
//!   | magic  | version | kind | length | maker |   zeros   |     content     |
//!   +--------+---------+------+--------+-------+-----------+-----------------+
//! ```

use core::ffi::CStr;

use super::{Peer, Ring, SegmentError};
use crate::errno::{Errno, Result};
use crate::file::{File, OpenOptions};
use crate::flags::{AtFlags, Mode, OpenFlags, RandomFlags};
use crate::path::{CPathBuf, PATH_MAX};
use crate::retry::retry;
use crate::sys::fs::{AT_FDCWD, linkat, unlinkat};
use crate::sys::getrandom;
use crate::sys::page_size;

const MAGIC: [u8; 8] = *b"baremap\n";

const VERSION: u32 = 1;

const HEAD: usize = 28;

/// A file of shared memory that has a name, in a folder like `/dev/shm`: best one in
/// memory, and all peers on one machine.
///
/// It never has the name half made: it is made under another, which is its maker's and
/// nobody knows, and then linked. Memory that needs no name, since it is inherited
/// or passed on, is a [`Ring`] or [`Shared`](crate::shared::Shared) memory by itself;
/// it is sealed, and there is nothing to be promised for it.
///
/// ```
/// use baremap::ipc::{Peer, Ring, Segment};
/// use baremap::CPathBuf;
///
/// # let name = format!("/tmp/baremap-segment-{}", std::process::id());
/// let path = CPathBuf::new(name)?;
/// let length = 2 * Ring::size(4096)? as u64;
/// let made = Segment::create(&path, 7, length, Peer::new())?;
/// let opened = Segment::open(&path, 7, length)?;
/// // SAFETY: nobody cuts it short.
/// let ring = unsafe { opened.ring(1, 4096) }?;
/// Segment::remove(&path)?;
/// ring.sender(Peer::new()).unwrap().send(b"hello").unwrap();
/// # Ok::<(), baremap::ipc::SegmentError>(())
/// ```
#[derive(Debug)]
pub struct Segment {
    file: File,
    length: u64,
    maker: u32,
}

impl Segment {
    /// Makes a segment of so many bytes, all zeros, for this user alone, where there
    /// is none of the name.
    ///
    /// The kind is any number by which the peers know what the bytes are.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Os`]:
    ///
    /// - `EEXIST`: there is a file of the name.
    /// - `ENAMETOOLONG`: 17 bytes more are too many for a path.
    /// - Those of [`OpenOptions::open`] and [`linkat`], which not every filesystem has.
    pub fn create(path: &CStr, kind: u32, length: u64, me: Peer) -> core::result::Result<Self, SegmentError> {
        let temporary = beside(path)?;
        let options = OpenOptions::new().read().write().create_new().mode(Mode::RUSR | Mode::WUSR);
        let file = options.open(&temporary)?;
        let made = fill(&file, kind, length, me)
            .and_then(|()| linkat(AT_FDCWD, &temporary, AT_FDCWD, path, AtFlags::empty()));
        // A second name that stays does no harm.
        let _ = Self::remove(&temporary);
        made?;
        Ok(Self { file, length, maker: me.name() })
    }

    /// Opens the segment of this name.
    ///
    /// # Errors
    ///
    /// Each says what is not as it should be.
    pub fn open(path: &CStr, kind: u32, length: u64) -> core::result::Result<Self, SegmentError> {
        // It does not wait for anybody if it is a pipe.
        let file = OpenOptions::new().read().write().flags(OpenFlags::NONBLOCK).open(path)?;
        let mut head = [0; HEAD];
        let read = match file.read_at(&mut head, 0) {
            // What has no places, or no bytes.
            Err(Errno::ESPIPE | Errno::EINVAL) => 0,
            result => result?,
        };
        if read < HEAD || !head.starts_with(&MAGIC) {
            return Err(SegmentError::NoSegment);
        }
        let its = u64::from_ne_bytes(field(&head, 16));
        // Of a hole or a device nothing is known, and it matches nothing.
        let all = file.len()?;
        match (u32::from_ne_bytes(field(&head, 8)), u32::from_ne_bytes(field(&head, 12))) {
            (version, _) if version != VERSION => Err(SegmentError::Version(version)),
            (_, other) if other != kind => Err(SegmentError::Kind(other)),
            _ if its != length => Err(SegmentError::Length(its)),
            _ if length.checked_add(page_size() as u64) != Some(all) => {
                Err(SegmentError::Length(all.saturating_sub(page_size() as u64)))
            }
            _ => Ok(Self { file, length, maker: u32::from_ne_bytes(field(&head, 24)) }),
        }
    }

    /// Takes the name away. Who has the segment open has it still.
    ///
    /// # Errors
    ///
    /// Those of [`unlinkat`].
    pub fn remove(path: &CStr) -> Result<()> {
        unlinkat(AT_FDCWD, path, AtFlags::empty())
    }

    /// Whether the process that made it has ended, so that it can be removed, and made
    /// anew.
    #[must_use]
    pub fn is_abandoned(&self, me: Peer) -> bool {
        me.sees_end_of(self.maker)
    }

    /// One of the rings, each for so many bytes, that the segment is divided into.
    ///
    /// # Safety
    ///
    /// Nobody may make the file shorter as long as the ring or an end of it is there.
    /// What was [created](Self::create) here has the rights of this user alone; whose
    /// is what was [opened](Self::open), in a folder where others may put files, is the
    /// caller's to know. What a shorter file would do is end the process by `SIGBUS`. No rights
    /// that are given later, and nothing that is written into it, does any harm.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: so many bytes are too many for a ring, or the segment has not so
    ///   many rings.
    /// - Those of [`File::try_clone`].
    pub unsafe fn ring(&self, number: u32, bytes: usize) -> Result<Ring> {
        let size = Ring::size(bytes)? as u64;
        let start = size.checked_mul(number.into()).ok_or(Errno::EINVAL)?;
        match start.checked_add(size) {
            Some(end) if end <= self.length => {}
            _ => return Err(Errno::EINVAL),
        }
        let offset = start.checked_add(page_size() as u64).ok_or(Errno::EINVAL)?;
        let capacity = Ring::size(bytes)?.saturating_sub(page_size());
        Ok(Ring::inside(self.file.try_clone()?, offset, capacity))
    }
}

/// Writes what a segment starts with, which is as long as it will be.
fn fill(file: &File, kind: u32, length: u64, me: Peer) -> Result<()> {
    file.set_len(length.checked_add(page_size() as u64).ok_or(Errno::EFBIG)?)?;
    let fields: [&[u8]; 5] = [
        &MAGIC,
        &VERSION.to_ne_bytes(),
        &kind.to_ne_bytes(),
        &length.to_ne_bytes(),
        &me.name().to_ne_bytes(),
    ];
    let mut head = [0; HEAD];
    for (to, from) in head.iter_mut().zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    file.write_all_at(&head, 0)
}

/// The bytes from this one on.
fn field<const N: usize>(head: &[u8; HEAD], start: usize) -> [u8; N] {
    head.get(start..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

/// A name in the same folder that nobody else has.
fn beside(path: &CStr) -> Result<CPathBuf> {
    let (mut name, mut bytes) = ([0; PATH_MAX], [0; 8]);
    retry(|| getrandom(&mut bytes, RandomFlags::empty()))?;
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| b'a' + digit);
    let path = path.to_bytes();
    let mut length = 0_usize;
    for (to, from) in name.iter_mut().zip(path.iter().copied().chain([b'.']).chain(digits)) {
        *to = from;
        length = length.saturating_add(1);
    }
    if length == path.len().saturating_add(17) {
        CPathBuf::new(name.get(..length).unwrap_or_default())
    } else {
        Err(Errno::ENAMETOOLONG)
    }
}
