//! Every constant and layout that the kernel fixes is that of its headers, as
//! `linux-raw-sys` has them for each instruction set.
//!
//! Nearly all is decided when this compiles, so a mere `cargo check --tests`
//! for another target checks that target.
//!
//! What the oracle does not know, and where it comes from instead:
//!
//! | constant | source |
//! |---|---|
//! | `Errno::MAX` | include/linux/err.h, `MAX_ERRNO` |
//! | `Signal::NONE` | kill(2): "If sig is 0" |

mod oracle;

use std::mem::offset_of;

use baremap::sys::fs::{AT_FDCWD, Stat, Whence};
use baremap::sys::process::Signal;
use baremap::sys::system::Reboot;
use baremap::{AtFlags, Errno, Mode, MountFlags, OpenFlags, PATH_MAX, PipeFlags};
use linux_raw_sys::general as headers;

oracle::flags! {
    OpenFlags {
        RDONLY = O_RDONLY,
        WRONLY = O_WRONLY,
        RDWR = O_RDWR,
        CREAT = O_CREAT,
        EXCL = O_EXCL,
        NOCTTY = O_NOCTTY,
        TRUNC = O_TRUNC,
        APPEND = O_APPEND,
        NONBLOCK = O_NONBLOCK,
        DSYNC = O_DSYNC,
        ASYNC = FASYNC,
        DIRECT = O_DIRECT,
        LARGEFILE = O_LARGEFILE,
        DIRECTORY = O_DIRECTORY,
        NOFOLLOW = O_NOFOLLOW,
        NOATIME = O_NOATIME,
        CLOEXEC = O_CLOEXEC,
        SYNC = O_SYNC,
        PATH = O_PATH,
        TMPFILE = O_TMPFILE,
    }
    Mode {
        RUSR = S_IRUSR,
        WUSR = S_IWUSR,
        XUSR = S_IXUSR,
        RGRP = S_IRGRP,
        WGRP = S_IWGRP,
        XGRP = S_IXGRP,
        ROTH = S_IROTH,
        WOTH = S_IWOTH,
        XOTH = S_IXOTH,
    }
    AtFlags {
        SYMLINK_NOFOLLOW = AT_SYMLINK_NOFOLLOW,
        REMOVEDIR = AT_REMOVEDIR,
        SYMLINK_FOLLOW = AT_SYMLINK_FOLLOW,
        NO_AUTOMOUNT = AT_NO_AUTOMOUNT,
        EMPTY_PATH = AT_EMPTY_PATH,
        STATX_FORCE_SYNC = AT_STATX_FORCE_SYNC,
        STATX_DONT_SYNC = AT_STATX_DONT_SYNC,
    }
    PipeFlags {
        NONBLOCK = O_NONBLOCK,
        DIRECT = O_DIRECT,
        CLOEXEC = O_CLOEXEC,
    }
    MountFlags {
        RDONLY = MS_RDONLY,
        NOSUID = MS_NOSUID,
        NODEV = MS_NODEV,
        NOEXEC = MS_NOEXEC,
    }
}

/// Compares other numbers when compiling.
macro_rules! numbers {
    ($($ours:expr, $theirs:expr;)*) => {
        $(const _: () = assert!($ours as i64 == $theirs as i64, stringify!($ours));)*
    };
}

numbers! {
    AT_FDCWD, headers::AT_FDCWD;
    PATH_MAX, headers::PATH_MAX;
    Errno::MAX, 4095;
    Whence::Set, headers::SEEK_SET;
    Whence::Cur, headers::SEEK_CUR;
    Whence::End, headers::SEEK_END;
    Whence::Data, headers::SEEK_DATA;
    Whence::Hole, headers::SEEK_HOLE;
    Reboot::Restart, headers::LINUX_REBOOT_CMD_RESTART;
    Reboot::Halt, headers::LINUX_REBOOT_CMD_HALT;
    Reboot::PowerOff, headers::LINUX_REBOOT_CMD_POWER_OFF;
    Signal::NONE.0, 0;
    Signal::HUP.0, headers::SIGHUP;
    Signal::INT.0, headers::SIGINT;
    Signal::QUIT.0, headers::SIGQUIT;
    Signal::ILL.0, headers::SIGILL;
    Signal::TRAP.0, headers::SIGTRAP;
    Signal::ABRT.0, headers::SIGABRT;
    Signal::BUS.0, headers::SIGBUS;
    Signal::FPE.0, headers::SIGFPE;
    Signal::KILL.0, headers::SIGKILL;
    Signal::USR1.0, headers::SIGUSR1;
    Signal::SEGV.0, headers::SIGSEGV;
    Signal::USR2.0, headers::SIGUSR2;
    Signal::PIPE.0, headers::SIGPIPE;
    Signal::ALRM.0, headers::SIGALRM;
    Signal::TERM.0, headers::SIGTERM;
    Signal::CHLD.0, headers::SIGCHLD;
    Signal::CONT.0, headers::SIGCONT;
    Signal::STOP.0, headers::SIGSTOP;
}

/// Compares a field's place, and its size by way of its type.
macro_rules! fields {
    ($($field:ident)*) => {
        $(const _: () = {
            assert!(offset_of!(Stat, $field) == offset_of!(headers::stat, $field), stringify!($field));
            const fn same<T, U>(_: fn(&Stat) -> T, _: fn(&headers::stat) -> U) -> bool {
                size_of::<T>() == size_of::<U>()
            }
            assert!(same(|stat| stat.$field, |stat| stat.$field), stringify!($field));
        };)*

        const FIELDS: usize = [$(stringify!($field)),*].len();
    };
}

fields! {
    st_dev st_ino st_mode st_nlink st_uid st_gid st_rdev st_size st_blksize st_blocks
    st_atime st_atime_nsec st_mtime st_mtime_nsec st_ctime st_ctime_nsec
}

const _: () = assert!(size_of::<Stat>() == size_of::<headers::stat>());
const _: () = assert!(align_of::<Stat>() == align_of::<headers::stat>());

#[test]
fn no_field_that_programs_may_read_was_left_out() {
    // SAFETY: a `Stat` is integers, for which zeros are a value.
    let stat: Stat = unsafe { std::mem::zeroed() };
    assert_eq!(format!("{stat:?}").matches("st_").count(), FIELDS);
}
