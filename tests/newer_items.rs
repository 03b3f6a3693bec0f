//! What the library has that Linux 6.1 has not is in one table, in the
//! documentation of `sys`: every item whose own documentation says so, with its
//! version and its answer before that, and nothing else. A test stands for each.
//!
//! It reads the sources where they were compiled, so it is not for a machine that
//! has only the executables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A file's text, or those of all files below a folder.
fn text(path: &Path) -> String {
    if !path.is_dir() {
        return fs::read_to_string(path).unwrap();
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| text(&path) + "\n").collect()
}

fn sources(paths: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    paths.iter().map(|path| text(&root.join(path))).collect()
}

/// A name up to where it ends.
fn name(text: &str) -> String {
    text.chars().take_while(|&character| character.is_alphanumeric() || character == '_').collect()
}

/// The name of the item that a line declares, which a type's constant has after
/// its type's.
fn declared(line: &str, within: &str) -> String {
    let line = line.trim_start().trim_start_matches("pub ").trim_start_matches("unsafe ");
    match line.split_once(' ').expect("an item") {
        ("const", rest) => format!("{within}::{}", name(rest)),
        (_, rest) => name(rest),
    }
}

/// The versions newer than 6.1 that a documentation marks its item with. What it
/// says of single errors is about them.
fn marks(documentation: &str) -> BTreeSet<u32> {
    let meaning = documentation.split("# Errors").next().unwrap();
    let versions = meaning.split("(Linux 6.").skip(1).map(|rest| name(rest).parse().expect("a number"));
    versions.filter(|&version| version > 1).collect()
}

/// The documentation of each item of `sys` and `flags`.
fn documentation() -> BTreeMap<String, String> {
    let mut items = BTreeMap::new();
    let (mut pending, mut within) = (String::new(), String::new());
    for line in sources(&["src/sys", "src/flags"]).lines() {
        let code = line.trim_start();
        if let Some(more) = code.strip_prefix("///") {
            pending += more;
            continue;
        }
        for start in ["pub struct ", "impl "] {
            within = code.strip_prefix(start).map_or(within, name);
        }
        if !code.starts_with('#') && !pending.is_empty() {
            // Instruction sets and macros have items of one name, none marked.
            let documentation = std::mem::take(&mut pending);
            items.entry(declared(code, &within)).or_insert(documentation);
        }
    }
    assert!(items.len() > 500, "only {} items were found", items.len());
    items
}

/// Each row of the table: its items, the version, and the answer before that.
fn rows() -> Vec<(Vec<String>, u32, String)> {
    let text = sources(&["src/sys/mod.rs"]);
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | ")).skip(1);
    rows.map(|row| {
        let [items, version, before, _instead] = row.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let names = items.split("[`").skip(1).map(|link| link.split('`').next().unwrap().to_owned());
        (names.collect(), version.strip_prefix("6.").unwrap().parse().unwrap(), before.to_owned())
    })
    .collect()
}

#[test]
fn what_is_marked_as_newer_is_in_the_table_and_the_other_way() {
    let documentation = documentation();
    let all = documentation.iter();
    let marked: BTreeSet<(&str, u32)> = all
        .flat_map(|(item, text)| marks(text).into_iter().map(|version| (item.as_str(), version)))
        .collect();
    let rows = rows();
    let listed: BTreeSet<(&str, u32)> = rows
        .iter()
        .flat_map(|(items, version, _)| items.iter().map(|item| (item.as_str(), *version)))
        .collect();
    assert_eq!(marked, listed);
    assert!(listed.len() > 30, "{listed:?}");
    assert!(rows.is_sorted_by_key(|(_, version, _)| *version));
}

#[test]
fn each_newer_item_says_what_it_was_before() {
    let documentation = documentation();
    for (items, _, before) in rows() {
        for item in items {
            let said = documentation[&item].to_lowercase();
            assert!(said.contains("before that"), "{item}");
            assert!(said.contains(&before.to_lowercase()), "{item}: {before}");
        }
    }
}

#[test]
fn each_newer_item_has_a_test() {
    let files =
        ["tests/older_kernels.rs", "tests/older_kernels_otherwise.rs", "tests/older_kernels_userfaultfd.rs"];
    let text = sources(&files);
    let told: String = text.lines().filter(|line| line.starts_with("/// ")).collect();
    for item in rows().iter().flat_map(|(items, ..)| items) {
        assert!(told.contains(&format!("`{item}`")), "no test is said to be of {item}");
    }
}
