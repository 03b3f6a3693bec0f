//! Protection keys and files in memory do the same as those of `sc`: see
//! oracle_calls.rs. `sc` has no number for `memfd_secret`, which is linux-raw-sys's
//! here.

mod hosted;
mod memory;
mod oracle;

use std::ffi::{CStr, CString};
use std::ptr::null_mut;

use baremap::flags::{MemfdFlags, PkeyRights};
use baremap::sys::{RawFd, mm, page_size};
use baremap::{Errno, OpenFlags, Prot, Result};
use hosted::{in_child, wrong_under_emulation};
use memory::*;
use oracle::{none, number, owned, same, theirs};

fn memfd(by_us: bool, name: &CStr, flags: MemfdFlags) -> Result<usize> {
    if by_us {
        mm::memfd_create(name, flags).map(number)
    } else {
        theirs!(MEMFD_CREATE, name.as_ptr(), flags.bits())
    }
}

/// What fcntl(2) gives for a question that takes nothing.
fn ask(fd: RawFd, question: i32) -> i32 {
    // SAFETY: it asks only.
    unsafe { libc::fcntl(fd, question) }
}

#[test]
fn memfd_create_is_the_same() {
    let longest = CString::new(vec![b'n'; 249]).unwrap();
    // F_GETFD: FD_CLOEXEC is 1. F_GET_SEALS: F_SEAL_SEAL is 1, F_SEAL_EXEC 0x20.
    for (name, flags, at_exec, seals) in [
        (c"", MemfdFlags::empty(), 0, 1),
        (longest.as_c_str(), MemfdFlags::CLOEXEC, 1, 1),
        (c"name", MemfdFlags::ALLOW_SEALING, 0, 0),
        (c"name", MemfdFlags::NOEXEC_SEAL, 0, 0x20),
        (c"name", MemfdFlags::EXEC, 0, 1),
    ] {
        let new = flags.intersects(MemfdFlags::NOEXEC_SEAL | MemfdFlags::EXEC);
        for by_us in [true, false] {
            let made = memfd(by_us, name, flags);
            if new && !since(6, 3) {
                assert_eq!(made, Err(Errno::EINVAL), "{flags:?}");
                continue;
            }
            if new && made.is_err() && wrong_under_emulation("memfd_create with newer flags") {
                continue;
            }
            let made = owned(made);
            let fd = made.as_raw_fd();
            assert_eq!((ask(fd, libc::F_GETFD), ask(fd, libc::F_GET_SEALS)), (at_exec, seals), "{flags:?}");
            let shown = std::fs::read_link(format!("/proc/self/fd/{fd}")).unwrap();
            assert_eq!(shown.to_str().unwrap(), format!("/memfd:{} (deleted)", name.to_str().unwrap()));
        }
    }
}

#[test]
fn memfd_create_of_huge_pages_is_the_same() {
    // No huge page is taken before it is mapped. ENOSYS: a kernel without them.
    let [ours, theirs] =
        [true, false].map(|by_us| memfd(by_us, c"huge", MemfdFlags::HUGETLB).map(owned_size));
    assert_eq!(ours, theirs);
    match ours {
        Ok(size) => assert!(size > page_size(), "{size}"),
        Err(errno) => assert!([Errno::ENOSYS, Errno::ENODEV].contains(&errno), "{errno}"),
    }
    // No machine has pages of 2 bytes.
    let [ours, theirs] = [true, false].map(|by_us| memfd(by_us, c"huge", MemfdFlags::huge(1)));
    same_on_kernels("memfd_create of huge pages of 2 bytes", ours, theirs, Err(Errno::ENODEV));
}

/// The page size of a file in memory, which is closed then.
fn owned_size(fd: usize) -> usize {
    let fd = owned(Ok(fd));
    baremap::sys::fs::fstat(fd.as_raw_fd()).unwrap().st_blksize as usize
}

#[test]
fn memfd_create_is_refused_the_same() {
    let too_long = CString::new(vec![b'n'; 250]).unwrap();
    for (name, flags) in
        [(c"name", MemfdFlags::from_bits_retain(0x80)), (too_long.as_c_str(), MemfdFlags::empty())]
    {
        let [ours, theirs] = [true, false].map(|by_us| memfd(by_us, name, flags));
        same(ours, theirs, Err(Errno::EINVAL));
    }
    let status = in_child(|| {
        let none_at_all = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: it reads the limit only.
        if unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &none_at_all) } != 0 {
            return 1;
        }
        let refused = [true, false].map(|by_us| memfd(by_us, c"name", MemfdFlags::empty()));
        let secret = [true, false].map(|by_us| secret(by_us, OpenFlags::empty()));
        let unknown = secret == [Err(Errno::ENOSYS); 2];
        if refused != [Err(Errno::EMFILE); 2] {
            2
        } else if unknown || secret == refused {
            0
        } else {
            3
        }
    });
    assert!(status.success(), "{status:?}");
}

fn secret(by_us: bool, flags: OpenFlags) -> Result<usize> {
    if by_us {
        return mm::memfd_secret(flags).map(number);
    }
    let number = linux_raw_sys::general::__NR_memfd_secret as usize;
    // SAFETY: it makes a descriptor, or nothing.
    oracle::answer(unsafe { sc::platform::syscall1(number, flags.bits() as usize) })
}

#[test]
fn memfd_secret_is_the_same() {
    let made = [true, false].map(|by_us| secret(by_us, OpenFlags::empty()));
    if made == [Err(Errno::ENOSYS); 2] {
        // It is off before Linux 6.5, unless the kernel was told otherwise.
        assert!(!since(6, 5) || wrong_under_emulation("memfd_secret"));
        return;
    }
    for (flags, at_exec) in [(OpenFlags::empty(), 0), (OpenFlags::CLOEXEC, 1)] {
        for by_us in [true, false] {
            let made = owned(secret(by_us, flags));
            assert_eq!(ask(made.as_raw_fd(), libc::F_GETFD), at_exec);
        }
    }
    drop(made.map(owned));
    // FD_CLOEXEC, which the man page names, is not the flag.
    for unknown in [1, 2] {
        let flags = OpenFlags::from_bits_retain(unknown);
        same(secret(true, flags), secret(false, flags), Err(Errno::EINVAL));
    }
}

#[test]
fn protection_keys_are_the_same() {
    let page = page_size();
    let start = pages(1);
    let allocate = |by_us: bool, rights: PkeyRights| {
        if by_us { mm::pkey_alloc(rights).map(number) } else { theirs!(PKEY_ALLOC, 0, rights.bits()) }
    };
    let protect = |by_us: bool, place: *mut u8, key: i32| {
        if by_us {
            // SAFETY: nothing refers to the page.
            unsafe { mm::pkey_mprotect(place, page, Prot::READ, key) }.map(none)
        } else {
            theirs!(PKEY_MPROTECT, place, page, Prot::READ.bits(), key)
        }
    };
    let free = |by_us: bool, key: i32| {
        // SAFETY: no memory has the key that each time is given up.
        if by_us { unsafe { mm::pkey_free(key) }.map(none) } else { theirs!(PKEY_FREE, key) }
    };
    for by_us in [true, false] {
        let key = match allocate(by_us, PkeyRights::DISABLE_WRITE) {
            // An instruction set without keys has none of the calls.
            Err(Errno::ENOSYS) => {
                assert_eq!(protect(by_us, start, -1), Err(Errno::ENOSYS));
                assert_eq!(free(by_us, 1), Err(Errno::ENOSYS));
                continue;
            }
            // A machine without keys. The man page says `ENOSPC`; x86_64 says this.
            Err(errno) => {
                assert!([Errno::ENOSPC, Errno::EINVAL].contains(&errno), "{errno}");
                None
            }
            Ok(key) => Some(key as i32),
        };
        let unknown = PkeyRights::from_bits_retain(0x80);
        assert_eq!(allocate(by_us, unknown), Err(Errno::EINVAL));
        assert_eq!(protect(by_us, start.wrapping_add(1), -1), Err(Errno::EINVAL));
        assert_eq!(protect(by_us, start, 1000), Err(Errno::EINVAL));
        assert_eq!(protect(by_us, null_mut(), -1), Err(Errno::ENOMEM));
        assert_eq!(protect(by_us, start, -1), Ok(0));
        assert_eq!(free(by_us, 1000), Err(Errno::EINVAL));
        if let Some(key) = key {
            let other = pages(1);
            assert_eq!(protect(by_us, other, key), Ok(0));
            unmap(other, 1);
            assert_eq!(free(by_us, key), Ok(0));
            assert_eq!(free(by_us, key), Err(Errno::EINVAL));
        }
    }
    // Either finds what the other finds.
    let [ours, theirs] = [true, false].map(|by_us| allocate(by_us, PkeyRights::DISABLE_ACCESS));
    assert_eq!(ours.is_ok(), theirs.is_ok());
    for key in [ours, theirs].into_iter().flatten() {
        assert_eq!(free(true, key as i32), Ok(0));
    }
    unmap(start, 1);
}
