//! Flags of the calls that find, measure, seal and rename files.

use bitflags::bitflags;

bitflags! {
    /// How [`openat2`](crate::sys::fs::openat2) follows a path.
    ///
    /// # References
    ///
    /// [open_how(2type)](https://man7.org/linux/man-pages/man2/open_how.2type.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "RESOLVE_BENEATH")]
    #[repr(transparent)]
    pub struct ResolveFlags: u64 {
        /// Never into another mount.
        const NO_XDEV = 0x1;
        /// Never by one of the links in /proc that the kernel makes up.
        const NO_MAGICLINKS = 0x2;
        /// Never by a symbolic link.
        const NO_SYMLINKS = 0x4;
        /// Never out of the directory it starts at.
        const BENEATH = 0x8;
        /// As if the directory it starts at were the root.
        const IN_ROOT = 0x10;
        /// Only by what is in memory (Linux 5.12).
        const CACHED = 0x20;
        const _ = !0;
    }

    /// What [`statx`](crate::sys::fs::statx) is asked, and what it has answered.
    ///
    /// # References
    ///
    /// [statx(2)](https://man7.org/linux/man-pages/man2/statx.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "STATX_SIZE")]
    #[repr(transparent)]
    pub struct StatxMask: u32 {
        /// The kind of file in `stx_mode`.
        const TYPE = 0x1;
        /// The rest of `stx_mode`.
        const MODE = 0x2;
        /// How many names.
        const NLINK = 0x4;
        /// The owner.
        const UID = 0x8;
        /// The group.
        const GID = 0x10;
        /// When it was last read.
        const ATIME = 0x20;
        /// When its bytes were last changed.
        const MTIME = 0x40;
        /// When anything of it was last changed.
        const CTIME = 0x80;
        /// The number of its inode.
        const INO = 0x100;
        /// Its length in bytes.
        const SIZE = 0x200;
        /// Its room on the device, in units of 512 bytes.
        const BLOCKS = 0x400;
        /// All of these, which are what `stat` tells.
        const BASIC_STATS = 0x7ff;
        /// When it was made.
        const BTIME = 0x800;
        /// Its mount's number (Linux 5.8).
        const MNT_ID = 0x1000;
        /// What alignment `DIRECT` wants (Linux 6.1).
        const DIOALIGN = 0x2000;
        /// Its mount's number, which is never given again (Linux 6.8). Before that
        /// not told: use `MNT_ID`, whose numbers are.
        const MNT_ID_UNIQUE = 0x4000;
        /// Its subvolume (Linux 6.10). Before that not told, by any call.
        const SUBVOL = 0x8000;
        /// What can be written as one (Linux 6.11). Before that not told: nothing can.
        const WRITE_ATOMIC = 0x1_0000;
        /// What alignment `DIRECT` wants in reading (Linux 6.14). Before that not
        /// told: use `DIOALIGN`, which is enough for both.
        const DIO_READ_ALIGN = 0x2_0000;
        const _ = !0;
    }

    /// What [`statx`](crate::sys::fs::statx) tells about a file beside its numbers.
    ///
    /// # References
    ///
    /// [statx(2)](https://man7.org/linux/man-pages/man2/statx.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "STATX_ATTR_IMMUTABLE")]
    #[repr(transparent)]
    pub struct StatxAttributes: u64 {
        /// It is compressed.
        const COMPRESSED = 0x4;
        /// It cannot be changed.
        const IMMUTABLE = 0x10;
        /// It can only be appended to.
        const APPEND = 0x20;
        /// It is left out of backups.
        const NODUMP = 0x40;
        /// It is encrypted.
        const ENCRYPTED = 0x800;
        /// A look at it mounts something.
        const AUTOMOUNT = 0x1000;
        /// It is the root of a mount (Linux 5.8).
        const MOUNT_ROOT = 0x2000;
        /// What is read of it is verified (Linux 5.5).
        const VERITY = 0x10_0000;
        /// It is mapped past the page cache (Linux 5.8).
        const DAX = 0x20_0000;
        /// More than a block of it can be written as one (Linux 6.11). Before that not
        /// told: it cannot.
        const WRITE_ATOMIC = 0x40_0000;
        const _ = !0;
    }

    /// What belongs to a descriptor, not to the open file.
    ///
    /// # References
    ///
    /// [F_GETFD(2const)](https://man7.org/linux/man-pages/man2/F_GETFD.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "FD_CLOEXEC")]
    pub struct FdFlags: u32 {
        /// Close it when another program is executed.
        const CLOEXEC = 0x1;
        const _ = !0;
    }

    /// What is forbidden for a file in memory, for ever.
    ///
    /// # References
    ///
    /// [F_GET_SEALS(2const)](https://man7.org/linux/man-pages/man2/F_GET_SEALS.2const.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "F_SEAL_WRITE")]
    pub struct Seals: u32 {
        /// More seals.
        const SEAL = 0x1;
        /// Getting shorter, which would take pages from under its maps.
        const SHRINK = 0x2;
        /// Getting longer.
        const GROW = 0x4;
        /// Changing its bytes.
        const WRITE = 0x8;
        /// Changing them, but by a map that is there already (Linux 5.1).
        const FUTURE_WRITE = 0x10;
        /// Changing whether it can be executed (Linux 6.3); if it can, also its
        /// bytes and its length. Before that `EINVAL`, and nothing forbids it.
        const EXEC = 0x20;
        const _ = !0;
    }

    /// What [`fallocate`](crate::sys::fs::fallocate) does instead of giving room.
    ///
    /// # References
    ///
    /// [fallocate(2)](https://man7.org/linux/man-pages/man2/fallocate.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "FALLOC_FL_PUNCH_HOLE")]
    pub struct FallocateFlags: u32 {
        /// The file's length stays.
        const KEEP_SIZE = 0x1;
        /// Take the room; the bytes are zeros. Only with `KEEP_SIZE`.
        const PUNCH_HOLE = 0x2;
        /// Reserved: no kernel knows it.
        const NO_HIDE_STALE = 0x4;
        /// Take the bytes out; what follows moves down.
        const COLLAPSE_RANGE = 0x8;
        /// Give room; the bytes are zeros.
        const ZERO_RANGE = 0x10;
        /// Put a hole in; what follows moves up.
        const INSERT_RANGE = 0x20;
        /// Give room of its own, where it is shared with other files.
        const UNSHARE_RANGE = 0x40;
        /// As `ZERO_RANGE`, written to the device (Linux 6.17). Before that, and where
        /// the device cannot, `EOPNOTSUPP`: use `ZERO_RANGE`, or write zeros.
        const WRITE_ZEROES = 0x80;
        const _ = !0;
    }

    /// What [`sync_file_range`](crate::sys::fs::sync_file_range) does, in this order.
    ///
    /// # References
    ///
    /// [sync_file_range(2)](https://man7.org/linux/man-pages/man2/sync_file_range.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "SYNC_FILE_RANGE_WRITE")]
    pub struct SyncFileRangeFlags: u32 {
        /// Wait for what is being written back.
        const WAIT_BEFORE = 0x1;
        /// Start writing back the rest.
        const WRITE = 0x2;
        /// Wait for that.
        const WAIT_AFTER = 0x4;
        const _ = !0;
    }

    /// How [`renameat2`](crate::sys::fs::renameat2) treats what has the name.
    ///
    /// # References
    ///
    /// [rename(2)](https://man7.org/linux/man-pages/man2/rename.2.html)
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "RENAME_NOREPLACE")]
    pub struct RenameFlags: u32 {
        /// Replace nothing.
        const NOREPLACE = 0x1;
        /// It gets the old name.
        const EXCHANGE = 0x2;
        /// The old name becomes a white-out, for union mounts.
        const WHITEOUT = 0x4;
        const _ = !0;
    }
}
