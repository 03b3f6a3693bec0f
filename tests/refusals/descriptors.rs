//! Refusals of the calls about descriptors.

use std::ptr::without_provenance_mut;

use baremap::OpenFlags;
use baremap::flags::{FdFlags, MemfdFlags, Seals};
use baremap::sys::fs::{
    Flock, LockType, dup3, fcntl_add_seals, fcntl_dupfd_cloexec, fcntl_get_seals, fcntl_getfd, fcntl_getfl,
    fcntl_getlk, fcntl_ofd_getlk, fcntl_ofd_setlk, fcntl_ofd_setlkw, fcntl_setfd, fcntl_setfl, fcntl_setlk,
    fcntl_setlkw, ioctl, pipe2,
};
use baremap::sys::mm;
use linux_raw_sys::general as headers;

use super::{BAD, CLOSED, HUGE, unknown};
use crate::oracle::{number, owned, pipe};

const DUPFD_CLOEXEC: u32 = headers::F_DUPFD_CLOEXEC;
const ADD_SEALS: u32 = headers::F_ADD_SEALS;
const GET_SEALS: u32 = headers::F_GET_SEALS;
/// How many bytes are to be read: it writes a number.
const FIONREAD: u32 = linux_raw_sys::ioctl::FIONREAD;

#[test]
fn of_descriptors() {
    let [reader, _writer] = pipe();
    let pipe = reader.as_raw_fd();
    let nowhere = without_provenance_mut::<i32>(BAD);
    let close = OpenFlags::CLOEXEC;
    let mut ends = [0_i32; 2];
    let to = ends.as_mut_ptr();
    refusals! {
        pipe2(unknown(1 << 30)) => PIPE2(to, 1 << 30) => EINVAL;
        dup3(CLOSED, pipe, close) => DUP3(CLOSED, pipe, close.bits()) => EBADF;
        dup3(pipe, CLOSED, close) => DUP3(pipe, CLOSED, close.bits()) => EBADF;
        dup3(pipe, CLOSED, unknown(1 << 30)) => DUP3(pipe, CLOSED, 1 << 30) => EINVAL;
        dup3(CLOSED, CLOSED, close) => DUP3(CLOSED, CLOSED, close.bits()) => EINVAL;
        ioctl(CLOSED, FIONREAD, to) => IOCTL(CLOSED, FIONREAD, to) => EBADF;
        ioctl(pipe, 0xffff_ff77, to) => IOCTL(pipe, 0xffff_ff77_u32 as i32, to) => ENOTTY;
        ioctl(pipe, FIONREAD, nowhere) => IOCTL(pipe, FIONREAD, BAD) => EFAULT;
    }
    raw_refusals! { PIPE2(BAD, 0) => EFAULT; }
}

#[test]
fn of_commands_of_fcntl() {
    let file = owned(mm::memfd_create(c"there", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).map(number));
    let file = file.as_raw_fd();
    refusals! {
        fcntl_dupfd_cloexec(CLOSED, 3) => FCNTL(CLOSED, DUPFD_CLOEXEC, 3) => EBADF;
        fcntl_dupfd_cloexec(file, -1) => FCNTL(file, DUPFD_CLOEXEC, -1_i32) => EINVAL;
        fcntl_dupfd_cloexec(file, CLOSED) => FCNTL(file, DUPFD_CLOEXEC, CLOSED) => EINVAL;
        fcntl_getfd(CLOSED) => FCNTL(CLOSED, headers::F_GETFD) => EBADF;
        fcntl_setfd(CLOSED, FdFlags::CLOEXEC) => FCNTL(CLOSED, headers::F_SETFD, 1) => EBADF;
        fcntl_getfl(CLOSED) => FCNTL(CLOSED, headers::F_GETFL) => EBADF;
        fcntl_setfl(CLOSED, OpenFlags::APPEND) => FCNTL(CLOSED, headers::F_SETFL, 0x400) => EBADF;
        fcntl_add_seals(CLOSED, Seals::SEAL) => FCNTL(CLOSED, ADD_SEALS, 1) => EBADF;
        fcntl_add_seals(file, unknown(1 << 24)) => FCNTL(file, ADD_SEALS, 1 << 24) => EINVAL;
        fcntl_get_seals(CLOSED) => FCNTL(CLOSED, GET_SEALS) => EBADF;
    }
    raw_refusals! { FCNTL(file, 7_777, 0) => EINVAL; }
}

#[test]
fn of_locks() {
    let file = owned(mm::memfd_create(c"there", MemfdFlags::CLOEXEC).map(number));
    let file = file.as_raw_fd();
    let mut lock = Flock { l_type: LockType::RDLCK, l_whence: 0, l_start: 0, l_len: 0, l_pid: 0 };
    let (place, mut odd) = (&raw mut lock, Flock { l_type: LockType(77), ..lock });
    let (strange, huge) = (&raw mut odd, Flock { l_start: i64::MAX, l_len: i64::MAX, ..lock });
    let far = &raw const huge;
    refusals! {
        fcntl_getlk(CLOSED, &mut lock) => FCNTL(CLOSED, headers::F_GETLK, place) => EBADF;
        fcntl_getlk(file, &mut odd) => FCNTL(file, headers::F_GETLK, strange) => EINVAL;
        fcntl_setlk(CLOSED, &lock) => FCNTL(CLOSED, headers::F_SETLK, place) => EBADF;
        fcntl_setlk(file, &odd) => FCNTL(file, headers::F_SETLK, strange) => EINVAL;
        fcntl_setlk(file, &huge) => FCNTL(file, headers::F_SETLK, far) => EOVERFLOW;
        fcntl_setlkw(CLOSED, &lock) => FCNTL(CLOSED, headers::F_SETLKW, place) => EBADF;
        fcntl_setlkw(file, &odd) => FCNTL(file, headers::F_SETLKW, strange) => EINVAL;
        fcntl_setlkw(file, &huge) => FCNTL(file, headers::F_SETLKW, far) => EOVERFLOW;
        fcntl_ofd_getlk(CLOSED, &mut lock) => FCNTL(CLOSED, headers::F_OFD_GETLK, place) => EBADF;
        fcntl_ofd_getlk(file, &mut odd) => FCNTL(file, headers::F_OFD_GETLK, strange) => EINVAL;
        fcntl_ofd_setlk(CLOSED, &lock) => FCNTL(CLOSED, headers::F_OFD_SETLK, place) => EBADF;
        fcntl_ofd_setlk(file, &odd) => FCNTL(file, headers::F_OFD_SETLK, strange) => EINVAL;
        fcntl_ofd_setlk(file, &huge) => FCNTL(file, headers::F_OFD_SETLK, far) => EOVERFLOW;
        fcntl_ofd_setlkw(CLOSED, &lock) => FCNTL(CLOSED, headers::F_OFD_SETLKW, place) => EBADF;
        fcntl_ofd_setlkw(file, &odd) => FCNTL(file, headers::F_OFD_SETLKW, strange) => EINVAL;
        fcntl_ofd_setlkw(file, &huge) => FCNTL(file, headers::F_OFD_SETLKW, far) => EOVERFLOW;
    }
    raw_refusals! {
        FCNTL(file, headers::F_GETLK, BAD) => EFAULT;
        FCNTL(file, headers::F_SETLK, BAD) => EFAULT;
        FCNTL(file, headers::F_SETLKW, HUGE) => EFAULT;
        FCNTL(file, headers::F_OFD_GETLK, BAD) => EFAULT;
        FCNTL(file, headers::F_OFD_SETLK, BAD) => EFAULT;
        FCNTL(file, headers::F_OFD_SETLKW, HUGE) => EFAULT;
    }
}
