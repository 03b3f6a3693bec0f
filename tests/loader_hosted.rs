//! The loader on programs of other makers, and its golden output, which is that of
//! this machine's own compiler and linker.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Folder, command, programs, told};

/// Whether the programs are those of `cargo build`, for this machine and by its linker.
fn native() -> bool {
    std::env::var_os("BAREMAP_PROGRAMS").is_none()
}

/// Every number as a `0`, be it hexadecimal or not: they are the linker's choice.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for word in text.split_inclusive([' ', '\n']) {
        let number = word.trim_end().trim_start_matches("0x");
        let is_number = !number.is_empty() && number.chars().all(|digit| digit.is_ascii_hexdigit());
        // Words of the letters a to f are none of the output.
        masked += if is_number { "0 " } else { word };
    }
    masked
}

#[test]
fn the_golden_output_is_met_but_for_numbers() {
    if !native() {
        return;
    }
    let mut command = command("loader");
    command.current_dir(programs()).args(["loaded", "one", "two"]).env("WHO", "me");
    let (said, error, code) = told(&command.output().unwrap());
    let golden = include_str!("../examples/loader.stdout");
    assert_eq!((masked(&said), error, code), (masked(golden), String::new(), Some(0)), "{said}");
    assert!(golden.ends_with(include_str!("../examples/loaded.stdout")));
}

/// The compiler of C for what runs the programs, and how to run what it makes.
fn compiler() -> (String, Vec<String>) {
    let runner = std::env::var("BAREMAP_RUNNER").unwrap_or_default();
    match runner.strip_prefix("qemu-") {
        Some(isa) => (format!("{isa}-linux-gnu-gcc"), vec![runner]),
        None => ("cc".into(), Vec::new()),
    }
}

/// Runs a program by itself and by the loader, and holds the two against each other.
fn loads_alike(program: &Path, place: &str) {
    let before = fs::read(program).unwrap();
    let mut words = compiler().1;
    words.extend([program.to_str().unwrap().to_owned(), "one".into(), "two".into()]);
    let by_itself = Command::new(&words[0]).args(&words[1..]).output().unwrap();
    let loaded = command("loader").arg(program).args(["one", "two"]).output().unwrap();
    let (said, error, code) = told(&loaded);
    let there = said.find("where it starts\n").unwrap_or_else(|| panic!("not mapped: {error}"));
    let (segments, rest) = said.split_at(there + 16);
    assert!(segments.contains(place), "{segments}");
    assert_eq!((rest.to_owned(), error, code), told(&by_itself));
    assert!(rest.contains("two") && code == Some(3), "{rest}");
    assert!(fs::read(program).unwrap() == before, "the file was written to");
}

/// Thread-local data needs the program headers, the heap needs `brk`.
const IN_C: &str = r#"
#include <stdio.h>
#include <stdlib.h>
__thread int local = 5;
int data[3] = {1, 2, 3}, zeros[10000];
int main(int count, char **arguments) {
    char *heap = malloc(1 << 20), *small = malloc(10);
    heap[0] = small[0] = data[2] = local = 7;
    printf("%d %s %s %d %d %f\n", count, arguments[0], arguments[count - 1], local, zeros[9999], 0.5);
    return 3;
}"#;

#[test]
fn static_programs_in_c_are_loaded() {
    let folder = Folder::new();
    let source = folder.file("program.c", IN_C.as_bytes());
    for (kind, place) in [("-static", ": at its own addresses\n"), ("-static-pie", ": anywhere\n")] {
        let program = folder.path().join("program");
        let status = Command::new(compiler().0).arg(kind).arg("-o").arg(&program).arg(&source).status();
        let compiled = status.expect("a C compiler").success();
        if !compiled && kind == "-static-pie" && !compiler().1.is_empty() {
            // Debian's C library for riscv64 has no start of such programs.
            continue;
        }
        assert!(compiled, "{kind}");
        loads_alike(&program, place);
    }
}

/// A thread and an unwinding find the program by its headers.
const IN_RUST: &str = r#"
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let told = std::thread::spawn(move || println!("{arguments:?}")).join();
    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::panic::catch_unwind(|| panic!("to be caught"));
    std::process::exit(if told.is_ok() && caught.is_err() { 3 } else { 1 });
}"#;

#[test]
fn a_static_program_of_std_is_loaded() {
    if !native() {
        return;
    }
    let folder = Folder::new();
    let source = folder.file("program.rs", IN_RUST.as_bytes());
    let program = folder.path().join("program");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(compiler);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["-Ctarget-feature=+crt-static", "-o"]);
    assert!(command.arg(&program).arg(&source).status().expect("a Rust compiler").success());
    loads_alike(&program, ": anywhere\n");
}

#[test]
fn dynamic_programs_are_refused() {
    let folder = Folder::new();
    let source = folder.file("program.c", IN_C.as_bytes());
    let program = folder.path().join("program");
    assert!(Command::new(compiler().0).arg("-o").arg(&program).arg(&source).status().unwrap().success());
    let (said, error, code) = told(&command("loader").arg(&program).output().unwrap());
    assert_eq!((said.as_str(), code), ("", Some(1)));
    assert!(error.contains("a dynamic program, which wants an interpreter"), "{error}");
}
