//! Tells the linker that a program has no C runtime beneath it, and, where few
//! bytes are wanted, how to lay it out.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");

    // No start files: `entry!` supplies `_start`. No PIE: nobody would relocate
    // it. No interpreter: there is nothing to load.
    let no_pie = if links_directly() { "--no-pie" } else { "-no-pie" };
    println!("cargo::rustc-link-arg-bins={no_pie}");
    for argument in ["--no-dynamic-linker", "--build-id=none", "--no-eh-frame-hdr"] {
        println!("cargo::rustc-link-arg-bins={}", spelled(argument));
    }
    if !links_directly() {
        println!("cargo::rustc-link-arg-bins=-nostartfiles");
    }
    println!("cargo::rerun-if-changed=link");
    // In this order: GNU ld wants scripts that add to another one first.
    lay_out();
    place_loader();
}

/// The layout of a release: without what unwinding would need, and for the
/// programs that the lecture has, what a feature of the package asks for.
fn lay_out() {
    if env::var("PROFILE").as_deref() != Ok("release") {
        return;
    }
    let asked = |feature: &str| env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    let arguments = match (asked("FLAT"), asked("ONE_SEGMENT")) {
        (true, _) => {
            vec![script("flat.ld"), "--oformat=binary".into(), format!("--defsym=MACHINE={}", machine())]
        }
        // GNU ld 2.40 does not know the keyword, and says nothing.
        (_, true) => vec![script("one_segment.ld"), "-z".into(), "nosectionheader".into()],
        _ => {
            println!("cargo::rustc-link-arg-bins={}", spelled(&script("no_unwinding.ld")));
            return;
        }
    };
    // They have no writable data, and so can do with one segment.
    for program in ["map_file", "map_inherit", "map_append"] {
        for argument in &arguments {
            println!("cargo::rustc-link-arg-bin={program}={}", spelled(argument));
            println!("cargo::rustc-link-arg-bin=tiny_{program}={}", spelled(argument));
        }
    }
}

/// The argument that has the linker follow a script of link/.
fn script(name: &str) -> String {
    let package = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    format!("--script={}", Path::new(&package).join("link").join(name).display())
}

/// The number of the instruction set in the ELF header. Source: linux/elf-em.h.
fn machine() -> u16 {
    match env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
        Ok("x86_64") => 62,
        Ok("aarch64") => 183,
        Ok("riscv64") => 243,
        other => panic!("{other:?} has no number here"),
    }
}

/// An argument of the linker as whoever is called wants it.
fn spelled(argument: &str) -> String {
    if links_directly() { argument.to_owned() } else { format!("-Wl,{argument}") }
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
    println!("cargo::rustc-link-arg-bin=loader={}", spelled(&script("loader.ld")));
}
