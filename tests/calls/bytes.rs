//! read, write, pread64, pwrite64, lseek, copy_file_range.

use baremap::flags::Seals;
use baremap::sys::RawFd;
use baremap::sys::fs::{self, Whence};
use baremap::sys::process::{Resource, Signal};
use baremap::{Errno, Mode, OpenFlags, PipeFlags, Result};

use super::circumstances::*;
use super::{Call, Refusal, call, in_child_answer, refused, unprovoked};
use crate::hosted::{is_root, write};
use crate::oracle::{NOT_OPEN, pipe};

/// `read` and `pread64`.
trait Reads {
    fn read(fd: RawFd, buf: &mut [u8]) -> Result<usize>;
}

struct Read;
struct Pread;

impl Reads for Read {
    fn read(fd: RawFd, buf: &mut [u8]) -> Result<usize> {
        fs::read(fd, buf)
    }
}

impl Reads for Pread {
    fn read(fd: RawFd, buf: &mut [u8]) -> Result<usize> {
        fs::pread64(fd, buf, 0)
    }
}

/// Reads what the kernel says, beginning with what it says next.
fn listen<R: Reads>(flags: OpenFlags) -> Result<()> {
    let fd = must(fs::open(c"/dev/kmsg", OpenFlags::RDONLY | flags, Mode::empty()));
    must(fs::lseek(fd, 0, Whence::End));
    loop {
        R::read(fd, &mut [0; 8192])?;
    }
}

const fn reading_refused<R: Reads>() -> [Refusal; 5] {
    [
        refused(Errno::EAGAIN, "/dev/kmsg has no new message, and does not wait", || {
            in_child_answer(|| listen::<R>(OpenFlags::NONBLOCK))
        })
        .as_root(),
        refused(Errno::EBADF, "the descriptor is not open", || R::read(NOT_OPEN, &mut [0]).map(drop)),
        refused(Errno::EINTR, "a signal comes while /dev/kmsg is waited for", || {
            in_child_answer(|| {
                be_interrupted();
                listen::<R>(OpenFlags::empty())
            })
        })
        .as_root(),
        refused(Errno::EIO, "nothing is mapped at that place of /proc/self/mem", || {
            in_child_answer(|| R::read(reading(c"/proc/self/mem"), &mut [0]).map(drop))
        }),
        refused(Errno::EISDIR, "it is a directory", || {
            in_child_answer(|| R::read(reading(c"/"), &mut [0]).map(drop))
        }),
    ]
}

/// `write` and `pwrite64`.
trait Writes {
    fn write(fd: RawFd, buf: &[u8]) -> Result<()>;
}

struct Write;
struct Pwrite;

impl Writes for Write {
    fn write(fd: RawFd, buf: &[u8]) -> Result<()> {
        write(fd, buf).map(drop)
    }
}

impl Writes for Pwrite {
    fn write(fd: RawFd, buf: &[u8]) -> Result<()> {
        // SAFETY: it is the test's own file, if any.
        unsafe { fs::pwrite64(fd, buf, 0) }.map(drop)
    }
}

const fn writing_refused<W: Writes>() -> [Refusal; 6] {
    [
        refused(Errno::EBADF, "the descriptor is open for reading only", || {
            in_child_answer(|| W::write(reading(c"/"), b"x"))
        }),
        refused(Errno::EFBIG, "the process may have no file of a byte", || {
            in_child_answer(|| {
                ignore(Signal(libc::SIGXFSZ));
                must(limit(Resource::FSIZE, 0));
                W::write(memory(), b"x")
            })
        }),
        refused(Errno::ENOSPC, "/dev/full is full", || {
            in_child_answer(|| W::write(must(fs::open(c"/dev/full", OpenFlags::WRONLY, Mode::empty())), b"x"))
        }),
        no_quota(),
        refused(Errno::EIO, "nothing is mapped at that place of /proc/self/mem", || {
            in_child_answer(|| {
                W::write(must(fs::open(c"/proc/self/mem", OpenFlags::RDWR, Mode::empty())), b"x")
            })
        }),
        refused(Errno::EPERM, "the file is sealed", || {
            in_child_answer(|| {
                let fd = memory();
                must(fs::fcntl_add_seals(fd, Seals::WRITE));
                W::write(fd, b"x")
            })
        }),
    ]
}

/// Writes to a pipe until it is full, and once more.
fn overfill(flags: PipeFlags) -> Result<()> {
    let (_reader, writer) = must(fs::pipe2(flags));
    loop {
        write(writer, &[0; 4096])?;
    }
}

/// An eventfd takes and gives numbers of eight bytes only.
fn event() -> RawFd {
    // SAFETY: the call makes a descriptor.
    must(Ok(unsafe { libc::eventfd(1, 0) }))
}

fn copy(fd_in: RawFd, fd_out: RawFd, size: usize) -> Result<()> {
    // SAFETY: it is the test's own file, if any.
    unsafe { fs::copy_file_range(fd_in, None, fd_out, None, size) }.map(drop)
}

/// A file in memory with a few bytes to read.
fn text() -> RawFd {
    let fd = memory();
    must(write(fd, b"text"));
    must(fs::lseek(fd, 0, Whence::Set));
    fd
}

pub const CALLS: &[Call] = &[
    call("read", &reading_refused::<Read>()),
    call(
        "read",
        &[
            refused(Errno::EAGAIN, "the pipe is empty, and does not wait", || {
                in_child_answer(|| fs::read(must(fs::pipe2(PipeFlags::NONBLOCK)).0, &mut [0]).map(drop))
            }),
            refused(Errno::EINTR, "a signal comes while the pipe is empty", || {
                in_child_answer(|| {
                    be_interrupted();
                    fs::read(must(fs::pipe2(PipeFlags::empty())).0, &mut [0]).map(drop)
                })
            }),
            refused(Errno::EINVAL, "an eventfd gives eight bytes", || {
                in_child_answer(|| fs::read(event(), &mut [0; 4]).map(drop))
            }),
        ],
    ),
    call("write", &writing_refused::<Write>()),
    call(
        "write",
        &[
            refused(Errno::EAGAIN, "the pipe is full, and does not wait", || {
                in_child_answer(|| overfill(PipeFlags::NONBLOCK))
            }),
            refused(Errno::EDESTADDRREQ, "the socket is of UDP, and not connected", || {
                in_child_answer(|| {
                    // SAFETY: the call makes a descriptor.
                    let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM, 0) };
                    write(fd, b"x").map(drop)
                })
            }),
            refused(Errno::EINTR, "a signal comes while the pipe is full", || {
                in_child_answer(|| {
                    be_interrupted();
                    overfill(PipeFlags::empty())
                })
            }),
            refused(Errno::EINVAL, "an eventfd takes eight bytes", || {
                in_child_answer(|| write(event(), &[0; 4]).map(drop))
            }),
            refused(Errno::EPIPE, "nobody reads the pipe", || {
                in_child_answer(|| {
                    ignore(Signal::PIPE);
                    let (reader, writer) = must(fs::pipe2(PipeFlags::empty()));
                    // SAFETY: it is this child's own.
                    must(unsafe { fs::close(reader) });
                    write(writer, b"x").map(drop)
                })
            }),
        ],
    ),
    call("pread64", &reading_refused::<Pread>()),
    call(
        "pread64",
        &[
            refused(Errno::EINVAL, "the offset is negative", || {
                in_child_answer(|| fs::pread64(text(), &mut [0], -1).map(drop))
            }),
            refused(Errno::ESPIPE, "it is a pipe", || {
                let [reader, _writer] = pipe();
                fs::pread64(reader.as_raw_fd(), &mut [0], 0).map(drop)
            }),
        ],
    ),
    call("pwrite64", &writing_refused::<Pwrite>()),
    call(
        "pwrite64",
        &[
            unprovoked(Errno::EAGAIN, "what has positions takes bytes at once"),
            unprovoked(Errno::EDESTADDRREQ, "a socket has no positions: ESPIPE"),
            unprovoked(Errno::EINTR, "what has positions is waited for on a network only"),
            refused(Errno::EINVAL, "the offset is negative", || {
                // SAFETY: it is refused.
                in_child_answer(|| unsafe { fs::pwrite64(memory(), b"x", -1) }.map(drop))
            }),
            unprovoked(Errno::EPIPE, "a pipe has no positions: ESPIPE"),
            refused(Errno::ESPIPE, "it is a pipe", || {
                let [_reader, writer] = pipe();
                Pwrite::write(writer.as_raw_fd(), b"x")
            }),
        ],
    ),
    call(
        "lseek",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || {
                fs::lseek(NOT_OPEN, 0, Whence::Cur).map(drop)
            }),
            refused(Errno::EINVAL, "it would be before the file", || {
                in_child_answer(|| fs::lseek(memory(), -1, Whence::Set).map(drop))
            }),
            refused(Errno::EINVAL, "it would be past the largest position", || {
                in_child_answer(|| {
                    let fd = memory();
                    must(fs::lseek(fd, i64::MAX, Whence::Set));
                    fs::lseek(fd, 1, Whence::Cur).map(drop)
                })
            }),
            refused(Errno::ENXIO, "there is no data", || {
                in_child_answer(|| fs::lseek(memory(), 0, Whence::Data).map(drop))
            }),
            refused(Errno::EOVERFLOW, "the position in /dev/mem would look like an error", || {
                in_child_answer(|| fs::lseek(reading(c"/dev/mem"), -9, Whence::Set).map(drop))
            })
            .where_there_is("root, with /dev/mem", || is_root() && std::path::Path::new("/dev/mem").exists()),
            refused(Errno::ESPIPE, "it is a pipe", || {
                let [reader, _writer] = pipe();
                fs::lseek(reader.as_raw_fd(), 0, Whence::Cur).map(drop)
            }),
        ],
    ),
    call(
        "copy_file_range",
        &[
            refused(Errno::EBADF, "the source is not open", || {
                in_child_answer(|| copy(NOT_OPEN, memory(), 1))
            }),
            refused(Errno::EBADF, "the target is for appending", || {
                in_child_answer(|| {
                    let target = memory();
                    must(fs::fcntl_setfl(target, OpenFlags::APPEND));
                    copy(text(), target, 4)
                })
            }),
            refused(Errno::EFBIG, "the process may have no file of a byte", || {
                in_child_answer(|| {
                    ignore(Signal(libc::SIGXFSZ));
                    let source = text();
                    must(limit(Resource::FSIZE, 0));
                    copy(source, memory(), 4)
                })
            }),
            refused(Errno::EINVAL, "the source is a pipe", || {
                in_child_answer(|| copy(must(fs::pipe2(PipeFlags::empty())).0, memory(), 1))
            }),
            refused(Errno::EISDIR, "the source is a directory", || {
                in_child_answer(|| copy(reading(c"/"), memory(), 1))
            }),
            refused(Errno::ENOSPC, "the target's filesystem is full", || {
                on_tmpfs(c"nr_blocks=1", || {
                    let (source, target) = (file(c"source"), file(c"target"));
                    must(write(file(c"first"), b"x"));
                    // A hole, which takes no room.
                    // SAFETY: it is this child's own file.
                    must(unsafe { fs::ftruncate(source, 4) });
                    copy(source, target, 4)
                })
            })
            .as_root(),
            no_failure(),
            no_memory(),
            unprovoked(Errno::EOPNOTSUPP, "the filesystems of these kernels can, or say EXDEV or EINVAL"),
            refused(Errno::EOVERFLOW, "the offset and the size together pass 2^64-1", || {
                in_child_answer(|| {
                    let (source, target) = (text(), memory());
                    must(fs::lseek(source, 1, Whence::Set));
                    copy(source, target, usize::MAX)
                })
            }),
            refused(Errno::EPERM, "the target is immutable", || {
                on_tmpfs(c"", || {
                    let (source, target) = (file(c"source"), file(c"target"));
                    make_immutable(target);
                    copy(source, target, 4)
                })
            })
            .since(6, 0)
            .as_root(),
            no_swap_file(),
            refused(Errno::EXDEV, "the target is on another tmpfs", || {
                on_tmpfs(c"", || copy(text(), file(c"target"), 4))
            })
            .since(5, 19)
            .as_root(),
        ],
    ),
];
