//! The calls about clocks, random bytes and `prctl` do the same as those of `sc`,
//! and so does what `syscall!` makes of a number: see oracle_calls.rs.

mod hosted;
mod oracle;

use std::ffi::CStr;
use std::ptr::{null, null_mut};

use baremap::flags::{MapFlags, Prot, RandomFlags, TimerFlags};
use baremap::sys::time::{Clock, Timespec, clock_gettime, clock_nanosleep};
use baremap::sys::{getrandom, mm, page_size, prctl_get_auxv, prctl_set_vma_anon_name};
use baremap::{Errno, Result, syscall};
use hosted::wrong_under_emulation;
use oracle::{none, same, theirs};

const PR_SET_VMA: usize = linux_raw_sys::prctl::PR_SET_VMA as usize;
const PR_GET_AUXV: usize = linux_raw_sys::prctl::PR_GET_AUXV as usize;

#[test]
fn clocks_are_the_same() {
    for clock in [
        Clock::REALTIME,
        Clock::MONOTONIC,
        Clock::PROCESS_CPUTIME_ID,
        Clock::THREAD_CPUTIME_ID,
        Clock::MONOTONIC_RAW,
        Clock::BOOTTIME,
        Clock::TAI,
    ] {
        let first = clock_gettime(clock).unwrap();
        let mut between = Timespec::default();
        assert_eq!(theirs!(CLOCK_GETTIME, clock.0, &raw mut between), Ok(0));
        let last = clock_gettime(clock).unwrap();
        assert!(first <= between && between <= last, "{clock:?}: {first:?} {between:?} {last:?}");
        assert!((0..1_000_000_000).contains(&last.tv_nsec));
    }
    let mut time = Timespec::default();
    let ours = clock_gettime(Clock(99)).map(|_| 0);
    same(ours, theirs!(CLOCK_GETTIME, 99, &raw mut time), Err(Errno::EINVAL));
}

#[test]
fn sleeping_is_the_same() {
    let nap = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
    let (wrong, negative) =
        (Timespec { tv_sec: 0, tv_nsec: 1_000_000_000 }, Timespec { tv_sec: -1, tv_nsec: 0 });
    let past = Timespec { tv_sec: 1, tv_nsec: 0 };
    let (relative, absolute) = (TimerFlags::empty(), TimerFlags::ABSTIME);
    for (clock, flags, time, expected) in [
        (Clock::MONOTONIC, relative, nap, Ok(0)),
        (Clock::REALTIME, absolute, past, Ok(0)),
        (Clock::MONOTONIC, relative, wrong, Err(Errno::EINVAL)),
        (Clock::MONOTONIC, relative, negative, Err(Errno::EINVAL)),
        (Clock(99), relative, nap, Err(Errno::EINVAL)),
        (Clock::THREAD_CPUTIME_ID, relative, nap, Err(Errno::EOPNOTSUPP)),
        (Clock::MONOTONIC_RAW, relative, nap, Err(Errno::EOPNOTSUPP)),
    ] {
        let before = clock_gettime(Clock::MONOTONIC).unwrap();
        let ours = clock_nanosleep(clock, flags, &time, None).map(none);
        let after = clock_gettime(Clock::MONOTONIC).unwrap();
        let passed = (after.tv_sec - before.tv_sec) * 1_000_000_000 + after.tv_nsec - before.tv_nsec;
        assert!(time != nap || expected.is_err() || passed >= nap.tv_nsec, "it did not sleep");
        same(ours, theirs!(CLOCK_NANOSLEEP, clock.0, flags.bits(), &raw const time, 0), expected);
    }
}

#[test]
fn random_bytes_are_the_same() {
    let [mut ours, mut theirs] = [[0_u8; 256]; 2];
    let told = getrandom(&mut ours[1..], RandomFlags::empty());
    same(told, theirs!(GETRANDOM, theirs[1..].as_mut_ptr(), 255, 0), Ok(255));
    assert!(ours != theirs && ours[0] == 0 && ours[128..] != [0; 128]);
    same(getrandom(&mut [], RandomFlags::NONBLOCK), theirs!(GETRANDOM, theirs.as_mut_ptr(), 0, 1), Ok(0));
    for flags in [RandomFlags::RANDOM | RandomFlags::INSECURE, RandomFlags::from_bits_retain(1 << 20)] {
        let told = getrandom(&mut ours, flags);
        same(told, theirs!(GETRANDOM, theirs.as_mut_ptr(), 8, flags.bits()), Err(Errno::EINVAL));
    }
}

#[test]
fn the_auxiliary_vector_is_the_same() {
    let [mut ours, mut theirs] = [[0_usize; 128]; 2];
    let told = prctl_get_auxv(&mut ours);
    let size = size_of_val(&theirs);
    assert_eq!(told, theirs!(PRCTL, PR_GET_AUXV, theirs.as_mut_ptr(), size, 0, 0));
    assert_eq!(ours, theirs);
    match told {
        Ok(bytes) => {
            assert_eq!(prctl_get_auxv(&mut []), Ok(bytes));
            let page = ours.chunks(2).find(|pair| pair[0] == 6).unwrap()[1];
            assert_eq!(page, page_size());
        }
        // Before Linux 6.4.
        Err(errno) => assert_eq!(errno, Errno::EINVAL),
    }
}

#[test]
fn naming_memory_is_the_same() {
    let size = page_size();
    let (prot, flags) = (Prot::READ, MapFlags::PRIVATE | MapFlags::ANONYMOUS);
    // SAFETY: it replaces nothing.
    let place = unsafe { mm::mmap(null_mut(), size, prot, flags, -1, 0) }.unwrap();
    let theirs = |addr: *mut u8, name: Option<&CStr>| {
        theirs!(PRCTL, PR_SET_VMA, 0, addr, size, name.map_or(null(), CStr::as_ptr))
    };
    let ours = |addr: *mut u8, name| prctl_set_vma_anon_name(addr, size, name).map(none);
    let there = |name: &str| std::fs::read_to_string("/proc/self/maps").unwrap().contains(name);
    let told: Result<usize> = ours(place, Some(c"of ours"));
    assert_eq!(theirs(place, Some(c"of ours")), told);
    if wrong_under_emulation("PR_SET_VMA_ANON_NAME") {
        // The host's kernel has the name, and this process's map is not the host's.
    } else if told.is_ok() {
        assert!(there("[anon:of ours]"));
        same(ours(place, None), theirs(place, None), Ok(0));
        assert!(!there("[anon:of ours]"));
        let unmapped = std::ptr::without_provenance_mut(size);
        same(ours(unmapped, None), theirs(unmapped, None), Err(Errno::ENOMEM));
    } else {
        assert_eq!(told, Err(Errno::EINVAL), "built without it");
    }
    let askew = place.wrapping_add(1);
    for (addr, name) in [(askew, c"name"), (place, c"[name]"), (place, c"\x01")] {
        same(ours(addr, Some(name)), theirs(addr, Some(name)), Err(Errno::EINVAL));
    }
    // SAFETY: it is this test's own.
    unsafe { mm::munmap(place, size) }.unwrap();
}

#[test]
fn any_call_can_be_made_by_its_number() {
    macro_rules! ours {
        ($($argument:expr),*) => {
            // SAFETY: each call here touches at most what it is given.
            unsafe { syscall!($($argument),*) }
        };
    }
    assert_eq!(ours!(sc::nr::GETPID), theirs!(GETPID));
    assert_eq!(ours!(sc::nr::CLOSE, -1), Err(Errno::EBADF));
    assert_eq!(ours!(sc::nr::KILL, i32::MAX, 0_u8), Err(Errno::ESRCH));
    let mut bytes = [0_u8; 4];
    assert_eq!(ours!(sc::nr::GETRANDOM, bytes.as_mut_ptr(), 4_usize, 0), Ok(4));
    assert_eq!(ours!(sc::nr::PREAD64, -1, bytes.as_mut_ptr(), 4, 0_i64), Err(Errno::EBADF));
    assert_eq!(ours!(sc::nr::PRCTL, -1_i32, 0, 0, 0, 0), Err(Errno::EINVAL));
    // All six arrive: the file's offset is the last of them, here not of a page.
    let (private, anywhere) = ((MapFlags::PRIVATE | MapFlags::ANONYMOUS).bits(), null::<u8>());
    let mapped = ours!(sc::nr::MMAP, anywhere, page_size(), 1_u32, private, -1, 0).unwrap();
    assert_eq!(mapped % page_size(), 0);
    assert_eq!(ours!(sc::nr::MMAP, anywhere, page_size(), 1, private, -1, 1), Err(Errno::EINVAL));
    assert_eq!(ours!(sc::nr::MUNMAP, mapped, page_size()), Ok(0));
    assert_eq!(ours!(100_000), Err(Errno::ENOSYS));
}
