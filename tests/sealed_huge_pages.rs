//! Sealed files in huge pages, of which there are few: what is lent is there.

mod hosted;
mod huge;

use baremap::memfd::Memfd;
use baremap::{Errno, HugePage, MapOptions};
use hosted::wrong_under_emulation;
use huge::Pool;

/// A file in huge pages, the first `filled` of them written to.
fn huge(pool: &Pool, pages: usize, filled: usize) -> Memfd {
    let file = Memfd::with_huge_pages(c"of huge pages", pool.page()).unwrap();
    file.set_len((pages * pool.size) as u64).unwrap();
    let map = MapOptions::new().no_reserve().map_raw(&file).unwrap();
    for page in 0..filled {
        // SAFETY: it is in the map, and the pool has a page for it.
        unsafe { map.as_mut_ptr().wrapping_add(page * pool.size).write_volatile(page as u8 + 1) };
    }
    file
}

#[test]
fn huge_pages_are_there_before_they_are_lent() {
    let Some(pool) = Pool::with(3) else { return };
    let sealed = huge(&pool, 2, 1).seal().unwrap();
    let (free, map) = (pool.free(), sealed.map().unwrap());
    assert_eq!(pool.free(), free - 1, "the hole is filled");
    assert_eq!((map.len(), map[0], map[pool.size], map[2 * pool.size - 1]), (2 * pool.size, 1, 0, 0));
    let part = sealed.map_with(MapOptions::new().len(10)).unwrap();
    assert_eq!((part[0], part.len()), (1, 10));
}

#[test]
fn too_few_huge_pages_are_an_error_and_no_signal() {
    let Some(pool) = Pool::with(2) else { return };
    // More holes than there are pages in the pool, whoever else has filled it.
    let pages = pool.free() + 2;
    let sealed = huge(&pool, pages, 1).seal().unwrap();
    for options in
        [MapOptions::new(), MapOptions::new().no_reserve(), MapOptions::new().private().no_reserve()]
    {
        let errno = sealed.map_with(options).unwrap_err();
        assert!([Errno::ENOMEM, Errno::EFAULT].contains(&errno), "{options:?}: {errno}");
    }
    assert_eq!(sealed.map_with(MapOptions::new().len(pool.size)).unwrap()[0], 1);
}

#[test]
fn a_size_of_huge_page_that_there_is_not_is_refused() {
    if !wrong_under_emulation("huge pages") {
        let size = HugePage::of(1 << 40).unwrap();
        assert_eq!(Memfd::with_huge_pages(c"", size).unwrap_err(), Errno::ENODEV);
    }
}
