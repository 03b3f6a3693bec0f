//! Every guarded operation against a model that knows which pages are there: what
//! it does, and to the byte where it stops.

mod hosted;

use std::cmp::Ordering;
use std::fmt::Debug;
use std::ops::Range;

use baremap::guard::{Fault, Guarded, Guards, KernelCopies, Means, Value};
use baremap::map::{Anon, Raw};
use baremap::sys::page_size;
use baremap::{Errno, Map, MapAnon, Prot};
use hosted::wrong_under_emulation;

const PAGES: usize = 6;

/// Numbers that look random, and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    /// A position, mostly near the start of a page, where things happen.
    fn position(&mut self, length: usize) -> usize {
        let page = page_size();
        match self.below(3) {
            0 => self.below(length),
            _ => ((1 + self.below(PAGES - 1)) * page + self.below(24)).saturating_sub(12).min(length - 1),
        }
    }

    /// A length for a range from `start` on.
    fn length(&mut self, start: usize, length: usize) -> usize {
        let most = [9, 70, 600, 3 * page_size()][self.below(4)];
        self.below(most).min(length - start)
    }
}

/// What is in the memory, and what may be done with each of its pages.
struct Model {
    bytes: Vec<u8>,
    rights: [Prot; PAGES],
}

impl Model {
    fn may(&self, index: usize, right: Prot) -> bool {
        self.rights[index / page_size()].contains(right)
    }

    /// How many bytes of the range can be accessed, from its start on.
    fn there(&self, range: Range<usize>, right: Prot) -> usize {
        range.clone().position(|index| !self.may(index, right)).unwrap_or(range.len())
    }

    /// What an access of the range gives.
    fn access(&self, range: Range<usize>, right: Prot) -> Result<(), Fault> {
        let done = self.there(range.clone(), right);
        if done == range.len() { Ok(()) } else { Err(gone(range.start + done, done)) }
    }

    /// What copying a range gives, and does.
    fn copy_within(&mut self, range: Range<usize>, to: usize) -> Result<(), Fault> {
        let old = self.bytes.clone();
        let length = range.len();
        for done in 0..length {
            let index = if to <= range.start { done } else { length - 1 - done };
            let (from, to) = (range.start + index, to + index);
            if !self.may(from, Prot::READ) {
                return Err(gone(from, done));
            }
            if !self.may(to, Prot::WRITE) {
                return Err(gone(to, done));
            }
            self.bytes[to] = old[from];
        }
        Ok(())
    }
}

fn gone(offset: usize, done: usize) -> Fault {
    Fault { errno: Errno::EFAULT, offset, done }
}

/// The memory and its model, side by side.
struct Pair<M: Means> {
    map: Guarded<M, Anon>,
    model: Model,
}

impl<M: Means + Copy> Pair<M> {
    fn new(means: M, rights: [Prot; PAGES]) -> Self {
        let page = page_size();
        let mut map = MapAnon::new(PAGES * page).expect("memory");
        let bytes: Vec<u8> = (0..map.len()).map(|index| (index % 251) as u8 | 1).collect();
        map.copy_from_slice(&bytes);
        let mut map: Map<Raw, Anon> = map.into();
        for (number, right) in rights.iter().enumerate() {
            map.protect(number * page..(number + 1) * page, *right).expect("its pages");
        }
        Self { map: Guarded::new(map, means), model: Model { bytes, rights } }
    }

    fn reads(&self, start: usize, length: usize) {
        let mut seen = vec![0; length];
        let expected = self.model.access(start..start + length, Prot::READ);
        assert_eq!(self.map.read_at(start, &mut seen), expected);
        let there = self.model.there(start..start + length, Prot::READ);
        assert_eq!(seen[..there], self.model.bytes[start..start + there]);
        assert!(seen[there..].iter().all(|&byte| byte == 0), "more than it says was read");
    }

    fn writes(&mut self, start: usize, bytes: &[u8]) {
        let range = start..start + bytes.len();
        assert_eq!(self.map.write_at(start, bytes), self.model.access(range.clone(), Prot::WRITE));
        let there = self.model.there(range, Prot::WRITE);
        self.model.bytes[start..start + there].copy_from_slice(&bytes[..there]);
    }

    fn fills(&mut self, range: Range<usize>, byte: u8) {
        assert_eq!(self.map.fill(range.clone(), byte), self.model.access(range.clone(), Prot::WRITE));
        let there = self.model.there(range.clone(), Prot::WRITE);
        self.model.bytes[range.start..range.start + there].fill(byte);
    }

    fn finds(&self, range: Range<usize>, byte: u8) {
        let there = self.model.there(range.clone(), Prot::READ);
        let seen = &self.model.bytes[range.start..range.start + there];
        let expected = match seen.iter().position(|&other| other == byte) {
            Some(index) => Ok(Some(range.start + index)),
            None => self.model.access(range.clone(), Prot::READ).map(|()| None),
        };
        assert_eq!(self.map.find(byte, range), expected);
    }

    fn compares(&self, start: usize, with: &[u8]) {
        let there = self.model.there(start..start + with.len(), Prot::READ);
        let expected = match self.model.bytes[start..start + there].cmp(&with[..there]) {
            Ordering::Equal => {
                self.model.access(start..start + with.len(), Prot::READ).map(|()| Ordering::Equal)
            }
            other => Ok(other),
        };
        assert_eq!(self.map.compare(start, with), expected);
    }

    fn goes_through(&self, range: Range<usize>, size: usize) {
        let mut buffer = vec![0; size];
        let mut chunks = self.map.chunks(range.clone(), &mut buffer).expect("a range of the map");
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start + size);
            let expected = self.model.access(start..end, Prot::READ).map(|()| &self.model.bytes[start..end]);
            assert_eq!(chunks.next(), Some(expected));
            start = end;
        }
        assert_eq!(chunks.next(), None);
    }

    fn copies(&mut self, range: Range<usize>, to: usize) {
        let expected = self.model.copy_within(range.clone(), to);
        assert_eq!(self.map.copy_within(range.clone(), to), expected, "{range:?} to {to}");
    }

    fn values<V: Value + Debug + PartialEq>(&mut self, start: usize, from: impl Fn(&[u8]) -> V) {
        let range = start..start + size_of::<V>();
        if range.end > self.model.bytes.len() {
            let outside = Err(Fault { errno: Errno::EINVAL, offset: start, done: 0 });
            assert_eq!(self.map.get::<V>(start), outside);
            return;
        }
        let expected = from(&self.model.bytes[range.clone()]);
        let all = |right| self.model.access(range.clone(), right).map_err(|_| gone(start, 0));
        assert_eq!(self.map.get::<V>(start), all(Prot::READ).map(|()| expected));
        let value = from(&[0xa5, 0x5a, 0x81, 0x18, 0xc3, 0x3c, 0xe7, 0x7e][..size_of::<V>()]);
        let written = self.map.set(start, value);
        assert_eq!(written, all(Prot::WRITE));
        for (index, byte) in range.zip([0xa5, 0x5a, 0x81, 0x18, 0xc3, 0x3c, 0xe7, 0x7e]) {
            // Of one that is there in part, that part may have been written.
            if written.is_ok() || self.model.may(index, Prot::WRITE) && self.map.get(index) == Ok(byte) {
                self.model.bytes[index] = byte;
            }
        }
    }

    /// Everything that can be read is as the model has it.
    fn agrees(&self) {
        for number in 0..PAGES {
            self.reads(number * page_size(), page_size());
        }
    }
}

fn agrees_with_the_model<M: Means + Copy>(means: M) {
    let (none, read, both) = (Prot::NONE, Prot::READ, Prot::READ | Prot::WRITE);
    let patterns = [
        [both, both, both, both, both, both],
        [both, none, both, read, both, none],
        [none, both, both, none, none, both],
        [read, read, both, both, read, none],
        [both, both, none, both, both, both],
    ];
    for (number, rights) in patterns.into_iter().enumerate() {
        let mut pair = Pair::new(means, rights);
        let length = pair.model.bytes.len();
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ number as u64);
        for _ in 0..1500 {
            let start = random.position(length);
            let count = random.length(start, length);
            let range = start..start + count;
            match random.below(8) {
                0 => pair.reads(start, count),
                1 => pair.writes(start, &vec![random.below(256) as u8; count]),
                2 => pair.fills(range, random.below(256) as u8),
                3 => pair.finds(range, random.below(256) as u8),
                4 => {
                    let mut with = pair.model.bytes[range].to_vec();
                    if let (Some(byte), 0) = (with.last_mut(), random.below(2)) {
                        *byte ^= 0x80;
                    }
                    pair.compares(start, &with);
                }
                5 => pair.goes_through(range, 1 + random.below(700)),
                6 => {
                    // Near itself, so that the two overlap.
                    let to = (start + random.below(200)).saturating_sub(100).min(length - count);
                    pair.copies(range, to);
                }
                _ => {
                    pair.values(start, |bytes| bytes[0]);
                    pair.values(start, |bytes| i16::from_ne_bytes(bytes.try_into().unwrap()));
                    pair.values(start, |bytes| u32::from_ne_bytes(bytes.try_into().unwrap()));
                    pair.values(start, |bytes| u64::from_ne_bytes(bytes.try_into().unwrap()));
                    pair.values(start, |bytes| isize::from_ne_bytes(bytes.try_into().unwrap()));
                }
            }
        }
        pair.agrees();
    }
}

#[test]
fn by_the_handler_every_operation_agrees_with_the_model() {
    agrees_with_the_model(Guards::install().expect("a handler"));
}

#[test]
fn by_the_kernel_every_operation_agrees_with_the_model() {
    if !wrong_under_emulation("process_vm_readv") {
        agrees_with_the_model(KernelCopies);
    }
}
