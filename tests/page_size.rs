//! The page size is the kernel's, however it is found out, and rounding to pages
//! is right for every size that Linux has.

mod hosted;

use std::ptr::null_mut;

use baremap::page::{round_down, round_up};
use baremap::sys::{mm, page_size};
use baremap::{Errno, MapFlags, Prot, Result};
use hosted::{Again, Filter, in_child, wrong_under_emulation};

const AT_PAGESZ: u64 = 6;

/// 4, 16 and 64 KiB pages, and a huge one of 2 MiB.
const SIZES: [usize; 4] = [4 << 10, 16 << 10, 64 << 10, 2 << 20];

fn of_libc() -> usize {
    // SAFETY: the call has no conditions.
    unsafe { libc::getauxval(AT_PAGESZ) as usize }
}

#[test]
fn it_is_that_of_the_c_library() {
    assert_eq!(page_size(), of_libc());
    // SAFETY: the call has no conditions.
    assert_eq!(page_size(), unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize);
    assert_eq!(page_size(), page_size(), "the second answer");
}

#[test]
fn it_is_that_of_the_auxiliary_vector() {
    let vector = std::fs::read("/proc/self/auxv").unwrap();
    let words: Vec<u64> =
        vector.chunks_exact(8).map(|word| u64::from_ne_bytes(word.try_into().unwrap())).collect();
    let pair = words.chunks_exact(2).find(|pair| pair[0] == AT_PAGESZ).unwrap();
    assert_eq!(page_size() as u64, pair[1]);
}

#[test]
fn it_is_the_unit_in_which_the_kernel_maps() {
    let map = |offset: usize| -> Result<usize> {
        let file = baremap::File::open(c"/proc/self/exe")?;
        let fd = hosted::raw(&file);
        // SAFETY: a new mapping replaces nothing.
        let start = unsafe { mm::mmap(null_mut(), 1, Prot::READ, MapFlags::PRIVATE, fd, offset as u64) }?;
        // SAFETY: it is ours, and was never used.
        unsafe { mm::munmap(start, 1) }?;
        Ok(start.addr())
    };
    assert_eq!(map(page_size()).unwrap() % page_size(), 0);
    assert_eq!(map(page_size() / 2), Err(Errno::EINVAL));
}

/// Runs one test of this file again, in a process that has asked for nothing
/// yet, with the ways to the page size closed that `closed` counts.
fn asked_anew(test: &str, closed: u8) {
    match std::env::var("BAREMAP_CLOSED_WAYS") {
        Ok(closed) => {
            let expected = of_libc();
            close_ways(closed.parse().unwrap());
            std::process::exit(if page_size() == expected { 0 } else { page_size().ilog2() as i32 });
        }
        Err(_) => {
            let again = Again::new(test, "BAREMAP_CLOSED_WAYS", &closed.to_string());
            let (program, argv, envp) = (again.program(), again.argv(), again.envp());
            let status = in_child(|| {
                // SAFETY: both lists end with a null pointer.
                let _ = unsafe { baremap::sys::process::execve(program, argv.as_ptr(), envp.as_ptr()) };
                127
            });
            assert!(status.success(), "{status}");
        }
    }
}

/// Closes `prctl(PR_GET_AUXV)` first, then /proc/self/auxv too: whatever these
/// calls are made for, the kernel says EPERM from here on.
fn close_ways(count: u8) {
    let ways = [sc::nr::PRCTL, sc::nr::OPENAT, open_of_its_own()];
    let ways = if count == 1 { &ways[..1] } else { &ways };
    assert!(Filter::new(ways, Errno::EPERM).install());
}

#[cfg(target_arch = "x86_64")]
fn open_of_its_own() -> usize {
    sc::nr::OPEN
}

#[cfg(not(target_arch = "x86_64"))]
fn open_of_its_own() -> usize {
    sc::nr::OPENAT
}

#[test]
fn proc_tells_it_where_prctl_does_not() {
    if !wrong_under_emulation("a filter of system calls") {
        asked_anew("proc_tells_it_where_prctl_does_not", 1);
    }
}

#[test]
fn madvise_tells_it_where_neither_prctl_nor_proc_does() {
    if !wrong_under_emulation("a filter of system calls") {
        asked_anew("madvise_tells_it_where_neither_prctl_nor_proc_does", 2);
    }
}

#[test]
fn rounding_up_goes_to_the_next_page_and_stays_on_one() {
    for page in SIZES {
        for count in [0, 1, 2, 1000] {
            let start = count * page;
            assert_eq!(round_up(start, page), Some(start));
            for beyond in [1, 2, page / 2, page - 1] {
                assert_eq!(round_up(start + beyond, page), Some(start + page), "{start} + {beyond}, {page}");
            }
        }
    }
}

#[test]
fn rounding_down_goes_to_the_start_of_the_page() {
    for page in SIZES {
        for count in [0, 1, 2, 1000] {
            let start = count * page;
            for beyond in [0, 1, 2, page / 2, page - 1] {
                assert_eq!(round_down(start + beyond, page), start, "{start} + {beyond}, {page}");
            }
        }
        assert_eq!(round_down(usize::MAX, page), usize::MAX - page + 1);
    }
}

#[test]
fn rounding_up_past_the_end_of_the_address_space_is_none() {
    for page in SIZES {
        let last = usize::MAX - page + 1;
        assert_eq!(round_up(last, page), Some(last));
        assert_eq!(round_up(last - 1, page), Some(last));
        for beyond in [1, 2, page / 2, page - 1] {
            assert_eq!(round_up(last + beyond, page), None, "{page}");
        }
    }
}
