//! [`Guards`]: the handler that turns a fault of a guarded access into an error,
//! and hands every other one on.

use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
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
/// is, and for `SIGSEGV`, which a page without the right is. What was there before
/// is called for every fault that is not ours.
#[derive(Clone, Copy, Debug)]
pub struct Guards(());

impl Guards {
    /// Installs the handler, once for all.
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
    handler: AtomicPtr<()>,
    flags: AtomicU64,
    mask: AtomicU64,
    /// Whether it was to be called once, and has been.
    spent: AtomicBool,
}

impl Previous {
    const fn new() -> Self {
        Self {
            installed: AtomicBool::new(false),
            handler: AtomicPtr::new(null_mut()),
            flags: AtomicU64::new(0),
            mask: AtomicU64::new(0),
            spent: AtomicBool::new(false),
        }
    }

    /// Once only: a handler that came after ours and calls it would else be called
    /// by it in turn, for ever.
    ///
    /// There is no lock, which a child could find held by a thread that it has not.
    /// Two threads that come at once remember the same, for neither remembers
    /// ours.
    fn install(&self, signal: Signal) -> Result<()> {
        if self.installed.load(Acquire) {
            return Ok(());
        }
        let ours = SigHandler::with_info(handle);
        // SAFETY: it only asks.
        let mut previous = unsafe { rt_sigaction(signal, None) }?;
        while previous.sa_handler != ours {
            // Before the handler is there, which may be called at once.
            self.remember(previous);
            let sa_flags = SaFlags::SIGINFO | SaFlags::ONSTACK | previous.sa_flags & SaFlags::RESTART;
            let act = SigAction { sa_handler: ours, sa_flags, sa_mask: SigSet::EMPTY };
            // SAFETY: the handler makes system calls only, and hands on what it
            // does not know to the handler that was there.
            let replaced = unsafe { rt_sigaction(signal, Some(&act)) }?;
            if replaced == previous {
                break;
            }
            // Another thread has installed something in between: ours, or its own.
            previous = replaced;
        }
        self.installed.store(true, Release);
        Ok(())
    }

    fn remember(&self, action: SigAction) {
        self.handler.store(action.sa_handler.word(), Relaxed);
        self.flags.store(action.sa_flags.bits(), Relaxed);
        self.mask.store(action.sa_mask.0, Release);
    }

    /// Does what the signal did before, with what the kernel told.
    ///
    /// # Safety
    ///
    /// `info` and `context` must be those that a handler was given.
    unsafe fn call(&self, signal: Signal, info: *mut SigInfo, context: *mut c_void) {
        let mask = SigSet(self.mask.load(Acquire));
        let flags = SaFlags::from_bits_retain(self.flags.load(Relaxed));
        let handler = SigHandler::from_word(self.handler.load(Relaxed));
        // SAFETY: the kernel's.
        let sent = unsafe { (*info).si_code } <= 0;
        if handler == SigHandler::IGN && sent {
            return;
        }
        // A fault cannot be ignored: the kernel ends the process then, too.
        let once = flags.contains(SaFlags::RESETHAND);
        if handler == SigHandler::DFL || handler == SigHandler::IGN || once && self.spent.swap(true, Relaxed)
        {
            // SAFETY: as above.
            return unsafe { do_default(signal, info) };
        }
        // What it wants kept away, as if the kernel had called it; the kernel sets
        // the mask back when the handler returns.
        let _ = rt_sigprocmask(SigHow::BLOCK, Some(&mask));
        if flags.contains(SaFlags::NODEFER) && !mask.contains(signal) {
            let _ = rt_sigprocmask(SigHow::UNBLOCK, Some(&SigSet::EMPTY.with(signal)));
        }
        // SAFETY: it was installed with these flags, to be called with these.
        unsafe { handler.call(flags, signal, info, context) };
    }
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
