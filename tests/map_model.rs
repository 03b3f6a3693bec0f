//! Long random sequences of every operation on maps, each compared with a model
//! that is a loop over vectors of bytes. After each step the bytes of every map
//! and file are the model's, and /proc/self/maps has the model's pages with their
//! rights, files and offsets, and nothing else where maps could be; the pages
//! beside the maps are as they were, and at the end nothing is left.
//!
//! `PROPTEST_CASES` says how many sequences there are, in units: one stands for
//! eight of ordinary pages, two of growing files and a half of huge pages. It is
//! 256 natively; `./check` has less of it where a processor is emulated.

mod common;
mod hosted;
mod memory;
mod model;
mod oracle;

use std::io::Write;

use hosted::wrong_under_emulation;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// One test of four parts: each looks at the whole address space, where the stack
/// of a thread that comes or goes would be found, too.
#[test]
fn maps_do_what_their_models_do() {
    ordinary_pages();
    huge_pages();
    neighbours();
    growing_files();
}

/// So many times as many cases as usual, of halves.
fn runner(halves: u32) -> TestRunner {
    let usual = ProptestConfig::default();
    let cases = (usual.cases * halves / 2).max(1);
    TestRunner::new(ProptestConfig { failure_persistence: None, cases, ..usual })
}

fn ordinary_pages() {
    if wrong_under_emulation("MAP_FIXED_NOREPLACE, mremap, and /proc/self/maps") {
        return;
    }
    let outcome = runner(16).run(&model::rounds(false), |rounds| {
        model::run(&rounds);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

fn huge_pages() {
    if wrong_under_emulation("MAP_HUGETLB") {
        return;
    }
    let pool = match Pool::new(16) {
        Ok(pool) => pool,
        // Not by `println`, which is heard of tests that fail alone.
        Err(why) => {
            let line = format!("not checked, for there are no huge pages: {why}\n");
            return std::io::stderr().write_all(line.as_bytes()).expect("an open standard error");
        }
    };
    let outcome = runner(1).run(&model::rounds(true), |rounds| {
        model::run_huge(&rounds, pool.pages / 2);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Nothing that is done to a range reaches them.
fn neighbours() {
    if wrong_under_emulation("MAP_FIXED_NOREPLACE and /proc/self/smaps") {
        return;
    }
    model::neighbours::run();
}

/// A growing map is a vector that is a file.
fn growing_files() {
    if wrong_under_emulation("/proc/self/maps") {
        return;
    }
    let outcome = runner(4).run(&model::growing::case(), |case| {
        model::growing::run(case);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Huge pages for the test, and as many as before afterwards.
struct Pool {
    before: String,
    pages: usize,
}

impl Pool {
    const PATH: &str = "/proc/sys/vm/nr_hugepages";

    fn new(wanted: usize) -> Result<Self, String> {
        let read = || std::fs::read_to_string(Self::PATH).map_err(|error| format!("{}: {error}", Self::PATH));
        let number = |text: &str| text.trim().parse().unwrap_or(0_usize);
        let before = read()?;
        let more = number(&before).max(wanted).to_string();
        std::fs::write(Self::PATH, more).map_err(|error| format!("{}: {error}", Self::PATH))?;
        let pool = Self { pages: number(&read()?).min(wanted), before };
        if pool.pages < 6 { Err(format!("the kernel found only {}", pool.pages)) } else { Ok(pool) }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let _ = std::fs::write(Self::PATH, &self.before);
    }
}
