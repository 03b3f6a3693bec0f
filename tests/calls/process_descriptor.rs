//! pidfd_open, pidfd_send_signal, waitid, prlimit64, sched_yield,
//! sched_setaffinity.

use baremap::flags::{PidfdFlags, PidfdSignalFlags};
use baremap::sys::RawFd;
use baremap::sys::process::{self, IdType, Pid, Resource, Rlimit64, Signal};
use baremap::sys::signal::SigInfo;
use baremap::{Errno, Result, WaitFlags};

use super::circumstances::*;
use super::process::{as_nobody, without_descriptors};
use super::{Call, call, in_child_answer, refused};
use crate::oracle::{NOT_OPEN, number, owned, pipe};

fn open(pid: Pid, flags: PidfdFlags) -> Result<()> {
    process::pidfd_open(pid, flags).map(|fd| drop(owned(Ok(number(fd)))))
}

fn send(pidfd: RawFd, signal: Signal, info: Option<&SigInfo>) -> Result<()> {
    process::pidfd_send_signal(pidfd, signal, info, PidfdSignalFlags::empty())
}

/// As `sigqueue` would send it.
fn queued(signal: Signal) -> SigInfo {
    let mut info = SigInfo::default();
    (info.si_signo, info.si_code) = (signal.0, -1); // SI_QUEUE
    info
}

fn wait(idtype: IdType, id: i32, options: WaitFlags) -> Result<()> {
    process::waitid(idtype, id, options).map(drop)
}

pub const CALLS: &[Call] = &[
    call(
        "prlimit64",
        &[
            refused(Errno::EINVAL, "the limit is above its own maximum", || {
                let upside_down = Rlimit64 { rlim_cur: 2, rlim_max: 1 };
                process::prlimit64(0, Resource::CORE, Some(&upside_down)).map(drop)
            }),
            refused(Errno::EPERM, "nobody asks for a limit of root's process", || {
                as_nobody(|| process::prlimit64(process::getppid(), Resource::CORE, None).map(drop))
            })
            .as_root(),
            refused(Errno::ESRCH, "there is no such process", || {
                process::prlimit64(NO_PROCESS, Resource::CORE, None).map(drop)
            }),
        ],
    ),
    call(
        "pidfd_open",
        &[
            refused(Errno::EINVAL, "a flag is unknown", || {
                open(process::getpid(), PidfdFlags::from_bits_retain(1 << 20))
            }),
            refused(Errno::EMFILE, "the limit of descriptors is 0", || {
                without_descriptors(|| open(process::getpid(), PidfdFlags::empty()))
            }),
            too_many_files(),
            refused(Errno::ENOENT, "the number is a later thread's", || {
                let later = std::thread::spawn(|| open(process::gettid(), PidfdFlags::empty()));
                later.join().expect("an answer")
            })
            .since(6, 15),
            no_memory(),
            not_that_old(),
            refused(Errno::ESRCH, "there is no such process", || open(NO_PROCESS, PidfdFlags::empty())),
        ],
    ),
    call(
        "pidfd_send_signal",
        &[
            refused(Errno::EAGAIN, "no signal may wait", || {
                in_child_answer(|| {
                    let (myself, signal) =
                        (process::pidfd_open(process::getpid(), PidfdFlags::empty())?, Signal(40));
                    limit(Resource::SIGPENDING, 0)?;
                    send(myself, signal, Some(&queued(signal)))
                })
            })
            .not_emulated(),
            refused(Errno::EBADF, "the descriptor is not open", || send(NOT_OPEN, Signal::NONE, None)),
            refused(Errno::EINVAL, "there is no such signal", || {
                with_child(|child| {
                    let fd = owned(process::pidfd_open(child, PidfdFlags::empty()).map(number));
                    send(fd.as_raw_fd(), NO_SIGNAL, None)
                })
            }),
            not_that_old(),
            refused(Errno::EPERM, "nobody sends it to root's process", || {
                in_child_answer(|| {
                    let parent = process::pidfd_open(process::getppid(), PidfdFlags::empty())?;
                    become_nobody()?;
                    send(parent, Signal::NONE, None)
                })
            })
            .as_root(),
            refused(Errno::ESRCH, "the process was waited for", || {
                let mut ended = None;
                with_child(|child| {
                    ended = Some(owned(process::pidfd_open(child, PidfdFlags::empty()).map(number)));
                    Ok(())
                })?;
                send(ended.expect("a descriptor").as_raw_fd(), Signal::NONE, None)
            }),
        ],
    ),
    call("sched_yield", &[]),
    call(
        "sched_setaffinity",
        &[
            refused(Errno::EINVAL, "there is no processor in the set", || {
                process::sched_setaffinity(0, &[0])
            }),
            refused(Errno::EPERM, "nobody moves root's thread", || {
                as_nobody(|| process::sched_setaffinity(process::getppid(), &[1]))
            })
            .as_root(),
            refused(Errno::ESRCH, "there is no such thread", || process::sched_setaffinity(NO_PROCESS, &[1])),
        ],
    ),
    call(
        "waitid",
        &[
            refused(Errno::EAGAIN, "the descriptor does not wait", || {
                with_child(|child| {
                    let fd = owned(process::pidfd_open(child, PidfdFlags::NONBLOCK).map(number));
                    wait(IdType::PIDFD, fd.as_raw_fd(), WaitFlags::EXITED)
                })
            }),
            refused(Errno::EBADF, "the descriptor is a pipe's", || {
                let [reader, _writer] = pipe();
                wait(IdType::PIDFD, reader.as_raw_fd(), WaitFlags::EXITED)
            }),
            refused(Errno::ECHILD, "the process is nobody's child", || {
                wait(IdType::PID, NO_PROCESS, WaitFlags::EXITED)
            }),
            refused(Errno::EINTR, "signals come", || {
                interrupted(|| with_child(|child| wait(IdType::PID, child, WaitFlags::EXITED)))
            }),
            refused(Errno::EINVAL, "nothing is waited for", || {
                wait(IdType::PID, NO_PROCESS, WaitFlags::empty())
            }),
        ],
    ),
];
