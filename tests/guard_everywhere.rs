//! Guarded accesses wherever code can be: in several threads at once, in a child, in
//! a handler of signals, on its stack, and in the middle of one another.

mod common;
mod faults;
mod hosted;

use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};

use baremap::flags::{SaFlags, StackFlags};
use baremap::guard::{Guarded, Guards};
use baremap::sys::page_size;
use baremap::sys::process::{self, Signal};
use baremap::sys::signal::{SigHandler, SigStack, sigaltstack};
use baremap::{Errno, MapAnon, MapOptions};
use common::Folder;
use faults::{Cut, act, first_wrong, guarded, works};
use hosted::{child, in_child, open};

#[test]
fn threads_fault_at_once() {
    let (map, ..) = guarded(Cut::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    assert!(works(&map));
                    let mut bytes = vec![0; 100];
                    let fault = map.read_at(page_size() - 60, &mut bytes).unwrap_err();
                    assert_eq!((fault.done, fault.offset), (60, page_size()));
                    assert!(bytes.iter().take(60).all(|&byte| byte == 5) && bytes[60..] == [0; 40]);
                }
            });
        }
    });
}

#[test]
fn threads_install_the_handler_at_once() {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Guards::install().expect("a handler"));
        }
    });
}

#[test]
fn a_child_has_the_handler_and_its_faults() {
    let (map, file, _folder) = guarded(Cut::new());
    assert!(works(&map));
    let status = in_child(|| {
        let mine = works(&map) && Guards::install().is_ok() && works(&map);
        // What the child does to the file its parent sees.
        let shorter = map.set(0, 1_u8).is_ok() && file.set_len(0).is_ok();
        let gone = map.get::<u8>(0).is_err();
        let grandchild = in_child(|| map.get::<u8>(0).is_ok().into());
        first_wrong(&[mine, shorter, gone, grandchild.success()])
    });
    assert!(status.success(), "{status}");
    assert_eq!(map.get::<u8>(0).map_err(|fault| fault.errno), Err(Errno::EFAULT));
}

static MAP: AtomicPtr<Guarded> = AtomicPtr::new(std::ptr::null_mut());
static RIGHT: AtomicUsize = AtomicUsize::new(0);
static WRONG: AtomicUsize = AtomicUsize::new(0);
static PLACE: AtomicUsize = AtomicUsize::new(0);

extern "C" fn accesses(_: Signal) {
    let local = 0_u8;
    PLACE.store((&raw const local).addr(), SeqCst);
    // SAFETY: the child has put its map there, which lives as long as it does.
    let map = unsafe { &*MAP.load(SeqCst) };
    let seen = if works(map) { &RIGHT } else { &WRONG };
    seen.fetch_add(1, SeqCst);
}

#[test]
fn a_handler_of_another_signal_accesses_on_its_own_stack() {
    let (cut, mut stack) = (Cut::new(), MapAnon::new(1 << 16).unwrap());
    let range = stack.as_ptr().addr()..stack.as_ptr().addr() + stack.len();
    let status = in_child(|| {
        let (mut map, ..) = guarded(cut);
        MAP.store(&raw mut map, SeqCst);
        let (ss_sp, ss_size) = (stack.as_mut_ptr(), stack.len());
        // SAFETY: it is this child's, for nothing else.
        let set = unsafe { sigaltstack(Some(&SigStack { ss_sp, ss_flags: StackFlags::empty(), ss_size })) };
        let there = act(Signal::USR1, SigHandler::new(accesses), SaFlags::ONSTACK, Default::default());
        let sent = process::kill(process::getpid(), Signal::USR1).is_ok();
        let seen = (RIGHT.load(SeqCst), WRONG.load(SeqCst)) == (1, 0);
        let on_it = range.contains(&PLACE.load(SeqCst));
        first_wrong(&[set.is_ok(), there, sent, seen, on_it, works(&map)])
    });
    assert!(status.success(), "{status}");
}

#[test]
fn an_access_is_interrupted_by_another() {
    const TIMES: usize = 100;
    let (cut, folder) = (Cut::new(), Folder::new());
    let length = 16 * page_size();
    let file = open(&folder.file("large", &vec![7; length]));
    let large = MapOptions::new().map_raw(&file).unwrap();
    let mut bytes = vec![0; length];
    let status = in_child(|| {
        let (mut map, ..) = guarded(cut);
        MAP.store(&raw mut map, SeqCst);
        let Ok(guards) = Guards::install() else { return 1 };
        let large = Guarded::new(large, guards);
        if !act(Signal::USR1, SigHandler::new(accesses), SaFlags::RESTART, Default::default()) {
            return 2;
        }
        let us = process::getpid();
        let _sender = child(|| {
            // Until we end, and it is ended with us.
            loop {
                let _ = process::kill(us, Signal::USR1);
                let _ = process::sched_yield();
            }
        });
        while RIGHT.load(SeqCst) < TIMES && WRONG.load(SeqCst) == 0 {
            bytes.fill(0);
            let read = large.read_at(0, &mut bytes);
            let written = large.write_at(0, &bytes);
            let whole = bytes.iter().all(|&byte| byte == 7);
            if read.is_err() || written.is_err() || !whole {
                return 3;
            }
        }
        WRONG.load(SeqCst) as i32
    });
    assert!(status.success(), "{status}");
}
