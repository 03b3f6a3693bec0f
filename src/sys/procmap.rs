//! Asking about one mapping of a process, without reading text.

use super::RawFd;
use super::fs::ioctl;
use super::request::iowr;
use crate::errno::Result;
use crate::flags::ProcmapFlags;

/// A question and its answer: `struct procmap_query` of the kernel's header.
///
/// # References
///
/// [linux/fs.h](https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi/linux/fs.h)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct ProcmapQuery {
    /// In: the size of this type in bytes, as [`Self::new`] has it.
    pub size: u64,
    /// In: which mapping is looked for.
    pub query_flags: ProcmapFlags,
    /// In: the address that it is to hold.
    pub query_addr: u64,
    /// Out: its first byte.
    pub vma_start: u64,
    /// Out: the byte after its last.
    pub vma_end: u64,
    /// Out: what may be done with it.
    pub vma_flags: ProcmapFlags,
    /// Out: the size of its pages in bytes.
    pub vma_page_size: u64,
    /// Out: where in the file it starts, in bytes.
    pub vma_offset: u64,
    /// Out: the file's inode; 0 if it has no file.
    pub inode: u64,
    /// Out: the major number of the file's device.
    pub dev_major: u32,
    /// Out: the minor number.
    pub dev_minor: u32,
    /// In: how many bytes there are for the name, 0 for none; out: how many the
    /// name has, its NUL too.
    pub vma_name_size: u32,
    /// In: how many bytes there are for the build id, 0 for none; out: how many
    /// it has.
    pub build_id_size: u32,
    /// In: where the name goes.
    pub vma_name_addr: u64,
    /// In: where the build id goes.
    pub build_id_addr: u64,
}
static_assertions::const_assert_eq!(size_of::<ProcmapQuery>(), 104);

impl ProcmapQuery {
    /// A question that wants neither name nor build id.
    #[must_use]
    pub const fn new(query_addr: usize, query_flags: ProcmapFlags) -> Self {
        Self {
            size: size_of::<Self>() as u64,
            query_flags,
            query_addr: query_addr as u64,
            vma_start: 0,
            vma_end: 0,
            vma_flags: ProcmapFlags::empty(),
            vma_page_size: 0,
            vma_offset: 0,
            inode: 0,
            dev_major: 0,
            dev_minor: 0,
            vma_name_size: 0,
            build_id_size: 0,
            vma_name_addr: 0,
            build_id_addr: 0,
        }
    }
}

/// The request's number.
pub const PROCMAP_QUERY: u32 = iowr::<ProcmapQuery>(b'f', 17);

/// `int ioctl(int fd, PROCMAP_QUERY, struct procmap_query *query)`
///
/// Answers about a mapping of the process whose /proc/…/maps is open as `fd`
/// (Linux 6.11). Before that, the text in that file tells the same, but for the
/// size of the pages and the build id.
///
/// # Safety
///
/// `vma_name_addr` and `build_id_addr` must be the caller's to write, for as many
/// bytes as the query says. `size` must be at most that of [`ProcmapQuery`]: a
/// kernel that knows more fields reads and writes them too.
///
/// # Errors
///
/// - `E2BIG`: the size is larger than the kernel knows, and what it does not know
///   is not zeros.
/// - `EBADF`: `fd` is not open.
/// - `EFAULT`: a place for the answer is not writable.
/// - `EINVAL`: the size is too small; an unknown flag; a place without a size for
///   it, or the other way.
/// - `ENAMETOOLONG`: the name or the build id has no room.
/// - `ENOENT`: there is no such mapping.
/// - `ENOTTY`: before Linux 6.11, or `fd` is another file.
/// - `ESRCH`: the process has ended.
///
/// # References
///
/// [proc(5)](https://docs.kernel.org/filesystems/proc.html)
#[inline(always)]
pub unsafe fn procmap_query(fd: RawFd, query: &mut ProcmapQuery) -> Result<()> {
    // SAFETY: the caller vouches for the size in the query and its addresses.
    unsafe { ioctl(fd, PROCMAP_QUERY, query) }.map(drop)
}
