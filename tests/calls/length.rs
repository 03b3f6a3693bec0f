//! ftruncate, fallocate.

use baremap::flags::{FallocateFlags, MemfdFlags, Seals};
use baremap::sys::process::{Resource, Signal};
use baremap::sys::{RawFd, fs, mm};
use baremap::{Errno, Mode, OpenFlags, PipeFlags, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused, unprovoked};
use crate::hosted::write;
use crate::oracle::NOT_OPEN;

const NONE: FallocateFlags = FallocateFlags::empty();

fn ftruncate(fd: RawFd, length: i64) -> Result<()> {
    // SAFETY: it is the test's own file, if any.
    unsafe { fs::ftruncate(fd, length) }
}

fn fallocate(fd: RawFd, mode: FallocateFlags, offset: i64, size: i64) -> Result<()> {
    // SAFETY: it is the test's own file, if any.
    unsafe { fs::fallocate(fd, mode, offset, size) }
}

/// Of a process that may have no file of a byte.
fn limited(call: impl FnOnce(RawFd) -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        ignore(Signal(libc::SIGXFSZ));
        must(limit(Resource::FSIZE, 0));
        call(memory())
    })
}

fn sealed(seals: Seals, call: impl FnOnce(RawFd) -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        let fd = memory();
        must(fs::fcntl_add_seals(fd, seals));
        call(fd)
    })
}

pub const CALLS: &[Call] = &[
    call(
        "ftruncate",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || ftruncate(NOT_OPEN, 0)),
            refused(Errno::EINVAL, "the descriptor is for reading", || {
                in_folder(|| {
                    file(c"f");
                    ftruncate(reading(c"f"), 0)
                })
            }),
            refused(Errno::EINVAL, "the length is negative", || in_child_answer(|| ftruncate(memory(), -1))),
            refused(Errno::EFBIG, "the process may have no file of a byte", || {
                limited(|fd| ftruncate(fd, 1))
            }),
            unprovoked(Errno::EINTR, "the filesystems of these kernels do not let a signal interrupt it"),
            no_failure(),
            refused(Errno::EPERM, "a seal forbids it to grow", || sealed(Seals::GROW, |fd| ftruncate(fd, 1))),
            no_swap_file(),
        ],
    ),
    call(
        "fallocate",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || fallocate(NOT_OPEN, NONE, 0, 1)),
            refused(Errno::EBADF, "the descriptor is for reading", || {
                in_child_answer(|| fallocate(reading(c"/"), NONE, 0, 1))
            }),
            refused(Errno::EFBIG, "it would pass the largest position", || {
                in_child_answer(|| fallocate(memory(), NONE, i64::MAX, 1))
            }),
            refused(Errno::EFBIG, "the process may have no file of a byte", || {
                limited(|fd| fallocate(fd, NONE, 0, 1))
            }),
            refused(Errno::EINTR, "a signal comes before a huge page is looked for", || {
                in_child_answer(|| {
                    let fd = must(mm::memfd_create(c"huge", MemfdFlags::HUGETLB));
                    be_interrupted();
                    loop {
                        // There may be none, which is another error.
                        let answer = fallocate(fd, NONE, 0, 1);
                        if answer == Err(Errno::EINTR) {
                            return answer;
                        }
                    }
                })
            }),
            refused(Errno::EINVAL, "the size is 0", || in_child_answer(|| fallocate(memory(), NONE, 0, 0))),
            refused(Errno::ENODEV, "it is /dev/null", || {
                in_child_answer(|| {
                    fallocate(must(fs::open(c"/dev/null", OpenFlags::WRONLY, Mode::empty())), NONE, 0, 1)
                })
            }),
            refused(Errno::ESPIPE, "it is a pipe", || {
                in_child_answer(|| fallocate(must(fs::pipe2(PipeFlags::empty())).1, NONE, 0, 1))
            }),
            refused(Errno::ENOSPC, "the filesystem is full", || {
                on_tmpfs(c"nr_blocks=1", || {
                    must(write(file(c"first"), b"x"));
                    fallocate(file(c"f"), NONE, 0, 1)
                })
            })
            .as_root(),
            no_failure(),
            refused(Errno::EOPNOTSUPP, "files in memory cannot lose a range", || {
                in_child_answer(|| fallocate(memory(), FallocateFlags::COLLAPSE_RANGE, 0, 1))
            }),
            refused(Errno::EPERM, "a seal forbids it to grow", || {
                sealed(Seals::GROW, |fd| fallocate(fd, NONE, 0, 1))
            }),
            refused(Errno::EPERM, "the file is immutable", || {
                on_tmpfs(c"", || {
                    let fd = file(c"f");
                    make_immutable(fd);
                    fallocate(fd, NONE, 0, 1)
                })
            })
            .since(6, 0)
            .as_root(),
            no_swap_file(),
        ],
    ),
];
