//! As many maps as the kernel allows live at once, and the next is an error that says
//! so. Alone in its process: at the limit, not even a thread can be started.

use std::fs;

use baremap::memfd::Memfd;
use baremap::sys::page_size;
use baremap::{Errno, MapOptions};

/// What the kernel allows unless told otherwise.
const USUAL: usize = 65_530;

#[test]
fn the_most_maps_live_and_the_next_is_out_of_memory() {
    if std::env::var_os("BAREMAP_EMULATED").is_some() {
        return; // qemu-user needs maps of its own, and ends where it gets none.
    }
    let most = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
    let most: usize = most.trim().parse().unwrap();
    let file = Memfd::new(c"many").unwrap();
    file.set_len(page_size() as u64).unwrap();
    // The same page again and again: neighbours that the kernel cannot join.
    let map = || MapOptions::new().map_raw(&file);

    let mut maps = Vec::with_capacity(USUAL);
    let mut refused = None;
    while maps.len() < USUAL && refused.is_none() {
        match map() {
            Ok(map) => maps.push(map),
            Err(errno) => refused = Some(errno),
        }
    }
    let lived = maps.len();
    drop(maps.pop());
    let again = map().is_ok();
    drop(maps);
    assert!(lived >= 65_000.min(most - 500), "only {lived} of {most}");
    // Where more is allowed, it is not gone to the end of it.
    if most <= USUAL {
        assert_eq!(refused, Some(Errno::ENOMEM), "after {lived} of {most}");
    }
    assert!(again, "one has room where one was dropped");
    assert!(map().is_ok());
}
