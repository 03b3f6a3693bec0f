//! The calls do the same as those of `sc`, a crate that shares neither code nor
//! tables with us: each is made once by either in the same state, and both must
//! answer what is expected, value or error.
//!
//! Here are the numbers of all calls, and those about files; those about memory
//! and processes are in oracle_memory_calls.rs and oracle_process_calls.rs.

mod common;
mod hosted;
mod oracle;

use baremap::sys::fs::{self, AT_FDCWD, Stat, Whence};
use baremap::{AtFlags, Errno, Mode, OpenFlags, OwnedFd, PipeFlags, Result};
use common::Folder;
use hosted::{c_path, open, raw, write, wrong_under_emulation};
use oracle::{NOT_OPEN, none, number, owned, pipe, same, theirs};
use syscalls::Sysno;

#[test]
fn call_numbers_are_the_same() {
    macro_rules! numbers {
        ($($ours:ident $theirs:ident)*) => {
            [$((stringify!($ours), Sysno::$ours as usize, sc::nr::$theirs)),*]
        };
    }
    let everywhere = numbers! {
        mmap MMAP  munmap MUNMAP  msync MSYNC  mprotect MPROTECT  madvise MADVISE
        openat OPENAT  close CLOSE  read READ  write WRITE  pread64 PREAD64  pwrite64 PWRITE64
        lseek LSEEK  fstat FSTAT  ftruncate FTRUNCATE  unlinkat UNLINKAT  getdents64 GETDENTS64
        pipe2 PIPE2  dup3 DUP3  mount MOUNT  reboot REBOOT  prctl PRCTL  fcntl FCNTL
        clone CLONE  wait4 WAIT4  exit_group EXIT_GROUP  kill KILL  execve EXECVE
        getpid GETPID  getppid GETPPID
    };
    #[cfg(target_arch = "x86_64")]
    let of_its_own = numbers! { open OPEN  fork FORK };
    #[cfg(not(target_arch = "x86_64"))]
    let of_its_own = [];
    for (name, ours, theirs) in everywhere.into_iter().chain(of_its_own) {
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn open_and_openat_are_the_same() {
    let folder = Folder::new();
    let (there, none_there) = (c_path(&folder.file("f", b"text")), c_path(&folder.path().join("none")));
    let below = c_path(&folder.path().join("f/below"));
    let directory = c_path(folder.path());
    let (r, rw, mode) = (OpenFlags::RDONLY, OpenFlags::RDWR, Mode::empty());

    #[cfg(target_arch = "x86_64")]
    macro_rules! their_open {
        ($path:expr, $flags:expr, $mode:expr) => {
            theirs!(OPEN, $path, $flags, $mode)
        };
    }
    #[cfg(not(target_arch = "x86_64"))]
    macro_rules! their_open {
        ($path:expr, $flags:expr, $mode:expr) => {
            theirs!(OPENAT, AT_FDCWD, $path, $flags, $mode)
        };
    }

    for (path, flags, errno) in [
        (&none_there, r, Errno::ENOENT),
        (&below, r, Errno::ENOTDIR),
        (&directory, rw, Errno::EISDIR),
        (&there, r | OpenFlags::DIRECTORY, Errno::ENOTDIR),
        (&there, rw | OpenFlags::CREAT | OpenFlags::EXCL, Errno::EEXIST),
    ] {
        let bits = flags.bits();
        same(fs::open(path, flags, mode).map(number), their_open!(path.as_ptr(), bits, 0), Err(errno));
        let ours = fs::openat(AT_FDCWD, path, flags, mode).map(number);
        same(ours, theirs!(OPENAT, AT_FDCWD, path.as_ptr(), bits, 0), Err(errno));
    }
    let ours = fs::openat(NOT_OPEN, c"f", r, mode).map(number);
    same(ours, theirs!(OPENAT, NOT_OPEN, c"f".as_ptr(), r.bits(), 0), Err(Errno::EBADF));

    // What is created has the mode asked for: it reaches the kernel.
    let at = owned(fs::open(&directory, r, mode).map(number));
    let create = OpenFlags::RDWR | OpenFlags::CREAT | OpenFlags::EXCL;
    let made = [
        owned(fs::open(&c_path(&folder.path().join("a")), create, Mode::RUSR).map(number)),
        owned(their_open!(c_path(&folder.path().join("b")).as_ptr(), create.bits(), 0o400)),
        owned(fs::openat(at.as_raw_fd(), c"c", create, Mode::RUSR).map(number)),
        owned(theirs!(OPENAT, at.as_raw_fd(), c"d".as_ptr(), create.bits(), 0o400)),
    ];
    for (name, fd) in ["a", "b", "c", "d"].iter().zip(made) {
        assert_eq!(fs::fstat(fd.as_raw_fd()).unwrap().st_mode, 0o100_400, "{name}");
        assert!(folder.path().join(name).exists());
    }
}

#[test]
fn close_is_the_same() {
    // SAFETY: no descriptor has this number, so nobody's is closed.
    same(unsafe { fs::close(NOT_OPEN) }.map(none), theirs!(CLOSE, NOT_OPEN), Err(Errno::EBADF));
    let [reader, writer] = pipe().map(OwnedFd::into_raw_fd);
    // SAFETY: both are this test's own.
    same(unsafe { fs::close(reader) }.map(none), theirs!(CLOSE, writer), Ok(0));
}

#[test]
fn reading_is_the_same() {
    let folder = Folder::new();
    let path = folder.file("f", b"0123456789");
    let [ours, theirs] = [open(&path), open(&path)];
    let [mut a, mut b] = [[0_u8; 7]; 2];
    for (expected, text) in [(7, b"0123456"), (3, b"7893456"), (0, b"7893456")] {
        same(fs::read(raw(&ours), &mut a), theirs!(READ, raw(&theirs), b.as_mut_ptr(), 7), Ok(expected));
        assert_eq!((&a, &b), (text, text));
    }
    for (offset, expected) in
        [(0, Ok(7)), (8, Ok(2)), (10, Ok(0)), (1 << 40, Ok(0)), (-1, Err(Errno::EINVAL))]
    {
        [a, b] = [[b'.'; 7]; 2];
        let fd = raw(&ours);
        same(fs::pread64(fd, &mut a, offset), theirs!(PREAD64, fd, b.as_mut_ptr(), 7, offset), expected);
        assert_eq!(a, b);
    }
    assert_eq!(&a, b".......");

    let directory = owned(fs::open(&c_path(folder.path()), OpenFlags::RDONLY, Mode::empty()).map(number));
    let [reader, _writer] = pipe();
    for (fd, read, pread) in [
        (NOT_OPEN, Errno::EBADF, Errno::EBADF),
        (directory.as_raw_fd(), Errno::EISDIR, Errno::EISDIR),
        (reader.as_raw_fd(), Errno::EAGAIN, Errno::ESPIPE),
    ] {
        if read != Errno::EAGAIN {
            same(fs::read(fd, &mut a), theirs!(READ, fd, b.as_mut_ptr(), 7), Err(read));
        }
        same(fs::pread64(fd, &mut a, 0), theirs!(PREAD64, fd, b.as_mut_ptr(), 7, 0), Err(pread));
    }
}

#[test]
fn writing_is_the_same() {
    let folder = Folder::new();
    let paths = [folder.file("a", b""), folder.file("b", b"")];
    let [ours, theirs] = [open(&paths[0]), open(&paths[1])];
    let text = b"text";
    same(write(raw(&ours), text), theirs!(WRITE, raw(&theirs), text.as_ptr(), 4), Ok(4));
    same(write(raw(&ours), b""), theirs!(WRITE, raw(&theirs), text.as_ptr(), 0), Ok(0));
    for (offset, expected) in [(2, Ok(4)), (9, Ok(4)), (-1, Err(Errno::EINVAL))] {
        let theirs = theirs!(PWRITE64, raw(&theirs), text.as_ptr(), 4, offset);
        // SAFETY: it is the test's own file.
        same(unsafe { fs::pwrite64(raw(&ours), text, offset) }, theirs, expected);
    }
    let content = paths.map(|path| std::fs::read(path).unwrap());
    assert_eq!(content[0], b"tetext\0\0\0text");
    assert_eq!(content[0], content[1]);

    let [reader, writer] = pipe();
    for (fd, refused, pwrite) in [
        (NOT_OPEN, Errno::EBADF, Errno::EBADF),
        // Not open for writing; a pipe has no positions.
        (reader.as_raw_fd(), Errno::EBADF, Errno::ESPIPE),
    ] {
        same(write(fd, text), theirs!(WRITE, fd, text.as_ptr(), 4), Err(refused));
        // SAFETY: it is refused.
        same(unsafe { fs::pwrite64(fd, text, 0) }, theirs!(PWRITE64, fd, text.as_ptr(), 4, 0), Err(pwrite));
    }
    drop(reader);
    // Rust's runtime ignores SIGPIPE.
    let fd = writer.as_raw_fd();
    same(write(fd, text), theirs!(WRITE, fd, text.as_ptr(), 4), Err(Errno::EPIPE));
}

#[test]
fn lseek_is_the_same() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b"0123456789"));
    let [reader, _writer] = pipe();
    let (file, pipe) = (raw(&file), reader.as_raw_fd());
    for (fd, offset, whence, expected) in [
        (file, 4, Whence::Set, Ok(4)),
        (file, 0, Whence::Cur, Ok(4)),
        (file, -3, Whence::End, Ok(7)),
        (file, 5, Whence::Data, Ok(5)),
        (file, 5, Whence::Hole, Ok(10)),
        (file, 1 << 40, Whence::Set, Ok(1 << 40)),
        (file, -1, Whence::Set, Err(Errno::EINVAL)),
        (file, -11, Whence::End, Err(Errno::EINVAL)),
        (file, 10, Whence::Data, Err(Errno::ENXIO)),
        (pipe, 0, Whence::Cur, Err(Errno::ESPIPE)),
        (NOT_OPEN, 0, Whence::Set, Err(Errno::EBADF)),
    ] {
        let ours = fs::lseek(fd, offset, whence).map(|position| position as usize);
        same(ours, theirs!(LSEEK, fd, offset, whence as i32), expected);
    }
}

#[test]
fn fstat_is_the_same() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b"0123456789"));
    let [reader, _writer] = pipe();
    for fd in [raw(&file), reader.as_raw_fd(), NOT_OPEN] {
        // SAFETY: a `Stat` is integers, for which zeros are a value.
        let mut stat: Stat = unsafe { std::mem::zeroed() };
        let expected = if fd == NOT_OPEN { Err(Errno::EBADF) } else { Ok(0) };
        let ours = fs::fstat(fd);
        same(ours.map(|_| 0), theirs!(FSTAT, fd, &raw mut stat), expected);
        if let Ok(ours) = ours {
            assert_eq!(format!("{ours:?}"), format!("{stat:?}"));
        }
    }
    assert_eq!(fs::fstat(raw(&file)).unwrap().st_size, 10);
}

#[test]
fn ftruncate_is_the_same() {
    let folder = Folder::new();
    let paths = [folder.file("a", b"text"), folder.file("b", b"text")];
    let [ours, theirs] = [open(&paths[0]), open(&paths[1])];
    for (length, expected) in [(2, Ok(0)), (1 << 33, Ok(0)), (-1, Err(Errno::EINVAL)), (6, Ok(0))] {
        let theirs = theirs!(FTRUNCATE, raw(&theirs), length);
        // SAFETY: it is the test's own file.
        let ours = unsafe { fs::ftruncate(raw(&ours), length) };
        same(ours.map(none), theirs, expected);
        if length >= 0 {
            assert_eq!(paths.each_ref().map(|path| path.metadata().unwrap().len()), [length as u64; 2]);
        }
    }
    assert_eq!(paths.map(|path| std::fs::read(path).unwrap()), [b"te\0\0\0\0"; 2]);
    let [reader, _writer] = pipe();
    for (fd, errno) in [(NOT_OPEN, Errno::EBADF), (reader.as_raw_fd(), Errno::EINVAL)] {
        // SAFETY: it is refused.
        same(unsafe { fs::ftruncate(fd, 0) }.map(none), theirs!(FTRUNCATE, fd, 0), Err(errno));
    }
}

#[test]
fn unlinkat_is_the_same() {
    let folder = Folder::new();
    let [file, empty, full] = ["file", "empty", "full"].map(|name| folder.path().join(name));
    let both = |path: &std::path::Path, flags: AtFlags, expected: Result<usize>, make: &dyn Fn()| {
        let path = c_path(path);
        make();
        let ours = fs::unlinkat(AT_FDCWD, &path, flags).map(none);
        make();
        same(ours, theirs!(UNLINKAT, AT_FDCWD, path.as_ptr(), flags.bits()), expected);
    };
    both(&file, AtFlags::empty(), Ok(0), &|| std::fs::write(&file, "").unwrap());
    both(&empty, AtFlags::REMOVEDIR, Ok(0), &|| std::fs::create_dir(&empty).unwrap());
    both(&file, AtFlags::empty(), Err(Errno::ENOENT), &|| ());
    std::fs::create_dir(&full).unwrap();
    both(&full, AtFlags::empty(), Err(Errno::EISDIR), &|| ());
    folder.file("full/file", b"");
    both(&full, AtFlags::REMOVEDIR, Err(Errno::ENOTEMPTY), &|| ());
    both(&full.join("file"), AtFlags::REMOVEDIR, Err(Errno::ENOTDIR), &|| ());
    let theirs = theirs!(UNLINKAT, NOT_OPEN, c"file".as_ptr(), 0);
    same(fs::unlinkat(NOT_OPEN, c"file", AtFlags::empty()).map(none), theirs, Err(Errno::EBADF));
}

#[test]
fn getdents64_is_the_same() {
    let folder = Folder::new();
    let file = open(&folder.file("a name", b""));
    let list = || owned(fs::open(&c_path(folder.path()), OpenFlags::RDONLY, Mode::empty()).map(number));
    let [ours, theirs] = [list(), list()].map(|fd| (fd.as_raw_fd(), fd));
    let [mut a, mut b] = [[0_u8; 512]; 2];
    let read = fs::getdents64(ours.0, &mut a);
    assert_eq!(read, theirs!(GETDENTS64, theirs.0, b.as_mut_ptr(), 512));
    assert_eq!(a, b);
    let mut names: Vec<_> =
        fs::directory_entries(&a[..read.unwrap()]).map(|entry| entry.name.to_owned()).collect();
    names.sort();
    assert_eq!(names, [c".".into(), c"..".into(), c"a name".to_owned()]);
    same(fs::getdents64(ours.0, &mut a), theirs!(GETDENTS64, theirs.0, b.as_mut_ptr(), 512), Ok(0));

    let another = list();
    for (fd, length, errno) in [
        (raw(&file), 512, Errno::ENOTDIR),
        (another.as_raw_fd(), 1, Errno::EINVAL),
        (NOT_OPEN, 512, Errno::EBADF),
    ] {
        let theirs = theirs!(GETDENTS64, fd, b.as_mut_ptr(), length);
        same(fs::getdents64(fd, &mut a[..length]), theirs, Err(errno));
    }
}

#[test]
fn pipe2_and_dup3_are_the_same() {
    let mut ends = [NOT_OPEN; 2];
    let unknown = PipeFlags::from_bits_retain(1 << 30);
    if !wrong_under_emulation("pipe2 with an unknown flag") {
        let theirs = theirs!(PIPE2, ends.as_mut_ptr(), unknown.bits());
        same(fs::pipe2(unknown).map(|_| 0), theirs, Err(Errno::EINVAL));
    }
    assert_eq!(theirs!(PIPE2, ends.as_mut_ptr(), PipeFlags::NONBLOCK.bits()), Ok(0));
    let their_pipe = ends.map(|fd| owned(Ok(number(fd))));
    let (reader, writer) = fs::pipe2(PipeFlags::NONBLOCK).unwrap();
    let our_pipe = [reader, writer].map(|fd| owned(Ok(number(fd))));
    for [reader, writer] in [&our_pipe, &their_pipe] {
        let mut byte = [0];
        assert_eq!(fs::read(reader.as_raw_fd(), &mut byte), Err(Errno::EAGAIN));
        assert_eq!(write(writer.as_raw_fd(), b"x"), Ok(1));
        assert_eq!((fs::read(reader.as_raw_fd(), &mut byte), &byte), (Ok(1), b"x"));
    }

    let [(our_place, _a), (their_place, _b)] = pipe().map(|fd| (fd.as_raw_fd(), fd));
    let old = our_pipe[1].as_raw_fd();
    let flags = OpenFlags::CLOEXEC;
    // SAFETY: the place that is replaced is this test's own.
    let ours = unsafe { fs::dup3(old, our_place, flags) };
    assert_eq!(ours, Ok(our_place));
    assert_eq!(theirs!(DUP3, old, their_place, flags.bits()), Ok(number(their_place)));
    let inodes = [old, our_place, their_place].map(|fd| fs::fstat(fd).unwrap().st_ino);
    assert_eq!(inodes, [inodes[0]; 3]);
    for (from, to, flags, errno) in [
        (NOT_OPEN, our_place, OpenFlags::empty(), Errno::EBADF),
        (old, old, OpenFlags::empty(), Errno::EINVAL),
        (old, our_place, OpenFlags::APPEND, Errno::EINVAL),
    ] {
        // SAFETY: as above, and nothing is replaced.
        let ours = unsafe { fs::dup3(from, to, flags) };
        same(ours.map(number), theirs!(DUP3, from, to, flags.bits()), Err(errno));
    }
}

#[test]
fn fcntl_dupfd_cloexec_is_the_same() {
    let [reader, _writer] = pipe();
    let fd = reader.as_raw_fd();
    // Far from what other tests open.
    let ours = owned(fs::fcntl_dupfd_cloexec(fd, 500).map(number));
    let theirs = owned(theirs!(FCNTL, fd, libc::F_DUPFD_CLOEXEC, 500));
    assert_eq!([&ours, &theirs].map(OwnedFd::as_raw_fd), [500, 501]);
    for copy in [ours, theirs] {
        let copy = copy.as_raw_fd();
        assert_eq!(fs::fstat(copy).unwrap().st_ino, fs::fstat(fd).unwrap().st_ino);
        assert_eq!(theirs!(FCNTL, copy, libc::F_GETFD), Ok(libc::FD_CLOEXEC as usize));
    }
    for (fd, lowest, errno) in
        [(NOT_OPEN, 0, Errno::EBADF), (fd, -1, Errno::EINVAL), (fd, i32::MAX, Errno::EINVAL)]
    {
        let theirs = theirs!(FCNTL, fd, libc::F_DUPFD_CLOEXEC, lowest);
        same(fs::fcntl_dupfd_cloexec(fd, lowest).map(number), theirs, Err(errno));
    }
}
