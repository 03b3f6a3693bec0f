//! The calls that give files names do the same as those of `sc`: see oracle_calls.rs.

mod common;
mod hosted;
mod oracle;

use std::ffi::CStr;
use std::os::unix::fs::{MetadataExt, symlink};

use baremap::flags::RenameFlags;
use baremap::sys::RawFd;
use baremap::sys::fs;
use baremap::{AtFlags, Errno, Mode, OpenFlags, OwnedFd};
use common::Folder;
use hosted::{c_path, open};
use oracle::{NOT_OPEN, none, number, owned, same, theirs};

/// A folder, and a descriptor of it.
fn folder() -> (Folder, OwnedFd) {
    let folder = Folder::new();
    let fd = owned(fs::open(&c_path(folder.path()), OpenFlags::RDONLY, Mode::empty()).map(number));
    (folder, fd)
}

fn their_rename(at: RawFd, old: &CStr, to: RawFd, new: &CStr, flags: RenameFlags) -> baremap::Result<usize> {
    theirs!(RENAMEAT2, at, old.as_ptr(), to, new.as_ptr(), flags.bits())
}

fn their_link(at: RawFd, old: &CStr, to: RawFd, new: &CStr, flags: AtFlags) -> baremap::Result<usize> {
    theirs!(LINKAT, at, old.as_ptr(), to, new.as_ptr(), flags.bits())
}

#[test]
fn renameat2_gives_names_the_same() {
    let folders = [folder(), folder()];
    let all = RenameFlags::empty();
    for (old, new, flags) in
        [(c"a", c"b", all), (c"a", c"new", RenameFlags::NOREPLACE), (c"a", c"b", RenameFlags::EXCHANGE)]
    {
        for (folder, _) in &folders {
            folder.file("a", b"a");
            folder.file("b", b"b");
        }
        let [ours, theirs] = folders.each_ref().map(|(_, fd)| fd.as_raw_fd());
        let ours = fs::renameat2(ours, old, ours, new, flags).map(none);
        same(ours, their_rename(theirs, old, theirs, new, flags), Ok(0));
        for (folder, _) in &folders {
            let content = |name: &CStr| std::fs::read(folder.path().join(name.to_str().unwrap())).ok();
            assert_eq!(content(new).as_deref(), Some(&b"a"[..]));
            let exchanged = (flags == RenameFlags::EXCHANGE).then_some(&b"b"[..]);
            assert_eq!(content(old).as_deref(), exchanged);
        }
    }
}

#[test]
fn renameat2_is_refused_the_same() {
    let (folder, fd) = folder();
    let at = fd.as_raw_fd();
    folder.file("a", b"");
    folder.file("b", b"");
    for name in ["empty", "full", "full/inner"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let (all, exchange) = (RenameFlags::empty(), RenameFlags::EXCHANGE);
    for (from, old, to, new, flags, errno) in [
        (NOT_OPEN, c"a", at, c"b", all, Errno::EBADF),
        (at, c"a", NOT_OPEN, c"b", all, Errno::EBADF),
        (at, c"none", at, c"b", all, Errno::ENOENT),
        (at, c"a", at, c"none", exchange, Errno::ENOENT),
        (at, c"a", at, c"b", RenameFlags::NOREPLACE, Errno::EEXIST),
        (at, c"a", at, c"b", RenameFlags::NOREPLACE | exchange, Errno::EINVAL),
        (at, c"a", at, c"b", RenameFlags::from_bits_retain(1 << 30), Errno::EINVAL),
        (at, c"full", at, c"full/inner/x", all, Errno::EINVAL),
        (at, c"a", at, c"empty", all, Errno::EISDIR),
        (at, c"empty", at, c"a", all, Errno::ENOTDIR),
        (at, c"empty", at, c"full", all, Errno::ENOTEMPTY),
        (at, c"a", at, c"/proc/a", all, Errno::EXDEV),
    ] {
        let ours = fs::renameat2(from, old, to, new, flags).map(none);
        same(ours, their_rename(from, old, to, new, flags), Err(errno));
    }
}

#[test]
fn linkat_is_the_same() {
    let (folder, fd) = folder();
    let at = fd.as_raw_fd();
    let file = open(&folder.file("a", b"text"));
    symlink("a", folder.path().join("link")).unwrap();
    std::fs::create_dir(folder.path().join("directory")).unwrap();
    let all = AtFlags::empty();
    let inode = |name: &str| folder.path().join(name).symlink_metadata().unwrap().ino();
    for (old, ours, theirs, flags, target) in [
        (c"a", c"1", c"2", all, "a"),
        (c"link", c"3", c"4", all, "link"),
        (c"link", c"5", c"6", AtFlags::SYMLINK_FOLLOW, "a"),
    ] {
        let our = fs::linkat(at, old, at, ours, flags).map(none);
        same(our, their_link(at, old, at, theirs, flags), Ok(0));
        assert_eq!([ours, theirs].map(|name| inode(name.to_str().unwrap())), [inode(target); 2]);
    }
    // Whether this root has the privilege is the machine's business.
    let file = hosted::raw(&file);
    let our = fs::linkat(file, c"", at, c"7", AtFlags::EMPTY_PATH).map(none);
    assert!(matches!(our, Ok(0) | Err(Errno::ENOENT)), "{our:?}");
    assert_eq!(our, their_link(file, c"", at, c"8", AtFlags::EMPTY_PATH));

    for (from, old, to, new, flags, errno) in [
        (NOT_OPEN, c"a", at, c"x", all, Errno::EBADF),
        (at, c"a", NOT_OPEN, c"x", all, Errno::EBADF),
        (at, c"a", at, c"link", all, Errno::EEXIST),
        (at, c"none", at, c"x", all, Errno::ENOENT),
        (at, c"", at, c"x", all, Errno::ENOENT),
        (at, c"a/below", at, c"x", all, Errno::ENOTDIR),
        (at, c"directory", at, c"x", all, Errno::EPERM),
        (at, c"a", at, c"x", AtFlags::SYMLINK_NOFOLLOW, Errno::EINVAL),
        (at, c"/proc/self/status", at, c"x", all, Errno::EXDEV),
    ] {
        let ours = fs::linkat(from, old, to, new, flags).map(none);
        same(ours, their_link(from, old, to, new, flags), Err(errno));
    }
}
