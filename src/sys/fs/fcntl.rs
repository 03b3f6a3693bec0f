//! `fcntl`, one function for each command.

use core::ptr::{from_mut, from_ref};

use super::descriptor;
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{FdFlags, OpenFlags, Seals};
use crate::sys::{Argument, RawFd};

/// The commands, as linux/fcntl.h numbers them.
const DUPFD_CLOEXEC: i32 = 1030;
const GETFD: i32 = 1;
const SETFD: i32 = 2;
const GETFL: i32 = 3;
const SETFL: i32 = 4;
const ADD_SEALS: i32 = 1033;
const GET_SEALS: i32 = 1034;
const GETLK: i32 = 5;
const SETLK: i32 = 6;
const SETLKW: i32 = 7;
const OFD_GETLK: i32 = 36;
const OFD_SETLK: i32 = 37;
const OFD_SETLKW: i32 = 38;

/// Asks for flags.
#[inline(always)]
fn get(fd: RawFd, command: i32) -> Result<u32> {
    // SAFETY: a command that asks for flags touches no memory of ours.
    errno::value(unsafe { arch::syscall2(Sysno::fcntl, fd.word(), command.word()) }).map(|bits| bits as u32)
}

/// Sets flags.
#[inline(always)]
fn set(fd: RawFd, command: i32, bits: u32) -> Result<()> {
    // SAFETY: a command that sets flags touches no memory of ours.
    errno::unit(unsafe { arch::syscall3(Sysno::fcntl, fd.word(), command.word(), bits.word()) })
}

/// Has the kernel read a lock, and for some commands write it.
///
/// # Safety
///
/// `command` must be about a `struct flock`, and `lock` one to read, and to write
/// if the command does.
#[inline(always)]
unsafe fn lock(fd: RawFd, command: i32, lock: *mut Flock) -> Result<()> {
    // SAFETY: the caller has a `struct flock` there, which `Flock` is.
    errno::unit(unsafe { arch::syscall3(Sysno::fcntl, fd.word(), command.word(), lock.word()) })
}

/// `int fcntl(int fd, F_DUPFD_CLOEXEC, int lowest)`
///
/// Makes another name of `fd`, the lowest free number from `lowest` on, that is
/// closed when another program is executed.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINVAL`: `lowest` is negative or past the limit.
/// - `EMFILE`: too many descriptors.
///
/// # References
///
/// [fcntl(2)](https://man7.org/linux/man-pages/man2/fcntl.2.html)
#[inline(always)]
pub fn fcntl_dupfd_cloexec(fd: RawFd, lowest: RawFd) -> Result<RawFd> {
    // SAFETY: the call makes a descriptor, and touches no memory of ours.
    descriptor(unsafe { arch::syscall3(Sysno::fcntl, fd.word(), DUPFD_CLOEXEC.word(), lowest.word()) })
}

/// `int fcntl(int fd, F_GETFD)`
///
/// Tells what belongs to the descriptor alone, not to its other names.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
///
/// # References
///
/// [F_GETFD(2const)](https://man7.org/linux/man-pages/man2/F_GETFD.2const.html)
#[inline(always)]
pub fn fcntl_getfd(fd: RawFd) -> Result<FdFlags> {
    get(fd, GETFD).map(FdFlags::from_bits_retain)
}

/// `int fcntl(int fd, F_SETFD, int flags)`
///
/// Sets what belongs to the descriptor alone. Unknown flags are ignored.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
///
/// # References
///
/// [F_GETFD(2const)](https://man7.org/linux/man-pages/man2/F_GETFD.2const.html)
#[inline(always)]
pub fn fcntl_setfd(fd: RawFd, flags: FdFlags) -> Result<()> {
    set(fd, SETFD, flags.bits())
}

/// `int fcntl(int fd, F_GETFL)`
///
/// Tells how the file was opened, with what was changed since. The kernel adds
/// [`OpenFlags::LARGEFILE`].
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
///
/// # References
///
/// [F_GETFL(2const)](https://man7.org/linux/man-pages/man2/F_GETFL.2const.html)
#[inline(always)]
pub fn fcntl_getfl(fd: RawFd) -> Result<OpenFlags> {
    get(fd, GETFL).map(OpenFlags::from_bits_retain)
}

/// `int fcntl(int fd, F_SETFL, int flags)`
///
/// Changes `APPEND`, `ASYNC`, `DIRECT`, `NOATIME` and `NONBLOCK`, for every name of
/// the open file. All else is ignored.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINVAL`: `DIRECT`, which the file cannot.
/// - `EPERM`: `APPEND` is to go, which the file must have; or `NOATIME`, of
///   another's file.
///
/// # References
///
/// [F_GETFL(2const)](https://man7.org/linux/man-pages/man2/F_GETFL.2const.html)
#[inline(always)]
pub fn fcntl_setfl(fd: RawFd, flags: OpenFlags) -> Result<()> {
    set(fd, SETFL, flags.bits())
}

/// `int fcntl(int fd, F_ADD_SEALS, unsigned int seals)`
///
/// Forbids something for ever, to every name of the file. [`Seals::FUTURE_WRITE`]
/// leaves maps that can be written as they are.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EBUSY`: `WRITE`, and the file is mapped so that it can be written.
/// - `EINVAL`: an unknown seal; what `fd` is cannot be sealed.
/// - `EPERM`: `fd` is not open for writing; [`Seals::SEAL`] is set.
///
/// # References
///
/// [F_GET_SEALS(2const)](https://man7.org/linux/man-pages/man2/F_GET_SEALS.2const.html)
#[inline(always)]
pub fn fcntl_add_seals(fd: RawFd, seals: Seals) -> Result<()> {
    set(fd, ADD_SEALS, seals.bits())
}

/// `int fcntl(int fd, F_GET_SEALS)`
///
/// Tells what is forbidden.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINVAL`: what `fd` is cannot be sealed.
///
/// # References
///
/// [F_GET_SEALS(2const)](https://man7.org/linux/man-pages/man2/F_GET_SEALS.2const.html)
#[inline(always)]
pub fn fcntl_get_seals(fd: RawFd) -> Result<Seals> {
    get(fd, GET_SEALS).map(Seals::from_bits_retain)
}

/// What kind of lock a [`Flock`] is. The type is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
#[doc(alias = "F_RDLCK")]
pub struct LockType(pub i16);

impl LockType {
    /// Shared with others of this kind.
    pub const RDLCK: Self = Self(0);
    /// Shared with nobody.
    pub const WRLCK: Self = Self(1);
    /// None: what was locked is let go.
    pub const UNLCK: Self = Self(2);
}

/// A lock on a range of a file: `struct flock` of the man page. It keeps out
/// only those who ask for a lock too; nobody is kept from reading or writing.
///
/// # References
///
/// [F_GETLK(2const)](https://man7.org/linux/man-pages/man2/F_GETLK.2const.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Flock {
    /// Its kind.
    pub l_type: LockType,
    /// From where `l_start` counts: a [`Whence`](super::Whence), as a number.
    pub l_whence: i16,
    /// Its first byte.
    pub l_start: i64,
    /// Its length in bytes; 0 is up to the end, wherever that will be. If it is
    /// negative, the range lies before `l_start`.
    pub l_len: i64,
    /// Who holds it, as an answer; 0 in a question, which a lock of an open file
    /// must have. -1 for one that an open file holds.
    pub l_pid: i32,
}

/// `int fcntl(int fd, F_GETLK, struct flock *lock)`
///
/// Asks whether `lock` could be had: its kind becomes [`LockType::UNLCK`] then, else
/// it becomes one of those that are in the way. It is the process that holds
/// such a lock: it goes when the process closes any descriptor of the file.
///
/// # Errors
///
/// - `EBADF`: `fd` is not open.
/// - `EINTR`: a signal came while a network's filesystem was asked.
/// - `EINVAL`: no such kind, or no such range.
/// - `EOVERFLOW`: the range passes the largest position.
///
/// # References
///
/// [F_GETLK(2const)](https://man7.org/linux/man-pages/man2/F_GETLK.2const.html)
#[inline(always)]
pub fn fcntl_getlk(fd: RawFd, flock: &mut Flock) -> Result<()> {
    // SAFETY: the kernel reads it and may write it.
    unsafe { lock(fd, GETLK, from_mut(flock)) }
}

/// `int fcntl(int fd, F_SETLK, const struct flock *lock)`
///
/// Locks a range for this process, or lets it go.
///
/// # Errors
///
/// - `EACCES`, `EAGAIN`: another holds one that is in the way.
/// - `EBADF`: `fd` is not open, or not for reading (`RDLCK`), or writing (`WRLCK`).
/// - `EINTR`: a signal came while a network's filesystem was asked.
/// - `EINVAL`: no such kind, or no such range.
/// - `ENOLCK`: too many locks.
/// - `EOVERFLOW`: the range passes the largest position.
///
/// # References
///
/// [F_GETLK(2const)](https://man7.org/linux/man-pages/man2/F_GETLK.2const.html)
#[inline(always)]
pub fn fcntl_setlk(fd: RawFd, flock: &Flock) -> Result<()> {
    // SAFETY: the kernel only reads it.
    unsafe { lock(fd, SETLK, from_ref(flock).cast_mut()) }
}

/// `int fcntl(int fd, F_SETLKW, const struct flock *lock)`
///
/// As [`fcntl_setlk`], and waits until it can be had.
///
/// # Errors
///
/// - `EBADF`, `EINVAL`, `ENOLCK`, `EOVERFLOW`: as for [`fcntl_setlk`].
/// - `EDEADLK`: another waits for this process already.
/// - `EINTR`: a signal came.
///
/// # References
///
/// [F_GETLK(2const)](https://man7.org/linux/man-pages/man2/F_GETLK.2const.html)
#[inline(always)]
pub fn fcntl_setlkw(fd: RawFd, flock: &Flock) -> Result<()> {
    // SAFETY: the kernel only reads it.
    unsafe { lock(fd, SETLKW, from_ref(flock).cast_mut()) }
}

/// `int fcntl(int fd, F_OFD_GETLK, struct flock *lock)`
///
/// As [`fcntl_getlk`], for the open file that `fd` is a name of: such a lock goes
/// with the last name, and holds between threads too.
///
/// # Errors
///
/// Those of [`fcntl_getlk`], and `EINVAL` if `l_pid` is not 0.
///
/// # References
///
/// [F_OFD_SETLK(2const)](https://man7.org/linux/man-pages/man2/F_OFD_SETLK.2const.html)
#[inline(always)]
pub fn fcntl_ofd_getlk(fd: RawFd, flock: &mut Flock) -> Result<()> {
    // SAFETY: the kernel reads it and may write it.
    unsafe { lock(fd, OFD_GETLK, from_mut(flock)) }
}

/// `int fcntl(int fd, F_OFD_SETLK, const struct flock *lock)`
///
/// As [`fcntl_setlk`], for the open file that `fd` is a name of.
///
/// # Errors
///
/// Those of [`fcntl_setlk`], and `EINVAL` if `l_pid` is not 0.
///
/// # References
///
/// [F_OFD_SETLK(2const)](https://man7.org/linux/man-pages/man2/F_OFD_SETLK.2const.html)
#[inline(always)]
pub fn fcntl_ofd_setlk(fd: RawFd, flock: &Flock) -> Result<()> {
    // SAFETY: the kernel only reads it.
    unsafe { lock(fd, OFD_SETLK, from_ref(flock).cast_mut()) }
}

/// `int fcntl(int fd, F_OFD_SETLKW, const struct flock *lock)`
///
/// As [`fcntl_ofd_setlk`], and waits until it can be had, for ever if two wait for
/// each other.
///
/// # Errors
///
/// - `EBADF`, `EINVAL`, `ENOLCK`, `EOVERFLOW`: as for [`fcntl_ofd_setlk`].
/// - `EINTR`: a signal came.
///
/// # References
///
/// [F_OFD_SETLK(2const)](https://man7.org/linux/man-pages/man2/F_OFD_SETLK.2const.html)
#[inline(always)]
pub fn fcntl_ofd_setlkw(fd: RawFd, flock: &Flock) -> Result<()> {
    // SAFETY: the kernel only reads it.
    unsafe { lock(fd, OFD_SETLKW, from_ref(flock).cast_mut()) }
}
