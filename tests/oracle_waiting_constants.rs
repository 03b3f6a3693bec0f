//! Every constant and layout about processes, signals, futexes and clocks that
//! the kernel fixes is that of its headers, as `linux-raw-sys` has them for each
//! instruction set: decided when this compiles.
//!
//! What the oracle does not know, and where it comes from instead:
//!
//! | constant | source |
//! |---|---|
//! | `PidfdFlags::NONBLOCK`, `THREAD` | include/uapi/linux/pidfd.h: `O_NONBLOCK`, `O_EXCL` |
//! | `PidfdSignalFlags` | include/uapi/linux/pidfd.h |
//! | `Rlimit64::INFINITY` | include/uapi/linux/resource.h, `RLIM64_INFINITY` |
//! | `SigSet` | arch's uapi/asm/signal.h: `_NSIG` 64, one `unsigned long` |
//! | `PR_SET_VMA_ANON_NAME`, `PR_GET_AUXV` | not public here; oracle_clock_calls.rs makes the calls |

mod oracle;

use std::mem::offset_of;

use baremap::flags::{
    Futex2Flags, FutexFlags, PidfdFlags, PidfdSignalFlags, RandomFlags, SaFlags, StackFlags, TimerFlags,
};
use baremap::sys::futex::{BITSET_MATCH_ANY, FutexWaitv};
use baremap::sys::process::{ChildCode, CloneArgs, IdType, Resource, Rlimit64, Signal};
use baremap::sys::signal::{SigHow, SigInfo, SigSet, SigStack};
use baremap::sys::time::{Clock, Timespec};
use baremap::{CloneFlags, WaitFlags};
use linux_raw_sys::general as headers;

oracle::flags! {
    WaitFlags {
        NOHANG = WNOHANG,
        UNTRACED = WUNTRACED,
        STOPPED = WSTOPPED,
        EXITED = WEXITED,
        CONTINUED = WCONTINUED,
        NOWAIT = WNOWAIT,
        NOTHREAD = __WNOTHREAD,
        ALL = __WALL,
        CLONE = __WCLONE,
    }
    CloneFlags {
        NEWTIME = CLONE_NEWTIME,
        VM = CLONE_VM,
        FS = CLONE_FS,
        FILES = CLONE_FILES,
        SIGHAND = CLONE_SIGHAND,
        PIDFD = CLONE_PIDFD,
        PTRACE = CLONE_PTRACE,
        VFORK = CLONE_VFORK,
        PARENT = CLONE_PARENT,
        THREAD = CLONE_THREAD,
        NEWNS = CLONE_NEWNS,
        SYSVSEM = CLONE_SYSVSEM,
        SETTLS = CLONE_SETTLS,
        PARENT_SETTID = CLONE_PARENT_SETTID,
        CHILD_CLEARTID = CLONE_CHILD_CLEARTID,
        DETACHED = CLONE_DETACHED,
        UNTRACED = CLONE_UNTRACED,
        CHILD_SETTID = CLONE_CHILD_SETTID,
        NEWCGROUP = CLONE_NEWCGROUP,
        NEWUTS = CLONE_NEWUTS,
        NEWIPC = CLONE_NEWIPC,
        NEWUSER = CLONE_NEWUSER,
        NEWPID = CLONE_NEWPID,
        NEWNET = CLONE_NEWNET,
        IO = CLONE_IO,
        CLEAR_SIGHAND = CLONE_CLEAR_SIGHAND,
        INTO_CGROUP = CLONE_INTO_CGROUP,
    }
    SaFlags {
        NOCLDSTOP = SA_NOCLDSTOP,
        NOCLDWAIT = SA_NOCLDWAIT,
        SIGINFO = SA_SIGINFO,
        UNSUPPORTED = SA_UNSUPPORTED,
        EXPOSE_TAGBITS = SA_EXPOSE_TAGBITS,
        ONSTACK = SA_ONSTACK,
        RESTART = SA_RESTART,
        NODEFER = SA_NODEFER,
        RESETHAND = SA_RESETHAND,
    }
    StackFlags {
        ONSTACK = SS_ONSTACK,
        DISABLE = SS_DISABLE,
        AUTODISARM = SS_AUTODISARM,
    }
    FutexFlags {
        PRIVATE = FUTEX_PRIVATE_FLAG,
        CLOCK_REALTIME = FUTEX_CLOCK_REALTIME,
    }
    Futex2Flags {
        SIZE_U32 = FUTEX2_SIZE_U32,
        PRIVATE = FUTEX2_PRIVATE,
    }
    TimerFlags {
        ABSTIME = TIMER_ABSTIME,
    }
    RandomFlags {
        NONBLOCK = GRND_NONBLOCK,
        RANDOM = GRND_RANDOM,
        INSECURE = GRND_INSECURE,
    }
}

/// Compares other numbers when compiling.
macro_rules! numbers {
    ($($ours:expr, $theirs:expr;)*) => {
        $(const _: () = assert!($ours as i64 == $theirs as i64, stringify!($ours));)*
    };
}

numbers! {
    PidfdFlags::NONBLOCK.bits(), headers::O_NONBLOCK;
    PidfdFlags::THREAD.bits(), headers::O_EXCL;
    PidfdSignalFlags::THREAD.bits(), 1;
    PidfdSignalFlags::THREAD_GROUP.bits(), 2;
    PidfdSignalFlags::PROCESS_GROUP.bits(), 4;
    Rlimit64::INFINITY, -1;
    BITSET_MATCH_ANY, headers::FUTEX_BITSET_MATCH_ANY;
    SigSet::EMPTY.with(Signal(1)).0, 1;
    SigSet::EMPTY.with(Signal(64)).0, 1_u64 << 63;
    SigSet::EMPTY.with(Signal(0)).with(Signal(65)).with(Signal(-1)).with(Signal(i32::MIN)).0, 0;
    SigSet::FULL.without(Signal::KILL).0, !(1_u64 << 8);
    Signal::STKFLT.0, headers::SIGSTKFLT;
    Signal::TSTP.0, headers::SIGTSTP;
    Signal::TTIN.0, headers::SIGTTIN;
    Signal::TTOU.0, headers::SIGTTOU;
    Signal::URG.0, headers::SIGURG;
    Signal::XCPU.0, headers::SIGXCPU;
    Signal::XFSZ.0, headers::SIGXFSZ;
    Signal::VTALRM.0, headers::SIGVTALRM;
    Signal::PROF.0, headers::SIGPROF;
    Signal::WINCH.0, headers::SIGWINCH;
    Signal::IO.0, headers::SIGIO;
    Signal::PWR.0, headers::SIGPWR;
    Signal::SYS.0, headers::SIGSYS;
    Signal::RTMIN.0, headers::SIGRTMIN;
    IdType::ALL.0, headers::P_ALL;
    IdType::PID.0, headers::P_PID;
    IdType::PGID.0, headers::P_PGID;
    IdType::PIDFD.0, headers::P_PIDFD;
    ChildCode::EXITED.0, headers::CLD_EXITED;
    ChildCode::KILLED.0, headers::CLD_KILLED;
    ChildCode::DUMPED.0, headers::CLD_DUMPED;
    ChildCode::TRAPPED.0, headers::CLD_TRAPPED;
    ChildCode::STOPPED.0, headers::CLD_STOPPED;
    ChildCode::CONTINUED.0, headers::CLD_CONTINUED;
    SigHow::BLOCK.0, headers::SIG_BLOCK;
    SigHow::UNBLOCK.0, headers::SIG_UNBLOCK;
    SigHow::SETMASK.0, headers::SIG_SETMASK;
    Resource::CPU.0, headers::RLIMIT_CPU;
    Resource::FSIZE.0, headers::RLIMIT_FSIZE;
    Resource::DATA.0, headers::RLIMIT_DATA;
    Resource::STACK.0, headers::RLIMIT_STACK;
    Resource::CORE.0, headers::RLIMIT_CORE;
    Resource::RSS.0, headers::RLIMIT_RSS;
    Resource::NPROC.0, headers::RLIMIT_NPROC;
    Resource::NOFILE.0, headers::RLIMIT_NOFILE;
    Resource::MEMLOCK.0, headers::RLIMIT_MEMLOCK;
    Resource::AS.0, headers::RLIMIT_AS;
    Resource::LOCKS.0, headers::RLIMIT_LOCKS;
    Resource::SIGPENDING.0, headers::RLIMIT_SIGPENDING;
    Resource::MSGQUEUE.0, headers::RLIMIT_MSGQUEUE;
    Resource::NICE.0, headers::RLIMIT_NICE;
    Resource::RTPRIO.0, headers::RLIMIT_RTPRIO;
    Resource::RTTIME.0, headers::RLIMIT_RTTIME;
    Clock::REALTIME.0, headers::CLOCK_REALTIME;
    Clock::MONOTONIC.0, headers::CLOCK_MONOTONIC;
    Clock::PROCESS_CPUTIME_ID.0, headers::CLOCK_PROCESS_CPUTIME_ID;
    Clock::THREAD_CPUTIME_ID.0, headers::CLOCK_THREAD_CPUTIME_ID;
    Clock::MONOTONIC_RAW.0, headers::CLOCK_MONOTONIC_RAW;
    Clock::REALTIME_COARSE.0, headers::CLOCK_REALTIME_COARSE;
    Clock::MONOTONIC_COARSE.0, headers::CLOCK_MONOTONIC_COARSE;
    Clock::BOOTTIME.0, headers::CLOCK_BOOTTIME;
    Clock::REALTIME_ALARM.0, headers::CLOCK_REALTIME_ALARM;
    Clock::BOOTTIME_ALARM.0, headers::CLOCK_BOOTTIME_ALARM;
    Clock::TAI.0, headers::CLOCK_TAI;
}

/// Compares a layout: its size, its alignment, and each field's place and size.
macro_rules! layouts {
    ($($ours:ty as $theirs:ident { $($field:ident)* })*) => {
        $(const _: () = {
            assert!(size_of::<$ours>() == size_of::<headers::$theirs>(), stringify!($theirs));
            assert!(align_of::<$ours>() == align_of::<headers::$theirs>(), stringify!($theirs));
            const fn same<T, U>(_: fn(&$ours) -> &T, _: fn(&headers::$theirs) -> &U) -> bool {
                size_of::<T>() == size_of::<U>()
            }
            $(
                assert!(offset_of!($ours, $field) == offset_of!(headers::$theirs, $field), stringify!($field));
                assert!(same(|ours| &ours.$field, |theirs| &theirs.$field), stringify!($field));
            )*
        };)*
    };
}

layouts! {
    Timespec as __kernel_timespec { tv_sec tv_nsec }
    Rlimit64 as rlimit64 { rlim_cur rlim_max }
    CloneArgs as clone_args {
        flags pidfd child_tid parent_tid exit_signal stack stack_size tls set_tid set_tid_size cgroup
    }
    StaticWaitv as futex_waitv { val uaddr flags __reserved }
    SigStack as sigaltstack { ss_sp ss_flags ss_size }
}

const _: () = assert!(size_of::<SigInfo>() == size_of::<headers::siginfo>());
const _: () = assert!(size_of::<SigSet>() == size_of::<headers::kernel_sigset_t>());

type StaticWaitv = FutexWaitv<'static>;
type InfoFields = headers::siginfo__bindgen_ty_1__bindgen_ty_1;

numbers! {
    offset_of!(SigInfo, si_signo), offset_of!(InfoFields, si_signo);
    offset_of!(SigInfo, si_errno), offset_of!(InfoFields, si_errno);
    offset_of!(SigInfo, si_code), offset_of!(InfoFields, si_code);
}
