//! The lecture's programs are no larger than tests/budgets.txt allows, in every
//! profile, and do what they should in each: print the text, tell an error, and
//! make the system calls of the lecture. `./check sizes` shows the rows.

mod common;
mod traced;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Folder, told};
use traced::{LECTURE, calls};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A profile with its features of the examples package, what its programs' names
/// begin with, and whether GNU ld links it.
type Profile = (&'static str, &'static str, &'static str, bool);

const PROFILES: [Profile; 5] = [
    ("release", "", "", false),
    ("texts", "one_segment", "", false),
    ("tiny", "tiny", "tiny_", false),
    ("tiny-gnu", "tiny", "tiny_", true),
    ("flat", "tiny,flat", "tiny_", false),
];

fn tool(variable: &str, otherwise: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| otherwise.into())
}

/// What a command prints, on one line.
fn printed(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The configuration that has cargo link by rust-lld or by GNU ld.
fn linker(isa: &str, target: &str, gnu: bool) -> String {
    match (isa, gnu) {
        // The C compiler, to which rustup's compiler says that it is to call rust-lld.
        ("x86_64", false) => format!("target.{target}.linker='cc'"),
        ("x86_64", true) => format!("target.{target}.rustflags=['-Clink-arg=-fuse-ld=bfd']"),
        (_, true) => format!("target.{target}.linker='{isa}-linux-gnu-gcc'"),
        (_, false) => {
            // Beside rustup's compiler, whichever compiles here.
            let sysroot = printed(Command::new("rustc").args(["--print", "sysroot"]));
            format!("target.{target}.linker='{sysroot}/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld'")
        }
    }
}

/// Builds the programs, and returns the folder they are in until the next profile's
/// take their place.
fn build(isa: &str, (_, features, prefix, gnu): Profile) -> PathBuf {
    let target = match isa {
        "riscv64" => "riscv64gc-unknown-linux-gnu".to_owned(),
        isa => format!("{isa}-unknown-linux-gnu"),
    };
    let folder = Path::new(ROOT).join("target/sizes").join(if gnu { "gnu" } else { "lld" });
    let mut cargo = Command::new(tool("CARGO", "cargo"));
    cargo.current_dir(ROOT).args(["build", "--package", "baremap-examples", "--release"]);
    cargo.args(LECTURE.iter().flat_map(|(program, _)| ["--bin".to_owned(), format!("{prefix}{program}")]));
    cargo.args(["--features", features, "--target", &target, "--config", &linker(isa, &target, gnu)]);
    let library =
        printed(Command::new(tool("RUSTC", "rustc")).args(["--print", "target-libdir", "--target", &target]));
    if !Path::new(&library).is_dir() {
        // There are the sources at most.
        cargo.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=core,compiler_builtins");
    }
    printed(cargo.arg("--target-dir").arg(&folder));
    folder.join(target).join("release")
}

/// The bytes that a program may have.
fn budget(program: &str, isa: &str, profile: &str) -> u64 {
    let rows = include_str!("budgets.txt").lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    let mut found = rows.filter(|row| row.starts_with(&[program, isa, profile]));
    let row = found.next().unwrap_or_else(|| panic!("{program} {isa} {profile} has no budget"));
    assert!(found.next().is_none(), "{program} {isa} {profile} has two budgets");
    row[3].parse().unwrap()
}

/// A command that runs a program, under an emulator if it is not for here.
fn command(isa: &str, program: &Path) -> Command {
    if isa == "x86_64" {
        return Command::new(program);
    }
    let mut command = Command::new(format!("qemu-{isa}"));
    command.arg(program);
    command
}

/// Runs a program where there is a file for it, and where there is none.
fn runs(isa: &str, program: &str, file: &Path, says: bool) {
    let golden = Path::new(ROOT).join("examples").join(program).with_extension("stdout");
    let expected = std::fs::read_to_string(golden).unwrap();
    let folder = Folder::new();
    let run = || told(&command(isa, file).current_dir(folder.path()).output().unwrap());

    let (said, error, code) = run();
    assert_eq!((said.as_str(), error.is_empty()), ("", !says), "{program}: {error}");
    // ENOENT is 2.
    assert_eq!(code, Some(if says { 1 } else { 2 }), "{program}");

    folder.file("f1.txt", include_bytes!("../examples/f1.txt"));
    assert_eq!(run(), (expected, String::new(), Some(0)), "{program}");
}

/// Builds every profile for an instruction set, weighs and runs the programs.
fn weigh(isa: &str) {
    let mut over = Vec::new();
    for kind @ (profile, _, prefix, _) in PROFILES {
        let folder = build(isa, kind);
        for (program, expected) in LECTURE {
            let file = folder.join(format!("{prefix}{program}"));
            let bytes = std::fs::metadata(&file).unwrap().len();
            let budget = budget(program, isa, profile);
            let row = format!("{program:<12} {isa:<8} {profile:<9} {bytes:>6} {budget:>6}");
            println!("{row}");
            if bytes > budget {
                over.push(row);
            }
            runs(isa, program, &file, prefix.is_empty());
            if isa == "x86_64" {
                // Neither whose turn it is nor what is written when is laid down here.
                let sorted = |mut calls: Vec<String>| {
                    calls.sort();
                    calls
                };
                let expected = expected.iter().map(|&call| call.to_owned()).collect();
                assert_eq!(
                    sorted(calls(Command::new("strace"), &file)),
                    sorted(expected),
                    "{profile} {program}"
                );
            }
        }
    }
    assert!(over.is_empty(), "past the budget:\n{}", over.join("\n"));
}

#[test]
fn programs_are_within_their_budget_on_x86_64() {
    weigh("x86_64");
}

#[test]
#[ignore = "needs a compiler, a linker and an emulator for aarch64, which ./check sees to"]
fn programs_are_within_their_budget_on_aarch64() {
    weigh("aarch64");
}

#[test]
#[ignore = "needs a compiler, a linker and an emulator for riscv64, which ./check sees to"]
fn programs_are_within_their_budget_on_riscv64() {
    weigh("riscv64");
}
