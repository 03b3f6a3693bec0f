//! fstat, statx, getdents64.

use std::ffi::CStr;

use baremap::flags::StatxMask;
use baremap::sys::fs::{self, AT_FDCWD};
use baremap::{AtFlags, Errno, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused};
use crate::oracle::NOT_OPEN;

fn statx(path: &CStr) -> Result<()> {
    fs::statx(AT_FDCWD, path, AtFlags::empty(), StatxMask::BASIC_STATS).map(drop)
}

pub const CALLS: &[Call] = &[
    call(
        "fstat",
        &[refused(Errno::EBADF, "the descriptor is not open", || fs::fstat(NOT_OPEN).map(drop)), no_memory()],
    ),
    call(
        "statx",
        &[
            refused(Errno::EACCES, "a directory on the way may not be searched", || {
                in_folder(|| {
                    directory(c"d");
                    permit(c"d", 0o600);
                    must(become_nobody());
                    statx(c"d/f")
                })
            })
            .as_root(),
            refused(Errno::EBADF, "the directory is not open", || {
                fs::statx(NOT_OPEN, c"f", AtFlags::empty(), StatxMask::SIZE).map(drop)
            }),
            refused(Errno::EINVAL, "the flag is unknown", || {
                fs::statx(AT_FDCWD, c"/", AtFlags::from_bits_retain(1 << 30), StatxMask::SIZE).map(drop)
            }),
            refused(Errno::EINVAL, "the bit of the mask is reserved", || {
                fs::statx(AT_FDCWD, c"/", AtFlags::empty(), StatxMask::from_bits_retain(1 << 31)).map(drop)
            }),
            refused(Errno::ELOOP, "a symbolic link leads to itself", || in_folder(|| statx(circle()))),
            refused(Errno::ENAMETOOLONG, "the name is of 256 bytes", || statx(LONG)),
            refused(Errno::ENOENT, "it is not there", || in_folder(|| statx(c"f"))),
            no_memory(),
            refused(Errno::ENOTDIR, "a part of the path is a file", || {
                in_folder(|| {
                    file(c"f");
                    statx(c"f/below")
                })
            }),
        ],
    ),
    call(
        "getdents64",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || {
                fs::getdents64(NOT_OPEN, &mut [0; 512]).map(drop)
            }),
            refused(Errno::EINVAL, "there is no room for an entry", || {
                in_child_answer(|| fs::getdents64(reading(c"/"), &mut [0; 8]).map(drop))
            }),
            refused(Errno::ENOENT, "the directory was removed", || {
                in_folder(|| {
                    directory(c"d");
                    let fd = reading(c"d");
                    must(fs::unlinkat(AT_FDCWD, c"d", AtFlags::REMOVEDIR));
                    fs::getdents64(fd, &mut [0; 512]).map(drop)
                })
            }),
            refused(Errno::ENOTDIR, "it is a file", || {
                in_child_answer(|| fs::getdents64(memory(), &mut [0; 512]).map(drop))
            }),
        ],
    ),
];
