//! madvise, process_madvise, mincore.

use std::ptr::null_mut;

use baremap::flags::PidfdFlags;
use baremap::sys::mm::{self, Advice};
use baremap::sys::process::{self, Pid};
use baremap::sys::{IoVec, RawFd, page_size};
use baremap::{Errno, MapFlags, OwnedFd, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused, unprovoked};
use crate::hosted::child;
use crate::oracle::{NOT_OPEN, number, owned};

fn madvise(start: *mut u8, advice: Advice) -> Result<()> {
    // SAFETY: the page is the test's own, and nothing relies on its bytes.
    unsafe { mm::madvise(start, page_size(), advice) }
}

/// About one page of the process.
fn process_madvise(process: RawFd, start: *mut u8, advice: Advice) -> Result<()> {
    let page = [IoVec { base: start, len: page_size() }];
    // SAFETY: the page is the test's own, and nothing relies on its bytes.
    unsafe { mm::process_madvise(process, &page, advice) }.map(drop)
}

/// About one page of our own, for which there is more advice than for others'.
fn madvise_myself(start: *mut u8, advice: Advice) -> Result<()> {
    // In a child, too, where nothing may be freed.
    let myself = process::pidfd_open(process::getpid(), PidfdFlags::empty())?;
    let answer = process_madvise(myself, start, advice);
    // SAFETY: it is ours, and not used any more.
    unsafe { baremap::sys::fs::close(myself) }?;
    answer
}

fn pidfd(pid: Pid) -> OwnedFd {
    owned(process::pidfd_open(pid, PidfdFlags::empty()).map(number))
}

fn knows_broken_pages() -> bool {
    // SAFETY: it is about no page.
    unsafe { mm::madvise(null_mut(), 0, Advice::HWPOISON) }.is_ok()
}

pub const CALLS: &[Call] = &[
    call(
        "madvise",
        &[
            refused(Errno::EACCES, "to free it in the file, which it cannot write", || {
                let file = file_in_memory(1);
                with_mapping(1, MapFlags::PRIVATE, file.as_raw_fd(), |start| madvise(start, Advice::REMOVE))
            })
            .not_emulated(),
            refused(Errno::EAGAIN, "the middle of a mapping, and there are too many already", || {
                with_all_mappings(|second| madvise(second, Advice::DONTFORK))
            })
            .not_emulated(),
            unprovoked(Errno::EBADF, "the kernels here can swap"),
            unprovoked(Errno::EBUSY, "a control group's limit on memory would have to be reached"),
            refused(Errno::EFAULT, "to have pages there, past the end of the file", || {
                let file = file_in_memory(0);
                with_mapping(1, MapFlags::SHARED, file.as_raw_fd(), |start| {
                    madvise(start, Advice::POPULATE_READ)
                })
            })
            .not_emulated(),
            unprovoked(Errno::EHWPOISON, "needs memory that is broken"),
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| madvise(start.wrapping_add(1), Advice::NORMAL))
            }),
            refused(Errno::EINVAL, "the advice is unknown", || {
                with_pages(1, |start| madvise(start, Advice(99)))
            })
            .not_emulated(),
            refused(Errno::EINVAL, "to free what is of no file", || {
                with_pages(1, |start| madvise(start, Advice::REMOVE))
            })
            .not_emulated(),
            unprovoked(Errno::EIO, "kernels of today have no limit on resident memory"),
            refused(Errno::ENOMEM, "nothing is mapped there", || madvise(null_mut(), Advice::NORMAL))
                .not_emulated(),
            refused(Errno::EPERM, "it is sealed, and would lose its bytes", || {
                with_sealed_page(|start| madvise(start, Advice::DONTNEED))
            })
            .not_emulated()
            .since(6, 10),
            refused(Errno::EPERM, "nobody breaks pages", || {
                with_pages(1, |start| {
                    in_child_answer(|| {
                        become_nobody()?;
                        madvise(start, Advice::HWPOISON)
                    })
                })
            })
            .not_emulated()
            .where_there_is("advice for broken pages", knows_broken_pages),
        ],
    ),
    call(
        "process_madvise",
        &[
            refused(Errno::EACCES, "nobody looks into root's process", || {
                let root = pidfd(process::getpid());
                with_pages(1, |start| {
                    in_child_answer(|| {
                        become_nobody()?;
                        process_madvise(root.as_raw_fd(), start, Advice::COLD)
                    })
                })
            })
            .as_root()
            .not_emulated(),
            refused(Errno::EAGAIN, "the middle of a mapping, and there are too many already", || {
                with_all_mappings(|second| madvise_myself(second, Advice::DONTFORK))
            })
            .not_emulated()
            .since(6, 13),
            refused(Errno::EBADF, "the descriptor is not open", || {
                with_pages(1, |start| process_madvise(NOT_OPEN, start, Advice::COLD))
            })
            .not_emulated(),
            refused(Errno::EBADF, "it is no process's descriptor", || {
                with_pages(1, |start| process_madvise(file_in_memory(0).as_raw_fd(), start, Advice::COLD))
            })
            .not_emulated(),
            unprovoked(Errno::EBUSY, "a control group's limit on memory would have to be reached"),
            refused(Errno::EFAULT, "to have pages there, past the end of the file", || {
                let file = file_in_memory(0);
                with_mapping(1, MapFlags::SHARED, file.as_raw_fd(), |start| {
                    madvise_myself(start, Advice::POPULATE_READ)
                })
            })
            .not_emulated()
            .since(6, 13),
            unprovoked(Errno::EHWPOISON, "needs memory that is broken"),
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| madvise_myself(start.wrapping_add(1), Advice::COLD))
            })
            .not_emulated(),
            refused(Errno::EINVAL, "the advice is unknown", || {
                with_pages(1, |start| madvise_myself(start, Advice(99)))
            })
            .not_emulated(),
            refused(Errno::EINVAL, "the advice is none for another process", || {
                with_pages(1, |start| {
                    with_child(|child| process_madvise(pidfd(child).as_raw_fd(), start, Advice::DONTNEED))
                })
            })
            .not_emulated(),
            refused(Errno::EINVAL, "there are more than 1,024 ranges", || {
                let myself = pidfd(process::getpid());
                with_pages(1, |start| {
                    let many = [IoVec { base: start, len: page_size() }; 1025];
                    // SAFETY: nothing relies on the bytes of the page.
                    unsafe { mm::process_madvise(myself.as_raw_fd(), &many, Advice::COLD) }.map(drop)
                })
            })
            .not_emulated(),
            unprovoked(Errno::EIO, "kernels of today have no limit on resident memory"),
            refused(Errno::ENOMEM, "nothing is mapped there", || madvise_myself(null_mut(), Advice::COLD))
                .not_emulated(),
            refused(Errno::EPERM, "nobody slows another process down", || {
                with_pages(1, |start| {
                    in_child_answer(|| {
                        become_nobody()?;
                        // SAFETY: it lets others of this user look into this process.
                        unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1) };
                        with_child(|child| {
                            let child = process::pidfd_open(child, PidfdFlags::empty())?;
                            process_madvise(child, start, Advice::COLD)
                        })
                    })
                })
            })
            .not_emulated(),
            refused(Errno::ESRCH, "the process has ended", || {
                let gone = child(|| 0);
                let pidfd = pidfd(gone.pid());
                gone.wait()?;
                with_pages(1, |start| process_madvise(pidfd.as_raw_fd(), start, Advice::COLD))
            })
            .not_emulated(),
        ],
    ),
    call(
        "mincore",
        &[
            unprovoked(Errno::EAGAIN, "needs a machine out of memory"),
            refused(Errno::EFAULT, "the place for the answer is not writable", || {
                // SAFETY: the kernel cannot write there.
                with_pages(1, |start| unsafe { mm::mincore(start, page_size(), null_mut()) })
            })
            .not_emulated(),
            refused(Errno::EINVAL, "the address is inside a page", || {
                let mut there = 0;
                // SAFETY: a byte for the page.
                with_pages(2, |start| unsafe {
                    mm::mincore(start.wrapping_add(1), page_size(), &raw mut there)
                })
            }),
            refused(Errno::ENOMEM, "nothing is mapped there", || {
                let mut there = 0;
                // SAFETY: a byte for the page.
                unsafe { mm::mincore(null_mut(), page_size(), &raw mut there) }
            }),
        ],
    ),
];
