//! Every operation on a range, with the ranges where mistakes are made, on maps
//! between two pages that are watched.

use std::ops::Bound::{Excluded, Included, Unbounded};

use baremap::sys::page_size;
use baremap::{Errno, MapOptions, Prot, UncheckedAdvice};

use super::held::{Any, Bounds};
use super::maps::{Flags, Maps};
use super::operation::{Call, Turn};
use super::strategy::{ADVICE, UNCHECKED};
use super::world::{Arena, Store, pattern};
use crate::common::Folder;

type Operation<'call> = (String, Box<dyn Fn(&mut Any, Bounds) -> baremap::Result<()> + 'call>);

fn operations(map: &Any) -> Vec<Operation<'static>> {
    let advice = ADVICE.map(Call::Advise);
    let unchecked = UNCHECKED.map(Call::Unchecked);
    let free = Call::Unchecked(UncheckedAdvice::Free);
    let mut calls = vec![Call::Flush, Call::FlushAsync, Call::Invalidate, Call::Prefetch, Call::Unlock, free];
    calls.extend(advice);
    calls.extend(unchecked);
    let mut all: Vec<Operation> = Vec::new();
    for call in calls {
        all.push((format!("{call:?}"), Box::new(move |map, range| map.call(call, range))));
    }
    for on_fault in [false, true] {
        let lock = move |map: &mut Any, range| {
            let result = map.lock(Some(range), on_fault);
            map.call(Call::Unlock, range).and(result.map_err(Into::into))
        };
        all.push((format!("lock, {on_fault}"), Box::new(lock)));
        let lock = move |map: &mut Any, range| map.lock(Some(range), on_fault).map_err(Into::into);
        all.push((format!("lock and stay so, {on_fault}"), Box::new(lock)));
        all.push(("unlock".into(), Box::new(|map, range| map.call(Call::Unlock, range))));
    }
    if map.can_discard() {
        all.push(("discard".into(), Box::new(|map, range| map.discard(range))));
    }
    if matches!(map, Any::Raw(_)) {
        for prot in [Prot::NONE, Prot::READ, Prot::READ | Prot::WRITE] {
            all.push((format!("{prot:?}"), Box::new(move |map, range| map.protect(range, prot))));
        }
    }
    all
}

/// Ranges that start and end at, before and after the ends of the map and of its
/// pages.
fn ranges(length: usize) -> Vec<Bounds> {
    let page = page_size();
    let mut places = vec![0, 1, page - 1, page, page + 1, length - page, length - 1, length, length + 1];
    places.extend([length.next_multiple_of(page) + page, isize::MAX as usize, usize::MAX]);
    let mut all = vec![(Unbounded, Unbounded)];
    for &start in &places {
        all.push((Included(start), Unbounded));
        all.push((Excluded(start), Unbounded));
        all.push((Unbounded, Included(start)));
        for &end in &places {
            all.push((Included(start), Excluded(end)));
        }
    }
    all
}

/// Whether it is a range of positions in so many bytes.
fn is_right((start, end): Bounds, length: usize) -> bool {
    let start = match start {
        Included(start) => Some(start),
        Excluded(before) => before.checked_add(1),
        Unbounded => Some(0),
    };
    let end = match end {
        Included(last) => last.checked_add(1),
        Excluded(end) => Some(end),
        Unbounded => Some(length),
    };
    start.zip(end).is_some_and(|(start, end)| start <= end && end <= length)
}

/// Does everything to the map in the arena's first hole.
fn watch(what: &str, arena: &Arena, mut map: Any) {
    let names = [];
    let guards = || {
        let flags = Flags::read();
        arena.guards().map(|guard| flags.at(guard).to_owned()).collect::<Vec<_>>()
    };
    let before = guards();
    for (name, operation) in operations(&map) {
        let length = map.len();
        for range in ranges(length) {
            let result = operation(&mut map, range);
            if !is_right(range, length) {
                assert_eq!(result, Err(Errno::EINVAL), "{what}, {name}, {range:?}");
            }
            arena.check();
        }
        assert_eq!(guards(), before, "{what}, {name}");
        let maps = Maps::read();
        for guard in arena.expected() {
            assert_eq!(maps.compare(&[guard], &[], &names), Ok(()), "{what}, {name}");
        }
    }
    map.unmap().expect("it is mapped");
    assert_eq!(guards(), before, "{what}, unmap");
    let all: Vec<_> = arena.expected().collect();
    assert_eq!(Maps::read().compare(&all, &[arena.range()], &names), Ok(()), "{what}, unmap");
    arena.check();
}

pub fn run() {
    let page = page_size();
    let folder = Folder::new();
    let store = Store::in_a_folder(&folder, &pattern(Arena::HOLE * page, 0));
    let file = store.writable.as_ref().expect("it is open");
    let arena = Arena::new();
    let place = arena.page(1);
    let options = MapOptions::new().fixed(place);
    let all = Arena::HOLE * page;

    let anon = || Any::from(options.len(all).map_anon().expect("a hole"));
    watch("anonymous", &arena, anon());
    watch("a guard", &arena, anon().turn(Turn::Guard).expect("its own pages"));
    watch("raw", &arena, anon().turn(Turn::Raw).expect("it needs no call"));
    watch("ends inside a page", &arena, options.len(all - page + 1).map_anon().expect("a hole").into());
    // SAFETY: nobody else knows the file.
    let map = unsafe { options.map_mut(file) }.expect("a hole");
    watch("a file", &arena, map.into());
    // SAFETY: as above.
    let map = unsafe { options.map_copy(file) }.expect("a hole");
    watch("a copy", &arena, map.into());
    let window = options.byte_offset(page as u64 - 1).len(all - page);
    // SAFETY: as above.
    let map = unsafe { window.map_mut(file) }.expect("a hole");
    watch("a window", &arena, map.into());
    // SAFETY: as above.
    let map = unsafe { window.map_copy(file) }.expect("a hole");
    watch("a window that is a copy", &arena, map.into());
}
