//! What it takes to be refused. What changes a whole process is for a child:
//! see `in_child_answer`. None of it does more than make system calls.

use std::ffi::CString;
use std::ptr::null_mut;

use baremap::flags::{MemfdFlags, Seals};
use baremap::sys::process::{self, Pid, Resource, Rlimit64, Signal};
use baremap::sys::{RawFd, fs, mm, page_size};
use baremap::{CloneFlags, Errno, MapFlags, Mode, OpenFlags, OwnedFd, Prot, Result, WaitFlags};

use crate::memory::{PRIVATE, SHARED, map, unmap};
use crate::oracle::{NOT_OPEN, number, owned};

/// What a user has who may nothing.
const NOBODY: u32 = 65534;

/// Gives up all privileges of the process, a child, for ever.
pub fn become_nobody() -> Result<()> {
    // SAFETY: the child has no other thread; it only loses rights.
    let answer = unsafe { libc::syscall(libc::SYS_setresuid, NOBODY, NOBODY, NOBODY) };
    // No call of these answers so.
    if answer == 0 { Ok(()) } else { Err(Errno::ENOTRECOVERABLE) }
}

/// Limits the process, a child, for ever.
pub fn limit(resource: Resource, most: u64) -> Result<()> {
    process::prlimit64(0, resource, Some(&Rlimit64 { rlim_cur: most, rlim_max: most })).map(drop)
}

/// Nobody, who may lock so many bytes.
pub fn nobody_who_locks(bytes: usize) -> Result<()> {
    limit(Resource::MEMLOCK, bytes as u64)?;
    become_nobody()
}

/// Makes mappings until the process, a child, has as many as it may have.
pub fn have_all_mappings() -> Result<()> {
    // Those of one kind would become one.
    for prot in [Prot::READ, Prot::NONE].into_iter().cycle() {
        // SAFETY: a new mapping replaces nothing.
        match unsafe { mm::mmap(null_mut(), page_size(), prot, PRIVATE, NOT_OPEN, 0) } {
            Err(Errno::ENOMEM) => return Ok(()),
            made => made?,
        };
    }
    Ok(())
}

/// The answer of a call about so many new pages of no file.
pub fn with_pages(count: usize, act: impl FnOnce(*mut u8) -> Result<()>) -> Result<()> {
    with_mapping(count, PRIVATE, NOT_OPEN, act)
}

/// The answer of a call about a new mapping of so many pages.
pub fn with_mapping(
    count: usize,
    kind: MapFlags,
    fd: RawFd,
    act: impl FnOnce(*mut u8) -> Result<()>,
) -> Result<()> {
    let start = map(count, kind, fd);
    let answer = act(start);
    unmap(start, count);
    answer
}

/// The answer of a call in a child, which has all the mappings it may have, about
/// the second of three pages: it would have to become a mapping of its own.
pub fn with_all_mappings(act: impl FnOnce(*mut u8) -> Result<()>) -> Result<()> {
    with_pages(3, |start| {
        super::in_child_answer(|| {
            have_all_mappings()?;
            act(start.wrapping_add(page_size()))
        })
    })
}

/// The answer of a call in a child about one page that can no more be changed.
pub fn with_sealed_page(act: impl FnOnce(*mut u8) -> Result<()>) -> Result<()> {
    with_pages(1, |start| {
        super::in_child_answer(|| {
            // SAFETY: nobody writes to it.
            unsafe { mm::mprotect(start, page_size(), Prot::READ) }?;
            mm::mseal(start, page_size())?;
            act(start)
        })
    })
}

/// The last page that an address could have.
pub fn last_page() -> *mut u8 {
    std::ptr::without_provenance_mut(usize::MAX - page_size() + 1)
}

/// A file in memory of so many pages, which may be sealed.
pub fn file_in_memory(count: usize) -> OwnedFd {
    let fd = owned(mm::memfd_create(c"file", MemfdFlags::ALLOW_SEALING).map(number));
    // SAFETY: nobody was promised that it stays as it is.
    unsafe { fs::ftruncate(fd.as_raw_fd(), (count * page_size()) as i64) }.expect("a length");
    fd
}

/// One page of a file in memory, opened anew like this.
pub fn opened(flags: OpenFlags) -> OwnedFd {
    let file = file_in_memory(1);
    let path = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd())).expect("no NUL");
    owned(fs::open(&path, flags, Mode::empty()).map(number))
}

/// The answer of a call about a page of a file that is open for reading, shared.
pub fn with_read_only_page(act: impl FnOnce(*mut u8) -> Result<()>) -> Result<()> {
    let (file, shared) = (opened(OpenFlags::RDONLY), MapFlags::SHARED);
    // SAFETY: a new mapping replaces nothing.
    let start = unsafe { mm::mmap(null_mut(), page_size(), Prot::READ, shared, file.as_raw_fd(), 0) }?;
    let answer = act(start);
    unmap(start, 1);
    answer
}

/// A descriptor that a child has made, which is gone then.
pub fn made_by_a_child(make: impl FnOnce() -> Result<RawFd>) -> OwnedFd {
    let told = map(1, SHARED, NOT_OPEN).cast::<RawFd>();
    // The two have one table of descriptors.
    // SAFETY: the child closes none, and only makes system calls.
    let child =
        unsafe { process::clone(CloneFlags::FILES, Signal::CHLD, null_mut(), null_mut(), null_mut()) }
            .expect("a child");
    if child == 0 {
        // SAFETY: the page is ours, mapped and writable.
        unsafe { told.write_volatile(make().unwrap_or(NOT_OPEN)) };
        process::exit_group(0);
    }
    let ended = process::wait4(child, WaitFlags::empty());
    assert_eq!(ended.map(|(pid, _)| pid), Ok(child));
    // SAFETY: the page is ours, and the child has written it.
    let fd = unsafe { told.read_volatile() };
    unmap(told.cast(), 1);
    assert_ne!(fd, NOT_OPEN, "the child made none");
    owned(Ok(number(fd)))
}

/// The answer of a call about a child that waits, and is ended then. Children
/// may have one, too.
pub fn with_waiting_child(act: impl FnOnce(Pid) -> Result<()>) -> Result<()> {
    // SAFETY: it only makes system calls.
    let child = unsafe { process::fork() }?;
    if child == 0 {
        crate::hosted::end_with_parent();
        loop {
            // SAFETY: it waits for a signal.
            unsafe { libc::pause() };
        }
    }
    let answer = act(child);
    process::kill(child, Signal::KILL)?;
    process::wait4(child, WaitFlags::empty())?;
    answer
}

pub fn has_loop_devices() -> bool {
    std::path::Path::new("/dev/loop-control").exists()
}

/// A disk that breaks: a loop device, over a file that is sealed then. It is free
/// again when it is closed.
pub fn broken_disk() -> Result<OwnedFd> {
    // From linux/loop.h; LOOP_CONFIGURE takes a `struct loop_config`, of which
    // these words are not 0: the file, and the flag LO_FLAGS_AUTOCLEAR.
    const LOOP_CTL_GET_FREE: u32 = 0x4c82;
    const LOOP_CONFIGURE: u32 = 0x4c0a;
    let file = file_in_memory(1);
    let mut config = [0_u32; 304 / 4];
    (config[0], config[15]) = (file.as_raw_fd() as u32, 4);
    let flags = OpenFlags::RDWR | OpenFlags::CLOEXEC;
    let control = owned(fs::open(c"/dev/loop-control", flags, Mode::empty()).map(number));
    loop {
        // SAFETY: it takes no argument.
        let free = unsafe { fs::ioctl(control.as_raw_fd(), LOOP_CTL_GET_FREE, null_mut::<u8>()) }?;
        let path = CString::new(format!("/dev/loop{free}")).expect("no NUL");
        let disk = owned(fs::open(&path, flags, Mode::empty()).map(number));
        // SAFETY: the kernel only reads the argument, which is of its size.
        match unsafe { fs::ioctl(disk.as_raw_fd(), LOOP_CONFIGURE, config.as_mut_ptr()) } {
            // Somebody was faster.
            Err(Errno::EBUSY) => {}
            done => {
                done?;
                fs::fcntl_add_seals(file.as_raw_fd(), Seals::WRITE)?;
                return Ok(disk);
            }
        }
    }
}
