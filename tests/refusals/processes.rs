//! Refusals of the calls about processes.
//!
//! `getpid`, `getppid`, `gettid` and `sched_yield` refuse nothing, `fork` nothing
//! that could be passed, and `exit_group` does not come back.

use std::ptr::{null, null_mut, without_provenance_mut};

use baremap::flags::{CloneFlags, PidfdFlags, PidfdSignalFlags};
use baremap::sys::process::{self, CloneArgs, IdType, Resource, Rlimit64, Signal};
use baremap::sys::signal::{SigInfo, rt_tgsigqueueinfo};
use baremap::{Errno, WaitFlags};

use super::{BAD, CLOSED, HUGE, NOBODY, long_path, unknown};
use crate::hosted::child;
use crate::oracle::{number, owned, same};

#[test]
fn of_making_processes() {
    let no_signal = Signal::NONE;
    let plain = CloneArgs::new();
    let strange = CloneArgs { flags: unknown(1 << 60), ..plain };
    let unsized_stack = CloneArgs { stack: without_provenance_mut(BAD), ..plain };
    let stackless = CloneArgs { stack_size: 0x1000, ..plain };
    let signalled = CloneArgs { exit_signal: 0x1_0000, ..plain };
    let ids = CloneArgs { set_tid: null(), set_tid_size: 1, ..plain };
    let args = [&strange, &unsized_stack, &stackless, &signalled, &ids].map(std::ptr::from_ref);
    let size = size_of::<CloneArgs>();
    let thread = CloneFlags::THREAD;
    let null = null_mut::<i32>();
    refusals! {
        process::clone(thread, no_signal, null, null, null_mut()) => CLONE(0x1_0000, 0, 0, 0, 0) => EINVAL;
        process::clone3(&strange) => CLONE3(args[0], size) => EINVAL;
        process::clone3(&unsized_stack) => CLONE3(args[1], size) => EINVAL;
        process::clone3(&stackless) => CLONE3(args[2], size) => EINVAL;
        process::clone3(&signalled) => CLONE3(args[3], size) => EINVAL;
        process::clone3(&ids) => CLONE3(args[4], size) => EINVAL;
    }
    raw_refusals! {
        CLONE3(BAD, size) => EFAULT;
        CLONE3(args[0], 0) => EINVAL;
        CLONE3(args[0], HUGE) => E2BIG;
    }
    let (long, nowhere) = (long_path(), without_provenance_mut::<*const std::ffi::c_char>(BAD));
    let (empty, endless, root) = (c"".as_ptr(), long.as_ptr(), c"/".as_ptr());
    let myself = c"/proc/self/exe";
    let none = [std::ptr::null()].as_ptr();
    refusals! {
        process::execve(c"", none, none) => EXECVE(empty, none, none) => ENOENT;
        process::execve(&long, none, none) => EXECVE(endless, none, none) => ENAMETOOLONG;
        process::execve(c"/", none, none) => EXECVE(root, none, none) => EACCES;
        process::execve(myself, nowhere, none) => EXECVE(myself.as_ptr(), BAD, none) => EFAULT;
        process::execve(myself, none, nowhere) => EXECVE(myself.as_ptr(), none, BAD) => EFAULT;
    }
    raw_refusals! { EXECVE(BAD, none, none) => EFAULT; }
}

#[test]
fn of_waiting_for_processes() {
    let mut words = [0_u64; 16];
    let to = words.as_mut_ptr();
    let (hang, exited) = (WaitFlags::empty(), WaitFlags::EXITED);
    let (all, nobody) = (IdType::ALL, -2_i32);
    refusals! {
        process::wait4(NOBODY, hang) => WAIT4(NOBODY, to, 0, 0) => ECHILD;
        process::wait4(NOBODY, unknown(1 << 16)) => WAIT4(NOBODY, to, 1 << 16, 0) => EINVAL;
        process::wait4(i32::MIN, hang) => WAIT4(i32::MIN, to, 0, 0) => ESRCH;
        process::waitid(IdType::PIDFD, CLOSED, exited) => WAITID(3, CLOSED, to, 4, 0) => EBADF;
        process::waitid(IdType(77), 1, exited) => WAITID(77, 1, to, 4, 0) => EINVAL;
        process::waitid(IdType::PID, nobody, exited) => WAITID(1, nobody, to, 4, 0) => EINVAL;
        process::waitid(all, 0, hang) => WAITID(0, 0, to, 0, 0) => EINVAL;
        process::waitid(all, 0, exited | unknown(1 << 16)) => WAITID(0, 0, to, 1 << 16 | 4, 0) => EINVAL;
    }
    // It stays, to be waited for again and again.
    let ended = child(|| 0);
    let (pid, look) = (ended.pid(), 0x100_0004);
    raw_refusals! { WAITID(1, pid, BAD, look, 0) => EFAULT; }
    ended.wait().expect("our child");
    // The kernel tells how it ended when it is gone already, hence one for each.
    let [ours, theirs] = [child(|| 0), child(|| 0)].map(|child| child.pid());
    // SAFETY: nothing is there to be written.
    let ours = unsafe { baremap::syscall!(super::nr::WAIT4, ours, BAD, 0, 0) };
    same(ours, super::theirs(super::nr::WAIT4, &[theirs as usize, BAD, 0, 0]), Err(Errno::EFAULT));
}

#[test]
fn of_signals_to_processes() {
    let me = process::getpid();
    let pidfd = owned(process::pidfd_open(me, PidfdFlags::empty()).map(number));
    let pidfd = pidfd.as_raw_fd();
    let (none, strange) = (Signal::NONE, Signal(77));
    let other = SigInfo::default();
    let (null, info) = (null_mut::<u8>(), &raw const other);
    let flags = PidfdSignalFlags::empty();
    refusals! {
        process::kill(NOBODY, none) => KILL(NOBODY, 0) => ESRCH;
        process::kill(me, strange) => KILL(me, 77) => EINVAL;
        process::tgkill(NOBODY, NOBODY, none) => TGKILL(NOBODY, NOBODY, 0) => ESRCH;
        process::tgkill(me, me, strange) => TGKILL(me, me, 77) => EINVAL;
        process::tgkill(0, me, none) => TGKILL(0, me, 0) => EINVAL;
        process::pidfd_open(NOBODY, PidfdFlags::empty()) => PIDFD_OPEN(NOBODY, 0) => ESRCH;
        process::pidfd_open(0, PidfdFlags::empty()) => PIDFD_OPEN(0, 0) => EINVAL;
        process::pidfd_open(me, unknown(1 << 24)) => PIDFD_OPEN(me, 1 << 24) => EINVAL;
        process::pidfd_send_signal(CLOSED, none, None, flags) => PIDFD_SEND_SIGNAL(CLOSED, 0, null, 0) => EBADF;
        process::pidfd_send_signal(pidfd, strange, None, flags) => PIDFD_SEND_SIGNAL(pidfd, 77, null, 0) => EINVAL;
        process::pidfd_send_signal(pidfd, strange, Some(&other), flags) => PIDFD_SEND_SIGNAL(pidfd, 77, info, 0) => EINVAL;
        process::pidfd_send_signal(pidfd, none, None, unknown(1 << 24)) => PIDFD_SEND_SIGNAL(pidfd, 0, null, 1 << 24) => EINVAL;
    }
    raw_refusals! { PIDFD_SEND_SIGNAL(pidfd, 0, BAD, 0) => EFAULT; }
    // SAFETY: it is refused, and so sent to nobody; the kernel reads what is there.
    let queue = |tgid, signal, info| unsafe { rt_tgsigqueueinfo(tgid, me, signal, info) };
    let mut sent = SigInfo::default();
    sent.si_code = -1;
    let info = &raw const sent;
    refusals! {
        queue(NOBODY, none, info) => RT_TGSIGQUEUEINFO(NOBODY, me, 0, info) => ESRCH;
        queue(me, strange, info) => RT_TGSIGQUEUEINFO(me, me, 77, info) => EINVAL;
        queue(0, none, info) => RT_TGSIGQUEUEINFO(0, me, 0, info) => EINVAL;
        queue(me, none, std::ptr::without_provenance(BAD)) => RT_TGSIGQUEUEINFO(me, me, 0, BAD) => EFAULT;
    }
}

#[test]
fn of_limits() {
    let crossed = Rlimit64 { rlim_cur: 2, rlim_max: 1 };
    let mut old = Rlimit64 { rlim_cur: 0, rlim_max: 0 };
    let (new, to, null) = (&raw const crossed, &raw mut old, null_mut::<u8>());
    let core = Resource::CORE;
    refusals! {
        process::prlimit64(NOBODY, core, None) => PRLIMIT64(NOBODY, 4, null, to) => ESRCH;
        process::prlimit64(0, Resource(77), None) => PRLIMIT64(0, 77, null, to) => EINVAL;
        process::prlimit64(0, core, Some(&crossed)) => PRLIMIT64(0, 4, new, to) => EINVAL;
        process::sched_setaffinity(NOBODY, &[1]) => SCHED_SETAFFINITY(NOBODY, 8, to) => ESRCH;
        process::sched_setaffinity(0, &[]) => SCHED_SETAFFINITY(0, 0, to) => EINVAL;
        process::sched_setaffinity(0, &[0]) => SCHED_SETAFFINITY(0, 8, to) => EINVAL;
    }
    raw_refusals! {
        PRLIMIT64(0, 4, BAD, to) => EFAULT;
        PRLIMIT64(0, 4, null, BAD) => EFAULT;
        SCHED_SETAFFINITY(0, 8, BAD) => EFAULT;
        SCHED_SETAFFINITY(0, HUGE, BAD) => EFAULT;
    }
}
