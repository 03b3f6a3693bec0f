//! Signals: what they do, whether they come, on which stack.

use core::ffi::c_void;
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr::{null_mut, without_provenance_mut};

use super::Argument;
use super::process::{Pid, Signal};
use crate::arch::{self, Sysno, Word};
use crate::errno::{self, Result};
use crate::flags::{SaFlags, StackFlags};

/// A set of signals, as the kernel has it: signal n is bit n - 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct SigSet(pub u64);

impl SigSet {
    /// No signal.
    pub const EMPTY: Self = Self(0);
    /// All of them.
    pub const FULL: Self = Self(!0);

    const fn bit(signal: Signal) -> u64 {
        // Not a shift, which 0 and numbers above 64 would overflow.
        match 1_u64.checked_shl((signal.0 as u32).wrapping_sub(1)) {
            Some(bit) => bit,
            None => 0,
        }
    }

    /// These and `signal`, which changes nothing if its number is not 1 to 64.
    #[must_use]
    pub const fn with(self, signal: Signal) -> Self {
        Self(self.0 | Self::bit(signal))
    }

    /// These without `signal`.
    #[must_use]
    pub const fn without(self, signal: Signal) -> Self {
        Self(self.0 & !Self::bit(signal))
    }

    /// Whether `signal` is one of them.
    #[must_use]
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 & Self::bit(signal) != 0
    }
}

/// What the kernel tells of a signal: `siginfo_t` of the man page. Which of the
/// functions mean something depends on the signal and `si_code`.
///
/// # References
///
/// [sigaction(2)](https://man7.org/linux/man-pages/man2/sigaction.2.html)
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SigInfo {
    /// The number of the signal.
    pub si_signo: i32,
    /// An error that belongs to it; mostly 0.
    pub si_errno: i32,
    /// Where it comes from: negative or 0 if a process sent it.
    pub si_code: i32,
    padding: u32,
    fields: [u64; 14],
}

static_assertions::const_assert_eq!(size_of::<SigInfo>(), 128);

impl SigInfo {
    /// The process that sent it, or the child it is about.
    #[must_use]
    pub const fn si_pid(&self) -> Pid {
        self.fields[0] as u32 as Pid
    }

    /// The user of that process.
    #[must_use]
    pub const fn si_uid(&self) -> u32 {
        (self.fields[0] >> 32) as u32
    }

    /// The exit code of the child, or the number of a signal.
    #[must_use]
    pub const fn si_status(&self) -> i32 {
        self.fields[1] as u32 as i32
    }

    /// The address that a fault is about.
    #[must_use]
    pub const fn si_addr(&self) -> *mut u8 {
        without_provenance_mut(self.fields[0] as usize)
    }
}

/// A function for a signal, or one of the two things it can do without any.
#[derive(Clone, Copy, PartialEq, Eq)]
#[doc(alias = "SIG_DFL")]
pub struct SigHandler(Word);

// SAFETY: it is the address of code, which no thread changes.
unsafe impl Send for SigHandler {}
// SAFETY: as above.
unsafe impl Sync for SigHandler {}

impl SigHandler {
    /// What the kernel does by default.
    pub const DFL: Self = Self(null_mut());
    /// Nothing at all.
    pub const IGN: Self = Self(without_provenance_mut(1));

    /// A function that is told the signal.
    #[must_use]
    pub fn new(handler: unsafe extern "C" fn(Signal)) -> Self {
        Self(handler as Word)
    }

    /// A function for [`SaFlags::SIGINFO`], which is told more: the third argument
    /// is the `ucontext_t` of the interrupted code.
    #[must_use]
    pub fn with_info(handler: unsafe extern "C" fn(Signal, *mut SigInfo, *mut c_void)) -> Self {
        Self(handler as Word)
    }

    /// Calls the function, as the kernel does.
    ///
    /// # Safety
    ///
    /// It must be a function, of the kind that `flags` say; `info` and `context`
    /// must be what the kernel gave to a handler of `signal`.
    pub unsafe fn call(self, flags: SaFlags, signal: Signal, info: *mut SigInfo, context: *mut c_void) {
        if flags.contains(SaFlags::SIGINFO) {
            // SAFETY: it is a function of three arguments.
            let function: unsafe extern "C" fn(Signal, *mut SigInfo, *mut c_void) =
                unsafe { core::mem::transmute(self.0) };
            // SAFETY: the caller hands on what the kernel gave.
            unsafe { function(signal, info, context) }
        } else {
            // SAFETY: it is a function of one argument.
            let function: unsafe extern "C" fn(Signal) = unsafe { core::mem::transmute(self.0) };
            // SAFETY: the caller hands on what the kernel gave.
            unsafe { function(signal) }
        }
    }

    pub(crate) const fn word(self) -> Word {
        self.0
    }

    pub(crate) const fn from_word(word: Word) -> Self {
        Self(word)
    }
}

impl fmt::Debug for SigHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::DFL => f.write_str("DFL"),
            Self::IGN => f.write_str("IGN"),
            Self(place) => write!(f, "{place:?}"),
        }
    }
}

/// What a signal does: `struct sigaction` of the man page, without the way back
/// from a handler, which is the instruction set's own affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigAction {
    /// What is called.
    pub sa_handler: SigHandler,
    /// How.
    pub sa_flags: SaFlags,
    /// What is kept away meanwhile, beside the signal itself.
    pub sa_mask: SigSet,
}

impl SigAction {
    /// What the kernel does by default.
    pub const DFL: Self =
        Self { sa_handler: SigHandler::DFL, sa_flags: SaFlags::empty(), sa_mask: SigSet::EMPTY };
}

/// `int rt_sigaction(int signum, const struct sigaction *act, struct sigaction *oldact, size_t sigsetsize)`
///
/// Tells what a signal did until now, and has it do what `act` says if there is
/// one. `SA_RESTORER` is neither taken nor told: a handler comes back the
/// kernel's way, whoever installed it.
///
/// # Safety
///
/// A handler must be a function of the kind that its flags say, which may be
/// called at any moment in any thread, with whatever locked that there is: it
/// may do only what the man page calls async-signal-safe, and must not unwind.
/// What relied on the handler that was there must do without it.
///
/// # Errors
///
/// - `EINVAL`: no such signal; one that cannot be changed, `KILL` or `STOP`.
///
/// # References
///
/// [sigaction(2)](https://man7.org/linux/man-pages/man2/sigaction.2.html),
/// [signal-safety(7)](https://man7.org/linux/man-pages/man7/signal-safety.7.html)
#[inline(always)]
pub unsafe fn rt_sigaction(signum: Signal, act: Option<&SigAction>) -> Result<SigAction> {
    let act = act.map(|act| arch::SigAction::new(act.sa_handler.0, act.sa_flags.bits(), act.sa_mask.0));
    let mut old = MaybeUninit::<arch::SigAction>::uninit();
    let (new, place, size) = (act.as_ref().word(), old.as_mut_ptr().word(), size_of::<SigSet>().word());
    // SAFETY: the kernel reads its struct sigaction, if there is one, and writes
    // one to `old`; the caller answers for the handler.
    errno::unit(unsafe { arch::syscall4(Sysno::rt_sigaction, signum.0.word(), new, place, size) })?;
    // SAFETY: the call succeeded, so the kernel has filled it.
    let old = unsafe { old.assume_init() };
    Ok(SigAction {
        sa_handler: SigHandler(old.sa_handler),
        sa_flags: SaFlags::from_bits_retain(old.flags()),
        sa_mask: SigSet(old.sa_mask),
    })
}

/// `int rt_tgsigqueueinfo(pid_t tgid, pid_t tid, int sig, siginfo_t *info)`
///
/// Sends a signal to the thread `tid` of the process `tgid`, with what is told of
/// it. Only to itself may a process say that the kernel had sent it (an `si_code`
/// that is not negative).
///
/// # Safety
///
/// As for [`pidfd_send_signal`](super::process::pidfd_send_signal): to this process, what handlers of faults
/// believe. `info` must be readable.
///
/// # Errors
///
/// - `EAGAIN`: too many signals wait.
/// - `EFAULT`: `info` is not readable.
/// - `EINVAL`: no such signal, thread or process number.
/// - `EPERM`: not to that process; or of the kernel's kind, to another.
/// - `ESRCH`: no such thread in that process.
///
/// # References
///
/// [rt_sigqueueinfo(2)](https://man7.org/linux/man-pages/man2/rt_sigqueueinfo.2.html)
#[inline(always)]
pub unsafe fn rt_tgsigqueueinfo(tgid: Pid, tid: Pid, sig: Signal, info: *const SigInfo) -> Result<()> {
    // SAFETY: the kernel reads the information; the caller answers for its effect.
    errno::unit(unsafe {
        arch::syscall4(Sysno::rt_tgsigqueueinfo, tgid.word(), tid.word(), sig.0.word(), info.word())
    })
}

/// What [`rt_sigprocmask`] does with its set. The type is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "SIG_BLOCK")]
pub struct SigHow(pub i32);

impl SigHow {
    /// These are kept away too.
    pub const BLOCK: Self = Self(0);
    /// These come again.
    pub const UNBLOCK: Self = Self(1);
    /// Exactly these are kept away.
    pub const SETMASK: Self = Self(2);
}

/// `int rt_sigprocmask(int how, const sigset_t *set, sigset_t *oldset, size_t sigsetsize)`
///
/// Tells which signals were kept away from this thread until now, and changes
/// that by `set` if there is one. `KILL` and `STOP` come always.
///
/// # Errors
///
/// - `EINVAL`: no such `how`.
///
/// # References
///
/// [sigprocmask(2)](https://man7.org/linux/man-pages/man2/sigprocmask.2.html)
#[inline(always)]
pub fn rt_sigprocmask(how: SigHow, set: Option<&SigSet>) -> Result<SigSet> {
    let mut old = SigSet::EMPTY;
    let (place, size) = ((&raw mut old).word(), size_of::<SigSet>().word());
    // SAFETY: the kernel reads one set, if there is one, and writes one to `old`.
    errno::unit(unsafe { arch::syscall4(Sysno::rt_sigprocmask, how.0.word(), set.word(), place, size) })?;
    Ok(old)
}

/// A stack for handlers: `stack_t` of the man page.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct SigStack {
    /// Its lowest byte.
    pub ss_sp: *mut u8,
    /// What becomes of it.
    pub ss_flags: StackFlags,
    /// Its length in bytes.
    pub ss_size: usize,
}

/// `int sigaltstack(const stack_t *ss, stack_t *old_ss)`
///
/// Tells the stack of this thread for handlers with [`SaFlags::ONSTACK`] as it
/// was until now, and makes it `ss` if there is one.
///
/// # Safety
///
/// Until it is replaced or disabled, the stack must be this thread's to write,
/// and nobody else's. It must have room for what any handler on it needs, or end
/// at memory whose touch is a fault: what overflows it is written below.
///
/// # Errors
///
/// - `EINVAL`: an unknown flag.
/// - `ENOMEM`: it is too short.
/// - `EPERM`: a handler is running on it.
///
/// # References
///
/// [sigaltstack(2)](https://man7.org/linux/man-pages/man2/sigaltstack.2.html)
#[inline(always)]
pub unsafe fn sigaltstack(ss: Option<&SigStack>) -> Result<SigStack> {
    let mut old = MaybeUninit::<SigStack>::uninit();
    // SAFETY: the kernel reads one description, if there is one, and writes one to
    // `old`; the caller lends the stack.
    errno::unit(unsafe { arch::syscall2(Sysno::sigaltstack, ss.word(), old.as_mut_ptr().word()) })?;
    // SAFETY: the call succeeded, so the kernel has filled it.
    Ok(unsafe { old.assume_init() })
}
