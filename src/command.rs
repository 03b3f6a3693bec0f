//! [`Command`]: starting another program, safely.

use core::ffi::{CStr, c_char};
use core::fmt;
use core::marker::PhantomData;
use core::ptr::null;

use crate::errno::{Errno, Result};
use crate::fd::{AsFd, OwnedFd};
use crate::flags::{OpenFlags, PipeFlags};
use crate::process::{Child, Fork, exit, fork};
use crate::retry::retry;
use crate::sys::process::{Signal, execve};
use crate::sys::signal::{SigAction, SigHandler, SigHow, SigSet, rt_sigaction, rt_sigprocmask};
use crate::sys::{RawFd, fs};

/// How many arguments a command may have, how many variables, and how many
/// descriptors it may pass.
const MOST: usize = 32;

/// A program to be started in a child.
///
/// The child gets the arguments and the environment that are given here, and those
/// descriptors that are passed on purpose; what this crate opens is closed in it.
/// Standard input, output and error are ours, unless others are passed as 0, 1 or
/// 2. The folder it works in, its limits and its user are ours.
///
/// Signals that are ignored or held back here are so in the program, too; those
/// that have a handler do there what they do by default. No handler of ours runs
/// in the child.
///
/// ```
/// use baremap::Command;
/// let child = Command::new(c"/bin/sh").arg(c"-c").arg(c"exit 3").spawn()?;
/// assert_eq!(child.wait()?.code(), Some(3));
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Clone)]
#[must_use = "it is not started yet"]
#[doc(alias = "execve")]
pub struct Command<'a> {
    program: &'a CStr,
    arguments: List<'a>,
    environment: List<'a>,
    /// From which number to which.
    passed: [(RawFd, RawFd); MOST],
    count: usize,
    /// Whether something was given that there was no room for.
    full: bool,
}

/// Strings for `execve`: pointers, then a null one.
#[derive(Clone, Copy)]
struct List<'a> {
    pointers: [*const c_char; MOST + 1],
    count: usize,
    strings: PhantomData<&'a CStr>,
}

impl<'a> List<'a> {
    const EMPTY: Self = Self { pointers: [null(); MOST + 1], count: 0, strings: PhantomData };

    fn push(&mut self, string: &'a CStr) -> bool {
        // The last place stays null.
        let place = self.pointers.split_last_mut().and_then(|(_, places)| places.get_mut(self.count));
        place.is_some_and(|place| {
            *place = string.as_ptr();
            self.count = self.count.saturating_add(1);
            true
        })
    }
}

impl<'a> Command<'a> {
    /// The program at `program`, a path: nothing is looked for in `PATH`. Its
    /// argument 0 is that path, and its environment is empty.
    pub fn new(program: &'a CStr) -> Self {
        let command = Self {
            program,
            arguments: List::EMPTY,
            environment: List::EMPTY,
            passed: [(0, 0); MOST],
            count: 0,
            full: false,
        };
        command.arg(program)
    }

    /// One more argument.
    pub fn arg(mut self, argument: &'a CStr) -> Self {
        self.full |= !self.arguments.push(argument);
        self
    }

    /// One more variable: `NAME=value`.
    pub fn env(mut self, variable: &'a CStr) -> Self {
        self.full |= !self.environment.push(variable);
        self
    }

    /// Passes a descriptor, which has the number `number` in the child, whichever
    /// it has here. What is passed may have the numbers of each other; of two that
    /// are passed as one number, the later one has it.
    ///
    /// ```
    /// use baremap::{Command, MapOptions, memfd::Memfd};
    /// let file = Memfd::new(c"to be filled")?;
    /// let child = Command::new(c"/bin/sh").arg(c"-c").arg(c"echo hello").pass(&file, 1).spawn()?;
    /// assert!(child.wait()?.success());
    /// let sealed = file.seal()?;
    /// assert_eq!(sealed.map()?[..], *b"hello\n");
    /// # Ok::<(), baremap::Errno>(())
    /// ```
    pub fn pass(mut self, fd: &'a (impl AsFd + ?Sized), number: RawFd) -> Self {
        match self.passed.get_mut(self.count) {
            Some(place) => {
                *place = (fd.as_fd().as_raw_fd(), number);
                self.count = self.count.saturating_add(1);
            }
            None => self.full = true,
        }
        self
    }

    /// Starts the program. Returns when it has taken the place of the child, or
    /// the child is gone: one that was killed before then is returned, too, and
    /// [`wait`](Child::wait) tells of it.
    ///
    /// That is known by a pipe. A child that another thread forks in the meantime,
    /// and that executes nothing, has it open, and holds this up until it ends.
    ///
    /// # Errors
    ///
    /// No child is left then, and nothing is open that was not.
    ///
    /// - `E2BIG`: more than 32 arguments, variables or descriptors, argument 0
    ///   included.
    /// - `EBADF`: a descriptor is to be passed as a number that none can have.
    /// - `EMFILE`: too many descriptors, here or in the child.
    /// - Those of [`sys::process::fork`](crate::sys::process::fork), and, from the
    ///   child, of [`sys::process::execve`](execve).
    pub fn spawn(&self) -> Result<Child> {
        if self.full {
            return Err(Errno::E2BIG);
        }
        let [reader, writer] = pipe()?;
        // A handler of ours must not run in the child.
        let mask = rt_sigprocmask(SigHow::SETMASK, Some(&SigSet::FULL))?;
        // SAFETY: the child makes system calls, and ends.
        let forked = unsafe { fork() };
        if let Ok(Fork::Child) = forked {
            self.run(writer.as_raw_fd(), &mask);
        }
        let _ = rt_sigprocmask(SigHow::SETMASK, Some(&mask));
        drop(writer);
        let child = match forked? {
            Fork::Child => exit(FAILED),
            Fork::Parent(child) => child,
        };
        // The pipe is closed when the program is executed or the child has ended; no
        // byte comes then.
        let mut answer = [0; 4];
        let read = retry(|| fs::read(reader.as_raw_fd(), &mut answer));
        if read != Ok(answer.len()) {
            return Ok(child);
        }
        // Where `SIGCHLD` is ignored there is nothing to wait for.
        let _ = child.wait();
        Err(Errno::from_raw(i32::from_ne_bytes(answer)).unwrap_or(Errno::EIO))
    }

    /// In the child: becomes the program, or tells the parent why not.
    fn run(&self, writer: RawFd, mask: &SigSet) -> ! {
        let mut report = writer;
        if let Err(errno) = self.execute(&mut report, mask) {
            // SAFETY: the pipe is ours.
            let _ = unsafe { fs::write(report, &errno.raw().to_ne_bytes()) };
        }
        exit(FAILED)
    }

    fn execute(&self, report: &mut RawFd, mask: &SigSet) -> Result<()> {
        let passed = self.passed.get(..self.count).unwrap_or_default();
        // First all away from the numbers that they are to have, so that none is lost.
        *report = away(*report, passed)?;
        let mut moved = [0; MOST];
        for (place, (from, _)) in moved.iter_mut().zip(passed) {
            *place = away(*from, passed)?;
        }
        for (from, (_, to)) in moved.iter().zip(passed) {
            // SAFETY: the descriptors are the child's own, which ends here.
            unsafe { fs::dup3(*from, *to, OpenFlags::empty()) }?;
        }
        forget_handlers();
        rt_sigprocmask(SigHow::SETMASK, Some(mask))?;
        let (arguments, environment) = (&self.arguments.pointers, &self.environment.pointers);
        // SAFETY: both end with a null pointer, and their strings are there.
        unsafe { execve(self.program, arguments.as_ptr(), environment.as_ptr()) }
    }
}

/// In the child: another number for a descriptor, which none of those passed is to
/// have.
fn away(fd: RawFd, passed: &[(RawFd, RawFd)]) -> Result<RawFd> {
    let mut least = 3;
    loop {
        // Past the limit it is `EINVAL`.
        let moved = fs::fcntl_dupfd_cloexec(fd, least).map_err(|_| Errno::EMFILE)?;
        if passed.iter().all(|(_, to)| *to != moved) {
            return Ok(moved);
        }
        // That one will be replaced.
        least = moved.saturating_add(1);
    }
}

/// What a shell says of a command that could not be started.
const FAILED: i32 = 127;

/// Handlers end with the program; from here on none must run. What is ignored
/// stays so.
fn forget_handlers() {
    let mut number = 1;
    while number <= 64 {
        let signal = Signal(number);
        // SAFETY: it only asks.
        let action = unsafe { rt_sigaction(signal, None) };
        if action.is_ok_and(|action| action.sa_handler != SigHandler::IGN) {
            // SAFETY: nothing relies on a handler in the child. Two signals refuse.
            let _ = unsafe { rt_sigaction(signal, Some(&SigAction::DFL)) };
        }
        number = number.wrapping_add(1);
    }
}

/// A pipe, whose ends no program is passed by chance.
fn pipe() -> Result<[OwnedFd; 2]> {
    let (reader, writer) = fs::pipe2(PipeFlags::CLOEXEC)?;
    // SAFETY: the kernel has just made both for us alone.
    let [reader, writer] = [reader, writer].map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    Ok([reader.above_standard()?, writer.above_standard()?])
}

impl fmt::Debug for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("program", &self.program).finish_non_exhaustive()
    }
}
