//! `mmap` with each of its flags, `mremap` and `brk` do the same as those of
//! `sc`: see oracle_calls.rs. The plain forms of `mmap` are in
//! oracle_memory_calls.rs.
//!
//! Not tried: `SYNC` that succeeds, which needs persistent memory; and what has no
//! effect on these kernels, `UNINITIALIZED`, `SEM`, `DENYWRITE`, `EXECUTABLE`.

mod common;
mod hosted;
mod memory;
mod oracle;

use std::ptr::null_mut;

use baremap::flags::{MemfdFlags, MremapFlags};
use baremap::sys::{RawFd, mm, page_size};
use baremap::{Errno, File, MapFlags, OpenOptions, OwnedFd, Prot, Result};
use common::Folder;
use hosted::{c_path, in_child, raw, wrong_under_emulation};
use memory::*;
use oracle::{NOT_OPEN, number, owned, same, theirs};

/// Both of us at `addr`, which must be free or null.
fn both(addr: *mut u8, length: usize, flags: MapFlags, fd: RawFd) -> [Result<usize>; 2] {
    // SAFETY: without `FIXED`, which none of the tests passes here, it replaces nothing.
    let ours = unsafe { mm::mmap(addr, length, BOTH, flags, fd, 0) }.map(address);
    [ours, theirs!(MMAP, addr, length, BOTH.bits(), flags.bits(), fd, 0)]
}

/// Both have made a mapping of one page, of which this holds.
#[track_caller]
fn each_made(made: [Result<usize>; 2], holds: impl Fn(*mut u8) -> bool) {
    for start in made {
        let start = std::ptr::with_exposed_provenance_mut(start.expect("a mapping"));
        assert!(holds(start));
        unmap(start, 1);
    }
}

/// A file in memory: tmpfs by another name.
fn file_in_memory() -> OwnedFd {
    let fd = owned(mm::memfd_create(c"pages", MemfdFlags::ALLOW_SEALING).map(number));
    // SAFETY: nobody was promised that it stays as it is.
    unsafe { baremap::sys::fs::ftruncate(fd.as_raw_fd(), page_size() as i64) }.unwrap();
    fd
}

#[test]
fn flags_of_mmap_have_their_effect_the_same() {
    let page = page_size();
    let cases = [(MapFlags::NORESERVE, "nr"), (MapFlags::GROWSDOWN, "gd"), (MapFlags::LOCKED, "lo")];
    for (flag, name) in cases {
        let unseen = wrong_under_emulation("/proc/self/smaps");
        let made = both(null_mut(), page, PRIVATE | flag, NOT_OPEN);
        each_made(made, |start| unseen || has(start, name));
        let plain = pages(1);
        assert!(unseen || !has(plain, name), "{name} is there without its flag");
        unmap(plain, 1);
    }
    let present = |start: *mut u8| {
        let mut there = 0_u8;
        // SAFETY: one byte for one page.
        unsafe { mm::mincore(start, page, &raw mut there) }.unwrap();
        there & 1 == 1
    };
    each_made(both(null_mut(), page, PRIVATE | MapFlags::POPULATE, NOT_OPEN), |start| {
        present(start) || wrong_under_emulation("mmap with POPULATE")
    });
    each_made(both(null_mut(), page, PRIVATE, NOT_OPEN), |start| !present(start));
    // These change nothing that can be seen.
    for flag in [MapFlags::STACK, MapFlags::POPULATE | MapFlags::NONBLOCK] {
        each_made(both(null_mut(), page, PRIVATE | flag, NOT_OPEN), |_| true);
    }
}

#[test]
fn fixed_noreplace_takes_a_free_place_alone() {
    let page = page_size();
    let flags = PRIVATE | MapFlags::FIXED_NOREPLACE;
    let place = pages(2);
    let [ours, theirs] = both(place, page, flags, NOT_OPEN);
    if wrong_under_emulation("mmap with FIXED_NOREPLACE") {
        return;
    }
    same(ours, theirs, Err(Errno::EEXIST));
    for by_us in [true, false] {
        // Another thread may take the hole at once; then it is `EEXIST` again.
        unmap(place, 1);
        let made = if by_us {
            // SAFETY: it replaces nothing.
            unsafe { mm::mmap(place, page, BOTH, flags, NOT_OPEN, 0) }.map(address)
        } else {
            theirs!(MMAP, place, page, BOTH.bits(), flags.bits(), NOT_OPEN, 0)
        };
        if made == Err(Errno::EEXIST) {
            return;
        }
        assert_eq!(made, Ok(place.addr()));
    }
    unmap(place, 2);
}

#[test]
fn shared_validate_refuses_what_shared_lets_pass() {
    let page = page_size();
    let file = file_in_memory();
    let fd = file.as_raw_fd();
    let unknown = MapFlags::from_bits_retain(0x40_0000);
    for flag in [MapFlags::SYNC, unknown] {
        each_made(both(null_mut(), page, MapFlags::SHARED | flag, fd), |_| true);
        let [ours, theirs] = both(null_mut(), page, MapFlags::SHARED_VALIDATE | flag, fd);
        same_on_kernels("mmap with SHARED_VALIDATE", ours, theirs, Err(Errno::EOPNOTSUPP));
    }
    if !wrong_under_emulation("mmap with SHARED_VALIDATE") {
        each_made(both(null_mut(), page, MapFlags::SHARED_VALIDATE, fd), |_| true);
    }
}

#[test]
fn droppable_memory_is_there_from_linux_6_11_on() {
    let flags = MapFlags::DROPPABLE | MapFlags::ANONYMOUS;
    let made = both(null_mut(), page_size(), flags, NOT_OPEN);
    if wrong_under_emulation("mmap with DROPPABLE") {
        return;
    }
    if since(6, 11) {
        each_made(made, |start| has(start, "dp"));
    } else {
        assert_eq!(made, [Err(Errno::EINVAL); 2]);
    }
}

#[test]
fn huge_pages_are_there_or_not_the_same() {
    let sizes = [(MapFlags::HUGETLB, 1 << 30), (MapFlags::HUGE_2MB, 1 << 21)];
    for (flags, length) in sizes {
        let made = both(null_mut(), length, PRIVATE | flags, NOT_OPEN);
        for start in made {
            // EINVAL: no such size here; ENOMEM: none is free.
            match start {
                Ok(start) => {
                    // SAFETY: the test's own, in no use.
                    let gone = unsafe { mm::munmap(std::ptr::with_exposed_provenance_mut(start), length) };
                    assert_eq!(gone, Ok(()));
                }
                Err(errno) => assert!([Errno::ENOMEM, Errno::EINVAL].contains(&errno), "{errno}"),
            }
        }
    }
    // No machine has pages of 2 bytes.
    let [ours, theirs] = both(null_mut(), 1 << 21, PRIVATE | MapFlags::huge(1), NOT_OPEN);
    same_on_kernels("mmap of huge pages of 2 bytes", ours, theirs, Err(Errno::EINVAL));
}

#[test]
fn mmap_is_refused_for_the_file_the_same() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    let reading: File = OpenOptions::new().read().open(&c_path(&path)).unwrap();
    let page = page_size();
    let [ours, theirs] = both(null_mut(), page, MapFlags::SHARED, raw(&reading));
    same(ours, theirs, Err(Errno::EACCES));

    let sealed = file_in_memory();
    let fd = sealed.as_raw_fd();
    // SAFETY: it only adds a seal.
    assert_eq!(unsafe { libc::fcntl(fd, libc::F_ADD_SEALS, libc::F_SEAL_WRITE) }, 0);
    let [ours, theirs] = both(null_mut(), page, MapFlags::SHARED, fd);
    same(ours, theirs, Err(Errno::EPERM));

    let far = 0_u64.wrapping_sub(2 * page as u64);
    // SAFETY: a new mapping replaces nothing.
    let ours = unsafe { mm::mmap(null_mut(), page, Prot::READ, MapFlags::SHARED, fd, far) }.map(address);
    let theirs = theirs!(MMAP, 0, page, Prot::READ.bits(), MapFlags::SHARED.bits(), fd, far);
    same_on_kernels("mmap past the largest file's end", ours, theirs, Err(Errno::EOVERFLOW));
}

/// One `mremap` by us or by them.
fn remap(by_us: bool, old: *mut u8, sizes: [usize; 2], flags: MremapFlags, new: *mut u8) -> Result<*mut u8> {
    let [old_size, new_size] = sizes;
    if by_us {
        // SAFETY: both ranges are the test's own, and in no other use.
        return unsafe { mm::mremap(old, old_size, new_size, flags, new) };
    }
    let made = theirs!(MREMAP, old, old_size, new_size, flags.bits(), new);
    made.map(std::ptr::with_exposed_provenance_mut)
}

const NO_FLAGS: MremapFlags = MremapFlags::empty();
const MOVE: MremapFlags = MremapFlags::MAYMOVE;

#[test]
fn mremap_is_the_same() {
    let page = page_size();
    for by_us in [true, false] {
        // Shorter, where it is: the second page is gone.
        let start = pages(2);
        put(start, b'a');
        assert_eq!(remap(by_us, start, [2 * page, page], NO_FLAGS, null_mut()), Ok(start));
        // Longer, wherever there is room: the bytes go with it.
        let start = remap(by_us, start, [page, 64 * page], MOVE, null_mut()).unwrap();
        assert_eq!((get(start), get(start.wrapping_add(63 * page))), (b'a', 0));
        // To exactly this place, over what is there.
        let place = pages(64);
        put(place, b'b');
        let moved = remap(by_us, start, [64 * page; 2], MOVE | MremapFlags::FIXED, place);
        assert_eq!((moved, get(place)), (Ok(place), b'a'));
        // It moves and leaves the old range, empty.
        let left = remap(by_us, place, [64 * page; 2], MOVE | MremapFlags::DONTUNMAP, null_mut());
        if left != Err(Errno::EINVAL) || !wrong_under_emulation("mremap with DONTUNMAP") {
            let left = left.unwrap();
            assert_eq!((get(left), get(place)), (b'a', 0));
            unmap(left, 64);
        }
        unmap(place, 64);
        // A second view of the same memory.
        let first = map(1, SHARED, NOT_OPEN);
        let second = remap(by_us, first, [0, page], MOVE, null_mut());
        if second.is_ok() || !wrong_under_emulation("mremap of 0 bytes") {
            let second = second.unwrap();
            assert_ne!(second, first);
            put(first, b'c');
            assert_eq!(get(second), b'c');
            unmap(second, 1);
        }
        unmap(first, 1);
    }
}

#[test]
fn mremap_is_refused_the_same() {
    let page = page_size();
    let start = pages(4);
    // The third page is another mapping, and in the way.
    let third = start.wrapping_add(2 * page);
    // SAFETY: its bytes are in no use.
    unsafe { mm::mprotect(third, page, Prot::READ) }.unwrap();
    let [fixed, dontunmap] = [MremapFlags::FIXED, MremapFlags::DONTUNMAP];
    let unknown = MremapFlags::from_bits_retain(0x80);
    let next = start.wrapping_add(page);
    for (old, sizes, flags, new, errno) in [
        (start, [2 * page, 3 * page], NO_FLAGS, null_mut(), Errno::ENOMEM),
        (start.wrapping_add(1), [page, page], MOVE, null_mut(), Errno::EINVAL),
        (start, [page, 0], MOVE, null_mut(), Errno::EINVAL),
        (start, [page, page], fixed, third, Errno::EINVAL),
        (start, [page, page], dontunmap, null_mut(), Errno::EINVAL),
        (start, [page, 2 * page], MOVE | dontunmap, null_mut(), Errno::EINVAL),
        (start, [page, page], unknown, null_mut(), Errno::EINVAL),
        (start, [2 * page, 2 * page], MOVE | fixed, next, Errno::EINVAL),
        (start, [page, page], MOVE | fixed, next.wrapping_add(1), Errno::EINVAL),
        (start, [0, page], MOVE, null_mut(), Errno::EINVAL),
        (start, [4 * page, 5 * page], MOVE, null_mut(), Errno::EFAULT),
        // Nothing is mapped at address 0.
        (null_mut(), [page, page], MOVE, null_mut(), Errno::EFAULT),
    ] {
        let [ours, theirs] = [true, false].map(|by_us| remap(by_us, old, sizes, flags, new).map(address));
        let what = format!("mremap({old:?}, {sizes:?}, {flags:?}, {new:?})");
        same_on_kernels(&what, ours, theirs, Err(errno));
    }
    unmap(start, 4);
}

#[test]
fn brk_is_the_same() {
    let page = page_size();
    // In a child, which has a heap of its own and uses nothing of it.
    let status = in_child(|| {
        let both = |place: *mut u8| {
            // SAFETY: the child gives up what it has got itself, and no more.
            let ours = unsafe { mm::brk(place) }.addr();
            [ours, theirs!(BRK, place).unwrap_or(0)]
        };
        // SAFETY: it asks only.
        let end = unsafe { mm::brk(null_mut()) };
        if both(null_mut()) != [end.addr(); 2] {
            return 1;
        }
        let longer = end.wrapping_add(page);
        // SAFETY: it only gets longer.
        if unsafe { mm::brk(longer) } != longer {
            return 2;
        }
        put(end, 1);
        let longest = longer.wrapping_add(page);
        if theirs!(BRK, longest) != Ok(longest.addr()) {
            return 3;
        }
        put(longer, 1);
        // What cannot be leaves it where it is.
        if both(std::ptr::without_provenance_mut(1)) != [longest.addr(); 2] {
            return 4;
        }
        // SAFETY: nothing of it is in use.
        if unsafe { mm::brk(longer) } != longer || theirs!(BRK, end) != Ok(end.addr()) {
            return 5;
        }
        0
    });
    assert!(status.success(), "{status:?}");
}
