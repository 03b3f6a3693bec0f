//! `mseal` does the same as the bare call of `sc`, which has no name for it: its
//! number is linux-raw-sys's here. What is sealed can no more be taken away.

mod hosted;
mod memory;
mod oracle;

use std::ptr::{null_mut, without_provenance_mut};

use baremap::sys::{mm, page_size};
use baremap::{Errno, MapFlags, Prot, Result};
use hosted::wrong_under_emulation;
use memory::since;
use oracle::{answer, none, same};

/// One page, mapped anew.
fn page() -> *mut u8 {
    let kind = MapFlags::PRIVATE | MapFlags::ANONYMOUS;
    // SAFETY: a new mapping replaces nothing.
    unsafe { mm::mmap(null_mut(), page_size(), Prot::READ | Prot::WRITE, kind, -1, 0) }.unwrap()
}

fn theirs(place: *mut u8, length: usize) -> Result<usize> {
    let number = linux_raw_sys::general::__NR_mseal as usize;
    // SAFETY: our twin of the call is safe, hence so is this one.
    answer(unsafe { sc::platform::syscall3(number, place as usize, length, 0) })
}

#[test]
fn mseal_is_the_same() {
    if wrong_under_emulation("mseal") {
        return;
    }
    let size = page_size();
    let (ours, others) = (page(), page());
    let odd = ours.wrapping_add(1);
    let last = without_provenance_mut(usize::MAX - size + 1);
    if !since(6, 10) {
        same(mm::mseal(ours, size).map(none), theirs(others, size), Err(Errno::ENOSYS));
        return;
    }
    same(mm::mseal(odd, size).map(none), theirs(odd, size), Err(Errno::EINVAL));
    same(mm::mseal(last, 2 * size).map(none), theirs(last, 2 * size), Err(Errno::EINVAL));
    let nowhere = without_provenance_mut(size);
    same(mm::mseal(nowhere, size).map(none), theirs(nowhere, size), Err(Errno::ENOMEM));
    // Further than what is mapped: nothing is sealed.
    let far = 1 << 40;
    same(mm::mseal(ours, far).map(none), theirs(others, far), Err(Errno::ENOMEM));
    same(mm::mseal(ours, size).map(none), theirs(others, size), Ok(0));

    for sealed in [ours, others] {
        // SAFETY: it is refused, and nothing else uses the page.
        assert_eq!(unsafe { mm::munmap(sealed, size) }, Err(Errno::EPERM));
        // SAFETY: as above.
        assert_eq!(unsafe { mm::mprotect(sealed, size, Prot::NONE) }, Err(Errno::EPERM));
        // SAFETY: the page is mapped, and this test's own.
        unsafe { sealed.write(7) };
        // SAFETY: as above.
        assert_eq!(unsafe { sealed.read() }, 7);
    }
}
