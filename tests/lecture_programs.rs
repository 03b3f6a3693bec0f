//! The programs that show what the lecture says, each against its golden output.

mod common;

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::path::Path;

use common::{run, told};

/// Whether a processor is emulated: then the emulator has a say, too.
fn emulated() -> bool {
    std::env::var_os("BAREMAP_RUNNER").is_some_and(|runner| !runner.is_empty())
}

/// Runs a program, and holds what it says against what is expected.
fn says(program: &str, expected: &str) {
    let nothing: [&str; 0] = [];
    let (said, mut error, code) = told(&run(program, &nothing));
    if emulated() {
        // It tells of every child that a signal ends.
        error.clear();
    }
    assert_eq!((said, error, code), (expected.to_owned(), String::new(), Some(0)), "{program}");
}

#[test]
fn a_store_to_a_shared_map_reaches_everybody() {
    says("shared_write", include_str!("../examples/shared_write.stdout"));
}

#[test]
fn private_memory_is_copied_by_a_fork_and_shared_memory_is_not() {
    says("anonymous", include_str!("../examples/anonymous.stdout"));
}

#[test]
fn each_argument_of_mmap_changes_what_it_should() {
    let expected = include_str!("../examples/arguments.stdout");
    if emulated() {
        // qemu-user 7.2 does not know MAP_FIXED_NOREPLACE: the real kernels answer.
        let hint = expected.replace("EEXIST: File exists", "done");
        let first = hint.replacen("EINVAL: Invalid argument", "done", 1);
        return says("arguments", &first);
    }
    says("arguments", expected);
}

#[test]
fn what_is_unmapped_is_gone_and_nothing_else() {
    says("unmap", include_str!("../examples/unmap.stdout"));
}

#[test]
fn past_the_end_are_zeros_then_a_signal_or_an_error_that_is_guarded() {
    says("fault", include_str!("../examples/fault.stdout"));
}

#[test]
fn a_private_page_is_shared_until_it_is_stored_to() {
    says("private_cow", include_str!("../examples/private_cow.stdout"));
}

/// Whether a folder is in memory, where no page ever becomes clean.
fn in_memory(folder: &CStr) -> bool {
    let mut about = MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: the path is a C string, and there is room for what is told of it.
    assert_eq!(unsafe { libc::statfs(folder.as_ptr(), about.as_mut_ptr()) }, 0, "{folder:?}");
    // SAFETY: the call has filled it.
    let about = unsafe { about.assume_init() };
    about.f_type == libc::TMPFS_MAGIC
}

#[test]
fn only_a_sync_that_waits_leaves_no_page_dirty() {
    let expected = include_str!("../examples/sync.stdout");
    for folder in [c"/tmp", c"/dev/shm"] {
        if folder == c"/dev/shm" && !Path::new("/dev/shm").is_dir() {
            continue;
        }
        let mut expected = expected.to_owned();
        if in_memory(folder) {
            expected = expected.replace("pages: ...", "pages: ###").replace("pages: #..", "pages: ###");
        }
        let output = run("sync", &[folder.to_str().unwrap()]);
        assert_eq!(told(&output), (expected, String::new(), Some(0)), "{folder:?}");
    }
}
