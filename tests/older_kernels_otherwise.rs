//! What `sys` has beside memory that Linux 6.1 has not: see older_kernels.rs.

mod hosted;
mod memory;
mod oracle;

use std::sync::atomic::AtomicU32;

use baremap::flags::{
    FallocateFlags, Futex2Flags, MemfdFlags, PidfdFlags, PidfdSignalFlags, Seals, StatxAttributes, StatxMask,
};
use baremap::sys::fs::{self, FileAdvice};
use baremap::sys::futex::{FutexWaitv, futex_waitv};
use baremap::sys::process::{self, Signal};
use baremap::sys::time::{Clock, Timespec};
use baremap::sys::{mm, prctl_get_auxv};
use baremap::{AtFlags, Errno, OpenFlags, OwnedFd, Result};
use hosted::{in_child, write, wrong_under_emulation};
use memory::*;
use oracle::{NOT_OPEN, number, owned};

fn memfd(flags: MemfdFlags) -> Result<OwnedFd> {
    mm::memfd_create(c"newer", flags).map(|fd| owned(Ok(number(fd))))
}

/// Whether somebody may execute the file.
fn executable(file: &OwnedFd) -> bool {
    fs::fstat(file.as_raw_fd()).expect("the test's own file").st_mode & 0o111 != 0
}

/// Sets who may do what; there is no function of ours for it.
fn fchmod(file: &OwnedFd, mode: u32) -> Result<()> {
    // SAFETY: it touches no memory.
    let answer = unsafe { libc::fchmod(file.as_raw_fd(), mode) };
    let error = std::io::Error::last_os_error().raw_os_error();
    if answer == 0 { Ok(()) } else { Err(error.and_then(Errno::from_raw).expect("an error")) }
}

/// `MemfdFlags::NOEXEC_SEAL` and `MemfdFlags::EXEC`.
#[test]
fn a_file_in_memory_can_be_executed_before_linux_6_3() {
    if let Some(file) = newer("NOEXEC_SEAL", (6, 3), memfd(MemfdFlags::NOEXEC_SEAL), Errno::EINVAL) {
        assert!(!executable(&file));
        assert_eq!(fchmod(&file, 0o700), Err(Errno::EPERM));
    }
    if let Some(file) = newer("EXEC", (6, 3), memfd(MemfdFlags::EXEC), Errno::EINVAL) {
        assert!(executable(&file));
    }
    let file = memfd(MemfdFlags::empty()).expect("a file");
    assert!(executable(&file));
    assert_eq!(fchmod(&file, 0o600), Ok(()));
    assert!(!executable(&file));
}

/// `Seals::EXEC`.
#[test]
fn nothing_keeps_a_mode_before_linux_6_3() {
    let file = memfd(MemfdFlags::ALLOW_SEALING).expect("a file");
    assert_eq!(fchmod(&file, 0o600), Ok(()));
    let sealed = fs::fcntl_add_seals(file.as_raw_fd(), Seals::EXEC);
    let sealed = newer("Seals::EXEC", (6, 3), sealed, Errno::EINVAL).is_some();
    let changed = fchmod(&file, 0o700);
    assert_eq!(changed, if sealed { Err(Errno::EPERM) } else { Ok(()) });
    // What can be executed is to stay what it is.
    let program = memfd(MemfdFlags::ALLOW_SEALING).expect("a file");
    if fs::fcntl_add_seals(program.as_raw_fd(), Seals::EXEC).is_ok() {
        let all = Seals::EXEC | Seals::SHRINK | Seals::GROW | Seals::WRITE | Seals::FUTURE_WRITE;
        assert_eq!(fs::fcntl_get_seals(program.as_raw_fd()), Ok(all));
    }
}

/// `memfd_secret`, where the kernel was not told of it at its start.
#[test]
fn a_secret_is_a_file_in_memory_before_linux_6_5() {
    let secret = mm::memfd_secret(OpenFlags::CLOEXEC).map(|fd| owned(Ok(number(fd))));
    let secret = newer("memfd_secret", (6, 5), secret, Errno::ENOSYS);
    for file in secret.into_iter().chain(memfd(MemfdFlags::CLOEXEC)) {
        // SAFETY: the file is the test's own, and not mapped yet.
        assert_eq!(unsafe { fs::ftruncate(file.as_raw_fd(), 1) }, Ok(()));
        let start = map(1, baremap::MapFlags::SHARED, file.as_raw_fd());
        put(start, 1);
        assert_eq!(get(start), 1);
        unmap(start, 1);
    }
}

fn ask(path: &std::ffi::CStr, mask: StatxMask) -> fs::Statx {
    fs::statx(NOT_OPEN, path, AtFlags::empty(), mask).expect("it is there")
}

/// `StatxMask::MNT_ID_UNIQUE`, `StatxMask::SUBVOL`, `StatxMask::WRITE_ATOMIC`,
/// `StatxMask::DIO_READ_ALIGN` and `StatxAttributes::WRITE_ATOMIC`: no bit is an
/// error, and what is not known is not told.
#[test]
fn statx_leaves_out_what_linux_6_1_does_not_know() {
    for (mask, version) in [
        (StatxMask::MNT_ID_UNIQUE, (6, 8)),
        (StatxMask::SUBVOL, (6, 10)),
        (StatxMask::WRITE_ATOMIC, (6, 11)),
        (StatxMask::DIO_READ_ALIGN, (6, 14)),
    ] {
        for path in [c"/", c"/dev/null", c"/proc/self/exe"] {
            let told = ask(path, mask).stx_mask.contains(mask);
            assert!(!told || since(version.0, version.1), "{mask:?} of {path:?}");
        }
    }
    let root = ask(c"/", StatxMask::MNT_ID_UNIQUE);
    let told = root.stx_mask.contains(StatxMask::MNT_ID_UNIQUE);
    assert!(told == since(6, 8) || wrong_under_emulation("statx with MNT_ID_UNIQUE"));
    assert!(!root.stx_attributes_mask.contains(StatxAttributes::WRITE_ATOMIC) || since(6, 11));
    // Instead: a number that may be given again after the mount is gone.
    assert!(ask(c"/", StatxMask::MNT_ID).stx_mask.contains(StatxMask::MNT_ID));
}

/// `FallocateFlags::WRITE_ZEROES`: the answer of an older kernel is that of a
/// filesystem that cannot.
#[test]
fn zeros_are_written_by_hand_before_linux_6_17() {
    let file = memfd(MemfdFlags::empty()).expect("a file");
    let fd = file.as_raw_fd();
    let zero = |flags| {
        // SAFETY: the file is the test's own, and not mapped.
        unsafe { fs::fallocate(fd, flags, 1, 2) }
    };
    assert_eq!(write(fd, b"abcd"), Ok(4));
    assert_eq!(zero(FallocateFlags::WRITE_ZEROES), Err(Errno::EOPNOTSUPP));
    // Where there is ZERO_RANGE, it does; where not, either of these.
    if zero(FallocateFlags::ZERO_RANGE) == Err(Errno::EOPNOTSUPP) {
        assert_eq!(zero(FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE), Ok(()));
    }
    let mut bytes = [0; 4];
    assert_eq!((fs::pread64(fd, &mut bytes, 0), bytes), (Ok(4), *b"a\0\0d"));
    // SAFETY: the file is the test's own, and not mapped.
    assert_eq!(unsafe { fs::pwrite64(fd, &[0], 3) }, Ok(1));
    assert_eq!((fs::pread64(fd, &mut bytes, 0), bytes), (Ok(4), *b"a\0\0\0"));
}

/// `FileAdvice::NOREUSE`.
#[test]
fn reading_once_is_accepted_by_every_kernel() {
    let file = memfd(MemfdFlags::empty()).expect("a file");
    for advice in [FileAdvice::NOREUSE, FileAdvice::NORMAL] {
        assert_eq!(fs::posix_fadvise(file.as_raw_fd(), 0, 0, advice), Ok(()));
    }
}

/// `prctl_get_auxv`.
#[test]
fn the_auxiliary_vector_is_a_file_before_linux_6_4() {
    let file = std::fs::read("/proc/self/auxv").expect("/proc is mounted");
    let words = file.chunks_exact(size_of::<usize>());
    let words: Vec<usize> = words.map(|word| usize::from_ne_bytes(word.try_into().unwrap())).collect();
    // AT_PAGESZ is 6, and the pair of zeros the end.
    let page = words.chunks(2).take_while(|pair| pair[0] != 0).find(|pair| pair[0] == 6);
    assert_eq!(page.map(|pair| pair[1]), Some(baremap::sys::page_size()));
    let mut told = [0; 256];
    if let Some(length) = newer("PR_GET_AUXV", (6, 4), prctl_get_auxv(&mut told), Errno::EINVAL) {
        assert!(length >= file.len());
        assert_eq!(told[..words.len()], words);
    }
}

/// `PidfdFlags::THREAD`.
#[test]
fn a_thread_has_only_a_number_before_linux_6_9() {
    let (myself, thread) = (process::getpid(), process::gettid());
    let made = process::pidfd_open(thread, PidfdFlags::THREAD).map(|fd| owned(Ok(number(fd))));
    if let Some(fd) = newer("PidfdFlags::THREAD", (6, 9), made, Errno::EINVAL) {
        let asked = process::pidfd_send_signal(fd.as_raw_fd(), Signal::NONE, None, PidfdSignalFlags::empty());
        assert_eq!(asked, Ok(()));
    }
    assert_eq!(process::tgkill(myself, thread, Signal::NONE), Ok(()));
}

/// `PidfdSignalFlags`.
#[test]
fn whom_a_signal_is_for_is_another_call_before_linux_6_9() {
    let expected = if since(6, 9) { Ok(()) } else { Err(Errno::EINVAL) };
    // In a child, which may lead a group of processes.
    let status = in_child(|| {
        let myself = process::getpid();
        // SAFETY: it only makes a group.
        if unsafe { libc::setpgid(0, 0) } != 0 {
            return 1;
        }
        let Ok(fd) = process::pidfd_open(myself, PidfdFlags::empty()) else { return 2 };
        let send = |flags| process::pidfd_send_signal(fd, Signal::NONE, None, flags);
        let flags =
            [PidfdSignalFlags::THREAD, PidfdSignalFlags::THREAD_GROUP, PidfdSignalFlags::PROCESS_GROUP];
        if flags.map(send) != [expected; 3] {
            return 3;
        }
        let instead = [
            process::tgkill(myself, myself, Signal::NONE),
            send(PidfdSignalFlags::empty()),
            process::kill(-myself, Signal::NONE),
        ];
        if instead == [Ok(()); 3] { 0 } else { 4 }
    });
    assert!(status.success() || wrong_under_emulation("pidfd_send_signal with flags"), "{status:?}");
}

/// `futex_waitv` with `FUTEX2_NUMA`.
#[test]
fn a_futex_of_a_node_is_a_plain_one_before_linux_6_16() {
    // A word, then the number of its node, which the kernel chooses.
    #[repr(C, align(8))]
    struct Pair(AtomicU32, AtomicU32);
    let pair = Pair(AtomicU32::new(5), AtomicU32::new(!0));
    let wait = |flags: Futex2Flags| {
        let waiter = FutexWaitv { val: 6, uaddr: &pair.0, flags, __reserved: 0 };
        let past = Timespec { tv_sec: 1, tv_nsec: 0 };
        // SAFETY: what is behind the word may be written too.
        match unsafe { futex_waitv(&[waiter], Some(&past), Clock::MONOTONIC) } {
            // It would have slept, had the word not changed.
            Err(Errno::EAGAIN) => Ok(()),
            answer => answer.map(drop),
        }
    };
    let numa = Futex2Flags::SIZE_U32 | Futex2Flags::from_bits_retain(0x4);
    newer("FUTEX2_NUMA", (6, 16), wait(numa), Errno::EINVAL);
    let plain = wait(Futex2Flags::SIZE_U32);
    assert!(plain == Ok(()) || wrong_under_emulation("futex_waitv"), "{plain:?}");
}
