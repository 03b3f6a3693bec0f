//! Sealed files: they are lent without `unsafe`, nothing changes them or cuts them
//! short afterwards, and what could still be changed is not taken for one.

mod common;
mod hosted;

use std::cell::Cell;
use std::path::Path;

use baremap::flags::{FallocateFlags, Seals};
use baremap::memfd::{Fixed, Memfd, Sealed};
use baremap::sys::{fs, page_size};
use baremap::{Errno, File, MapOptions, OpenFlags, OpenOptions, OwnedFd, PipeFlags, Result};
use common::Folder;
use hosted::{Filter, c_path, in_child, raw, write, wrong_under_emulation};

static_assertions::assert_impl_all!(Sealed: Send, Sync);
static_assertions::assert_not_impl_any!(Sealed: std::ops::Deref);

/// Bytes that differ from page to page.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

fn memfd(bytes: &[u8]) -> Memfd {
    let file = Memfd::new(c"of a test").unwrap();
    file.write_all_at(bytes, 0).unwrap();
    file
}

/// With these seals alone.
fn with_seals(seals: Seals) -> Memfd {
    let file = memfd(b"content");
    fs::fcntl_add_seals(raw(&file), seals).unwrap();
    file
}

/// Opened once more, by its name in /proc.
fn reopened(file: &impl baremap::AsFd, options: OpenOptions) -> Result<File> {
    options.open(&c_path(Path::new(&format!("/proc/self/fd/{}", raw(file)))))
}

#[test]
fn a_sealed_file_lends_its_bytes() {
    let page = page_size();
    for length in [1, page - 1, page, 3 * page, 3 * page + 5] {
        let all = pattern(length);
        let sealed = memfd(&all).seal().unwrap();
        assert_eq!((sealed.len(), sealed.is_empty()), (Ok(length), Ok(false)));
        assert_eq!(sealed.map().unwrap()[..], all);
        for options in [MapOptions::new().private(), MapOptions::new().shared(), MapOptions::new().populate()]
        {
            assert_eq!(sealed.map_with(options).unwrap()[..], all, "{options:?}");
        }
        // The file goes with the last who has it.
        let map = sealed.map().unwrap();
        drop(sealed);
        assert_eq!(map[..], all);
    }
    let nothing = memfd(b"").seal().unwrap();
    assert_eq!((nothing.map().unwrap().len(), nothing.is_empty()), (0, Ok(true)));
}

#[test]
fn a_part_is_within_the_file() {
    let page = page_size();
    let all = pattern(2 * page + 7);
    let sealed = memfd(&all).seal().unwrap();
    let whole = MapOptions::new();
    for (from, length) in [(0, 1), (0, 2 * page + 7), (page, page + 7), (2 * page, 7), (2 * page, 0)] {
        let part = sealed.map_with(whole.offset(from as u64).len(length)).unwrap();
        assert_eq!(part[..], all[from..from + length]);
        let part = sealed.map_with(whole.byte_offset(from as u64).len(length)).unwrap();
        assert_eq!(part[..], all[from..from + length]);
    }
    assert_eq!(sealed.map_with(whole.offset(page as u64)).unwrap()[..], all[page..]);
    assert_eq!(sealed.map_with(whole.byte_offset(page as u64 + 3)).unwrap()[..], all[page + 3..]);
    assert_eq!(sealed.map_with(whole.aligned(1 << 21)).unwrap()[..], all);

    let most = u64::MAX;
    let past = |options: MapOptions| assert_eq!(sealed.map_with(options).unwrap_err(), Errno::EOVERFLOW);
    past(whole.len(2 * page + 8));
    past(whole.len(usize::MAX));
    past(whole.offset(page as u64).len(page + 8));
    past(whole.offset(most));
    past(whole.offset(3 * page as u64));
    past(whole.offset(most - 5).len(6));
    past(whole.offset(most - page as u64 + 1).len(page));
    past(whole.offset(page as u64).len(usize::MAX - page + 1));
    for options in [whole.byte_offset(most).len(1), whole.byte_offset(2 * page as u64 + 8)] {
        assert_eq!(sealed.map_with(options).unwrap_err(), Errno::EOVERFLOW);
    }
    assert_eq!(sealed.map_with(whole.offset(1)).unwrap_err(), Errno::EINVAL);
}

/// Every way to change a file by a descriptor of it.
fn is_unchanging(file: &File, length: usize) {
    let fd = raw(file);
    let whole = length as i64;
    assert_eq!(file.write_all_at(b"x", 0), Err(Errno::EPERM));
    assert_eq!(file.write_all_at(b"x", length as u64), Err(Errno::EPERM));
    for other in [0, length as u64 - 1, length as u64 + 1] {
        assert_eq!(file.set_len(other), Err(Errno::EPERM), "{other}");
    }
    let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    for (flags, from) in [(hole, 0), (FallocateFlags::empty(), whole)] {
        // SAFETY: it is refused.
        let answer = unsafe { fs::fallocate(fd, flags, from, whole) };
        assert_eq!(answer, Err(Errno::EPERM), "{flags:?}");
    }
    let map = MapOptions::new().map_raw(file);
    assert_eq!(map.unwrap_err(), Errno::EPERM);
    assert_eq!(fs::fcntl_add_seals(fd, Seals::FUTURE_WRITE), Err(Errno::EPERM));
    // Copied by the kernel, from another file and from a pipe.
    let other = memfd(b"other");
    let mut start = 0;
    // SAFETY: the descriptors are open; it is refused.
    let sent = unsafe { libc::sendfile(fd, raw(&other), &mut start, 5) };
    assert_eq!((sent, last()), (-1, Some(libc::EPERM)));
    let (reader, writer) = fs::pipe2(PipeFlags::CLOEXEC).unwrap();
    // SAFETY: both were made for us.
    let [reader, writer] = [reader, writer].map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    write(writer.as_raw_fd(), b"piped").unwrap();
    let nowhere = std::ptr::null_mut();
    // SAFETY: as above.
    let spliced = unsafe { libc::splice(reader.as_raw_fd(), nowhere, fd, nowhere, 5, 0) };
    assert_eq!((spliced, last()), (-1, Some(libc::EPERM)));
}

/// What libc says of a call that failed.
fn last() -> Option<i32> {
    std::io::Error::last_os_error().raw_os_error()
}

#[test]
fn a_kernel_that_refuses_to_share_it_maps_it_all_the_same() {
    if wrong_under_emulation("seccomp") {
        return;
    }
    let sealed = memfd(b"content").seal().unwrap();
    let shared = baremap::MapFlags::SHARED.bits();
    let mut filter = Filter::where_argument(libc::SYS_mmap as usize, 3, shared, Errno::EPERM);
    let status = in_child(|| {
        if !filter.install() || MapOptions::new().map_raw_read_only(&sealed).map(drop) != Err(Errno::EPERM) {
            return 1;
        }
        i32::from(!sealed.map().is_ok_and(|map| map[..] == *b"content")) * 2
    });
    assert!(status.success(), "{status}");
}

#[test]
fn nothing_changes_a_sealed_file() {
    let page = page_size();
    let all = pattern(2 * page);
    let file = memfd(&all);
    let (writer, before) = (file.try_clone().unwrap(), reopened(&file, OpenOptions::new().read().write()));
    let sealed = file.seal().unwrap();
    let map = sealed.map().unwrap();
    is_unchanging(&writer, 2 * page);
    is_unchanging(&before.unwrap(), 2 * page);
    is_unchanging(&reopened(&sealed, OpenOptions::new().read().write()).unwrap(), 2 * page);
    is_unchanging(&OwnedFd::from(Sealed::check(&sealed).unwrap()).into(), 2 * page);
    let cut = reopened(&sealed, OpenOptions::new().write().truncate());
    assert_eq!(cut.unwrap_err(), Errno::EPERM);
    assert_eq!((sealed.len(), &map[..]), (Ok(2 * page), &all[..]));
}

#[test]
fn a_file_that_is_mapped_shared_is_given_back_unsealed() {
    let mut file = memfd(b"content");
    // The second could be made writable, as the descriptor is.
    for map in [MapOptions::map_raw, MapOptions::map_raw_read_only] {
        let map = map(MapOptions::new(), &file).unwrap();
        let refused = file.seal().unwrap_err();
        assert_eq!(refused.errno, Errno::EBUSY);
        file = refused.value;
        let seals = fs::fcntl_get_seals(raw(&file)).unwrap();
        assert!(!seals.intersects(Seals::SEAL | Seals::WRITE | Seals::SHRINK | Seals::GROW), "{seals:?}");
        drop(map);
    }
    let copy = MapOptions::new().private().map_raw(&file).unwrap();
    let sealed = file.seal().unwrap();
    // SAFETY: the map is the test's own, and private.
    unsafe { copy.as_mut_ptr().write_volatile(b'x') };
    assert_eq!(sealed.map().unwrap()[..], *b"content");
}

#[test]
fn a_file_that_takes_no_more_seals_is_given_back() {
    let refused = with_seals(Seals::SEAL).seal().unwrap_err();
    assert_eq!(refused.errno, Errno::EPERM);
    let refused = refused.value.fix_length().unwrap_err();
    assert_eq!((refused.errno, refused.value.len()), (Errno::EPERM, Ok(7)));
}

#[test]
fn what_can_still_change_is_not_taken_for_sealed() {
    let all = Seals::SHRINK | Seals::WRITE | Seals::GROW | Seals::SEAL;
    for seals in [
        Seals::empty(),
        Seals::SHRINK,
        Seals::WRITE,
        Seals::GROW | Seals::WRITE | Seals::SEAL,
        Seals::SHRINK | Seals::GROW | Seals::SEAL,
        Seals::SHRINK | Seals::GROW | Seals::FUTURE_WRITE | Seals::SEAL,
    ] {
        let file = with_seals(seals);
        assert_eq!(Sealed::check(&file).unwrap_err(), Errno::EPERM, "{seals:?}");
        let number = raw(&file);
        let refused = Sealed::from_owned(file).unwrap_err();
        assert_eq!((refused.errno, refused.value.as_raw_fd()), (Errno::EPERM, number));
        let fixed = Fixed::from_owned(refused.value).map_err(Errno::from).map(drop);
        let expected = if seals.contains(Seals::SHRINK) { Ok(()) } else { Err(Errno::EPERM) };
        assert_eq!(fixed, expected, "{seals:?}");
    }
    for seals in [Seals::SHRINK | Seals::WRITE, all, all | Seals::FUTURE_WRITE] {
        let sealed = Sealed::check(&with_seals(seals)).unwrap();
        assert_eq!(sealed.map().unwrap()[..], *b"content", "{seals:?}");
    }
}

#[test]
fn what_cannot_be_sealed_is_refused() {
    let folder = Folder::new();
    let plain = hosted::open(&folder.file("f", b"content"));
    // A file system in memory says that its files have no seals.
    let answers = [Errno::EINVAL, Errno::EPERM];
    assert!(answers.contains(&Sealed::check(&plain).unwrap_err()));
    assert!(answers.contains(&Fixed::check(&plain).unwrap_err()));
    let (reader, writer) = fs::pipe2(PipeFlags::CLOEXEC).unwrap();
    // SAFETY: both were made for us.
    for end in [reader, writer].map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }) {
        assert_eq!(Sealed::check(&end).unwrap_err(), Errno::EINVAL);
        assert_eq!(Fixed::from_owned(end).unwrap_err().errno, Errno::EINVAL);
    }
    let zero = OpenOptions::new().read().open(c"/dev/zero").unwrap();
    assert_eq!(Sealed::check(&zero).unwrap_err(), Errno::EINVAL);
    let sealed = memfd(b"content").seal().unwrap();
    let name = reopened(&sealed, OpenOptions::new().flags(OpenFlags::PATH)).unwrap();
    assert_eq!(Sealed::check(&name).unwrap_err(), Errno::EBADF);
    let write_only = reopened(&sealed, OpenOptions::new().write()).unwrap();
    assert_eq!(Sealed::check(&write_only).unwrap().map().unwrap_err(), Errno::EACCES);
}

/// Lends another descriptor each time.
struct Fickle {
    files: [OwnedFd; 2],
    next: Cell<usize>,
}

impl Fickle {
    fn next(&self) -> &OwnedFd {
        let next = self.next.get();
        self.next.set(1 - next);
        &self.files[next]
    }
}

#[cfg(not(feature = "std"))]
impl baremap::AsFd for Fickle {
    fn as_fd(&self) -> baremap::BorrowedFd<'_> {
        self.next().as_fd()
    }
}

#[cfg(feature = "std")]
impl std::os::fd::AsFd for Fickle {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(self.next())
    }
}

#[test]
fn what_was_checked_is_what_is_mapped() {
    let sealed = memfd(b"content").seal().unwrap();
    let files = [sealed.into(), memfd(b"another").into()];
    let fickle = Fickle { files, next: Cell::new(0) };
    for _ in 0..4 {
        let first = fickle.next.get();
        match Sealed::check(&fickle) {
            Ok(sealed) => {
                assert_eq!((first, &sealed.map().unwrap()[..]), (0, &b"content"[..]));
                // What the first number means by now does not count.
                assert_ne!(raw(&sealed), fickle.files[0].as_raw_fd());
            }
            Err(errno) => assert_eq!((first, errno), (1, Errno::EPERM)),
        }
    }
}

#[test]
fn a_file_that_grows_is_mapped_as_long_as_it_was() {
    let file = with_seals(Seals::SHRINK);
    let grown = file.try_clone().unwrap();
    let fixed = Fixed::from_owned(file).unwrap();
    grown.set_len(100_000).unwrap();
    assert_eq!((fixed.len(), fixed.is_empty()), (Ok(100_000), Ok(false)));
    assert_eq!(grown.set_len(99_999), Err(Errno::EPERM));
    let fixed = memfd(b"content").fix_length().unwrap();
    let file = File::from(OwnedFd::from(fixed));
    assert_eq!([file.set_len(6), file.set_len(8), file.set_len(0)], [Err(Errno::EPERM); 3]);
    assert_eq!(file.write_all_at(b"C", 0), Ok(()));
}

#[test]
fn a_name_is_shown_and_not_too_long() {
    let file = Memfd::new(c"the name").unwrap();
    let shown = std::fs::read_link(format!("/proc/self/fd/{}", raw(&file))).unwrap();
    assert!(shown.to_str().unwrap().contains("the name"), "{shown:?}");
    let long = std::ffi::CString::new([b'a'; 250]).unwrap();
    assert_eq!(Memfd::new(&long).unwrap_err(), Errno::EINVAL);
    assert!(Memfd::new(&std::ffi::CString::new([b'a'; 249]).unwrap()).is_ok());
}
