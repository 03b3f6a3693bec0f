//! Maps of no file, both kinds: after a fork a private one is the child's own copy,
//! and a shared one is one memory of both.

#![no_std]
#![no_main]

mod child;

use baremap::rt::println;
use baremap::{Errno, MapAnon, MapOptions};
use child::child;

baremap::entry!(main);

fn main() -> Result<(), Errno> {
    let mut private = MapAnon::new(100)?;
    let mut shared = MapOptions::new().len(100).map_shared_anon()?;
    let zeros = private.iter().chain(shared.iter()).all(|&byte| byte == 0);
    println!("both start as {}", if zeros { "zeros" } else { "something else" })?;

    private[0] = b'p';
    shared[0] = b'p';
    println!("the parent stores:    private {}  shared {}", char::from(private[0]), char::from(shared[0]))?;
    child(|| {
        let _ = say("the child finds:     ", &private, &shared);
        private[0] = b'c';
        shared[0] = b'c';
        let _ = say("the child stores:    ", &private, &shared);
    })?;
    say("the parent finds:    ", &private, &shared)
}

/// The first byte of each, as it is in memory now.
fn say(who: &str, private: &[u8], shared: &[u8]) -> Result<(), Errno> {
    let [private, shared] = [private, shared].map(|bytes| {
        // SAFETY: it is the first byte of a map.
        char::from(unsafe { bytes.as_ptr().read_volatile() })
    });
    println!("{who} private {private}  shared {shared}")
}
