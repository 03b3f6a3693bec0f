//! What the numbers were measured on.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Names and values.
pub fn facts(root: &Path) -> Vec<(String, String)> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(root).output();
        let text = output.map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().next().unwrap_or("unknown").trim().to_owned()
    };
    let processor = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown".to_owned(), |name| name.trim_start_matches([' ', '\t', ':']).to_owned());
    let threads = std::thread::available_parallelism().map_or(0, usize::from);
    let memory =
        read("/proc/meminfo").split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0);
    let lock = read(&root.join("Cargo.lock").to_string_lossy());
    let version = |name: &str| {
        let after = lock.split(&format!("name = \"{name}\"\nversion = \"")).nth(1)?;
        Some(format!("{name} {}", after.split('"').next()?))
    };
    let crates = ["criterion", "libc", "memmap2", "nc", "rustix", "sc", "syscalls"];
    let mut facts = vec![
        ("date", said("date", &["-u", "+%F"])),
        ("commit", said("git", &["rev-parse", "--short", "HEAD"])),
        ("processor", format!("{processor}, {threads} threads")),
        ("memory", format!("{} GiB", (memory + (1 << 19)) >> 20)),
        ("kernel", format!("Linux {}", read("/proc/sys/kernel/osrelease").trim())),
        ("huge pages", chosen(&read("/sys/kernel/mm/transparent_hugepage/enabled"))),
        ("Rust", said("rustc", &["--version"])),
        ("C compiler", said("cc", &["--version"])),
        ("C library", said("ldd", &["--version"])),
        ("crates", crates.iter().filter_map(|name| version(name)).collect::<Vec<_>>().join(", ")),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Of a list such as `always [madvise] never`, what stands in brackets.
fn chosen(list: &str) -> String {
    list.split(['[', ']']).nth(1).unwrap_or_default().to_owned()
}
