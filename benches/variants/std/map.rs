// The C library's calls that std does not have.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io::{Error, Result};
use std::os::fd::AsRawFd;

unsafe extern "C" {
    fn mmap(addr: *mut c_void, len: usize, prot: c_int, flags: c_int, fd: c_int, offset: i64) -> *mut c_void;
    fn munmap(addr: *mut c_void, len: usize) -> c_int;
    #[allow(dead_code)]
    pub fn msync(addr: *mut c_void, len: usize, flags: c_int) -> c_int;
    #[allow(dead_code)]
    pub fn fork() -> c_int;
    #[allow(dead_code)]
    pub fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
}

pub struct Map(pub *mut u8, pub usize);

impl Map {
    pub fn new(file: &File, length: usize, prot: c_int, flags: c_int) -> Result<Self> {
        // SAFETY: the kernel chooses where.
        let start = unsafe { mmap(std::ptr::null_mut(), length, prot, flags, file.as_raw_fd(), 0) };
        if start as isize == -1 { Err(Error::last_os_error()) } else { Ok(Self(start.cast(), length)) }
    }

    pub fn text(&self) -> &[u8] {
        // SAFETY: nobody changes the file meanwhile.
        let bytes = unsafe { std::slice::from_raw_parts(self.0, self.1) };
        bytes.split(|&byte| byte == 0).next().unwrap_or_default()
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: it is mapped, and nothing of it is lent.
        unsafe { munmap(self.0.cast(), self.1) };
    }
}
