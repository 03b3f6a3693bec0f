//! A [`GrowingMap`] against a vector of bytes.

use baremap::sys::page_size;
use baremap::{AsFd, Errno, GrowingMap, OwnedFd};
use proptest::prelude::*;

use super::maps::{Expected, Maps};
use super::naive::{READ, WRITE};
use super::world::{Store, pattern};
use crate::common::Folder;

#[derive(Clone, Debug)]
pub enum Operation {
    Append {
        length: usize,
        seed: usize,
    },
    Write {
        at: usize,
        length: usize,
        byte: u8,
    },
    Flush,
    /// The file is given back, and mapped again with another capacity.
    Reopen {
        capacity: usize,
    },
}

#[derive(Clone, Debug)]
pub struct Case {
    content: usize,
    capacity: usize,
    operations: Vec<Operation>,
}

fn bytes() -> impl Strategy<Value = usize> {
    let page = page_size();
    prop_oneof![0..3 * page, (0..4_usize, 0..3_usize).prop_map(move |(pages, more)| pages * page + more)]
}

pub fn case() -> impl Strategy<Value = Case> {
    let operation = prop_oneof![
        5 => (bytes(), 0..251_usize).prop_map(|(length, seed)| Operation::Append { length, seed }),
        3 => (bytes(), bytes(), any::<u8>()).prop_map(|(at, length, byte)| Operation::Write { at, length, byte }),
        2 => Just(Operation::Flush),
        1 => bytes().prop_map(|capacity| Operation::Reopen { capacity: 5 * capacity }),
    ];
    (bytes(), bytes(), prop::collection::vec(operation, 1..20))
        .prop_map(|(content, capacity, operations)| Case { content, capacity: 5 * capacity, operations })
}

/// A file that becomes a map: of so many bytes, and one more.
fn open(file: OwnedFd, length: usize, capacity: usize) -> GrowingMap<OwnedFd> {
    if length > 0 {
        // SAFETY: it makes a descriptor, and touches no other.
        let again = unsafe { libc::dup(file.as_fd().as_raw_fd()) };
        // SAFETY: it is new.
        let again = unsafe { OwnedFd::from_raw_fd(again) };
        // SAFETY: nobody else changes the file meanwhile.
        let refused = unsafe { GrowingMap::new(again, length - 1) };
        let expected = if length == 1 { Errno::EINVAL } else { Errno::EFBIG };
        assert_eq!(refused.expect_err("it does not fit"), expected);
    }
    // SAFETY: nobody else changes the file meanwhile.
    unsafe { GrowingMap::new(file, capacity) }.expect("it fits")
}

pub fn run(case: Case) {
    let folder = Folder::new();
    let mut model = pattern(case.content, 7);
    let Store { name, writable, readable } = Store::in_a_folder(&folder, &model);
    let store = Store { name: name.clone(), writable: None, readable };
    let names = [name];
    let mut capacity = case.capacity.max(model.len()).max(1);
    let mut map = open(writable.expect("it is open"), model.len(), capacity);
    let mut start = map.as_ptr().addr();
    for operation in case.operations {
        match operation {
            Operation::Append { length, seed } => {
                let bytes = pattern(length, seed);
                let fits = model.len() + length <= capacity;
                assert_eq!(map.append(&bytes), if fits { Ok(()) } else { Err(Errno::EFBIG) });
                if fits {
                    model.extend(bytes);
                }
            }
            Operation::Write { at, length, byte } => {
                let at = at.min(model.len());
                let end = model.len().min(at + length);
                map[at..end].fill(byte);
                model[at..end].fill(byte);
            }
            Operation::Flush => assert_eq!(map.flush(), Ok(())),
            Operation::Reopen { capacity: wanted } => {
                capacity = wanted.max(model.len()).max(1);
                map = open(map.into_file(), model.len(), capacity);
                start = map.as_ptr().addr();
            }
        }
        assert!(map[..] == model[..], "{} bytes, not {}", map.len(), model.len());
        assert!(store.content(model.len()) == Some(model.clone()), "the file differs");
        assert_eq!((map.as_ptr().addr(), map.capacity()), (start, capacity));
        let range = start..start + capacity.next_multiple_of(page_size());
        let expected =
            Expected { range, rights: READ | WRITE, shared: true, file: Some((store.name.clone(), 0)) };
        assert_eq!(Maps::read().compare(&[expected], &[], &names), Ok(()));
    }
    drop(map.into_file());
    assert_eq!(Maps::read().compare(&[], &[], &names), Ok(()), "something is left");
}
