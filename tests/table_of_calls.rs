//! The table of calls leaves no call of `sys` out, and no errno that its docs
//! name, and each has an oracle. `./check table` writes it as Markdown: for each
//! call the instruction sets, the oracle, the errnos, and where it ran.

mod calls;
mod common;
mod hosted;
mod memory;
mod oracle;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use calls::{Call, PLACES, Refusal};

/// The sources below a folder.
fn sources(folder: &str) -> Vec<(String, String)> {
    sources::sources(Path::new(env!("CARGO_MANIFEST_DIR")), folder)
}

/// What stands between backquotes and looks like an errno.
fn errnos(text: &str) -> impl Iterator<Item = &str> {
    let is_errno = |word: &&str| {
        word.len() > 2
            && word.starts_with('E')
            && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    text.split('`').skip(1).step_by(2).filter(is_errno)
}

/// The functions that a link in brackets names.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let names = text.split("[`").skip(1).filter_map(|rest| rest.split('`').next());
    names.map(|name| name.trim_end_matches("()"))
}

/// The calls of `sys`, whose docs open with a C signature, and the text of
/// their section on errors.
fn documented() -> BTreeMap<String, String> {
    let mut calls = BTreeMap::new();
    for (_, source) in sources("src/sys") {
        let mut docs = Vec::new();
        for line in source.lines() {
            if let Some(doc) = line.strip_prefix("///") {
                docs.push(doc.trim());
            } else if line.starts_with("pub ")
                && line.contains("fn ")
                && docs.first().is_some_and(|doc| doc.starts_with('`'))
            {
                let name =
                    line.split("fn ").nth(1).and_then(|rest| rest.split(['(', '<']).next()).expect("a name");
                let errors = docs
                    .iter()
                    .skip_while(|doc| **doc != "# Errors")
                    .skip(1)
                    .take_while(|doc| !doc.starts_with("# "));
                calls.insert(
                    name.to_owned(),
                    errors.copied().collect::<Vec<_>>().join("\n").trim().to_owned(),
                );
                docs.clear();
            } else if !line.starts_with("#[") {
                docs.clear();
            }
        }
    }
    calls
}

/// The errnos that a section names: at the head of each line of the list, and
/// in "Those of [`other`], and `EINVAL` …" those of the other, too.
fn named(calls: &BTreeMap<String, String>, section: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for item in section.split("\n- ").map(str::trim) {
        let head = item.strip_prefix("- ").unwrap_or(item);
        let (head, listed) =
            head.split_once(':').map_or((head, false), |(head, _)| (head, head.starts_with('`')));
        named.extend(errnos(if listed { head } else { item }).map(str::to_owned));
        if item.starts_with("Those of") {
            named.extend(links(item).flat_map(|other| named_of(calls, other)));
        }
    }
    named
}

fn named_of(calls: &BTreeMap<String, String>, name: &str) -> BTreeSet<String> {
    named(calls, calls.get(name).unwrap_or_else(|| panic!("no call is named {name}")))
}

fn listed(call: &Call) -> BTreeSet<String> {
    call.refusals.iter().map(|refusal| format!("{:?}", refusal.errno)).collect()
}

#[test]
fn every_call_and_errno_of_the_docs_is_in_the_table() {
    let documented = documented();
    let mut table: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for call in calls::all() {
        table.entry(call.name.to_owned()).or_default().extend(listed(call));
    }
    let expected: BTreeMap<_, _> =
        documented.iter().map(|(name, section)| (name.clone(), named(&documented, section))).collect();
    let mut wrong = Vec::new();
    for name in expected.keys().chain(table.keys()).collect::<BTreeSet<_>>() {
        match (expected.get(name), table.get(name)) {
            (Some(_), None) => wrong.push(format!("{name} is not in the table")),
            (None, Some(_)) => wrong.push(format!("{name} is no call of `sys`")),
            (Some(expected), Some(listed)) => {
                let lacks: Vec<_> = expected.difference(listed).collect();
                let more: Vec<_> = listed.difference(expected).collect();
                if !lacks.is_empty() || !more.is_empty() {
                    wrong.push(format!("{name}: not in the table {lacks:?}, not in the docs {more:?}"));
                }
            }
            (None, None) => unreachable!("it is a name of one of the two"),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The kernel's name for what a function of `sys` calls.
fn kernel_call(name: &str) -> &str {
    match name {
        "futex_waitv" => name,
        "pagemap_scan" | "procmap_query" => "ioctl",
        "posix_fadvise" => "fadvise64",
        _ => ["fcntl", "futex", "prctl"]
            .into_iter()
            .find(|call| name.starts_with(&format!("{call}_")))
            .unwrap_or(if name.starts_with("uffdio_") { "ioctl" } else { name }),
    }
}

/// Whether a text has this word.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !is_part(c)).any(|found| found == word)
}

/// Who makes the same call beside ours, and in which file.
fn oracle(files: &[(String, String)], name: &str) -> Option<String> {
    let call = kernel_call(name);
    let theirs = [",", ")"].map(|end| format!("theirs!({}{end}", call.to_uppercase()));
    files.iter().filter(|(_, text)| has_word(text, name)).find_map(|(file, text)| {
        let joined: String = text.split_whitespace().collect();
        let by = if theirs.iter().any(|theirs| joined.contains(theirs)) {
            "`sc`"
        } else if has_word(text, &format!("__NR_{call}")) {
            "`sc`, by linux-raw-sys's number"
        } else {
            return None;
        };
        Some(format!("{by}: {}", file.trim_start_matches("tests/")))
    })
}

/// Where else than on all three a function is not the call of its name.
fn instruction_sets(name: &str) -> &'static str {
    match name {
        "open" => "x86_64; aarch64 and riscv64 by `openat`",
        "fork" => "x86_64; aarch64 and riscv64 by `clone`",
        "clone" => "x86_64; aarch64 and riscv64 with the last two arguments exchanged",
        _ => "all",
    }
}

/// The errnos that tests provoke, each with the places, if these are not all.
fn provoked(refusals: &[&Refusal]) -> String {
    let mut errnos: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for refusal in refusals.iter().filter(|refusal| refusal.is_provoked()) {
        errnos.entry(format!("`{:?}`", refusal.errno)).or_default().insert(refusal.place());
    }
    let told = errnos.into_iter().map(|(errno, places)| {
        if places.contains("") {
            errno
        } else {
            format!("{errno} ({})", places.into_iter().collect::<Vec<_>>().join("; or "))
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

fn unprovoked(refusals: &[&Refusal]) -> String {
    let reasons = refusals.iter().filter(|refusal| !refusal.is_provoked());
    reasons.map(|refusal| format!("`{:?}`: {}", refusal.errno, refusal.why)).collect::<Vec<_>>().join("; ")
}

/// The places that have provoked any of it; where nothing is refused, the oracle's.
fn places(refusals: &[&Refusal]) -> String {
    let ran = |place: &&calls::Place| {
        refusals.is_empty() || refusals.iter().any(|refusal| refusal.is_provoked_in(place))
    };
    let names: Vec<_> = PLACES.iter().filter(ran).map(|place| place.name).collect();
    if names.len() == PLACES.len() { "all five".to_owned() } else { names.join(", ") }
}

#[test]
fn every_call_has_an_oracle_and_its_row() {
    let mut table: BTreeMap<&str, Vec<&Refusal>> = BTreeMap::new();
    for call in calls::all() {
        table.entry(call.name).or_default().extend(call.refusals);
    }
    let mut files = sources("tests");
    files.retain(|(name, _)| name.starts_with("tests/oracle_") || name == "tests/userfaults/mod.rs");
    let names: Vec<_> = PLACES.iter().map(|place| place.name).collect();
    let mut text = format!(
        "# The calls of `sys`\n\n\
         Flags and layouts are held against linux-raw-sys for all, in tests/oracle_*constants.rs.\n\
         `where` is where the errnos were provoked, of five places: {}.\n\n\
         | call | instruction sets | oracle | errnos provoked | not provoked, and why | where |\n\
         |---|---|---|---|---|---|\n",
        names.join(", ")
    );
    let mut without = Vec::new();
    for (name, refusals) in &table {
        let Some(oracle) = oracle(&files, name) else {
            without.push(name);
            continue;
        };
        let (sets, where_it_ran) = (instruction_sets(name), places(refusals));
        let (provoked, unprovoked) = (provoked(refusals), unprovoked(refusals));
        writeln!(text, "| `{name}` | {sets} | {oracle} | {provoked} | {unprovoked} | {where_it_ran} |")
            .expect("a string takes any text");
    }
    assert!(without.is_empty(), "no oracle: {without:?}");
    if let Some(path) = std::env::var_os("BAREMAP_TABLE") {
        std::fs::write(path, text).expect("a file to write to");
    }
}
