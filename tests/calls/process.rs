//! fork, clone, wait4, exit_group, kill, tgkill, gettid, getpid, getppid.

use std::ptr::{null_mut, without_provenance_mut};

use baremap::sys::fs::{open, write};
use baremap::sys::process::{self, Pid, Resource, Signal};
use baremap::{CloneFlags, Errno, Mode, OpenFlags, Result, WaitFlags};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused};

fn fork() -> Result<()> {
    // SAFETY: the child ends at once.
    made(unsafe { process::fork() })
}

fn clone(flags: CloneFlags, parent_tid: *mut Pid) -> Result<()> {
    // SAFETY: the child ends at once, if it is not refused.
    made(unsafe { process::clone(flags, Signal::CHLD, parent_tid, null_mut(), null_mut()) })
}

/// The answer of a call that makes a process, to a user who has too many.
pub fn of_too_many(call: fn() -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        limit(Resource::NPROC, 0)?;
        become_nobody()?;
        call()
    })
}

/// The answer of a call that makes a process, in a namespace where no more can be.
pub fn after_the_first_has_ended(call: fn() -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        unshare(CloneFlags::NEWPID)?;
        fork()?;
        call()
    })
}

/// The answer of a call that makes a namespace of processes, where there may be none.
pub fn without_namespaces(call: fn() -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        // The limit is that of a namespace of users, here of a new one.
        unshare(CloneFlags::NEWUSER)?;
        let limit = open(c"/proc/sys/user/max_pid_namespaces", OpenFlags::WRONLY, Mode::empty())?;
        // SAFETY: nobody was promised that it stays as it is.
        unsafe { write(limit, b"0") }?;
        call()
    })
}

pub fn as_nobody(call: fn() -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        become_nobody()?;
        call()
    })
}

pub fn without_descriptors(call: fn() -> Result<()>) -> Result<()> {
    in_child_answer(|| {
        limit(Resource::NOFILE, 0)?;
        call()
    })
}

pub const CALLS: &[Call] = &[
    call(
        "fork",
        &[
            refused(Errno::EAGAIN, "the user may have no more processes", || of_too_many(fork)),
            refused(Errno::ENOMEM, "the first process of the namespace has ended", || {
                after_the_first_has_ended(fork)
            })
            .as_root(),
        ],
    ),
    call(
        "clone",
        &[
            refused(Errno::EAGAIN, "the user may have no more processes", || {
                of_too_many(|| clone(CloneFlags::empty(), null_mut()))
            }),
            refused(Errno::EFAULT, "there is no place for the descriptor", || {
                clone(CloneFlags::PIDFD, without_provenance_mut(8))
            })
            .not_emulated(),
            refused(Errno::EINVAL, "handlers are shared, and not the memory", || {
                clone(CloneFlags::SIGHAND, null_mut())
            }),
            refused(Errno::EMFILE, "the limit of descriptors is 0", || {
                without_descriptors(|| clone(CloneFlags::PIDFD, null_mut()))
            })
            .not_emulated(),
            too_many_files(),
            refused(Errno::ENOMEM, "the first process of the namespace has ended", || {
                after_the_first_has_ended(|| clone(CloneFlags::empty(), null_mut()))
            })
            .as_root(),
            refused(Errno::ENOSPC, "there may be no such namespaces", || {
                without_namespaces(|| clone(CloneFlags::NEWPID, null_mut()))
            })
            .not_emulated(),
            refused(Errno::EPERM, "a namespace of mounts, to nobody", || {
                as_nobody(|| clone(CloneFlags::NEWNS, null_mut()))
            })
            .not_emulated(),
        ],
    ),
    call(
        "wait4",
        &[
            refused(Errno::ECHILD, "the process is nobody's child", || {
                process::wait4(NO_PROCESS, WaitFlags::empty()).map(drop)
            }),
            refused(Errno::EINTR, "signals come", || {
                interrupted(|| with_child(|child| process::wait4(child, WaitFlags::empty()).map(drop)))
            }),
            refused(Errno::EINVAL, "a flag is unknown", || {
                process::wait4(NO_PROCESS, WaitFlags::from_bits_retain(1 << 20)).map(drop)
            }),
            refused(Errno::ESRCH, "the number is the lowest that there is", || {
                process::wait4(Pid::MIN, WaitFlags::empty()).map(drop)
            }),
        ],
    ),
    call("exit_group", &[]),
    call(
        "kill",
        &[
            refused(Errno::EINVAL, "there is no such signal", || process::kill(process::getpid(), NO_SIGNAL)),
            refused(Errno::EPERM, "nobody sends it to root's process", || {
                as_nobody(|| process::kill(process::getppid(), Signal::NONE))
            })
            .as_root(),
            refused(Errno::ESRCH, "there is no such process", || process::kill(NO_PROCESS, Signal::NONE)),
        ],
    ),
    call(
        "tgkill",
        &[
            refused(Errno::EAGAIN, "no signal may wait", || {
                in_child_answer(|| {
                    limit(Resource::SIGPENDING, 0)?;
                    process::tgkill(process::getpid(), process::gettid(), Signal(40))
                })
            }),
            refused(Errno::EINVAL, "there is no such signal", || {
                process::tgkill(process::getpid(), process::gettid(), NO_SIGNAL)
            }),
            refused(Errno::EPERM, "nobody sends it to root's process", || {
                as_nobody(|| process::tgkill(process::getppid(), process::getppid(), Signal::NONE))
            })
            .as_root(),
            refused(Errno::ESRCH, "there is no such thread", || {
                process::tgkill(process::getpid(), NO_PROCESS, Signal::NONE)
            }),
        ],
    ),
    call("gettid", &[]),
    call("getpid", &[]),
    call("getppid", &[]),
];
