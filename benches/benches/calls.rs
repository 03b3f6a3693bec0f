//! A system call by each crate, against plain assembly.

use std::arch::asm;
use std::hint::black_box;
use std::os::fd::{AsFd, AsRawFd};
use std::ptr::null_mut;
use std::time::Duration;

use baremap::flags::MsyncFlags;
use baremap::sys;
use baremap::{MapAnon, MapOptions};
use baremap_benches::{again, ground, race};
use criterion::{Criterion, criterion_group, criterion_main};
use syscalls::Sysno;

const PAGE: usize = 4096;
const READ_WRITE: i32 = libc::PROT_READ | libc::PROT_WRITE;
const PRIVATE: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;

/// A call as one would write it by hand.
macro_rules! by_hand {
    ($number:expr $(, $register:tt $argument:expr)*) => {{
        let result: usize;
        // SAFETY: none of the calls here gives or takes memory that is another's.
        unsafe {
            asm!(
                "syscall",
                inlateout("rax") $number as usize => result,
                $(in($register) $argument as usize,)*
                lateout("rcx") _,
                lateout("r11") _,
                options(nostack, preserves_flags),
            );
        }
        result
    }};
}

fn getppid(criterion: &mut Criterion) {
    race(
        criterion,
        ["calls", "getppid"],
        ("asm!", again(|| by_hand!(libc::SYS_getppid))),
        vec![
            ("baremap", again(sys::process::getppid)),
            // SAFETY: it has no arguments, here and below.
            ("libc", again(|| unsafe { libc::getppid() })),
            ("rustix", again(rustix::process::getppid)),
            // SAFETY: as above.
            ("syscalls", again(|| unsafe { syscalls::raw_syscall!(Sysno::getppid) })),
            // SAFETY: as above.
            ("sc", again(|| unsafe { sc::syscall!(GETPPID) })),
            // SAFETY: as above.
            ("nc", again(|| unsafe { nc::getppid() })),
        ],
    );
}

fn lseek(criterion: &mut Criterion) {
    let file = ground::file("/dev/shm", PAGE);
    let fd = file.as_raw_fd();
    let ours = ground::ours(&file);
    race(
        criterion,
        ["calls", "lseek"],
        ("asm!", again(|| by_hand!(libc::SYS_lseek, "rdi" fd, "rsi" black_box(7), "rdx" 0))),
        vec![
            ("baremap", again(|| ours.seek(baremap::SeekFrom::Start(black_box(7))).unwrap())),
            // SAFETY: it has no pointers, here and below.
            ("libc", again(|| unsafe { libc::lseek(fd, black_box(7), 0) })),
            (
                "rustix",
                again(|| rustix::fs::seek(file.as_fd(), rustix::fs::SeekFrom::Start(black_box(7))).unwrap()),
            ),
            // SAFETY: as above.
            ("syscalls", again(|| unsafe { syscalls::syscall!(Sysno::lseek, fd, black_box(7), 0) }.unwrap())),
            // SAFETY: as above.
            ("sc", again(|| unsafe { sc::syscall!(LSEEK, fd, black_box(7), 0) })),
            // SAFETY: as above.
            ("nc", again(|| unsafe { nc::lseek(fd, black_box(7), 0) }.unwrap())),
        ],
    );
}

fn msync(criterion: &mut Criterion) {
    let map = MapOptions::new().len(PAGE).map_shared_anon().unwrap();
    let start = map.as_ptr().cast_mut();
    let asynchronously = libc::MS_ASYNC;
    race(
        criterion,
        ["calls", "msync"],
        ("asm!", again(|| by_hand!(libc::SYS_msync, "rdi" start, "rsi" PAGE, "rdx" asynchronously))),
        vec![
            ("baremap", again(|| sys::mm::msync(start, PAGE, MsyncFlags::ASYNC).unwrap())),
            // SAFETY: the page is mapped, here and below.
            ("libc", again(|| unsafe { libc::msync(start.cast(), PAGE, asynchronously) })),
            (
                "rustix",
                again(|| {
                    // SAFETY: as above.
                    unsafe { rustix::mm::msync(start.cast(), PAGE, rustix::mm::MsyncFlags::ASYNC) }.unwrap()
                }),
            ),
            (
                "syscalls",
                // SAFETY: as above.
                again(|| unsafe { syscalls::syscall!(Sysno::msync, start, PAGE, asynchronously) }.unwrap()),
            ),
            // SAFETY: as above.
            ("sc", again(|| unsafe { sc::syscall!(MSYNC, start, PAGE, asynchronously) })),
            // SAFETY: as above.
            ("nc", again(|| unsafe { nc::msync(start.cast(), PAGE, asynchronously) }.unwrap())),
        ],
    );
}

fn mmap_and_munmap(criterion: &mut Criterion) {
    let by_hand = again(|| {
        let start = by_hand!(libc::SYS_mmap, "rdi" 0, "rsi" PAGE, "rdx" READ_WRITE, "r10" PRIVATE, "r8" -1_isize, "r9" 0);
        by_hand!(libc::SYS_munmap, "rdi" start, "rsi" PAGE)
    });
    let by_libc = again(|| {
        // SAFETY: the kernel chooses where.
        let start = unsafe { libc::mmap(null_mut(), PAGE, READ_WRITE, PRIVATE, -1, 0) };
        // SAFETY: it was mapped above.
        unsafe { libc::munmap(start, PAGE) }
    });
    let by_rustix = again(|| {
        use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};
        let prot = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: the kernel chooses where.
        let start = unsafe { mmap_anonymous(null_mut(), PAGE, prot, MapFlags::PRIVATE) }.unwrap();
        // SAFETY: it was mapped above.
        unsafe { munmap(start, PAGE) }.unwrap();
    });
    let by_syscalls = again(|| {
        // SAFETY: the kernel chooses where.
        let start =
            unsafe { syscalls::syscall!(Sysno::mmap, 0, PAGE, READ_WRITE, PRIVATE, -1_isize, 0) }.unwrap();
        // SAFETY: it was mapped above.
        unsafe { syscalls::syscall!(Sysno::munmap, start, PAGE) }.unwrap()
    });
    let by_sc = again(|| {
        // SAFETY: the kernel chooses where.
        let start = unsafe { sc::syscall!(MMAP, 0, PAGE, READ_WRITE, PRIVATE, -1_isize, 0) };
        // SAFETY: it was mapped above.
        unsafe { sc::syscall!(MUNMAP, start, PAGE) }
    });
    let by_nc = again(|| {
        // SAFETY: the kernel chooses where.
        let start = unsafe { nc::mmap(null_mut(), PAGE, READ_WRITE, PRIVATE, -1, 0) }.unwrap();
        // SAFETY: it was mapped above.
        unsafe { nc::munmap(start, PAGE) }.unwrap();
    });
    race(
        criterion,
        ["calls", "mmap and munmap"],
        ("asm!", by_hand),
        vec![
            ("baremap", again(|| drop(MapAnon::new(black_box(PAGE)).unwrap()))),
            ("libc", by_libc),
            ("rustix", by_rustix),
            ("syscalls", by_syscalls),
            ("sc", by_sc),
            ("nc", by_nc),
        ],
    );
}

criterion_group! {
    name = calls;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    targets = getppid, lseek, msync, mmap_and_munmap
}
criterion_main!(calls);
