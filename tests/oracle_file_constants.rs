//! Every constant and layout of the calls about files, descriptors and sockets is
//! that of the kernel's headers, as `linux-raw-sys` has them for each instruction
//! set: decided when this compiles.
//!
//! What the oracle does not know, and where it comes from instead:
//!
//! | constant | source |
//! |---|---|
//! | `SocketFlags` | include/linux/net.h: `SOCK_CLOEXEC` is `O_CLOEXEC`, `SOCK_NONBLOCK` is `O_NONBLOCK` |
//! | `MsgFlags::ZEROCOPY`, `FASTOPEN` | include/linux/socket.h, by way of `libc` |
//! | the commands of `fcntl` | private: oracle_fcntl_calls.rs asks the kernel |
//! | `SYNC_FILE_RANGE` | private: oracle_file_calls.rs asks the kernel |

mod oracle;

use std::mem::offset_of;

use baremap::flags::{
    FallocateFlags, FdFlags, MsgFlags, PollEvents, RenameFlags, ResolveFlags, Seals, SocketFlags,
    StatxAttributes, StatxMask, SyncFileRangeFlags,
};
use baremap::sys::fs::{FileAdvice, Flock, LockType, OpenHow, Statx, StatxTimestamp};
use baremap::sys::net::{AddressFamily, MsgHdr, PollFd, SCM_RIGHTS, SOL_SOCKET, SocketType, control_space};
use linux_raw_sys::general as headers;
use linux_raw_sys::net;

oracle::flags! {
    ResolveFlags {
        NO_XDEV = RESOLVE_NO_XDEV,
        NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS,
        NO_SYMLINKS = RESOLVE_NO_SYMLINKS,
        BENEATH = RESOLVE_BENEATH,
        IN_ROOT = RESOLVE_IN_ROOT,
        CACHED = RESOLVE_CACHED,
    }
    StatxMask {
        TYPE = STATX_TYPE,
        MODE = STATX_MODE,
        NLINK = STATX_NLINK,
        UID = STATX_UID,
        GID = STATX_GID,
        ATIME = STATX_ATIME,
        MTIME = STATX_MTIME,
        CTIME = STATX_CTIME,
        INO = STATX_INO,
        SIZE = STATX_SIZE,
        BLOCKS = STATX_BLOCKS,
        BASIC_STATS = STATX_BASIC_STATS,
        BTIME = STATX_BTIME,
        MNT_ID = STATX_MNT_ID,
        DIOALIGN = STATX_DIOALIGN,
        MNT_ID_UNIQUE = STATX_MNT_ID_UNIQUE,
        SUBVOL = STATX_SUBVOL,
        WRITE_ATOMIC = STATX_WRITE_ATOMIC,
        DIO_READ_ALIGN = STATX_DIO_READ_ALIGN,
    }
    StatxAttributes {
        COMPRESSED = STATX_ATTR_COMPRESSED,
        IMMUTABLE = STATX_ATTR_IMMUTABLE,
        APPEND = STATX_ATTR_APPEND,
        NODUMP = STATX_ATTR_NODUMP,
        ENCRYPTED = STATX_ATTR_ENCRYPTED,
        AUTOMOUNT = STATX_ATTR_AUTOMOUNT,
        MOUNT_ROOT = STATX_ATTR_MOUNT_ROOT,
        VERITY = STATX_ATTR_VERITY,
        DAX = STATX_ATTR_DAX,
        WRITE_ATOMIC = STATX_ATTR_WRITE_ATOMIC,
    }
    FdFlags {
        CLOEXEC = FD_CLOEXEC,
    }
    Seals {
        SEAL = F_SEAL_SEAL,
        SHRINK = F_SEAL_SHRINK,
        GROW = F_SEAL_GROW,
        WRITE = F_SEAL_WRITE,
        FUTURE_WRITE = F_SEAL_FUTURE_WRITE,
        EXEC = F_SEAL_EXEC,
    }
    FallocateFlags {
        KEEP_SIZE = FALLOC_FL_KEEP_SIZE,
        PUNCH_HOLE = FALLOC_FL_PUNCH_HOLE,
        NO_HIDE_STALE = FALLOC_FL_NO_HIDE_STALE,
        COLLAPSE_RANGE = FALLOC_FL_COLLAPSE_RANGE,
        ZERO_RANGE = FALLOC_FL_ZERO_RANGE,
        INSERT_RANGE = FALLOC_FL_INSERT_RANGE,
        UNSHARE_RANGE = FALLOC_FL_UNSHARE_RANGE,
        WRITE_ZEROES = FALLOC_FL_WRITE_ZEROES,
    }
    SyncFileRangeFlags {
        WAIT_BEFORE = SYNC_FILE_RANGE_WAIT_BEFORE,
        WRITE = SYNC_FILE_RANGE_WRITE,
        WAIT_AFTER = SYNC_FILE_RANGE_WAIT_AFTER,
    }
    RenameFlags {
        NOREPLACE = RENAME_NOREPLACE,
        EXCHANGE = RENAME_EXCHANGE,
        WHITEOUT = RENAME_WHITEOUT,
    }
    SocketFlags {
        NONBLOCK = O_NONBLOCK,
        CLOEXEC = O_CLOEXEC,
    }
    PollEvents {
        IN = POLLIN,
        PRI = POLLPRI,
        OUT = POLLOUT,
        ERR = POLLERR,
        HUP = POLLHUP,
        NVAL = POLLNVAL,
        RDNORM = POLLRDNORM,
        RDBAND = POLLRDBAND,
        WRNORM = POLLWRNORM,
        WRBAND = POLLWRBAND,
        MSG = POLLMSG,
        REMOVE = POLLREMOVE,
        RDHUP = POLLRDHUP,
    }
}

/// Compares numbers when compiling.
macro_rules! numbers {
    ($($ours:expr, $theirs:expr;)*) => {
        $(const _: () = assert!($ours as i64 == $theirs as i64, stringify!($ours));)*

        const MSG_FLAGS: usize = 0 $(+ is_flag(stringify!($ours)))*;
    };
}

const fn is_flag(name: &str) -> usize {
    matches!(name.as_bytes(), [b'M', b's', b'g', ..]) as usize
}

numbers! {
    FileAdvice::NORMAL.0, headers::POSIX_FADV_NORMAL;
    FileAdvice::RANDOM.0, headers::POSIX_FADV_RANDOM;
    FileAdvice::SEQUENTIAL.0, headers::POSIX_FADV_SEQUENTIAL;
    FileAdvice::WILLNEED.0, headers::POSIX_FADV_WILLNEED;
    FileAdvice::DONTNEED.0, headers::POSIX_FADV_DONTNEED;
    FileAdvice::NOREUSE.0, headers::POSIX_FADV_NOREUSE;
    LockType::RDLCK.0, headers::F_RDLCK;
    LockType::WRLCK.0, headers::F_WRLCK;
    LockType::UNLCK.0, headers::F_UNLCK;
    AddressFamily::UNSPEC.0, net::AF_UNSPEC;
    AddressFamily::UNIX.0, net::AF_UNIX;
    AddressFamily::INET.0, net::AF_INET;
    AddressFamily::INET6.0, net::AF_INET6;
    AddressFamily::NETLINK.0, net::AF_NETLINK;
    AddressFamily::VSOCK.0, net::AF_VSOCK;
    SocketType::STREAM.0, net::SOCK_STREAM;
    SocketType::DGRAM.0, net::SOCK_DGRAM;
    SocketType::RAW.0, net::SOCK_RAW;
    SocketType::RDM.0, net::SOCK_RDM;
    SocketType::SEQPACKET.0, net::SOCK_SEQPACKET;
    SOL_SOCKET, net::SOL_SOCKET;
    SCM_RIGHTS, net::SCM_RIGHTS;
    SocketFlags::NONBLOCK.bits(), libc::SOCK_NONBLOCK;
    SocketFlags::CLOEXEC.bits(), libc::SOCK_CLOEXEC;
    MsgFlags::OOB.bits(), net::MSG_OOB;
    MsgFlags::PEEK.bits(), net::MSG_PEEK;
    MsgFlags::DONTROUTE.bits(), net::MSG_DONTROUTE;
    MsgFlags::CTRUNC.bits(), net::MSG_CTRUNC;
    MsgFlags::TRUNC.bits(), net::MSG_TRUNC;
    MsgFlags::DONTWAIT.bits(), net::MSG_DONTWAIT;
    MsgFlags::EOR.bits(), net::MSG_EOR;
    MsgFlags::WAITALL.bits(), net::MSG_WAITALL;
    MsgFlags::CONFIRM.bits(), net::MSG_CONFIRM;
    MsgFlags::ERRQUEUE.bits(), net::MSG_ERRQUEUE;
    MsgFlags::NOSIGNAL.bits(), net::MSG_NOSIGNAL;
    MsgFlags::MORE.bits(), net::MSG_MORE;
    MsgFlags::ZEROCOPY.bits(), libc::MSG_ZEROCOPY;
    MsgFlags::FASTOPEN.bits(), libc::MSG_FASTOPEN;
    MsgFlags::CMSG_CLOEXEC.bits(), net::MSG_CMSG_CLOEXEC;
    control_space(0), size_of::<net::cmsghdr>();
    control_space(1), 24;
    control_space(2), 24;
    control_space(3), 32;
}

#[test]
fn no_flag_of_messages_was_left_out() {
    assert_eq!(<MsgFlags as bitflags::Flags>::FLAGS.len(), MSG_FLAGS + 1, "and the unnamed rest");
}

/// Compares each field's place, and its size by way of its type; then the whole.
macro_rules! layouts {
    ($($ours:ty = $theirs:ty { $($field:ident)* })*) => {$(
        const _: () = {
            $({
                assert!(offset_of!($ours, $field) == offset_of!($theirs, $field), stringify!($field));
                const fn same<T, U>(_: fn(&$ours) -> &T, _: fn(&$theirs) -> &U) -> bool {
                    size_of::<T>() == size_of::<U>()
                }
                assert!(same(|ours| &ours.$field, |theirs| &theirs.$field), stringify!($field));
            })*
            assert!(size_of::<$ours>() == size_of::<$theirs>(), stringify!($ours));
            assert!(align_of::<$ours>() == align_of::<$theirs>(), stringify!($ours));
        };
    )*};
}

layouts! {
    OpenHow = headers::open_how { flags mode resolve }
    StatxTimestamp = headers::statx_timestamp { tv_sec tv_nsec }
    Statx = headers::statx {
        stx_mask stx_blksize stx_attributes stx_nlink stx_uid stx_gid stx_mode stx_ino stx_size
        stx_blocks stx_attributes_mask stx_atime stx_btime stx_ctime stx_mtime stx_rdev_major
        stx_rdev_minor stx_dev_major stx_dev_minor stx_mnt_id stx_dio_mem_align
        stx_dio_offset_align stx_subvol stx_atomic_write_unit_min stx_atomic_write_unit_max
        stx_atomic_write_segments_max stx_dio_read_offset_align stx_atomic_write_unit_max_opt
    }
    Flock = headers::flock { l_type l_whence l_start l_len l_pid }
    PollFd = headers::pollfd { fd events revents }
    MsgHdr = net::msghdr {
        msg_name msg_namelen msg_iov msg_iovlen msg_control msg_controllen msg_flags
    }
}
