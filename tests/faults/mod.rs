//! Faults that are not those of guarded accesses, in children: what makes them, and
//! handlers that see them.

#![allow(dead_code, reason = "each test file uses a part")]

use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering::SeqCst};

use baremap::flags::SaFlags;
use baremap::guard::{Guarded, Guards};
use baremap::sys::process::{self, Signal};
use baremap::sys::signal::{SigAction, SigHandler, SigHow, SigInfo, SigSet, rt_sigaction, rt_sigprocmask};
use baremap::sys::{fs, page_size};
use baremap::{Errno, File, MapOptions, MapRaw};

use crate::common::Folder;
use crate::hosted::{open, wrong_under_emulation};

/// A file of one page, and a map of two, of which the second is gone.
pub struct Cut {
    pub file: File,
    pub map: MapRaw,
    pub folder: Folder,
}

impl Cut {
    pub fn new() -> Self {
        let folder = Folder::new();
        let file = open(&folder.file("f", &vec![5; 2 * page_size()]));
        let map = MapOptions::new().map_raw(&file).expect("a map");
        file.set_len(page_size() as u64).expect("shorter");
        Self { file, map, folder }
    }

    /// What is gone, touched as any pointer touches it.
    pub fn touch(&self) -> u8 {
        // SAFETY: it is the test's own. If it is not there a signal says so, which
        // is what this is for.
        unsafe { self.map.as_ptr().wrapping_add(page_size()).read_volatile() }
    }
}

/// In a child: the map, guarded from now on.
pub fn guarded(cut: Cut) -> (Guarded, File, Folder) {
    let guards = Guards::install().unwrap_or_else(|_| baremap::process::exit(99));
    (Guarded::new(cut.map, guards), cut.file, cut.folder)
}

/// Whether guarded accesses are as they should be.
pub fn works(map: &Guarded) -> bool {
    let gone = map.get::<u64>(page_size());
    gone.is_err_and(|fault| fault.errno == Errno::EFAULT) && map.get::<u8>(3) == Ok(5)
}

/// The number of the first that is false; 0 if none is.
pub fn first_wrong(checks: &[bool]) -> i32 {
    checks.iter().position(|&right| !right).map_or(0, |index| index as i32 + 1)
}

// What a handler has seen, in a child.
pub static CALLS: AtomicUsize = AtomicUsize::new(0);
pub static CODE: AtomicI32 = AtomicI32::new(0);
pub static ADDRESS: AtomicUsize = AtomicUsize::new(0);
pub static MASK: AtomicU64 = AtomicU64::new(0);
pub static STACK: AtomicUsize = AtomicUsize::new(0);
/// A file that it makes long enough again.
pub static FILE: AtomicI32 = AtomicI32::new(-1);

pub extern "C" fn plain(signal: Signal) {
    let local = 0_u8;
    STACK.store((&raw const local).addr(), SeqCst);
    CALLS.fetch_add(if signal == Signal::BUS { 1 } else { 1000 }, SeqCst);
    let mask = rt_sigprocmask(SigHow::BLOCK, None).unwrap_or(SigSet::EMPTY);
    MASK.store(mask.0, SeqCst);
    // SAFETY: no slice is lent of it.
    let _ = unsafe { fs::ftruncate(FILE.load(SeqCst), 2 * page_size() as i64) };
}

pub extern "C" fn with_info(signal: Signal, info: *mut SigInfo, context: *mut c_void) {
    // SAFETY: the kernel gives a `siginfo_t` to a handler with SIGINFO.
    let info = unsafe { info.read() };
    CODE.store(info.si_code, SeqCst);
    ADDRESS.store(info.si_addr().addr(), SeqCst);
    plain(if info.si_signo == signal.0 && !context.is_null() { signal } else { Signal::NONE });
}

/// Ends the process, which can be told from an end by the signal.
pub extern "C" fn leaves(signal: Signal) {
    baremap::process::exit(40 + signal.0)
}

/// Whether this is qemu-user, which has no good end for a process by a signal that
/// it sent itself as if the kernel did, which our handler does, nor for one that
/// keeps away the signal of a fault.
pub fn has_no_good_end() -> bool {
    wrong_under_emulation("the end by a fault")
}

pub fn act(signal: Signal, sa_handler: SigHandler, sa_flags: SaFlags, sa_mask: SigSet) -> bool {
    let act = SigAction { sa_handler, sa_flags, sa_mask };
    // SAFETY: the handlers here only store to atomics and make system calls.
    unsafe { rt_sigaction(signal, Some(&act)) }.is_ok()
}

pub fn on_bus(sa_handler: SigHandler, sa_flags: SaFlags) -> bool {
    act(Signal::BUS, sa_handler, sa_flags, SigSet::EMPTY)
}

pub fn send(signal: Signal) -> bool {
    process::tgkill(process::getpid(), process::gettid(), signal).is_ok()
}
