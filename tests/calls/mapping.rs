//! mmap, munmap, mremap, mprotect, msync, brk.

use std::ptr::null_mut;

use baremap::flags::{MremapFlags, Seals};
use baremap::sys::process::Resource;
use baremap::sys::{RawFd, fs, mm, page_size};
use baremap::{Errno, MapFlags, Mode, MsyncFlags, OpenFlags, Prot, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused, unprovoked};
use crate::memory::{BOTH, PRIVATE, SHARED, put};
use crate::oracle::{NOT_OPEN, number, owned, pipe};

/// A mapping that is not wanted, wherever there is room.
fn mmap(length: usize, prot: Prot, flags: MapFlags, fd: RawFd, offset: u64) -> Result<()> {
    // SAFETY: a new mapping replaces nothing.
    unsafe { mm::mmap(null_mut(), length, prot, flags, fd, offset) }.map(drop)
}

/// No pages lie there that are in use.
fn munmap(start: *mut u8, length: usize) -> Result<()> {
    // SAFETY: the test's own, in no use.
    unsafe { mm::munmap(start, length) }
}

fn mremap(old: *mut u8, old_size: usize, new_size: usize, flags: MremapFlags, new: *mut u8) -> Result<()> {
    // SAFETY: both ranges are the test's own, and in no other use.
    unsafe { mm::mremap(old, old_size, new_size, flags, new) }.map(drop)
}

fn mprotect(start: *mut u8, length: usize, prot: Prot) -> Result<()> {
    // SAFETY: the test's own, in no use.
    unsafe { mm::mprotect(start, length, prot) }
}

const NO_FLAGS: MremapFlags = MremapFlags::empty();
const MOVE: MremapFlags = MremapFlags::MAYMOVE;

pub const CALLS: &[Call] = &[
    call(
        "mmap",
        &[
            refused(Errno::EACCES, "the descriptor is not open for writing, and it is shared", || {
                let file = opened(OpenFlags::RDONLY);
                mmap(1, BOTH, MapFlags::SHARED, file.as_raw_fd(), 0)
            }),
            refused(Errno::EACCES, "the descriptor is not open for reading", || {
                let file = opened(OpenFlags::WRONLY);
                mmap(1, Prot::READ, MapFlags::PRIVATE, file.as_raw_fd(), 0)
            }),
            refused(Errno::EAGAIN, "nobody locks more than the limit", || {
                in_child_answer(|| {
                    nobody_who_locks(page_size())?;
                    mmap(2 * page_size(), BOTH, PRIVATE | MapFlags::LOCKED, NOT_OPEN, 0)
                })
            })
            .not_emulated(),
            refused(Errno::EBADF, "the descriptor is not open", || {
                mmap(1, BOTH, MapFlags::SHARED, NOT_OPEN, 0)
            })
            .not_emulated(),
            refused(Errno::EEXIST, "a mapping is in the place", || {
                with_pages(1, |start| {
                    let flags = PRIVATE | MapFlags::FIXED_NOREPLACE;
                    // SAFETY: it replaces nothing.
                    unsafe { mm::mmap(start, page_size(), BOTH, flags, NOT_OPEN, 0) }.map(drop)
                })
            })
            .not_emulated(),
            refused(Errno::EINVAL, "the length is 0", || mmap(0, BOTH, PRIVATE, NOT_OPEN, 0)),
            refused(Errno::EINVAL, "the offset is inside a page", || {
                mmap(1, Prot::READ, MapFlags::SHARED, file_in_memory(1).as_raw_fd(), 1)
            }),
            refused(Errno::EINVAL, "it is of no kind", || mmap(1, BOTH, MapFlags::ANONYMOUS, NOT_OPEN, 0)),
            too_many_files(),
            refused(Errno::ENODEV, "it is a pipe", || {
                let [reader, _writer] = pipe();
                mmap(1, Prot::READ, MapFlags::SHARED, reader.as_raw_fd(), 0)
            }),
            refused(Errno::ENOMEM, "the length is the whole address space", || {
                mmap(usize::MAX - page_size(), BOTH, PRIVATE, NOT_OPEN, 0)
            }),
            refused(Errno::ENOMEM, "the limit on the address space would be passed", || {
                in_child_answer(|| {
                    limit(Resource::AS, page_size() as u64)?;
                    mmap(page_size(), BOTH, PRIVATE, NOT_OPEN, 0)
                })
            })
            .not_emulated(),
            refused(Errno::ENOMEM, "there are too many mappings", || {
                in_child_answer(|| {
                    have_all_mappings()?;
                    mmap(page_size(), Prot::WRITE, PRIVATE, NOT_OPEN, 0)
                })
            }),
            refused(Errno::EOPNOTSUPP, "flags are to be validated, and one is unknown", || {
                let flags = MapFlags::SHARED_VALIDATE | MapFlags::from_bits_retain(0x40_0000);
                mmap(1, BOTH, flags, file_in_memory(1).as_raw_fd(), 0)
            })
            .not_emulated(),
            refused(Errno::EOVERFLOW, "the last page of what an offset can name, and one more", || {
                let last = last_page().addr() as u64;
                mmap(2 * page_size(), Prot::READ, MapFlags::SHARED, file_in_memory(1).as_raw_fd(), last)
            })
            .not_emulated(),
            refused(Errno::EPERM, "the file is sealed", || {
                let file = file_in_memory(1);
                fs::fcntl_add_seals(file.as_raw_fd(), Seals::WRITE)?;
                mmap(1, BOTH, MapFlags::SHARED, file.as_raw_fd(), 0)
            }),
            refused(Errno::EPERM, "it would replace what is sealed", || {
                with_sealed_page(|start| {
                    // SAFETY: what it would replace is the test's own, in no use.
                    unsafe { mm::mmap(start, 1, BOTH, PRIVATE | MapFlags::FIXED, NOT_OPEN, 0) }.map(drop)
                })
            })
            .not_emulated()
            .since(6, 10),
            refused(Errno::EPERM, "to run it, from a filesystem that has no programs", || {
                let maps = owned(fs::open(c"/proc/self/maps", OpenFlags::RDONLY, Mode::empty()).map(number));
                mmap(1, Prot::EXEC, MapFlags::PRIVATE, maps.as_raw_fd(), 0)
            })
            .not_emulated(),
            refused(Errno::EPERM, "nobody locks, with a limit of 0", || {
                in_child_answer(|| {
                    nobody_who_locks(0)?;
                    mmap(1, BOTH, PRIVATE | MapFlags::LOCKED, NOT_OPEN, 0)
                })
            })
            .not_emulated(),
            no_swap_file(),
        ],
    ),
    call(
        "munmap",
        &[
            refused(Errno::EINVAL, "the length is 0", || with_pages(1, |start| munmap(start, 0))),
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| munmap(start.wrapping_add(1), page_size()))
            }),
            refused(Errno::EINVAL, "the range passes the end of the address space", || {
                munmap(last_page(), 2 * page_size())
            }),
            refused(Errno::ENOMEM, "the middle of a mapping, and there are too many already", || {
                with_all_mappings(|second| munmap(second, page_size()))
            }),
            refused(Errno::EPERM, "it is sealed", || with_sealed_page(|start| munmap(start, page_size())))
                .not_emulated()
                .since(6, 10),
        ],
    ),
    call(
        "mremap",
        &[
            refused(Errno::EAGAIN, "it is locked, and nobody locks more than the limit", || {
                with_pages(1, |start| {
                    in_child_answer(|| {
                        nobody_who_locks(page_size())?;
                        mm::mlock(start, page_size())?;
                        mremap(start, page_size(), 2 * page_size(), MOVE, null_mut())
                    })
                })
            })
            .not_emulated(),
            refused(Errno::EFAULT, "nothing is mapped there", || {
                mremap(null_mut(), page_size(), page_size(), MOVE, null_mut())
            })
            .not_emulated(),
            refused(Errno::EFAULT, "it has several mappings", || {
                with_pages(2, |start| {
                    mprotect(start, page_size(), Prot::READ)?;
                    mremap(start, 2 * page_size(), 3 * page_size(), MOVE, null_mut())
                })
            })
            .not_emulated(),
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| {
                    mremap(start.wrapping_add(1), page_size(), page_size(), MOVE, null_mut())
                })
            }),
            refused(Errno::EINVAL, "the new size is 0", || {
                with_pages(1, |start| mremap(start, page_size(), 0, MOVE, null_mut()))
            })
            .not_emulated(),
            refused(Errno::EINVAL, "it has a place to move to, and may not move", || {
                with_pages(2, |start| {
                    let second = start.wrapping_add(page_size());
                    mremap(start, page_size(), page_size(), MremapFlags::FIXED, second)
                })
            }),
            refused(Errno::EINVAL, "the ranges overlap", || {
                with_pages(3, |start| {
                    let second = start.wrapping_add(page_size());
                    mremap(start, 2 * page_size(), 2 * page_size(), MOVE | MremapFlags::FIXED, second)
                })
            }),
            refused(Errno::EINVAL, "the old size is 0, and it is private", || {
                with_pages(1, |start| mremap(start, 0, page_size(), MOVE, null_mut()))
            })
            .not_emulated(),
            refused(Errno::ENOMEM, "another is in the way, and it may not move", || {
                with_pages(2, |start| {
                    let second = start.wrapping_add(page_size());
                    mprotect(second, page_size(), Prot::READ)?;
                    mremap(start, page_size(), 2 * page_size(), NO_FLAGS, null_mut())
                })
            }),
            refused(Errno::ENOMEM, "it has to move, and there are too many mappings", || {
                with_all_mappings(|second| mremap(second, page_size(), 64 * page_size(), MOVE, null_mut()))
            }),
            refused(Errno::EPERM, "it is sealed", || {
                with_sealed_page(|start| mremap(start, page_size(), 2 * page_size(), MOVE, null_mut()))
            })
            .not_emulated()
            .since(6, 10),
        ],
    ),
    call(
        "mprotect",
        &[
            refused(Errno::EACCES, "shared, and the file was not opened for writing", || {
                with_read_only_page(|start| mprotect(start, page_size(), Prot::WRITE))
            }),
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| mprotect(start.wrapping_add(1), page_size(), Prot::READ))
            }),
            refused(Errno::EINVAL, "down to its start, and it does not grow down", || {
                with_pages(1, |start| mprotect(start, page_size(), Prot::READ | Prot::GROWSDOWN))
            }),
            refused(Errno::ENOMEM, "nothing is mapped there", || {
                mprotect(null_mut(), page_size(), Prot::READ)
            }),
            refused(Errno::ENOMEM, "the middle of a mapping, and there are too many already", || {
                with_all_mappings(|second| mprotect(second, page_size(), Prot::NONE))
            }),
            refused(Errno::EPERM, "it is sealed", || {
                with_sealed_page(|start| mprotect(start, page_size(), Prot::NONE))
            })
            .not_emulated()
            .since(6, 10),
        ],
    ),
    call(
        "msync",
        &[
            refused(Errno::EBUSY, "it is to be given up, and is locked", || {
                with_mapping(1, SHARED, NOT_OPEN, |start| {
                    mm::mlock(start, page_size())?;
                    mm::msync(start, page_size(), MsyncFlags::INVALIDATE)
                })
            })
            .not_emulated(),
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| mm::msync(start.wrapping_add(1), page_size(), MsyncFlags::SYNC))
            }),
            refused(Errno::EINVAL, "both to wait and not to wait", || {
                with_pages(1, |start| mm::msync(start, page_size(), MsyncFlags::SYNC | MsyncFlags::ASYNC))
            }),
            refused(Errno::EINVAL, "a flag is unknown", || {
                with_pages(1, |start| mm::msync(start, page_size(), MsyncFlags::from_bits_retain(0x80)))
            }),
            refused(Errno::EIO, "the disk is broken", || {
                with_broken_disk(|disk| {
                    with_mapping(1, MapFlags::SHARED, disk, |start| {
                        put(start, 1);
                        mm::msync(start, page_size(), MsyncFlags::SYNC)
                    })
                })
            })
            .not_emulated()
            .with_loop_devices(),
            unprovoked(Errno::ENOSPC, "needs a disk that is full; tmpfs and block devices do not say so"),
            refused(Errno::ENOMEM, "nothing is mapped there", || {
                mm::msync(null_mut(), page_size(), MsyncFlags::SYNC)
            }),
        ],
    ),
    call("brk", &[]),
];
