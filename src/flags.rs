//! The flags of the system calls, typed. They lose their C prefix, which the
//! type's name now says: `PROT_READ` is [`Prot::READ`]. A bit that has no name
//! here can be passed all the same, by `from_bits_retain`, for newer kernels.

use bitflags::bitflags;

use crate::arch;

bitflags! {
    /// What may be done with mapped memory.
    ///
    /// # References
    ///
    /// [mmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "PROT_READ")]
    pub struct Prot: u32 {
        /// No access at all.
        const NONE = 0x0;
        /// Its bytes may be read.
        const READ = 0x1;
        /// Its bytes may be written.
        const WRITE = 0x2;
        /// Its bytes may be run as code.
        const EXEC = 0x4;
        const _ = !0;
    }

    /// What kind of mapping to make, and how.
    ///
    /// # References
    ///
    /// [mmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MAP_SHARED")]
    pub struct MapFlags: u32 {
        /// Stores reach the file and everyone who maps it.
        const SHARED = 0x1;
        /// Stores are this process's own: a page is copied at its first one.
        const PRIVATE = 0x2;
        /// As `SHARED`, and refuse flags that the kernel does not know.
        const SHARED_VALIDATE = 0x3;
        /// At exactly this address, replacing what is there.
        const FIXED = 0x10;
        /// Memory that starts as zeros and belongs to no file.
        const ANONYMOUS = 0x20;
        const _ = !0;
    }

    /// What [`msync`](crate::sys::mm::msync) should do.
    ///
    /// # References
    ///
    /// [msync(2)](https://man7.org/linux/man-pages/man2/msync.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "MS_SYNC")]
    pub struct MsyncFlags: u32 {
        /// Ask for the update and return at once.
        const ASYNC = 0x1;
        /// Make other mappings of the file see what was written.
        const INVALIDATE = 0x2;
        /// Ask for the update and wait until it is done.
        const SYNC = 0x4;
        const _ = !0;
    }

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

    /// Which changes of a child [`wait4`](crate::sys::process::wait4) reports.
    ///
    /// # References
    ///
    /// [wait4(2)](https://man7.org/linux/man-pages/man2/wait4.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "WNOHANG")]
    pub struct WaitFlags: u32 {
        /// Return at once if nothing has changed.
        const NOHANG = 0x1;
        /// Also children that were stopped.
        const UNTRACED = 0x2;
        /// Also children that go on after a stop.
        const CONTINUED = 0x8;
        const _ = !0;
    }

    /// What a clone shares with its parent.
    ///
    /// # References
    ///
    /// [clone(2)](https://man7.org/linux/man-pages/man2/clone.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "CLONE_VM")]
    pub struct CloneFlags: u64 {
        /// The memory itself, not a copy.
        const VM = 0x100;
        /// The table of descriptors.
        const FILES = 0x400;
        /// The parent waits until the child executes or exits.
        const VFORK = 0x4000;
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
