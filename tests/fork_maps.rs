//! Maps and fork: what no child has, what is zeros in every child, and that neither
//! harms a stranger at the same address.

mod hosted;
mod memory;
mod oracle;

use baremap::map::{KeptFromChildren, WipedInChildren};
use baremap::sys::page_size;
use baremap::{Errno, MapAnon, MapOptions};
use hosted::{Filter, child, in_child, wrong_under_emulation};
use libc::SYS_madvise;
use memory::has;
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_impl_all!(KeptFromChildren: Send, Sync);
assert_impl_all!(WipedInChildren: Send, Sync);
// Its bytes are lent only where they are there.
assert_not_impl_any!(KeptFromChildren: std::ops::Deref, Clone);
assert_not_impl_any!(WipedInChildren: Clone);

/// Three pages of sevens.
fn sevens() -> MapAnon {
    let mut map = MapAnon::new(3 * page_size()).unwrap();
    map.fill(7);
    map
}

fn kept() -> KeptFromChildren {
    sevens().keep_from_children().unwrap()
}

fn wiped() -> WipedInChildren {
    sevens().wipe_in_children().unwrap()
}

fn are_all(bytes: &[u8], value: u8) -> bool {
    bytes.iter().all(|&byte| byte == value)
}

/// How a child's child, which makes system calls only, ended: well?
fn ends_well(body: impl FnOnce() -> i32) -> bool {
    child(body).wait().is_ok_and(|status| status.success())
}

#[test]
fn the_kernel_is_told() {
    if wrong_under_emulation("flags in /proc/self/smaps") {
        return;
    }
    let mut secret = kept();
    assert!(secret.with(|bytes| has(bytes.as_mut_ptr(), "dc")).unwrap());
    assert!(has(wiped().as_mut_ptr(), "wf"));
}

#[test]
fn a_child_is_lent_nothing_of_what_is_kept_from_it() {
    if wrong_under_emulation("MADV_WIPEONFORK") {
        return;
    }
    let mut secret = kept();
    let status = in_child(|| {
        let mut lent = false;
        let answer = secret.with(|_| lent = true);
        i32::from(answer != Err(Errno::EFAULT) || lent || secret.is_here())
    });
    assert!(status.success(), "{status}");
    assert!(secret.is_here());
    assert_eq!(secret.with(|bytes| (bytes.len(), are_all(bytes, 7))), Ok((3 * page_size(), true)));
}

#[test]
fn dropping_it_in_a_child_leaves_a_stranger_alone() {
    if wrong_under_emulation("MADV_DONTFORK") {
        return;
    }
    let mut secret = Some(kept());
    let address = secret.as_mut().unwrap().with(|bytes| bytes.as_ptr().addr()).unwrap();
    let status = in_child(|| {
        let place = MapOptions::new().len(3 * page_size()).fixed(address);
        // The address is free here, for anybody.
        let Ok(mut stranger) = place.map_anon() else { return 1 };
        stranger.fill(9);
        drop(secret.take());
        if !are_all(&stranger, 9) || place.map_anon().is_ok() {
            return 2;
        }
        // A child's child has the stranger, as it would any map.
        i32::from(!ends_well(|| i32::from(!are_all(&stranger, 9)))) * 3
    });
    assert!(status.success(), "{status}");
    assert_eq!(secret.unwrap().with(|bytes| are_all(bytes, 7)), Ok(true));
}

#[test]
fn a_childs_child_has_as_little() {
    if wrong_under_emulation("MADV_WIPEONFORK") {
        return;
    }
    let mut secret = Some(kept());
    let status = in_child(|| {
        let lent = |secret: &mut Option<KeptFromChildren>| {
            secret.as_mut().is_none_or(|secret| secret.with(|_| ()) != Err(Errno::EFAULT))
        };
        if lent(&mut secret) {
            return 1;
        }
        let grandchild = ends_well(|| {
            if lent(&mut secret) {
                return 1;
            }
            drop(secret.take());
            0
        });
        if !grandchild || lent(&mut secret) { 2 } else { 0 }
    });
    assert!(status.success(), "{status}");
}

#[test]
fn what_a_child_keeps_is_its_own() {
    if wrong_under_emulation("MADV_WIPEONFORK") {
        return;
    }
    let status = in_child(|| {
        let Ok(map) = MapAnon::new(10) else { return 1 };
        let Ok(mut secret) = map.keep_from_children() else { return 2 };
        if !ends_well(|| i32::from(secret.with(|_| ()) != Err(Errno::EFAULT))) {
            return 3;
        }
        if secret.with(|bytes| bytes.fill(5)).is_err() || !secret.is_here() { 4 } else { 0 }
    });
    assert!(status.success(), "{status}");
}

#[test]
fn it_is_unmapped_where_it_is() {
    // In a process of its own, where no thread maps anything meanwhile.
    let status = in_child(|| {
        let Ok(map) = MapAnon::new(page_size()) else { return 1 };
        let place = MapOptions::new().len(page_size()).fixed(map.as_ptr().addr());
        let Ok(secret) = map.keep_from_children() else { return 2 };
        if place.map_anon().map(drop) != Err(Errno::EEXIST) {
            return 3;
        }
        drop(secret);
        i32::from(place.map_anon().is_err()) * 4
    });
    assert!(status.success(), "{status}");
}

#[test]
fn what_is_wiped_is_zeros_in_a_child_and_whole_in_its_parent() {
    if wrong_under_emulation("MADV_WIPEONFORK") {
        return;
    }
    let mut state = wiped();
    let status = in_child(|| {
        if !are_all(&state, 0) || state.len() != 3 * page_size() {
            return 1;
        }
        // It is the child's, and zeros again in the child's child.
        state.fill(8);
        let grandchild = ends_well(|| {
            let zeros = are_all(&state, 0);
            state.fill(9);
            i32::from(!zeros)
        });
        if !grandchild || !are_all(&state, 8) { 2 } else { 0 }
    });
    assert!(status.success(), "{status}");
    assert!(are_all(&state, 7));
}

#[test]
fn what_the_kernel_refuses_is_given_back_as_it_was() {
    if wrong_under_emulation("seccomp") {
        return;
    }
    let (mut kept, mut wiped) = (Some(sevens()), Some(sevens()));
    let mut filter = Filter::new(&[SYS_madvise as usize], Errno::EAGAIN);
    let status = in_child(|| {
        if !filter.install() {
            return 1;
        }
        let kept = kept.take().map(MapAnon::keep_from_children);
        let wiped = wiped.take().map(MapAnon::wipe_in_children);
        let (Some(Err(kept)), Some(Err(wiped))) = (kept, wiped) else { return 2 };
        let right = [&kept.value, &wiped.value].iter().all(|map| are_all(map, 7));
        i32::from((kept.errno, wiped.errno, right) != (Errno::EAGAIN, Errno::EAGAIN, true)) * 3
    });
    assert!(status.success(), "{status}");
}
