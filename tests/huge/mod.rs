//! Huge pages of the kernel's pool, for as long as a test needs them.

#![allow(dead_code, reason = "each test file uses a part")]

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use baremap::flags::MemfdFlags;
use baremap::sys::mm;
use baremap::{HugePage, OwnedFd};

use crate::hosted::wrong_under_emulation;

const POOL: &str = "/proc/sys/vm/nr_hugepages";

/// The pool, a few pages larger than it was, in this test's hands alone.
pub struct Pool {
    /// How many bytes a huge page has.
    pub size: usize,
    added: usize,
    _file: File,
    _alone: MutexGuard<'static, ()>,
}

impl Pool {
    /// `None` where nobody may enlarge the pool, or the kernel has no memory for
    /// it; said aloud.
    pub fn with(pages: usize) -> Option<Self> {
        static ALONE: Mutex<()> = Mutex::new(());
        if wrong_under_emulation("huge pages") {
            return None;
        }
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(file) = File::open(POOL) else { return nothing("the kernel has none") };
        // Others on this machine may test the same.
        // SAFETY: the file is open.
        unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) };
        let size = meminfo("Hugepagesize:")? * 1024;
        let pool = Self { size, added: pages, _file: file, _alone: alone };
        if fs::write(POOL, (meminfo("HugePages_Total:")? + pages).to_string()).is_err() {
            std::mem::forget(pool);
            return nothing("only root may fill the pool");
        }
        let free = meminfo("HugePages_Free:")?;
        if free < pages { nothing("no memory for the pool") } else { Some(pool) }
    }

    /// How many pages this process uses, whatever others do with the pool.
    pub fn used(&self) -> usize {
        number("/proc/self/status", "HugetlbPages:").expect("a kernel with huge pages") * 1024 / self.size
    }

    /// How many pages are in nobody's use.
    pub fn free(&self) -> usize {
        meminfo("HugePages_Free:").expect("it was there")
    }

    /// The same as a size to map in.
    pub fn page(&self) -> HugePage {
        HugePage::of(self.size).expect("a power of two")
    }

    /// A new file in memory, of huge pages. `/proc/self/maps` has its name.
    pub fn memfd(&self, name: &std::ffi::CStr) -> baremap::File {
        let fd = mm::memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::HUGETLB).expect("a file");
        // SAFETY: it was made for us.
        unsafe { OwnedFd::from_raw_fd(fd) }.into()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let total = meminfo("HugePages_Total:").unwrap_or(0);
        let _ = fs::write(POOL, total.saturating_sub(self.added).to_string());
    }
}

fn nothing(why: &str) -> Option<Pool> {
    eprintln!("not checked: huge pages, for {why}");
    None
}

fn meminfo(name: &str) -> Option<usize> {
    number("/proc/meminfo", name)
}

/// The number after this name in a file of /proc.
fn number(file: &str, name: &str) -> Option<usize> {
    let text = fs::read_to_string(file).expect("/proc is mounted");
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
