//! Flags of files and descriptors.

use bitflags::bitflags;

use crate::arch;

bitflags! {
    /// How a file is opened.
    ///
    /// # References
    ///
    /// [open(2)](https://man7.org/linux/man-pages/man2/open.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "O_RDONLY")]
    pub struct OpenFlags: u32 {
        /// For reading.
        const RDONLY = 0o0;
        /// For writing.
        const WRONLY = 0o1;
        /// For both.
        const RDWR = 0o2;
        /// Create the file if it is not there.
        const CREAT = 0o100;
        /// With `CREAT`: fail if it is there.
        const EXCL = 0o200;
        /// A terminal does not become the controlling one.
        const NOCTTY = 0o400;
        /// Cut the file to no bytes.
        const TRUNC = 0o1_000;
        /// Every write goes to the file's end.
        const APPEND = 0o2_000;
        /// Do not wait, neither here nor in reading and writing.
        const NONBLOCK = 0o4_000;
        /// A write returns when its data is on the device.
        const DSYNC = 0o10_000;
        /// Send a signal when it can be read or written; only `F_SETFL` sets it.
        const ASYNC = 0o20_000;
        /// Past the page cache.
        const DIRECT = arch::O_DIRECT;
        /// Accept files of more than 2 GiB: always so on 64-bit kernels.
        const LARGEFILE = arch::O_LARGEFILE;
        /// Fail if it is no directory.
        const DIRECTORY = arch::O_DIRECTORY;
        /// Fail if the last part of the path is a symbolic link.
        const NOFOLLOW = arch::O_NOFOLLOW;
        /// Reading does not update the time of last access.
        const NOATIME = 0o1_000_000;
        /// Close the descriptor when another program is executed.
        const CLOEXEC = 0o2_000_000;
        /// As `DSYNC`, with the file's metadata.
        const SYNC = 0o4_010_000;
        /// A mere place in the tree: no reading, no writing.
        const PATH = 0o10_000_000;
        /// A file without a name, in this directory.
        const TMPFILE = 0o20_000_000 | arch::O_DIRECTORY;
        const _ = !0;
    }

    /// The permission bits of a file.
    ///
    /// # References
    ///
    /// [inode(7)](https://man7.org/linux/man-pages/man7/inode.7.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "S_IRUSR")]
    pub struct Mode: u32 {
        /// Its owner may read.
        const RUSR = 0o400;
        /// Its owner may write.
        const WUSR = 0o200;
        /// Its owner may execute.
        const XUSR = 0o100;
        /// Its group may read.
        const RGRP = 0o040;
        /// Its group may write.
        const WGRP = 0o020;
        /// Its group may execute.
        const XGRP = 0o010;
        /// Others may read.
        const ROTH = 0o004;
        /// Others may write.
        const WOTH = 0o002;
        /// Others may execute.
        const XOTH = 0o001;
        const _ = !0;
    }

    /// How the `…at` calls look up a path.
    ///
    /// # References
    ///
    /// [unlink(2)](https://man7.org/linux/man-pages/man2/unlink.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "AT_REMOVEDIR")]
    pub struct AtFlags: u32 {
        /// Of a symbolic link, take the link itself.
        const SYMLINK_NOFOLLOW = 0x100;
        /// Remove a directory, as `rmdir` does.
        const REMOVEDIR = 0x200;
        /// With `linkat`: of a symbolic link, take what it points to.
        const SYMLINK_FOLLOW = 0x400;
        /// Mount nothing that would be mounted by a look at it.
        const NO_AUTOMOUNT = 0x800;
        /// An empty path is the descriptor itself.
        const EMPTY_PATH = 0x1000;
        /// With `statx`: ask the server of a remote filesystem.
        const STATX_FORCE_SYNC = 0x2000;
        /// With `statx`: do not ask it.
        const STATX_DONT_SYNC = 0x4000;
        const _ = !0;
    }

    /// How a pipe's two ends behave.
    ///
    /// # References
    ///
    /// [pipe(2)](https://man7.org/linux/man-pages/man2/pipe.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct PipeFlags: u32 {
        /// Do not wait when empty or full.
        const NONBLOCK = 0o4_000;
        /// Each write is one packet.
        const DIRECT = arch::O_DIRECT;
        /// Close them when another program is executed.
        const CLOEXEC = 0o2_000_000;
        const _ = !0;
    }

    /// How a filesystem is mounted.
    ///
    /// # References
    ///
    /// [mount(2)](https://man7.org/linux/man-pages/man2/mount.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MS_RDONLY")]
    pub struct MountFlags: u64 {
        /// Nothing may be written.
        const RDONLY = 0x1;
        /// Set-user-id bits have no effect.
        const NOSUID = 0x2;
        /// Device files cannot be opened.
        const NODEV = 0x4;
        /// No program can be executed.
        const NOEXEC = 0x8;
        const _ = !0;
    }
}
