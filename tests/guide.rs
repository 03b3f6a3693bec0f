//! The guide in docs/ tells the truth: its outputs are the programs', its C compiles,
//! its links lead somewhere, and no point of the lecture is left out. Its Rust is
//! compiled and run as doc tests of the library.

mod common;
mod hosted;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Folder, run};
use hosted::wrong_under_emulation;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages of the guide, with their names.
fn pages() -> Vec<(PathBuf, String)> {
    let folder = root().join("docs/src");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "md"))
        .map(|file| (file.clone(), fs::read_to_string(&file).unwrap()))
        .collect();
    pages.sort();
    assert!(pages.len() >= 10, "{}", folder.display());
    pages
}

/// A block between fences: its language, the line before it, and its text.
struct Block {
    language: String,
    before: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let (mut blocks, mut before) = (Vec::new(), "");
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n"));
            blocks.push(Block { language: language.into(), before: before.into(), text: text.collect() });
        }
        before = line;
    }
    blocks
}

/// The programs of examples/.
fn programs() -> Vec<String> {
    let manifest = read("examples/Cargo.toml");
    let names = manifest.lines().filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix(".rs\""));
    names.map(str::to_owned).collect()
}

#[test]
fn outputs_are_those_of_the_programs() {
    let mut shown = Vec::new();
    for (file, page) in pages() {
        for block in blocks(&page) {
            let marker = block.before.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
            let Some((kind, name)) = marker.and_then(|marker| marker.split_once(": ")) else { continue };
            shown.push(name.to_owned());
            if kind == "seen" {
                has_the_lectures_parts(&block.text);
                continue;
            }
            let golden = read(format!("examples/{name}.stdout"));
            match kind {
                "output" => assert_eq!(block.text, golden, "{}: {name}", file.display()),
                "part" => {
                    let within =
                        golden.starts_with(&block.text) || golden.contains(&format!("\n{}", block.text));
                    assert!(within, "{}: no part of {name}:\n{}", file.display(), block.text);
                }
                _ => panic!("{}: {kind} is no kind of output", file.display()),
            }
        }
    }
    for name in [
        "private_cow",
        "shared_write",
        "anonymous",
        "arguments",
        "sync",
        "unmap",
        "fault",
        "layout",
        "loader",
    ] {
        assert!(shown.iter().any(|shown| shown == name), "{name} is not shown");
    }
    // A marker that no block follows would check nothing.
    let markers: usize = pages().iter().map(|(_, page)| page.matches("<!-- ").count()).sum();
    assert_eq!(markers, shown.len());
}

/// Whether a picture shows what the lecture names, in its order, from the top.
fn has_the_lectures_parts(picture: &str) {
    let mut rest = picture;
    for part in [
        "argv, environ",
        "stack",
        "room for the stack to grow",
        "shared memory",
        "room for the heap to grow",
        "heap",
        "uninitialized data (bss)",
        "initialized data",
        "text (program code)",
    ] {
        let (_, below) = rest.split_once(part).unwrap_or_else(|| panic!("{part} is not there:\n{picture}"));
        rest = below;
    }
}

/// The picture and the text in the guide are of one program, which draws the same
/// parts now.
#[test]
fn the_picture_is_one_of_today() {
    // The SVG has them from the top down, too.
    has_the_lectures_parts(&read("docs/pictures/layout.svg"));
    if !wrong_under_emulation("/proc/self/maps") {
        let seen = run("layout", &[] as &[&str]);
        has_the_lectures_parts(&String::from_utf8_lossy(&seen.stdout));
    }
}

/// The rows of every table that has three columns, without their headings.
fn rows(page: &str) -> Vec<[String; 3]> {
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    let rows = page.lines().filter(|line| line.starts_with("| ")).map(cells);
    let rows = rows.filter_map(|row: Vec<String>| row.try_into().ok());
    rows.filter(|[point, ..]: &[String; 3]| point != "the lecture").collect()
}

#[test]
fn every_point_of_the_lecture_has_a_program() {
    let rows = rows(&read("docs/src/points.md"));
    let (points, programs) = (read("tests/lecture/points.txt"), programs());
    let mut rest = rows.as_slice();
    for point in points.lines() {
        let (row, others) = rest.split_first().unwrap_or_else(|| panic!("{point}: has no row"));
        assert_eq!(row[0], point);
        rest = others;
    }
    assert_eq!((points.lines().count(), rest.len()), (52, 3), "the points, and the examples");
    for [point, run, see] in &rows {
        let (name, page) = run.strip_prefix('[').and_then(|run| run.split_once("](")).expect("a link");
        let page = page.strip_suffix(')').unwrap();
        assert!(programs.iter().any(|program| program == name), "{point}: {name} is no program");
        let text = read(format!("docs/src/{page}"));
        assert!(text.contains(name), "{point}: {page} does not speak of {name}");
        assert!(!see.is_empty(), "{point}");
    }
}

/// What a page links to, pictures too.
fn links(page: &str) -> Vec<&str> {
    page.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect()
}

/// The name by which a heading is linked to.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || "-_ ".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn links_lead_to_what_is_there() {
    let mut seen = 0;
    for (file, page) in pages() {
        for link in links(&page) {
            if link.starts_with("https://") {
                continue;
            }
            let (path, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { file.clone() } else { file.parent().unwrap().join(path) };
            assert!(target.exists(), "{}: {link}", file.display());
            if !place.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let there =
                    text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == place);
                assert!(there, "{}: {link}", file.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 60, "only {seen} links were found");
}

#[test]
fn every_page_is_in_the_summary_and_leads_on() {
    let summary = read("docs/src/SUMMARY.md");
    for (file, page) in pages() {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name != "SUMMARY.md" {
            assert!(summary.contains(&format!("]({name})")), "{name} is not in the summary");
            assert!(page.starts_with("# "), "{name} has no title");
        }
    }
}

#[test]
fn commands_name_programs_that_are_there() {
    let programs = programs();
    let mut seen = 0;
    for (file, page) in pages() {
        for block in blocks(&page).iter().filter(|block| block.language == "sh") {
            let words: Vec<_> = block.text.split_whitespace().collect();
            for pair in words.windows(2).filter(|pair| pair[0] == "--bin" && pair[1] != "NAME") {
                assert!(programs.iter().any(|program| program == pair[1]), "{}: {}", file.display(), pair[1]);
                seen += 1;
            }
        }
    }
    assert!(seen >= 3, "only {seen} commands were found");
}

#[test]
fn the_c_of_the_guide_compiles() {
    let folder = Folder::new();
    let mut seen = 0;
    for (file, page) in pages() {
        for block in blocks(&page).iter().filter(|block| block.language == "c") {
            // A program as it stands; what is less is a declaration, or the inside of
            // a function that has what was made before.
            let source = if block.text.contains("int main") {
                block.text.clone()
            } else {
                let headers = ["fcntl", "stdio", "sys/mman", "sys/types", "sys/wait", "unistd"];
                let headers: String = headers.iter().map(|name| format!("#include <{name}.h>\n")).collect();
                let made = "extern int fd; extern off_t size; extern char *data;";
                format!("{headers}{made}\nvoid f(void);\nvoid f(void) {{\n{}\n}}\n", block.text)
            };
            let source = folder.file("block.c", source.as_bytes());
            let compiler = std::env::var_os("BAREMAP_CC").unwrap_or_else(|| "gcc".into());
            let flags = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Wno-unused-variable"];
            let compiled = Command::new(compiler).args(flags).arg(&source).output().expect("a C compiler");
            let said = String::from_utf8_lossy(&compiled.stderr);
            assert!(compiled.status.success(), "{}:\n{}\n{said}", file.display(), block.text);
            seen += 1;
        }
    }
    assert!(seen >= 9, "only {seen} blocks of C were found");
}

#[test]
fn rust_of_the_guide_is_tested() {
    let tested = read("src/guide.rs");
    for (file, page) in pages() {
        let name = file.file_name().unwrap().to_str().unwrap();
        if blocks(&page).iter().any(|block| block.language.starts_with("rust")) {
            assert!(tested.contains(&format!("docs/src/{name}")), "{name} is not in src/guide.rs");
            assert!(!page.contains("```rust,ignore"), "{name}: what is ignored is not tested");
        }
    }
}
