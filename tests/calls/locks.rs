//! fcntl about locks, of processes and of open files.

use baremap::sys::RawFd;
use baremap::sys::fs::{self, Flock, LockType, Whence};
use baremap::sys::process::{exit_group, fork, wait4};
use baremap::{Errno, PipeFlags, Result, WaitFlags};

use super::circumstances::*;
use super::{Call, Refusal, call, in_child_answer, refused, unprovoked};
use crate::hosted::{end_with_parent, write};
use crate::oracle::NOT_OPEN;

/// One of the six commands.
trait Command {
    fn call(fd: RawFd, flock: &Flock) -> Result<()>;
}

struct Ask;
struct Set;
struct Wait;
struct AskOpen;
struct SetOpen;
struct WaitOpen;

impl Command for Ask {
    fn call(fd: RawFd, flock: &Flock) -> Result<()> {
        fs::fcntl_getlk(fd, &mut { *flock })
    }
}

impl Command for Set {
    fn call(fd: RawFd, flock: &Flock) -> Result<()> {
        fs::fcntl_setlk(fd, flock)
    }
}

impl Command for Wait {
    fn call(fd: RawFd, flock: &Flock) -> Result<()> {
        fs::fcntl_setlkw(fd, flock)
    }
}

impl Command for AskOpen {
    fn call(fd: RawFd, flock: &Flock) -> Result<()> {
        fs::fcntl_ofd_getlk(fd, &mut { *flock })
    }
}

impl Command for SetOpen {
    fn call(fd: RawFd, flock: &Flock) -> Result<()> {
        fs::fcntl_ofd_setlk(fd, flock)
    }
}

impl Command for WaitOpen {
    fn call(fd: RawFd, flock: &Flock) -> Result<()> {
        fs::fcntl_ofd_setlkw(fd, flock)
    }
}

/// A lock on bytes from the file's start on, that nobody else has.
const fn bytes(l_start: i64, l_len: i64) -> Flock {
    Flock { l_type: LockType::WRLCK, l_whence: Whence::Set as i16, l_start, l_len, l_pid: 0 }
}

const fn always<C: Command>() -> [Refusal; 4] {
    [
        refused(Errno::EBADF, "the descriptor is not open", || C::call(NOT_OPEN, &bytes(0, 1))),
        refused(Errno::EINVAL, "the kind is unknown", || {
            in_child_answer(|| C::call(memory(), &Flock { l_type: LockType(9), ..bytes(0, 1) }))
        }),
        refused(Errno::EINVAL, "the range begins before the file", || {
            in_child_answer(|| C::call(memory(), &bytes(-1, 1)))
        }),
        refused(Errno::EOVERFLOW, "the range passes the largest position", || {
            in_child_answer(|| C::call(memory(), &bytes(i64::MAX, 2)))
        }),
    ]
}

/// Of a file that another opening of it has locked.
fn locked<C: Command>() -> Result<()> {
    in_folder(|| {
        let (holder, other) = (file(c"f"), file(c"f"));
        must(fs::fcntl_ofd_setlk(holder, &bytes(0, 1)));
        C::call(other, &bytes(0, 1))
    })
}

const fn without_waiting<C: Command>() -> [Refusal; 4] {
    [
        unprovoked(Errno::EACCES, "the man page allows it in place of EAGAIN, which Linux says"),
        refused(Errno::EAGAIN, "another has a lock there", locked::<C>),
        only_on_a_network(),
        without_memory(),
    ]
}

const fn waiting<C: Command>() -> [Refusal; 2] {
    [
        refused(Errno::EINTR, "a signal comes while another has a lock there", || {
            in_folder(|| {
                let (holder, other) = (file(c"f"), file(c"f"));
                must(fs::fcntl_ofd_setlk(holder, &bytes(0, 1)));
                be_interrupted();
                C::call(other, &bytes(0, 1))
            })
        }),
        without_memory(),
    ]
}

const fn only_on_a_network() -> Refusal {
    unprovoked(Errno::EINTR, "wants a filesystem that asks another machine")
}

const fn without_memory() -> Refusal {
    unprovoked(Errno::ENOLCK, "Linux does not count locks: the kernel itself would have to run out of memory")
}

const fn pid_is_given<C: Command>() -> Refusal {
    refused(Errno::EINVAL, "a process is named", || {
        in_child_answer(|| C::call(memory(), &Flock { l_pid: 1, ..bytes(0, 1) }))
    })
}

/// Two processes have a byte each, and each waits for the other's. The one that
/// is second to do so is told.
fn wait_for_each_other() -> Result<()> {
    in_folder(|| {
        let (fd, (reader, writer)) = (file(c"f"), must(fs::pipe2(PipeFlags::empty())));
        must(fs::fcntl_setlk(fd, &bytes(0, 1)));
        // SAFETY: the child makes system calls only, and ends.
        let other = must(unsafe { fork() });
        if other == 0 {
            end_with_parent();
            must(fs::fcntl_setlk(fd, &bytes(1, 1)));
            must(write(writer, b"x"));
            let told = fs::fcntl_setlkw(fd, &bytes(0, 1));
            exit_group(told.err().map_or(0, Errno::raw));
        }
        must(fs::read(reader, &mut [0]));
        fs::fcntl_setlkw(fd, &bytes(1, 1))?;
        // It was not this one.
        let (_, status) = must(wait4(other, WaitFlags::empty()));
        Errno::from_raw(libc::WEXITSTATUS(status)).map_or(Ok(()), Err)
    })
}

pub const CALLS: &[Call] = &[
    call("fcntl_getlk", &always::<Ask>()),
    call("fcntl_getlk", &[only_on_a_network()]),
    call("fcntl_setlk", &always::<Set>()),
    call("fcntl_setlk", &without_waiting::<Set>()),
    call("fcntl_setlkw", &always::<Wait>()),
    call("fcntl_setlkw", &waiting::<Wait>()),
    call(
        "fcntl_setlkw",
        &[refused(Errno::EDEADLK, "the other waits for a lock of this process", wait_for_each_other)],
    ),
    call("fcntl_ofd_getlk", &always::<AskOpen>()),
    call("fcntl_ofd_getlk", &[only_on_a_network(), pid_is_given::<AskOpen>()]),
    call("fcntl_ofd_setlk", &always::<SetOpen>()),
    call("fcntl_ofd_setlk", &without_waiting::<SetOpen>()),
    call("fcntl_ofd_setlk", &[pid_is_given::<SetOpen>()]),
    call("fcntl_ofd_setlkw", &always::<WaitOpen>()),
    call("fcntl_ofd_setlkw", &waiting::<WaitOpen>()),
    call("fcntl_ofd_setlkw", &[pid_is_given::<WaitOpen>()]),
];
