//! The three programs make the system calls of the lecture, and no others: what
//! a text cannot show, such as `msync`, and that nothing is asked twice.
//! Natively, for strace reads the calls of this machine.

mod common;

use std::process::Command;

use common::{Folder, programs};

/// The names of the calls that a program and its children make.
fn calls(program: &str) -> Vec<String> {
    let folder = Folder::new();
    folder.file("f1.txt", b"text\n");
    let trace = folder.path().join("trace");
    let output = Command::new("strace")
        .args(["-f", "-qq", "--signal=none", "-o"])
        .arg(&trace)
        .arg(programs().join(program))
        .current_dir(folder.path())
        .output()
        .expect("strace");
    assert!(output.status.success(), "{program}: {output:?}");
    let trace = std::fs::read_to_string(trace).unwrap();
    // Each line is a process, then the call: `123 open("f1.txt", O_RDONLY) = 3`,
    // or the second half of one that another process came between.
    let halves = trace.lines().filter_map(|line| line.split_once(' '));
    let calls = halves.filter(|(_, call)| !call.trim_start().starts_with('<'));
    calls.map(|(_, call)| call.trim_start().split('(').next().unwrap().to_owned()).collect()
}

#[test]
fn map_file_makes_those_of_the_first_program() {
    let expected = ["execve", "open", "lseek", "mmap", "write", "write", "munmap", "close", "exit_group"];
    assert_eq!(calls("map_file"), expected);
}

#[test]
fn map_inherit_makes_those_of_the_second_in_both_processes() {
    let mut calls = calls("map_inherit");
    let mut expected = ["execve", "open", "fstat", "mmap", "fork", "wait4"].map(str::to_owned).to_vec();
    let each = ["write", "write", "munmap", "close", "exit_group"];
    expected.extend(each.iter().chain(&each).map(|&name| name.to_owned()));
    // Whether the parent waits before its child writes is the scheduler's choice.
    calls[5..].sort();
    expected[5..].sort();
    assert_eq!(calls, expected);
}

#[test]
fn map_append_makes_those_of_the_third() {
    let before = ["execve", "open", "lseek", "write", "fstat", "mmap", "msync"];
    let after = ["write", "write", "write", "write", "munmap", "close", "exit_group"];
    assert_eq!(calls("map_append"), [before, after].concat());
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
