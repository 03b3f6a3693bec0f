//! `EINTR` comes through: no call that waits begins again by itself. A retry would
//! never end here, until the one who sends the signals kills it.

mod hosted;
mod oracle;

use std::sync::atomic::AtomicU32;

use baremap::flags::{Futex2Flags, FutexFlags, MsgFlags, SaFlags, SocketFlags, TimerFlags};
use baremap::sys::IoVec;
use baremap::sys::fs::{self, Flock, LockType};
use baremap::sys::futex::{self, FutexWaitv};
use baremap::sys::net::{self, AddressFamily, MsgHdr, SocketType};
use baremap::sys::process::{self, IdType, Pid, Signal};
use baremap::sys::signal::{SigAction, SigHandler, SigSet, rt_sigaction};
use baremap::sys::time::{Clock, Timespec, clock_nanosleep};
use baremap::{Errno, Mode, OpenFlags, Result, WaitFlags};
use hosted::{end_with_parent, in_child};
use oracle::none;

extern "C" fn nothing(_: Signal) {}

/// Has `call` made while signals come; whether it told.
#[track_caller]
fn is_interrupted(call: impl FnOnce(Pid) -> Result<usize>) {
    let status = in_child(|| {
        let act = SigAction {
            sa_handler: SigHandler::new(nothing),
            sa_flags: SaFlags::empty(),
            sa_mask: SigSet::EMPTY,
        };
        // SAFETY: the handler does nothing.
        if unsafe { rt_sigaction(Signal::USR1, Some(&act)) }.is_err() {
            return 1;
        }
        let me = process::getpid();
        // SAFETY: the child of the child makes system calls only, and ends.
        let other = unsafe { process::fork() }.unwrap_or(-1);
        if other == 0 {
            end_with_parent();
            let pause = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
            // One signal could come before the call.
            for _ in 0..200 {
                let _ = process::kill(me, Signal::USR1);
                let _ = clock_nanosleep(Clock::MONOTONIC, TimerFlags::empty(), &pause, None);
            }
            let _ = process::kill(me, Signal::KILL);
            process::exit_group(0);
        }
        let answer = call(other);
        let _ = process::kill(other, Signal::KILL);
        i32::from(answer != Err(Errno::EINTR))
    });
    assert!(status.success(), "{status}");
}

#[test]
fn waiting_for_a_child_is() {
    is_interrupted(|child| process::waitid(IdType::PID, child, WaitFlags::EXITED).map(|_| 0));
}

#[test]
fn waiting_for_a_word_is() {
    let word = AtomicU32::new(0);
    let flags = FutexFlags::PRIVATE;
    is_interrupted(|_| futex::futex_wait(&word, flags, 0, None).map(none));
    is_interrupted(|_| futex::futex_wait_bitset(&word, flags, 0, None, 1).map(none));
    let waiter = FutexWaitv { val: 0, uaddr: &word, flags: Futex2Flags::SIZE_U32, __reserved: 0 };
    // SAFETY: the flag has the kernel write nothing.
    let call = || unsafe { futex::futex_waitv(&[waiter], None, Clock::MONOTONIC) };
    let past = Timespec { tv_sec: 1, tv_nsec: 0 };
    // SAFETY: as above.
    let there = unsafe { futex::futex_waitv(&[waiter], Some(&past), Clock::MONOTONIC) };
    if there != Err(Errno::ENOSYS) {
        is_interrupted(|_| call());
    }
}

#[test]
fn waiting_for_descriptors_and_messages_is() {
    is_interrupted(|_| net::ppoll(&mut [], None, None));
    let (stream, none) = (SocketType::STREAM, SocketFlags::empty());
    let (one, other) = net::socketpair(AddressFamily::UNIX, stream, none, 0).unwrap();
    let [one, _other] = [one, other].map(|fd| oracle::owned(Ok(oracle::number(fd))));
    let socket = one.as_raw_fd();
    // One range: qemu-user refuses a message of none.
    let mut byte = 0_u8;
    let mut range = IoVec { base: &raw mut byte, len: 1 };
    let mut message = MsgHdr { msg_iov: &raw mut range, msg_iovlen: 1, ..MsgHdr::EMPTY };
    // SAFETY: the range is this test's own.
    is_interrupted(|_| unsafe { net::recvmsg(socket, &mut message, MsgFlags::empty()) });
}

#[test]
fn waiting_for_a_lock_is() {
    let path = std::env::temp_dir().join(format!("baremap-interruptions-{}", std::process::id()));
    std::fs::write(&path, b"").unwrap();
    let text = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    let open = || oracle::owned(fs::open(&text, OpenFlags::RDWR, Mode::empty()).map(oracle::number));
    let [holder, other] = [open(), open()];
    std::fs::remove_file(&path).unwrap();
    let (holder, other) = (holder.as_raw_fd(), other.as_raw_fd());
    let lock = Flock { l_type: LockType::WRLCK, l_whence: 0, l_start: 0, l_len: 0, l_pid: 0 };
    fs::fcntl_ofd_setlk(holder, &lock).unwrap();
    is_interrupted(|_| fs::fcntl_ofd_setlkw(other, &lock).map(none));
    is_interrupted(|_| fs::fcntl_setlkw(other, &lock).map(none));
}
