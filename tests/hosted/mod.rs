//! What the hosted tests share.

#![allow(dead_code, reason = "each test file uses a part")]

use std::ffi::{CStr, CString, c_char};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::panic::Location;
use std::path::Path;
use std::ptr::null;

use baremap::process::{Child, ExitStatus, Fork, exit, fork};
use baremap::sys::{RawFd, page_size};
use baremap::{AsFd, CPathBuf, Command, Errno, File, OpenOptions};

/// Whether qemu-user translates our system calls, which `BAREMAP_EMULATED=1`
/// says. Its answer to `what` is known to be wrong: then this prints so, and
/// the real kernels are the ones that are asked.
pub fn wrong_under_emulation(what: &str) -> bool {
    let emulated = std::env::var_os("BAREMAP_EMULATED").is_some_and(|value| value == "1");
    if emulated {
        // Not by `println`, which is heard of tests that fail alone; and whole,
        // since other tests print too.
        let line = format!("not checked under qemu-user, which answers otherwise: {what}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    emulated
}

pub fn is_root() -> bool {
    // SAFETY: the call only answers.
    unsafe { libc::geteuid() == 0 }
}

/// Whether the tests are an ordinary user's, and `what` wants root: then this
/// prints so.
pub fn wants_root(what: &str) -> bool {
    if !is_root() {
        let line = format!("not checked, for it wants root: {what}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    !is_root()
}

/// A path as the calls take it.
pub fn c_path(path: &Path) -> CPathBuf {
    CPathBuf::new(path.as_os_str().as_bytes()).expect("a path without NUL")
}

/// Opens a file of the test for reading and writing.
pub fn open(path: &Path) -> File {
    OpenOptions::new().read().write().open(&c_path(path)).expect("the test's own file")
}

/// The number of a descriptor.
pub fn raw(file: &impl AsFd) -> RawFd {
    file.as_fd().as_raw_fd()
}

/// Writes to a pipe or a file of the test's own.
pub fn write(fd: RawFd, bytes: &[u8]) -> baremap::Result<usize> {
    // SAFETY: nobody was promised that it stays as it is.
    unsafe { baremap::sys::fs::write(fd, bytes) }
}

/// How often this process maps the file.
pub fn mappings(path: &Path) -> usize {
    let name = path.to_str().expect("a name in UTF-8");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
    maps.lines().filter(|line| line.ends_with(name)).count()
}

/// The lowest number that is free, which what is left open takes. Makes system
/// calls only.
pub fn lowest_free() -> baremap::Result<RawFd> {
    let fd = baremap::sys::fs::fcntl_dupfd_cloexec(0, 0)?;
    // SAFETY: it has just been made.
    unsafe { baremap::sys::fs::close(fd) }.map(|()| fd)
}

/// Makes a child, which exits with the code that `body` returns.
///
/// The other threads are gone there, with the locks they held: `body` may only
/// make system calls. It must not allocate, print or panic.
pub fn child(body: impl FnOnce() -> i32) -> Child {
    // SAFETY: `body` does only what a signal handler may, and then it ends.
    match unsafe { fork() }.expect("a child") {
        Fork::Child => {
            end_with_parent();
            exit(body())
        }
        Fork::Parent(child) => child,
    }
}

/// As `child`, and waits for its end.
pub fn in_child(body: impl FnOnce() -> i32) -> ExitStatus {
    child(body).wait().expect("our child")
}

/// Goes back with this line if the condition does not hold: for a child, which
/// may not panic.
#[allow(unused_macros, reason = "each test file uses a part")]
macro_rules! holds {
    ($condition:expr) => {
        if !$condition {
            return Err(line!());
        }
    };
}
#[allow(unused_imports, reason = "each test file uses a part")]
pub(crate) use holds;

/// As `in_child`, for a body that says which line of it did not hold.
#[track_caller]
pub fn holds_in_child(body: impl FnOnce() -> Result<(), u32>) {
    // An exit code is too small for every line number.
    let here = Location::caller().line();
    let status = in_child(|| body().map_or_else(|line| (line - here) as i32, |()| 0));
    assert!(status.code().is_some(), "{status}");
    assert!(status.success(), "line {} does not hold", here as i32 + status.code().unwrap_or(0));
}

/// How many bytes this process has mapped.
pub fn address_space() -> Result<u64, u32> {
    let mut text = [0; 64];
    File::open(c"/proc/self/statm").and_then(|file| file.read_at(&mut text, 0)).or(Err(line!()))?;
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    Ok(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')) * page_size() as u64)
}

/// A child that waits for a test that has failed meanwhile would wait for ever,
/// and whoever reads our output with it.
pub fn end_with_parent() {
    // SAFETY: it only has a signal sent to this process, which ends it.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// What `execve` takes to start this test executable again, for one test alone
/// and with one more variable in its environment.
pub struct Again {
    program: CString,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

impl Again {
    pub fn new(test: &str, variable: &str, value: &str) -> Self {
        // Where what is handed over gets lost, this must not go on for ever.
        const MARK: &str = "started-again";
        assert!(std::env::args().all(|argument| argument != MARK), "{variable} did not reach us");
        let string = |text: &str| CString::new(text).expect("no NUL");
        let myself = std::env::current_exe().expect("/proc is mounted");
        let myself = myself.to_str().expect("a name in UTF-8");
        let mut arguments = vec![myself, test, MARK, "--exact", "--nocapture"];
        let mut program = myself.to_owned();
        if std::env::var_os("BAREMAP_EMULATED").is_some() {
            // The host's kernel starts what it knows: the emulator, with us to run.
            program = in_path(&format!("qemu-{}", std::env::consts::ARCH));
            arguments.insert(0, "qemu");
        }
        let mut environment = vec![string(&format!("{variable}={value}"))];
        for name in ["BAREMAP_EMULATED", "PATH"] {
            if let Ok(value) = std::env::var(name) {
                environment.push(string(&format!("{name}={value}")));
            }
        }
        let arguments = arguments.into_iter().map(string).collect();
        Self { program: string(&program), arguments, environment }
    }

    /// The same, as a command.
    pub fn command(&self) -> Command<'_> {
        self.environment.iter().fold(self.bare_command(), |command, variable| command.env(variable))
    }

    /// As `command`, with nothing in its environment.
    pub fn bare_command(&self) -> Command<'_> {
        // It has its own argument 0.
        let arguments = self.arguments.iter().skip(1);
        arguments.fold(Command::new(&self.program), |command, argument| command.arg(argument))
    }

    pub fn program(&self) -> &CStr {
        &self.program
    }

    /// Pointers to the arguments, then a null one.
    pub fn argv(&self) -> Vec<*const c_char> {
        pointers(&self.arguments)
    }

    /// Pointers to the environment, then a null one.
    pub fn envp(&self) -> Vec<*const c_char> {
        pointers(&self.environment)
    }
}

fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([null()]).collect()
}

fn in_path(name: &str) -> String {
    let path = std::env::var_os("PATH").expect("PATH, where the emulator is");
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.exists());
    found.and_then(|file| Some(file.to_str()?.to_owned())).unwrap_or_else(|| panic!("no {name} in PATH"))
}

/// A filter for this process's own system calls. qemu-user has none.
pub struct Filter(Vec<libc::sock_filter>);

impl Filter {
    /// Has each of these calls answered by an error, without being made.
    pub fn new(calls: &[usize], errno: Errno) -> Self {
        // A program for the kernel: load the call's number, answer if it is one
        // of these, else let it pass.
        let step =
            |code: u32, yes: u8, no: u8, k: u32| libc::sock_filter { code: code as u16, jt: yes, jf: no, k };
        let answer = |k: u32| step(libc::BPF_RET | libc::BPF_K, 0, 0, k);
        let mut steps = vec![step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0)];
        for &call in calls {
            steps.push(step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, call as u32));
            steps.push(answer(libc::SECCOMP_RET_ERRNO | errno.raw() as u32));
        }
        steps.push(answer(libc::SECCOMP_RET_ALLOW));
        Self(steps)
    }

    /// Has one call answered by an error where the low half of this argument is so.
    pub fn where_argument(call: usize, argument: u32, value: u32, errno: Errno) -> Self {
        let step =
            |code: u32, yes: u8, no: u8, k: u32| libc::sock_filter { code: code as u16, jt: yes, jf: no, k };
        let load = |offset| step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset);
        // Else on to what allows it.
        let only = |steps, k| step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, steps, k);
        let answer = |k| step(libc::BPF_RET | libc::BPF_K, 0, 0, k);
        // The arguments are words, behind a number, an architecture and an address.
        let argument = 16 + 8 * argument;
        let error = answer(libc::SECCOMP_RET_ERRNO | errno.raw() as u32);
        let allow = answer(libc::SECCOMP_RET_ALLOW);
        Self(vec![load(0), only(3, call as u32), load(argument), only(1, value), error, allow])
    }

    /// From here on, for ever. Makes system calls only.
    #[must_use]
    pub fn install(&mut self) -> bool {
        let program = libc::sock_fprog { len: self.0.len() as u16, filter: self.0.as_mut_ptr() };
        // SAFETY: it only takes away a privilege.
        let promised = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        // SAFETY: the program is there as long as the call lasts.
        let installed = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &program) };
        (promised, installed) == (0, 0)
    }
}
