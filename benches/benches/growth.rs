//! What a map costs as its file grows: nothing more. The file is sparse, and no page
//! of it is touched.

use std::time::Duration;

use baremap::memfd::Memfd;
use baremap::{MapOptions, Reservation};
use baremap_benches::{again, race};
use criterion::{Criterion, criterion_group, criterion_main};

const SIZES: [(&str, u64); 4] =
    [("1 MiB", 1 << 20), ("1 GiB", 1 << 30), ("1 TiB", 1 << 40), ("16 TiB", 16 << 40)];

/// An address with nothing else for many TiB.
const BY_ITSELF: usize = 1 << 44;

fn files(criterion: &mut Criterion) {
    let sparse = |length| {
        let file = Memfd::new(c"growth").unwrap();
        file.set_len(length).unwrap();
        file
    };
    let small = sparse(4096);
    let files = SIZES.map(|(name, length)| (name, sparse(length)));
    // SAFETY: nobody else knows the file, here and below.
    let map = |file, options: MapOptions| again(move || drop(unsafe { options.map(file) }.unwrap()));
    // By itself: the kernel walks through the page tables of its neighbours, too.
    for (case, options) in [
        ("a sparse file", MapOptions::new()),
        ("a sparse file, by itself", MapOptions::new().hint(BY_ITSELF)),
    ] {
        let others = files.iter().map(|(name, file)| (*name, map(file, options))).collect();
        race(criterion, ["growth", case], ("4 KiB", map(&small, options)), others);
    }
}

fn reservations(criterion: &mut Criterion) {
    let reserve = |length: u64| again(move || drop(Reservation::new(length as usize).unwrap()));
    let others = SIZES.iter().map(|(name, length)| (*name, reserve(*length))).collect();
    race(criterion, ["growth", "a reservation"], ("4 KiB", reserve(4096)), others);
}

criterion_group! {
    name = growth;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    targets = files, reservations
}
criterion_main!(growth);
