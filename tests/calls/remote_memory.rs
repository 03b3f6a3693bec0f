//! process_vm_readv, process_vm_writev, pagemap_scan, prctl_set_vma_anon_name,
//! prctl_get_auxv, procmap_query: what is asked of a process's memory.

use std::ffi::CString;
use std::ptr::{null_mut, without_provenance_mut};

use baremap::flags::{PmScanFlags, ProcmapFlags};
use baremap::sys::pagemap::{PmScanArg, pagemap_scan};
use baremap::sys::process::{self, Pid};
use baremap::sys::procmap::{ProcmapQuery, procmap_query};
use baremap::sys::{IoVec, RawFd, fs, mm, page_size, prctl_get_auxv, prctl_set_vma_anon_name};
use baremap::{Errno, MapFlags, Mode, OpenFlags, OwnedFd, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused};
use crate::oracle::{NOT_OPEN, number, owned};

/// No process has a number this large.
const NO_PROCESS: Pid = Pid::MAX;

/// A copy between ranges of this process and of that.
type Copy = fn(Pid, &[IoVec], &[IoVec]) -> Result<()>;

fn readv(pid: Pid, local: &[IoVec], remote: &[IoVec]) -> Result<()> {
    // SAFETY: the ranges are the test's own, and in no other use.
    unsafe { mm::process_vm_readv(pid, local, remote) }.map(drop)
}

fn writev(pid: Pid, local: &[IoVec], remote: &[IoVec]) -> Result<()> {
    // SAFETY: the ranges are the test's own, and in no other use.
    unsafe { mm::process_vm_writev(pid, local, remote) }.map(drop)
}

/// One byte of a page to or from another.
fn copy_in(pid: Pid, copy: Copy) -> Result<()> {
    with_pages(1, |base| copy(pid, &[IoVec { base, len: 1 }], &[IoVec { base, len: 1 }]))
}

fn copy_nothing(copy: Copy) -> Result<()> {
    let nowhere = [IoVec { base: null_mut(), len: 1 }];
    with_pages(1, |base| copy(process::getpid(), &[IoVec { base, len: 1 }], &nowhere))
}

fn copy_too_many(copy: Copy) -> Result<()> {
    with_pages(1, |base| copy(process::getpid(), &[IoVec { base, len: 1 }; 1025], &[IoVec { base, len: 1 }]))
}

fn copy_too_long(copy: Copy) -> Result<()> {
    with_pages(1, |base| {
        copy(process::getpid(), &[IoVec { base, len: usize::MAX }], &[IoVec { base, len: 1 }])
    })
}

fn copy_as_nobody(copy: Copy) -> Result<()> {
    let root = process::getpid();
    with_pages(1, |base| {
        in_child_answer(|| {
            become_nobody()?;
            copy(root, &[IoVec { base, len: 1 }], &[IoVec { base, len: 1 }])
        })
    })
}

/// A file in /proc that is about this process, or one that has ended.
fn about(process: &str, file: &str) -> OwnedFd {
    let path = CString::new(format!("/proc/{process}/{file}")).expect("no NUL");
    owned(fs::open(&path, OpenFlags::RDONLY, Mode::empty()).map(number))
}

fn maps() -> OwnedFd {
    about("self", "maps")
}

fn pagemap() -> OwnedFd {
    about("self", "pagemap")
}

/// A file in /proc about a process that has ended meanwhile.
fn of_ended(file: &str) -> Result<OwnedFd> {
    let mut of_ended = None;
    with_child(|child| {
        of_ended = Some(about(&child.to_string(), file));
        Ok(())
    })?;
    Ok(of_ended.expect("it was opened"))
}

fn query(fd: RawFd, mut query: ProcmapQuery) -> Result<()> {
    // SAFETY: where its addresses are not 0, nothing can be written.
    unsafe { procmap_query(fd, &mut query) }
}

/// What the file at hand has mapped, by a question that is otherwise right.
fn query_of_file(change: impl FnOnce(&mut ProcmapQuery)) -> Result<()> {
    let file = file_in_memory(1);
    with_mapping(1, MapFlags::SHARED, file.as_raw_fd(), |start| {
        let mut asked = ProcmapQuery::new(start.addr(), ProcmapFlags::empty());
        change(&mut asked);
        query(maps().as_raw_fd(), asked)
    })
}

/// A scan of one page, by an argument that is otherwise right.
fn scan(fd: RawFd, change: impl FnOnce(&mut PmScanArg)) -> Result<()> {
    with_pages(1, |start| {
        let mut arg = PmScanArg::new(start.addr(), start.addr() + page_size());
        change(&mut arg);
        // SAFETY: where its address is not 0, nothing can be written.
        unsafe { pagemap_scan(fd, &mut arg) }.map(drop)
    })
}

fn name_page(start: *mut u8) -> Result<()> {
    prctl_set_vma_anon_name(start, page_size(), Some(c"name"))
}

fn names_memory() -> bool {
    with_pages(1, name_page).is_ok()
}

pub const CALLS: &[Call] = &[
    call(
        "process_vm_readv",
        &[
            refused(Errno::EFAULT, "nothing is mapped there", || copy_nothing(readv)).not_emulated(),
            refused(Errno::EINVAL, "there are more than 1,024 ranges", || copy_too_many(readv))
                .not_emulated(),
            refused(Errno::EINVAL, "there are more than 2^63-1 bytes", || copy_too_long(readv))
                .not_emulated(),
            no_memory(),
            refused(Errno::EPERM, "nobody reads root's process", || copy_as_nobody(readv))
                .as_root()
                .not_emulated(),
            refused(Errno::ESRCH, "there is no such process", || copy_in(NO_PROCESS, readv)).not_emulated(),
        ],
    ),
    call(
        "process_vm_writev",
        &[
            refused(Errno::EFAULT, "nothing is mapped there", || copy_nothing(writev)).not_emulated(),
            refused(Errno::EINVAL, "there are more than 1,024 ranges", || copy_too_many(writev))
                .not_emulated(),
            refused(Errno::EINVAL, "there are more than 2^63-1 bytes", || copy_too_long(writev))
                .not_emulated(),
            no_memory(),
            refused(Errno::EPERM, "nobody writes to root's process", || copy_as_nobody(writev))
                .as_root()
                .not_emulated(),
            refused(Errno::ESRCH, "there is no such process", || copy_in(NO_PROCESS, writev)).not_emulated(),
        ],
    ),
    call(
        "pagemap_scan",
        &[
            refused(Errno::EBADF, "the descriptor is not open", || scan(NOT_OPEN, |_| {})).not_emulated(),
            refused(Errno::EFAULT, "the place for the answer is the kernel's", || {
                scan(pagemap().as_raw_fd(), |arg| (arg.vec, arg.vec_len) = (1 << 63, 1))
            })
            .not_emulated()
            .since(6, 7),
            refused(Errno::EFAULT, "the range is the kernel's", || {
                scan(pagemap().as_raw_fd(), |arg| {
                    (arg.start, arg.end) = (1 << 63, (1 << 63) + page_size() as u64);
                })
            })
            .not_emulated()
            .since(6, 7),
            refused(Errno::EINVAL, "the size is another", || scan(pagemap().as_raw_fd(), |arg| arg.size = 8))
                .not_emulated()
                .since(6, 7),
            refused(Errno::EINVAL, "a flag is unknown", || {
                scan(pagemap().as_raw_fd(), |arg| arg.flags = PmScanFlags::from_bits_retain(0x80))
            })
            .not_emulated()
            .since(6, 7),
            refused(Errno::EINVAL, "the start is inside a page", || {
                scan(pagemap().as_raw_fd(), |arg| arg.start += 1)
            })
            .not_emulated()
            .since(6, 7),
            no_memory(),
            refused(Errno::ENOTTY, "it is another file", || scan(maps().as_raw_fd(), |_| {})).not_emulated(),
            refused(Errno::ENOTTY, "the kernel is older", || scan(pagemap().as_raw_fd(), |_| {}))
                .before(6, 7),
            refused(Errno::EPERM, "it is not memory whose write protection ends by itself", || {
                scan(pagemap().as_raw_fd(), |arg| arg.flags = PmScanFlags::CHECK_WPASYNC)
            })
            .not_emulated()
            .since(6, 7),
            // Older ones find nothing mapped.
            refused(Errno::ESRCH, "the process has ended", || scan(of_ended("pagemap")?.as_raw_fd(), |_| {}))
                .not_emulated()
                .since(6, 18),
        ],
    ),
    call(
        "prctl_set_vma_anon_name",
        &[
            refused(Errno::EBADF, "it is a file's memory", || {
                let file = file_in_memory(1);
                with_mapping(1, MapFlags::SHARED, file.as_raw_fd(), name_page)
            })
            .where_there_is("a name for memory", names_memory),
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| name_page(start.wrapping_add(1)))
            }),
            refused(Errno::EINVAL, "the name has a bracket", || {
                with_pages(1, |start| prctl_set_vma_anon_name(start, page_size(), Some(c"[name]")))
            }),
            refused(Errno::ENOMEM, "nothing is mapped there", || {
                name_page(without_provenance_mut(page_size()))
            })
            .where_there_is("a name for memory", names_memory),
        ],
    ),
    call(
        "prctl_get_auxv",
        &[refused(Errno::EINVAL, "the kernel is older", || prctl_get_auxv(&mut []).map(drop)).before(6, 4)],
    ),
    call(
        "procmap_query",
        &[
            refused(Errno::E2BIG, "it is larger than a page", || {
                query_of_file(|asked| asked.size = u64::MAX)
            })
            .not_emulated()
            .since(6, 11),
            refused(Errno::EBADF, "the descriptor is not open", || {
                query(NOT_OPEN, ProcmapQuery::new(0, ProcmapFlags::empty()))
            })
            .not_emulated(),
            refused(Errno::EFAULT, "the place for the name is not writable", || {
                query_of_file(|asked| (asked.vma_name_size, asked.vma_name_addr) = (64, 1))
            })
            .not_emulated()
            .since(6, 11),
            refused(Errno::EINVAL, "the size is too small", || query_of_file(|asked| asked.size = 8))
                .not_emulated()
                .since(6, 11),
            refused(Errno::EINVAL, "a flag is unknown", || {
                query_of_file(|asked| asked.query_flags = ProcmapFlags::from_bits_retain(0x1000))
            })
            .not_emulated()
            .since(6, 11),
            refused(Errno::EINVAL, "a name's size, and no place for it", || {
                query_of_file(|asked| asked.vma_name_size = 8)
            })
            .not_emulated()
            .since(6, 11),
            refused(Errno::ENAMETOOLONG, "the name has no room", || {
                query_of_file(|asked| (asked.vma_name_size, asked.vma_name_addr) = (8, 1))
            })
            .not_emulated()
            .since(6, 11),
            refused(Errno::ENOENT, "nothing is mapped there", || query_of_file(|asked| asked.query_addr = 0))
                .not_emulated()
                .since(6, 11),
            refused(Errno::ENOTTY, "it is another file", || {
                query(file_in_memory(0).as_raw_fd(), ProcmapQuery::new(0, ProcmapFlags::empty()))
            })
            .not_emulated(),
            refused(Errno::ENOTTY, "the kernel is older", || query_of_file(|_| {})).before(6, 11),
            refused(Errno::ESRCH, "the process has ended", || {
                query(of_ended("maps")?.as_raw_fd(), ProcmapQuery::new(0, ProcmapFlags::empty()))
            })
            .not_emulated()
            .since(6, 11),
        ],
    ),
];
