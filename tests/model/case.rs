//! A case: its maps with their models, and each operation on both.

use std::ops::Range;

use baremap::map::Piece;

use super::held::Any;
use super::maps::Maps;
use super::naive::Mapped;
use super::operation::Operation;
use super::world::{Arena, Store};

/// A map and its model.
#[derive(Debug)]
pub struct Live<'r> {
    pub map: Any<'r>,
    pub model: Mapped,
}

pub struct Case<'r> {
    pub stores: Vec<Store>,
    pub files: Vec<Vec<u8>>,
    pub unit: usize,
    pub huge: bool,
    /// How many huge pages may be used.
    pub budget: usize,
    /// Whether the kernel has guards of its own.
    pub guards: bool,
    pub arena: Option<Arena>,
    /// What is reserved, and which parts of it have nothing in them.
    pub reserved: Range<usize>,
    pub pieces: Vec<(Piece<'r>, Range<usize>)>,
    pub live: Vec<Live<'r>>,
    pub maps: Maps,
}

impl<'r> Case<'r> {
    /// Which map is meant, if there is one.
    fn choose(&self, number: u8) -> Option<usize> {
        usize::from(number).checked_rem(self.live.len())
    }

    /// Does it, and compares what it gives with what it should.
    pub fn apply(&mut self, operation: Operation) -> Option<()> {
        match operation {
            Operation::Create(create) => self.create(create)?,
            Operation::SharedAnon { pages, place } => self.create_shared(pages, place)?,
            Operation::Huge { pages } => self.create_huge(pages)?,
            Operation::Write { map, at, length, byte } => {
                let map = self.choose(map)?;
                self.write(map, at as usize, length.into(), byte)?;
            }
            Operation::Call { map, call, span } => {
                let map = self.choose(map)?;
                self.call(map, call, Some(span));
            }
            Operation::CallAll { map, call } => {
                let map = self.choose(map)?;
                self.call(map, call, None);
            }
            Operation::Lock { map, span, on_fault } => {
                let map = self.choose(map)?;
                self.lock(map, span, on_fault);
            }
            Operation::Residency { map, buffer } => {
                let map = self.choose(map)?;
                self.residency(map, buffer.into());
            }
            Operation::Discard { map, span } => {
                let map = self.choose(map)?;
                self.discard(map, span)?;
            }
            Operation::Protect { map, span, rights } => {
                let map = self.choose(map)?;
                self.protect(map, span, rights)?;
            }
            Operation::Split { map, at, off } => {
                let map = self.choose(map)?;
                self.split(map, at, off);
            }
            Operation::Join { first, second } => {
                let first = self.choose(first)?;
                let second = second.map(|second| self.choose(second));
                let second = second.unwrap_or_else(|| self.neighbour(first))?;
                self.join(first, second)?;
            }
            Operation::Shrink { map, length } => {
                let map = self.choose(map)?;
                self.shrink(map, length)?;
            }
            Operation::Resize { map, length, may_move } => {
                let map = self.choose(map)?;
                self.resize(map, length, may_move)?;
            }
            Operation::Turn { map, turn } => {
                let map = self.choose(map)?;
                self.turn(map, turn)?;
            }
            Operation::IntoRawAndBack { map } => {
                let map = self.choose(map)?;
                self.replace(map, Any::into_raw_and_back);
            }
            Operation::IntoPages { map } => {
                let map = self.choose(map)?;
                self.replace(map, Any::into_pages);
            }
            Operation::Unmap { map } => {
                let map = self.choose(map)?;
                self.live.swap_remove(map).map.unmap().expect("it is mapped");
            }
            Operation::Drop { map } => {
                let map = self.choose(map)?;
                drop(self.live.swap_remove(map));
            }
            Operation::Divide { piece, at } => self.divide(piece, at)?,
            Operation::Commit { piece } => self.commit(piece)?,
            Operation::Place { map, piece } => {
                let map = self.choose(map)?;
                self.place(map, piece)?;
            }
            Operation::IntoPiece { map } => {
                let map = self.choose(map)?;
                self.take_out(map)?;
            }
        }
        Some(())
    }

    fn replace(&mut self, map: usize, by: impl FnOnce(Any<'r>) -> Any<'r>) {
        let Live { map, model } = self.live.swap_remove(map);
        let map = by(map);
        self.live.push(Live { map, model });
    }

    fn write(&mut self, map: usize, at: usize, length: usize, byte: u8) -> Option<()> {
        let Live { map, model } = &mut self.live[map];
        let start = at.checked_rem(model.length)?;
        let range = start..model.length.min(start + length);
        if map.is_writable() {
            map.bytes_mut()[range.clone()].fill(byte);
        } else if matches!(map, Any::Raw(_))
            && model.covering(&range).iter().all(|&page| model.pages[page].is_writable())
        {
            let place = std::ptr::with_exposed_provenance_mut::<u8>(map.address() + start);
            // SAFETY: the map has these bytes, its pages can be written to, and
            // nothing is borrowed from it.
            unsafe { place.write_bytes(byte, range.len()) };
        } else {
            return None;
        }
        range.for_each(|place| model.write(&mut self.files, place, byte));
        Some(())
    }
}
