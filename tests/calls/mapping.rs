//! mmap, munmap, mremap, mprotect, msync.

use std::ptr::null_mut;

use baremap::sys::{mm, page_size};
use baremap::{Errno, MapFlags};

use super::{Call, call, refused, unprovoked};
use crate::memory::{BOTH, PRIVATE, SHARED, map, unmap};
use crate::oracle::NOT_OPEN;

pub const CALLS: &[Call] = &[
    call(
        "mmap",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || {
                // SAFETY: a new mapping replaces nothing.
                unsafe { mm::mmap(null_mut(), 1, BOTH, MapFlags::SHARED, NOT_OPEN, 0) }.map(drop)
            })
            .not_emulated(),
            unprovoked(Errno::EACCES, "to do"),
            refused(Errno::EINVAL, "the length is 0", || {
                // SAFETY: a new mapping replaces nothing.
                unsafe { mm::mmap(null_mut(), 0, BOTH, PRIVATE, NOT_OPEN, 0) }.map(drop)
            }),
        ],
    ),
    call(
        "msync",
        &[refused(Errno::EINVAL, "the address is inside a page", || {
            let pages = map(1, SHARED, NOT_OPEN);
            let answer = mm::msync(pages.wrapping_add(1), page_size(), baremap::MsyncFlags::SYNC);
            unmap(pages, 1);
            answer
        })],
    ),
];
