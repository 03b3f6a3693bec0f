//! `userfaultfd` and its requests do the same as those of `sc`: see
//! oracle_calls.rs.

mod hosted;
mod memory;
mod oracle;
mod userfaults;

use baremap::Errno;
use baremap::flags::{
    UffdCopyMode, UffdFeatures, UffdPagefaultFlags, UffdRegisterMode, UffdWriteprotectMode, UffdZeropageMode,
    UserfaultfdFlags,
};
use baremap::sys::{fs, page_size, userfaultfd::*};
use hosted::in_child;
use memory::*;
use oracle::{NOT_OPEN, owned, same};
use userfaults::*;

#[test]
fn userfaultfd_is_the_same() {
    if missing() {
        return;
    }
    for (flags, at_exec, no_wait) in [
        (UserfaultfdFlags::empty(), 0, 0),
        (UserfaultfdFlags::CLOEXEC, libc::FD_CLOEXEC, 0),
        (UserfaultfdFlags::NONBLOCK | UserfaultfdFlags::USER_MODE_ONLY, 0, libc::O_NONBLOCK),
    ] {
        for by_us in [true, false] {
            let fd = owned(open(by_us, flags));
            // SAFETY: it asks only.
            let ask = |question| unsafe { libc::fcntl(fd.as_raw_fd(), question) };
            assert_eq!((ask(libc::F_GETFD), ask(libc::F_GETFL) & libc::O_NONBLOCK), (at_exec, no_wait));
        }
    }
    let unknown = UserfaultfdFlags::from_bits_retain(0x80);
    same(open(true, unknown), open(false, unknown), Err(Errno::EINVAL));

    // Nobody gets one for the kernel's faults, unless the machine is set up so.
    let anybody = std::fs::read("/proc/sys/vm/unprivileged_userfaultfd").is_ok_and(|text| text == b"1\n");
    let status = in_child(|| {
        // SAFETY: the child has no other thread; it only loses rights.
        if unsafe { libc::syscall(libc::SYS_setresuid, 65534, 65534, 65534) } != 0 {
            return 1;
        }
        let refused = [true, false].map(|by_us| open(by_us, PLAIN).err());
        if anybody || refused == [Some(Errno::EPERM); 2] { 0 } else { 2 }
    });
    assert!(status.success(), "{status:?}");
}

#[test]
fn the_handshake_is_the_same() {
    if missing() {
        return;
    }
    let mut offers = Vec::new();
    for by_us in [true, false] {
        let fd = owned(open(by_us, PLAIN));
        let fd = fd.as_raw_fd();
        // Before it, there is nothing to register.
        let memory = pages(1);
        let mut early =
            UffdioRegister { range: range(memory, 1), mode: UffdRegisterMode::MISSING, ioctls: 0 };
        assert_eq!(register(by_us, fd, &mut early), Err(Errno::EINVAL));
        unmap(memory, 1);

        let mut other = UffdioApi { api: 0xab, features: UffdFeatures::empty(), ioctls: 0 };
        assert_eq!(agree(by_us, fd, &mut other), Err(Errno::EINVAL));
        let mut unknown = api(UffdFeatures::from_bits_retain(1 << 60));
        assert_eq!(agree(by_us, fd, &mut unknown), Err(Errno::EINVAL));
        assert_eq!(unknown, UffdioApi { api: 0, features: UffdFeatures::empty(), ioctls: 0 });

        let mut offer = api(UffdFeatures::THREAD_ID);
        assert_eq!(agree(by_us, fd, &mut offer), Ok(0));
        assert!(offer.features.contains(UffdFeatures::THREAD_ID | UffdFeatures::EVENT_UNMAP), "{offer:?}");
        assert_eq!(offer.features.contains(UffdFeatures::MOVE), since(6, 8));
        // The requests by their numbers: register, unregister, and itself.
        assert_eq!(offer.ioctls, 1 << 63 | 0b11);
        offers.push(offer);
        assert_eq!(agree(by_us, fd, &mut api(UffdFeatures::empty())), Err(Errno::EINVAL));
        assert_eq!(agree(by_us, NOT_OPEN, &mut api(UffdFeatures::empty())), Err(Errno::EBADF));
    }
    assert_eq!(offers[0], offers[1]);
}

#[test]
fn missing_pages_are_put_there_the_same() {
    if missing() {
        return;
    }
    let page = page_size();
    let source = pages(1);
    put(source, b'x');
    for by_us in [true, false] {
        let uffd = owned(open(true, PLAIN));
        let fd = uffd.as_raw_fd();
        assert_eq!(agree(by_us, fd, &mut api(UffdFeatures::THREAD_ID)), Ok(0));
        let memory = pages(3);
        let all = range(memory, 3);
        let mut registered = UffdioRegister { range: all, mode: UffdRegisterMode::MISSING, ioctls: 0 };
        assert_eq!(register(by_us, fd, &mut registered), Ok(0));
        // The requests by their numbers: wake, copy, zeropage.
        assert_eq!(registered.ioctls & 0b1_1100, 0b1_1100);
        let another = ready();
        let mut again = UffdioRegister { ioctls: 0, ..registered };
        assert_eq!(register(by_us, another.as_raw_fd(), &mut again), Err(Errno::EBUSY));

        // Two threads touch two pages and wait; one is given bytes, one zeros.
        let [second, third] = [1, 2].map(|place| memory.wrapping_add(place * page).expose_provenance());
        let touch = |place: usize| move || get(std::ptr::with_exposed_provenance_mut(place));
        let reader = std::thread::spawn(touch(second));
        let told = message(fd).pagefault().expect("a fault");
        assert_eq!((told.address, told.flags), (second, UffdPagefaultFlags::empty()));
        assert_ne!(told.ptid, 0);
        let mut bytes = UffdioCopy {
            dst: second as u64,
            src: source.expose_provenance() as u64,
            len: page as u64,
            mode: UffdCopyMode::DONTWAKE,
            copy: 0,
        };
        assert_eq!(copy(by_us, fd, &mut bytes), Ok(0));
        assert_eq!(bytes.copy, page as i64);
        assert_eq!(wake(by_us, fd, &UffdioRange { start: second as u64, len: page as u64 }), Ok(0));
        assert_eq!(reader.join().unwrap(), b'x');

        let reader = std::thread::spawn(touch(third));
        assert_eq!(message(fd).pagefault().map(|fault| fault.address), Some(third));
        let place = UffdioRange { start: third as u64, len: page as u64 };
        let mut zeros = UffdioZeropage { range: place, mode: UffdZeropageMode::empty(), zeropage: 0 };
        assert_eq!(zero(by_us, fd, &mut zeros), Ok(0));
        assert_eq!((zeros.zeropage, reader.join().unwrap()), (page as i64, 0));

        // Both are there now; the first is not.
        assert_eq!(copy(by_us, fd, &mut bytes), Err(Errno::EEXIST));
        assert_eq!(bytes.copy, -i64::from(Errno::EEXIST.raw()));
        assert_eq!(zero(by_us, fd, &mut zeros), Err(Errno::EEXIST));
        let first = UffdioCopy { dst: all.start, mode: UffdCopyMode::empty(), ..bytes };
        let unregistered = source.expose_provenance() as u64;
        for (mut refused, errno) in [
            (UffdioCopy { src: 0, ..first }, Errno::EFAULT),
            (UffdioCopy { len: 1, ..first }, Errno::EINVAL),
            (UffdioCopy { dst: all.start + 1, ..first }, Errno::EINVAL),
            (UffdioCopy { mode: UffdCopyMode::from_bits_retain(0x80), ..first }, Errno::EINVAL),
            (UffdioCopy { dst: unregistered, ..first }, Errno::ENOENT),
        ] {
            assert_eq!(copy(by_us, fd, &mut refused), Err(errno), "{refused:?}");
        }
        assert_eq!(fs::read(fd, &mut [0; 32]), Err(Errno::EAGAIN));

        // Without it, the kernel puts zeros there, as always.
        let uneven = UffdioRange { len: 1, ..all };
        assert_eq!(unregister(by_us, fd, &uneven), Err(Errno::EINVAL));
        assert_eq!(wake(by_us, fd, &uneven), Err(Errno::EINVAL));
        assert_eq!(unregister(by_us, fd, &all), Ok(0));
        assert_eq!(get(memory), 0);
        unmap(memory, 3);
    }
    unmap(source, 1);
}

#[test]
fn registering_is_refused_the_same() {
    if missing() {
        return;
    }
    let memory = pages(1);
    let uffd = ready();
    let good = UffdioRegister { range: range(memory, 1), mode: UffdRegisterMode::MISSING, ioctls: 0 };
    let start = good.range.start;
    for mut refused in [
        UffdioRegister { mode: UffdRegisterMode::empty(), ..good },
        UffdioRegister { mode: UffdRegisterMode::from_bits_retain(0x80), ..good },
        UffdioRegister { range: UffdioRange { len: 0, ..good.range }, ..good },
        UffdioRegister { range: UffdioRange { start: start + 1, ..good.range }, ..good },
        // Nothing is mapped at address 0.
        UffdioRegister { range: UffdioRange { start: 0, ..good.range }, ..good },
    ] {
        let [ours, theirs] = [true, false].map(|by_us| register(by_us, uffd.as_raw_fd(), &mut refused));
        same(ours, theirs, Err(Errno::EINVAL));
    }
    unmap(memory, 1);
}

#[test]
fn write_protection_is_the_same() {
    if missing() {
        return;
    }
    for by_us in [true, false] {
        let uffd = ready();
        let fd = uffd.as_raw_fd();
        let memory = pages(1);
        put(memory, 1);
        let mut registered =
            UffdioRegister { range: range(memory, 1), mode: UffdRegisterMode::WP, ioctls: 0 };
        let answer = register(by_us, fd, &mut registered);
        if answer == Err(Errno::EINVAL) && cfg!(not(target_arch = "x86_64")) {
            // The kernels of these instruction sets learnt it later.
            unmap(memory, 1);
            continue;
        }
        assert_eq!(answer, Ok(0));
        let all = registered.range;
        let mut on = UffdioWriteprotect { range: all, mode: UffdWriteprotectMode::WP };
        let mut off = UffdioWriteprotect { range: all, mode: UffdWriteprotectMode::empty() };
        assert_eq!(protect(by_us, fd, &mut on), Ok(0));
        assert_eq!(get(memory), 1);
        let place = memory.expose_provenance();
        let writer = std::thread::spawn(move || put(std::ptr::with_exposed_provenance_mut(place), 2));
        let told = message(fd).pagefault().expect("a fault");
        assert_eq!(told.address, place);
        assert_eq!(told.flags, UffdPagefaultFlags::WRITE | UffdPagefaultFlags::WP);
        assert_eq!(get(memory), 1);
        assert_eq!(protect(by_us, fd, &mut off), Ok(0));
        writer.join().unwrap();
        assert_eq!(get(memory), 2);

        let other = pages(1);
        for (range, mode, errno) in [
            (all, UffdWriteprotectMode::from_bits_retain(0x80), Errno::EINVAL),
            (all, UffdWriteprotectMode::WP | UffdWriteprotectMode::DONTWAKE, Errno::EINVAL),
            (UffdioRange { len: 1, ..all }, UffdWriteprotectMode::WP, Errno::EINVAL),
            (range(other, 1), UffdWriteprotectMode::WP, Errno::ENOENT),
        ] {
            let refused = protect(by_us, fd, &mut UffdioWriteprotect { range, mode });
            assert_eq!(refused, Err(errno), "{mode:?}");
        }
        unmap(other, 1);
        unmap(memory, 1);
    }
}
