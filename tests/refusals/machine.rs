//! Refusals of the calls about the machine, randomness, and `prctl`.

use std::ffi::CString;
use std::ptr::{null, without_provenance};

use baremap::flags::{MountFlags, RandomFlags};
use baremap::sys::system::{Reboot, mount, reboot};
use baremap::sys::{getrandom, page_size, prctl_get_auxv, prctl_set_vma_anon_name};
use baremap::{Errno, syscall};

use super::{BAD, HUGE, long_path, nr, unknown};
use crate::hosted::{in_child, wrong_under_emulation};
use crate::memory::{pages, since, unmap};

const PR_SET_VMA: u32 = linux_raw_sys::prctl::PR_SET_VMA;
const PR_GET_AUXV: u32 = linux_raw_sys::prctl::PR_GET_AUXV;

#[test]
fn of_randomness() {
    let mut bytes = [0_u8; 4];
    let to = bytes.as_mut_ptr();
    refusals! {
        getrandom(&mut bytes, unknown(0x80)) => GETRANDOM(to, 4, 0x80) => EINVAL;
        getrandom(&mut [], unknown(0x80)) => GETRANDOM(to, 0, 0x80) => EINVAL;
        getrandom(&mut bytes, RandomFlags::RANDOM | RandomFlags::INSECURE) => GETRANDOM(to, 4, 6) => EINVAL;
    }
    raw_refusals! {
        GETRANDOM(BAD, 4, 0) => EFAULT;
        GETRANDOM(BAD, HUGE, 0) => EFAULT;
    }
}

#[test]
fn of_prctl() {
    let (start, page) = (pages(1), page_size());
    let odd = start.wrapping_add(1);
    let name = c"name".as_ptr();
    let long = CString::new("x".repeat(80)).expect("no NUL");
    refusals! {
        prctl_set_vma_anon_name(odd, page, Some(c"name")) => PRCTL(PR_SET_VMA, 0, odd, page, name) => EINVAL;
        prctl_set_vma_anon_name(start, page, Some(&long)) => PRCTL(PR_SET_VMA, 0, start, page, long.as_ptr()) => EINVAL;
        prctl_set_vma_anon_name(start, HUGE - page, None) => PRCTL(PR_SET_VMA, 0, start, HUGE - page, 0) => EINVAL;
    }
    raw_refusals! { PRCTL(7_777, 0, 0, 0, 0) => EINVAL; }
    // A kernel that was built without names refuses all of them alike.
    let built = prctl_set_vma_anon_name(start, page, None).is_ok();
    let nothing = without_provenance::<u8>(page);
    if built {
        refusals! { prctl_set_vma_anon_name(nothing, page, None) => PRCTL(PR_SET_VMA, 0, page, page, 0) => ENOMEM; }
        raw_refusals! { PRCTL(PR_SET_VMA, 0, start, page, BAD) => EFAULT; }
    }
    if since(6, 4) {
        raw_refusals! {
            PRCTL(PR_GET_AUXV, BAD, 64, 0, 0) => EFAULT;
            PRCTL(PR_GET_AUXV, start, 64, 1, 0) => EINVAL;
        }
    } else {
        refusals! { prctl_get_auxv(&mut [0; 8]) => PRCTL(PR_GET_AUXV, start, 64, 0, 0) => EINVAL; }
    }
    unmap(start, 1);
}

#[test]
fn of_the_machine() {
    let long = long_path();
    let (one, none, nothing) = (c"none".as_ptr(), c"".as_ptr(), null::<u8>());
    let flags = MountFlags::NOEXEC;
    refusals! {
        mount(c"none", c"", c"none", flags, c"") => MOUNT(one, none, one, 8, none) => ENOENT;
        mount(c"none", &long, c"none", flags, c"") => MOUNT(one, long.as_ptr(), one, 8, none) => ENAMETOOLONG;
    }
    raw_refusals! {
        MOUNT(BAD, c"/none".as_ptr(), one, 8, nothing) => EFAULT;
        MOUNT(one, BAD, one, 8, nothing) => EFAULT;
        MOUNT(one, c"/none".as_ptr(), BAD, 8, nothing) => EFAULT;
        MOUNT(one, c"/none".as_ptr(), one, 8, BAD) => EFAULT;
    }
}

#[test]
fn of_rebooting_without_the_privilege() {
    if wrong_under_emulation("giving up privileges") {
        return;
    }
    let status = in_child(|| {
        // SAFETY: it only takes privileges away, from a process with one thread.
        let _ = unsafe { syscall!(nr::SETUID, 65_534) };
        // SAFETY: it only asks.
        if unsafe { syscall!(nr::GETEUID) } == Ok(0) {
            return 1;
        }
        let (words, refused) = ([0xfee1_dead, 672_274_793, 0xcdef_0123, 0], Err(Errno::EPERM));
        i32::from(reboot(Reboot::Halt) != refused || super::theirs(nr::REBOOT, &words).map(drop) != refused)
            * 2
    });
    assert!(status.success(), "{status:?}");
}
