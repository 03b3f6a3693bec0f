//! Files: opening, reading and writing all of it, measuring, closing once.

mod common;
mod hosted;

use std::path::Path;

use baremap::sys::fs::fstat;
use baremap::sys::process::Signal;
use baremap::{AsFd, BorrowedFd, Errno, File, Mode, OpenFlags, OpenOptions, OwnedFd, SeekFrom};
use common::Folder;
use hosted::{c_path, in_child, open, raw, write};

/// The first number that no offset of the kernel's can be.
const TOO_FAR: u64 = 1 << 63;

fn content(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn options_open_for_what_they_say() {
    let folder = Folder::new();
    let path = c_path(&folder.file("f", b"text"));
    let options = OpenOptions::new();
    for (options, reads, writes) in
        [(options.read(), true, false), (options.write(), false, true), (options.read().write(), true, true)]
    {
        let file = options.open(&path).unwrap();
        let refused = |allowed| if allowed { Ok(()) } else { Err(Errno::EBADF) };
        assert_eq!(file.read_at(&mut [0], 0).map(drop), refused(reads), "{options:?}");
        assert_eq!(file.write_all_at(b"t", 0), refused(writes), "{options:?}");
    }
    assert_eq!(File::open(&path).unwrap().write_all(b"t"), Err(Errno::EBADF));
}

#[test]
fn options_that_would_open_for_nothing_or_lose_data_are_refused() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    let (name, missing) = (c_path(&path), c_path(&folder.path().join("missing")));
    let options = OpenOptions::new();
    for options in [options, OpenOptions::default(), options.read().create(), options.read().create_new()] {
        assert_eq!(options.open(&name).unwrap_err(), Errno::EINVAL, "{options:?}");
        assert_eq!(options.open(&missing).unwrap_err(), Errno::EINVAL, "{options:?}");
    }
    assert_eq!(options.read().truncate().open(&name).unwrap_err(), Errno::EINVAL);
    assert_eq!(content(&path), b"text");
    assert!(!folder.path().join("missing").exists());
    // A mere place in the tree is for neither.
    let place = options.flags(OpenFlags::PATH).open(&name).unwrap();
    assert_eq!((place.len(), place.read_at(&mut [0], 0)), (Ok(4), Err(Errno::EBADF)));
}

#[test]
fn create_create_new_and_truncate_differ() {
    let folder = Folder::new();
    let path = folder.path().join("f");
    let name = c_path(&path);
    let options = OpenOptions::new().write();
    assert_eq!(options.open(&name).unwrap_err(), Errno::ENOENT);
    assert_eq!(options.truncate().open(&name).unwrap_err(), Errno::ENOENT);
    options.create_new().open(&name).unwrap().write_all(b"text").unwrap();
    assert_eq!(options.create_new().open(&name).unwrap_err(), Errno::EEXIST);
    options.create().open(&name).unwrap();
    assert_eq!(content(&path), b"text");
    options.create().truncate().open(&name).unwrap();
    assert_eq!(content(&path), b"");
    options.flags(OpenFlags::APPEND).open(&name).unwrap().write_all(b"one").unwrap();
    options.flags(OpenFlags::APPEND).open(&name).unwrap().write_all(b"two").unwrap();
    assert_eq!(content(&path), b"onetwo");
    assert_eq!(options.flags(OpenFlags::DIRECTORY).open(&name).unwrap_err(), Errno::ENOTDIR);
}

#[test]
fn a_created_file_is_its_owners_alone_unless_told_and_the_umask_is_respected() {
    let folder = Folder::new();
    let rwx = Mode::from_bits_retain(0o777);
    for (index, (umask, mode, expected)) in
        [(0, None, 0o600), (0o277, None, 0o400), (0, Some(rwx), 0o777), (0o027, Some(rwx), 0o750)]
            .into_iter()
            .enumerate()
    {
        let name = c_path(&folder.path().join(index.to_string()));
        let options = OpenOptions::new().write().create_new();
        let options = mode.map_or(options, |mode| options.mode(mode));
        // The mask is the whole process's, hence a process of its own.
        let status = in_child(|| {
            // SAFETY: the call has no conditions.
            unsafe { libc::umask(umask) };
            let stat = options.open(&name).and_then(|file| fstat(raw(&file)));
            stat.map_or(1, |stat| (stat.st_mode != 0o100_000 | expected).into())
        });
        assert!(status.success(), "{umask:o} {mode:?}");
    }
}

#[test]
fn a_temporary_file_without_a_name_gets_its_mode() {
    let folder = Folder::new();
    let options = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE);
    let file = options.mode(Mode::RUSR).open(&c_path(folder.path())).unwrap();
    let stat = fstat(raw(&file)).unwrap();
    assert_eq!((stat.st_mode & 0o7777, stat.st_nlink), (0o400, 0));
}

#[test]
fn a_descriptor_does_not_outlive_execve() {
    for file in
        [File::open(c"/proc/self/exe").unwrap(), OpenOptions::new().write().open(c"/dev/null").unwrap()]
    {
        // SAFETY: the call has no conditions.
        let flags = unsafe { libc::fcntl(raw(&file), libc::F_GETFD) };
        assert_eq!(flags, libc::FD_CLOEXEC);
    }
}

#[test]
fn reading_goes_on_until_full_or_the_end() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b"0123456789"));
    let mut buffer = [b'.'; 4];
    for (from, read, expected) in
        [(0, 4, b"0123"), (6, 4, b"6789"), (8, 2, b"8989"), (10, 0, b"8989"), (1 << 40, 0, b"8989")]
    {
        assert_eq!(file.read_at(&mut buffer, from), Ok(read), "{from}");
        assert_eq!(&buffer, expected, "{from}");
    }
    assert_eq!(file.read_at(&mut [], 0), Ok(0));
    // It moves no position.
    assert_eq!(file.seek(SeekFrom::Current(0)), Ok(0));
    // A file that gives less at a time than is asked for.
    let mut text = [0; 1 << 16];
    let read = File::open(c"/proc/self/maps").unwrap().read_at(&mut text, 0).unwrap();
    assert!(text[..read].ends_with(b"\n"));
}

#[test]
fn writing_writes_all() {
    let folder = Folder::new();
    let path = folder.file("f", b"");
    let file = open(&path);
    assert_eq!(file.write_all(b"0123456789"), Ok(()));
    assert_eq!(file.write_all_at(b"abc", 2), Ok(()));
    assert_eq!(file.write_all(b"end"), Ok(()));
    assert_eq!(file.write_all_at(b"far", 15), Ok(()));
    assert_eq!((file.write_all(b""), file.write_all_at(b"", 100)), (Ok(()), Ok(())));
    assert_eq!(content(&path), b"01abc56789end\0\0far");

    // A pipe takes 64 KiB at a time.
    let (mut reader, writer) = std::io::pipe().unwrap();
    let writer: std::os::fd::OwnedFd = writer.into();
    // SAFETY: its only owner has just given it up.
    let writer = File::from(unsafe { OwnedFd::from_raw_fd(std::os::fd::IntoRawFd::into_raw_fd(writer)) });
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|index| (index % 251) as u8).collect();
    let expected = bytes.clone();
    let thread = std::thread::spawn(move || writer.write_all(&bytes));
    let mut read = Vec::new();
    std::io::Read::read_to_end(&mut reader, &mut read).unwrap();
    assert_eq!(thread.join().unwrap(), Ok(()));
    assert!(read == expected);
}

#[test]
fn seeking_counts_from_start_end_or_here() {
    let folder = Folder::new();
    let path = folder.file("f", b"0123456789");
    let file = open(&path);
    for (to, expected) in [
        (SeekFrom::Start(4), Ok(4)),
        (SeekFrom::Current(3), Ok(7)),
        (SeekFrom::Current(-5), Ok(2)),
        (SeekFrom::Current(-3), Err(Errno::EINVAL)),
        (SeekFrom::End(-11), Err(Errno::EINVAL)),
        (SeekFrom::End(5), Ok(15)),
        (SeekFrom::End(-1), Ok(9)),
        (SeekFrom::Start(TOO_FAR), Err(Errno::EFBIG)),
        (SeekFrom::Current(0), Ok(9)),
    ] {
        assert_eq!(file.seek(to), expected, "{to:?}");
    }
    file.write_all(b"X").unwrap();
    assert_eq!(content(&path), b"012345678X");
    let (reader, _writer) = std::io::pipe().unwrap();
    // SAFETY: `reader` keeps it open, and owns it.
    let pipe = unsafe { OwnedFd::from_raw_fd(std::os::fd::AsRawFd::as_raw_fd(&reader)) };
    let pipe = File::from(pipe);
    assert_eq!(pipe.seek(SeekFrom::Start(0)), Err(Errno::ESPIPE));
    let _ = OwnedFd::from(pipe).into_raw_fd();
}

#[test]
fn size_can_be_set_and_is_told() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    let file = open(&path);
    assert_eq!(file.len(), Ok(4));
    for (size, expected) in [(6, &b"text\0\0"[..]), (2, b"te"), (4, b"te\0\0"), (0, b"")] {
        assert_eq!((file.set_len(size), file.len()), (Ok(()), Ok(size)));
        assert_eq!(content(&path), expected);
    }
    assert_eq!(file.set_len(TOO_FAR), Err(Errno::EFBIG));
    assert_eq!(File::open(&c_path(&path)).unwrap().set_len(1), Err(Errno::EINVAL));
}

#[test]
fn an_offset_that_the_kernel_cannot_count_is_efbig() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    let file = open(&path);
    for offset in [TOO_FAR, TOO_FAR + 1, u64::MAX] {
        assert_eq!(file.read_at(&mut [0; 4], offset), Err(Errno::EFBIG), "{offset:#x}");
        assert_eq!(file.write_all_at(b"new", offset), Err(Errno::EFBIG), "{offset:#x}");
        assert_eq!(file.set_len(offset), Err(Errno::EFBIG), "{offset:#x}");
    }
    // The last that it can count is its own to refuse.
    assert_eq!(file.write_all_at(b"new", TOO_FAR - 1), Err(Errno::EINVAL));
    assert_eq!(content(&path), b"text");
}

#[test]
fn a_descriptor_is_closed_on_drop_and_by_close_and_not_otherwise() {
    // Nobody else may open anything meanwhile, hence a process of its own.
    let status = in_child(|| {
        let fresh = || File::open(c"/proc/self/exe").map_err(Errno::raw);
        let check = || -> Result<(), i32> {
            let is_open = |fd| fstat(fd).is_ok();
            let expect = |right: bool, code| if right { Ok(()) } else { Err(code) };

            let file = fresh()?;
            let fd = raw(&file);
            expect(is_open(fd), 1)?;
            drop(file);
            expect(!is_open(fd), 2)?;

            let file = fresh()?;
            let fd = raw(&file);
            expect(file.close() == Ok(()) && !is_open(fd), 3)?;

            let owned = OwnedFd::from(fresh()?);
            let fd = owned.as_raw_fd();
            expect(owned.into_raw_fd() == fd && is_open(fd), 4)?;

            // SAFETY: it is open, and was just given up.
            let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
            let copy = borrowed.as_fd();
            expect(copy.as_raw_fd() == fd && is_open(fd), 5)?;

            // SAFETY: as above.
            let owned = unsafe { OwnedFd::from_raw_fd(fd) };
            // SAFETY: this child is done with it; that it was closed behind
            // the owner's back is what `close` is to report.
            let closed = unsafe { baremap::sys::fs::close(fd) };
            expect(closed == Ok(()) && owned.close() == Err(Errno::EBADF), 6)
        };
        check().err().unwrap_or(0)
    });
    assert!(status.success(), "{status}");
}

#[test]
fn a_file_never_takes_the_place_of_a_standard_stream() {
    for closed in [0..1, 1..2, 2..3, 0..3] {
        let status = in_child(|| {
            for stream in closed.clone() {
                // SAFETY: the child is done with it; it prints nothing.
                let _ = unsafe { baremap::sys::fs::close(stream) };
            }
            let Ok(file) = File::open(c"/proc/self/exe") else { return 1 };
            // SAFETY: the call has no conditions.
            let flags = unsafe { libc::fcntl(raw(&file), libc::F_GETFD) };
            let taken = raw(&file) < 3 || closed.clone().any(|stream| fstat(stream).is_ok());
            (taken || flags != libc::FD_CLOEXEC).into()
        });
        assert!(status.success(), "{closed:?}");
    }
}

#[test]
fn writing_that_ends_halfway_is_in_the_right_place_and_an_error() {
    let folder = Folder::new();
    let paths = [folder.file("at", b""), folder.file("on", b"")];
    let [at, on] = [open(&paths[0]), open(&paths[1])];
    let status = in_child(|| {
        let limit = libc::rlimit { rlim_cur: 4, rlim_max: 4 };
        // SAFETY: the limit is this child's own.
        unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) };
        // SAFETY: ignoring runs no handler.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        let refused = [at.write_all_at(b"123456", 1), on.write_all(b"123456")];
        (refused != [Err(Errno::EFBIG); 2]).into()
    });
    assert!(status.success(), "{status}");
    assert_eq!(paths.map(|path| content(&path)), [&b"\x00123"[..], b"1234"]);
}

#[test]
fn writing_to_a_pipe_that_nobody_reads_is_epipe() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    // Rust's runtime ignores the signal that would come too.
    let fd = std::os::fd::AsRawFd::as_raw_fd(&writer);
    assert_eq!(write(fd, b"x"), Err(Errno::EPIPE));
    let status = in_child(|| {
        // SAFETY: the default action runs no handler.
        unsafe { libc::signal(Signal::PIPE.0, libc::SIG_DFL) };
        write(fd, b"x").map_or_else(Errno::raw, |_| 0)
    });
    assert_eq!(status.signal(), Some(Signal::PIPE));
}

#[test]
fn reading_at_the_position_moves_it_and_a_copy_shares_it() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b"0123456789"));
    let copy = file.try_clone().unwrap();
    // SAFETY: the call has no conditions.
    let flags = unsafe { libc::fcntl(raw(&copy), libc::F_GETFD) };
    assert!(raw(&copy) != raw(&file) && flags == libc::FD_CLOEXEC);
    let mut buffer = [b'.'; 4];
    for (file, read, expected) in
        [(&file, 4, b"0123"), (&copy, 4, b"4567"), (&file, 2, b"8967"), (&copy, 0, b"8967")]
    {
        assert_eq!((file.read(&mut buffer), &buffer), (Ok(read), expected));
    }
    file.close().unwrap();
    assert_eq!(
        (copy.seek(SeekFrom::Start(9)), copy.read(&mut buffer), copy.read(&mut [])),
        (Ok(9), Ok(1), Ok(0))
    );
    assert_eq!(OpenOptions::new().write().open(c"/dev/null").unwrap().read(&mut buffer), Err(Errno::EBADF));
}

#[test]
fn a_file_is_empty_if_it_says_so_and_can_be_written_to_the_disk() {
    let folder = Folder::new();
    let file = open(&folder.file("f", b""));
    assert_eq!((file.is_empty(), file.sync_all(), file.sync_data()), (Ok(true), Ok(()), Ok(())));
    file.write_all(b"text").unwrap();
    assert_eq!((file.is_empty(), file.sync_all(), file.sync_data()), (Ok(false), Ok(()), Ok(())));
    let (_reader, writer) = std::io::pipe().unwrap();
    // SAFETY: `writer` keeps it open, and owns it.
    let pipe = unsafe { OwnedFd::from_raw_fd(std::os::fd::AsRawFd::as_raw_fd(&writer)) };
    let pipe = File::from(pipe);
    assert_eq!(
        (pipe.is_empty(), pipe.sync_all(), pipe.sync_data()),
        (Ok(true), Err(Errno::EINVAL), Err(Errno::EINVAL))
    );
    let _ = OwnedFd::from(pipe).into_raw_fd();
}
