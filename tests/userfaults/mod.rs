//! The requests of userfaultfd, made by us or by `sc`, and what tests do with them.

#![allow(dead_code, reason = "each test file uses a part")]

use baremap::flags::{UffdFeatures, UserfaultfdFlags};
use baremap::sys::{RawFd, fs, page_size, userfaultfd::*};
use baremap::{Errno, OwnedFd, Result};

use crate::hosted::wants_root;
use crate::oracle::{none, number, owned, theirs};

pub const PLAIN: UserfaultfdFlags = UserfaultfdFlags::CLOEXEC.union(UserfaultfdFlags::NONBLOCK);

pub fn open(by_us: bool, flags: UserfaultfdFlags) -> Result<usize> {
    if by_us { userfaultfd(flags).map(number) } else { theirs!(USERFAULTFD, flags.bits()) }
}

/// Whether the kernel has it, or not for this user; it says so.
pub fn missing() -> bool {
    let made = [true, false].map(|by_us| open(by_us, PLAIN).map(|fd| drop(owned(Ok(fd)))));
    if made == [Err(Errno::ENOSYS); 2] {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"this kernel has no userfaultfd\n");
        return true;
    }
    if made == [Err(Errno::EPERM); 2] && wants_root("userfaultfd") {
        return true;
    }
    assert_eq!(made, [Ok(()); 2]);
    false
}

/// A request by us or by them.
macro_rules! request {
    ($by_us:expr, $call:expr, $number:ident, $fd:expr, $argument:expr) => {
        if $by_us { $call.map(none) } else { theirs!(IOCTL, $fd, $number, $argument) }
    };
}

pub fn agree(by_us: bool, fd: RawFd, argument: &mut UffdioApi) -> Result<usize> {
    request!(by_us, uffdio_api(fd, argument), UFFDIO_API, fd, &raw mut *argument)
}

pub fn register(by_us: bool, fd: RawFd, argument: &mut UffdioRegister) -> Result<usize> {
    request!(by_us, uffdio_register(fd, argument), UFFDIO_REGISTER, fd, &raw mut *argument)
}

pub fn copy(by_us: bool, fd: RawFd, argument: &mut UffdioCopy) -> Result<usize> {
    // SAFETY: where it goes is the test's own.
    request!(by_us, unsafe { uffdio_copy(fd, argument) }, UFFDIO_COPY, fd, &raw mut *argument)
}

pub fn zero(by_us: bool, fd: RawFd, argument: &mut UffdioZeropage) -> Result<usize> {
    // SAFETY: where it goes is the test's own.
    request!(by_us, unsafe { uffdio_zeropage(fd, argument) }, UFFDIO_ZEROPAGE, fd, &raw mut *argument)
}

pub fn protect(by_us: bool, fd: RawFd, argument: &mut UffdioWriteprotect) -> Result<usize> {
    request!(by_us, uffdio_writeprotect(fd, argument), UFFDIO_WRITEPROTECT, fd, &raw mut *argument)
}

pub fn wake(by_us: bool, fd: RawFd, argument: &UffdioRange) -> Result<usize> {
    request!(by_us, uffdio_wake(fd, argument), UFFDIO_WAKE, fd, &raw const *argument)
}

pub fn go_on(by_us: bool, fd: RawFd, argument: &mut UffdioContinue) -> Result<usize> {
    request!(by_us, uffdio_continue(fd, argument), UFFDIO_CONTINUE, fd, &raw mut *argument)
}

pub fn poison(by_us: bool, fd: RawFd, argument: &mut UffdioPoison) -> Result<usize> {
    // SAFETY: the range is the test's own.
    request!(by_us, unsafe { uffdio_poison(fd, argument) }, UFFDIO_POISON, fd, &raw mut *argument)
}

pub fn relocate(by_us: bool, fd: RawFd, argument: &mut UffdioMove) -> Result<usize> {
    // SAFETY: both ranges are the test's own.
    request!(by_us, unsafe { uffdio_move(fd, argument) }, UFFDIO_MOVE, fd, &raw mut *argument)
}

pub fn unregister(by_us: bool, fd: RawFd, argument: &UffdioRange) -> Result<usize> {
    request!(by_us, uffdio_unregister(fd, argument), UFFDIO_UNREGISTER, fd, &raw const *argument)
}

pub fn api(features: UffdFeatures) -> UffdioApi {
    UffdioApi { api: UFFD_API, features, ioctls: 0 }
}

pub fn range(start: *mut u8, count: usize) -> UffdioRange {
    UffdioRange { start: start.expose_provenance() as u64, len: (count * page_size()) as u64 }
}

/// A descriptor that has been agreed upon.
pub fn ready() -> OwnedFd {
    let fd = owned(open(true, PLAIN));
    assert_eq!(uffdio_api(fd.as_raw_fd(), &mut api(UffdFeatures::empty())), Ok(()));
    fd
}

/// Reads a message, waiting for it; qemu-user and a fast test are both too early.
pub fn message(fd: RawFd) -> UffdMsg {
    let mut bytes = [0_u8; 32];
    loop {
        match fs::read(fd, &mut bytes) {
            Err(Errno::EAGAIN) => std::thread::yield_now(),
            read => {
                assert_eq!(read, Ok(32));
                return UffdMsg::from_bytes(bytes);
            }
        }
    }
}
