//! open, openat, openat2, close.

use std::ffi::CStr;

use baremap::flags::ResolveFlags;
use baremap::sys::RawFd;
use baremap::sys::fs::{self, AT_FDCWD, OpenHow};
use baremap::sys::process::Signal;
use baremap::{Errno, Mode, OpenFlags, Result};

use super::circumstances::*;
use super::descriptor::exhaust;
use super::{Call, Refusal, call, none_emulated, refused, unprovoked};
use crate::oracle::NOT_OPEN;

/// The three ways to open a file.
trait Opens {
    fn at(dirfd: RawFd, path: &CStr, flags: OpenFlags) -> Result<()>;

    fn open(path: &CStr, flags: OpenFlags) -> Result<()> {
        Self::at(AT_FDCWD, path, flags)
    }
}

struct Open;
struct OpenAt;
struct OpenAt2;

/// Of a file that is created.
fn mode(flags: OpenFlags) -> Mode {
    let creates = flags.intersects(OpenFlags::CREAT) || flags.contains(OpenFlags::TMPFILE);
    if creates { Mode::RUSR } else { Mode::empty() }
}

impl Opens for Open {
    fn at(_: RawFd, path: &CStr, flags: OpenFlags) -> Result<()> {
        fs::open(path, flags, mode(flags)).map(drop)
    }
}

impl Opens for OpenAt {
    fn at(dirfd: RawFd, path: &CStr, flags: OpenFlags) -> Result<()> {
        fs::openat(dirfd, path, flags, mode(flags)).map(drop)
    }
}

impl Opens for OpenAt2 {
    fn at(dirfd: RawFd, path: &CStr, flags: OpenFlags) -> Result<()> {
        let how = OpenHow::new(flags, mode(flags), ResolveFlags::empty());
        fs::openat2(dirfd, path, &how).map(drop)
    }
}

/// Has a lease on a file end, which its holder is told, and which is not waited
/// for.
fn end_a_lease<O: Opens>() -> Result<()> {
    in_folder(|| {
        file_is_closed(c"f");
        let fd = reading(c"f");
        ignore(Signal(libc::SIGIO));
        // SAFETY: this command takes a number.
        if unsafe { libc::fcntl(fd, libc::F_SETLEASE, libc::F_RDLCK) } == -1 {
            return Ok(());
        }
        O::open(c"f", OpenFlags::WRONLY | OpenFlags::NONBLOCK)
    })
}

/// A new file that nobody has opened.
fn file_is_closed(path: &CStr) {
    // SAFETY: it is this child's own.
    must(unsafe { fs::close(file(path)) });
}

const fn opening_refused<O: Opens>() -> [Refusal; 24] {
    [
        refused(Errno::EACCES, "the file is another's", || {
            in_folder(|| {
                file_is_closed(c"f");
                permit(c"f", 0o600);
                must(become_nobody());
                O::open(c"f", OpenFlags::RDONLY)
            })
        })
        .as_root(),
        refused(Errno::EAGAIN, "there is a lease on it, whose end would be waited for", end_a_lease::<O>),
        refused(Errno::EBUSY, "another has the block device for itself", || {
            on_tmpfs(c"", || {
                let _device = loop_device(memory());
                must(fs::open(c"loop", OpenFlags::RDONLY | OpenFlags::EXCL, Mode::empty()));
                O::open(c"loop", OpenFlags::RDONLY | OpenFlags::EXCL)
            })
        })
        .with_loop_devices(),
        no_quota(),
        refused(Errno::EEXIST, "it is there", || {
            in_folder(|| {
                file_is_closed(c"f");
                O::open(c"f", OpenFlags::RDWR | OpenFlags::CREAT | OpenFlags::EXCL)
            })
        }),
        refused(Errno::EINTR, "a signal comes while nobody writes to the FIFO", || {
            in_folder(|| {
                special(c"fifo", libc::S_IFIFO, 0, 0);
                be_interrupted();
                O::open(c"fifo", OpenFlags::RDONLY)
            })
        }),
        refused(Errno::EINVAL, "the file without a name is for reading", || {
            in_folder(|| O::open(c".", OpenFlags::RDONLY | OpenFlags::TMPFILE))
        }),
        refused(Errno::EISDIR, "it is a directory", || in_folder(|| O::open(c".", OpenFlags::RDWR))),
        refused(Errno::ELOOP, "a symbolic link leads to itself", || {
            in_folder(|| O::open(circle(), OpenFlags::RDONLY))
        }),
        refused(Errno::ELOOP, "it is a symbolic link", || {
            in_folder(|| {
                link(c".", c"link");
                O::open(c"link", OpenFlags::RDONLY | OpenFlags::NOFOLLOW)
            })
        }),
        refused(Errno::EMFILE, "the process has as many as it may", || {
            exhaust(|| O::open(c"/", OpenFlags::RDONLY))
        }),
        too_many_files(),
        refused(Errno::ENAMETOOLONG, "the name is of 256 bytes", || O::open(LONG, OpenFlags::RDONLY)),
        refused(Errno::ENODEV, "it is one of the small devices, and has no driver", || {
            on_tmpfs(c"", || {
                special(c"device", libc::S_IFCHR, 10, 254);
                O::open(c"device", OpenFlags::RDONLY)
            })
        })
        .as_root(),
        refused(Errno::ENOENT, "it is not there", || in_folder(|| O::open(c"f", OpenFlags::RDONLY))),
        no_memory(),
        refused(Errno::ENOSPC, "there is no room for a file", || {
            on_tmpfs(c"nr_inodes=1", || O::open(c"f", OpenFlags::RDWR | OpenFlags::CREAT))
        })
        .as_root(),
        refused(Errno::ENOTDIR, "a part of the path is a file", || {
            in_folder(|| {
                file_is_closed(c"f");
                O::open(c"f/below", OpenFlags::RDONLY)
            })
        }),
        refused(Errno::ENXIO, "nobody reads the FIFO", || {
            in_folder(|| {
                special(c"fifo", libc::S_IFIFO, 0, 0);
                O::open(c"fifo", OpenFlags::WRONLY | OpenFlags::NONBLOCK)
            })
        }),
        refused(Errno::EOPNOTSUPP, "/proc has no files without names", || {
            O::open(c"/proc", OpenFlags::RDWR | OpenFlags::TMPFILE)
        })
        .as_root(),
        refused(Errno::EPERM, "the file whose time of access is to stay is another's", || {
            in_folder(|| {
                file_is_closed(c"f");
                permit(c"f", 0o644);
                must(become_nobody());
                O::open(c"f", OpenFlags::RDONLY | OpenFlags::NOATIME)
            })
        })
        .as_root(),
        refused(Errno::EROFS, "the filesystem is read-only", || {
            on_tmpfs(c"", || {
                file_is_closed(c"f");
                be_read_only();
                O::open(c"f", OpenFlags::WRONLY)
            })
        })
        .as_root(),
        refused(Errno::ETXTBSY, "it is this program", || O::open(c"/proc/self/exe", OpenFlags::WRONLY))
            .not_emulated()
            .as_root(),
        refused(Errno::EACCES, "a directory on the way may not be searched", || {
            in_folder(|| {
                directory(c"d");
                file_is_closed(c"d/f");
                permit(c"d", 0o600);
                must(become_nobody());
                O::open(c"d/f", OpenFlags::RDONLY)
            })
        })
        .as_root(),
    ]
}

const fn directory_is_not_open<O: Opens>() -> [Refusal; 1] {
    [refused(Errno::EBADF, "the directory is not open", || O::at(NOT_OPEN, c"f", OpenFlags::RDONLY))]
}

fn resolved(path: &CStr, flags: OpenFlags, resolve: ResolveFlags) -> Result<()> {
    fs::openat2(AT_FDCWD, path, &OpenHow::new(flags, mode(flags), resolve)).map(drop)
}

pub const CALLS: &[Call] = &[
    call("open", &opening_refused::<Open>()),
    call("openat", &opening_refused::<OpenAt>()),
    call("openat", &directory_is_not_open::<OpenAt>()),
    call(
        "close",
        &[
            // SAFETY: it is refused.
            refused(Errno::EBADF, "the descriptor is not open", || unsafe { fs::close(NOT_OPEN) }),
            unprovoked(Errno::EINTR, "the filesystems of these kernels do not wait here"),
            unprovoked(Errno::EIO, "these kernels store later, and tell fsync"),
            unprovoked(Errno::ENOSPC, "these kernels store later, and tell fsync"),
            no_quota(),
        ],
    ),
    call("openat2", &none_emulated(opening_refused::<OpenAt2>())),
    call("openat2", &none_emulated(directory_is_not_open::<OpenAt2>())),
    call(
        "openat2",
        &none_emulated([
            refused(Errno::EAGAIN, "a file that is created is in no cache", || {
                in_folder(|| resolved(c"f", OpenFlags::RDWR | OpenFlags::CREAT, ResolveFlags::CACHED))
            })
            .since(5, 12),
            refused(Errno::EINVAL, "the flag is unknown", || {
                let how = OpenHow::new(OpenFlags::RDONLY, Mode::empty(), ResolveFlags::empty());
                fs::openat2(AT_FDCWD, c"/", &OpenHow { flags: 1 << 40, ..how }).map(drop)
            }),
            refused(Errno::EINVAL, "there is a mode, and nothing is created", || {
                let how = OpenHow::new(OpenFlags::RDONLY, Mode::RUSR, ResolveFlags::empty());
                fs::openat2(AT_FDCWD, c"/", &how).map(drop)
            }),
            refused(Errno::ELOOP, "a symbolic link is forbidden", || {
                in_folder(|| {
                    link(c".", c"link");
                    resolved(c"link", OpenFlags::RDONLY, ResolveFlags::NO_SYMLINKS)
                })
            }),
            refused(Errno::EXDEV, "the path leaves the directory", || {
                resolved(c"..", OpenFlags::RDONLY, ResolveFlags::BENEATH)
            }),
        ]),
    ),
];
