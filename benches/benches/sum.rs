//! Summing a file that the kernel has in memory: read in a loop, against mapped.
//!
//! `BAREMAP_BENCH_MIB` is the file's size, 256 if it is not set.

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use baremap::memfd::Memfd;
use baremap::{Advice, Map, MapOptions};
use baremap_benches::{Body, again, ground, race};
use criterion::{Criterion, criterion_group, criterion_main};

fn sum(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(8).map(|word| u64::from_ne_bytes(word.try_into().unwrap()));
    words.fold(0, u64::wrapping_add)
}

/// Reads and sums by a buffer of this size.
fn read(file: &File, buffer: &mut [u8]) -> u64 {
    let (mut total, mut offset) = (0_u64, 0);
    loop {
        let count = file.read_at(buffer, offset).unwrap();
        if count == 0 {
            return total;
        }
        total = total.wrapping_add(sum(&buffer[..count]));
        offset += count as u64;
    }
}

/// The read loop by the buffer that is fastest here, and its name.
fn best_loop(file: &File) -> (String, Body<'_>) {
    let fastest = [32, 64, 128, 256, 512, 1024, 2048]
        .into_iter()
        .min_by_key(|kib| {
            let mut buffer = vec![0; kib << 10];
            let tries = (0..3).map(|_| {
                let start = Instant::now();
                black_box(read(file, &mut buffer));
                start.elapsed()
            });
            tries.min().unwrap()
        })
        .unwrap();
    let mut buffer = vec![0; fastest << 10];
    (format!("read, {fastest} KiB at once"), again(move || read(file, &mut buffer)))
}

/// Maps and sums a window at a time, each with its pages there from the start.
fn by_windows(file: &baremap::File, length: usize, window: usize) -> u64 {
    let windows = (0..length).step_by(window).map(|offset| {
        let options = MapOptions::new().offset(offset as u64).len(window.min(length - offset)).populate();
        // SAFETY: nobody else knows the file.
        sum(&unsafe { options.map(file) }.unwrap())
    });
    windows.fold(0, u64::wrapping_add)
}

fn pages(criterion: &mut Criterion, [case, folder]: [&str; 2], length: usize) {
    let file = ground::file(folder, length);
    let ours = ground::ours(&file);
    let (reference, by_reading) = best_loop(&file);
    // SAFETY: nobody else knows the file, here and below.
    let map = |options: MapOptions| unsafe { options.map(&ours) }.unwrap();
    let advised = |advice| {
        let map = map(MapOptions::new());
        map.advise(advice).unwrap();
        sum(&map)
    };
    let there = map(MapOptions::new().populate());
    race(
        criterion,
        ["sum", case],
        (&reference, by_reading),
        vec![
            ("mapped", again(|| sum(&map(MapOptions::new())))),
            // SAFETY: as above.
            ("memmap2", again(|| sum(&unsafe { memmap2::Mmap::map(&file) }.unwrap()))),
            ("populate()", again(|| sum(&map(MapOptions::new().populate())))),
            ("Advice::PopulateRead", again(|| advised(Advice::PopulateRead))),
            ("Advice::Sequential", again(|| advised(Advice::Sequential))),
            (
                "Advice::HugePage, aligned",
                again(|| {
                    let map = map(MapOptions::new().aligned(2 << 20));
                    map.advise(Advice::HugePage).unwrap();
                    sum(&map)
                }),
            ),
            ("1 MiB at once, populate()", again(|| by_windows(&ours, length, 1 << 20))),
            ("already mapped", again(|| sum(&there))),
        ],
    );
    race(
        criterion,
        ["sum", &format!("{case}, not read")],
        // SAFETY: as above.
        ("memmap2", again(|| sum(&unsafe { memmap2::Mmap::map(&file) }.unwrap()))),
        vec![("mapped", again(|| sum(&map(MapOptions::new()))))],
    );
}

/// Shared memory in huge pages, if there are any to be had.
fn huge_pages(criterion: &mut Criterion, length: usize) {
    let memory = Memfd::new(c"huge").unwrap();
    memory.set_len(length as u64).unwrap();
    let options = MapOptions::new().aligned(2 << 20);
    {
        // SAFETY: nobody else knows the file, here and below.
        let mut map = unsafe { options.map_mut(&memory) }.unwrap();
        map.fill(1);
        if map.advise(Advice::Collapse).is_err() {
            println!("sum: there are no huge pages to be had");
            return;
        }
    }
    let file = ground::theirs(&memory);
    let (reference, by_reading) = best_loop(&file);
    race(
        criterion,
        ["sum", "shared memory in huge pages"],
        (&reference, by_reading),
        vec![
            // SAFETY: as above.
            ("mapped", again(|| sum(&unsafe { Map::map(&memory) }.unwrap()))),
            // SAFETY: as above.
            ("aligned", again(|| sum(&unsafe { options.map(&memory) }.unwrap()))),
            // SAFETY: as above.
            ("memmap2", again(|| sum(&unsafe { memmap2::Mmap::map(&file) }.unwrap()))),
        ],
    );
}

fn all(criterion: &mut Criterion) {
    let mib: usize = std::env::var("BAREMAP_BENCH_MIB").map_or(256, |mib| mib.parse().expect("a number"));
    let length = mib << 20;
    pages(criterion, ["a file of the disk", "/tmp"], length);
    pages(criterion, ["a file of tmpfs", "/dev/shm"], length);
    huge_pages(criterion, length);
}

criterion_group! {
    name = sums;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(5));
    targets = all
}
criterion_main!(sums);
