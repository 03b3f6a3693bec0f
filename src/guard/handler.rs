//! [`Guards`]: the handler that turns a fault of a guarded access into an error,
//! and hands every other one on.

use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64};

use crate::arch::guarded;
use crate::errno::Result;
use crate::flags::SaFlags;
use crate::sys::process::{Signal, getpid, gettid, tgkill};
use crate::sys::signal::{
    SigAction, SigHandler, SigHow, SigInfo, SigSet, rt_sigaction, rt_sigprocmask, rt_tgsigqueueinfo,
};

/// The proof that faults of guarded accesses are caught, in this process and its
/// children, as long as nobody replaces the handler.
///
/// A handler is the process's: for `SIGBUS`, which a page past the end of its file
/// is, and for `SIGSEGV`, which a page without the right is. A fault is ours if it
/// is that of one of this crate's own instructions, at an address that it was to
/// access. Every other one, and every signal that was sent, goes to the handler that
/// was there before, as if the kernel had called it: with what the kernel told, its
/// mask and its flags, on its stack. Where there was none, the process ends by the
/// signal as it would have.
///
/// A handler that is installed later has to call ours for what it does not know, as
/// good handlers do, and must not be the very one that was there before. std's own, which is there first, gives up its place when it
/// comes to a fault that it does not know; ours keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Guards(());

impl Guards {
    /// Installs the handler, once for all: after the first time it only looks
    /// whether it is there.
    ///
    /// ```
    /// let guards = baremap::guard::Guards::install()?;
    /// # let _ = guards;
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sys::signal::rt_sigaction`](rt_sigaction), where a filter of
    /// system calls forbids it.
    pub fn install() -> Result<Self> {
        BUS.install(Signal::BUS)?;
        SEGV.install(Signal::SEGV)?;
        Ok(Self(()))
    }
}

static BUS: Previous = Previous::new();
static SEGV: Previous = Previous::new();

/// What a signal did before it was ours, in words that a handler can read at any
/// moment.
struct Previous {
    installed: AtomicBool,
    /// The handler, and how it is called, in the bits below: one word, so that
    /// nobody finds half of it.
    action: AtomicPtr<()>,
    mask: AtomicU64,
}

/// Bits that no address of a program has, on any instruction set.
const INFO: usize = 1 << 63;
const NODEFER: usize = 1 << 62;
const ONCE: usize = 1 << 61;
const HOW: [(usize, SaFlags); 3] =
    [(INFO, SaFlags::SIGINFO), (NODEFER, SaFlags::NODEFER), (ONCE, SaFlags::RESETHAND)];

impl Previous {
    const fn new() -> Self {
        Self {
            installed: AtomicBool::new(false),
            action: AtomicPtr::new(null_mut()),
            mask: AtomicU64::new(0),
        }
    }

    /// Once only: a handler that came after ours and calls it would else be called
    /// by it in turn, for ever. But it is lost where the one before it is there
    /// again: somebody has put that back, or this is a child that got the handlers
    /// of before and the memory of after, since another thread was just installing
    /// when it was made.
    ///
    /// There is no lock, which a child could find held by a thread that it has not.
    /// Two threads that come at once remember the same, for neither remembers
    /// ours.
    fn install(&self, signal: Signal) -> Result<()> {
        // SAFETY: it only asks.
        let mut previous = unsafe { rt_sigaction(signal, None) }?;
        if self.installed.load(Acquire) && self.action.load(Acquire) != word(previous) {
            return Ok(());
        }
        while previous.sa_handler != ours() {
            // Before the handler is there, which may be called at once.
            self.mask.store(previous.sa_mask.0, Relaxed);
            self.action.store(word(previous), Release);
            let replaced = take(signal, previous)?;
            if replaced == previous {
                break;
            }
            // Another thread has installed something in between: ours, or its own.
            previous = replaced;
        }
        self.installed.store(true, Release);
        Ok(())
    }

    /// Does what the signal did before, with what the kernel told.
    ///
    /// # Safety
    ///
    /// `info` and `context` must be those that a handler was given.
    unsafe fn call(&self, signal: Signal, info: *mut SigInfo, context: *mut c_void) {
        let action = self.action.load(Acquire);
        let mask = SigSet(self.mask.load(Relaxed));
        let how = action.addr();
        let handler = SigHandler::from_word(action.map_addr(|address| address & !(INFO | NODEFER | ONCE)));
        // SAFETY: the kernel's.
        let sent = unsafe { (*info).si_code } <= 0;
        // The kernel sends the first process none that it has no handler for.
        let ignored = handler == SigHandler::IGN || handler == SigHandler::DFL && getpid() == 1;
        if sent && ignored {
            return;
        }
        let default = SigHandler::DFL.word();
        let spent =
            how & ONCE != 0 && self.action.compare_exchange(action, default, AcqRel, Relaxed).is_err();
        // A fault cannot be ignored: the kernel ends the process then, too.
        if handler == SigHandler::DFL || handler == SigHandler::IGN || spent {
            // SAFETY: as above.
            return unsafe { do_default(signal, info) };
        }
        // What it wants kept away, as if the kernel had called it; the kernel sets
        // the mask back when the handler returns.
        let _ = rt_sigprocmask(SigHow::BLOCK, Some(&mask));
        if how & NODEFER != 0 && !mask.contains(signal) {
            let _ = rt_sigprocmask(SigHow::UNBLOCK, Some(&SigSet::EMPTY.with(signal)));
        }
        let flags = if how & INFO != 0 { SaFlags::SIGINFO } else { SaFlags::empty() };
        // SAFETY: it was installed with this flag or without, to be called with these.
        unsafe { handler.call(flags, signal, info, context) };
        self.take_back(signal);
    }

    /// std's handler makes the signal do its default and returns, to have the fault
    /// end the process. If the signal was sent, none comes, and guarded accesses
    /// would be without their handler.
    fn take_back(&self, signal: Signal) {
        // SAFETY: it only asks.
        if unsafe { rt_sigaction(signal, None) }.is_ok_and(|now| now.sa_handler == SigHandler::DFL) {
            self.action.store(SigHandler::DFL.word(), Release);
            let _ = take(signal, SigAction::DFL);
        }
    }
}

/// A handler, and how it is called.
fn word(action: SigAction) -> *mut () {
    let how = HOW.iter().filter(|(_, flag)| action.sa_flags.contains(*flag));
    let how = how.fold(0, |bits, (bit, _)| bits | bit);
    action.sa_handler.word().map_addr(|address| address | how)
}

fn ours() -> SigHandler {
    SigHandler::with_info(handle)
}

/// Installs our handler, to be called as the one before it was.
fn take(signal: Signal, previous: SigAction) -> Result<SigAction> {
    let none = previous.sa_handler == SigHandler::DFL || previous.sa_handler == SigHandler::IGN;
    let kept = SaFlags::RESTART | SaFlags::ONSTACK | SaFlags::EXPOSE_TAGBITS;
    let how = if none { SaFlags::ONSTACK } else { previous.sa_flags & kept };
    let act = SigAction { sa_handler: ours(), sa_flags: SaFlags::SIGINFO | how, sa_mask: SigSet::EMPTY };
    // SAFETY: the handler makes system calls only, and hands on what it does not
    // know to the handler that was there.
    unsafe { rt_sigaction(signal, Some(&act)) }
}

/// Is called by the kernel.
///
/// # Safety
///
/// The arguments must be the kernel's.
unsafe extern "C" fn handle(signal: Signal, info: *mut SigInfo, context: *mut c_void) {
    // SAFETY: the kernel's.
    let told = unsafe { *info };
    // A signal that was sent has no address, whatever it says.
    // SAFETY: the kernel's.
    if told.si_code > 0 && unsafe { guarded::land(context, told.si_addr().addr()) } {
        return;
    }
    let previous = if signal == Signal::BUS { &BUS } else { &SEGV };
    // SAFETY: the kernel's.
    unsafe { previous.call(signal, info, context) };
}

/// Ends the process as the signal does by default, with what was told of it.
///
/// # Safety
///
/// `info` must be readable.
unsafe fn do_default(signal: Signal, info: *mut SigInfo) {
    // SAFETY: nothing needs a handler any more.
    let _ = unsafe { rt_sigaction(signal, Some(&SigAction::DFL)) };
    // It waits until this handler returns, for meanwhile the signal is kept away.
    // SAFETY: the kernel reads the information.
    let sent = unsafe { rt_tgsigqueueinfo(getpid(), gettid(), signal, info) };
    if sent.is_err() {
        let _ = tgkill(getpid(), gettid(), signal);
    }
}
