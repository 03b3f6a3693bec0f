//! Answering page faults oneself: a descriptor that tells of them, and the
//! requests that put pages where they are missing.
//!
//! In their order: [`userfaultfd`], [`uffdio_api`], [`uffdio_register`]; then, for
//! each message read, [`uffdio_copy`] or [`uffdio_zeropage`].

use super::fs::ioctl;
use super::request::{ior, iowr};
use super::{Argument, RawFd};
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{
    UffdCopyMode, UffdFeatures, UffdPagefaultFlags, UffdRegisterMode, UffdWriteprotectMode, UffdZeropageMode,
    UserfaultfdFlags,
};

/// The version of all this, and the letter of its requests.
pub const UFFD_API: u64 = 0xaa;

/// `struct uffdio_api`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioApi {
    /// In: [`UFFD_API`].
    pub api: u64,
    /// In: what is wanted; out: what the kernel has.
    pub features: UffdFeatures,
    /// Out: a bit for each request, by its number.
    pub ioctls: u64,
}
static_assertions::const_assert_eq!(size_of::<UffdioApi>(), 24);

/// `struct uffdio_range`: whole pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioRange {
    /// The first byte.
    pub start: u64,
    /// The length in bytes.
    pub len: u64,
}
static_assertions::const_assert_eq!(size_of::<UffdioRange>(), 16);

/// `struct uffdio_register`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioRegister {
    /// In: which pages.
    pub range: UffdioRange,
    /// In: which faults.
    pub mode: UffdRegisterMode,
    /// Out: a bit for each request that the pages can have, by its number.
    pub ioctls: u64,
}
static_assertions::const_assert_eq!(size_of::<UffdioRegister>(), 32);

/// `struct uffdio_copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioCopy {
    /// In: to where.
    pub dst: u64,
    /// In: from where; any address.
    pub src: u64,
    /// In: how many bytes: whole pages.
    pub len: u64,
    /// In: how.
    pub mode: UffdCopyMode,
    /// Out: how many bytes, or the negative number of the error.
    pub copy: i64,
}
static_assertions::const_assert_eq!(size_of::<UffdioCopy>(), 40);

/// `struct uffdio_zeropage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioZeropage {
    /// In: which pages.
    pub range: UffdioRange,
    /// In: how.
    pub mode: UffdZeropageMode,
    /// Out: how many bytes, or the negative number of the error.
    pub zeropage: i64,
}
static_assertions::const_assert_eq!(size_of::<UffdioZeropage>(), 32);

/// `struct uffdio_writeprotect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdioWriteprotect {
    /// In: which pages.
    pub range: UffdioRange,
    /// In: whether to protect them.
    pub mode: UffdWriteprotectMode,
}
static_assertions::const_assert_eq!(size_of::<UffdioWriteprotect>(), 24);

/// What a message tells of. The type is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "UFFD_EVENT_PAGEFAULT")]
pub struct UffdEvent(pub u8);

impl UffdEvent {
    /// A fault, which waits for a page.
    pub const PAGEFAULT: Self = Self(0x12);
    /// A child, whose faults its own descriptor tells: the first word of `arg`.
    pub const FORK: Self = Self(0x13);
    /// `mremap`: from, to and length in bytes.
    pub const REMAP: Self = Self(0x14);
    /// `madvise` took the pages: from the first byte to before the second.
    pub const REMOVE: Self = Self(0x15);
    /// `munmap` took the mapping: from the first byte to before the second.
    pub const UNMAP: Self = Self(0x16);
}

/// What reading the descriptor gives: `struct uffd_msg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdMsg {
    /// What it tells of: the value of a [`UffdEvent`].
    pub event: u8,
    reserved: [u8; 7],
    /// What there is to tell, by the event.
    pub arg: [u64; 3],
}
static_assertions::const_assert_eq!(size_of::<UffdMsg>(), 32);

/// A fault: `uffd_msg.arg.pagefault`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UffdPagefault {
    /// Of what kind.
    pub flags: UffdPagefaultFlags,
    /// Where: the first byte of the page, or the byte with `EXACT_ADDRESS`.
    pub address: usize,
    /// Whose: the number of the thread with `THREAD_ID`, else 0.
    pub ptid: u32,
}

impl UffdMsg {
    /// A message out of the bytes that were read.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        // SAFETY: every value of these bytes is one of this type, without padding.
        unsafe { core::mem::transmute(bytes) }
    }

    /// The fault that it tells of, if that is what it tells of.
    #[must_use]
    pub const fn pagefault(&self) -> Option<UffdPagefault> {
        if self.event != UffdEvent::PAGEFAULT.0 {
            return None;
        }
        let [flags, address, ptid] = self.arg;
        let flags = UffdPagefaultFlags::from_bits_retain(flags);
        Some(UffdPagefault { flags, address: address as usize, ptid: ptid as u32 })
    }
}

const KIND: u8 = UFFD_API as u8;

/// The requests' numbers.
pub const UFFDIO_API: u32 = iowr::<UffdioApi>(KIND, 0x3f);
/// Of [`uffdio_register`].
pub const UFFDIO_REGISTER: u32 = iowr::<UffdioRegister>(KIND, 0);
/// Of [`uffdio_unregister`].
pub const UFFDIO_UNREGISTER: u32 = ior::<UffdioRange>(KIND, 1);
/// Of [`uffdio_wake`].
pub const UFFDIO_WAKE: u32 = ior::<UffdioRange>(KIND, 2);
/// Of [`uffdio_copy`].
pub const UFFDIO_COPY: u32 = iowr::<UffdioCopy>(KIND, 3);
/// Of [`uffdio_zeropage`].
pub const UFFDIO_ZEROPAGE: u32 = iowr::<UffdioZeropage>(KIND, 4);
/// Of [`uffdio_writeprotect`].
pub const UFFDIO_WRITEPROTECT: u32 = iowr::<UffdioWriteprotect>(KIND, 6);

/// `int userfaultfd(int flags)`
///
/// Opens a descriptor for faults of this process. [`UffdMsg`]s are read from it.
///
/// # Errors
///
/// - `EINVAL`: an unknown flag.
/// - `EMFILE`, `ENFILE`: too many descriptors here, or in the system.
/// - `ENOMEM`: no memory for it.
/// - `ENOSYS`: the kernel was built without it.
/// - `EPERM`: without `USER_MODE_ONLY`, for the privileged only.
///
/// # References
///
/// [userfaultfd(2)](https://man7.org/linux/man-pages/man2/userfaultfd.2.html)
#[inline(always)]
pub fn userfaultfd(flags: UserfaultfdFlags) -> Result<RawFd> {
    // SAFETY: the call touches no memory.
    let word = unsafe { arch::syscall1(Sysno::userfaultfd, flags.bits().word()) };
    errno::value(word).map(|fd| fd as RawFd)
}

/// `int ioctl(int fd, UFFDIO_API, struct uffdio_api *argp)`
///
/// Agrees on the version and on features, once, before all else.
///
/// # Errors
///
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EINVAL`: another version, a feature that the kernel does not have, or it is
///   done already. The answer is all zeros then, except in the last case.
/// - `EPERM`: `EVENT_FORK`, for the privileged only.
///
/// # References
///
/// [UFFDIO_API(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_API.2const.html)
#[inline(always)]
pub fn uffdio_api(fd: RawFd, argp: &mut UffdioApi) -> Result<()> {
    // SAFETY: the kernel fills the argument, which is of its size.
    unsafe { ioctl(fd, UFFDIO_API, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_REGISTER, struct uffdio_register *argp)`
///
/// Has faults in a range told from now on. Who touches a missing page waits until
/// it is put there.
///
/// # Errors
///
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EBUSY`: another descriptor has the range.
/// - `EINVAL`: not whole pages, no or an unknown mode, no memory of a kind that it
///   can be told of, or [`uffdio_api`] was not called.
/// - `ENOMEM`: the process has ended, or has too many mappings.
/// - `EPERM`: a file that may not be written.
///
/// # References
///
/// [UFFDIO_REGISTER(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_REGISTER.2const.html)
#[inline(always)]
pub fn uffdio_register(fd: RawFd, argp: &mut UffdioRegister) -> Result<()> {
    // SAFETY: the kernel fills the argument, which is of its size.
    unsafe { ioctl(fd, UFFDIO_REGISTER, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_UNREGISTER, struct uffdio_range *argp)`
///
/// Has them told no more, and wakes who waits.
///
/// # Errors
///
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EINVAL`: not whole pages, or no memory of a kind that it can be told of.
/// - `ENOMEM`: the process has ended, or has too many mappings.
///
/// # References
///
/// [UFFDIO_UNREGISTER(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_UNREGISTER.2const.html)
#[inline(always)]
pub fn uffdio_unregister(fd: RawFd, argp: &UffdioRange) -> Result<()> {
    let argp: *const UffdioRange = argp;
    // SAFETY: the kernel only reads the argument.
    unsafe { ioctl(fd, UFFDIO_UNREGISTER, argp.cast_mut()) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_WAKE, struct uffdio_range *argp)`
///
/// Wakes who waits in a range, after `DONTWAKE`.
///
/// # Errors
///
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EINVAL`: not whole pages.
///
/// # References
///
/// [UFFDIO_WAKE(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_WAKE.2const.html)
#[inline(always)]
pub fn uffdio_wake(fd: RawFd, argp: &UffdioRange) -> Result<()> {
    let argp: *const UffdioRange = argp;
    // SAFETY: the kernel only reads the argument.
    unsafe { ioctl(fd, UFFDIO_WAKE, argp.cast_mut()) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_COPY, struct uffdio_copy *argp)`
///
/// Puts pages with these bytes where they are missing, and wakes who waits.
///
/// # Safety
///
/// `dst` must be the caller's to write, for `len` bytes.
///
/// # Errors
///
/// - `EAGAIN`: the memory was changed meanwhile; `copy` says how far it came.
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EEXIST`: a page is there.
/// - `EFAULT`: `src` is not readable.
/// - `EINVAL`: not whole pages, or an unknown mode.
/// - `ENOENT`: the range is not registered, or in several mappings.
/// - `ENOMEM`: no memory for it.
/// - `ESRCH`: the process has ended.
///
/// # References
///
/// [UFFDIO_COPY(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_COPY.2const.html)
#[inline(always)]
pub unsafe fn uffdio_copy(fd: RawFd, argp: &mut UffdioCopy) -> Result<()> {
    // SAFETY: the kernel fills the argument; the caller vouches for its addresses.
    unsafe { ioctl(fd, UFFDIO_COPY, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_ZEROPAGE, struct uffdio_zeropage *argp)`
///
/// As [`uffdio_copy`], with zeros.
///
/// # Safety
///
/// The range must be the caller's to write.
///
/// # Errors
///
/// Those of [`uffdio_copy`], and `EINVAL` for huge pages.
///
/// # References
///
/// [UFFDIO_ZEROPAGE(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_ZEROPAGE.2const.html)
#[inline(always)]
pub unsafe fn uffdio_zeropage(fd: RawFd, argp: &mut UffdioZeropage) -> Result<()> {
    // SAFETY: the kernel fills the argument; the caller vouches for the range.
    unsafe { ioctl(fd, UFFDIO_ZEROPAGE, argp) }.map(drop)
}

/// `int ioctl(int fd, UFFDIO_WRITEPROTECT, struct uffdio_writeprotect *argp)`
///
/// Protects pages from being written, or no more, and wakes who waits then
/// (Linux 5.7). No byte changes.
///
/// # Errors
///
/// - `EAGAIN`: the memory was changed meanwhile.
/// - `EBADF`, `ENOTTY`: `fd` is not open, or another file.
/// - `EFAULT`: the range has a fault of its own.
/// - `EINVAL`: not whole pages, or an unknown mode.
/// - `ENOENT`: the range is not registered with `WP`.
/// - `ESRCH`: the process has ended.
///
/// # References
///
/// [UFFDIO_WRITEPROTECT(2const)](https://man7.org/linux/man-pages/man2/UFFDIO_WRITEPROTECT.2const.html)
#[inline(always)]
pub fn uffdio_writeprotect(fd: RawFd, argp: &mut UffdioWriteprotect) -> Result<()> {
    // SAFETY: the kernel reads the argument, which is of its size.
    unsafe { ioctl(fd, UFFDIO_WRITEPROTECT, argp) }.map(drop)
}
