//! unlinkat, renameat2, linkat.

use std::ffi::CStr;

use baremap::flags::RenameFlags;
use baremap::sys::RawFd;
use baremap::sys::fs::{self, AT_FDCWD};
use baremap::{AtFlags, Errno, Result};

use super::circumstances::*;
use super::{Call, Refusal, call, refused, unprovoked};
use crate::oracle::NOT_OPEN;

const NONE: AtFlags = AtFlags::empty();

fn unlink(path: &CStr, flags: AtFlags) -> Result<()> {
    fs::unlinkat(AT_FDCWD, path, flags)
}

fn rename(old: &CStr, new: &CStr, flags: RenameFlags) -> Result<()> {
    fs::renameat2(AT_FDCWD, old, AT_FDCWD, new, flags)
}

fn link(old: &CStr, new: &CStr, flags: AtFlags) -> Result<()> {
    fs::linkat(AT_FDCWD, old, AT_FDCWD, new, flags)
}

/// A call that changes the name `f` or takes it away or gives another, in one way
/// at least.
trait Changes {
    /// With a directory where `f` is, and `f` itself.
    fn change(at: RawFd, path: &CStr) -> Result<()>;
}

struct Unlink;
struct Rename;
struct Link;

impl Changes for Unlink {
    fn change(at: RawFd, path: &CStr) -> Result<()> {
        fs::unlinkat(at, path, NONE)
    }
}

impl Changes for Rename {
    fn change(at: RawFd, path: &CStr) -> Result<()> {
        fs::renameat2(at, path, AT_FDCWD, c"new", RenameFlags::empty())
    }
}

impl Changes for Link {
    fn change(at: RawFd, path: &CStr) -> Result<()> {
        fs::linkat(at, path, AT_FDCWD, c"new", NONE)
    }
}

const fn changing_refused<C: Changes>() -> [Refusal; 9] {
    [
        refused(Errno::EACCES, "the directory is another's", || {
            in_folder(|| {
                file(c"f");
                permit(c"f", 0o666);
                must(become_nobody());
                C::change(AT_FDCWD, c"f")
            })
        })
        .as_root(),
        refused(Errno::EBADF, "the directory is not open", || C::change(NOT_OPEN, c"f")),
        refused(Errno::ELOOP, "a symbolic link leads to itself", || {
            in_folder(|| C::change(AT_FDCWD, circle()))
        }),
        refused(Errno::ENAMETOOLONG, "the name is of 256 bytes", || in_folder(|| C::change(AT_FDCWD, LONG))),
        refused(Errno::ENOENT, "it is not there", || in_folder(|| C::change(AT_FDCWD, c"f"))),
        no_memory(),
        refused(Errno::ENOTDIR, "a part of the path is a file", || {
            in_folder(|| {
                file(c"f");
                C::change(AT_FDCWD, c"f/below")
            })
        }),
        refused(Errno::EPERM, "the file is immutable", || {
            on_tmpfs(c"", || {
                make_immutable(file(c"f"));
                C::change(AT_FDCWD, c"f")
            })
        })
        .since(6, 0)
        .as_root(),
        refused(Errno::EROFS, "the filesystem is read-only", || {
            on_tmpfs(c"", || {
                // SAFETY: it is this child's own.
                must(unsafe { fs::close(file(c"f")) });
                be_read_only();
                C::change(AT_FDCWD, c"f")
            })
        })
        .as_root(),
    ]
}

/// A directory with something in it, and an empty one.
fn directories() {
    directory(c"full");
    directory(c"full/inner");
    directory(c"empty");
}

/// Gives a file names until it may have no more.
fn link_too_often() -> Result<()> {
    in_folder(|| {
        file(c"f");
        let mut name = *b"0000000\0";
        for number in 0..70_000_u32 {
            let mut rest = number;
            for place in name.iter_mut().rev().skip(1) {
                *place = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
            link(c"f", must(CStr::from_bytes_with_nul(&name).map_err(|_| Errno::EINVAL)), NONE)?;
        }
        Ok(())
    })
}

/// Whether the tests' folders are on ext4, or one of its ancestors.
fn folders_are_on_ext4() -> bool {
    let path = crate::hosted::c_path(&std::env::temp_dir());
    // SAFETY: a `statfs` is integers, for which zeros are a value.
    let mut known: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a NUL, and the answer has room.
    let answer = unsafe { libc::statfs(path.as_ptr(), &mut known) };
    answer == 0 && known.f_type == libc::EXT4_SUPER_MAGIC
}

pub const CALLS: &[Call] = &[
    call("unlinkat", &changing_refused::<Unlink>()),
    call(
        "unlinkat",
        &[
            refused(Errno::EBUSY, "something is mounted there", || {
                on_tmpfs(c"", || {
                    mounted(c"tmpfs", c"d");
                    unlink(c"d", AtFlags::REMOVEDIR)
                })
            })
            .as_root(),
            refused(Errno::EINVAL, "the flag is unknown", || {
                unlink(c"f", AtFlags::from_bits_retain(1 << 30))
            }),
            refused(Errno::EINVAL, "it is this directory", || in_folder(|| unlink(c".", AtFlags::REMOVEDIR))),
            no_failure(),
            refused(Errno::EISDIR, "it is a directory", || {
                in_folder(|| {
                    directories();
                    unlink(c"empty", NONE)
                })
            }),
            refused(Errno::ENOTDIR, "it is a file", || {
                in_folder(|| {
                    file(c"f");
                    unlink(c"f", AtFlags::REMOVEDIR)
                })
            }),
            refused(Errno::ENOTEMPTY, "something is in it", || {
                in_folder(|| {
                    directories();
                    unlink(c"full", AtFlags::REMOVEDIR)
                })
            }),
            refused(Errno::EPERM, "the directory is sticky, and it is another's", || {
                in_folder(|| {
                    file(c"f");
                    permit(c".", 0o1777);
                    must(become_nobody());
                    unlink(c"f", NONE)
                })
            })
            .as_root(),
        ],
    ),
    call("renameat2", &changing_refused::<Rename>()),
    call(
        "renameat2",
        &[
            refused(Errno::EBUSY, "something is mounted there", || {
                on_tmpfs(c"", || {
                    mounted(c"tmpfs", c"d");
                    rename(c"d", c"new", RenameFlags::empty())
                })
            })
            .as_root(),
            no_quota(),
            refused(Errno::EEXIST, "the new name is there", || {
                in_folder(|| {
                    file(c"f");
                    file(c"g");
                    rename(c"f", c"g", RenameFlags::NOREPLACE)
                })
            }),
            refused(Errno::EINVAL, "the flags exclude each other", || {
                rename(c"f", c"g", RenameFlags::NOREPLACE | RenameFlags::EXCHANGE)
            }),
            refused(Errno::EINVAL, "the directory would get into itself", || {
                in_folder(|| {
                    directories();
                    rename(c"full", c"full/inner/new", RenameFlags::empty())
                })
            }),
            refused(Errno::EISDIR, "the new name is a directory's", || {
                in_folder(|| {
                    directories();
                    file(c"f");
                    rename(c"f", c"empty", RenameFlags::empty())
                })
            }),
            unprovoked(Errno::EMLINK, "tmpfs takes any number of directories, and so does ext4"),
            refused(Errno::ENOENT, "there is nothing to exchange it with", || {
                in_folder(|| {
                    file(c"f");
                    rename(c"f", c"g", RenameFlags::EXCHANGE)
                })
            }),
            refused(Errno::ENOSPC, "there is no room for what is left in its place", || {
                on_tmpfs(c"nr_inodes=2", || {
                    file(c"f");
                    rename(c"f", c"g", RenameFlags::WHITEOUT)
                })
            })
            .as_root(),
            refused(Errno::ENOTDIR, "the new name is a file's", || {
                in_folder(|| {
                    directories();
                    file(c"f");
                    rename(c"empty", c"f", RenameFlags::empty())
                })
            }),
            refused(Errno::ENOTEMPTY, "the new name is that of a directory with something in it", || {
                in_folder(|| {
                    directories();
                    rename(c"empty", c"full", RenameFlags::empty())
                })
            }),
            refused(Errno::EXDEV, "the new name is on another filesystem", || {
                in_folder(|| {
                    file(c"f");
                    rename(c"f", c"/proc/f", RenameFlags::empty())
                })
            }),
        ],
    ),
    call("linkat", &changing_refused::<Link>()),
    call(
        "linkat",
        &[
            no_quota(),
            refused(Errno::EEXIST, "the new name is there", || {
                in_folder(|| {
                    file(c"f");
                    file(c"g");
                    link(c"f", c"g", NONE)
                })
            }),
            refused(Errno::EINVAL, "the flag is for other calls", || {
                link(c"f", c"g", AtFlags::SYMLINK_NOFOLLOW)
            }),
            no_failure(),
            refused(Errno::EMLINK, "it has 65,000 names", link_too_often)
                .where_there_is("a folder on ext4", folders_are_on_ext4),
            refused(Errno::ENOENT, "it has lost its last name", || {
                in_folder(|| {
                    let fd = file(c"f");
                    must(unlink(c"f", NONE));
                    fs::linkat(fd, c"", AT_FDCWD, c"new", AtFlags::EMPTY_PATH)
                })
            })
            .as_root(),
            refused(Errno::ENOSPC, "there is no room for the name", || {
                on_tmpfs(c"nr_inodes=2", || {
                    file(c"f");
                    link(c"f", c"g", NONE)
                })
            })
            .as_root(),
            refused(Errno::EPERM, "it is a directory", || {
                in_folder(|| {
                    directories();
                    link(c"empty", c"new", NONE)
                })
            }),
            refused(Errno::EXDEV, "the file is on another filesystem", || {
                in_folder(|| link(c"/proc/self/status", c"new", NONE))
            }),
        ],
    ),
];
