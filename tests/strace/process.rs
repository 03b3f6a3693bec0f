//! The calls about processes; the last ends this one.

use std::ptr::without_provenance_mut;

use baremap::WaitFlags;
use baremap::flags::{CloneFlags, PidfdFlags, PidfdSignalFlags};
use baremap::sys::process::{self, CloneArgs, IdType, Resource, Rlimit64, Signal};
use baremap::sys::signal::SigInfo;

use super::{Call, NOBODY, NONE, ODD, ODDER};

/// The kernel has no threads without memory in common: nothing is made.
const IMPOSSIBLE: CloneFlags = CloneFlags::THREAD
    .union(CloneFlags::PARENT_SETTID)
    .union(CloneFlags::CHILD_SETTID)
    .union(CloneFlags::SETTLS);
const ODDEST: *mut u8 = without_provenance_mut(0x1234_5699_9001);
const LIMIT: Rlimit64 = Rlimit64 { rlim_cur: 5_000_000_012, rlim_max: Rlimit64::INFINITY };
/// What the process exits with.
pub const LAST: i32 = 77;

pub const CALLS: &[Call] = &[
    // strace has it refused before the kernel is asked.
    // SAFETY: nothing is made, here and with the next two.
    (|| _ = unsafe { process::fork() }, "fork()"),
    (
        // SAFETY: as above.
        || _ = unsafe { process::clone(IMPOSSIBLE, Signal::CHLD, ODD.cast(), ODDER.cast(), ODDEST) },
        "clone(child_stack=NULL, flags=0x1190000|17, parent_tid=0x123456789001, tls=0x123456999001, \
         child_tidptr=0x123456889001)",
    ),
    (
        || {
            let args = CloneArgs {
                flags: IMPOSSIBLE.union(CloneFlags::PIDFD),
                pidfd: ODDEST.cast(),
                child_tid: ODDER.cast(),
                parent_tid: ODD.cast(),
                exit_signal: 17,
                stack: ODD.wrapping_add(1),
                stack_size: 0x5017,
                tls: ODDEST.wrapping_add(2),
                set_tid: ODDER.wrapping_add(3).cast(),
                set_tid_size: 0x5018,
                cgroup: 0x5019,
            };
            // SAFETY: as above.
            let _ = unsafe { process::clone3(&args) };
        },
        "clone3({flags=0x1191000, pidfd=0x123456999001, child_tid=0x123456889001, parent_tid=0x123456789001, \
         exit_signal=17, stack=0x123456789002, stack_size=0x5017, tls=0x123456999003, \
         set_tid=0x123456889004, set_tid_size=20504, cgroup=20505}, 88)",
    ),
    (|| _ = process::wait4(1, WaitFlags::NOHANG | WaitFlags::UNTRACED), "wait4(1, …, 0x3, NULL)"),
    (
        || _ = process::waitid(IdType::PIDFD, NONE, WaitFlags::EXITED | WaitFlags::NOWAIT),
        "waitid(0x3, -77, …, 0x1000004, NULL)",
    ),
    (|| _ = process::kill(NOBODY, Signal::TERM), "kill(2147483647, 15)"),
    (|| _ = process::tgkill(NOBODY, NOBODY - 1, Signal::USR2), "tgkill(2147483647, 2147483646, 12)"),
    (|| _ = process::pidfd_open(NOBODY, PidfdFlags::NONBLOCK), "pidfd_open(2147483647, 0x800)"),
    (
        || {
            let mut info = SigInfo::default();
            (info.si_signo, info.si_code) = (10, -1);
            let _ = process::pidfd_send_signal(NONE, Signal::USR1, Some(&info), PidfdSignalFlags::THREAD);
        },
        "pidfd_send_signal(-77, 10, {si_signo=10, si_code=0xffffffff, si_pid=0, si_uid=0}, 0x1)",
    ),
    (
        || _ = process::prlimit64(NOBODY, Resource::NOFILE, Some(&LIMIT)),
        "prlimit64(2147483647, 0x7, {rlim_cur=5000000012, rlim_max=18446744073709551615}, …)",
    ),
    (|| _ = process::sched_yield(), "sched_yield()"),
    (|| _ = process::sched_setaffinity(NOBODY, &[1, 2]), "sched_setaffinity(2147483647, 16, [0 65])"),
    (|| _ = process::gettid(), "gettid()"),
    (|| _ = process::getpid(), "getpid()"),
    (|| _ = process::getppid(), "getppid()"),
    (
        // SAFETY: the kernel looks for the program first, and at no array then.
        || _ = unsafe { process::execve(c"/no/such/place", ODD.cast(), ODDER.cast()) },
        "execve(\"/no/such/place\", 0x123456789001, 0x123456889001)",
    ),
    (|| process::exit_group(LAST), "exit_group(77)"),
];
