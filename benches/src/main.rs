//! Runs every race, weighs the programs, and writes docs/benchmarks.md.
//!
//! `cargo run -p baremap-benches`, or with `-- --quick`, whose numbers are good for
//! nothing but to see that it works.

mod chart;
mod document;
mod goals;
mod machine;
mod weigh;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use baremap_benches::{RESULTS, Row};

const GROUPS: [&str; 7] = ["guarded", "calls", "map", "sum", "growth", "memory", "ipc"];
const QUICK: [&str; 6] = ["--sample-size", "10", "--warm-up-time", "0.02", "--measurement-time", "0.1"];

fn main() {
    let quick = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [word] if word == "--quick" => true,
        _ => {
            eprintln!("usage: baremap-benches [--quick]");
            std::process::exit(2);
        }
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's folder");
    let work = root.join("target/benchmarks");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).expect("a folder to work in");

    let began = Instant::now();
    let progress = |what: &str| println!("{:>5} s  {what}", began.elapsed().as_secs());
    progress("building");
    if !run(
        cargo(root).args(["build", "-p", "baremap-benches", "--benches", "--profile", "bench"]),
        &work.join("build.log"),
    ) {
        std::process::exit(1);
    }
    let results = work.join("ratios");
    let mut failed = Vec::new();
    for group in GROUPS {
        progress(group);
        let mut command = cargo(root);
        command.args(["bench", "-p", "baremap-benches", "--bench", group, "--", "--noplot"]);
        command.env(RESULTS, &results).env("BAREMAP_BENCH_MIB", if quick { "64" } else { "1024" });
        if quick {
            command.args(QUICK);
        }
        if !run(&mut command, &work.join(group).with_extension("log")) {
            failed.push(group);
        }
    }
    let rows: Vec<Row> =
        fs::read_to_string(&results).unwrap_or_default().lines().filter_map(Row::parse).collect();
    progress("sizes and instructions");
    let programs = weigh::programs(root, &work);
    let machine = machine::facts(root);
    let document = root.join("docs/benchmarks.md");
    document::write(&document, &rows, &programs, &machine, quick).expect("docs/ can be written");
    progress(&format!("wrote {}", document.display()));
    if !failed.is_empty() {
        eprintln!("failed: {}; see {}", failed.join(", "), work.display());
        std::process::exit(1);
    }
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What `cargo run` set is of this program, and would have others built anew.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_")) {
        if name != "CARGO_HOME" && name != "CARGO_TARGET_DIR" {
            command.env_remove(name);
        }
    }
    command.current_dir(root);
    command
}

/// Runs a command, whose output goes into a log; says whether it succeeded.
fn run(command: &mut Command, log: &PathBuf) -> bool {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("         {command:?}: {error}");
            return false;
        }
    };
    let text = [output.stdout, output.stderr].concat();
    fs::write(log, &text).expect("the log can be written");
    if !output.status.success() {
        let text = String::from_utf8_lossy(&text).into_owned();
        let end: Vec<&str> = text.lines().rev().take(5).collect();
        end.iter().rev().for_each(|line| eprintln!("         | {line}"));
        eprintln!("         failed: all of it is in {}", log.display());
    }
    output.status.success()
}
