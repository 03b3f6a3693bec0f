//! A wrapper is as many instructions as the assembly that one would write by
//! hand, and private memory no more than its two calls and a compare:
//! tests/by_hand/pairs.rs has both, for x86_64 and aarch64.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn tool(variable: &str, otherwise: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| otherwise.into())
}

fn succeed(command: &mut Command) {
    let output = command.output().expect("a tool of the compiler");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Compiles the proof to assembly for a target.
fn assembly(target: &str) -> String {
    let folder = Path::new(ROOT).join("target/proofs");
    succeed(
        Command::new(tool("CARGO", "cargo"))
            .current_dir(ROOT)
            .args(["build", "--lib", "--release", "--target", target, "--target-dir"])
            .arg(&folder),
    );
    let built: PathBuf = folder.join(target).join("release");
    let assembly = built.join("instructions.s");
    succeed(
        Command::new(tool("RUSTC", "rustc"))
            .args(["--edition=2024", "--crate-type=lib", "--emit=asm", "-Copt-level=3", "-Cpanic=abort"])
            .args(["-Ccodegen-units=1", "--target", target, "--extern"])
            .arg(format!("baremap={}", built.join("libbaremap.rlib").display()))
            .arg(format!("-Ldependency={}", built.join("deps").display()))
            .arg("-o")
            .arg(&assembly)
            .arg(Path::new(ROOT).join("tests/by_hand/pairs.rs")),
    );
    std::fs::read_to_string(assembly).unwrap()
}

/// The instructions of each function: lines that are no label, directive or comment.
fn functions(assembly: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut functions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut current = None;
    for line in assembly.lines() {
        if let Some(label) = line.strip_suffix(':') {
            if label.starts_with("ours_") || label.starts_with("hand_") {
                current = Some(label);
            } else if label.starts_with(".Lfunc_end") {
                current = None;
            }
        }
        let Some(current) = current else { continue };
        let instruction = line.trim();
        let other = ['.', '#', '/'].iter().any(|&start| instruction.starts_with(start));
        if line.starts_with('\t') && !other {
            functions.entry(current).or_default().push(instruction);
        }
    }
    functions
}

fn compare(target: &str) {
    let assembly = assembly(target);
    let functions = functions(&assembly);
    // What some may take at most, their `ret` included.
    let most = |call| match call {
        "mmap" => 13,
        "anonymous" => 16,
        _ => usize::MAX,
    };
    let calls = ["anonymous", "getppid", "lseek", "mmap", "mremap", "msync", "munmap"];
    assert_eq!(functions.len(), 2 * calls.len(), "{target}: {:?}", functions.keys());
    for call in calls {
        let [ours, hand] = ["ours", "hand"].map(|by| &functions[format!("{by}_{call}").as_str()]);
        assert_eq!(ours.len(), hand.len(), "{target}, {call}:\n{ours:#?}\nby hand:\n{hand:#?}");
        assert!(ours.len() <= most(call), "{target}, {call}: {} instructions", ours.len());
    }
}

#[test]
fn wrappers_waste_no_instruction_on_x86_64() {
    compare("x86_64-unknown-linux-gnu");
}

#[test]
#[ignore = "needs the standard library for aarch64, which ./check sees to"]
fn wrappers_waste_no_instruction_on_aarch64() {
    compare("aarch64-unknown-linux-gnu");
}
