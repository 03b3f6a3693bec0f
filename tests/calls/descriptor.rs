//! pipe2, dup3, ioctl, and fcntl about descriptors and their flags.

use std::ptr::{null_mut, without_provenance_mut};

use baremap::flags::{CloneFlags, FdFlags, MemfdFlags, Seals};
use baremap::sys::process::{self, Resource, Signal};
use baremap::sys::{RawFd, fs, mm, page_size};
use baremap::{Errno, MapFlags, Mode, OpenFlags, PipeFlags, Prot, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused};
use crate::hosted::end_with_parent;
use crate::oracle::{NOT_OPEN, pipe};

const FIONREAD: u32 = 0x541b;
const NOTIFICATIONS: PipeFlags = PipeFlags::from_bits_retain(0o200);

fn dup3(oldfd: RawFd, newfd: RawFd, flags: OpenFlags) -> Result<()> {
    // SAFETY: it is refused, or in a child where nothing is owned.
    unsafe { fs::dup3(oldfd, newfd, flags) }.map(drop)
}

fn ioctl<T>(fd: RawFd, op: u32, arg: *mut T) -> Result<()> {
    // SAFETY: it is refused.
    unsafe { fs::ioctl(fd, op, arg) }.map(drop)
}

/// Makes descriptors until there may be no more.
pub fn exhaust(open: impl Fn() -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        must(limit(Resource::NOFILE, 32));
        (0..=32).try_for_each(|_| open())
    })
}

/// Makes descriptors that another process, which has the same table, is about to
/// make: it has taken its number already, and waits for the FIFO.
fn take_what_is_about_to_be() -> Result<()> {
    in_folder(|| {
        special(c"fifo", libc::S_IFIFO, 0, 0);
        let (reader, _writer) = must(fs::pipe2(PipeFlags::empty()));
        let null = null_mut();
        // SAFETY: neither owns what the other closes.
        let other = must(unsafe { process::clone(CloneFlags::FILES, Signal::CHLD, null, null, null.cast()) });
        if other == 0 {
            end_with_parent();
            let _ = fs::open(c"fifo", OpenFlags::RDONLY, Mode::empty());
            process::exit_group(0);
        }
        // Which number it was is not known, and maybe this was here first.
        let mut answer = Ok(());
        while answer.is_ok() {
            for number in reader + 2..reader + 6 {
                answer = answer.and(dup3(reader, number, OpenFlags::empty()));
                // SAFETY: it is this child's own, if it is open.
                let _ = unsafe { fs::close(number) };
            }
        }
        must(process::kill(other, Signal::KILL));
        answer
    })
}

/// A memory file that is mapped so that it can be written.
fn mapped() -> RawFd {
    let fd = memory();
    let both = Prot::READ | Prot::WRITE;
    // SAFETY: a new mapping replaces nothing.
    must(unsafe { mm::mmap(null_mut(), page_size(), both, MapFlags::SHARED, fd, 0) });
    fd
}

pub const CALLS: &[Call] = &[
    call(
        "pipe2",
        &[
            refused(Errno::EINVAL, "the flag is unknown", || {
                in_child_answer(|| fs::pipe2(PipeFlags::from_bits_retain(1 << 30)).map(drop))
            })
            .not_emulated(),
            refused(Errno::EMFILE, "the process has as many as it may", || {
                exhaust(|| fs::pipe2(PipeFlags::empty()).map(drop))
            }),
            too_many_files(),
            refused(Errno::ENOPKG, "it is for notifications", || fs::pipe2(NOTIFICATIONS).map(drop))
                .since(5, 8)
                .not_emulated()
                .where_there_is("a kernel without CONFIG_WATCH_QUEUE", || {
                    in_child_answer(|| fs::pipe2(NOTIFICATIONS).map(drop)).is_err()
                }),
        ],
    ),
    call(
        "dup3",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || {
                in_child_answer(|| dup3(NOT_OPEN, 9, OpenFlags::empty()))
            }),
            refused(Errno::EBADF, "the new number is past the limit", || {
                in_child_answer(|| {
                    let fd = reading(c"/");
                    must(limit(Resource::NOFILE, 100));
                    dup3(fd, 100, OpenFlags::empty())
                })
            }),
            refused(
                Errno::EBUSY,
                "another process with this table has taken the number",
                take_what_is_about_to_be,
            )
            .not_emulated(),
            refused(Errno::EINVAL, "the two are equal", || {
                in_child_answer(|| {
                    let fd = reading(c"/");
                    dup3(fd, fd, OpenFlags::empty())
                })
            }),
        ],
    ),
    call(
        "ioctl",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || {
                ioctl(NOT_OPEN, FIONREAD, null_mut::<i32>())
            }),
            refused(Errno::EFAULT, "the number is to be written where nothing is", || {
                let [reader, _writer] = pipe();
                ioctl(reader.as_raw_fd(), FIONREAD, without_provenance_mut::<i32>(8))
            }),
            refused(Errno::EINVAL, "a range to reserve counts from nowhere", || {
                const FS_IOC_RESVSP: u32 = 0x4030_5828;
                in_folder(|| {
                    // A `struct space_resv`, whose `l_whence` this is.
                    let mut range = [0_i16; 24];
                    range[1] = 9;
                    ioctl(file(c"f"), FS_IOC_RESVSP, range.as_mut_ptr())
                })
            })
            .not_emulated(),
            refused(Errno::ENOTTY, "it is a directory", || {
                in_child_answer(|| ioctl(reading(c"/"), libc::TCGETS as u32, null_mut::<u8>()))
            }),
        ],
    ),
    call(
        "fcntl_dupfd_cloexec",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || {
                fs::fcntl_dupfd_cloexec(NOT_OPEN, 0).map(drop)
            }),
            refused(Errno::EINVAL, "the lowest number is negative", || {
                in_child_answer(|| fs::fcntl_dupfd_cloexec(memory(), -1).map(drop))
            }),
            refused(Errno::EMFILE, "the process has as many as it may", || {
                let [reader, _writer] = pipe();
                exhaust(|| fs::fcntl_dupfd_cloexec(reader.as_raw_fd(), 0).map(drop))
            }),
        ],
    ),
    call(
        "fcntl_getfd",
        &[refused(Errno::EBADF, "the descriptor is not open", || fs::fcntl_getfd(NOT_OPEN).map(drop))],
    ),
    call(
        "fcntl_setfd",
        &[refused(Errno::EBADF, "the descriptor is not open", || {
            fs::fcntl_setfd(NOT_OPEN, FdFlags::CLOEXEC)
        })],
    ),
    call(
        "fcntl_getfl",
        &[refused(Errno::EBADF, "the descriptor is not open", || fs::fcntl_getfl(NOT_OPEN).map(drop))],
    ),
    call(
        "fcntl_setfl",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || {
                fs::fcntl_setfl(NOT_OPEN, OpenFlags::APPEND)
            }),
            refused(Errno::EINVAL, "a file of /proc cannot be read around the cache", || {
                in_child_answer(|| fs::fcntl_setfl(reading(c"/proc/self/status"), OpenFlags::DIRECT))
            }),
            refused(Errno::EPERM, "the file whose time of access is to stay is another's", || {
                in_folder(|| {
                    file(c"f");
                    permit(c"f", 0o644);
                    must(become_nobody());
                    fs::fcntl_setfl(reading(c"f"), OpenFlags::NOATIME)
                })
            })
            .as_root(),
        ],
    ),
    call(
        "fcntl_add_seals",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || {
                fs::fcntl_add_seals(NOT_OPEN, Seals::GROW)
            }),
            refused(Errno::EBUSY, "the file is mapped so that it can be written", || {
                in_child_answer(|| fs::fcntl_add_seals(mapped(), Seals::WRITE))
            }),
            refused(Errno::EINVAL, "the seal is unknown", || {
                in_child_answer(|| fs::fcntl_add_seals(memory(), Seals::from_bits_retain(1 << 30)))
            }),
            refused(Errno::EINVAL, "it is a pipe", || {
                let [_reader, writer] = pipe();
                fs::fcntl_add_seals(writer.as_raw_fd(), Seals::GROW)
            }),
            refused(Errno::EPERM, "the file is sealed against seals", || {
                in_child_answer(|| {
                    let fd = must(mm::memfd_create(c"sealed", MemfdFlags::empty()));
                    fs::fcntl_add_seals(fd, Seals::GROW)
                })
            }),
            refused(Errno::EPERM, "the descriptor is for reading", || {
                in_folder(|| {
                    directory(c"d");
                    fs::fcntl_add_seals(reading(c"d"), Seals::GROW)
                })
            }),
        ],
    ),
    call(
        "fcntl_get_seals",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || fs::fcntl_get_seals(NOT_OPEN).map(drop)),
            refused(Errno::EINVAL, "it is a pipe", || {
                let [reader, _writer] = pipe();
                fs::fcntl_get_seals(reader.as_raw_fd()).map(drop)
            }),
        ],
    ),
];
