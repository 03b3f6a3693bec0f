//! The system calls that a program makes, as strace tells them.

use std::path::Path;
use std::process::Command;

use crate::common::Folder;

/// Those of each of the lecture's programs.
pub const LECTURE: [(&str, &[&str]); 3] = [
    ("map_file", &["execve", "open", "lseek", "mmap", "write", "write", "munmap", "close", "exit_group"]),
    (
        "map_inherit",
        &[
            "execve",
            "open",
            "fstat",
            "mmap",
            "fork",
            "wait4",
            "write",
            "write",
            "munmap",
            "close",
            "exit_group",
            "write",
            "write",
            "munmap",
            "close",
            "exit_group",
        ],
    ),
    (
        "map_append",
        &[
            "execve",
            "open",
            "lseek",
            "write",
            "fstat",
            "mmap",
            "msync",
            "write",
            "write",
            "write",
            "write",
            "munmap",
            "close",
            "exit_group",
        ],
    ),
];

/// The names of the calls that a program and its children make, where a file
/// `f1.txt` is.
pub fn calls(mut strace: Command, program: &Path) -> Vec<String> {
    let folder = Folder::new();
    folder.file("f1.txt", b"text\n");
    let trace = folder.path().join("trace");
    let output = strace
        .args(["-f", "-qq", "--signal=none", "-o"])
        .arg(&trace)
        .arg(program)
        .current_dir(folder.path())
        .output()
        .expect("strace");
    assert!(output.status.success(), "{}: {output:?}", program.display());
    let trace = std::fs::read_to_string(trace).unwrap();
    // Each line is a process, then the call: `123 open("f1.txt", O_RDONLY) = 3`,
    // or the second half of one that another process came between.
    let halves = trace.lines().filter_map(|line| line.split_once(' '));
    let calls = halves.filter(|(_, call)| !call.trim_start().starts_with('<'));
    calls.map(|(_, call)| call.trim_start().split('(').next().unwrap().to_owned()).collect()
}
