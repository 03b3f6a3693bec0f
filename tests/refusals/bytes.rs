//! Refusals of the calls about a file's bytes and its length.

use baremap::flags::{FallocateFlags, MemfdFlags, SyncFileRangeFlags};
use baremap::sys::fs::{self, FileAdvice, Whence};
use baremap::sys::mm;

use super::{BAD, CLOSED, HUGE, unknown};
use crate::hosted::write;
use crate::oracle::{number, owned};

/// The last position that there can be.
const END: i64 = i64::MAX;

#[test]
fn of_reading_and_writing() {
    let file = owned(mm::memfd_create(c"there", MemfdFlags::CLOEXEC).map(number));
    let file = file.as_raw_fd();
    assert_eq!(write(file, b"text"), Ok(4));
    assert_eq!(fs::lseek(file, 1, Whence::Set), Ok(1));
    let mut bytes = [0_u8; 4];
    let place = bytes.as_mut_ptr();
    let (mut from, mut to) = (0, 0);
    let (at, far) = (&raw mut from, &raw mut to);
    refusals! {
        fs::read(CLOSED, &mut bytes) => READ(CLOSED, place, 4) => EBADF;
        fs::read(CLOSED, &mut []) => READ(CLOSED, place, 0) => EBADF;
        fs::write(CLOSED, b"text") => WRITE(CLOSED, place, 4) => EBADF;
        fs::write(CLOSED, b"") => WRITE(CLOSED, place, 0) => EBADF;
        fs::pread64(CLOSED, &mut bytes, 0) => PREAD64(CLOSED, place, 4, 0) => EBADF;
        fs::pread64(CLOSED, &mut [], 0) => PREAD64(CLOSED, place, 0, 0) => EBADF;
        fs::pread64(file, &mut [], -1) => PREAD64(file, place, 0, -1_i64) => EINVAL;
        fs::pwrite64(CLOSED, b"text", 0) => PWRITE64(CLOSED, place, 4, 0) => EBADF;
        fs::pwrite64(CLOSED, b"", 0) => PWRITE64(CLOSED, place, 0, 0) => EBADF;
        fs::pwrite64(file, b"", -1) => PWRITE64(file, place, 0, -1_i64) => EINVAL;

        fs::lseek(CLOSED, 0, Whence::Set) => LSEEK(CLOSED, 0, 0) => EBADF;
        fs::lseek(file, -1, Whence::Set) => LSEEK(file, -1_i64, 0) => EINVAL;
        fs::lseek(file, END, Whence::Cur) => LSEEK(file, END, 1) => EINVAL;

        fs::copy_file_range(CLOSED, None, file, None, 4) => COPY_FILE_RANGE(CLOSED, 0, file, 0, 4, 0) => EBADF;
        fs::copy_file_range(file, None, CLOSED, None, 4) => COPY_FILE_RANGE(file, 0, CLOSED, 0, 4, 0) => EBADF;
        fs::copy_file_range(CLOSED, None, CLOSED, None, 0) => COPY_FILE_RANGE(CLOSED, 0, CLOSED, 0, 0, 0) => EBADF;
        fs::copy_file_range(file, Some(&mut 0), file, Some(&mut 1), HUGE) => COPY_FILE_RANGE(file, at, file, far, HUGE, 0) => EOVERFLOW;
    }
    raw_refusals! {
        READ(file, BAD, 3) => EFAULT;
        READ(file, place, HUGE) => EFAULT;
        WRITE(file, BAD, 3) => EFAULT;
        WRITE(file, place, HUGE) => EFAULT;
        PREAD64(file, BAD, 3, 0) => EFAULT;
        PREAD64(file, place, HUGE, 0) => EFAULT;
        PWRITE64(file, BAD, 3, 0) => EFAULT;
        PWRITE64(file, place, HUGE, 0) => EFAULT;
        LSEEK(file, 0, 77) => EINVAL;
        COPY_FILE_RANGE(file, BAD, file, 0, 4, 0) => EFAULT;
        COPY_FILE_RANGE(file, 0, file, BAD, 4, 0) => EFAULT;
        COPY_FILE_RANGE(file, 0, file, 0, 4, 1) => EINVAL;
    }
}

#[test]
fn of_caches_and_lengths() {
    let file = owned(mm::memfd_create(c"there", MemfdFlags::CLOEXEC).map(number));
    let file = file.as_raw_fd();
    let (all, keep) = (SyncFileRangeFlags::empty(), FallocateFlags::KEEP_SIZE);
    let normal = FileAdvice::NORMAL;
    refusals! {
        fs::fsync(CLOSED) => FSYNC(CLOSED) => EBADF;
        fs::fdatasync(CLOSED) => FDATASYNC(CLOSED) => EBADF;
        fs::sync_file_range(CLOSED, 0, 0, all) => SYNC_FILE_RANGE(CLOSED, 0, 0, 0) => EBADF;
        fs::sync_file_range(file, 0, 0, unknown(0x80)) => SYNC_FILE_RANGE(file, 0, 0, 0x80) => EINVAL;
        fs::sync_file_range(file, 1, END, all) => SYNC_FILE_RANGE(file, 1, END, 0) => EINVAL;
        fs::sync_file_range(file, -1, 0, all) => SYNC_FILE_RANGE(file, -1_i64, 0, 0) => EINVAL;
        fs::readahead(CLOSED, 0, 4) => READAHEAD(CLOSED, 0, 4) => EBADF;
        fs::readahead(CLOSED, 0, 0) => READAHEAD(CLOSED, 0, 0) => EBADF;
        fs::readahead(CLOSED, -1, HUGE) => READAHEAD(CLOSED, -1_i64, HUGE) => EBADF;
        fs::posix_fadvise(CLOSED, 0, 0, normal) => FADVISE64(CLOSED, 0, 0, 0) => EBADF;
        fs::posix_fadvise(file, 0, 0, FileAdvice(77)) => FADVISE64(file, 0, 0, 77) => EINVAL;
        fs::posix_fadvise(file, 0, -1, normal) => FADVISE64(file, 0, -1_i64, 0) => EINVAL;

        fs::ftruncate(CLOSED, 0) => FTRUNCATE(CLOSED, 0) => EBADF;
        fs::ftruncate(CLOSED, END) => FTRUNCATE(CLOSED, END) => EBADF;
        fs::ftruncate(file, -1) => FTRUNCATE(file, -1_i64) => EINVAL;
        fs::fallocate(CLOSED, keep, 0, 1) => FALLOCATE(CLOSED, 1, 0, 1) => EBADF;
        fs::fallocate(file, unknown(0x8000), 0, 1) => FALLOCATE(file, 0x8000, 0, 1) => EOPNOTSUPP;
        fs::fallocate(file, keep, 0, 0) => FALLOCATE(file, 1, 0, 0) => EINVAL;
        fs::fallocate(file, keep, -1, 1) => FALLOCATE(file, 1, -1_i64, 1) => EINVAL;
        fs::fallocate(file, keep, END, END) => FALLOCATE(file, 1, END, END) => EFBIG;
    }
}
