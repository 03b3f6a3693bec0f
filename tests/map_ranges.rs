//! What is asked about a part of a map: it is about the pages of that part, never
//! about what lies beside the map, and a wrong range asks nothing.

#![allow(clippy::single_range_in_vec_init, reason = "what is in memory is a list of ranges")]

mod common;
mod hosted;
mod memory;
mod oracle;

use std::ops::{Bound, Range};

use baremap::sys::page_size;
use baremap::sys::process::{Resource, Rlimit64, Signal, prlimit64};
use baremap::{Advice, Errno, LockError, Map, MapAnon, MapMut, MapOptions, Prot, Result, UncheckedAdvice};
use common::Folder;
use hosted::{Filter, holds, holds_in_child, in_child, open, wrong_under_emulation};
use memory::{has, since};

type Operation = fn(&mut MapAnon, (Bound<usize>, Bound<usize>)) -> Result<()>;

/// Everything that takes a range.
const OPERATIONS: &[(&str, Operation)] = &[
    ("flush_range", |map, range| map.flush_range(range)),
    ("flush_async_range", |map, range| map.flush_async_range(range)),
    ("invalidate", |map, range| map.invalidate(range)),
    ("prefetch", |map, range| map.prefetch(range)),
    ("advise_range", |map, range| map.advise_range(Advice::Random, range)),
    // SAFETY: nothing relies on the content.
    ("unchecked_advise_range", |map, range| unsafe {
        map.unchecked_advise_range(UncheckedAdvice::DontNeed, range)
    }),
    ("lock_range", |map, range| Ok(map.lock_range(range)?)),
    ("lock_on_fault", |map, range| Ok(map.lock_on_fault(range)?)),
    ("unlock_range", |map, range| map.unlock_range(range)),
    ("discard", |map, range| map.discard(range)),
];

/// What they are made of.
const CALLS: [usize; 5] = [sc::nr::MSYNC, sc::nr::MADVISE, sc::nr::MLOCK, sc::nr::MLOCK2, sc::nr::MUNLOCK];

fn half_open(range: Range<usize>) -> (Bound<usize>, Bound<usize>) {
    (Bound::Included(range.start), Bound::Excluded(range.end))
}

/// What no range of a map of this length is.
fn wrong(length: usize) -> Vec<(Bound<usize>, Bound<usize>)> {
    let mut ranges: Vec<_> = [
        (0, length + 1),
        (length, length + 1),
        (length + 1, length + 1),
        (1, 0),
        (length, length - 1),
        (0, usize::MAX),
        (usize::MAX, usize::MAX),
        (usize::MAX, 0),
        (usize::MAX - length, usize::MAX),
    ]
    .map(|(start, end)| half_open(start..end))
    .into();
    ranges.push((Bound::Excluded(usize::MAX), Bound::Unbounded));
    ranges.push((Bound::Included(0), Bound::Included(length)));
    ranges.push((Bound::Unbounded, Bound::Included(usize::MAX)));
    ranges.push((Bound::Excluded(length), Bound::Unbounded));
    ranges
}

#[test]
fn a_wrong_range_is_refused_and_an_empty_one_is_nothing_without_a_call() {
    let length = 3 * page_size() + 10;
    let wrong = wrong(length);
    let mut map = MapAnon::new(length).unwrap();
    let empty = [0, 1, page_size(), length - 1, length].map(|at| half_open(at..at));
    for (name, operation) in OPERATIONS {
        for &range in &wrong {
            assert_eq!(operation(&mut map, range), Err(Errno::EINVAL), "{name} {range:?}");
        }
        for range in empty {
            assert_eq!(operation(&mut map, range), Ok(()), "{name} {range:?}");
        }
    }
    if wrong_under_emulation("a filter of system calls") {
        return;
    }
    // Whoever asks the kernel now gets another answer.
    let mut filter = Filter::new(&CALLS, Errno::EXDEV);
    holds_in_child(|| {
        holds!(filter.install());
        for (_, operation) in OPERATIONS {
            holds!(operation(&mut map, half_open(0..page_size())) == Err(Errno::EXDEV));
            for &range in &wrong {
                holds!(operation(&mut map, range) == Err(Errno::EINVAL));
            }
            for range in empty {
                holds!(operation(&mut map, range) == Ok(()));
            }
        }
        Ok(())
    });
}

#[test]
fn every_operation_takes_every_range_within_the_map() {
    let page = page_size();
    let mut map = MapAnon::new(2 * page + 10).unwrap();
    let (last, length) = (map.len() - 1, map.len());
    let ranges = [0..1, 0..length, last..length, page - 1..page + 1, page..2 * page, 1..last];
    for (name, operation) in OPERATIONS {
        // Of memory without a file only a kernel that can swap reads in.
        if *name == "prefetch" || *name == "lock_on_fault" && wrong_under_emulation("mlock2") {
            continue;
        }
        for range in &ranges {
            assert_eq!(operation(&mut map, half_open(range.clone())), Ok(()), "{name} {range:?}");
            map.unlock().unwrap();
        }
        assert_eq!(operation(&mut map, (Bound::Excluded(page), Bound::Included(last))), Ok(()), "{name}");
        map.unlock().unwrap();
        assert_eq!(operation(&mut map, (Bound::Unbounded, Bound::Unbounded)), Ok(()), "{name}");
        map.unlock().unwrap();
    }
}

#[test]
fn what_is_flushed_is_in_the_file() {
    let folder = Folder::new();
    let page = page_size();
    let path = folder.file("f", &vec![0; 3 * page]);
    // SAFETY: the file is this test's own.
    let mut map = unsafe { MapMut::map_mut(&open(&path)) }.unwrap();
    map.fill(1);
    assert_eq!((map.flush(), map.flush_async()), (Ok(()), Ok(())));
    assert_eq!((map.flush_range(page..=page), map.flush_async_range(..1)), (Ok(()), Ok(())));
    assert_eq!((map.invalidate(..), map.prefetch(page..)), (Ok(()), Ok(())));
    assert!(std::fs::read(&path).unwrap().iter().all(|&byte| byte == 1));
}

#[test]
fn a_locked_page_cannot_be_invalidated() {
    let page = page_size();
    let map = MapAnon::new(3 * page).unwrap();
    map.lock_range(page..page + 1).unwrap();
    assert_eq!((map.invalidate(..), map.invalidate(..page)), (Err(Errno::EBUSY), Ok(())));
    map.unlock_range(2 * page - 1..2 * page).unwrap();
    assert_eq!(map.invalidate(..), Ok(()));
}

#[test]
fn the_pages_that_have_a_byte_of_a_range_are_locked_and_no_other() {
    if wrong_under_emulation("flags of a mapping") {
        return;
    }
    let page = page_size();
    let mut map = MapAnon::new(4 * page).unwrap();
    let places = [0, 1, 2, 3].map(|number| map.as_mut_ptr().wrapping_add(number * page));
    let locked = || places.map(|place| has(place, "lo"));
    map.lock_range(2 * page - 1..2 * page + 1).unwrap();
    assert_eq!(locked(), [false, true, true, false]);
    map.unlock_range(page..page + 1).unwrap();
    assert_eq!(locked(), [false, false, true, false]);
    map.lock_on_fault(3 * page..).unwrap();
    assert_eq!(locked(), [false, false, true, true]);
    // On fault means that nothing was read in.
    let there: Vec<_> = map.residency(&mut [0; 4]).map(Result::unwrap).collect();
    assert_eq!(there, [page..3 * page]);
    map.lock().unwrap();
    assert_eq!(locked(), [true; 4]);
    map.unlock().unwrap();
    assert_eq!(locked(), [false; 4]);
}

#[test]
fn who_may_not_lock_so_much_hears_how_much_he_may() {
    let page = page_size() as u64;
    let map = MapAnon::new(4 * page as usize).unwrap();
    let expected = LockError { errno: Errno::ENOMEM, bytes: 3 * page as usize, limit: Some(2 * page) };
    let emulated = wrong_under_emulation("mlock2");
    holds_in_child(|| {
        let limit = Rlimit64 { rlim_cur: 2 * page, rlim_max: 2 * page };
        holds!(prlimit64(0, Resource::MEMLOCK, Some(&limit)).is_ok());
        // The privileged have no limit. Not by the C library, which would have all
        // the threads do it that are not here.
        // SAFETY: it takes three numbers.
        holds!(unsafe { libc::syscall(libc::SYS_setresuid, 65_534, 65_534, 65_534) } == 0);
        holds!(map.lock_range(..3 * page as usize) == Err(expected));
        holds!(map.lock_range(1..2 * page as usize).is_ok());
        let on_fault = map.lock_on_fault(..3 * page as usize);
        holds!(on_fault == Err(expected) || emulated);
        holds!(MapOptions::new().len(3 * page as usize).locked().map_anon().err() == Some(Errno::EAGAIN));
        Ok(())
    });
    let text = format!(
        "ENOMEM: Out of memory: {} bytes were to be locked, \
         and this process may lock {} in all (RLIMIT_MEMLOCK)",
        3 * page,
        2 * page
    );
    assert_eq!((expected.to_string(), Errno::from(expected)), (text, Errno::ENOMEM));
    let unlimited = LockError { limit: None, ..expected };
    assert!(unlimited.to_string().ends_with(" bytes were to be locked"));
    let wrong = map.lock_range(..map.len() + 1).unwrap_err();
    assert_eq!((wrong.errno, wrong.bytes), (Errno::EINVAL, 0));
}

/// The ranges that are in memory, asked about in portions of so many pages.
fn there(
    map: &Map<impl baremap::map::Access, impl baremap::map::Backing>,
    portion: usize,
) -> Vec<Range<usize>> {
    map.residency(&mut vec![0; portion]).map(Result::unwrap).collect()
}

#[test]
fn residency_is_the_same_in_portions_of_any_size() {
    let page = page_size();
    let mut map = MapAnon::new(9 * page + 1).unwrap();
    let _ = map.advise(Advice::NoHugePage);
    assert_eq!(there(&map, 3), []);
    for touched in [1, 2, 5, 9] {
        map[touched * page] = 1;
    }
    for portion in [1, 2, 3, 7, 9, 10, 11, 1000] {
        assert_eq!(there(&map, portion), [page..3 * page, 5 * page..6 * page, 9 * page..9 * page + 1]);
    }
    map.fill(1);
    assert_eq!(there(&map, 2), [0..map.len()]);
    let mut nothing = [];
    let mut answers = map.residency(&mut nothing);
    assert_eq!((answers.next(), answers.next()), (Some(Err(Errno::EINVAL)), None));
}

#[test]
fn residency_of_a_range_is_that_of_the_map_within_it() {
    let page = page_size();
    let mut map = MapAnon::new(6 * page).unwrap();
    for there in [1, 2, 4] {
        map[there * page] = 1;
    }
    if wrong_under_emulation("mincore") {
        return;
    }
    let whole: Vec<_> = map.residency(&mut [0; 2]).map(Result::unwrap).collect();
    let ends = [0, 1, page, page + 7, 3 * page - 1, 3 * page, 4 * page + 1, 6 * page];
    for start in ends {
        for end in ends.into_iter().filter(|&end| end >= start) {
            let asked =
                map.residency_range(start..end, &mut [0; 2]).unwrap().map(Result::unwrap).collect::<Vec<_>>();
            let within = whole.iter().map(|range| range.start.max(start)..range.end.min(end));
            let expected: Vec<_> = within.filter(|range| !range.is_empty()).collect();
            assert_eq!(asked, expected, "{start}..{end}");
        }
    }
    for wrong in [1..6 * page + 1, 6 * page + 1..6 * page + 1] {
        assert_eq!(map.residency_range(wrong, &mut [0; 2]).err(), Some(Errno::EINVAL));
    }
}

#[test]
fn residency_of_a_window_counts_from_its_own_first_byte() {
    let folder = Folder::new();
    let page = page_size();
    let file = open(&folder.file("f", &vec![1; 3 * page]));
    let empty = MapOptions::new().map_raw(&open(&folder.file("empty", b""))).unwrap();
    let options = MapOptions::new().byte_offset(10).len(2 * page);
    assert_eq!(there(&options.map_raw(&file).unwrap(), 2), [0..2 * page]);
    assert_eq!((there(&empty, 2), there(&empty, 0)), (vec![], vec![]));
}

#[test]
fn discarded_bytes_are_zeros_and_their_neighbours_what_they_were() {
    let page = page_size();
    let length = 4 * page + 10;
    let mut map = MapAnon::new(length).unwrap();
    let ranges = [
        0..length,
        0..1,
        1..page,
        0..page,
        1..2 * page,
        page..3 * page,
        page + 1..3 * page + 5,
        4 * page..length,
    ];
    for range in ranges {
        map.fill(1);
        map.discard(range.clone()).unwrap();
        let expected: Vec<u8> = (0..length).map(|at| (!range.contains(&at)).into()).collect();
        assert!(map[..] == expected, "{range:?}");
    }
    map.fill(1);
    map.discard(page - 1..3 * page).unwrap();
    assert_eq!(there(&map, 5), [0..page, 3 * page..length]);
}

#[test]
fn advice_that_is_safe_changes_no_byte() {
    let folder = Folder::new();
    let page = page_size();
    // SAFETY: the file is this test's own.
    let mut file = unsafe { MapMut::map_mut(&open(&folder.file("f", &vec![1; 3 * page]))) }.unwrap();
    let mut anon = MapAnon::new(3 * page).unwrap();
    anon.fill(1);
    let always = [
        Advice::Normal,
        Advice::Random,
        Advice::Sequential,
        Advice::DoFork,
        Advice::DontDump,
        Advice::DoDump,
    ];
    let maybe = [
        Advice::WillNeed,
        Advice::Mergeable,
        Advice::Unmergeable,
        Advice::HugePage,
        Advice::NoHugePage,
        Advice::KeepOnFork,
        Advice::Cold,
        Advice::PageOut,
        Advice::PopulateRead,
        Advice::PopulateWrite,
        Advice::Collapse,
    ];
    for advice in always.into_iter().chain(maybe) {
        let said = [anon.advise(advice), file.advise(advice), anon.advise_range(advice, page..page + 1)];
        assert!(!always.contains(&advice) || said == [Ok(()); 3], "{advice:?}: {said:?}");
        assert!(anon.iter().chain(file.iter()).all(|&byte| byte == 1), "{advice:?}");
        let status = in_child(|| (anon[page] != 1 || file[page] != 1).into());
        assert!(status.success(), "{advice:?}");
    }
    (anon[0], file[0]) = (2, 2);
}

#[test]
fn unchecked_advice_takes_away_what_it_says() {
    let page = page_size();
    let mut map = MapAnon::new(2 * page).unwrap();
    map.fill(1);
    // SAFETY: nothing relies on the content, here and below.
    assert_eq!(unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, page..) }, Ok(()));
    assert_eq!((map[page - 1], map[page]), (1, 0));
    if wrong_under_emulation("advice about fork") {
        return;
    }
    let in_the_child = |map: &MapAnon| in_child(|| map[0].into());
    // SAFETY: as above.
    assert_eq!(unsafe { map.unchecked_advise(UncheckedAdvice::WipeOnFork) }, Ok(()));
    assert_eq!((in_the_child(&map).code(), map[0]), (Some(0), 1));
    assert_eq!((map.advise(Advice::KeepOnFork), in_the_child(&map).code()), (Ok(()), Some(1)));
    // SAFETY: as above.
    assert_eq!(unsafe { map.unchecked_advise(UncheckedAdvice::DontFork) }, Ok(()));
    assert_eq!((in_the_child(&map).signal(), map[0]), (Some(Signal::SEGV), 1));
    assert_eq!((map.advise(Advice::DoFork), in_the_child(&map).code()), (Ok(()), Some(1)));
    if since(6, 13) {
        // SAFETY: as above.
        assert_eq!(unsafe { map.unchecked_advise(UncheckedAdvice::GuardInstall) }, Ok(()));
        assert_eq!(in_the_child(&map).signal(), Some(Signal::SEGV));
        // SAFETY: as above.
        assert_eq!(unsafe { map.unchecked_advise(UncheckedAdvice::GuardRemove) }, Ok(()));
        assert_eq!(map[0], 0);
    }
}

#[test]
fn a_raw_map_and_one_without_rights_take_the_same_operations() {
    let page = page_size();
    let guard = MapAnon::new(2 * page).unwrap().make_guard().unwrap();
    assert_eq!((guard.advise(Advice::Random), guard.flush(), guard.unlock()), (Ok(()), Ok(()), Ok(())));
    assert_eq!(there(&guard, 2), []);
    let folder = Folder::new();
    let mut map =
        MapOptions::new().byte_offset(5).map_raw(&open(&folder.file("f", &vec![1; 2 * page]))).unwrap();
    assert_eq!((map.flush_range(..1), map.lock_range(page..), map.unlock()), (Ok(()), Ok(()), Ok(())));
    assert_eq!(map.protect(page - 5.., Prot::READ), Ok(()));
    assert_eq!(map.protect(page.., Prot::READ), Err(Errno::EINVAL));
}
