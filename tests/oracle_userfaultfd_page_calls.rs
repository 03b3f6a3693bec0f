//! The requests that end a fault without a copy, `UFFDIO_CONTINUE`, `…_POISON` and
//! `…_MOVE`, do the same as those of `sc`: see oracle_calls.rs.

mod hosted;
mod memory;
mod oracle;
mod userfaults;

use std::ptr::with_exposed_provenance_mut;

use baremap::flags::{
    MemfdFlags, UffdContinueMode, UffdCopyMode, UffdMoveMode, UffdPagefaultFlags, UffdPoisonMode,
    UffdRegisterMode,
};
use baremap::sys::mm::{self, Advice};
use baremap::sys::{fs, page_size, userfaultfd::*};
use baremap::{Errno, MapFlags, OwnedFd, Prot};
use memory::*;
use oracle::{NOT_OPEN, number, owned, pipe};
use userfaults::*;

/// Has so many pages told of to a new descriptor.
fn registered(start: *mut u8, count: usize, mode: UffdRegisterMode) -> OwnedFd {
    let uffd = ready();
    let mut argument = UffdioRegister { range: range(start, count), mode, ioctls: 0 };
    assert_eq!(register(true, uffd.as_raw_fd(), &mut argument), Ok(0));
    uffd
}

#[test]
fn what_the_file_has_is_mapped_the_same() {
    if missing() {
        return;
    }
    let page = page_size();
    let file = owned(mm::memfd_create(c"minor", MemfdFlags::empty()).map(number));
    for by_us in [true, false] {
        // SAFETY: what is mapped of it stays inside.
        assert_eq!(unsafe { fs::ftruncate(file.as_raw_fd(), 4 * page as i64) }, Ok(()));
        let [watched, other] = [(); 2].map(|()| map(4, MapFlags::SHARED, file.as_raw_fd()));
        // All but the last page are in the file, not yet in the first mapping.
        (0..3).for_each(|place| put(other.wrapping_add(place * page), b'a' + place as u8));
        let uffd = registered(watched, 4, UffdRegisterMode::MINOR);
        let fd = uffd.as_raw_fd();
        let place = watched.expose_provenance();
        let reader = std::thread::spawn(move || get(with_exposed_provenance_mut(place)));
        let told = message(fd).pagefault().expect("a fault");
        assert_eq!((told.address, told.flags), (place, UffdPagefaultFlags::MINOR));
        put(other, b'z');
        let none = UffdContinueMode::empty();
        let first = UffdioContinue { range: range(watched, 1), mode: UffdContinueMode::DONTWAKE, mapped: 0 };
        let mut done = first;
        assert_eq!(go_on(by_us, fd, &mut done), Ok(0));
        assert_eq!(done, UffdioContinue { mapped: page as i64, ..first });
        assert!(!reader.is_finished());
        assert_eq!(wake(by_us, fd, &first.range), Ok(0));
        assert_eq!(reader.join().unwrap(), b'z');

        let second = range(watched.wrapping_add(page), 1);
        let mut protected = UffdioContinue { range: second, mode: UffdContinueMode::WP, mapped: 0 };
        // Of memory that is not registered with WP, it is refused in any case.
        assert_eq!(go_on(by_us, fd, &mut protected), Err(Errno::EINVAL));
        let all = range(watched.wrapping_add(page), 3);
        let mut some = UffdioContinue { range: all, mode: none, mapped: 0 };
        assert_eq!(go_on(by_us, fd, &mut some), Err(Errno::EAGAIN));
        assert_eq!(some.mapped, 2 * page as i64);
        let last = range(watched.wrapping_add(3 * page), 1);
        let anonymous = pages(1);
        let unregistered = range(anonymous, 1);
        for (range, mode, errno) in [
            (first.range, none, Errno::EEXIST),
            (last, none, Errno::EFAULT),
            (UffdioRange { len: 1, ..last }, none, Errno::EINVAL),
            (last, UffdContinueMode::from_bits_retain(0x80), Errno::EINVAL),
            (unregistered, none, Errno::ENOENT),
        ] {
            let mut refused = UffdioContinue { range, mode, mapped: 0 };
            assert_eq!(go_on(by_us, fd, &mut refused), Err(errno), "{refused:?}");
        }
        let missing = registered(anonymous, 1, UffdRegisterMode::MISSING);
        let mut no_file = UffdioContinue { range: unregistered, mode: none, mapped: 0 };
        assert_eq!(go_on(by_us, missing.as_raw_fd(), &mut no_file), Err(Errno::EINVAL));
        unmap(anonymous, 1);
        for start in [watched, other] {
            unmap(start, 4);
        }
        // SAFETY: nothing of it is mapped.
        assert_eq!(unsafe { fs::ftruncate(file.as_raw_fd(), 0) }, Ok(()));
    }
}

#[test]
fn poison_is_there_from_linux_6_6_on() {
    if missing() {
        return;
    }
    let page = page_size();
    for by_us in [true, false] {
        let start = pages(2);
        let uffd = registered(start, 2, UffdRegisterMode::MISSING);
        let fd = uffd.as_raw_fd();
        let (none, place) = (UffdPoisonMode::empty(), start.expose_provenance());
        let second = start.wrapping_add(page);
        let good = UffdioPoison { range: range(start, 1), mode: UffdPoisonMode::DONTWAKE, updated: 0 };
        let mut done = good;
        let answer = poison(by_us, fd, &mut done);
        if !since(6, 6) {
            assert_eq!((answer, done), (Err(Errno::EINVAL), good));
            unmap(start, 2);
            continue;
        }
        assert_eq!((answer, done.updated), (Ok(0), page as i64));
        assert_eq!(read_by_kernel(with_exposed_provenance_mut(place)), Err(Errno::EFAULT));
        // SAFETY: nothing relies on the page.
        assert_eq!(unsafe { mm::madvise(start, page, Advice::DONTNEED) }, Ok(()));

        // It is missing again; whoever waits for it finds out.
        let reader = std::thread::spawn(move || read_by_kernel(with_exposed_provenance_mut(place)));
        assert_eq!(message(fd).pagefault().map(|fault| fault.address), Some(place));
        let mut waited_for = UffdioPoison { mode: none, ..good };
        assert_eq!(poison(by_us, fd, &mut waited_for), Ok(0));
        assert_eq!(reader.join().unwrap(), Err(Errno::EFAULT));

        let source = pages(1);
        put(source, 1);
        let mut bytes = UffdioCopy {
            dst: second.addr() as u64,
            src: source.expose_provenance() as u64,
            len: page as u64,
            mode: UffdCopyMode::empty(),
            copy: 0,
        };
        assert_eq!(copy(by_us, fd, &mut bytes), Ok(0));
        for (range, mode, errno) in [
            (range(second, 1), none, Errno::EEXIST),
            (UffdioRange { len: 1, ..good.range }, none, Errno::EINVAL),
            (good.range, UffdPoisonMode::from_bits_retain(0x80), Errno::EINVAL),
            (range(source, 1), none, Errno::ENOENT),
        ] {
            let mut refused = UffdioPoison { range, mode, updated: 0 };
            assert_eq!(poison(by_us, fd, &mut refused), Err(errno), "{refused:?}");
        }
        unmap(source, 1);
        unmap(start, 2);
    }
}

#[test]
fn pages_move_from_linux_6_8_on() {
    if missing() {
        return;
    }
    let page = page_size();
    let len = page as u64;
    for by_us in [true, false] {
        let (start, source) = (pages(3), pages(3));
        let uffd = registered(start, 3, UffdRegisterMode::MISSING);
        let fd = uffd.as_raw_fd();
        let place = start.expose_provenance();
        let (none, holes) = (UffdMoveMode::empty(), UffdMoveMode::ALLOW_SRC_HOLES);
        put(source, b'm');
        let src = source.expose_provenance() as u64;
        let good = UffdioMove { dst: place as u64, src, len, mode: UffdMoveMode::DONTWAKE, moved: 0 };
        let mut done = good;
        if !since(6, 8) {
            assert_eq!((relocate(by_us, fd, &mut done), done), (Err(Errno::EINVAL), good));
            for start in [start, source] {
                unmap(start, 3);
            }
            continue;
        }
        let reader = std::thread::spawn(move || get(with_exposed_provenance_mut(place)));
        assert_eq!(message(fd).pagefault().map(|fault| fault.address), Some(place));
        assert_eq!((relocate(by_us, fd, &mut done), done.moved), (Ok(0), page as i64));
        assert!(!reader.is_finished());
        assert_eq!(wake(by_us, fd, &range(start, 1)), Ok(0));
        // It is here, and there are zeros where it was.
        assert_eq!((reader.join().unwrap(), get(source)), (b'm', 0));

        // The page between two others is missing; without the flag, nothing more moves.
        let [from, to] = [source, start].map(|start| start.wrapping_add(page).expose_provenance() as u64);
        put(source.wrapping_add(page), b'n');
        let two = UffdioMove { dst: to, src: from, len: 2 * len, mode: none, moved: 0 };
        let mut half = two;
        assert_eq!((relocate(by_us, fd, &mut half), half.moved), (Err(Errno::EAGAIN), page as i64));
        let [from, to] = [from, to].map(|place| place + len);
        let mut hole = UffdioMove { dst: to, src: from, len, mode: holes, moved: 0 };
        assert_eq!((relocate(by_us, fd, &mut hole), hole.moved), (Ok(0), page as i64));

        let last = UffdioMove { mode: none, ..hole };
        put(source, 1);
        let read_only = pages(1);
        put(read_only, 1);
        // SAFETY: the test does not write to it.
        assert_eq!(unsafe { mm::mprotect(read_only, page, Prot::READ) }, Ok(()));
        let shared = map(1, SHARED, NOT_OPEN);
        put(shared, 1);
        let other = pages(1);
        let [read_only_at, shared_at, other_at] =
            [read_only, shared, other].map(|start| start.expose_provenance() as u64);
        for (refused, errno) in [
            (last, Errno::ENOENT),
            (UffdioMove { src, dst: good.dst, ..last }, Errno::EEXIST),
            (UffdioMove { src: 0, ..last }, Errno::ENOENT),
            (UffdioMove { src: src + 1, ..last }, Errno::EINVAL),
            (UffdioMove { len: 1, ..last }, Errno::EINVAL),
            (UffdioMove { src, mode: UffdMoveMode::from_bits_retain(0x80), ..last }, Errno::EINVAL),
            (UffdioMove { src: read_only_at, ..last }, Errno::EINVAL),
            (UffdioMove { src: shared_at, ..last }, Errno::EINVAL),
            (UffdioMove { src, dst: other_at, ..last }, Errno::EINVAL),
        ] {
            let mut argument = refused;
            assert_eq!(relocate(by_us, fd, &mut argument), Err(errno), "{refused:?}");
        }
        for start in [read_only, shared, other] {
            unmap(start, 1);
        }

        // A page that a child has too.
        let mut of_both = UffdioMove { src, ..last };
        let [reader, writer] = pipe();
        let child = hosted::child(|| {
            let mut byte = [0];
            i32::from(fs::read(reader.as_raw_fd(), &mut byte) != Ok(1))
        });
        let refused = relocate(by_us, fd, &mut of_both);
        assert_eq!(hosted::write(writer.as_raw_fd(), &[1]), Ok(1));
        assert!(child.wait().unwrap().success());
        assert_eq!(refused, Err(Errno::EBUSY));
        for start in [start, source] {
            unmap(start, 3);
        }
    }
}
