//! A model of maps, and what drives both through the same operations.

mod case;
mod create;
mod extents;
pub mod growing;
mod held;
mod maps;
mod naive;
pub mod neighbours;
mod operation;
mod ranges;
mod strategy;
mod world;

use std::ops::Range;

use baremap::flags::MemfdFlags;
use baremap::map::Piece;
use baremap::sys::{mm, page_size};
use baremap::{HugePage, Reservation};
use proptest::prelude::*;

use crate::common::Folder;
use crate::memory;
use case::{Case, Live};
use held::Any;
use maps::{Expected, Flags, Maps};
use naive::Lock;
pub use operation::Operation;
use world::{Arena, Store, pattern};

/// Operations, and how the maps end that are left then.
#[derive(Clone, Debug)]
pub struct Round {
    operations: Vec<Operation>,
    /// Which map is next.
    order: Vec<u8>,
    /// Whether some maps in a reservation are forgotten instead of dropped.
    forget: bool,
}

pub fn rounds(huge: bool) -> impl Strategy<Value = Vec<Round>> {
    let operations = prop::collection::vec(strategy::operation(huge), 1..40);
    let round = (operations, prop::collection::vec(any::<u8>(), 4), prop::bool::weighted(0.2));
    let round = round.prop_map(|(operations, order, forget)| Round { operations, order, forget });
    prop::collection::vec(round, 1..3)
}

/// Whether this kernel has guards that are no mappings.
fn has_guards() -> bool {
    let page = memory::pages(1);
    // SAFETY: the page is the test's own, and nobody uses it.
    let installed = unsafe { mm::madvise(page, page_size(), mm::Advice::GUARD_INSTALL) };
    memory::unmap(page, 1);
    installed.is_ok()
}

/// Runs a case on maps of files, of memory, and in a reservation; at the end
/// nothing is left of it.
pub fn run(rounds: &[Round]) {
    let page = page_size();
    let folder = Folder::new();
    let contents = [pattern(5 * page + 123, 0), pattern(3 * page, 50), pattern(4 * page - 1, 100)];
    let in_memory =
        |content: &[u8]| Store::in_memory(content, MemfdFlags::empty()).expect("a file in memory");
    let mut stores =
        vec![Store::in_a_folder(&folder, &contents[0]), in_memory(&contents[1]), in_memory(&contents[2])];
    let mut files = Vec::from(contents);
    let arena = Arena::new();
    let areas = [arena.range(), 0..0];
    let mut arena = Some(arena);
    let mut reservation = Reservation::new(8 * page - 5).expect("there is room");
    assert_eq!(reservation.len(), 8 * page);
    let start = reservation.as_ptr().addr();
    let reserved = start..start + reservation.len();

    for round in rounds {
        let whole = reservation.whole().expect("nothing is lost");
        assert_eq!((whole.as_ptr().addr(), whole.len()), (reserved.start, reserved.len()));
        let pieces = vec![(whole, reserved.clone())];
        let mut case = Case { stores, files, unit: page, budget: 0, arena, pieces, ..empty(&reserved) };
        case.round(round);
        Case { stores, files, arena, .. } = case;
    }
    drop(reservation);
    drop(arena);
    let names = names(&stores);
    let left = Maps::read().compare(&[], &[areas[0].clone(), reserved], &names);
    assert_eq!(left, Ok(()), "something is left");
}

/// As `run`, on maps of huge pages.
pub fn run_huge(rounds: &[Round], budget: usize) {
    let unit = HugePage::MB2.bytes();
    let mut files = vec![vec![0; 2 * unit]];
    let store = Store::in_memory(&files[0], MemfdFlags::HUGETLB).expect("the pool is full");
    let mut stores = vec![store];
    for round in rounds {
        let mut case = Case { stores, files, unit, huge: true, budget: budget - 2, ..empty(&(0..0)) };
        case.round(round);
        Case { stores, files, .. } = case;
    }
    assert_eq!(Maps::read().compare(&[], &[], &names(&stores)), Ok(()), "something is left");
}

fn empty<'r>(reserved: &Range<usize>) -> Case<'r> {
    Case {
        stores: Vec::new(),
        files: Vec::new(),
        unit: 0,
        huge: false,
        budget: 0,
        guards: has_guards(),
        arena: None,
        reserved: reserved.clone(),
        pieces: Vec::<(Piece<'r>, _)>::new(),
        live: Vec::new(),
        maps: Maps::read(),
    }
}

/// What /proc/self/maps calls memory of a case, and of nothing else.
fn names(stores: &[Store]) -> Vec<String> {
    let own = stores.iter().map(|store| store.name.clone());
    own.chain([Store::SHARED.into(), "/anon_hugepage (deleted)".into()]).collect()
}

impl Case<'_> {
    fn round(&mut self, round: &Round) {
        self.check("the start");
        for operation in &round.operations {
            if self.apply(*operation).is_some() {
                self.check(operation);
            }
        }
        self.check_flags();
        let mut order = round.order.iter().cycle();
        while !self.live.is_empty() {
            let next = order.next().map_or(0, |&next| usize::from(next));
            let Live { map, .. } = self.live.swap_remove(next % self.live.len());
            if round.forget && next % 2 == 0 && map.is_reserved() {
                // `whole` takes away what it leaves behind.
                std::mem::forget(map);
            }
        }
        self.maps = Maps::read();
        if !round.forget {
            self.check("the end");
        }
    }

    /// Compares everything with the model.
    fn check(&mut self, after: impl std::fmt::Debug) {
        self.maps = Maps::read();
        let areas: Vec<_> = self
            .arena
            .iter()
            .map(Arena::range)
            .chain([self.reserved.clone()])
            .filter(|area| !area.is_empty())
            .collect();
        let compared = self.maps.compare(&self.expected(), &areas, &names(&self.stores));
        assert_eq!(compared, Ok(()), "after {after:?}");
        self.arena.iter().for_each(Arena::check);
        for (store, content) in self.stores.iter().zip(&self.files) {
            // Huge files cannot be written to and are long: their maps say it all.
            if !self.huge
                && let Some(found) = store.content(content.len())
            {
                assert!(found == *content, "{} differs after {after:?}", store.name);
            }
        }
        for live in &self.live {
            live.check(&self.files, &after);
        }
    }

    fn expected(&self) -> Vec<Expected> {
        let mut all = Vec::new();
        for Live { model, .. } in &self.live {
            for (index, page) in model.pages.iter().enumerate() {
                let start = model.first + index * model.unit;
                let file = page.origin.map(|(file, at)| (self.stores[file].name.clone(), at));
                let (rights, shared) = (page.rights, page.shared);
                all.push(Expected { range: start..start + model.unit, rights, shared, file });
            }
        }
        all.extend(self.arena.iter().flat_map(Arena::expected));
        // What is reserved and has nothing in it has no rights.
        for start in self.reserved.clone().step_by(page_size()) {
            if !all.iter().any(|filled| filled.range.contains(&start)) {
                all.push(Expected {
                    range: start..start + page_size(),
                    rights: 0,
                    shared: false,
                    file: None,
                });
            }
        }
        all
    }

    /// What was locked or advised is so, and no neighbour.
    fn check_flags(&self) {
        let flags = Flags::read();
        let is_locked = |address| flags.at(address).split(' ').any(|flag| flag == "lo");
        for Live { model, .. } in &self.live {
            for (index, page) in model.pages.iter().enumerate() {
                let address = model.first + index * model.unit;
                assert_eq!(
                    is_locked(address),
                    page.lock != Lock::No,
                    "{address:#x}, page {index} of {model:x?}"
                );
            }
        }
        let mut guards = self.arena.iter().flat_map(Arena::guards).map(|guard| flags.at(guard));
        if let Some(first) = guards.next() {
            guards.for_each(|other| assert_eq!(other, first, "a neighbour"));
        }
    }
}

impl Live<'_> {
    fn check(&self, files: &[Vec<u8>], after: &impl std::fmt::Debug) {
        let Self { map, model } = self;
        assert_eq!(map.len(), model.length, "after {after:?}");
        assert_eq!(map.address(), model.start(), "after {after:?}");
        let length = map.len();
        let all = match map {
            Any::NoAccess(_) => return,
            Any::Raw(_) => None,
            _ => Some(map.bytes()),
        };
        assert!(all.is_none_or(|all| all.len() == length));
        let zeros = vec![0; model.unit];
        for (index, page) in model.pages.iter().enumerate().filter(|(_, page)| page.is_readable()) {
            let bytes = model.bytes_of(index);
            let found = match all {
                Some(all) => &all[bytes.clone()],
                None => {
                    let start = std::ptr::with_exposed_provenance(map.address() + bytes.start);
                    // SAFETY: the page can be read, and nobody writes to it now.
                    unsafe { std::slice::from_raw_parts(start, bytes.len()) }
                }
            };
            let into = model.head + bytes.start - index * model.unit;
            let wanted = match (&page.own, page.origin) {
                (Some(own), _) => &own[into..],
                (None, Some((file, at))) => &files[file][at + into..],
                (None, None) => &zeros[into..],
            };
            assert!(found == &wanted[..found.len()], "page {index} differs after {after:?}: {model:x?}");
        }
    }
}
