//! The runtime's memory functions, which this program has in place of the C
//! library's, against the C library's.

use std::ffi::{CStr, c_int, c_void};
use std::hint::black_box;
use std::mem::transmute;
use std::time::Duration;

use baremap_benches::{again, race};
use criterion::{Criterion, criterion_group, criterion_main};

// What `entry!` puts into a program without a C library.
baremap::__support!();

const SIZES: [usize; 8] = [8, 16, 64, 256, 1024, 4096, 65_536, 1 << 20];
const MOST: usize = 1 << 20;

type Copy = unsafe extern "C" fn(*mut u8, *const u8, usize) -> *mut u8;
type Set = unsafe extern "C" fn(*mut u8, c_int, usize) -> *mut u8;
type Compare = unsafe extern "C" fn(*const u8, *const u8, usize) -> c_int;
type Length = unsafe extern "C" fn(*const u8) -> usize;

mod ours {
    use super::c_int;

    unsafe extern "C" {
        pub fn memcpy(to: *mut u8, from: *const u8, length: usize) -> *mut u8;
        pub fn memmove(to: *mut u8, from: *const u8, length: usize) -> *mut u8;
        pub fn memset(to: *mut u8, byte: c_int, length: usize) -> *mut u8;
        pub fn memcmp(one: *const u8, other: *const u8, length: usize) -> c_int;
        pub fn bcmp(one: *const u8, other: *const u8, length: usize) -> c_int;
        pub fn strlen(text: *const u8) -> usize;
    }
}

/// The function of this name that would be called if this program had none.
fn of_libc(name: &CStr) -> *mut c_void {
    // SAFETY: the name ends in a NUL.
    let function = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
    assert!(!function.is_null(), "{name:?} is in the C library");
    function
}

fn name(size: usize) -> String {
    match size {
        0..1024 => format!("{size} B"),
        1024..1_048_576 => format!("{} KiB", size / 1024),
        _ => format!("{} MiB", size >> 20),
    }
}

fn all(criterion: &mut Criterion) {
    let (mut to, from) = (vec![1_u8; MOST + 1], vec![1_u8; MOST + 1]);
    let (to, from) = (to.as_mut_ptr(), from.as_ptr());

    for (function, ours) in [(c"memcpy", ours::memcpy as Copy), (c"memmove", ours::memmove)] {
        // SAFETY: it is of this type, as the C standard has it; here and below.
        let theirs: Copy = unsafe { transmute(of_libc(function)) };
        for size in SIZES {
            // SAFETY: both sides have so many bytes; here and below.
            let call =
                |copy: Copy| again(move || unsafe { copy(black_box(to), black_box(from), black_box(size)) });
            against(criterion, function, size, call(theirs), call(ours));
        }
    }

    // SAFETY: as above.
    let theirs: Set = unsafe { transmute(of_libc(c"memset")) };
    for size in SIZES {
        // SAFETY: as above.
        let call = |set: Set| again(move || unsafe { set(black_box(to), 1, black_box(size)) });
        against(criterion, c"memset", size, call(theirs), call(ours::memset));
    }

    for (function, ours) in [(c"memcmp", ours::memcmp as Compare), (c"bcmp", ours::bcmp)] {
        // SAFETY: as above.
        let theirs: Compare = unsafe { transmute(of_libc(function)) };
        for size in SIZES {
            // SAFETY: as above.
            let call =
                |compare: Compare| again(move || unsafe { compare(black_box(to), black_box(from), size) });
            against(criterion, function, size, call(theirs), call(ours));
        }
    }

    // SAFETY: as above.
    let theirs: Length = unsafe { transmute(of_libc(c"strlen")) };
    for size in SIZES {
        let mut text = vec![b'a'; size + 1];
        text[size] = 0;
        let start = text.as_ptr();
        // SAFETY: a NUL is behind so many bytes.
        let call = |length: Length| again(move || unsafe { length(black_box(start)) });
        against(criterion, c"strlen", size, call(theirs), call(ours::strlen));
    }
}

fn against<'a>(
    criterion: &mut Criterion,
    function: &CStr,
    size: usize,
    theirs: baremap_benches::Body<'a>,
    ours: baremap_benches::Body<'a>,
) {
    let function = function.to_str().expect("ASCII");
    race(criterion, ["memory", function], ("glibc", theirs), vec![(&name(size), ours)]);
}

criterion_group! {
    name = memory;
    config = Criterion::default().warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(1));
    targets = all
}
criterion_main!(memory);
