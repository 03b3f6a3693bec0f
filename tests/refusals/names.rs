//! Refusals of the calls about names: opening, asking, renaming.

use baremap::flags::{RenameFlags, ResolveFlags, StatxMask};
use baremap::sys::fs::{self, AT_FDCWD, OpenHow};
use baremap::{AtFlags, Mode, OpenFlags};

use super::{BAD, CLOSED, HUGE, long_path, unknown};

const NONE: AtFlags = AtFlags::empty();
const READ: OpenFlags = OpenFlags::RDONLY;
const NO_MODE: Mode = Mode::empty();
/// The size of `struct open_how`.
const HOW: usize = 24;

#[test]
fn of_opening() {
    let long = long_path();
    let (name, empty, endless) = (c"name".as_ptr(), c"".as_ptr(), long.as_ptr());
    let how = OpenHow::new(READ, NO_MODE, ResolveFlags::empty());
    let strange = OpenHow { flags: 1 << 40, ..how };
    let stranger = OpenHow { resolve: unknown(1 << 40), ..how };
    let (usual, odd, odder) = (&raw const how, &raw const strange, &raw const stranger);
    refusals! {
        fs::open(c"", READ, NO_MODE) => OPENAT(AT_FDCWD, empty, 0, 0) => ENOENT;
        fs::open(&long, READ, NO_MODE) => OPENAT(AT_FDCWD, endless, 0, 0) => ENAMETOOLONG;
        fs::open(c"/", READ | unknown(0x40_0000), NO_MODE) => OPENAT(AT_FDCWD, c"/".as_ptr(), 0x40_0000, 0) => EINVAL;
        fs::openat(CLOSED, c"name", READ, NO_MODE) => OPENAT(CLOSED, name, 0, 0) => EBADF;
        fs::openat(CLOSED, c"", READ, NO_MODE) => OPENAT(CLOSED, empty, 0, 0) => ENOENT;
        fs::openat(CLOSED, &long, READ, NO_MODE) => OPENAT(CLOSED, endless, 0, 0) => ENAMETOOLONG;
        fs::openat2(CLOSED, c"name", &how) => OPENAT2(CLOSED, name, usual, HOW) => EBADF;
        fs::openat2(CLOSED, c"", &how) => OPENAT2(CLOSED, empty, usual, HOW) => ENOENT;
        fs::openat2(CLOSED, &long, &how) => OPENAT2(CLOSED, endless, usual, HOW) => ENAMETOOLONG;
        fs::openat2(CLOSED, c"name", &strange) => OPENAT2(CLOSED, name, odd, HOW) => EINVAL;
        fs::openat2(CLOSED, c"name", &stranger) => OPENAT2(CLOSED, name, odder, HOW) => EINVAL;
        fs::close(CLOSED) => CLOSE(CLOSED) => EBADF;
    }
    raw_refusals! {
        OPENAT(AT_FDCWD, BAD, 0, 0) => EFAULT;
        OPENAT2(AT_FDCWD, BAD, usual, HOW) => EFAULT;
        OPENAT2(AT_FDCWD, name, BAD, HOW) => EFAULT;
        OPENAT2(AT_FDCWD, name, usual, 0) => EINVAL;
        OPENAT2(AT_FDCWD, name, usual, HUGE) => E2BIG;
    }
}

#[test]
fn of_asking() {
    let long = long_path();
    let (name, empty, endless) = (c"name".as_ptr(), c"".as_ptr(), long.as_ptr());
    let (mask, strange) = (StatxMask::TYPE, StatxMask::from_bits_retain(1 << 31));
    let mut answer = [0_u64; 32];
    let to = answer.as_mut_ptr();
    let here = crate::oracle::owned(fs::open(c"/", OpenFlags::DIRECTORY, NO_MODE).map(crate::oracle::number));
    let here = here.as_raw_fd();
    refusals! {
        fs::fstat(CLOSED) => FSTAT(CLOSED, to) => EBADF;
        fs::statx(CLOSED, c"name", NONE, mask) => STATX(CLOSED, name, 0, 1, to) => EBADF;
        fs::statx(CLOSED, c"", NONE, mask) => STATX(CLOSED, empty, 0, 1, to) => ENOENT;
        fs::statx(CLOSED, &long, NONE, mask) => STATX(CLOSED, endless, 0, 1, to) => ENAMETOOLONG;
        fs::statx(here, c".", unknown(1 << 24), mask) => STATX(here, c".".as_ptr(), 1 << 24, 1, to) => EINVAL;
        fs::statx(here, c".", NONE, strange) => STATX(here, c".".as_ptr(), 0, 1_usize << 31, to) => EINVAL;
        fs::getdents64(CLOSED, &mut [0; 8]) => GETDENTS64(CLOSED, to, 8) => EBADF;
        fs::getdents64(here, &mut []) => GETDENTS64(here, to, 0) => EINVAL;
    }
    raw_refusals! {
        FSTAT(here, BAD) => EFAULT;
        STATX(here, BAD, 0, 1, to) => EFAULT;
        STATX(here, c".".as_ptr(), 0, 1, BAD) => EFAULT;
        GETDENTS64(here, BAD, 512) => EFAULT;
        GETDENTS64(here, BAD, i32::MAX) => EFAULT;
    }
}

#[test]
fn of_naming() {
    let long = long_path();
    let (name, empty, endless) = (c"name".as_ptr(), c"".as_ptr(), long.as_ptr());
    let plain = RenameFlags::empty();
    refusals! {
        fs::unlinkat(CLOSED, c"name", NONE) => UNLINKAT(CLOSED, name, 0) => EBADF;
        fs::unlinkat(CLOSED, c"", NONE) => UNLINKAT(CLOSED, empty, 0) => ENOENT;
        fs::unlinkat(CLOSED, &long, NONE) => UNLINKAT(CLOSED, endless, 0) => ENAMETOOLONG;
        fs::unlinkat(CLOSED, c"name", unknown(1 << 24)) => UNLINKAT(CLOSED, name, 1 << 24) => EINVAL;

        fs::renameat2(CLOSED, c"name", AT_FDCWD, c"name", plain) => RENAMEAT2(CLOSED, name, AT_FDCWD, name, 0) => EBADF;
        fs::renameat2(AT_FDCWD, c"name", CLOSED, c"name", plain) => RENAMEAT2(AT_FDCWD, name, CLOSED, name, 0) => EBADF;
        fs::renameat2(CLOSED, c"", CLOSED, c"name", plain) => RENAMEAT2(CLOSED, empty, CLOSED, name, 0) => ENOENT;
        fs::renameat2(CLOSED, &long, CLOSED, c"name", plain) => RENAMEAT2(CLOSED, endless, CLOSED, name, 0) => ENAMETOOLONG;
        fs::renameat2(CLOSED, c"name", CLOSED, c"name", unknown(0x80)) => RENAMEAT2(CLOSED, name, CLOSED, name, 0x80) => EINVAL;

        fs::linkat(CLOSED, c"name", AT_FDCWD, c"name", NONE) => LINKAT(CLOSED, name, AT_FDCWD, name, 0) => EBADF;
        fs::linkat(AT_FDCWD, c"/", CLOSED, c"name", NONE) => LINKAT(AT_FDCWD, c"/".as_ptr(), CLOSED, name, 0) => EBADF;
        fs::linkat(CLOSED, c"", CLOSED, c"name", NONE) => LINKAT(CLOSED, empty, CLOSED, name, 0) => ENOENT;
        fs::linkat(CLOSED, &long, CLOSED, c"name", NONE) => LINKAT(CLOSED, endless, CLOSED, name, 0) => ENAMETOOLONG;
        fs::linkat(CLOSED, c"name", CLOSED, c"name", unknown(1 << 24)) => LINKAT(CLOSED, name, CLOSED, name, 1 << 24) => EINVAL;
    }
    raw_refusals! {
        UNLINKAT(AT_FDCWD, BAD, 0) => EFAULT;
        RENAMEAT2(AT_FDCWD, BAD, AT_FDCWD, name, 0) => EFAULT;
        RENAMEAT2(AT_FDCWD, c"/".as_ptr(), AT_FDCWD, BAD, 0) => EFAULT;
        LINKAT(AT_FDCWD, BAD, AT_FDCWD, name, 0) => EFAULT;
        LINKAT(AT_FDCWD, c"/".as_ptr(), AT_FDCWD, BAD, 0) => EFAULT;
    }
}
