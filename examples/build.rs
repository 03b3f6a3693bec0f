//! Tells the linker that a program has no C runtime beneath it.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");

    // No start files: `entry!` supplies `_start`. No PIE: nobody would relocate
    // it. No interpreter: there is nothing to load.
    for argument in ["-no-pie", "--no-dynamic-linker", "--build-id=none", "--no-eh-frame-hdr"] {
        match (links_directly(), argument) {
            (true, "-no-pie") => println!("cargo::rustc-link-arg-bins=--no-pie"),
            (false, "-no-pie") => println!("cargo::rustc-link-arg-bins=-no-pie"),
            (true, _) => println!("cargo::rustc-link-arg-bins={argument}"),
            (false, _) => println!("cargo::rustc-link-arg-bins=-Wl,{argument}"),
        }
    }
    if !links_directly() {
        println!("cargo::rustc-link-arg-bins=-nostartfiles");
    }
    place_loader();
}

/// Whether the linker is called itself, such as `rust-lld` or `ld`, and not a
/// compiler on its behalf, such as `cc`, which spells its arguments otherwise.
fn links_directly() -> bool {
    let linker = env::var("RUSTC_LINKER").unwrap_or_default();
    let name = Path::new(&linker).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    name == "lld"
        || name == "ld"
        || name.ends_with("-ld")
        || name.ends_with("-lld")
        || name.starts_with("ld.")
}

/// Puts the loader elsewhere than what it loads. Linkers differ in how that is said, but
/// not in how they take a script.
fn place_loader() {
    println!("cargo::rerun-if-changed=link/loader.ld");
    let script = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("link/loader.ld");
    println!("cargo::rustc-link-arg-bin=loader=-T");
    println!("cargo::rustc-link-arg-bin=loader={}", script.display());
}
