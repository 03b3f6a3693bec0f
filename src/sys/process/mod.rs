//! Processes: making them, waiting for them, ending them.

use core::ffi::{CStr, c_char};

use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::{CloneFlags, WaitFlags};
use crate::sys::Argument;

mod clone3;
mod limits;
mod pidfd;
mod scheduling;
mod waitid;

pub use clone3::{CloneArgs, clone3};
pub use limits::{Resource, Rlimit64, prlimit64};
pub use pidfd::{pidfd_open, pidfd_send_signal};
pub use scheduling::{sched_setaffinity, sched_yield};
pub use waitid::{ChildCode, ChildInfo, IdType, waitid};

/// A process as the kernel counts them.
pub type Pid = i32;

/// A signal, by its number. The type is open: any number can be passed.
///
/// # References
///
/// [signal(7)](https://man7.org/linux/man-pages/man7/signal.7.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Signal(pub i32);

#[allow(missing_docs, reason = "the man page's names")]
impl Signal {
    /// No signal: [`kill`] only asks whether it could send one.
    pub const NONE: Self = Self(0);
    pub const HUP: Self = Self(1);
    pub const INT: Self = Self(2);
    pub const QUIT: Self = Self(3);
    pub const ILL: Self = Self(4);
    pub const TRAP: Self = Self(5);
    pub const ABRT: Self = Self(6);
    pub const BUS: Self = Self(7);
    pub const FPE: Self = Self(8);
    pub const KILL: Self = Self(9);
    pub const USR1: Self = Self(10);
    pub const SEGV: Self = Self(11);
    pub const USR2: Self = Self(12);
    pub const PIPE: Self = Self(13);
    pub const ALRM: Self = Self(14);
    pub const TERM: Self = Self(15);
    pub const STKFLT: Self = Self(16);
    pub const CHLD: Self = Self(17);
    pub const CONT: Self = Self(18);
    pub const STOP: Self = Self(19);
    pub const TSTP: Self = Self(20);
    pub const TTIN: Self = Self(21);
    pub const TTOU: Self = Self(22);
    pub const URG: Self = Self(23);
    pub const XCPU: Self = Self(24);
    pub const XFSZ: Self = Self(25);
    pub const VTALRM: Self = Self(26);
    pub const PROF: Self = Self(27);
    pub const WINCH: Self = Self(28);
    pub const IO: Self = Self(29);
    pub const PWR: Self = Self(30);
    pub const SYS: Self = Self(31);
    /// The kernel's first real-time signal; a libc keeps the first few to itself.
    pub const RTMIN: Self = Self(32);
}

/// `pid_t fork(void)`
///
/// Makes a copy of the process. Returns 0 in the child, the child's number in
/// the parent. Shared mappings are shared by the two, private ones copied page
/// by page at the first store.
///
/// # Safety
///
/// Every value is duplicated, exclusive ones too: what two `&mut` to shared
/// memory may do is the caller's to answer. Where there are other threads, they
/// are gone in the child, with the locks they held: until it executes another
/// program it may do only what a signal handler may. In a process with a libc,
/// its handlers around fork do not run and its cached thread number is stale.
///
/// # Errors
///
/// - `EAGAIN`: too many processes.
/// - `ENOMEM`: no memory for the kernel's tables; the first process of the PID
///   namespace has ended.
///
/// # References
///
/// [fork(2)](https://man7.org/linux/man-pages/man2/fork.2.html)
#[inline(always)]
pub unsafe fn fork() -> Result<Pid> {
    // SAFETY: the caller keeps fork's contract.
    pid(unsafe { arch::fork() })
}

/// `long clone(unsigned long flags, void *stack, int *parent_tid, int *child_tid, unsigned long tls)`
///
/// As [`fork`], sharing what `flags` say; `signal` comes when the child ends.
/// The arguments are in this order on every instruction set. `stack` is not to
/// choose: the child goes on with its copy of ours, since another stack could
/// not be returned to.
///
/// # Safety
///
/// As for [`fork`]; `flags` must be without [`CloneFlags::VM`], which would have
/// both processes run on the same stack; with [`CloneFlags::FILES`], the two have
/// one table of descriptors, so only one of them may close what it owns. The
/// pointers must be valid for what `flags` has the kernel do with them, as long
/// as the child lives.
///
/// # Errors
///
/// - `EAGAIN`: too many processes.
/// - `EFAULT`: `PIDFD`, and `parent_tid` is no place to write to.
/// - `EINVAL`: flags that do not go together.
/// - `EMFILE`, `ENFILE`: `PIDFD`, and too many descriptors here, or in the system.
/// - `ENOMEM`: no memory for the kernel's tables; the first process of the PID
///   namespace has ended.
/// - `ENOSPC`: too many namespaces, or nested too deep.
/// - `EPERM`: namespaces, for the privileged only.
///
/// # References
///
/// [clone(2)](https://man7.org/linux/man-pages/man2/clone.2.html)
#[inline(always)]
pub unsafe fn clone(
    flags: CloneFlags,
    signal: Signal,
    parent_tid: *mut Pid,
    child_tid: *mut Pid,
    tls: *mut u8,
) -> Result<Pid> {
    const CSIGNAL: u64 = 0xff;
    let flags = flags.bits() | (signal.0 as u64 & CSIGNAL);
    let stack = 0_usize.word();
    // SAFETY: the caller keeps clone's contract.
    pid(unsafe { arch::clone(flags.word(), stack, parent_tid.word(), child_tid.word(), tls.word()) })
}

/// `pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)`
///
/// Waits for the child `pid`, or any child if it is -1. Returns the child and
/// the raw status word; the child is 0 if [`WaitFlags::NOHANG`] found nothing.
/// The resource usage is not asked for.
///
/// # Errors
///
/// - `ECHILD`: no such child.
/// - `EINTR`: a signal came first.
/// - `EINVAL`: an unknown flag.
/// - `ESRCH`: `pid` is the lowest number that there is.
///
/// # References
///
/// [wait4(2)](https://man7.org/linux/man-pages/man2/wait4.2.html)
#[inline(always)]
pub fn wait4(pid: Pid, options: WaitFlags) -> Result<(Pid, i32)> {
    let mut status = 0_i32;
    let status_word = (&raw mut status).word();
    // SAFETY: the kernel writes an int there, and no usage to a null pointer.
    let word = unsafe {
        arch::syscall4(Sysno::wait4, pid.word(), status_word, options.bits().word(), 0_usize.word())
    };
    errno::value(word).map(|child| (child as Pid, status))
}

/// `void exit_group(int status)`
///
/// Ends the process with all its threads; its parent sees the low 8 bits of
/// `status`. Nothing is dropped or flushed.
///
/// # References
///
/// [exit_group(2)](https://man7.org/linux/man-pages/man2/exit_group.2.html)
#[inline(always)]
pub fn exit_group(status: i32) -> ! {
    loop {
        // SAFETY: the process ends, which breaks no promise. The kernel never
        // comes back; the loop says so to the compiler.
        unsafe { arch::syscall1(Sysno::exit_group, status.word()) };
    }
}

/// `int kill(pid_t pid, int sig)`
///
/// Sends a signal to a process, or to its group if `pid` is 0, to the group
/// `-pid` if negative. With [`Signal::NONE`] it only asks whether it could.
///
/// # Errors
///
/// - `EINVAL`: no such signal.
/// - `EPERM`: not to that process.
/// - `ESRCH`: no such process.
///
/// # References
///
/// [kill(2)](https://man7.org/linux/man-pages/man2/kill.2.html)
#[inline(always)]
pub fn kill(pid: Pid, sig: Signal) -> Result<()> {
    // SAFETY: the call touches no memory of ours.
    errno::unit(unsafe { arch::syscall2(Sysno::kill, pid.word(), sig.0.word()) })
}

/// `int tgkill(pid_t tgid, pid_t tid, int sig)`
///
/// Sends a signal to the thread `tid` of the process `tgid`. With
/// [`Signal::NONE`] it only asks whether it could.
///
/// # Errors
///
/// - `EAGAIN`: a real-time signal, and too many are waiting.
/// - `EINVAL`: no such signal; `tgid` or `tid` is not positive.
/// - `EPERM`: not to that process.
/// - `ESRCH`: no such process, or no such thread of it.
///
/// # References
///
/// [tgkill(2)](https://man7.org/linux/man-pages/man2/tgkill.2.html)
#[inline(always)]
pub fn tgkill(tgid: Pid, tid: Pid, sig: Signal) -> Result<()> {
    // SAFETY: the call touches no memory of ours.
    errno::unit(unsafe { arch::syscall3(Sysno::tgkill, tgid.word(), tid.word(), sig.0.word()) })
}

/// `pid_t gettid(void)`
///
/// The number of this thread, which in a process's first one is the process's.
///
/// # References
///
/// [gettid(2)](https://man7.org/linux/man-pages/man2/gettid.2.html)
#[inline(always)]
#[must_use]
pub fn gettid() -> Pid {
    // SAFETY: the call touches no memory of ours, and cannot fail.
    unsafe { arch::syscall0(Sysno::gettid) }.addr() as Pid
}

/// `pid_t getpid(void)`
///
/// The number of this process.
///
/// # References
///
/// [getpid(2)](https://man7.org/linux/man-pages/man2/getpid.2.html)
#[inline(always)]
#[must_use]
pub fn getpid() -> Pid {
    // SAFETY: the call touches no memory of ours, and cannot fail.
    unsafe { arch::syscall0(Sysno::getpid) }.addr() as Pid
}

/// `pid_t getppid(void)`
///
/// The number of the process that made this one; 0 if it is outside our view.
///
/// # References
///
/// [getppid(2)](https://man7.org/linux/man-pages/man2/getppid.2.html)
#[inline(always)]
#[must_use]
pub fn getppid() -> Pid {
    // SAFETY: the call touches no memory of ours, and cannot fail.
    unsafe { arch::syscall0(Sysno::getppid) }.addr() as Pid
}

/// `int execve(const char *path, char *const argv[], char *const envp[])`
///
/// Replaces this process by the program at `path`. Returns only on an error.
///
/// # Safety
///
/// `argv` and `envp` must each point to an array of NUL-terminated strings that
/// ends with a null pointer.
///
/// # Errors
///
/// - `E2BIG`: arguments and environment are too long.
/// - `EACCES`: it is not to be executed, or a folder on the way not to be searched.
/// - `EAGAIN`: the user had too many processes when this one became the user's,
///   and still has.
/// - `EFAULT`: `argv`, `envp` or a string does not point to what can be read.
/// - `EIO`, `ELIBBAD`: the interpreter is cut short, or is no program; `EIO` also
///   if reading failed.
/// - `ELOOP`: too many links on the way, or interpreters of interpreters.
/// - `ENAMETOOLONG`: the path has 4,096 bytes or more, or a name in it more than 255.
/// - `ENFILE`: too many open files in the system.
/// - `ENOENT`: it is not there, or its interpreter is not.
/// - `ENOEXEC`: the kernel does not know its format.
/// - `ENOMEM`: no memory for the kernel's tables.
/// - `ENOTDIR`: something on the way is no folder.
/// - `EPERM`: the file has capabilities that this process cannot be given.
/// - `ETXTBSY`: it is open for writing.
///
/// # References
///
/// [execve(2)](https://man7.org/linux/man-pages/man2/execve.2.html)
#[inline(always)]
pub unsafe fn execve(path: &CStr, argv: *const *const c_char, envp: *const *const c_char) -> Result<()> {
    // SAFETY: the caller vouches for both arrays; a `CStr` ends with a NUL.
    errno::unit(unsafe { arch::syscall3(Sysno::execve, path.word(), argv.word(), envp.word()) })
}

#[inline(always)]
fn pid(word: arch::Word) -> Result<Pid> {
    errno::value(word).map(|number| number as Pid)
}
