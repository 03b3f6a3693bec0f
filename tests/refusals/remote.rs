//! Refusals of the calls about another process's memory.

use baremap::flags::PidfdFlags;
use baremap::sys::IoVec;
use baremap::sys::mm::{self, Advice};
use baremap::sys::process::{getpid, pidfd_open};

use super::{BAD, CLOSED, HUGE, NOBODY};
use crate::oracle::{number, owned};

#[test]
fn of_calls_about_other_memory() {
    let mut byte = 0_u8;
    let one = [IoVec { base: &raw mut byte, len: 1 }];
    let nowhere = [IoVec { base: std::ptr::without_provenance_mut(BAD), len: 1 }];
    let many = vec![one[0]; 1_025];
    let (list, far, long) = (one.as_ptr(), nowhere.as_ptr(), many.as_ptr());
    let me = getpid();
    let pidfd = owned(pidfd_open(me, PidfdFlags::empty()).map(number));
    let pidfd = pidfd.as_raw_fd();
    refusals! {
        mm::process_madvise(CLOSED, &one, Advice::COLD) => PROCESS_MADVISE(CLOSED, list, 1, 20, 0) => EBADF;
        mm::process_madvise(CLOSED, &[], Advice::COLD) => PROCESS_MADVISE(CLOSED, list, 0, 20, 0) => EBADF;
        mm::process_madvise(CLOSED, &many, Advice::COLD) => PROCESS_MADVISE(CLOSED, long, 1_025, 20, 0) => EINVAL;
        mm::process_madvise(pidfd, &one, Advice::COLD) => PROCESS_MADVISE(pidfd, list, 1, 20, 0) => EINVAL;
        mm::process_madvise(pidfd, &one, Advice(7_777)) => PROCESS_MADVISE(pidfd, list, 1, 7_777, 0) => EINVAL;

        mm::process_vm_readv(NOBODY, &one, &one) => PROCESS_VM_READV(NOBODY, list, 1, list, 1, 0) => ESRCH;
        mm::process_vm_readv(me, &one, &nowhere) => PROCESS_VM_READV(me, list, 1, far, 1, 0) => EFAULT;
        mm::process_vm_readv(me, &nowhere, &one) => PROCESS_VM_READV(me, far, 1, list, 1, 0) => EFAULT;
        mm::process_vm_readv(me, &many, &one) => PROCESS_VM_READV(me, long, 1_025, list, 1, 0) => EINVAL;
        mm::process_vm_readv(me, &one, &many) => PROCESS_VM_READV(me, list, 1, long, 1_025, 0) => EINVAL;
        mm::process_vm_writev(NOBODY, &one, &one) => PROCESS_VM_WRITEV(NOBODY, list, 1, list, 1, 0) => ESRCH;
        mm::process_vm_writev(me, &one, &nowhere) => PROCESS_VM_WRITEV(me, list, 1, far, 1, 0) => EFAULT;
        mm::process_vm_writev(me, &nowhere, &one) => PROCESS_VM_WRITEV(me, far, 1, list, 1, 0) => EFAULT;
        mm::process_vm_writev(me, &many, &one) => PROCESS_VM_WRITEV(me, long, 1_025, list, 1, 0) => EINVAL;
        mm::process_vm_writev(me, &one, &many) => PROCESS_VM_WRITEV(me, list, 1, long, 1_025, 0) => EINVAL;
    }
    raw_refusals! {
        PROCESS_MADVISE(pidfd, BAD, 1, 20, 0) => EFAULT;
        PROCESS_MADVISE(pidfd, list, HUGE, 20, 0) => EINVAL;
        PROCESS_MADVISE(pidfd, list, 1, 20, 1) => EINVAL;
        PROCESS_VM_READV(me, BAD, 1, list, 1, 0) => EFAULT;
        PROCESS_VM_READV(me, list, 1, BAD, 1, 0) => EFAULT;
        PROCESS_VM_READV(me, list, HUGE, list, 1, 0) => EINVAL;
        PROCESS_VM_READV(me, list, 1, list, 1, 1) => EINVAL;
        PROCESS_VM_WRITEV(me, BAD, 1, list, 1, 0) => EFAULT;
        PROCESS_VM_WRITEV(me, list, 1, BAD, 1, 0) => EFAULT;
        PROCESS_VM_WRITEV(me, list, HUGE, list, 1, 0) => EINVAL;
        PROCESS_VM_WRITEV(me, list, 1, list, 1, 1) => EINVAL;
    }
}
