//! What a program takes of the processor and of memory from its first instruction
//! to its exit, seen by ptrace(2): no more than hand-written assembly takes and a
//! little, since nothing runs before `main` and nothing behind it.

mod common;

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use common::Folder;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What a program took.
struct Taken {
    instructions: u32,
    /// In KiB, when it exits: all but the stack, of which the kernel takes one to
    /// three pages, as chance has it.
    resident: u32,
}

/// The first program of the lecture, built to be fast: as the release has it, and
/// as that of the fewest bytes.
fn programs() -> [PathBuf; 2] {
    let target = Path::new(ROOT).join("target/fast");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    [("map_file", ""), ("tiny_map_file", "tiny")].map(|(program, features)| {
        let mut cargo = Command::new(&cargo);
        cargo.current_dir(ROOT).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3");
        cargo.args(["build", "--quiet", "--package", "baremap-examples", "--release", "--bin", program]);
        cargo.args(["--features", features, "--target-dir"]).arg(&target);
        assert!(cargo.status().expect("cargo starts").success());
        target.join("release").join(program)
    })
}

fn ptrace(request: libc::c_uint, child: libc::pid_t, data: usize) -> std::io::Result<()> {
    // SAFETY: these requests read and write no memory of this process.
    match unsafe { libc::ptrace(request, child, 0, data) } {
        -1 => Err(std::io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The KiB in memory, of a text such as `/proc/PID/smaps`.
fn resident_beside_the_stack(smaps: &str) -> u32 {
    let mut stack = false;
    let sizes = smaps.lines().filter_map(|line| match line.strip_prefix("Rss:") {
        Some(size) if !stack => size.trim_end_matches("kB").trim().parse::<u32>().ok(),
        _ => {
            // A mapping's first line starts with its addresses, every other with a word.
            if !line.split(' ').next().is_some_and(|word| word.ends_with(':')) {
                stack = line.ends_with("[stack]");
            }
            None
        }
    });
    sizes.sum()
}

/// Runs a program step by step where there is a file `f1.txt` with this text.
fn steps(program: &Path, text: &[u8]) -> Taken {
    let folder = Folder::new();
    folder.file("f1.txt", text);
    let mut command = Command::new(program);
    command.current_dir(folder.path()).env_clear().stdout(Stdio::null());
    // SAFETY: the closure does only what a signal handler may.
    unsafe { command.pre_exec(|| ptrace(libc::PTRACE_TRACEME, 0, 0)) };
    let child = command.spawn().expect("it starts").id() as libc::pid_t;

    // It has stopped once, at its first instruction, before `spawn` came back.
    let mut taken = Taken { instructions: 0, resident: 0 };
    let mut options = Some(libc::PTRACE_O_TRACEEXIT as usize);
    loop {
        let mut status = 0;
        // SAFETY: the pointer is to a local.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        if let Some(options) = options.take() {
            ptrace(libc::PTRACE_SETOPTIONS, child, options).expect("the kernel traces exits");
        }
        if status >> 8 == libc::SIGTRAP | libc::PTRACE_EVENT_EXIT << 8 {
            let smaps = std::fs::read_to_string(format!("/proc/{child}/smaps")).unwrap();
            taken.resident = resident_beside_the_stack(&smaps);
            // It has not got any further.
            taken.instructions -= 1;
        }
        let status = ExitStatus::from_raw(status);
        if status.stopped_signal().is_none() {
            assert!(status.success(), "{}: {status}", program.display());
            return taken;
        }
        taken.instructions += 1;
        ptrace(libc::PTRACE_SINGLESTEP, child, 0).expect("a step");
    }
}

#[test]
fn mapping_a_file_takes_few_instructions_and_little_memory() {
    if std::env::var_os("BAREMAP_EMULATED").is_some() {
        println!("an emulator traces nothing: this runs where there is none");
        return;
    }
    let [release, tiny] = programs().map(|program| steps(&program, b"x"));
    for taken in [&release, &tiny] {
        println!("{} instructions, {} KiB resident", taken.instructions, taken.resident);
        // By hand, without an argument and trusting that `write` takes all, it is 92.
        assert!(taken.instructions <= 110, "{} instructions", taken.instructions);
    }
    // One page, of code and texts; a release has data that is written, too.
    assert!(tiny.resident <= 4, "{} KiB", tiny.resident);
    assert!(release.resident <= 20, "{} KiB", release.resident);
}
