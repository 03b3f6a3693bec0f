//! memfd_create, memfd_secret, cachestat.

use std::ffi::CStr;

use baremap::flags::MemfdFlags;
use baremap::sys::mm::{self, CachestatRange};
use baremap::sys::process::Resource;
use baremap::sys::{RawFd, fs};
use baremap::{Errno, Mode, OpenFlags, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused, unprovoked};
use crate::oracle::{NOT_OPEN, number, owned};

/// A name of so many bytes.
const fn name<const WITH_NUL: usize>() -> [u8; WITH_NUL] {
    let mut name = [b'n'; WITH_NUL];
    name[WITH_NUL - 1] = 0;
    name
}

const TOO_LONG: &[u8] = &name::<251>();

/// A file that is not wanted.
fn memfd(name: &CStr, flags: MemfdFlags) -> Result<()> {
    mm::memfd_create(name, flags).map(|fd| drop(owned(Ok(number(fd)))))
}

fn secret(flags: OpenFlags) -> Result<()> {
    mm::memfd_secret(flags).map(|fd| drop(owned(Ok(number(fd)))))
}

fn cachestat(fd: RawFd) -> Result<()> {
    mm::cachestat(fd, &CachestatRange::default()).map(drop)
}

fn has_huge_pages() -> bool {
    memfd(c"huge", MemfdFlags::HUGETLB).is_ok()
}

/// Makes a child's child the first of a new world of processes, which has a
/// setting of its own for this, and has it make a file that may be a program.
fn program_in_memory_where_none_may_be() -> Result<()> {
    // SAFETY: it is about children to come.
    if unsafe { libc::unshare(libc::CLONE_NEWPID) } != 0 {
        return Err(Errno::ENOTRECOVERABLE);
    }
    in_child_answer(|| {
        let setting = fs::open(c"/proc/sys/vm/memfd_noexec", OpenFlags::WRONLY, Mode::empty())?;
        // SAFETY: nobody was promised that it stays as it is.
        unsafe { fs::write(setting, b"2") }?;
        mm::memfd_create(c"program", MemfdFlags::EXEC).map(drop)
    })
}

pub const CALLS: &[Call] = &[
    call(
        "memfd_create",
        &[
            refused(Errno::EACCES, "it may be a program, which the system forbids", || {
                in_child_answer(program_in_memory_where_none_may_be)
            })
            .as_root()
            .not_emulated()
            .since(6, 6),
            refused(Errno::EINVAL, "a flag is unknown", || {
                memfd(c"file", MemfdFlags::from_bits_retain(0x80))
            }),
            refused(Errno::EINVAL, "the name has 250 bytes", || {
                memfd(CStr::from_bytes_with_nul(TOO_LONG).expect("one NUL"), MemfdFlags::empty())
            }),
            refused(Errno::EMFILE, "the process may have no descriptor", || {
                in_child_answer(|| {
                    limit(Resource::NOFILE, 0)?;
                    memfd(c"file", MemfdFlags::empty())
                })
            }),
            too_many_files(),
            refused(Errno::ENODEV, "no machine has huge pages of 2 bytes", || {
                memfd(c"huge", MemfdFlags::huge(1))
            })
            .not_emulated()
            .where_there_is("any huge page", has_huge_pages),
            no_memory(),
            unprovoked(Errno::ENOSYS, "the kernels here have huge pages"),
            unprovoked(Errno::EPERM, "the man page has it; the kernel asks it of shmget alone"),
        ],
    ),
    call(
        "memfd_secret",
        &[
            refused(Errno::EINVAL, "a flag is unknown", || secret(OpenFlags::from_bits_retain(1)))
                .not_emulated()
                .since(6, 5),
            refused(Errno::EMFILE, "the process may have no descriptor", || {
                in_child_answer(|| {
                    limit(Resource::NOFILE, 0)?;
                    secret(OpenFlags::empty())
                })
            })
            .not_emulated()
            .since(6, 5),
            too_many_files(),
            no_memory(),
            refused(Errno::ENOSYS, "the kernel is older, and was not told to have it", || {
                secret(OpenFlags::empty())
            })
            .before(6, 5),
        ],
    ),
    call(
        "cachestat",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || cachestat(NOT_OPEN))
                .not_emulated()
                .since(6, 5),
            refused(Errno::EOPNOTSUPP, "it has huge pages", || {
                let huge = owned(mm::memfd_create(c"huge", MemfdFlags::HUGETLB).map(number));
                cachestat(huge.as_raw_fd())
            })
            .not_emulated()
            .since(6, 5)
            .where_there_is("any huge page", has_huge_pages),
            refused(Errno::ENOSYS, "the kernel is older", || cachestat(file_in_memory(1).as_raw_fd()))
                .before(6, 5),
            refused(Errno::EPERM, "nobody asks of root's file, open for reading", || {
                let file = opened(OpenFlags::RDONLY);
                // SAFETY: nobody was promised anything of it.
                unsafe { libc::fchmod(file.as_raw_fd(), 0o600) };
                in_child_answer(|| {
                    become_nobody()?;
                    cachestat(file.as_raw_fd())
                })
            })
            .as_root()
            .not_emulated()
            .since(6, 14),
        ],
    ),
];
