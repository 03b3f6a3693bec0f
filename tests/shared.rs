//! Shared memory: all who have it see the same atomics and bytes, nobody reaches
//! past it, nobody can take it away.

mod hosted;
mod huge;

use std::cell::Cell;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicI16, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};

use baremap::flags::{FallocateFlags, Seals};
use baremap::memfd::{Fixed, Memfd};
use baremap::shared::{Atoms, Shared, SharedView};
use baremap::sys::process::sched_yield;
use baremap::sys::{fs, page_size};
use baremap::{Errno, OwnedFd};
use hosted::{Again, child, raw, wrong_under_emulation};
use huge::Pool;
use static_assertions::{assert_impl_all, assert_not_impl_any};

/// Atomics of which some patterns are no values, and what is no atomic.
macro_rules! are_no_atoms {
    ($($type:ty,)*) => {
        $(assert_not_impl_any!($type: Atoms);
        assert_not_impl_any!([$type; 2]: Atoms);)*
    };
}

are_no_atoms! {
    AtomicBool, AtomicPtr<u8>, u8, u64, bool, (), (AtomicU32, AtomicU32), &'static AtomicU32,
    Option<AtomicU32>, Cell<u32>, std::sync::Mutex<u32>, std::mem::MaybeUninit<AtomicU32>, [u8; 4],
}

assert_impl_all!([[AtomicU8; 3]; 5]: Atoms);
assert_impl_all!(Shared<AtomicU32>: Send, Sync, Deref<Target = AtomicU32>);
assert_impl_all!(SharedView<AtomicU32>: Send, Sync);
// Any but a relaxed load may store, which memory that is mapped to be read cannot take.
assert_not_impl_any!(SharedView<AtomicU32>: Deref);
assert_not_impl_any!(Shared<AtomicU32>: Clone, std::ops::DerefMut);

#[repr(C)]
struct Counters {
    seen: AtomicU64,
    rounds: [AtomicU64; 3],
}

// SAFETY: four atomics of one kind, one behind the other.
unsafe impl Atoms for Counters {
    type Atom = AtomicU64;
}

fn fixed(length: usize) -> Fixed {
    let file = Memfd::new(c"shared by a test").unwrap();
    file.set_len(length as u64).unwrap();
    file.fix_length().unwrap()
}

#[test]
fn children_count_where_their_parent_does() {
    const EACH: u64 = 10_000;
    let counters = Shared::<Counters>::new(0).unwrap();
    let count = || {
        for round in 0..EACH {
            counters.seen.fetch_add(1, Ordering::Relaxed);
            counters.rounds[round as usize % 3].fetch_add(2, Ordering::Relaxed);
        }
    };
    let children: Vec<_> = (0..4)
        .map(|_| {
            child(|| {
                count();
                0
            })
        })
        .collect();
    count();
    for child in children {
        assert!(child.wait().unwrap().success());
    }
    let rounds: u64 = counters.rounds.iter().map(|counter| counter.load(Ordering::Relaxed)).sum();
    assert_eq!((counters.seen.load(Ordering::Relaxed), rounds), (5 * EACH, 10 * EACH));
}

#[test]
fn a_child_reads_what_was_said_to_be_whole() {
    let memory = Shared::<AtomicU32>::new(3 * page_size()).unwrap();
    let end = memory.len() - 6;
    let reader = child(|| {
        while memory.load(Ordering::Acquire) != 1 {
            let _ = sched_yield();
        }
        let mut bytes = [0; 6];
        let read = memory.read_at(end, &mut bytes);
        i32::from(read.is_err() || bytes != *b"parent" || memory.write_at(end, b"child ").is_err())
    });
    memory.write_at(end, b"parent").unwrap();
    memory.store(1, Ordering::Release);
    assert!(reader.wait().unwrap().success());
    let mut bytes = [0; 6];
    memory.read_at(end, &mut bytes).unwrap();
    assert_eq!(&bytes, b"child ");
}

/// In the program that `programs_share_a_file_of_fixed_length` starts.
fn counts_in_another_program(file: OwnedFd) -> Result<(), Errno> {
    let memory = Shared::<Counters>::of(&Fixed::from_owned(file)?)?;
    let mut text = [0; 6];
    memory.read_at(10, &mut text)?;
    memory.write_at(10, &text.map(|byte| byte.to_ascii_uppercase()))?;
    for _ in 0..1000 {
        memory.rounds[2].fetch_add(1, Ordering::Relaxed);
    }
    memory.seen.store(7, Ordering::Release);
    Ok(())
}

#[test]
fn programs_share_a_file_of_fixed_length() {
    const NUMBER: i32 = 600;
    if std::env::var_os("BAREMAP_SHARES").is_some() {
        // SAFETY: it was passed to this program, which has nothing else of it.
        let file = unsafe { OwnedFd::from_raw_fd(NUMBER) };
        std::process::exit(counts_in_another_program(file).map_or_else(Errno::raw, |()| 0));
    }
    let file = fixed(2 * page_size());
    let memory = Shared::<Counters>::of(&file).unwrap();
    let view = SharedView::<Counters>::of(&file).unwrap();
    memory.write_at(10, b"spoken").unwrap();
    let again = Again::new("programs_share_a_file_of_fixed_length", "BAREMAP_SHARES", "1");
    let output = Memfd::new(c"output").unwrap();
    let other = again.command().pass(&output, 1).pass(&file, NUMBER).spawn().unwrap();
    for _ in 0..1000 {
        memory.rounds[2].fetch_add(1, Ordering::Relaxed);
    }
    assert_eq!(other.wait().unwrap().code(), Some(0));
    assert_eq!(memory.rounds[2].load(Ordering::Relaxed), 2000);
    let seen = [0, 1, 2, 3, 4, usize::MAX].map(|index| view.load(index));
    assert_eq!(seen, [Some(7), Some(0), Some(0), Some(2000), None, None]);
    let mut text = [0; 8];
    memory.read_at(9, &mut text).unwrap();
    assert_eq!(&text, b"\0SPOKEN\0");
    view.read_at(9, &mut text).unwrap();
    assert_eq!(&text, b"\0SPOKEN\0");
}

#[test]
fn nothing_reaches_past_the_memory() {
    let file = fixed(100);
    let shared = [Shared::<AtomicU64>::new(92).unwrap(), Shared::<AtomicU64>::of(&file).unwrap()];
    let view = SharedView::<AtomicU64>::of(&file).unwrap();
    for memory in &shared {
        assert_eq!((memory.len(), memory.is_empty()), (92, false));
        let mut to = [0; 93];
        for (offset, length) in [(0, 93), (1, 92), (92, 1), (93, 0), (usize::MAX, 1), (usize::MAX - 7, 8)] {
            let read = [memory.read_at(offset, &mut to[..length]), view.read_at(offset, &mut to[..length])];
            assert_eq!(read, [Err(Errno::EINVAL); 2], "{length} from {offset}");
            assert_eq!(memory.write_at(offset, &to[..length]), Err(Errno::EINVAL));
        }
        for (offset, length) in [(0, 92), (91, 1), (92, 0), (0, 0)] {
            assert_eq!(memory.write_at(offset, &vec![9; length]), Ok(()), "{length} to {offset}");
            to.fill(1);
            assert_eq!(memory.read_at(offset, &mut to[..length]), Ok(()), "{length} from {offset}");
            assert!(to[..length].iter().all(|&byte| byte == 9) && to[length..].iter().all(|&byte| byte == 1));
        }
        assert_eq!(memory.load(Ordering::Relaxed), 0, "the bytes are behind the atomic");
    }
    assert_eq!((view.load(0), view.load(1)), (Some(0), None));
}

#[test]
fn the_memory_is_long_enough_for_the_type() {
    assert!(Shared::<[AtomicU64; 3]>::of(&fixed(24)).unwrap().is_empty());
    assert_eq!(Shared::<[AtomicU64; 3]>::of(&fixed(23)).unwrap_err(), Errno::EINVAL);
    assert_eq!(SharedView::<[AtomicU64; 3]>::of(&fixed(23)).unwrap_err(), Errno::EINVAL);
    assert_eq!(Shared::<AtomicU8>::of(&fixed(0)).unwrap_err(), Errno::EINVAL);
    assert_eq!(Shared::<AtomicU8>::new(usize::MAX).unwrap_err(), Errno::ENOMEM);
    assert_eq!(Shared::<AtomicU8>::new(usize::MAX / 2).unwrap_err(), Errno::ENOMEM);

    // A type of no bytes is in memory of at least one.
    assert_eq!(Shared::<[AtomicU32; 0]>::new(0).unwrap_err(), Errno::EINVAL);
    assert_eq!(Shared::<[AtomicU32; 0]>::of(&fixed(0)).unwrap_err(), Errno::EINVAL);
    let bytes = Shared::<[AtomicU32; 0]>::new(10).unwrap();
    assert_eq!((bytes.len(), (*bytes).len(), bytes.write_at(9, b"x")), (10, 0, Ok(())));
    assert_eq!(SharedView::<[AtomicU32; 0]>::of(&fixed(1)).unwrap().load(0), None);
}

#[test]
fn atoms_of_every_width_are_loaded_by_their_number() {
    let file = fixed(8);
    let memory = Shared::<[AtomicU8; 8]>::of(&file).unwrap();
    for (value, atom) in memory.iter().enumerate() {
        atom.store(value as u8 + 1, Ordering::Relaxed);
    }
    let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
    let view = SharedView::<[[AtomicU8; 2]; 4]>::of(&file).unwrap();
    assert_eq!([0, 7, 8].map(|index| view.load(index)), [Some(1), Some(8), None]);
    let view = SharedView::<[AtomicI16; 4]>::of(&file).unwrap();
    assert_eq!(
        [0, 3, 4].map(|index| view.load(index)),
        [Some(i16::from_ne_bytes([1, 2])), Some(i16::from_ne_bytes([7, 8])), None]
    );
    assert_eq!(SharedView::<AtomicU64>::of(&file).unwrap().load(0), Some(u64::from_ne_bytes(bytes)));
}

/// Whatever another who has the file does to it.
fn take_away(file: &Fixed) {
    let fd = raw(file);
    let length = file.len().unwrap() as i64;
    // SAFETY: nobody relies on the length, which stays.
    assert_eq!(unsafe { fs::ftruncate(fd, 0) }, Err(Errno::EPERM));
    let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    // SAFETY: it is shared memory, which anybody may change.
    unsafe { fs::fallocate(fd, hole, 0, length) }.unwrap();
}

#[test]
fn memory_stays_whatever_becomes_of_the_file() {
    let file = fixed(3 * page_size());
    let memory = Shared::<AtomicU64>::of(&file).unwrap();
    let view = SharedView::<AtomicU64>::of(&file).unwrap();
    memory.store(5, Ordering::Relaxed);
    memory.write_at(2 * page_size(), b"text").unwrap();
    take_away(&file);
    assert_eq!((memory.load(Ordering::Relaxed), view.load(0)), (0, Some(0)));
    let mut text = *b"text";
    memory.read_at(2 * page_size(), &mut text).unwrap();
    assert_eq!(text, [0; 4]);
    memory.fetch_add(3, Ordering::Relaxed);
    drop(file);
    assert_eq!(view.load(0), Some(3));
}

#[test]
fn a_file_that_others_may_only_read_is_viewed() {
    let file = fixed(page_size());
    let memory = Shared::<AtomicU32>::of(&file).unwrap();
    fs::fcntl_add_seals(raw(&file), Seals::FUTURE_WRITE).unwrap();
    let received = Fixed::check(&file).unwrap();
    assert_eq!(Shared::<AtomicU32>::of(&received).unwrap_err(), Errno::EPERM);
    let view = SharedView::<AtomicU32>::of(&received).unwrap();
    memory.store(5, Ordering::Relaxed);
    assert_eq!(view.load(0), Some(5));
}

#[test]
fn what_is_not_open_for_writing_is_only_viewed() {
    let file = fixed(page_size());
    let name = std::ffi::CString::new(format!("/proc/self/fd/{}", raw(&file))).unwrap();
    let received = Fixed::from_owned(baremap::File::open(&name).unwrap()).unwrap();
    assert_eq!(Shared::<AtomicU32>::of(&received).unwrap_err(), Errno::EACCES);
    assert_eq!(SharedView::<AtomicU32>::of(&received).unwrap().load(0), Some(0));
}

#[test]
fn memory_is_aligned_for_what_is_in_it() {
    #[repr(C, align(4096))]
    struct Page([AtomicU32; 1024]);
    // SAFETY: atomics of one kind, without padding.
    unsafe impl Atoms for Page {
        type Atom = AtomicU32;
    }
    let memory = Shared::<Page>::new(1).unwrap();
    assert_eq!((&raw const memory.0).addr() % 4096, 0);
    memory.0[1023].store(1, Ordering::Relaxed);
    assert_eq!(memory.len(), 1);
}

#[test]
fn huge_pages_which_another_can_take_away_are_refused() {
    if wrong_under_emulation("huge pages") {
        return;
    }
    let file = Memfd::with_huge_pages(c"huge", baremap::HugePage::MB2).unwrap();
    file.set_len(1 << 21).unwrap();
    let file = file.fix_length().unwrap();
    // Whether the pool has one or not.
    for _pool in [None, Pool::with(1)] {
        assert_eq!(Shared::<AtomicU32>::of(&file).unwrap_err(), Errno::EINVAL);
        assert_eq!(SharedView::<AtomicU32>::of(&file).unwrap_err(), Errno::EINVAL);
    }
}
