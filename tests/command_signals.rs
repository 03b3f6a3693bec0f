//! Commands and signals: what the program ignores and holds back, and that no
//! handler of ours runs in the child.

mod hosted;

use std::sync::atomic::{AtomicI32, Ordering};

use baremap::flags::SaFlags;
use baremap::memfd::Memfd;
use baremap::process::Child;
use baremap::sys::process::{Pid, Resource, Rlimit64, Signal, getpid, kill, prlimit64, sched_yield};
use baremap::sys::signal::{SigAction, SigHandler, SigHow, SigSet, rt_sigaction, rt_sigprocmask};
use baremap::{Command, Errno};
use hosted::{Again, child, in_child, lowest_free};

const IGNORED: SigAction = SigAction { sa_handler: SigHandler::IGN, ..SigAction::DFL };

/// Has a signal do this. Whether it could.
fn act(signal: Signal, action: SigAction) -> bool {
    // SAFETY: the handlers of these tests do only what one may.
    unsafe { rt_sigaction(signal, Some(&action)) }.is_ok()
}

/// What a signal does.
fn action(signal: Signal) -> SigHandler {
    // SAFETY: it only asks.
    unsafe { rt_sigaction(signal, None) }.expect("there is such a signal").sa_handler
}

extern "C" fn nothing(_: Signal) {}

#[test]
fn the_program_ignores_and_holds_back_what_we_do() {
    let held = SigSet::EMPTY.with(Signal::TERM).with(Signal(40));
    if std::env::var_os("BAREMAP_SIGNALS").is_some() {
        let mask = rt_sigprocmask(SigHow::BLOCK, None).unwrap();
        let right = action(Signal::USR1) == SigHandler::IGN
            && action(Signal(41)) == SigHandler::IGN
            && action(Signal::USR2) == SigHandler::DFL
            && action(Signal(42)) == SigHandler::DFL
            && mask == held;
        std::process::exit(if right { 42 } else { 1 });
    }
    let again = Again::new("the_program_ignores_and_holds_back_what_we_do", "BAREMAP_SIGNALS", "1");
    let output = Memfd::new(c"output").unwrap();
    let command = again.command().pass(&output, 1);
    let handled = SigAction { sa_handler: SigHandler::new(nothing), ..SigAction::DFL };
    let status = in_child(|| {
        let prepared = act(Signal::USR1, IGNORED)
            && act(Signal(41), IGNORED)
            && act(Signal::USR2, handled)
            && act(Signal(42), handled)
            && rt_sigprocmask(SigHow::SETMASK, Some(&held)).is_ok();
        if !prepared {
            return 1;
        }
        let started = command.spawn();
        // Here they are what they were.
        if rt_sigprocmask(SigHow::BLOCK, None) != Ok(held) || action(Signal::USR2) != handled.sa_handler {
            return 2;
        }
        started.and_then(Child::wait).map_or(3, |status| status.code().unwrap_or(4))
    });
    assert_eq!(status.code(), Some(42), "{status}");
}

/// Whose handler it is.
static OWNER: AtomicI32 = AtomicI32::new(0);

extern "C" fn not_in_another(_: Signal) {
    if getpid() != OWNER.load(Ordering::Relaxed) {
        // Ends the child in a way that nothing else does.
        let _ = kill(getpid(), Signal::KILL);
    }
}

/// Sends a signal to a group of processes again and again, until it is killed.
fn storm(group: Pid) -> Child {
    child(|| {
        if !act(Signal::USR1, IGNORED) {
            return 1;
        }
        loop {
            let _ = kill(-group, Signal::USR1);
            let _ = sched_yield();
        }
    })
}

#[test]
fn no_handler_of_ours_runs_in_the_child() {
    let command = Command::new(c"/nowhere/at/all");
    let status = in_child(|| {
        OWNER.store(getpid(), Ordering::Relaxed);
        // SAFETY: it moves this process to a group of its own.
        let moved = unsafe { libc::setpgid(0, 0) };
        let handler = SigHandler::new(not_in_another);
        let action = SigAction { sa_handler: handler, sa_flags: SaFlags::RESTART, sa_mask: SigSet::EMPTY };
        if moved != 0 || !act(Signal::USR1, action) {
            return 1;
        }
        let storm = storm(getpid());
        let mut verdict = 0;
        for _ in 0..200 {
            match command.spawn() {
                Err(Errno::ENOENT) => {}
                Err(_) => verdict = 2,
                // The signal ended it, as it would have ended the program.
                Ok(child) => match child.wait().map(|status| status.signal()) {
                    Ok(Some(Signal::USR1)) => {}
                    Ok(Some(Signal::KILL)) => verdict = 3,
                    _ => verdict = 4,
                },
            }
        }
        let _ = kill(storm.pid(), Signal::KILL);
        let _ = storm.wait();
        verdict
    });
    assert!(status.success(), "{status}");
}

#[test]
fn where_no_child_can_be_made_everything_is_as_it_was() {
    let command = Command::new(c"/nowhere/at/all");
    let held = SigSet::EMPTY.with(Signal::TERM);
    let status = in_child(|| {
        // Root may have any number of children.
        // SAFETY: a number of a user, for this process alone.
        unsafe { libc::syscall(libc::SYS_setuid, 65534) };
        let none = Rlimit64 { rlim_cur: 0, rlim_max: 0 };
        let few = Rlimit64 { rlim_cur: 3, rlim_max: 3 };
        let prepared = prlimit64(0, Resource::NPROC, Some(&none)).is_ok()
            && rt_sigprocmask(SigHow::SETMASK, Some(&held)).is_ok();
        let Ok(free) = lowest_free() else { return 1 };
        if !prepared || !matches!(command.spawn(), Err(Errno::EAGAIN)) {
            return 2;
        }
        if lowest_free() != Ok(free) || rt_sigprocmask(SigHow::BLOCK, None) != Ok(held) {
            return 3;
        }
        // Nor can the pipe be had.
        let limited = prlimit64(0, Resource::NOFILE, Some(&few)).is_ok();
        let refused = matches!(command.spawn(), Err(Errno::EMFILE));
        i32::from(!limited || !refused || rt_sigprocmask(SigHow::BLOCK, None) != Ok(held)) * 4
    });
    assert!(status.success(), "{status}");
}

#[test]
fn failing_is_reported_where_children_are_nobodys_to_wait_for() {
    let command = Command::new(c"/nowhere/at/all");
    let status = in_child(|| {
        if !act(Signal::CHLD, IGNORED) {
            return 1;
        }
        i32::from(!matches!(command.spawn(), Err(Errno::ENOENT))) * 2
    });
    assert!(status.success(), "{status}");
}
