//! A handler that was there before ours is called for every fault that is not ours,
//! as the kernel would call it; one that comes later and calls ours changes nothing.
//!
//! The handler of guarded accesses is a process's, and is installed once: here, in
//! children alone. So each begins with what it wants to be there before.

mod common;
mod faults;
mod hosted;

use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use baremap::flags::{SaFlags, StackFlags};
use baremap::guard::Guards;
use baremap::sys::page_size;
use baremap::sys::process::Signal;
use baremap::sys::signal::{
    SigAction, SigHandler, SigHow, SigInfo, SigSet, SigStack, rt_sigaction, rt_sigprocmask, sigaltstack,
};
use baremap::{AsFd, MapAnon};
use faults::*;
use hosted::in_child;

static BEFORE: AtomicUsize = AtomicUsize::new(0);

/// A fault that the handler before ours repairs, so that the access goes on.
fn is_repaired(cut: Cut) -> i32 {
    FILE.store(cut.file.as_fd().as_raw_fd(), SeqCst);
    let place = cut.map.as_ptr().addr() + page_size();
    if Guards::install().is_err() {
        return 99;
    }
    let seen = cut.touch();
    let (calls, address) = (CALLS.load(SeqCst), ADDRESS.load(SeqCst));
    let told = CODE.load(SeqCst) == 0 || CODE.load(SeqCst) == libc::BUS_ADRERR && address == place;
    let mask = rt_sigprocmask(SigHow::BLOCK, None);
    let shorter = cut.file.set_len(page_size() as u64).is_ok();
    let (map, _file, _folder) = guarded(cut);
    let again = works(&map) && CALLS.load(SeqCst) == 1;
    first_wrong(&[seen == 0, calls == 1, told, mask == Ok(SigSet::EMPTY), shorter, again])
}

#[test]
fn a_handler_that_takes_all_is_called_and_the_access_goes_on() {
    let cut = Cut::new();
    let status = in_child(|| {
        if !on_bus(SigHandler::with_info(with_info), SaFlags::SIGINFO) {
            return 98;
        }
        let wrong = is_repaired(cut);
        if wrong == 0 && CODE.load(SeqCst) != libc::BUS_ADRERR { 97 } else { wrong }
    });
    assert!(status.success(), "{status}");
}

#[test]
fn a_handler_that_takes_the_signal_alone_is_called_and_the_access_goes_on() {
    let cut = Cut::new();
    let status =
        in_child(|| if on_bus(SigHandler::new(plain), SaFlags::RESTART) { is_repaired(cut) } else { 98 });
    assert!(status.success(), "{status}");
}

#[test]
fn a_handler_has_kept_away_what_it_wanted() {
    let wanted = SigSet::EMPTY.with(Signal::USR1);
    let both = wanted.with(Signal::BUS);
    for (flags, mask, expected) in [
        (SaFlags::empty(), wanted, both),
        (SaFlags::NODEFER, wanted, wanted),
        (SaFlags::NODEFER, both, both),
        (SaFlags::empty(), SigSet::EMPTY, SigSet::EMPTY.with(Signal::BUS)),
    ] {
        let status = in_child(|| {
            let there = act(Signal::BUS, SigHandler::new(plain), flags, mask) && Guards::install().is_ok();
            let sent = send(Signal::BUS);
            let after = rt_sigprocmask(SigHow::BLOCK, None);
            first_wrong(&[there, sent, MASK.load(SeqCst) == expected.0, after == Ok(SigSet::EMPTY)])
        });
        assert_eq!(status.code(), Some(0), "{flags:?} {mask:?}");
    }
}

#[test]
fn a_handler_runs_on_the_stack_that_it_asked_for() {
    for (flags, there) in [(SaFlags::ONSTACK, true), (SaFlags::empty(), false)] {
        let (cut, mut stack) = (Cut::new(), MapAnon::new(1 << 16).unwrap());
        let range = stack.as_ptr().addr()..stack.as_ptr().addr() + stack.len();
        let status = in_child(|| {
            let (ss_sp, ss_size) = (stack.as_mut_ptr(), stack.len());
            let stack = SigStack { ss_sp, ss_flags: StackFlags::empty(), ss_size };
            // SAFETY: it is this child's, for nothing else.
            let set = unsafe { sigaltstack(Some(&stack)) }.is_ok();
            let installed = on_bus(SigHandler::new(plain), flags);
            let (map, ..) = guarded(cut);
            let (before, sent, after) = (works(&map), send(Signal::BUS), works(&map));
            let place = STACK.load(SeqCst);
            first_wrong(&[set, installed, before, sent, after, range.contains(&place) == there])
        });
        assert_eq!(status.code(), Some(0), "{flags:?}");
    }
}

#[test]
fn a_handler_for_once_is_called_once() {
    let cut = Cut::new();
    let status = in_child(|| {
        let there = on_bus(SigHandler::new(plain), SaFlags::RESETHAND);
        let (map, ..) = guarded(cut);
        let first = there && send(Signal::BUS) && CALLS.load(SeqCst) == 1 && works(&map);
        if !first {
            return 1;
        }
        send(Signal::BUS);
        2
    });
    assert_eq!(status.signal(), Some(Signal::BUS));
}

#[test]
fn what_was_ignored_is_ignored_but_for_a_fault() {
    let faults = !has_no_good_end();
    let cut = Cut::new();
    let status = in_child(|| {
        let there = on_bus(SigHandler::IGN, SaFlags::empty());
        let (map, file, folder) = guarded(cut);
        let ignored = there && send(Signal::BUS) && works(&map);
        let cut = Cut { map: map.into_map(), file, folder };
        match (ignored, faults) {
            (true, true) => cut.touch().into(),
            (true, false) => 0,
            _ => 1,
        }
    });
    assert_eq!(status.signal(), faults.then_some(Signal::BUS), "{status}");
    assert_eq!(status.code(), (!faults).then_some(0));
}

#[test]
fn stds_handler_gives_up_its_own_place_alone() {
    let cut = Cut::new();
    let status = in_child(|| {
        let (map, ..) = guarded(cut);
        // The first is what std's handler unregisters itself at, and comes back.
        if !send(Signal::BUS) || !works(&map) {
            return 1;
        }
        send(Signal::BUS);
        2
    });
    assert_eq!(status.signal(), Some(Signal::BUS));
}

extern "C" fn chains(signal: Signal, info: *mut SigInfo, context: *mut c_void) {
    CALLS.fetch_add(100, SeqCst);
    let before: SigHandler = {
        let address = BEFORE.load(SeqCst);
        // SAFETY: it was the address of a handler of this kind.
        let function: unsafe extern "C" fn(Signal, *mut SigInfo, *mut c_void) =
            unsafe { std::mem::transmute(address) };
        SigHandler::with_info(function)
    };
    // SAFETY: what the kernel gave is handed on.
    unsafe { before.call(SaFlags::SIGINFO, signal, info, context) };
}

#[test]
fn a_later_handler_that_calls_ours_leaves_all_as_it_was() {
    let cut = Cut::new();
    let status = in_child(|| {
        FILE.store(cut.file.as_fd().as_raw_fd(), SeqCst);
        let first = on_bus(SigHandler::with_info(with_info), SaFlags::SIGINFO);
        let installed = Guards::install().is_ok();
        let act = SigAction {
            sa_handler: SigHandler::with_info(chains),
            sa_flags: SaFlags::SIGINFO,
            sa_mask: SigSet::EMPTY,
        };
        let mut ours: libc::sigaction = {
            // SAFETY: zeros are one.
            unsafe { std::mem::zeroed() }
        };
        // SAFETY: it only asks.
        let asked = unsafe { libc::sigaction(libc::SIGBUS, std::ptr::null(), &mut ours) } == 0;
        BEFORE.store(ours.sa_sigaction, SeqCst);
        // SAFETY: the handler stores to atomics and calls ours.
        let second = unsafe { rt_sigaction(Signal::BUS, Some(&act)) }.is_ok();
        let seen = cut.touch() == 0 && CALLS.load(SeqCst) == 101;
        let shorter = cut.file.set_len(page_size() as u64).is_ok();
        let (map, ..) = guarded(cut);
        let ours = works(&map) && CALLS.load(SeqCst) == 201;
        first_wrong(&[first, installed, asked, second, seen, shorter, ours])
    });
    assert!(status.success(), "{status}");
}

/// As in a child that is made while another thread installs the handler, which gets
/// the handlers of before and the memory of after.
#[test]
fn a_handler_that_was_lost_is_installed_again() {
    let cut = Cut::new();
    let status = in_child(|| {
        // SAFETY: they only ask.
        let before = [Signal::BUS, Signal::SEGV].map(|signal| unsafe { rt_sigaction(signal, None) });
        let installed = Guards::install().is_ok();
        for (signal, action) in [Signal::BUS, Signal::SEGV].into_iter().zip(before) {
            let Ok(action) = action else { return 98 };
            // SAFETY: it was there before.
            if unsafe { rt_sigaction(signal, Some(&action)) }.is_err() {
                return 97;
            }
        }
        let (map, _file, _folder) = guarded(cut);
        first_wrong(&[installed, works(&map), works(&map)])
    });
    assert!(status.success(), "{status}");
}
