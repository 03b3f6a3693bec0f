//! The smallest system: a PID 1 that runs every program in /tests, one after
//! the other in the order of their names, says how each ended, and switches the
//! machine off. A word `NAME=value` of the kernel's command line is in their
//! environment.

#![no_std]
#![no_main]

mod named;

use core::ffi::CStr;
use core::ptr::null;

use baremap::process::{self, ExitStatus, Fork};
use baremap::rt::{Start, println};
use baremap::sys::fs::{self, Whence};
use baremap::sys::process::Pid;
use baremap::sys::system::{self, Reboot};
use baremap::{AsFd, CPathBuf, Errno, File, Lossy, MountFlags, OpenFlags, OpenOptions, WaitFlags, sys};
use named::{Named, Of};

baremap::entry!(main);

const TESTS: &CStr = c"/tests";

fn main(start: Start) -> Result<(), Named> {
    if sys::process::getpid() != 1 {
        return Err(Errno::EPERM).of(c"only PID 1 may run this");
    }
    // Before it mounts: a PID 1 without tests is that of a container, where it
    // would mount over what others use.
    let tests = open_tests().of(TESTS)?;
    let verdict = mount_all().and_then(|()| run_all(&tests, start));
    let said = match verdict {
        Ok((passed, failed)) => println!("init: {passed} passed, {failed} failed"),
        Err(error) => println!("init: {error}"),
    };
    // An end of PID 1 is a panic of the kernel, so this comes last, whatever
    // went wrong before.
    system::reboot(Reboot::PowerOff).of(c"reboot")?;
    said.of(named::OUTPUT)
}

/// Mounts what programs expect. The kernel may have mounted /dev already.
fn mount_all() -> Result<(), Named> {
    for (kind, place) in [(c"proc", c"/proc"), (c"devtmpfs", c"/dev"), (c"tmpfs", c"/tmp")] {
        match system::mount(kind, place, kind, MountFlags::NOSUID, c"") {
            Err(Errno::EBUSY) => {}
            result => result.of(place)?,
        }
    }
    Ok(())
}

fn open_tests() -> Result<File, Errno> {
    OpenOptions::new().read().flags(OpenFlags::DIRECTORY).open(TESTS)
}

/// Runs every test; returns how many passed and how many failed.
fn run_all(tests: &File, start: Start) -> Result<(u32, u32), Named> {
    let (mut passed, mut failed) = (0, 0);
    let mut last = Name::FIRST;
    while let Some(name) = next_name(tests, &last).of(TESTS)? {
        let path = name.path().of(TESTS)?;
        let status = run(&path, start).of(c"fork")?;
        println!("init: {}: {status}", Lossy(&path)).of(named::OUTPUT)?;
        if status.success() {
            passed += 1;
        } else {
            failed += 1;
        }
        last = name;
    }
    Ok((passed, failed))
}

/// The name of a file: at most 255 bytes on Linux.
#[derive(Clone, Copy)]
struct Name {
    bytes: [u8; 256],
    length: usize,
}

impl Name {
    /// Before every other.
    const FIRST: Self = Self { bytes: [0; 256], length: 0 };

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    fn path(&self) -> Result<CPathBuf, Errno> {
        let mut path = [0; 512];
        let directory = TESTS.to_bytes();
        let parts = [directory, b"/", self.as_bytes()];
        let bytes = parts.iter().flat_map(|part| part.iter());
        let length = path.iter_mut().zip(bytes).map(|(place, &byte)| *place = byte).count();
        CPathBuf::new(path.get(..length).unwrap_or(&[]))
    }
}

/// The first name after `last`. There is nowhere to keep them sorted, so the
/// directory is read again for each.
fn next_name(directory: &File, last: &Name) -> Result<Option<Name>, Errno> {
    let fd = directory.as_fd().as_raw_fd();
    fs::lseek(fd, 0, Whence::Set)?;
    let mut found: Option<Name> = None;
    let mut buffer = [0; 4096];
    loop {
        let read = fs::getdents64(fd, &mut buffer)?;
        if read == 0 {
            return Ok(found);
        }
        for entry in fs::directory_entries(buffer.get(..read).unwrap_or(&[])) {
            let bytes = entry.name.to_bytes();
            let later = bytes > last.as_bytes() && !bytes.starts_with(b".");
            let nearer = found.as_ref().is_none_or(|found| bytes < found.as_bytes());
            if later && nearer {
                let mut name = Name { length: bytes.len(), ..Name::FIRST };
                name.bytes.iter_mut().zip(bytes).for_each(|(place, &byte)| *place = byte);
                found = Some(name);
            }
        }
    }
}

/// Runs a program to its end, with our environment.
fn run(path: &CStr, start: Start) -> Result<ExitStatus, Errno> {
    // SAFETY: there is one thread, and nothing is shared.
    match unsafe { process::fork() }? {
        Fork::Child => {
            let arguments = [path.as_ptr(), null()];
            // SAFETY: both lists end with a null pointer.
            let refused = unsafe { sys::process::execve(path, arguments.as_ptr(), start.env().as_ptr()) };
            let _ = refused.inspect_err(|errno| {
                let _ = println!("init: {}: {errno}", Lossy(path));
            });
            process::exit(127)
        }
        Fork::Parent(child) => reap_until(child.pid()),
    }
}

/// Waits for whatever ends, since orphans become ours, until `pid` has.
fn reap_until(pid: Pid) -> Result<ExitStatus, Errno> {
    loop {
        match sys::process::wait4(-1, WaitFlags::empty()) {
            Ok((ended, status)) if ended == pid => return Ok(ExitStatus::from_raw(status)),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}
