//! Making a map and dropping it, untouched and touched, against memmap2.

use std::fs::File;
use std::hint::black_box;
use std::os::fd::AsFd;
use std::ptr::null_mut;
use std::time::Duration;

use baremap::{Map, MapAnon};
use baremap_benches::{again, ground, race};
use criterion::{Criterion, criterion_group, criterion_main};
use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

const SIZES: [(&str, usize); 3] = [("4 KiB", 4 << 10), ("1 MiB", 1 << 20), ("64 MiB", 64 << 20)];

fn memory(criterion: &mut Criterion) {
    for (case, size) in SIZES {
        let by_rustix = again(move || {
            let prot = ProtFlags::READ | ProtFlags::WRITE;
            // SAFETY: the kernel chooses where.
            let start =
                unsafe { mmap_anonymous(null_mut(), black_box(size), prot, MapFlags::PRIVATE) }.unwrap();
            // SAFETY: it was mapped above.
            unsafe { munmap(start, size) }.unwrap();
        });
        race(
            criterion,
            ["map", &format!("memory, {case}")],
            ("memmap2", again(|| drop(memmap2::MmapMut::map_anon(black_box(size)).unwrap()))),
            vec![("baremap", again(|| drop(MapAnon::new(black_box(size)).unwrap()))), ("rustix", by_rustix)],
        );
    }
}

/// By rustix, with the length asked of the file, as by the others.
fn by_rustix<R>(file: &File, what: impl Fn(*const u8) -> R) -> R {
    let size = rustix::fs::fstat(file).unwrap().st_size as usize;
    // SAFETY: the kernel chooses where.
    let start =
        unsafe { mmap(null_mut(), size, ProtFlags::READ, MapFlags::SHARED, file.as_fd(), 0) }.unwrap();
    let result = what(start.cast());
    // SAFETY: it was mapped above.
    unsafe { munmap(start, size) }.unwrap();
    result
}

fn files(criterion: &mut Criterion) {
    for (case, size) in SIZES {
        let file = ground::file("/tmp", size);
        let ours = ground::ours(&file);
        race(
            criterion,
            ["map", &format!("a file, {case}")],
            // SAFETY: nobody else knows the file, here and below.
            ("memmap2", again(|| drop(unsafe { memmap2::Mmap::map(&file) }.unwrap()))),
            vec![
                // SAFETY: as above.
                ("baremap", again(|| drop(unsafe { Map::map(&ours) }.unwrap()))),
                ("rustix", again(|| by_rustix(&file, |_| ()))),
            ],
        );
        race(
            criterion,
            ["map", &format!("a file, {case}, one byte read")],
            // SAFETY: as above.
            ("memmap2", again(|| unsafe { memmap2::Mmap::map(&file) }.unwrap()[0])),
            vec![
                // SAFETY: as above.
                ("baremap", again(|| unsafe { Map::map(&ours) }.unwrap()[0])),
                // SAFETY: the file has a first byte.
                ("rustix", again(|| by_rustix(&file, |start| unsafe { start.read() }))),
            ],
        );
    }
}

criterion_group! {
    name = map;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    targets = memory, files
}
criterion_main!(map);
