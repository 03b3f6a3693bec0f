//! The table of calls leaves no call of `sys` out, and no errno that its docs
//! name. `cargo test --test table_of_calls -- --ignored --nocapture` prints it.

mod calls;
mod common;
mod hosted;
mod memory;
mod oracle;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use calls::Call;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let below = folders.iter().flat_map(|folder| sources(folder));
    files.into_iter().filter(|file| file.extension().is_some_and(|name| name == "rs")).chain(below).collect()
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
    for source in sources(&root().join("src/sys")) {
        let source = fs::read_to_string(source).expect("a source");
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
