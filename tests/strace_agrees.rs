//! What a call is given is what the kernel gets, as strace decodes it: all six
//! arguments, the mode of a file to create, offsets above 4 GiB, negative seeks.
//! And each function makes one call, not more.
//! Natively, for strace reads the calls of this machine.

mod sources;
mod strace;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Without it, the calls are not traced, and what strace keeps off would happen.
const TRACED: &str = "BAREMAP_TRACED";

/// The calls, each once. It runs alone, under strace, and ends its process.
#[test]
#[ignore = "is what the other test has traced"]
fn calls_to_be_traced() {
    if std::env::var_os(TRACED).is_some() {
        // Root may reboot: nothing but strace would be in the way.
        // SAFETY: it only takes privileges away.
        let _ = unsafe { libc::setuid(65_534) };
        // SAFETY: it only asks.
        assert_ne!(unsafe { libc::geteuid() }, 0, "still root");
        strace::ALL.iter().copied().flatten().for_each(|(call, _)| call());
    }
}

#[test]
fn strace_sees_the_arguments_that_were_passed() {
    let trace = std::env::temp_dir().join(format!("baremap-strace-{}", std::process::id()));
    let output = Command::new("strace")
        .args("-f -qq --signal=none -v -X raw -s 64 -e inject=fork,reboot:error=EAGAIN -o".split(' '))
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "calls_to_be_traced", "--ignored", "--test-threads=1"])
        .env(TRACED, "1")
        .output()
        .expect("strace");
    let seen = fs::read_to_string(&trace).unwrap();
    fs::remove_file(&trace).unwrap();
    assert_eq!(output.status.code(), Some(strace::process::LAST), "{output:?}");

    let (_, first) = strace::ALL[0][0];
    // Its end may be on another line.
    let start = seen.lines().find(|line| line.contains(first.trim_end_matches(')')));
    let thread = start.and_then(|line| line.split(' ').next()).expect("the first of the calls");
    let calls = calls(&seen, thread);
    let mut calls = calls.iter().map(String::as_str).skip_while(|call| *call != first);
    for (_, expected) in strace::ALL.iter().copied().flatten() {
        let call = calls.next().unwrap_or("nothing");
        assert!(agree(expected, call), "expected {expected}\nbut seen {call}");
    }
    assert_eq!(calls.next(), None);
}

/// The calls of one thread, without their results.
fn calls(trace: &str, thread: &str) -> Vec<String> {
    let mut calls = Vec::new();
    let mut half = "";
    // A line is a thread, the call, and its result: `123 close(-77) = -1 EBADF …`.
    // It is in two halves if another thread came between.
    let lines = trace.lines().filter_map(|line| line.strip_prefix(thread)?.strip_prefix(' '));
    for line in lines.map(str::trim_start) {
        if let Some(begun) = line.strip_suffix(" <unfinished ...>") {
            half = begun;
        } else {
            let (call, _) = line.rsplit_once(" = ").unwrap_or_else(|| panic!("{line}"));
            let resumed = call.split_once(" resumed>").map(|(_, rest)| format!("{half}{rest}"));
            calls.push(resumed.unwrap_or_else(|| call.to_owned()).trim_end().to_owned());
        }
    }
    calls
}

/// Whether this is the call that was expected.
fn agree(expected: &str, seen: &str) -> bool {
    let (name, arguments) = parts(expected);
    let number = strace::UNNAMED.iter().find(|(unnamed, _)| *unnamed == name).map(|(_, number)| number);
    if let Some(words) = number.and_then(|number| seen.strip_prefix(&format!("syscall_{number:#x}("))) {
        let words = words.trim_end_matches(')').split(", ");
        return arguments
            .split(", ")
            .zip(words)
            .all(|(argument, seen)| argument == "…" || word(argument) == word(seen));
    }
    let mut pieces = expected.split('…');
    let mut rest = pieces.next().and_then(|start| seen.strip_prefix(start));
    for piece in pieces {
        let address = rest.and_then(|rest| rest.strip_prefix("0x"));
        rest = address
            .and_then(|rest| rest.trim_start_matches(|c: char| c.is_ascii_hexdigit()).strip_prefix(piece));
    }
    rest == Some("")
}

/// The name of a call, and its arguments.
fn parts(call: &str) -> (&str, &str) {
    let (name, arguments) = call.split_once('(').unwrap();
    (name, arguments.strip_suffix(')').unwrap())
}

/// A word of a register, as strace shows it or as it is expected.
fn word(text: &str) -> u64 {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).unwrap(),
        None => text.parse::<i64>().unwrap() as u64,
    }
}

/// Functions of src/sys that make no call of their own, or any call.
const OTHERS: &[&str] =
    &["control_messages", "control_space", "directory_entries", "page_size", "syscall", "write_rights"];

fn sources(folder: &str) -> Vec<(String, String)> {
    sources::sources(Path::new(env!("CARGO_MANIFEST_DIR")), folder)
}

/// Functions that nothing can be given that the kernel refuses, and one that
/// does not come back.
const NEVER_REFUSED: &[&str] =
    &["brk", "exit_group", "fork", "getpid", "getppid", "gettid", "munlockall", "sched_yield"];

#[test]
fn no_function_was_forgotten() {
    let [traced, refused] = ["tests/strace", "tests/refusals"]
        .map(|folder| sources(folder).into_iter().map(|(_, text)| text).collect::<String>());
    let mut functions = 0;
    for (file, text) in sources("src/sys") {
        for line in text.lines().filter(|line| line.starts_with("pub ")) {
            let Some((_, name)) = line.split_once("fn ") else { continue };
            let name = &name[..name.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap()];
            let is_in = |tables: &str| {
                [" ", "::", "("].iter().any(|before| tables.contains(&format!("{before}{name}(")))
            };
            if OTHERS.contains(&name) {
                continue;
            }
            assert!(is_in(&traced), "{file}: {name}");
            assert!(is_in(&refused) || NEVER_REFUSED.contains(&name), "{file}: {name}");
            functions += 1;
        }
    }
    assert!(functions > 100, "{functions}");
}

#[test]
fn no_number_was_forgotten() {
    let expected: BTreeSet<&str> =
        strace::ALL.iter().copied().flatten().map(|(_, call)| parts(call).0).collect();
    let mut made = BTreeSet::new();
    let mut files = sources("src/sys");
    // Any number can be given there.
    files.retain(|(file, _)| file != "src/sys/raw.rs");
    files.extend(sources("arch").into_iter().filter(|(file, _)| file == "arch/x86_64.rs"));
    for (_, text) in &files {
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        // `syscall3(Sysno::NAME, …`, or another constant that is named like the call.
        for call in code.split("syscall").skip(1) {
            let Some(arguments) = call.get(1..).and_then(|call| call.strip_prefix('(')) else { continue };
            let number = arguments.split([',', ')']).next().unwrap();
            made.insert(number.trim().rsplit("::").next().unwrap().to_lowercase());
        }
    }
    assert_eq!(made.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
}
