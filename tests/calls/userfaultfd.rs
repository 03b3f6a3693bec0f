//! userfaultfd, and its requests by the names of their ioctls.

use baremap::flags::{
    UffdCopyMode, UffdFeatures, UffdRegisterMode, UffdWriteprotectMode, UffdZeropageMode, UserfaultfdFlags,
};
use baremap::sys::mm::{self, Advice};
use baremap::sys::process::Resource;
use baremap::sys::userfaultfd::*;
use baremap::sys::{RawFd, fs, page_size};
use baremap::{Errno, OwnedFd, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused, unprovoked};
use crate::oracle::{NOT_OPEN, number, owned};

const FOR_ALL_FAULTS: UserfaultfdFlags = UserfaultfdFlags::CLOEXEC.union(UserfaultfdFlags::NONBLOCK);
/// What every user may have.
const PLAIN: UserfaultfdFlags = FOR_ALL_FAULTS.union(UserfaultfdFlags::USER_MODE_ONLY);

fn open(flags: UserfaultfdFlags) -> Result<()> {
    userfaultfd(flags).map(|fd| drop(owned(Ok(number(fd)))))
}

fn agree(fd: RawFd, features: UffdFeatures) -> Result<()> {
    uffdio_api(fd, &mut UffdioApi { api: UFFD_API, features, ioctls: 0 })
}

/// A descriptor that has been agreed upon.
fn ready(features: UffdFeatures) -> Result<RawFd> {
    let fd = userfaultfd(PLAIN)?;
    agree(fd, features).map(|()| fd)
}

/// As `ready`, with no feature, for a test to own.
pub fn uffd() -> OwnedFd {
    owned(ready(UffdFeatures::empty()).map(number))
}

/// Of a process that has ended.
pub fn of_ended() -> OwnedFd {
    made_by_a_child(|| ready(UffdFeatures::empty()))
}

pub fn page_at(start: *mut u8) -> UffdioRange {
    UffdioRange { start: start.expose_provenance() as u64, len: page_size() as u64 }
}

fn register(fd: RawFd, range: UffdioRange) -> Result<()> {
    uffdio_register(fd, &mut UffdioRegister { range, mode: UffdRegisterMode::MISSING, ioctls: 0 })
}

/// The answer of a request about one page, which is registered.
pub fn about_page(act: impl FnOnce(RawFd, *mut u8) -> Result<()>) -> Result<()> {
    with_pages(1, |start| {
        let uffd = uffd();
        register(uffd.as_raw_fd(), page_at(start))?;
        act(uffd.as_raw_fd(), start)
    })
}

/// The answer of a request about one page that another thread is just emptying:
/// it waits until we have read of it.
pub fn about_changing_page(act: impl FnOnce(RawFd, *mut u8) -> Result<()>) -> Result<()> {
    with_pages(1, |start| {
        let uffd = owned(ready(UffdFeatures::EVENT_REMOVE).map(number));
        register(uffd.as_raw_fd(), page_at(start))?;
        let place = start.expose_provenance();
        let changing = std::thread::spawn(move || {
            let start = std::ptr::with_exposed_provenance_mut(place);
            // SAFETY: nothing relies on its bytes.
            unsafe { mm::madvise(start, page_size(), Advice::DONTNEED) }
        });
        let mut events = libc::pollfd { fd: uffd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: it is one, and waits for as long as it takes.
        assert_eq!(unsafe { libc::poll(&raw mut events, 1, -1) }, 1);
        let answer = act(uffd.as_raw_fd(), start);
        fs::read(uffd.as_raw_fd(), &mut [0; 32])?;
        changing.join().expect("it does not panic")?;
        answer
    })
}

/// Puts a page there, with the bytes of another.
fn copy(fd: RawFd, range: UffdioRange, src: u64) -> Result<()> {
    let mode = UffdCopyMode::empty();
    // SAFETY: where it goes is the test's own.
    unsafe { uffdio_copy(fd, &mut UffdioCopy { dst: range.start, src, len: range.len, mode, copy: 0 }) }
}

/// As `copy`, with its own bytes, wherever it would go.
pub fn copy_itself(fd: RawFd, range: UffdioRange) -> Result<()> {
    copy(fd, range, (&raw const ONE_PAGE).expose_provenance() as u64)
}

/// What a page on any machine has room for.
static ONE_PAGE: [u8; 1 << 16] = [0; 1 << 16];

fn zero(fd: RawFd, range: UffdioRange) -> Result<()> {
    let mode = UffdZeropageMode::empty();
    // SAFETY: where it goes is the test's own.
    unsafe { uffdio_zeropage(fd, &mut UffdioZeropage { range, mode, zeropage: 0 }) }
}

fn protect(fd: RawFd, range: UffdioRange, mode: UffdWriteprotectMode) -> Result<()> {
    uffdio_writeprotect(fd, &mut UffdioWriteprotect { range, mode })
}

fn write_protect(fd: RawFd, range: UffdioRange) -> Result<()> {
    protect(fd, range, UffdWriteprotectMode::WP)
}

/// A request about one page of nobody's.
pub type Request = fn(RawFd, UffdioRange) -> Result<()>;

fn unregister(fd: RawFd, range: UffdioRange) -> Result<()> {
    uffdio_unregister(fd, &range)
}

fn wake(fd: RawFd, range: UffdioRange) -> Result<()> {
    uffdio_wake(fd, &range)
}

/// About a page, by this descriptor.
pub fn by(fd: RawFd, request: Request) -> Result<()> {
    with_pages(1, |start| request(fd, page_at(start)))
}

pub fn by_another_file(request: Request) -> Result<()> {
    by(file_in_memory(0).as_raw_fd(), request)
}

/// About one byte.
pub fn about_byte(request: Request) -> Result<()> {
    with_pages(1, |start| request(uffd().as_raw_fd(), UffdioRange { len: 1, ..page_at(start) }))
}

pub const CALLS: &[Call] = &[
    call(
        "userfaultfd",
        &[
            refused(Errno::EINVAL, "a flag is unknown", || {
                open(PLAIN | UserfaultfdFlags::from_bits_retain(0x80))
            })
            .not_emulated(),
            refused(Errno::EMFILE, "the process may have no descriptor", || {
                in_child_answer(|| {
                    limit(Resource::NOFILE, 0)?;
                    open(PLAIN)
                })
            })
            .not_emulated(),
            too_many_files(),
            no_memory(),
            unprovoked(Errno::ENOSYS, "the kernels here have it"),
            refused(Errno::EPERM, "nobody is told of the kernel's faults", || {
                in_child_answer(|| {
                    become_nobody()?;
                    open(FOR_ALL_FAULTS)
                })
            })
            .not_emulated()
            .where_there_is("the privileged's alone", is_for_the_privileged),
        ],
    ),
    call(
        "uffdio_api",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || agree(NOT_OPEN, UffdFeatures::empty()))
                .not_emulated(),
            refused(Errno::EINVAL, "a feature is unknown", || {
                ready(UffdFeatures::from_bits_retain(1 << 60)).map(drop)
            })
            .not_emulated(),
            refused(Errno::EINVAL, "it is done already", || agree(uffd().as_raw_fd(), UffdFeatures::empty()))
                .not_emulated(),
            refused(Errno::ENOTTY, "it is another file", || {
                agree(file_in_memory(0).as_raw_fd(), UffdFeatures::empty())
            })
            .not_emulated(),
            refused(Errno::EPERM, "nobody is told of children", || {
                in_child_answer(|| {
                    become_nobody()?;
                    let fd = userfaultfd(PLAIN)?;
                    agree(fd, UffdFeatures::EVENT_FORK)
                })
            })
            .not_emulated(),
        ],
    ),
    call(
        "uffdio_register",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || by(NOT_OPEN, register)).not_emulated(),
            refused(Errno::EBUSY, "another descriptor has the range", || {
                about_page(|_, start| register(uffd().as_raw_fd(), page_at(start)))
            })
            .not_emulated(),
            refused(Errno::EINVAL, "it is one byte", || about_byte(register)).not_emulated(),
            refused(Errno::EINVAL, "nothing was agreed upon", || {
                by(owned(userfaultfd(PLAIN).map(number)).as_raw_fd(), register)
            })
            .not_emulated(),
            refused(Errno::ENOMEM, "the process has ended", || by(of_ended().as_raw_fd(), register))
                .not_emulated(),
            refused(Errno::ENOTTY, "it is another file", || by_another_file(register)).not_emulated(),
            refused(Errno::EPERM, "shared, and the file was not opened for writing", || {
                with_read_only_page(|start| register(uffd().as_raw_fd(), page_at(start)))
            })
            .not_emulated(),
        ],
    ),
    call(
        "uffdio_unregister",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || by(NOT_OPEN, unregister)).not_emulated(),
            refused(Errno::EINVAL, "it is one byte", || about_byte(unregister)).not_emulated(),
            refused(Errno::ENOMEM, "the process has ended", || by(of_ended().as_raw_fd(), unregister))
                .not_emulated(),
            refused(Errno::ENOTTY, "it is another file", || by_another_file(unregister)).not_emulated(),
        ],
    ),
    call(
        "uffdio_wake",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || by(NOT_OPEN, wake)).not_emulated(),
            refused(Errno::EINVAL, "it is one byte", || about_byte(wake)).not_emulated(),
            refused(Errno::ENOTTY, "it is another file", || by_another_file(wake)).not_emulated(),
        ],
    ),
    call(
        "uffdio_copy",
        &[
            refused(Errno::EAGAIN, "the memory is just changing", || {
                about_changing_page(|fd, start| copy_itself(fd, page_at(start)))
            })
            .not_emulated(),
            refused(Errno::EBADF, "the descriptor is not open", || by(NOT_OPEN, copy_itself)).not_emulated(),
            refused(Errno::EEXIST, "a page is there", || {
                about_page(|fd, start| {
                    copy_itself(fd, page_at(start))?;
                    copy_itself(fd, page_at(start))
                })
            })
            .not_emulated(),
            refused(Errno::EFAULT, "the source is not readable", || {
                about_page(|fd, start| copy(fd, page_at(start), 0))
            })
            .not_emulated(),
            refused(Errno::EINVAL, "it is one byte", || about_byte(copy_itself)).not_emulated(),
            refused(Errno::ENOENT, "it is not registered", || by(uffd().as_raw_fd(), copy_itself))
                .not_emulated(),
            no_memory(),
            refused(Errno::ENOTTY, "it is another file", || by_another_file(copy_itself)).not_emulated(),
            refused(Errno::ESRCH, "the process has ended", || by(of_ended().as_raw_fd(), copy_itself))
                .not_emulated(),
        ],
    ),
    call(
        "uffdio_zeropage",
        &[
            refused(Errno::EAGAIN, "the memory is just changing", || {
                about_changing_page(|fd, start| zero(fd, page_at(start)))
            })
            .not_emulated(),
            refused(Errno::EBADF, "the descriptor is not open", || by(NOT_OPEN, zero)).not_emulated(),
            refused(Errno::EEXIST, "a page is there", || {
                about_page(|fd, start| {
                    zero(fd, page_at(start))?;
                    zero(fd, page_at(start))
                })
            })
            .not_emulated(),
            unprovoked(Errno::EFAULT, "zeros have no source"),
            refused(Errno::EINVAL, "it is one byte", || about_byte(zero)).not_emulated(),
            refused(Errno::ENOENT, "it is not registered", || by(uffd().as_raw_fd(), zero)).not_emulated(),
            no_memory(),
            refused(Errno::ENOTTY, "it is another file", || by_another_file(zero)).not_emulated(),
            refused(Errno::ESRCH, "the process has ended", || by(of_ended().as_raw_fd(), zero))
                .not_emulated(),
        ],
    ),
    call(
        "uffdio_writeprotect",
        &[
            refused(Errno::EAGAIN, "the memory is just changing", || {
                about_changing_page(|fd, start| write_protect(fd, page_at(start)))
            })
            .not_emulated(),
            refused(Errno::EBADF, "the descriptor is not open", || by(NOT_OPEN, write_protect))
                .not_emulated(),
            unprovoked(Errno::EFAULT, "the man page has it; the kernels here never say so"),
            refused(Errno::EINVAL, "it is one byte", || about_byte(write_protect)).not_emulated(),
            refused(Errno::EINVAL, "a mode is unknown", || {
                let unknown = UffdWriteprotectMode::from_bits_retain(0x80);
                with_pages(1, |start| protect(uffd().as_raw_fd(), page_at(start), unknown))
            })
            .not_emulated(),
            refused(Errno::ENOENT, "it is not registered", || by(uffd().as_raw_fd(), write_protect))
                .not_emulated(),
            refused(Errno::ENOTTY, "it is another file", || by_another_file(write_protect)).not_emulated(),
            refused(Errno::ESRCH, "the process has ended", || by(of_ended().as_raw_fd(), write_protect))
                .not_emulated(),
        ],
    ),
];

/// Whether the machine is set up as it is at first.
fn is_for_the_privileged() -> bool {
    std::fs::read("/proc/sys/vm/unprivileged_userfaultfd").is_ok_and(|text| text == b"0\n")
}
