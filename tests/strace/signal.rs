//! The calls about signals and clocks.

use baremap::flags::{SaFlags, StackFlags, TimerFlags};
use baremap::sys::process::Signal;
use baremap::sys::signal::{
    SigAction, SigHandler, SigHow, SigInfo, SigSet, SigStack, rt_sigaction, rt_sigprocmask,
    rt_tgsigqueueinfo, sigaltstack,
};
use baremap::sys::time::{Clock, Timespec, clock_gettime, clock_nanosleep};

use super::{Call, ODD};

const SET: SigSet = SigSet::EMPTY.with(Signal::HUP).with(Signal::RTMIN);
/// No process can change what this signal does.
const FIXED: Signal = Signal::KILL;
const ACTION: SigAction = SigAction { sa_handler: SigHandler::IGN, sa_flags: SaFlags::RESTART, sa_mask: SET };
const STACK: SigStack =
    SigStack { ss_sp: ODD, ss_flags: StackFlags::from_bits_retain(0x50), ss_size: 0x5012 };
/// No time: it has too many nanoseconds.
const TIME: Timespec = Timespec { tv_sec: 5_000_000_011, tv_nsec: 1_000_000_077 };

pub const CALLS: &[Call] = &[
    (
        // SAFETY: it is refused, here and below.
        || _ = unsafe { rt_sigaction(FIXED, Some(&ACTION)) },
        "rt_sigaction(9, {sa_handler=0x1, sa_mask=[1 32], sa_flags=0x14000000, sa_restorer=…}, …, 8)",
    ),
    // SAFETY: as above.
    (|| _ = unsafe { rt_sigaction(Signal(77), None) }, "rt_sigaction(77, NULL, …, 8)"),
    (|| _ = rt_sigprocmask(SigHow(77), Some(&SET)), "rt_sigprocmask(0x4d, [1 32], …, 8)"),
    (|| _ = rt_sigprocmask(SigHow::SETMASK, None), "rt_sigprocmask(0x2, NULL, [], 8)"),
    (
        // SAFETY: as above.
        || _ = unsafe { sigaltstack(Some(&STACK)) },
        "sigaltstack({ss_sp=0x123456789001, ss_flags=0x50, ss_size=20498}, …)",
    ),
    (
        || {
            let mut info = SigInfo::default();
            (info.si_signo, info.si_code) = (10, -1);
            // SAFETY: as above.
            let _ = unsafe { rt_tgsigqueueinfo(i32::MAX, i32::MAX - 1, Signal::USR1, &raw const info) };
        },
        "rt_tgsigqueueinfo(2147483647, 2147483646, 10, {si_signo=10, si_code=0xffffffff, si_pid=0, si_uid=0})",
    ),
    (|| _ = clock_gettime(Clock(77)), "clock_gettime(0x4d, …)"),
    (
        || _ = clock_nanosleep(Clock::MONOTONIC, TimerFlags::ABSTIME, &TIME, Some(&mut Timespec::default())),
        "clock_nanosleep(0x1, 0x1, {tv_sec=5000000011, tv_nsec=1000000077}, …)",
    ),
    (
        || _ = clock_nanosleep(Clock::BOOTTIME, TimerFlags::from_bits_retain(2), &TIME, None),
        "clock_nanosleep(0x7, 0x2, {tv_sec=5000000011, tv_nsec=1000000077}, NULL)",
    ),
];
