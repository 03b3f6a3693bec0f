//! The sources keep the house's rules: which module may know which, where
//! assembly stands, what needs no standard library, how long a file gets.
//!
//! It reads the sources where they were compiled, so it is not for a machine
//! that has only the executables: there it fails, and must not be packed.

mod sources;

use std::collections::BTreeMap;
use std::path::Path;

/// The modules from the lowest up, with their floors. A module may import from
/// lower floors, and on its own floor from those before it: so there is no circle.
const FLOORS: &[(u8, &str)] = &[
    (0, "arch"),
    (1, "errno"),
    (1, "page"),
    (1, "flags"),
    (1, "retry"),
    (2, "sys"),
    (3, "fd"),
    (3, "path"),
    (3, "file"),
    (3, "process"),
    (3, "command"),
    (3, "rt"),
    (4, "map"),
    (5, "address_space"),
    (5, "guard"),
    (5, "memfd"),
    (5, "shared"),
    (5, "soundness"),
    (6, "ipc"),
];

/// What a file may at most have in lines.
const LINES: usize = 350;

/// Files that may have more, how many, and why.
const LONGER: &[(&str, usize, &str)] = &[];

fn sources(folder: &str) -> Vec<(String, String)> {
    sources::sources(Path::new(env!("CARGO_MANIFEST_DIR")), folder)
}

fn library() -> Vec<(String, String)> {
    [sources("arch"), sources("src")].concat()
}

/// The module of the crate's root that a file belongs to.
fn module(file: &str) -> &str {
    if file.starts_with("arch/") {
        return "arch";
    }
    let path = file.strip_prefix("src/").unwrap();
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// What remains of a line before a comment at its end.
fn code(line: &str) -> &str {
    if is_comment(line) { "" } else { line.split(" // ").next().unwrap() }
}

/// A file's code, line by line with its number, without comments and without
/// the items that one of these attributes is for.
fn code_without<'text>(text: &'text str, attributes: &[&str]) -> Vec<(usize, &'text str)> {
    let mut kept = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if !attributes.contains(&line.trim()) {
            kept.push((number + 1, code(line)));
            continue;
        }
        // The item ends where its braces do, or with its semicolon before any.
        let (mut depth, mut opened) = (0_i32, false);
        for (_, line) in lines.by_ref() {
            let count = |brace| code(line).matches(brace).count() as i32;
            depth += count('{') - count('}');
            opened |= count('{') > 0;
            if depth == 0 && (opened || line.trim_end().ends_with([';', ','])) {
                break;
            }
        }
    }
    kept
}

/// The places where a word stands that is no part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(place, _)| {
        let before = line[..place].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || "_$:.".contains(character))
    })
}

/// The names after each `crate::` of a file, its `$crate::` aside: what a macro
/// says is said in the user's crate.
fn imports(text: &str) -> Vec<String> {
    // On one line, so that a list in braces is not torn.
    let text: String =
        code_without(text, &["#[cfg(test)]"]).iter().flat_map(|(_, line)| [line, " "]).collect();
    let mut names = Vec::new();
    for (place, start) in text.match_indices("crate::") {
        if text[..place].ends_with('$') || text[..place].ends_with("pub(in ") {
            continue;
        }
        let rest = &text[place + start.len()..];
        let list = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap(),
            None => rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap(),
        };
        let first =
            |name: &str| name.trim().split("::").next().unwrap().split(' ').next().unwrap().to_owned();
        names.extend(list.split(',').map(first).filter(|name| !name.is_empty()));
    }
    names
}

/// The module that each name of the crate's root comes from: what lib.rs takes
/// out of it, and its macros.
fn names_of_the_root(library: &[(String, String)]) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (file, text) in library {
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("macro_rules! ")) {
            names.insert(line.trim_end_matches(" {").to_owned(), module(file).to_owned());
        }
        if file == "src/lib.rs" {
            for list in text.split("pub use ").skip(1) {
                let (module, list) = list.split(';').next().unwrap().split_once("::").unwrap();
                for name in list.split(|c: char| !c.is_alphanumeric()).filter(|name| !name.is_empty()) {
                    names.insert(name.to_owned(), module.to_owned());
                }
            }
        }
    }
    names
}

#[test]
fn imports_point_down_the_floors() {
    let library = library();
    let names = names_of_the_root(&library);
    let height = |module: &str| {
        let place = FLOORS.iter().position(|(_, name)| *name == module);
        place.unwrap_or_else(|| panic!("{module} is on no floor: add it to FLOORS, as design.md has it"))
    };
    assert!(FLOORS.is_sorted_by_key(|(floor, _)| floor));
    let mut seen = 0;
    for (file, text) in library.iter().filter(|(file, _)| file != "src/lib.rs") {
        let own = module(file);
        for name in imports(text) {
            let imported = names.get(&name).unwrap_or(&name);
            let down = height(imported) < height(own);
            assert!(down || imported == own, "{file} imports {name}, which is not below it");
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} imports were found");
}

#[test]
fn assembly_and_instruction_sets_are_known_in_arch_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = sources("src");
    // The published crate has no examples.
    if root.join("examples").is_dir() {
        files.extend(sources("examples"));
    }
    for (file, text) in files {
        for (number, line) in text.lines().enumerate() {
            for word in ["asm!", "global_asm!", "naked_asm!", "target_arch"] {
                let there = !is_comment(line) && line.contains(word);
                assert!(!there, "{file}:{}: {word} belongs in arch/", number + 1);
            }
        }
    }
    let arch: String = sources("arch").into_iter().map(|(_, text)| text).collect();
    assert!(["asm!", "global_asm!", "target_arch"].iter().all(|word| arch.contains(word)));
}

#[test]
fn the_library_needs_neither_std_nor_alloc() {
    const MAY: [&str; 3] =
        [r#"#[cfg(feature = "std")]"#, "#[cfg(test)]", r#"#[cfg(any(feature = "std", test))]"#];
    let mut everything = 0;
    for (file, text) in library() {
        for (number, line) in code_without(&text, &MAY) {
            for word in ["std::", "alloc::", "extern crate"] {
                assert!(!has_word(line, word), "{file}:{number}: {word} outside of what needs it");
            }
        }
        everything += usize::from(text.lines().any(|line| has_word(code(line), "std::")));
    }
    assert!(everything > 0, "the search finds nothing at all");
}

#[test]
fn no_file_is_long() {
    for (file, text) in library() {
        let longer = LONGER.iter().find(|(name, ..)| *name == file);
        let allowed = longer.map_or(LINES, |(_, lines, _)| *lines);
        let lines = text.lines().count();
        assert!(lines <= allowed, "{file} has {lines} lines, more than {allowed}: it is two files");
        assert!(longer.is_none() || lines > LINES, "{file} is short again: strike it off LONGER");
    }
}

#[test]
fn every_public_item_of_files_and_maps_has_an_example() {
    const KINDS: [&str; 5] = ["fn ", "struct ", "enum ", "trait ", "type "];
    // What the root does not show, only its own module can name.
    const HIDDEN: [&str; 3] = ["Protection", "Sealed", "Release"];
    let mut seen = 0;
    for (file, text) in library() {
        if !["fd", "file", "map", "page", "path"].iter().any(|name| module(&file) == *name) {
            continue;
        }
        let (mut doc, mut attribute) = (String::new(), false);
        for (number, line) in text.lines().map(str::trim).enumerate() {
            attribute |= line.starts_with("#[");
            if line.starts_with("///") || attribute {
                doc += line;
                attribute &= !line.ends_with(']');
                continue;
            }
            let item =
                line.strip_prefix("pub ").map(|item| item.replace("const ", "").replace("unsafe ", ""));
            let name = item.as_ref().and_then(|item| KINDS.iter().find_map(|kind| item.strip_prefix(kind)));
            if let Some(name) = name.filter(|name| !HIDDEN.iter().any(|hidden| name.starts_with(hidden))) {
                assert!(doc.contains("```"), "{file}:{}: {name} has no example", number + 1);
                seen += 1;
            }
            doc.clear();
        }
    }
    assert!(seen > 150, "only {seen} items were found");
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    for (file, text) in library() {
        let opens = text.starts_with("//! ") || file == "src/lib.rs" && text.starts_with("#![doc");
        assert!(opens, "{file}");
    }
}

/// What a file of an instruction set offers, be it made by a macro. Helpers of its
/// own are its own business.
fn items(text: &str) -> Vec<String> {
    let starts = [
        "pub unsafe fn ",
        "pub fn ",
        "pub const ",
        "pub struct ",
        "macro_rules! __",
        "macro_rules! trap",
        "load!(",
        "store!(",
    ];
    let lines = text.lines().filter(|line| starts.iter().any(|start| line.starts_with(start)));
    lines
        .map(|line| line.replace("load!(", "pub unsafe fn ").replace("store!(", "pub unsafe fn "))
        .map(|line| line.split(['(', '{', '=', ',', ':']).next().unwrap().trim().to_owned())
        .collect()
}

#[test]
fn instruction_sets_have_the_same_items_in_the_same_order() {
    // What several take from the generic kernel interface counts as if it stood there.
    const GENERIC: &str = "pub use super::generic::*;\n";
    let sources = sources("arch");
    let generic = &sources.iter().find(|(file, _)| file == "arch/generic.rs").expect("it is there").1;
    let shared = ["arch/mod.rs", "arch/generic.rs", "arch/guarded/mod.rs", "arch/memory/mod.rs"];
    for (folder, least) in [("arch", 10), ("arch/guarded", 10), ("arch/memory", 1)] {
        let files: Vec<_> = sources
            .iter()
            .filter(|(file, _)| Path::new(file).parent() == Some(Path::new(folder)))
            .filter(|(file, _)| !shared.contains(&file.as_str()))
            .collect();
        assert_eq!(files.len(), 4, "three, and what stands in for the others");
        let items = |text: &str| items(&text.replace(GENERIC, generic));
        let (first, text) = files[0];
        assert!(items(text).len() >= least, "{:?}", items(text));
        for (file, other) in &files[1..] {
            assert_eq!(items(other), items(text), "{file} against {first}");
        }
    }
}
