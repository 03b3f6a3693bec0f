//! The lecture's three programs, as many ways as this machine can build them: their
//! bytes, and the instructions of the first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{cargo, run};

pub const PROGRAMS: [&str; 3] = ["map_file", "map_inherit", "map_append"];

/// A way to build them.
#[derive(Clone, Debug)]
pub struct Way {
    /// By which goals find it.
    pub name: &'static str,
    pub title: &'static str,
    /// Of each program, if it was built, and prints what it should.
    pub bytes: [Option<u64>; 3],
    /// Of the first, in user mode, if there is valgrind.
    pub instructions: Option<u64>,
}

const OURS: [(&str, &str, &str, &str, bool); 5] = [
    ("flat", "baremap, flat: the linker script writes the header", "tiny,flat", "tiny_", false),
    ("tiny", "baremap, tiny: errors are exit statuses, rust-lld", "tiny", "tiny_", false),
    ("tiny-gnu", "the same, GNU ld", "tiny", "tiny_", true),
    ("texts", "baremap, every error told by name, one segment", "one_segment", "", false),
    ("release", "the same by `cargo build --release`, no linker script", "", "", false),
];

pub fn programs(root: &Path, work: &Path) -> Vec<Way> {
    let folder = work.join("programs");
    fs::create_dir_all(&folder).expect("a folder for the programs");
    let mut ways = Vec::new();
    let mut weigh = |name, title, files: [Option<PathBuf>; 3]| {
        let instructions = files[0].as_ref().and_then(|file| instructions(root, &folder, file));
        let bytes = [0, 1, 2].map(|index| {
            let file = files[index].as_ref()?;
            works(root, &folder, PROGRAMS[index], file)
                .then(|| fs::metadata(file).map(|data| data.len()).ok())?
        });
        ways.push(Way { name, title, bytes, instructions });
    };

    let by = |way: &str, command: &dyn Fn(&str, &Path) -> Command| {
        PROGRAMS.map(|program| {
            let file = folder.join(format!("{way}-{program}"));
            let mut command = command(program, &file);
            run(&mut command, &work.join(format!("{way}-{program}.log"))).then_some(file)
        })
    };
    let source =
        |folder: &str, program: &str, ending: &str| root.join(folder).join(program).with_extension(ending);
    weigh(
        "assembly",
        "assembly by hand, linked",
        by("assembly", &|program, file| {
            let mut command = Command::new("cc");
            command.args(["-nostdlib", "-static", "-s", "-Wl,-N,--build-id=none,--no-eh-frame-hdr", "-o"]);
            command.arg(file).arg(source("benches/variants/assembly", program, "s"));
            command
        }),
    );
    for (name, title, features, prefix, gnu) in OURS {
        weigh(name, title, ours(root, work, name, (features, prefix, gnu)));
    }
    for (name, title, compiler) in
        [("musl", "C, musl, static", "musl-gcc"), ("glibc", "C, glibc, static", "gcc")]
    {
        weigh(
            name,
            title,
            by(name, &|program, file| {
                let mut command = Command::new(compiler);
                command.args([
                    "-Os",
                    "-static",
                    "-s",
                    "-ffunction-sections",
                    "-Wl,--gc-sections,--build-id=none",
                    "-o",
                ]);
                command.arg(file).arg(source("tests/lecture", program, "c"));
                command
            }),
        );
    }
    weigh(
        "dynamic",
        "C, glibc, dynamic",
        by("dynamic", &|program, file| {
            let mut command = Command::new("gcc");
            command.args(["-Os", "-s", "-o"]).arg(file).arg(source("tests/lecture", program, "c"));
            command
        }),
    );
    weigh(
        "std",
        "Rust, std, smallest",
        by("std", &|program, file| {
            let mut command = Command::new("rustc");
            command.args([
                "--edition=2024",
                "-Copt-level=z",
                "-Clto=fat",
                "-Cpanic=abort",
                "-Ccodegen-units=1",
            ]);
            command.args(["-Cstrip=symbols", "-o"]).arg(file).arg(source(
                "benches/variants/std",
                program,
                "rs",
            ));
            command
        }),
    );
    ways
}

fn ours(
    root: &Path,
    work: &Path,
    name: &str,
    (features, prefix, gnu): (&str, &str, bool),
) -> [Option<PathBuf>; 3] {
    let target = "x86_64-unknown-linux-gnu";
    let built = work.join("build").join(if gnu { "gnu" } else { "lld" });
    let config = match gnu {
        true => format!("target.{target}.rustflags=['-Clink-arg=-fuse-ld=bfd']"),
        // To which rustup's compiler says that it is to call rust-lld.
        false => format!("target.{target}.linker='cc'"),
    };
    let mut command = cargo(root);
    command.args([
        "build",
        "-p",
        "baremap-examples",
        "--release",
        "--target",
        target,
        "--features",
        features,
    ]);
    command.args(PROGRAMS.iter().flat_map(|program| ["--bin".to_owned(), format!("{prefix}{program}")]));
    command.args(["--config", &config, "--target-dir"]).arg(&built);
    let there = run(&mut command, &work.join(format!("{name}.log")));
    PROGRAMS.map(|program| {
        let copy = work.join("programs").join(format!("{name}-{program}"));
        let file = built.join(target).join("release").join(format!("{prefix}{program}"));
        (there && fs::copy(file, &copy).is_ok()).then_some(copy)
    })
}

/// A folder with the file that the programs map, which the last has changed.
fn prepare(root: &Path, folder: &Path) {
    fs::copy(root.join("examples/f1.txt"), folder.join("f1.txt")).expect("the file that is mapped");
}

/// Whether a program prints what the lecture's does.
fn works(root: &Path, folder: &Path, program: &str, file: &Path) -> bool {
    prepare(root, folder);
    let expected =
        fs::read(root.join("examples").join(program).with_extension("stdout")).expect("what is printed");
    let right = Command::new(file).current_dir(folder).output().is_ok_and(|output| output.stdout == expected);
    if !right {
        eprintln!("         {} does not print what it should", file.display());
    }
    right
}

fn instructions(root: &Path, folder: &Path, file: &Path) -> Option<u64> {
    prepare(root, folder);
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(file)
        .current_dir(folder)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().find_map(|line| line.split("Collected :").nth(1)?.trim().parse().ok())
}
