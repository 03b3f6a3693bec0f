//! fsync, fdatasync, sync_file_range, readahead, posix_fadvise.

use baremap::flags::SyncFileRangeFlags;
use baremap::sys::RawFd;
use baremap::sys::fs::{self, FileAdvice};
use baremap::{Errno, Result};

use super::circumstances::*;
use super::{Call, Refusal, call, in_child_answer, refused, unprovoked};
use crate::hosted::write;
use crate::oracle::{NOT_OPEN, pipe};

/// What `sync` says of a disk that cannot store what was written to it.
fn broken(sync: fn(RawFd) -> Result<()>) -> Result<()> {
    with_broken_disk(|disk| {
        must(write(disk, &[1; 4096]));
        sync(disk)
    })
}

const fn no_full_device() -> Refusal {
    unprovoked(Errno::ENOSPC, "wants a filesystem that stores on a device with less room than it says")
}

const fn syncing_refused(sync: [fn() -> Result<()>; 3]) -> [Refusal; 7] {
    let [not_open, on_pipe, on_broken] = sync;
    [
        refused(Errno::EBADF, "the descriptor is not open", not_open),
        unprovoked(Errno::EINTR, "the filesystems of these kernels do not let a signal interrupt it"),
        refused(Errno::EINVAL, "it is a pipe", on_pipe),
        unprovoked(Errno::EROFS, "wants a filesystem that has given up after a failure of its device"),
        refused(Errno::EIO, "the device fails", on_broken).with_loop_devices(),
        no_full_device(),
        no_quota(),
    ]
}

fn on_pipe(call: impl FnOnce(RawFd) -> Result<()>) -> Result<()> {
    let [reader, _writer] = pipe();
    call(reader.as_raw_fd())
}

/// Starts the writing back of all, and waits for it.
fn sync_all(fd: RawFd) -> Result<()> {
    let all = SyncFileRangeFlags::WAIT_BEFORE | SyncFileRangeFlags::WRITE | SyncFileRangeFlags::WAIT_AFTER;
    fs::sync_file_range(fd, 0, 0, all)
}

pub const CALLS: &[Call] = &[
    call("fsync", &syncing_refused([|| fs::fsync(NOT_OPEN), || on_pipe(fs::fsync), || broken(fs::fsync)])),
    call(
        "fdatasync",
        &syncing_refused([|| fs::fdatasync(NOT_OPEN), || on_pipe(fs::fdatasync), || broken(fs::fdatasync)]),
    ),
    call(
        "sync_file_range",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || sync_all(NOT_OPEN)),
            refused(Errno::EINVAL, "the flag is unknown", || {
                in_child_answer(|| {
                    fs::sync_file_range(memory(), 0, 0, SyncFileRangeFlags::from_bits_retain(8))
                })
            }),
            refused(Errno::EINVAL, "the length is negative", || {
                in_child_answer(|| fs::sync_file_range(memory(), 0, -1, SyncFileRangeFlags::WRITE))
            }),
            refused(Errno::EIO, "the device fails", || broken(sync_all)).with_loop_devices(),
            no_full_device(),
            no_memory(),
            refused(Errno::ESPIPE, "it is a pipe", || on_pipe(sync_all)),
        ],
    ),
    call(
        "readahead",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || fs::readahead(NOT_OPEN, 0, 1)),
            refused(Errno::EINVAL, "it is a pipe", || on_pipe(|fd| fs::readahead(fd, 0, 1))),
        ],
    ),
    call(
        "posix_fadvise",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || {
                fs::posix_fadvise(NOT_OPEN, 0, 0, FileAdvice::NORMAL)
            }),
            refused(Errno::EINVAL, "the advice is unknown", || {
                in_child_answer(|| fs::posix_fadvise(memory(), 0, 0, FileAdvice(99)))
            }),
            refused(Errno::ESPIPE, "it is a pipe", || {
                on_pipe(|fd| fs::posix_fadvise(fd, 0, 0, FileAdvice::NORMAL))
            }),
        ],
    ),
];
