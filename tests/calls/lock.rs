//! mlock, mlock2, munlock, mlockall, munlockall, mseal.

use std::ptr::null_mut;

use baremap::flags::{MlockFlags, MlockallFlags};
use baremap::sys::{mm, page_size};
use baremap::{Errno, MapFlags, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused, unprovoked};

fn mlock2(start: *mut u8, length: usize) -> Result<()> {
    mm::mlock2(start, length, MlockFlags::ONFAULT)
}

/// A call that locks the first of two pages, or both, as nobody who may lock less.
fn as_nobody(limit: usize, lock: impl FnOnce(*mut u8) -> Result<()>) -> Result<()> {
    with_pages(2, |start| {
        in_child_answer(|| {
            nobody_who_locks(limit)?;
            lock(start)
        })
    })
}

pub const CALLS: &[Call] = &[
    call(
        "mlock",
        &[
            unprovoked(Errno::EAGAIN, "needs a machine out of memory"),
            refused(Errno::EINVAL, "the range passes the end of the address space", || {
                mm::mlock(last_page(), 2 * page_size())
            })
            .not_emulated(),
            refused(Errno::ENOMEM, "nothing is mapped there", || mm::mlock(null_mut(), page_size()))
                .not_emulated(),
            refused(Errno::ENOMEM, "it is past the end of the file", || {
                let file = file_in_memory(0);
                with_mapping(1, MapFlags::SHARED, file.as_raw_fd(), |start| mm::mlock(start, page_size()))
            })
            .not_emulated(),
            refused(Errno::ENOMEM, "nobody locks more than the limit", || {
                as_nobody(page_size(), |start| mm::mlock(start, 2 * page_size()))
            })
            .not_emulated(),
            refused(Errno::ENOMEM, "the middle of a mapping, and there are too many already", || {
                with_all_mappings(|second| mm::mlock(second, page_size()))
            })
            .not_emulated(),
            refused(Errno::EPERM, "nobody locks, with a limit of 0", || {
                as_nobody(0, |start| mm::mlock(start, page_size()))
            })
            .not_emulated(),
        ],
    ),
    call(
        "mlock2",
        &[
            unprovoked(Errno::EAGAIN, "needs a machine out of memory"),
            refused(Errno::EINVAL, "the range passes the end of the address space", || {
                mlock2(last_page(), 2 * page_size())
            })
            .not_emulated(),
            refused(Errno::EINVAL, "a flag is unknown", || {
                with_pages(1, |start| mm::mlock2(start, page_size(), MlockFlags::from_bits_retain(0x80)))
            })
            .not_emulated(),
            refused(Errno::ENOMEM, "nothing is mapped there", || mlock2(null_mut(), page_size()))
                .not_emulated(),
            refused(Errno::ENOMEM, "nobody locks more than the limit", || {
                as_nobody(page_size(), |start| mlock2(start, 2 * page_size()))
            })
            .not_emulated(),
            refused(Errno::EPERM, "nobody locks, with a limit of 0", || {
                as_nobody(0, |start| mlock2(start, page_size()))
            })
            .not_emulated(),
        ],
    ),
    call(
        "munlock",
        &[
            refused(Errno::EINVAL, "the range passes the end of the address space", || {
                mm::munlock(last_page(), 2 * page_size())
            })
            .not_emulated(),
            refused(Errno::ENOMEM, "nothing is mapped there", || mm::munlock(null_mut(), page_size()))
                .not_emulated(),
        ],
    ),
    call(
        "mlockall",
        &[
            refused(Errno::EINVAL, "a flag is unknown", || {
                mm::mlockall(MlockallFlags::from_bits_retain(0x80))
            }),
            refused(Errno::EINVAL, "there is no flag", || mm::mlockall(MlockallFlags::empty())),
            refused(Errno::EINVAL, "it is to be locked as it is touched, and neither now nor later", || {
                mm::mlockall(MlockallFlags::ONFAULT)
            }),
            refused(Errno::ENOMEM, "nobody locks more than the limit", || {
                in_child_answer(|| {
                    nobody_who_locks(page_size())?;
                    mm::mlockall(MlockallFlags::CURRENT)
                })
            })
            .not_emulated(),
            refused(Errno::EPERM, "nobody locks, with a limit of 0", || {
                in_child_answer(|| {
                    nobody_who_locks(0)?;
                    mm::mlockall(MlockallFlags::CURRENT)
                })
            })
            .not_emulated(),
        ],
    ),
    call("munlockall", &[]),
    call(
        "mseal",
        &[
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| mm::mseal(start.wrapping_add(1), page_size()))
            })
            .not_emulated()
            .since(6, 10),
            refused(Errno::EINVAL, "the range passes the end of the address space", || {
                mm::mseal(last_page(), 2 * page_size())
            })
            .not_emulated()
            .since(6, 10),
            refused(Errno::ENOMEM, "nothing is mapped there", || mm::mseal(null_mut(), page_size()))
                .not_emulated()
                .since(6, 10),
            refused(Errno::ENOMEM, "the middle of a mapping, and there are too many already", || {
                with_all_mappings(|second| mm::mseal(second, page_size()))
            })
            .not_emulated()
            .since(6, 10),
            refused(Errno::ENOSYS, "the kernel is older", || {
                with_pages(1, |start| mm::mseal(start, page_size()))
            })
            .before(6, 10),
        ],
    ),
];
