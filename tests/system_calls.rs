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
    let expected = [
        "execve",
        "open",
        "lseek",
        "write",
        "fstat",
        "mmap",
        "write",
        "write",
        "write",
        "write",
        "msync",
        "munmap",
        "close",
        "exit_group",
    ];
    assert_eq!(calls("map_append"), expected);
}
