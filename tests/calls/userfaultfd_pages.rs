//! The requests of userfaultfd that end a fault without a copy.

use baremap::flags::{MemfdFlags, UffdContinueMode, UffdMoveMode, UffdPoisonMode, UffdRegisterMode};
use baremap::sys::userfaultfd::*;
use baremap::sys::{RawFd, fs, mm, page_size};
use baremap::{Errno, MapFlags, Result};

use super::circumstances::*;
use super::userfaultfd::{
    about_byte, about_changing_page, about_page, by, by_another_file, copy_itself, of_ended, page_at, uffd,
};
use super::{Call, call, none_emulated, refused};
use crate::hosted::{child, write};
use crate::memory::put;
use crate::oracle::{NOT_OPEN, number, owned, pipe};

fn go_on(fd: RawFd, range: UffdioRange) -> Result<()> {
    uffdio_continue(fd, &mut UffdioContinue { range, mode: UffdContinueMode::empty(), mapped: 0 })
}

/// The answer of `uffdio_continue` about a page of a file that is not mapped yet,
/// after these bytes were written, and so many requests made.
fn about_page_of_file(written: &[u8], before: usize) -> Result<()> {
    let file = owned(mm::memfd_create(c"minor", MemfdFlags::empty()).map(number));
    // SAFETY: nobody was promised that it stays as it is.
    unsafe { fs::ftruncate(file.as_raw_fd(), page_size() as i64) }?;
    write(file.as_raw_fd(), written)?;
    with_mapping(1, MapFlags::SHARED, file.as_raw_fd(), |start| {
        let (uffd, range) = (uffd(), page_at(start));
        let mode = UffdRegisterMode::MINOR;
        uffdio_register(uffd.as_raw_fd(), &mut UffdioRegister { range, mode, ioctls: 0 })?;
        for _ in 0..before {
            go_on(uffd.as_raw_fd(), range)?;
        }
        go_on(uffd.as_raw_fd(), range)
    })
}

fn poison_in(fd: RawFd, range: UffdioRange, mode: UffdPoisonMode) -> Result<()> {
    // SAFETY: the range is the test's own.
    unsafe { uffdio_poison(fd, &mut UffdioPoison { range, mode, updated: 0 }) }
}

fn poison(fd: RawFd, range: UffdioRange) -> Result<()> {
    poison_in(fd, range, UffdPoisonMode::empty())
}

/// Moves as many bytes from there.
fn relocate(fd: RawFd, dst: UffdioRange, src: *mut u8, mode: UffdMoveMode) -> Result<()> {
    let src = src.expose_provenance() as u64;
    // SAFETY: both ranges are the test's own.
    unsafe { uffdio_move(fd, &mut UffdioMove { dst: dst.start, src, len: dst.len, mode, moved: 0 }) }
}

/// As `relocate`, from a new page with something in it.
fn relocate_new(fd: RawFd, dst: UffdioRange) -> Result<()> {
    with_pages(1, |src| {
        put(src, 1);
        relocate(fd, dst, src, UffdMoveMode::empty())
    })
}

pub const CALLS: &[Call] = &[
    call(
        "uffdio_continue",
        &none_emulated([
            refused(Errno::EAGAIN, "the memory is just changing", || {
                about_changing_page(|fd, start| go_on(fd, page_at(start)))
            }),
            refused(Errno::EBADF, "the descriptor is not open", || by(NOT_OPEN, go_on)),
            refused(Errno::EEXIST, "the page is mapped", || about_page_of_file(b"x", 1)),
            refused(Errno::EFAULT, "the file does not have the page", || about_page_of_file(b"", 0)),
            refused(Errno::EINVAL, "it is one byte", || about_byte(go_on)),
            refused(Errno::EINVAL, "it is memory of no file", || {
                about_page(|fd, start| go_on(fd, page_at(start)))
            }),
            refused(Errno::EINVAL, "a mode is unknown", || {
                with_pages(1, |start| {
                    let (range, mode) = (page_at(start), UffdContinueMode::from_bits_retain(0x80));
                    uffdio_continue(uffd().as_raw_fd(), &mut UffdioContinue { range, mode, mapped: 0 })
                })
            }),
            refused(Errno::ENOENT, "it is not registered", || by(uffd().as_raw_fd(), go_on)),
            no_memory(),
            refused(Errno::ENOTTY, "it is another file", || by_another_file(go_on)),
            refused(Errno::ESRCH, "the process has ended", || by(of_ended().as_raw_fd(), go_on)),
        ]),
    ),
    call(
        "uffdio_poison",
        &none_emulated([
            refused(Errno::EAGAIN, "the memory is just changing", || {
                about_changing_page(|fd, start| poison(fd, page_at(start)))
            })
            .since(6, 6),
            refused(Errno::EBADF, "the descriptor is not open", || by(NOT_OPEN, poison)),
            refused(Errno::EEXIST, "a page is there", || {
                about_page(|fd, start| {
                    copy_itself(fd, page_at(start))?;
                    poison(fd, page_at(start))
                })
            })
            .since(6, 6),
            refused(Errno::EINVAL, "it is one byte", || about_byte(poison)),
            refused(Errno::EINVAL, "a mode is unknown", || {
                let unknown = UffdPoisonMode::from_bits_retain(0x80);
                about_page(|fd, start| poison_in(fd, page_at(start), unknown))
            }),
            refused(Errno::EINVAL, "the kernel does not have it", || {
                about_page(|fd, start| poison(fd, page_at(start)))
            })
            .before(6, 6),
            refused(Errno::ENOENT, "it is not registered", || by(uffd().as_raw_fd(), poison)).since(6, 6),
            no_memory(),
            refused(Errno::ENOTTY, "it is another file", || by_another_file(poison)),
            refused(Errno::ESRCH, "the process has ended", || by(of_ended().as_raw_fd(), poison)).since(6, 6),
        ]),
    ),
    call(
        "uffdio_move",
        &none_emulated([
            refused(Errno::EAGAIN, "the memory is just changing", || {
                about_changing_page(|fd, start| relocate_new(fd, page_at(start)))
            })
            .since(6, 8),
            refused(Errno::EBADF, "the descriptor is not open", || by(NOT_OPEN, relocate_new)),
            refused(Errno::EBUSY, "a child has the page, too", || {
                about_page(|fd, start| {
                    with_pages(1, |src| {
                        put(src, 1);
                        let [reader, writer] = pipe();
                        let child = child(|| fs::read(reader.as_raw_fd(), &mut [0]).map_or(1, |_| 0));
                        let answer = relocate(fd, page_at(start), src, UffdMoveMode::empty());
                        write(writer.as_raw_fd(), b"x")?;
                        assert!(child.wait()?.success());
                        answer
                    })
                })
            })
            .since(6, 8),
            refused(Errno::EEXIST, "a page is there", || {
                about_page(|fd, start| {
                    copy_itself(fd, page_at(start))?;
                    relocate_new(fd, page_at(start))
                })
            })
            .since(6, 8),
            refused(Errno::EINVAL, "it is one byte", || about_byte(relocate_new)),
            refused(Errno::EINVAL, "a mode is unknown", || {
                let unknown = UffdMoveMode::from_bits_retain(0x80);
                about_page(|fd, start| with_pages(1, |src| relocate(fd, page_at(start), src, unknown)))
            }),
            refused(Errno::EINVAL, "it is not registered", || by(uffd().as_raw_fd(), relocate_new)),
            refused(Errno::EINVAL, "it is another process's", || by(of_ended().as_raw_fd(), relocate_new)),
            refused(Errno::EINVAL, "the kernel does not have it", || {
                about_page(|fd, start| relocate_new(fd, page_at(start)))
            })
            .before(6, 8),
            refused(Errno::ENOENT, "there is no page to move", || {
                about_page(|fd, start| {
                    with_pages(1, |src| relocate(fd, page_at(start), src, UffdMoveMode::empty()))
                })
            })
            .since(6, 8),
            no_memory(),
            refused(Errno::ENOTTY, "it is another file", || by_another_file(relocate_new)),
        ]),
    ),
];
