//! mount, reboot.

use std::ffi::CStr;

use baremap::sys::process::{Pid, Signal, kill};
use baremap::sys::system::{self, Reboot};
use baremap::{Errno, MountFlags, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused, unprovoked};

fn mount(source: &CStr, target: &CStr, fstype: &CStr) -> Result<()> {
    system::mount(source, target, fstype, MountFlags::empty(), c"")
}

const EXT4: &str = "root, with ext4";

/// Asks for what must not happen, of one who surely may not ask.
fn restart() -> Result<()> {
    const INIT: Pid = 1;
    in_child_answer(|| {
        must(become_nobody());
        // Whoever may reboot may send this, too.
        match kill(INIT, Signal(0)) {
            Err(Errno::EPERM) => system::reboot(Reboot::Restart),
            _ => must(Err(Errno::EPERM)),
        }
    })
}

pub const CALLS: &[Call] = &[
    call(
        "mount",
        &[
            refused(Errno::EACCES, "a directory on the way may not be searched", || {
                on_tmpfs(c"", || {
                    directory(c"d");
                    directory(c"d/e");
                    permit(c"d", 0o700);
                    must(become_nobody());
                    mount(c"tmpfs", c"d/e", c"tmpfs")
                })
            })
            .as_root(),
            refused(Errno::EBUSY, "it is mounted there", || {
                on_tmpfs(c"", || {
                    mounted(c"sysfs", c"d");
                    mount(c"sysfs", c"d", c"sysfs")
                })
            })
            .as_root(),
            refused(Errno::EINVAL, "nothing is mounted there that could be changed", || {
                on_tmpfs(c"", || {
                    directory(c"d");
                    let again = MountFlags::from_bits_retain(libc::MS_REMOUNT);
                    system::mount(c"", c"d", c"", again, c"")
                })
            })
            .as_root(),
            refused(Errno::ELOOP, "a symbolic link leads to itself", || {
                on_tmpfs(c"", || mount(c"tmpfs", circle(), c"tmpfs"))
            })
            .as_root(),
            unprovoked(Errno::EMFILE, "a million filesystems would have to be mounted"),
            refused(Errno::ENAMETOOLONG, "the name is of 256 bytes", || {
                on_tmpfs(c"", || mount(c"tmpfs", LONG, c"tmpfs"))
            })
            .as_root(),
            refused(Errno::ENODEV, "there is no such filesystem", || {
                on_tmpfs(c"", || mount(c"none", c".", c"none"))
            })
            .as_root(),
            refused(Errno::ENOENT, "the directory is not there", || {
                on_tmpfs(c"", || mount(c"tmpfs", c"d", c"tmpfs"))
            })
            .as_root(),
            no_memory(),
            refused(Errno::ENOTBLK, "it is no block device", || {
                on_tmpfs(c"", || {
                    file(c"f");
                    mount(c"f", c".", c"ext4")
                })
            })
            .where_there_is(EXT4, has_ext4),
            refused(Errno::ENOTDIR, "a part of the path is a file", || {
                on_tmpfs(c"", || {
                    file(c"f");
                    mount(c"tmpfs", c"f", c"tmpfs")
                })
            })
            .as_root(),
            refused(Errno::ENXIO, "there is no such block device", || {
                on_tmpfs(c"", || {
                    special(c"device", libc::S_IFBLK, 4095, 0);
                    mount(c"device", c".", c"ext4")
                })
            })
            .where_there_is(EXT4, has_ext4),
            refused(Errno::EPERM, "the user has no privilege", || {
                on_tmpfs(c"", || {
                    must(become_nobody());
                    mount(c"tmpfs", c".", c"tmpfs")
                })
            })
            .as_root(),
            unprovoked(Errno::EROFS, "wants a filesystem that can only be read, and says so"),
        ],
    ),
    call("reboot", &[refused(Errno::EPERM, "the user has no privilege", restart)]),
];
