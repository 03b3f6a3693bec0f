//! Running the freestanding programs, wherever they were built for.
//!
//! `BAREMAP_PROGRAMS` names the folder they are in, `BAREMAP_RUNNER` what runs
//! them, an emulator for one. Without the first they are built natively.

#![allow(dead_code, reason = "each test file uses a part")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The folder with the programs.
pub fn programs() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| match std::env::var_os("BAREMAP_PROGRAMS") {
        Some(folder) => folder.into(),
        None => build(),
    })
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A folder of its own: the build that runs this test holds the other's lock.
    let target = root.join("target/programs");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--package", "baremap-examples", "--release", "--target-dir"])
        .arg(&target)
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the programs do not build");
    target.join("release")
}

/// A command that runs a program, through the runner if there is one.
pub fn command(program: impl AsRef<Path>) -> Command {
    let program = programs().join(program);
    let runner = std::env::var("BAREMAP_RUNNER").unwrap_or_default();
    match runner.split_whitespace().collect::<Vec<_>>()[..] {
        [] => Command::new(program),
        [runner, ref arguments @ ..] => {
            let mut command = Command::new(runner);
            command.args(arguments).arg(program);
            command
        }
    }
}

/// Runs a program to its end.
pub fn run(program: &str, arguments: &[impl AsRef<OsStr>]) -> Output {
    command(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// Standard output, standard error and exit code, as one value to compare.
pub fn told(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

/// A folder that is removed with all it holds, by the process that made it: a
/// child of several threads may not allocate, which looking through a folder does.
pub struct Folder(PathBuf, u32);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let path = std::env::temp_dir().join(format!("baremap-{process}-{number}"));
        fs::create_dir(&path).expect("a folder for the test");
        Self(path, process)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).expect("a file for the test");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::process::id() == self.1 {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Texts that tell a right program from a wrong one.
pub fn texts() -> Vec<(&'static str, Vec<u8>)> {
    let line = b"All work and no play makes Jack a dull boy. ";
    let long: Vec<u8> = line.iter().copied().cycle().take(3 * 4096 - 1000).collect();
    vec![
        ("short", b"Hello from the file.\nSecond line.\n".to_vec()),
        ("one byte", b"x".to_vec()),
        ("three pages without a newline at the end", long),
        ("an inner NUL", b"seen\0and not seen, however long it is\n".to_vec()),
        ("a NUL first", b"\0nothing to see\n".to_vec()),
        ("no text but Latin-1", b"caf\xe9 \xff\xfe\n".to_vec()),
    ]
}
