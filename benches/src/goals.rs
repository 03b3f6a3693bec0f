//! What is aimed at, and what was measured.

use baremap_benches::Row;

use crate::weigh::{PROGRAMS, Way};

/// At most so much of something.
#[derive(Clone, Debug)]
pub struct Goal {
    pub what: String,
    pub most: f64,
    pub measured: Option<f64>,
    /// Why it is missed, where it is known to be, or what it takes.
    pub remark: &'static str,
}

impl Goal {
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        match self.measured {
            None => "not measured",
            Some(value) if value <= self.most => "met",
            Some(_) => "**missed**",
        }
    }
}

/// The largest ratio of the rows that are asked for.
fn worst(rows: &[Row], asked: impl Fn(&Row) -> bool) -> Option<f64> {
    rows.iter().filter(|row| asked(row)).map(|row| row.ratio).reduce(f64::max)
}

pub fn goals(rows: &[Row], ways: &[Way]) -> Vec<Goal> {
    let is = |row: &Row, group: &str, case: &str, name: &str| {
        row.group == group && row.case == case && row.name == name
    };
    let mut goals = Vec::new();
    let mut goal = |what: &str, most: f64, measured: Option<f64>, remark: &'static str| {
        goals.push(Goal { what: what.to_owned(), most, measured, remark });
    };

    goal(
        "guarded copy of 4 KiB, 1 MiB and 64 MiB, against memcpy from a plain map",
        1.05,
        worst(rows, |row| row.group == "guarded" && row.case.ends_with("iB") && row.name == "guarded"),
        "",
    );
    goal(
        "guarded value of 8 bytes in a loop, against a plain load",
        2.0,
        worst(rows, |row| is(row, "guarded", "a value", "get")),
        "Two branches more than the plain load: is it within the map, and did it fault. The plain loop is unrolled.",
    );
    goal(
        "a system call, against `asm!` by hand",
        1.05,
        worst(rows, |row| row.group == "calls" && row.name == "baremap"),
        "The instructions are the same ones: `tests/instructions.rs` counts them.",
    );
    goal(
        "making and dropping a map, against memmap2",
        1.05,
        worst(rows, |row| row.group == "map" && row.name == "baremap"),
        "",
    );
    for (case, of) in [("a file of the disk", "the disk"), ("a file of tmpfs", "tmpfs, in pages of 4 KiB")] {
        goal(
            &format!("summing a cached file of {of}: mapped, with no option, against the best read loop"),
            1.05,
            worst(rows, |row| is(row, "sum", case, "mapped")),
            "The page faults are what a map costs: a map that is kept has them once.",
        );
        goal(
            &format!("the same of {of}, against memmap2"),
            1.05,
            worst(rows, |row| is(row, "sum", &format!("{case}, not read"), "mapped")),
            "The system calls are the same.",
        );
    }
    goal(
        "summing shared memory in huge pages, against the best read loop",
        1.0 / 1.5,
        worst(rows, |row| is(row, "sum", "shared memory in huge pages", "aligned")),
        "It takes [`aligned(2 << 20)`](https://docs.rs/baremap/latest/baremap/struct.MapOptions.html#method.aligned).",
    );
    goal(
        "map and unmap of a sparse file of up to 16 TiB, against 4 KiB",
        1.2,
        worst(rows, |row| row.group == "growth" && row.case.ends_with("by itself")),
        "Up to 1 TiB it is flat; at 16 TiB the kernel goes through 32 entries of its topmost table, twice.",
    );
    let small = |row: &Row| row.name.ends_with(" B") || row.name == "1 KiB";
    for function in ["memcpy", "memset"] {
        let of = |row: &Row| row.group == "memory" && row.case == function;
        goal(
            &format!("{function} below 4 KiB, against glibc's"),
            1.8,
            worst(rows, |row| of(row) && small(row)),
            "16 bytes at a time, which every processor of x86_64 has; glibc's has 32 where there are.",
        );
        goal(
            &format!("{function} from 4 KiB on, against glibc's"),
            1.05,
            worst(rows, |row| of(row) && !small(row)),
            "",
        );
    }

    let ring = |case: &str| worst(rows, |row| is(row, "ipc", case, "ring"));
    goal("a message of 64 B by the ring, against a pipe", 1.0 / 25.0, ring("a message of 64 B"), "");
    goal("a round trip of 64 B by the ring, against a pipe", 1.0 / 200.0, ring("a round trip of 64 B"), "");

    let bytes = |way: &str, index: usize| {
        ways.iter().find(|found| found.name == way).and_then(|way| way.bytes[index]).map(|bytes| bytes as f64)
    };
    let sections =
        "Errors are checked, and told by status; what is left over the assembly is clean-up on every path.";
    for (index, program) in PROGRAMS.into_iter().enumerate() {
        let by_hand = bytes("assembly", index);
        let ratio = |way| Some(bytes(way, index)? / by_hand?);
        goal(&format!("{program}, tiny, rust-lld, against linked assembly"), 1.1, ratio("tiny"), sections);
        goal(
            &format!("{program}, tiny, GNU ld, bytes"),
            [610.0, 740.0, 745.0][index],
            bytes("tiny-gnu", index),
            sections,
        );
        goal(
            &format!("{program}, flat, bytes"),
            [400.0, 530.0, 520.0][index],
            bytes("flat", index),
            sections,
        );
        goal(&format!("{program}, with all texts of errors, bytes"), 8192.0, bytes("texts", index), "");
        let more = Option::zip(bytes("release", index), bytes("texts", index))
            .map(|(release, texts)| release - texts);
        goal(&format!("{program}, release without tricks: bytes more than that"), 1024.0, more, "");
    }
    let instructions = ways.iter().find(|way| way.name == "tiny").and_then(|way| way.instructions);
    goal(
        "user instructions of map_file, tiny",
        110.0,
        instructions.map(|count| count as f64),
        "Most of them look for the end of the text, byte by byte, of which the file has 73.",
    );
    goals
}
