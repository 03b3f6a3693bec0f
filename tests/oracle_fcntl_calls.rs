//! Each command of `fcntl` does the same as by `sc`: see oracle_calls.rs.

mod common;
mod hosted;
mod oracle;

use std::time::{Duration, Instant};

use baremap::flags::{FdFlags, MemfdFlags, Seals};
use baremap::sys::fs::{self, Flock, LockType, Whence};
use baremap::sys::{RawFd, mm, page_size};
use baremap::{Errno, MapFlags, Mode, OpenFlags, OwnedFd, Prot};
use common::Folder;
use hosted::{c_path, open, raw};
use oracle::{NOT_OPEN, none, number, owned, pipe, same, theirs};

#[test]
fn flags_of_descriptors_are_the_same() {
    let [reader, _writer] = pipe();
    let fd = reader.as_raw_fd();
    let get = |fd| fs::fcntl_getfd(fd).map(|flags| flags.bits() as usize);
    same(get(fd), theirs!(FCNTL, fd, libc::F_GETFD), Ok(1));
    assert_eq!(fs::fcntl_setfd(fd, FdFlags::empty()), Ok(()));
    same(get(fd), theirs!(FCNTL, fd, libc::F_GETFD), Ok(0));
    assert_eq!(theirs!(FCNTL, fd, libc::F_SETFD, libc::FD_CLOEXEC), Ok(0));
    assert_eq!(fs::fcntl_getfd(fd), Ok(FdFlags::CLOEXEC));
    assert_eq!(fs::fcntl_setfd(fd, FdFlags::CLOEXEC), Ok(()));
    assert_eq!(theirs!(FCNTL, fd, libc::F_GETFD), Ok(1));
    same(get(NOT_OPEN), theirs!(FCNTL, NOT_OPEN, libc::F_GETFD), Err(Errno::EBADF));
    let ours = fs::fcntl_setfd(NOT_OPEN, FdFlags::empty()).map(none);
    same(ours, theirs!(FCNTL, NOT_OPEN, libc::F_SETFD, 0), Err(Errno::EBADF));
}

#[test]
fn flags_of_open_files_are_the_same() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b""));
    let fd = raw(&file);
    let get = |fd| fs::fcntl_getfl(fd).map(|flags| flags.bits() as usize);
    let before = fs::fcntl_getfl(fd).unwrap();
    assert_eq!(before - OpenFlags::LARGEFILE, OpenFlags::RDWR);
    assert_eq!(fs::fcntl_setfl(fd, OpenFlags::APPEND | OpenFlags::NONBLOCK), Ok(()));
    let expected = (before | OpenFlags::APPEND | OpenFlags::NONBLOCK).bits() as usize;
    same(get(fd), theirs!(FCNTL, fd, libc::F_GETFL), Ok(expected));
    assert_eq!(theirs!(FCNTL, fd, libc::F_SETFL, 0), Ok(0));
    assert_eq!(fs::fcntl_getfl(fd), Ok(before));

    let status = owned(fs::open(c"/proc/self/status", OpenFlags::RDONLY, Mode::empty()).map(number));
    for (fd, errno) in [(status.as_raw_fd(), Errno::EINVAL), (NOT_OPEN, Errno::EBADF)] {
        let direct = OpenFlags::DIRECT;
        let theirs = theirs!(FCNTL, fd, libc::F_SETFL, direct.bits());
        same(fs::fcntl_setfl(fd, direct).map(none), theirs, Err(errno));
    }
    same(get(NOT_OPEN), theirs!(FCNTL, NOT_OPEN, libc::F_GETFL), Err(Errno::EBADF));
}

fn memory(flags: MemfdFlags) -> OwnedFd {
    owned(mm::memfd_create(c"sealed", flags | MemfdFlags::CLOEXEC).map(number))
}

#[test]
fn seals_are_the_same() {
    let add = |fd, seals| fs::fcntl_add_seals(fd, seals).map(none);
    let get = |fd| fs::fcntl_get_seals(fd).map(|seals| seals.bits() as usize);
    let files = [memory(MemfdFlags::ALLOW_SEALING), memory(MemfdFlags::ALLOW_SEALING)];
    let [ours, theirs] = files.each_ref().map(OwnedFd::as_raw_fd);
    for (seals, expected) in
        [(Seals::SHRINK, 0x2), (Seals::GROW, 0x6), (Seals::FUTURE_WRITE, 0x16), (Seals::WRITE, 0x1e)]
    {
        same(add(ours, seals), theirs!(FCNTL, theirs, libc::F_ADD_SEALS, seals.bits()), Ok(0));
        same(get(ours), theirs!(FCNTL, ours, libc::F_GET_SEALS), Ok(expected));
        same(get(theirs), theirs!(FCNTL, theirs, libc::F_GET_SEALS), Ok(expected));
    }
    // SAFETY: it is refused.
    assert_eq!(unsafe { fs::ftruncate(ours, 9) }, Err(Errno::EPERM));

    // An unknown seal, and one that is known since Linux 6.3.
    let unknown = Seals::from_bits_retain(1 << 30);
    same(add(ours, unknown), theirs!(FCNTL, ours, libc::F_ADD_SEALS, 1 << 30), Err(Errno::EINVAL));
    let expected = match add(ours, Seals::EXEC) {
        Err(errno) => Err(assert_is(errno, Errno::EINVAL)),
        Ok(_) => Ok(0),
    };
    assert_eq!(theirs!(FCNTL, theirs, libc::F_ADD_SEALS, Seals::EXEC.bits()), expected);

    // Sealed against seals from the start; and open for reading only.
    let closed = memory(MemfdFlags::empty());
    let link = std::path::PathBuf::from(format!("/proc/self/fd/{ours}"));
    let read_only = owned(fs::open(&c_path(&link), OpenFlags::RDONLY, Mode::empty()).map(number));
    let [reader, writer] = pipe();
    for (fd, errno) in [
        (closed.as_raw_fd(), Errno::EPERM),
        (read_only.as_raw_fd(), Errno::EPERM),
        (reader.as_raw_fd(), Errno::EPERM),
        (writer.as_raw_fd(), Errno::EINVAL),
        (NOT_OPEN, Errno::EBADF),
    ] {
        let theirs = theirs!(FCNTL, fd, libc::F_ADD_SEALS, Seals::GROW.bits());
        same(add(fd, Seals::GROW), theirs, Err(errno));
    }
    for (fd, expected) in
        [(closed.as_raw_fd(), Ok(1)), (reader.as_raw_fd(), Err(Errno::EINVAL)), (NOT_OPEN, Err(Errno::EBADF))]
    {
        same(get(fd), theirs!(FCNTL, fd, libc::F_GET_SEALS), expected);
    }
}

fn assert_is(errno: Errno, expected: Errno) -> Errno {
    assert_eq!(errno, expected);
    errno
}

#[test]
fn a_file_that_is_mapped_for_writing_is_not_sealed_against_it() {
    let file = memory(MemfdFlags::ALLOW_SEALING);
    let (fd, length) = (file.as_raw_fd(), page_size());
    // SAFETY: it is the test's own file.
    unsafe { fs::ftruncate(fd, length as i64) }.unwrap();
    let null = std::ptr::null_mut();
    // SAFETY: a new mapping replaces nothing.
    let map = unsafe { mm::mmap(null, length, Prot::READ | Prot::WRITE, MapFlags::SHARED, fd, 0) }.unwrap();
    let theirs = theirs!(FCNTL, fd, libc::F_ADD_SEALS, Seals::WRITE.bits());
    same(fs::fcntl_add_seals(fd, Seals::WRITE).map(none), theirs, Err(Errno::EBUSY));
    // SAFETY: it is the test's own, which is done with it.
    unsafe { mm::munmap(map, length) }.unwrap();
    assert_eq!(fs::fcntl_add_seals(fd, Seals::WRITE), Ok(()));
}

/// A lock on a range from the file's start on.
const fn range(l_type: LockType, l_start: i64, l_len: i64) -> Flock {
    Flock { l_type, l_whence: Whence::Set as i16, l_start, l_len, l_pid: 0 }
}

#[test]
fn locks_are_the_same() {
    let folder = Folder::new();
    let path = folder.file("f", b"0123456789");
    let [holder, other] = [open(&path), open(&path)];
    let [holder, other] = [raw(&holder), raw(&other)];
    let held = range(LockType::WRLCK, 2, 4);
    let released = range(LockType::UNLCK, 2, 4);
    type Ours = fn(RawFd, &Flock) -> baremap::Result<()>;
    let ofd: (Ours, i32) = (fs::fcntl_ofd_setlk, libc::F_OFD_SETLK);
    let ofd_waiting: (Ours, i32) = (fs::fcntl_ofd_setlkw, libc::F_OFD_SETLKW);
    let process: (Ours, i32) = (fs::fcntl_setlk, libc::F_SETLK);
    let process_waiting: (Ours, i32) = (fs::fcntl_setlkw, libc::F_SETLKW);
    let all = [ofd, ofd_waiting, process, process_waiting];
    let both = |(ours, command): (Ours, i32), fd, flock: Flock, expected| {
        same(ours(fd, &flock).map(none), theirs!(FCNTL, fd, command, &raw const flock), expected);
    };

    // An open file's lock keeps out another open file, and any process.
    both(ofd, holder, held, Ok(0));
    let wanted = range(LockType::RDLCK, 0, 0);
    both(ofd, other, wanted, Err(Errno::EAGAIN));
    both(process, other, wanted, Err(Errno::EAGAIN));
    type Asks = fn(RawFd, &mut Flock) -> baremap::Result<()>;
    let asks: [(Asks, i32); 2] = [(fs::fcntl_ofd_getlk, libc::F_OFD_GETLK), (fs::fcntl_getlk, libc::F_GETLK)];
    for (ask, command) in asks {
        let (mut a, mut b) = (wanted, wanted);
        same(ask(other, &mut a).map(none), theirs!(FCNTL, other, command, &raw mut b), Ok(0));
        assert_eq!((a, b), (Flock { l_pid: -1, ..held }, a));
        // Before and after the range, nothing is in the way.
        for free in [range(LockType::WRLCK, 0, 2), range(LockType::WRLCK, 6, 0)] {
            let mut answer = free;
            assert_eq!(ask(other, &mut answer), Ok(()));
            assert_eq!(answer, Flock { l_type: LockType::UNLCK, ..free });
        }
    }
    // Each lets go what it had, so that the next finds all free.
    both(ofd, holder, released, Ok(0));
    for call in all {
        both(call, other, wanted, Ok(0));
        both(call, other, range(LockType::UNLCK, 0, 0), Ok(0));
    }
    let mut answer = wanted;
    assert_eq!(fs::fcntl_ofd_getlk(holder, &mut answer), Ok(()));
    assert_eq!(answer.l_type, LockType::UNLCK);

    let write_only = owned(fs::open(&c_path(&path), OpenFlags::WRONLY, Mode::empty()).map(number));
    for (fd, flock, errno) in [
        (NOT_OPEN, held, Errno::EBADF),
        (write_only.as_raw_fd(), wanted, Errno::EBADF),
        (other, range(LockType(9), 0, 0), Errno::EINVAL),
        (other, range(LockType::RDLCK, -1, 0), Errno::EINVAL),
        (other, range(LockType::RDLCK, i64::MAX, 2), Errno::EOVERFLOW),
    ] {
        for call in all {
            both(call, fd, flock, Err(errno));
        }
    }
    let refused = Err(Errno::EINVAL);
    for (call, expected) in
        [(ofd, refused), (ofd_waiting, refused), (process, Ok(0)), (process_waiting, Ok(0))]
    {
        both(call, other, Flock { l_pid: 1, ..released }, expected);
    }
    for (ask, command) in asks {
        for (fd, flock, errno) in [
            (NOT_OPEN, held, Errno::EBADF),
            (other, range(LockType(9), 0, 0), Errno::EINVAL),
            (other, range(LockType::RDLCK, i64::MAX, 2), Errno::EOVERFLOW),
        ] {
            let (mut a, mut b) = (flock, flock);
            same(ask(fd, &mut a).map(none), theirs!(FCNTL, fd, command, &raw mut b), Err(errno));
        }
    }
}

#[test]
fn a_lock_that_is_held_is_waited_for() {
    const HELD: Duration = Duration::from_millis(50);
    let folder = Folder::new();
    let path = folder.file("f", b"");
    let calls: [fn(RawFd, &Flock) -> baremap::Result<()>; 2] = [fs::fcntl_ofd_setlkw, fs::fcntl_setlkw];
    for wait in calls {
        let [holder, other] = [open(&path), open(&path)];
        fs::fcntl_ofd_setlk(raw(&holder), &range(LockType::WRLCK, 0, 0)).unwrap();
        let start = Instant::now();
        let (taken, waited) = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| (wait(raw(&other), &range(LockType::WRLCK, 0, 0)), start.elapsed()));
            std::thread::sleep(HELD);
            fs::fcntl_ofd_setlk(raw(&holder), &range(LockType::UNLCK, 0, 0)).unwrap();
            waiting.join().unwrap()
        });
        assert_eq!(taken, Ok(()));
        assert!(waited >= HELD, "{waited:?}");
    }
}
