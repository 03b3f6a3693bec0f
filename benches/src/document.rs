//! docs/benchmarks.md, and its charts beside it.

use std::fmt::Write;
use std::fs;
use std::io::Result;
use std::path::Path;

use baremap_benches::Row;

use crate::chart::{Bar, chart};
use crate::goals::goals;
use crate::weigh::{PROGRAMS, Way};

/// A group: its name, its title, what is 1, and what there is to say.
const SECTIONS: [(&str, &str, &str, &str); 7] = [
    (
        "guarded",
        "Guarded memory",
        "memcpy or a load from a plain map",
        "A guarded copy checks the range and copies by instructions that the handler of faults knows; the\n\
         alternatives that cannot die of SIGBUS either are the kernel's copies, `pread` and `process_vm_readv`.",
    ),
    (
        "calls",
        "System calls",
        "asm! by hand",
        "One call over and over. What is called out of line costs more than its instructions: where the kernel\n\
         overwrites the processor's return stack, the first return after a system call is mispredicted.",
    ),
    (
        "map",
        "Making and dropping a map",
        "memmap2",
        "All ask the file for its length. `memory` is private memory of no file. Nothing is touched, but where\n\
         a byte is read.",
    ),
    (
        "sum",
        "Mapped against read",
        "the best read loop",
        "A file that the kernel has in memory is summed from start to end: read by the size of buffer that is\n\
         fastest here, or mapped, summed and unmapped. `already mapped` leaves the mapping out, as a program does\n\
         that keeps its map.\n\n\
         **What to do:** map with no option at all. Populating reads through the page tables twice and gains\n\
         nothing where the file is summed once; advice changes nothing where it is in memory. For shared memory\n\
         in huge pages, `aligned(2 << 20)`: without it the pages are mapped in pieces.\n\n\
         **When not to map:** where a file is read once and in pages of 4 KiB, mapping it gains little, for each\n\
         16 pages are a page fault; a file of a few pages is read in less time than it is mapped and unmapped;\n\
         and a file that others cut short is better read, or guarded.",
    ),
    (
        "growth",
        "As files grow",
        "4 KiB",
        "Map and unmap, untouched. `By itself` is far from other mappings; elsewhere the kernel goes through\n\
         the page tables that a large range shares with its neighbours, up to 512 entries of them.",
    ),
    (
        "memory",
        "Memory functions",
        "glibc",
        "What `entry!` supplies to a program without a C library, called as the compiler calls it.",
    ),
    (
        "ipc",
        "Between processes",
        "a pipe",
        "A message is sent and received by one thread, so that nobody waits; a round trip goes to a thread on\n\
         another processor and back.",
    ),
];

pub fn write(
    file: &Path,
    rows: &[Row],
    ways: &[Way],
    machine: &[(String, String)],
    quick: bool,
) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let charts = folder.join("benchmarks");
    fs::create_dir_all(&charts)?;
    let mut text = String::from(
        "# Benchmarks\n\n\
         Written by `cargo run -p baremap-benches`; do not edit. Ratios are what counts: each contender ran in turns\n\
         with the reference, and a ratio is the median of the samples', with their quartiles.\n\
         Times are medians of one machine on one day.\n\n",
    );
    if quick {
        text += "**This was a trial run (`--quick`): the numbers are good for nothing.**\n\n";
    }
    text += "| | |\n|---|---|\n";
    for (name, value) in machine {
        let _ = writeln!(text, "| {name} | {value} |");
    }

    text += "\n## Goals\n\n| at most | measured | | goal | remark |\n|---:|---:|---|---|---|\n";
    for goal in goals(rows, ways) {
        let measured = goal.measured.map_or("–".to_owned(), number);
        let remark =
            if goal.verdict() == "met" && !goal.remark.starts_with("It takes") { "" } else { goal.remark };
        let (most, verdict, what) = (number(goal.most), goal.verdict(), &goal.what);
        let _ = writeln!(text, "| {most} | {measured} | {verdict} | {what} | {remark} |");
    }

    for (group, title, one, about) in SECTIONS {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.group == group).collect();
        let _ = write!(text, "\n## {title}\n\n{about}\n");
        if rows.is_empty() {
            text += "\nIt did not run here.\n";
            continue;
        }
        let mut bars = Vec::new();
        let mut table =
            String::from("| | | time | reference | ratio | quartiles |\n|---|---|---:|---:|---:|---:|\n");
        let mut case = "";
        for row in rows {
            let ours = ours(row);
            if row.case != case {
                case = &row.case;
                let about =
                    if group == "sum" { format!("{case} (1 is {})", row.reference) } else { case.to_owned() };
                bars.push(Bar { name: about, value: None, label: String::new(), ours });
            }
            bars.push(Bar { name: row.name.clone(), value: Some(row.ratio), label: number(row.ratio), ours });
            let _ = writeln!(
                table,
                "| {case} | {} | {} | {}: {} | {} | {} … {} |",
                row.name,
                time(row.time),
                row.reference,
                time(row.reference_time),
                number(row.ratio),
                number(row.low),
                number(row.high),
            );
        }
        fs::write(charts.join(format!("{group}.svg")), chart(title, one, &bars))?;
        let _ = write!(text, "\n![{title}: bars of ratios](benchmarks/{group}.svg)\n\n{table}");
    }

    text += "\n## Sizes\n\n\
             The lecture's programs in bytes, stripped, for x86_64, and the instructions that the first executes\n\
             outside of the kernel, by callgrind. Each was run and prints what it should.\n\n\
             ![Sizes: bars of ratios](benchmarks/sizes.svg)\n\n\
             | | map_file | map_inherit | map_append | instructions |\n|---|---:|---:|---:|---:|\n";
    let mut bars = Vec::new();
    let by_hand = ways.iter().find(|way| way.name == "assembly").map_or([None; 3], |way| way.bytes);
    for way in ways {
        let count = |count: Option<u64>| count.map_or("not built".to_owned(), thousands);
        let [one, two, three] = way.bytes.map(count);
        let instructions = way.instructions.map_or("–".to_owned(), thousands);
        let _ = writeln!(text, "| {} | {one} | {two} | {three} | {instructions} |", way.title);
    }
    for (index, program) in PROGRAMS.into_iter().enumerate() {
        bars.push(Bar { name: program.to_owned(), value: None, label: String::new(), ours: false });
        for way in ways {
            let value =
                Option::zip(way.bytes[index], by_hand[index]).map(|(bytes, one)| bytes as f64 / one as f64);
            if let (Some(value), Some(bytes)) = (value, way.bytes[index]) {
                let ours = way.title.starts_with("baremap") || way.title.starts_with("the same");
                let name = if ours { format!("baremap, {}", way.name) } else { way.title.to_owned() };
                bars.push(Bar { name, value: Some(value), label: format!("{} B", thousands(bytes)), ours });
            }
        }
    }
    fs::write(charts.join("sizes.svg"), chart("Bytes of a program", "assembly by hand", &bars))?;
    fs::write(file, text)
}

/// Whether the contender is this crate: by its name, or where it races with itself
/// and with what else it can do.
fn ours(row: &Row) -> bool {
    match row.group.as_str() {
        "growth" | "memory" => true,
        "sum" => row.name != "memmap2",
        _ => matches!(row.name.as_str(), "baremap" | "guarded" | "get" | "ring"),
    }
}

fn number(value: f64) -> String {
    match value {
        _ if value.fract() == 0.0 || value >= 1000.0 => thousands(value as u64),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        0.1.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index != 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.1} ns"),
        ..1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.1} ms", nanoseconds / 1e6),
    }
}
