//! Guarded copies against memcpy from a plain map, and against the kernel's copies;
//! a guarded value against a plain load.

use std::hint::black_box;
use std::os::fd::AsRawFd;
use std::time::Duration;

use baremap::guard::{Guarded, Guards, KernelCopies};
use baremap::{MapOptions, sys};
use baremap_benches::{Body, again, ground, race};
use criterion::{Criterion, criterion_group, criterion_main};

const SIZES: [(&str, usize); 5] =
    [("8 B", 8), ("64 B", 64), ("4 KiB", 4 << 10), ("1 MiB", 1 << 20), ("64 MiB", 64 << 20)];

fn copies(criterion: &mut Criterion) {
    let file = ground::file("/dev/shm", 64 << 20);
    let fd = file.as_raw_fd();
    let file = ground::ours(&file);
    let guarded =
        Guarded::new(MapOptions::new().populate().map_raw(&file).unwrap(), Guards::install().unwrap());
    let by_kernel = Guarded::new(MapOptions::new().populate().map_raw(&file).unwrap(), KernelCopies);
    // SAFETY: nobody else knows the file.
    let plain = unsafe { MapOptions::new().populate().map(&file) }.unwrap();
    let mut buffers: [Vec<u8>; 4] = std::array::from_fn(|_| vec![1; 64 << 20]);
    for (case, size) in SIZES {
        let [to, a, b, c] = buffers.each_mut().map(|buffer| &mut buffer[..size]);
        let memcpy = again(|| black_box(&mut *to).copy_from_slice(black_box(&plain[..size])));
        race(
            criterion,
            ["guarded", case],
            ("memcpy", memcpy),
            vec![
                ("guarded", again(|| guarded.read_at(0, black_box(&mut *a)).unwrap())),
                ("pread", again(|| sys::fs::pread64(fd, black_box(&mut *b), 0).unwrap())),
                ("process_vm_readv", again(|| by_kernel.read_at(0, black_box(&mut *c)).unwrap())),
            ],
        );
    }
}

/// A loop over the values of a page.
fn values<'a>(mut get: impl FnMut(usize) -> u64 + 'a) -> Body<'a> {
    Box::new(move |times| {
        let mut sum = 0_u64;
        let mut left = times as usize;
        while left != 0 {
            let part = left.min(512);
            for index in 0..part {
                sum = sum.wrapping_add(get(index));
            }
            left -= part;
        }
        black_box(sum);
    })
}

fn loads(criterion: &mut Criterion) {
    let file = ground::ours(&ground::file("/dev/shm", 4096));
    let guarded = Guarded::new(MapOptions::new().map_raw(&file).unwrap(), Guards::install().unwrap());
    // SAFETY: nobody else knows the file.
    let plain = unsafe { MapOptions::new().map(&file) }.unwrap();
    let start: *const u64 = plain.as_ptr().cast();
    // SAFETY: it is one of the page's 512 values.
    let load = values(move |index| unsafe { start.wrapping_add(index).read_volatile() });
    let get = values(|index| guarded.get::<u64>(index * 8).unwrap());
    race(criterion, ["guarded", "a value"], ("plain load", load), vec![("get", get)]);
}

criterion_group! {
    name = guarded;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    targets = loads, copies
}
criterion_main!(guarded);
