//! What /proc/self/maps says, and whether that is what it should.

use std::ops::Range;

use super::naive::{EXEC, READ, WRITE};

/// A line.
#[derive(Debug)]
pub struct Mapping {
    pub range: Range<usize>,
    rights: u8,
    shared: bool,
    offset: usize,
    name: String,
}

/// What should be mapped at a place.
#[derive(Debug)]
pub struct Expected {
    pub range: Range<usize>,
    pub rights: u8,
    pub shared: bool,
    /// The name of a file, and the byte of it that is there.
    pub file: Option<(String, usize)>,
}

#[derive(Debug)]
pub struct Maps(Vec<Mapping>);

fn number(text: &str) -> usize {
    usize::from_str_radix(text, 16).expect("a number in /proc/self/maps")
}

fn mapping(line: &str) -> Mapping {
    let mut words = line.splitn(6, ' ');
    let mut next = || words.next().expect("a word in /proc/self/maps");
    let (start, end) = next().split_once('-').expect("a range in /proc/self/maps");
    let rights = next().as_bytes();
    let offset = number(next());
    let (_device, _inode) = (next(), next());
    let has = |index: usize, right: u8| if rights[index] == b'-' { 0 } else { right };
    Mapping {
        range: number(start)..number(end),
        rights: has(0, READ) | has(1, WRITE) | has(2, EXEC),
        shared: rights[3] == b's',
        offset,
        name: words.next().unwrap_or_default().trim_start().to_owned(),
    }
}

impl Maps {
    pub fn read() -> Self {
        let text = std::fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
        Self(text.lines().map(mapping).collect())
    }

    /// The first mapping that ends after an address.
    fn from(&self, address: usize) -> &[Mapping] {
        &self.0[self.0.partition_point(|mapping| mapping.range.end <= address)..]
    }

    /// Whether nothing is mapped there.
    pub fn is_free(&self, range: &Range<usize>) -> bool {
        self.from(range.start).first().is_none_or(|mapping| mapping.range.start >= range.end)
    }

    /// Whether it is one mapping, or a part of one.
    pub fn is_one(&self, range: &Range<usize>) -> bool {
        let found = self.from(range.start).first();
        found.is_some_and(|mapping| mapping.range.start <= range.start && mapping.range.end >= range.end)
    }

    /// Compares with what should be there, in the order of addresses. Nothing else
    /// may be in the areas, and nothing else of these names anywhere.
    pub fn compare(
        &self,
        expected: &[Expected],
        areas: &[Range<usize>],
        names: &[String],
    ) -> Result<(), String> {
        for wanted in expected {
            let found = self.from(wanted.range.start).first();
            let same = found.is_some_and(|found| {
                let into = wanted.range.start.wrapping_sub(found.range.start);
                let same_file = match &wanted.file {
                    Some((name, at)) => found.name == *name && found.offset + into == *at,
                    None => found.name.is_empty() || found.name.starts_with("/anon_hugepage"),
                };
                self.is_one(&wanted.range)
                    && (found.rights, found.shared) == (wanted.rights, wanted.shared)
                    && same_file
            });
            if !same {
                return Err(format!("{wanted:x?} should be there, and is {found:x?}"));
            }
        }
        for found in &self.0 {
            let whole = [found.range.clone()];
            let mine = if names.contains(&found.name) { &whole[..] } else { areas };
            for area in mine {
                let part = found.range.start.max(area.start)..found.range.end.min(area.end);
                let overlap = |wanted: &Expected| {
                    let (start, end) = (wanted.range.start.max(part.start), wanted.range.end.min(part.end));
                    end.saturating_sub(start)
                };
                let known: usize = expected.iter().map(overlap).sum();
                if known < part.len() {
                    return Err(format!("{found:x?} should not all be there: {part:x?}"));
                }
            }
        }
        Ok(())
    }
}

/// The flags of what is mapped, as /proc/self/smaps has them.
pub struct Flags(Vec<(Range<usize>, String)>);

impl Flags {
    pub fn read() -> Self {
        let text = std::fs::read_to_string("/proc/self/smaps").expect("/proc is mounted");
        let mut found = Vec::new();
        let mut range = 0..0;
        for line in text.lines() {
            if let Some(flags) = line.strip_prefix("VmFlags:") {
                // Those that the kernel keeps where it makes one mapping of two: that
                // something was written (`sd`), that there may be guards (`gu`).
                let flags: Vec<_> =
                    flags.split(' ').filter(|flag| !["", "sd", "gu"].contains(flag)).collect();
                found.push((range.clone(), flags.join(" ")));
            } else if !line.split(' ').next().is_some_and(|word| word.ends_with(':')) {
                range = mapping(line).range;
            }
        }
        Self(found)
    }

    pub fn at(&self, address: usize) -> &str {
        let found = self.0.iter().find(|(range, _)| range.contains(&address));
        &found.unwrap_or_else(|| panic!("{address:#x} has no flags in /proc/self/smaps")).1
    }
}
