//! The three programs make the system calls of the lecture, and no others: what
//! a text cannot show, such as `msync`, and that nothing is asked twice.
//! Natively, for strace reads the calls of this machine.

mod common;
mod traced;

use std::process::Command;

use common::{Folder, programs};
use traced::{LECTURE, calls};

#[test]
fn each_makes_those_of_its_program_in_the_lecture() {
    for (program, expected) in LECTURE {
        let mut calls = calls(Command::new("strace"), &programs().join(program));
        let mut expected = expected.to_vec();
        if program == "map_inherit" {
            // Whether the parent waits before its child writes is the scheduler's choice.
            calls[5..].sort();
            expected[5..].sort();
        }
        assert_eq!(calls, expected, "{program}");
    }
}

#[test]
fn a_call_that_fails_leaves_the_file_of_the_third_whole() {
    let before = b"with \0 inside, which must come back\n";
    let mut after = before.to_vec();
    after.resize(before.len() + 101, 0);
    after[5..18].copy_from_slice(b"This is GR8\n\0");
    for (call, at, errno, expected) in [
        ("lseek", 1, "EOVERFLOW", &before[..]),
        ("write", 1, "ENOSPC", before),
        ("fstat", 1, "EIO", before),
        ("mmap", 1, "ENOMEM", before),
        ("msync", 1, "EIO", before),
        ("write", 2, "EIO", &after),
        ("write", 5, "EIO", &after),
        ("munmap", 1, "ENOMEM", &after),
        ("close", 1, "EIO", &after),
    ] {
        let folder = Folder::new();
        let file = folder.file("f1.txt", before);
        let output = Command::new("strace")
            .args(["-qq", "--signal=none", "-o", "/dev/null", "-e"])
            .arg(format!("inject={call}:error={errno}:when={at}"))
            .arg(programs().join("map_append"))
            .arg(&file)
            .output()
            .expect("strace");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{call} {at}: {error}");
        assert_eq!(error.lines().count(), 1, "{call} {at}: {error}");
        assert!(error.contains(errno), "{call} {at}: {error}");
        assert_eq!(std::fs::read(&file).unwrap(), *expected, "{call} {at}");
    }
}
