//! The calls about signals do the same as those of `sc`: see oracle_calls.rs.
//! Handlers are called and come back, in children, where no other thread is.

mod hosted;
mod oracle;

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering::SeqCst};

use baremap::Errno;
use baremap::flags::{SaFlags, StackFlags, TimerFlags};
use baremap::sys::process::{self, Signal};
use baremap::sys::signal::{
    SigAction, SigHandler, SigHow, SigInfo, SigSet, SigStack, rt_sigaction, rt_sigprocmask, sigaltstack,
};
use baremap::sys::time::{Clock, Timespec, clock_nanosleep};
use hosted::{in_child, wrong_under_emulation};
use oracle::{none, same, theirs};

static SEEN: AtomicI32 = AtomicI32::new(0);
static PLACE: AtomicUsize = AtomicUsize::new(0);

extern "C" fn remember(signal: Signal) {
    SEEN.fetch_add(signal.0, SeqCst);
    PLACE.store((&raw const signal).addr(), SeqCst);
}

extern "C" fn remember_more(signal: Signal, info: *mut SigInfo, _: *mut c_void) {
    // SAFETY: the kernel gives a `siginfo_t` to a handler with SIGINFO.
    let info = unsafe { info.read() };
    let right = info.si_signo == signal.0 && info.si_pid() == process::getpid();
    SEEN.fetch_add(if right { signal.0 } else { -1000 }, SeqCst);
}

/// Has `remember` called, with these flags.
fn handle(signal: Signal, sa_flags: SaFlags) -> baremap::Result<SigAction> {
    let act = SigAction { sa_handler: SigHandler::new(remember), sa_flags, sa_mask: SigSet::EMPTY };
    // SAFETY: the handler only stores to atomics.
    unsafe { rt_sigaction(signal, Some(&act)) }
}

fn raise(signal: Signal) -> baremap::Result<()> {
    process::tgkill(process::getpid(), process::gettid(), signal)
}

#[test]
fn a_handler_is_called_and_comes_back() {
    let status = in_child(|| {
        if handle(Signal::USR1, SaFlags::RESTART) != Ok(SigAction::DFL) {
            return 1;
        }
        // What theirs tells of it: the kernel's own layout, handler, flags, the rest.
        let mut words = [0_usize; 4];
        let told = theirs!(RT_SIGACTION, Signal::USR1.0, 0, words.as_mut_ptr(), 8);
        let handler: extern "C" fn(Signal) = remember;
        if told != Ok(0) || words[0] != handler as usize || words[1] & !0x0400_0000 != 0x1000_0000 {
            return 2;
        }
        for times in 1..=3 {
            if raise(Signal::USR1).is_err() || SEEN.load(SeqCst) != times * Signal::USR1.0 {
                return 3;
            }
        }
        SEEN.store(0, SeqCst);
        let act = SigAction {
            sa_handler: SigHandler::with_info(remember_more),
            sa_flags: SaFlags::SIGINFO,
            sa_mask: SigSet::EMPTY.with(Signal::USR2),
        };
        // SAFETY: the handler reads what it is given and stores to an atomic.
        let before = unsafe { rt_sigaction(Signal::USR1, Some(&act)) };
        let Ok(before) = before else { return 4 };
        if before.sa_handler != SigHandler::new(remember) || before.sa_flags != SaFlags::RESTART {
            return 5;
        }
        // SAFETY: nothing is changed.
        if unsafe { rt_sigaction(Signal::USR1, None) } != Ok(act) {
            return 6;
        }
        if raise(Signal::USR1).is_err() || SEEN.load(SeqCst) != Signal::USR1.0 {
            return 7;
        }
        // What was there can be put back.
        // SAFETY: as before.
        if unsafe { rt_sigaction(Signal::USR1, Some(&before)) } != Ok(act) {
            return 8;
        }
        SEEN.store(0, SeqCst);
        if raise(Signal::USR1).is_err() || SEEN.load(SeqCst) != Signal::USR1.0 { 9 } else { 0 }
    });
    assert!(status.success(), "{status}");
}

#[test]
fn a_way_back_is_not_taken_from_the_flags() {
    const SA_RESTORER: SaFlags = SaFlags::from_bits_retain(0x0400_0000);
    let status = in_child(|| {
        if handle(Signal::USR1, SA_RESTORER).is_err() || raise(Signal::USR1).is_err() {
            return 1;
        }
        // SAFETY: nothing is changed.
        let now = unsafe { rt_sigaction(Signal::USR1, None) };
        let told = now.is_ok_and(|now| now.sa_flags == SaFlags::empty());
        i32::from((told, SEEN.load(SeqCst)) != (true, Signal::USR1.0))
    });
    assert!(status.success(), "{status}");
}

extern "C" fn remember_place(_: Signal, info: *mut SigInfo, _: *mut c_void) {
    // SAFETY: the kernel gives a `siginfo_t` to a handler with SIGINFO.
    let place = unsafe { info.read() }.si_addr().addr();
    process::exit_group(if place == 0x1230 { 0 } else { 1 });
}

#[test]
fn a_fault_tells_its_address() {
    let status = in_child(|| {
        let sa_handler = SigHandler::with_info(remember_place);
        let act = SigAction { sa_handler, sa_flags: SaFlags::SIGINFO, sa_mask: SigSet::EMPTY };
        // SAFETY: the handler ends the process, which makes system calls only.
        if unsafe { rt_sigaction(Signal::SEGV, Some(&act)) }.is_err() {
            return 2;
        }
        // SAFETY: nothing is mapped there: the handler is called, and ends the child.
        i32::from(unsafe { std::ptr::without_provenance::<u8>(0x1230).read_volatile() }) | 4
    });
    assert!(status.success(), "{status}");
}

#[test]
fn rt_sigaction_refuses_the_same() {
    for signal in [Signal(0), Signal(65), Signal(-1), Signal::KILL, Signal::STOP] {
        // SAFETY: the kernel refuses it.
        let ours = unsafe { rt_sigaction(signal, Some(&SigAction::DFL)) }.map(|_| 0);
        let zeros = [0_u64; 4];
        same(ours, theirs!(RT_SIGACTION, signal.0, zeros.as_ptr(), 0, 8), Err(Errno::EINVAL));
    }
}

#[test]
fn rt_sigprocmask_is_the_same() {
    let (a, b) = (Signal::USR1, Signal::USR2);
    let Ok(first) = rt_sigprocmask(SigHow::BLOCK, None) else { panic!() };
    let mut theirs_old = 0_u64;
    for (how, set, then) in [
        (SigHow::SETMASK, SigSet::EMPTY.with(a), SigSet::EMPTY.with(a)),
        (SigHow::BLOCK, SigSet::EMPTY.with(b), SigSet::EMPTY.with(a).with(b)),
        (SigHow::UNBLOCK, SigSet::EMPTY.with(a), SigSet::EMPTY.with(b)),
        (SigHow::SETMASK, SigSet::FULL, SigSet::FULL.without(Signal::KILL).without(Signal::STOP)),
    ] {
        if set == SigSet::FULL && wrong_under_emulation("blocking signals that it keeps for itself") {
            continue;
        }
        rt_sigprocmask(how, Some(&set)).unwrap();
        let word = theirs!(RT_SIGPROCMASK, how.0, 0, &raw mut theirs_old, 8);
        assert_eq!((word, SigSet(theirs_old)), (Ok(0), then));
        assert_eq!(rt_sigprocmask(how, None), Ok(then));
    }
    let set = SigSet::EMPTY;
    let ours = rt_sigprocmask(SigHow(3), Some(&set)).map(|_| 0);
    same(ours, theirs!(RT_SIGPROCMASK, 3, &raw const set, 0, 8), Err(Errno::EINVAL));
    rt_sigprocmask(SigHow::SETMASK, Some(&first)).unwrap();
}

#[test]
fn a_blocked_signal_waits() {
    let status = in_child(|| {
        let set = SigSet::EMPTY.with(Signal::USR1);
        let ready = handle(Signal::USR1, SaFlags::empty()).is_ok();
        if !ready || rt_sigprocmask(SigHow::BLOCK, Some(&set)).is_err() || raise(Signal::USR1).is_err() {
            return 1;
        }
        let before = SEEN.load(SeqCst);
        let old = rt_sigprocmask(SigHow::UNBLOCK, Some(&set));
        let waited = old.is_ok_and(|old| old.contains(Signal::USR1) && !old.contains(Signal::USR2));
        i32::from((before, SEEN.load(SeqCst), waited) != (0, Signal::USR1.0, true))
    });
    assert!(status.success(), "{status}");
}

#[test]
fn a_handler_runs_on_the_other_stack() {
    let mut stack = vec![0_u8; 64 * 1024];
    let range = stack.as_mut_ptr_range();
    let ss = SigStack { ss_sp: range.start, ss_flags: StackFlags::empty(), ss_size: stack.len() };
    let none_there = SigStack { ss_sp: null_mut(), ss_flags: StackFlags::DISABLE, ss_size: 0 };
    let status = in_child(|| {
        // SAFETY: nobody else uses it as long as the child lives.
        if unsafe { sigaltstack(Some(&ss)) }.is_err() || handle(Signal::USR2, SaFlags::ONSTACK).is_err() {
            return 1;
        }
        let mut told = none_there;
        let word = theirs!(SIGALTSTACK, 0, &raw mut told);
        if word != Ok(0) || (told.ss_sp, told.ss_size) != (ss.ss_sp, ss.ss_size) {
            return 2;
        }
        let here = raise(Signal::USR2).is_ok() && SEEN.load(SeqCst) == Signal::USR2.0;
        if !here || !(range.start.addr()..range.end.addr()).contains(&PLACE.load(SeqCst)) {
            return 3;
        }
        // SAFETY: no handler runs.
        let Ok(old) = (unsafe { sigaltstack(Some(&none_there)) }) else { return 4 };
        // SAFETY: nothing is changed.
        let Ok(now) = (unsafe { sigaltstack(None) }) else { return 5 };
        i32::from(old.ss_size != ss.ss_size || now.ss_flags != StackFlags::DISABLE)
    });
    assert!(status.success(), "{status}");
    for (ss, errno) in [
        (SigStack { ss_size: 16, ..ss }, Errno::ENOMEM),
        (SigStack { ss_flags: StackFlags::from_bits_retain(1 << 20), ..ss }, Errno::EINVAL),
    ] {
        if errno == Errno::EINVAL && wrong_under_emulation("unknown flags of sigaltstack") {
            continue;
        }
        // SAFETY: the kernel refuses it.
        let ours = unsafe { sigaltstack(Some(&ss)) }.map(|_| 0);
        same(ours, theirs!(SIGALTSTACK, &raw const ss, 0), Err(errno));
    }
}

#[test]
fn a_signal_cuts_a_sleep_short() {
    let status = in_child(|| {
        let me = process::getpid();
        if handle(Signal::USR1, SaFlags::RESTART).is_err() {
            return 1;
        }
        // SAFETY: the child of the child makes system calls only, and ends.
        let other = unsafe { process::fork() }.unwrap_or(-1);
        if other == 0 {
            hosted::end_with_parent();
            let pause = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
            // Until we are gone: one signal could come before the sleep.
            while process::kill(me, Signal::USR1).is_ok() {
                let _ = clock_nanosleep(Clock::MONOTONIC, TimerFlags::empty(), &pause, None);
            }
            process::exit_group(0);
        }
        let long = Timespec { tv_sec: 1000, tv_nsec: 0 };
        let mut rest = Timespec::default();
        let ours = clock_nanosleep(Clock::MONOTONIC, TimerFlags::empty(), &long, Some(&mut rest));
        // The kernel adds its slack: cut short at once, the rest is the longer.
        let right = (900..=1000).contains(&rest.tv_sec);
        let theirs = theirs!(CLOCK_NANOSLEEP, 1, 0, &raw const long, &raw mut rest);
        let killed = process::kill(other, Signal::KILL);
        if !right || killed.is_err() {
            return 2;
        }
        i32::from((ours.map(none), theirs) != (Err(Errno::EINTR), Err(Errno::EINTR)))
    });
    assert!(status.success(), "{status}");
}
