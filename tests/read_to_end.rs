//! What cannot be mapped is read: pipes, sockets, devices, files in /proc, into
//! memory that grows with them.

mod common;
mod hosted;

use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use baremap::flags::{SaFlags, TimerFlags};
use baremap::sys::fs::pipe2;
use baremap::sys::page_size;
use baremap::sys::process::{self, Resource, Rlimit64, Signal, prlimit64};
use baremap::sys::signal::{SigAction, SigHandler, SigSet, rt_sigaction};
use baremap::sys::time::{Clock, Timespec, clock_nanosleep};
use baremap::{BorrowedFd, Errno, File, MapAnon, PipeFlags};
use common::Folder;
use hosted::{address_space, end_with_parent, holds, holds_in_child, in_child, open, wrong_under_emulation};

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// Lends the descriptor of one of std's types.
fn lent(of: &impl AsRawFd) -> BorrowedFd<'_> {
    // SAFETY: it is borrowed from its owner.
    unsafe { BorrowedFd::borrow_raw(of.as_raw_fd()) }
}

#[test]
fn a_pipe_is_read_whole_whatever_the_map_had() {
    let page = page_size();
    for length in [0, 1, 100, page - 1, page, page + 1, 5 * page, 300_000] {
        for first in [1, 100, page, 2 * page + 5, 400_000] {
            let (reader, mut writer) = std::io::pipe().unwrap();
            let thread = std::thread::spawn(move || writer.write_all(&pattern(length)).unwrap());
            let mut map = MapAnon::new(first).unwrap();
            assert_eq!(map.read_to_end(&lent(&reader)), Ok(length), "into {first}");
            assert!(map[..length] == pattern(length), "{length} into {first}");
            assert!(map.len() >= first && map[length.max(first)..].iter().all(|&byte| byte == 0));
            // It gets longer only if it has to.
            assert!(length > first || map.len() == first, "{length} into {first}: {}", map.len());
            thread.join().unwrap();
        }
    }
}

#[test]
fn a_socket_is_read_until_the_other_side_is_done() {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let thread = std::thread::spawn(move || {
        for part in pattern(100_000).chunks(999) {
            theirs.write_all(part).unwrap();
        }
    });
    let mut map = MapAnon::new(1).unwrap();
    assert_eq!(map.read_to_end(&lent(&ours)), Ok(100_000));
    assert!(map[..100_000] == pattern(100_000));
    thread.join().unwrap();
}

#[test]
fn files_whose_length_says_nothing_are_read() {
    let mut map = MapAnon::new(1).unwrap();
    let length = map.read_to_end(&File::open(c"/proc/self/maps").unwrap()).unwrap();
    assert!(map[..length].ends_with(b"\n") && map[..length].is_ascii());
    let length = map.read_to_end(&File::open(c"/proc/version").unwrap()).unwrap();
    assert!(map[..length].starts_with(b"Linux version "));
    assert_eq!(map[..length], std::fs::read("/proc/version").unwrap());
    assert_eq!(map.read_to_end(&File::open(c"/dev/null").unwrap()), Ok(0));
    assert!(map.starts_with(b"Linux"));
}

#[test]
fn an_ordinary_file_is_read_from_where_it_stands() {
    let folder = Folder::new();
    let all = pattern(20_000);
    let file = open(&folder.file("f", &all));
    file.seek(baremap::SeekFrom::Start(5000)).unwrap();
    let mut map = MapAnon::new(15_000).unwrap();
    assert_eq!((map.read_to_end(&file), map.len()), (Ok(15_000), 15_000));
    assert!(map[..] == all[5000..]);
    assert_eq!(map.read_to_end(&file), Ok(0));
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let folder = Folder::new();
    let directory = File::open(&hosted::c_path(folder.path())).unwrap();
    let mut map = MapAnon::new(1).unwrap();
    assert_eq!(map.read_to_end(&directory), Err(Errno::EISDIR));
    let (_reader, writer) = std::io::pipe().unwrap();
    assert_eq!(map.read_to_end(&lent(&writer)), Err(Errno::EBADF));
}

#[test]
fn what_never_ends_is_an_error_with_what_was_read_in_the_map() {
    if wrong_under_emulation("a limit on the address space") {
        return;
    }
    holds_in_child(|| {
        let mut map = MapAnon::new(1).or(Err(line!()))?;
        let zeros = File::open(c"/dev/zero").or(Err(line!()))?;
        let limit = address_space()? + (64 << 20);
        holds!(prlimit64(0, Resource::AS, Some(&Rlimit64 { rlim_cur: limit, rlim_max: limit })).is_ok());
        map[0] = 1;
        holds!(map.read_to_end(&zeros) == Err(Errno::ENOMEM));
        holds!(map.len() > 1 << 20 && map[0] == 0);
        Ok(())
    });
}

#[test]
fn a_signal_does_not_end_it() {
    extern "C" fn nothing(_: Signal) {}
    let status = in_child(|| {
        // Made here, so that nobody else has the end to write to.
        let Ok((reader, writer)) = pipe2(PipeFlags::CLOEXEC) else { return 3 };
        let act = SigAction {
            sa_handler: SigHandler::new(nothing),
            sa_flags: SaFlags::empty(),
            sa_mask: SigSet::EMPTY,
        };
        // The first piece fills it, so that a signal meets the look for more, too.
        let Ok(mut map) = MapAnon::new(6) else { return 1 };
        // SAFETY: the handler does nothing.
        if unsafe { rt_sigaction(Signal::USR1, Some(&act)) }.is_err() {
            return 2;
        }
        let me = process::getpid();
        // SAFETY: the child of the child makes system calls only, and ends.
        let other = unsafe { process::fork() }.unwrap_or(-1);
        if other == 0 {
            end_with_parent();
            let pause = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
            for _ in 0..20 {
                // Time enough for it to wait again, and to hear of the signal before
                // there is something to read.
                let _ = clock_nanosleep(Clock::MONOTONIC, TimerFlags::empty(), &pause, None);
                let _ = process::kill(me, Signal::USR1);
                let _ = clock_nanosleep(Clock::MONOTONIC, TimerFlags::empty(), &pause, None);
                let _ = hosted::write(writer, b"piece ");
            }
            process::exit_group(0);
        }
        // SAFETY: it is this child's own, which writes nothing.
        let _ = unsafe { baremap::sys::fs::close(writer) };
        // SAFETY: as above; and it stays open.
        let reader = unsafe { BorrowedFd::borrow_raw(reader) };
        (map.read_to_end(&reader) != Ok(120)).into()
    });
    assert!(status.success(), "{status}");
}
