//! What the hosted tests share.

#![allow(dead_code, reason = "each test file uses a part")]

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use baremap::process::{ExitStatus, Fork, exit, fork};
use baremap::sys::RawFd;
use baremap::{AsFd, CPathBuf, File, OpenOptions};

/// Whether qemu-user translates our system calls, which `BAREMAP_EMULATED=1`
/// says. Its answer to `what` is known to be wrong: then this prints so, and
/// the real kernels are the ones that are asked.
pub fn wrong_under_emulation(what: &str) -> bool {
    let emulated = std::env::var_os("BAREMAP_EMULATED").is_some_and(|value| value == "1");
    if emulated {
        println!("not checked under qemu-user, which answers otherwise: {what}");
    }
    emulated
}

/// A path as the calls take it.
pub fn c_path(path: &Path) -> CPathBuf {
    CPathBuf::new(path.as_os_str().as_bytes()).expect("a path without NUL")
}

/// Opens a file of the test for reading and writing.
pub fn open(path: &Path) -> File {
    OpenOptions::new().read().write().open(&c_path(path)).expect("the test's own file")
}

/// The number of a descriptor.
pub fn raw(file: impl AsFd) -> RawFd {
    file.as_fd().as_raw_fd()
}

/// How often this process maps the file.
pub fn mappings(path: &Path) -> usize {
    let name = path.to_str().expect("a name in UTF-8");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
    maps.lines().filter(|line| line.ends_with(name)).count()
}

/// Runs `body` in a child, which exits with the code that `body` returns.
///
/// The other threads are gone there, with the locks they held: `body` may only
/// make system calls. It must not allocate, print or panic.
pub fn in_child(body: impl FnOnce() -> i32) -> ExitStatus {
    // SAFETY: `body` does only what a signal handler may, and then it ends.
    match unsafe { fork() }.expect("a child") {
        Fork::Child => exit(body()),
        Fork::Parent(child) => child.wait().expect("our child"),
    }
}
