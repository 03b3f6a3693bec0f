//! The calls about files that oracle_calls.rs has not do the same as those of
//! `sc`: see there.

mod common;
mod hosted;
mod oracle;

use std::os::unix::fs::{MetadataExt, symlink};
use std::ptr::{null_mut, without_provenance_mut};

use baremap::flags::{FallocateFlags, MemfdFlags, ResolveFlags, StatxMask, SyncFileRangeFlags};
use baremap::sys::fs::{self, AT_FDCWD, FileAdvice, OpenHow, Statx};
use baremap::sys::mm;
use baremap::{AtFlags, Errno, Mode, OpenFlags, OwnedFd};
use common::Folder;
use hosted::{c_path, open, raw, write, wrong_under_emulation};
use oracle::{NOT_OPEN, none, number, owned, pipe, same, theirs};

#[test]
fn openat2_is_the_same() {
    if wrong_under_emulation("openat2") {
        return;
    }
    let folder = Folder::new();
    folder.file("f", b"text");
    symlink("f", folder.path().join("link")).unwrap();
    let directory = owned(fs::open(&c_path(folder.path()), OpenFlags::RDONLY, Mode::empty()).map(number));
    let at = directory.as_raw_fd();
    let all = ResolveFlags::empty();
    let read = OpenHow::new(OpenFlags::RDONLY, Mode::empty(), all);
    let size = size_of::<OpenHow>();
    for (path, how) in [
        (c"f", read),
        (c"link", OpenHow { resolve: ResolveFlags::BENEATH, ..read }),
        (c"/link", OpenHow { resolve: ResolveFlags::IN_ROOT, ..read }),
    ] {
        let ours = owned(fs::openat2(at, path, &how).map(number));
        let theirs = owned(theirs!(OPENAT2, at, path.as_ptr(), &raw const how, size));
        for fd in [ours, theirs] {
            let mut bytes = [0; 9];
            assert_eq!(fs::read(fd.as_raw_fd(), &mut bytes), Ok(4), "{path:?}");
            assert!(bytes.starts_with(b"text"));
        }
    }
    let create = OpenHow::new(OpenFlags::RDWR | OpenFlags::CREAT, Mode::RUSR, all);
    drop(owned(fs::openat2(at, c"new", &create).map(number)));
    assert_eq!(folder.path().join("new").metadata().unwrap().mode(), 0o100_400);

    for (at, path, how, errno) in [
        (NOT_OPEN, c"f", read, Errno::EBADF),
        (at, c"none", read, Errno::ENOENT),
        (at, c"f/below", read, Errno::ENOTDIR),
        (at, c"f", OpenHow { flags: 1 << 40, ..read }, Errno::EINVAL),
        (at, c"f", OpenHow { mode: 0o400, ..read }, Errno::EINVAL),
        (at, c"f", OpenHow { resolve: ResolveFlags::from_bits_retain(1 << 40), ..read }, Errno::EINVAL),
        (at, c"link", OpenHow { resolve: ResolveFlags::NO_SYMLINKS, ..read }, Errno::ELOOP),
        (at, c"/proc/self/exe", OpenHow { resolve: ResolveFlags::NO_MAGICLINKS, ..read }, Errno::ELOOP),
        (at, c"..", OpenHow { resolve: ResolveFlags::BENEATH, ..read }, Errno::EXDEV),
        (at, c"/proc/self/status", OpenHow { resolve: ResolveFlags::NO_XDEV, ..read }, Errno::EXDEV),
        (at, c"new", OpenHow { resolve: ResolveFlags::CACHED, ..create }, Errno::EAGAIN),
    ] {
        let theirs = theirs!(OPENAT2, at, path.as_ptr(), &raw const how, size);
        same(fs::openat2(at, path, &how).map(number), theirs, Err(errno));
    }
}

#[test]
fn statx_is_the_same() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b"0123456789"));
    let path = c_path(&folder.path().join("f"));
    let (none, mask) = (AtFlags::empty(), StatxMask::BASIC_STATS | StatxMask::BTIME | StatxMask::MNT_ID);
    let long = c_path(&folder.path().join("x".repeat(256)));
    let cases = [
        (AT_FDCWD, &*path, none, mask, Ok(0)),
        (raw(&file), c"", AtFlags::EMPTY_PATH, mask, Ok(0)),
        (raw(&file), c"", none, mask, Err(Errno::ENOENT)),
        (NOT_OPEN, c"f", none, mask, Err(Errno::EBADF)),
        (raw(&file), c"f", none, mask, Err(Errno::ENOTDIR)),
        (AT_FDCWD, &*long, none, mask, Err(Errno::ENAMETOOLONG)),
        (AT_FDCWD, &*path, AtFlags::from_bits_retain(1 << 30), mask, Err(Errno::EINVAL)),
        (AT_FDCWD, &*path, none, StatxMask::from_bits_retain(1 << 31), Err(Errno::EINVAL)),
    ];
    for (at, path, flags, mask, expected) in cases {
        // SAFETY: a `Statx` is integers, for which zeros are a value.
        let mut theirs: Statx = unsafe { std::mem::zeroed() };
        let answer = theirs!(STATX, at, path.as_ptr(), flags.bits(), mask.bits(), &raw mut theirs);
        let ours = fs::statx(at, path, flags, mask);
        same(ours.map(|_| 0), answer, expected);
        if let Ok(ours) = ours {
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
            let stat = fs::fstat(raw(&file)).unwrap();
            assert!(ours.stx_mask.contains(StatxMask::BASIC_STATS));
            assert_eq!((ours.stx_size, ours.stx_ino, ours.stx_nlink), (10, stat.st_ino, 1));
            assert_eq!((ours.stx_mtime.tv_sec, i64::from(ours.stx_mtime.tv_nsec)), {
                (stat.st_mtime as i64, stat.st_mtime_nsec as i64)
            });
        }
    }
}

#[test]
fn writing_back_and_reading_ahead_are_the_same() {
    let folder = Folder::new();
    let path = folder.file("f", b"0123456789");
    let file = open(&path);
    let write_only = owned(fs::open(&c_path(&path), OpenFlags::WRONLY, Mode::empty()).map(number));
    let [reader, _writer] = pipe();
    let (file, write_only, pipe) = (raw(&file), write_only.as_raw_fd(), reader.as_raw_fd());
    for (fd, expected) in [(file, Ok(0)), (pipe, Err(Errno::EINVAL)), (NOT_OPEN, Err(Errno::EBADF))] {
        same(fs::fsync(fd).map(none), theirs!(FSYNC, fd), expected);
        same(fs::fdatasync(fd).map(none), theirs!(FDATASYNC, fd), expected);
    }
    let all = SyncFileRangeFlags::all().intersection(SyncFileRangeFlags::from_bits_retain(7));
    let unknown = SyncFileRangeFlags::from_bits_retain(8);
    for (fd, offset, length, flags, expected) in [
        (file, 0, 0, all, Ok(0)),
        // In another order, these would be flags that nobody knows.
        (file, 0x1000, 0x2000, SyncFileRangeFlags::WRITE, Ok(0)),
        (file, 0, 0, unknown, Err(Errno::EINVAL)),
        (file, -1, 1, all, Err(Errno::EINVAL)),
        (file, 0, -1, all, Err(Errno::EINVAL)),
        (pipe, 0, 0, all, Err(Errno::ESPIPE)),
        (NOT_OPEN, 0, 0, all, Err(Errno::EBADF)),
    ] {
        let theirs = theirs!(SYNC_FILE_RANGE, fd, offset, length, flags.bits());
        same(fs::sync_file_range(fd, offset, length, flags).map(none), theirs, expected);
    }
    for (fd, expected) in [
        (file, Ok(0)),
        (write_only, Err(Errno::EBADF)),
        (pipe, Err(Errno::EINVAL)),
        (NOT_OPEN, Err(Errno::EBADF)),
    ] {
        same(fs::readahead(fd, 0, 10).map(none), theirs!(READAHEAD, fd, 0, 10), expected);
    }
    for (fd, length, advice, expected) in [
        (file, 0, FileAdvice::NORMAL, Ok(0)),
        (file, 10, FileAdvice::RANDOM, Ok(0)),
        (file, 10, FileAdvice::SEQUENTIAL, Ok(0)),
        (file, 10, FileAdvice::WILLNEED, Ok(0)),
        (file, 10, FileAdvice::DONTNEED, Ok(0)),
        (file, 10, FileAdvice::NOREUSE, Ok(0)),
        (file, 10, FileAdvice(99), Err(Errno::EINVAL)),
        (file, -1, FileAdvice::NORMAL, Err(Errno::EINVAL)),
        (pipe, 0, FileAdvice::NORMAL, Err(Errno::ESPIPE)),
        (NOT_OPEN, 0, FileAdvice::NORMAL, Err(Errno::EBADF)),
    ] {
        let theirs = theirs!(FADVISE64, fd, 0, length, advice.0);
        same(fs::posix_fadvise(fd, 0, length, advice).map(none), theirs, expected);
    }
}

#[test]
fn fallocate_is_the_same() {
    // In memory, what a filesystem can is the same everywhere.
    let file = || owned(mm::memfd_create(c"f", MemfdFlags::CLOEXEC).map(number));
    let files = [file(), file()];
    let [ours, theirs] = files.each_ref().map(OwnedFd::as_raw_fd);
    let folder = Folder::new();
    let path = c_path(&folder.file("f", b""));
    let read_only = owned(fs::open(&path, OpenFlags::RDONLY, Mode::empty()).map(number));
    let [_reader, writer] = pipe();
    let keep = FallocateFlags::KEEP_SIZE;
    let punch = FallocateFlags::PUNCH_HOLE;
    let both = |fds: [i32; 2], mode: FallocateFlags, offset: i64, size: i64, expected| {
        let theirs = theirs!(FALLOCATE, fds[1], mode.bits(), offset, size);
        // SAFETY: it is the test's own file.
        let ours = unsafe { fs::fallocate(fds[0], mode, offset, size) };
        same(ours.map(none), theirs, expected);
    };
    for fd in [ours, theirs] {
        assert_eq!(write(fd, b"0123456789"), Ok(10));
    }
    for (mode, offset, size, length) in [
        (FallocateFlags::empty(), 0, 20, 20),
        (keep, 20, 9999, 20),
        (punch | keep, 2, 3, 20),
        (FallocateFlags::empty(), 30, 4, 34),
    ] {
        both([ours, theirs], mode, offset, size, Ok(0));
        assert_eq!([ours, theirs].map(|fd| fs::fstat(fd).unwrap().st_size), [length; 2]);
    }
    for fd in [ours, theirs] {
        let mut bytes = [0xff; 12];
        assert_eq!(fs::pread64(fd, &mut bytes, 0), Ok(12));
        assert_eq!(&bytes, b"01\x00\x00\x0056789\x00\x00");
    }
    let none = FallocateFlags::empty();
    for (fd, mode, offset, size, errno) in [
        (ours, none, -1, 1, Errno::EINVAL),
        (ours, none, 0, 0, Errno::EINVAL),
        (ours, none, i64::MAX, 1, Errno::EFBIG),
        (ours, punch, 0, 1, Errno::EOPNOTSUPP),
        (ours, FallocateFlags::COLLAPSE_RANGE, 0, 1, Errno::EOPNOTSUPP),
        (ours, FallocateFlags::INSERT_RANGE, 0, 1, Errno::EOPNOTSUPP),
        (ours, FallocateFlags::ZERO_RANGE, 0, 1, Errno::EOPNOTSUPP),
        (ours, FallocateFlags::UNSHARE_RANGE, 0, 1, Errno::EOPNOTSUPP),
        (ours, FallocateFlags::WRITE_ZEROES, 0, 1, Errno::EOPNOTSUPP),
        (read_only.as_raw_fd(), none, 0, 1, Errno::EBADF),
        (writer.as_raw_fd(), none, 0, 1, Errno::ESPIPE),
        (NOT_OPEN, none, 0, 1, Errno::EBADF),
    ] {
        both([fd; 2], mode, offset, size, Err(errno));
    }
}

#[test]
fn copy_file_range_is_the_same() {
    let folder = Folder::new();
    let from = open(&folder.file("from", b"0123456789"));
    let paths = [folder.file("a", b""), folder.file("b", b"")];
    let [ours, theirs] = [open(&paths[0]), open(&paths[1])];
    let from = raw(&from);
    let null = null_mut::<i64>();
    let (mut a, mut b) = ((2, 1), (2_i64, 1_i64));
    // SAFETY: it is the test's own file.
    let our = unsafe { fs::copy_file_range(from, Some(&mut a.0), raw(&ours), Some(&mut a.1), 5) };
    same(our, theirs!(COPY_FILE_RANGE, from, &raw mut b.0, raw(&theirs), &raw mut b.1, 5, 0), Ok(5));
    assert_eq!((a, b), ((7, 6), (7, 6)));
    for expected in [Ok(10), Ok(0)] {
        if expected == Ok(10) {
            fs::lseek(from, 0, fs::Whence::Set).unwrap();
        }
        // SAFETY: it is the test's own file.
        let our = unsafe { fs::copy_file_range(from, None, raw(&ours), None, 99) };
        if expected == Ok(10) {
            fs::lseek(from, 0, fs::Whence::Set).unwrap();
        }
        same(our, theirs!(COPY_FILE_RANGE, from, null, raw(&theirs), null, 99, 0), expected);
    }
    assert_eq!(paths.each_ref().map(|path| std::fs::read(path).unwrap()), [b"0123456789"; 2]);

    let directory = owned(fs::open(&c_path(folder.path()), OpenFlags::RDONLY, Mode::empty()).map(number));
    let opened = |flags| owned(fs::open(&c_path(&paths[0]), flags, Mode::empty()).map(number));
    let [read, append] = [OpenFlags::RDONLY, OpenFlags::WRONLY | OpenFlags::APPEND].map(opened);
    let [reader, _writer] = pipe();
    for (fd_in, offset, fd_out, errno) in [
        (NOT_OPEN, 0, raw(&ours), Errno::EBADF),
        (from, 0, NOT_OPEN, Errno::EBADF),
        (from, 0, read.as_raw_fd(), Errno::EBADF),
        (from, 0, append.as_raw_fd(), Errno::EBADF),
        (append.as_raw_fd(), 0, raw(&ours), Errno::EBADF),
        (directory.as_raw_fd(), 0, raw(&ours), Errno::EISDIR),
        (reader.as_raw_fd(), 0, raw(&ours), Errno::EINVAL),
        (raw(&ours), 1, raw(&ours), Errno::EINVAL),
        (from, 1, raw(&ours), Errno::EOVERFLOW),
    ] {
        let size = if errno == Errno::EOVERFLOW { usize::MAX } else { 5 };
        let (mut a, mut b) = ([offset, 0], [offset, 0]);
        let (b_in, b_out) = (&raw mut b[0], &raw mut b[1]);
        let theirs = if fd_in == reader.as_raw_fd() {
            theirs!(COPY_FILE_RANGE, fd_in, null, fd_out, b_out, size, 0)
        } else {
            theirs!(COPY_FILE_RANGE, fd_in, b_in, fd_out, b_out, size, 0)
        };
        let [a_in, a_out] = &mut a;
        let a_in = (fd_in != reader.as_raw_fd()).then_some(a_in);
        // SAFETY: it is refused.
        let ours = unsafe { fs::copy_file_range(fd_in, a_in, fd_out, Some(a_out), size) };
        same(ours, theirs, Err(errno));
    }
}

#[test]
fn ioctl_is_the_same() {
    const FIONREAD: u32 = 0x541b;
    let folder = Folder::new();
    let file = open(&folder.file("f", b""));
    let [reader, writer] = pipe();
    write(writer.as_raw_fd(), b"text").unwrap();
    let (mut a, mut b) = (0_i32, 0_i32);
    let bad = without_provenance_mut(8);
    for (fd, op, ours, theirs, expected) in [
        (reader.as_raw_fd(), FIONREAD, (&raw mut a).cast(), (&raw mut b).cast::<u8>(), Ok(0)),
        (reader.as_raw_fd(), FIONREAD, bad, bad, Err(Errno::EFAULT)),
        (raw(&file), libc::TCGETS as u32, null_mut(), null_mut(), Err(Errno::ENOTTY)),
        (NOT_OPEN, FIONREAD, null_mut(), null_mut(), Err(Errno::EBADF)),
    ] {
        let theirs = theirs!(IOCTL, fd, op, theirs);
        // SAFETY: it writes a number, to a number or to what it must refuse.
        let ours = unsafe { fs::ioctl(fd, op, ours) };
        same(ours, theirs, expected);
    }
    assert_eq!((a, b), (4, 4));
}
