//! Nothing of the library can panic: a program that uses it links, though its
//! panic handler calls a function that nobody defines.

use std::path::Path;
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn build(feature: &str) -> Output {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .current_dir(root())
        .args([
            "build",
            "--release",
            "--package",
            "baremap-examples",
            "--bin",
            "no_panic",
            "--features",
            feature,
        ])
        .arg("--target-dir")
        .arg(root().join("target/proofs"))
        .output()
        .expect("cargo starts")
}

#[test]
fn a_program_without_a_panic_links_and_one_with_a_panic_does_not() {
    let output = build("proofs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // What can never be reached is left out, and proves nothing.
    let program = std::fs::read(root().join("target/proofs/release/no_panic")).unwrap();
    let end = b"the end of everything";
    assert!(program.windows(end.len()).any(|bytes| bytes == end), "the proof stops short of its end");

    let output = build("panics");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("the_library_can_panic"), "{error}");
}
