//! Loads a static program and becomes it: the lecture's main use of private file
//! maps, done by hand.
//!
//! `loader PROGRAM [ARGUMENTS…]` maps the text and data of the file privately, where
//! the file wants them or, if it does not care, anywhere; fills in the zeros; prints
//! the segments, the highest first; builds the stack; and jumps. What the program
//! writes to its data never reaches the file. `loader --check PROGRAM` does all of it
//! but jump. What the headers say is believed only if it holds.

#![no_std]
#![no_main]

mod elf;
mod segments;
mod stack;

use core::ffi::CStr;
use core::fmt;

use baremap::rt::{Start, println};
use baremap::{Errno, File, Lossy, OpenFlags, OpenOptions, process, sys};
use elf::{ENTRY, Fault, HEADER, Header, Image, MOST, Malformed, Segment};
use stack::Stack;

baremap::entry!(main);

/// Keys of the auxiliary vector.
mod key {
    pub const PHDR: usize = 3;
    pub const PHENT: usize = 4;
    pub const PHNUM: usize = 5;
    pub const BASE: usize = 7;
    pub const ENTRY: usize = 9;
    pub const EXECFN: usize = 31;
}

fn main(start: Start) -> Result<(), Failure> {
    let mut arguments = start.args();
    arguments.next();
    let mut rest = arguments.clone();
    let only_checked = rest.next() == Some(c"--check");
    if only_checked {
        arguments = rest;
    }
    let path = arguments.clone().next().ok_or(Failure { path: c"PROGRAM", why: Why::Missing })?;
    let failed = |why| Failure { path, why };
    let program = Program::map(path).map_err(failed)?;
    program.show(path).map_err(failed)?;
    if only_checked { Ok(()) } else { program.start(path, arguments, start).map_err(failed) }
}

/// A program that is mapped, and not started yet.
struct Program {
    image: Image,
    base: *mut u8,
    page: u64,
}

impl Program {
    fn map(path: &CStr) -> Result<Self, Why> {
        let page = sys::page_size() as u64;
        // What is a pipe must not have us wait for who writes to it.
        let file = OpenOptions::new().read().flags(OpenFlags::NONBLOCK).open(path)?;
        let image = read(&file, page)?;
        let base = segments::map(&image, &file, page).map_err(|errno| match errno {
            Errno::EEXIST => Why::Taken(image.range(page)),
            errno => Why::Errno(errno),
        })?;
        // A map keeps its file: the program needs no descriptor.
        file.close()?;
        Ok(Self { image, base, page })
    }

    /// Where an address of the file's came to lie.
    fn at(&self, address: u64) -> *mut u8 {
        self.base.wrapping_add(address.wrapping_sub(self.image.range(self.page).0) as usize)
    }

    fn entry(&self) -> *mut u8 {
        self.at(self.image.header.entry)
    }

    /// Prints where it is.
    fn show(&self, path: &CStr) -> Result<(), Why> {
        let place = if self.image.header.fixed { "at its own addresses" } else { "anywhere" };
        println!("{}: {place}", Lossy(path))?;
        for segment in self.image.segments().iter().rev() {
            println!("{:#014x}  {}", self.at(segment.address).addr(), Shown(segment))?;
        }
        Ok(println!("{:#014x}  where it starts", self.entry().addr())?)
    }

    /// Becomes it.
    fn start(
        &self,
        path: &'static CStr,
        arguments: impl Iterator<Item = &'static CStr> + Clone,
        start: Start,
    ) -> Result<(), Why> {
        // Where no segment has the headers, the program is told that there are none.
        let headers = self.image.headers().map(|address| self.at(address));
        let auxiliary = start.auxv().map(|(key, value)| {
            let value = match key {
                key::PHDR => headers.map_or(0, <*mut u8>::expose_provenance),
                key::PHENT => ENTRY,
                key::PHNUM if headers.is_none() => 0,
                key::PHNUM => self.image.header.count,
                // Where the interpreter would be.
                key::BASE => 0,
                key::ENTRY => self.entry().addr(),
                key::EXECFN => path.as_ptr().expose_provenance(),
                // The page size, the machine's abilities, the vdso, random bytes …
                _ => value,
            };
            (key, value)
        });
        let mut stack = Stack::new();
        let stack = stack.fill(arguments, start.env(), auxiliary)?;
        // SAFETY: the program is mapped whole and starts there, in code; the stack is
        // filled, and aligned; there is one thread, which has set no handler.
        unsafe { process::jump_to(self.entry(), stack) }
    }
}

/// Reads the headers, into memory that nobody changes behind our back.
fn read(file: &File, page: u64) -> Result<Image, Why> {
    let mut bytes = [0; HEADER];
    if fill(file, &mut bytes, 0)? < HEADER {
        return Err(Fault::EndsInHeader.into());
    }
    let header = Header::read(&bytes, elf::machine(own_header()))?;
    let mut table = [0; MOST * ENTRY];
    let table = table.get_mut(..header.count * ENTRY).unwrap_or_default();
    let length = file.len()?;
    if header.table > length || fill(file, table, header.table)? < table.len() {
        return Err(Fault::EndsInTable.into());
    }
    Ok(Image::read(header, table, length, page)?)
}

/// Reads bytes from one place on, as many as there are.
fn fill(file: &File, bytes: &mut [u8], from: u64) -> Result<usize, Errno> {
    let mut done = 0;
    loop {
        match file.read_at(bytes.get_mut(done..).unwrap_or_default(), from + done as u64)? {
            0 => return Ok(done),
            read => done += read,
        }
    }
}

/// This program's own header, which says what machine this is.
fn own_header() -> &'static [u8; HEADER] {
    unsafe extern "C" {
        #[link_name = "__ehdr_start"]
        static HEADER_OF_THIS: [u8; HEADER];
    }
    // SAFETY: the linker's script has it mapped, read-only.
    unsafe { &HEADER_OF_THIS }
}

/// A segment as a line.
struct Shown<'a>(&'a Segment);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Segment { in_memory, in_file, writable, executable, .. } = *self.0;
        f.write_str(match (writable, executable, in_file) {
            (_, true, _) => "r-x  text:",
            (true, _, 0) => "rw-  bss:",
            (true, ..) => "rw-  data:",
            _ => "r--  constants:",
        })?;
        if in_file != 0 {
            write!(f, " {in_file} bytes of the file")?;
        }
        if in_memory > in_file {
            let and = if in_file != 0 { ", then" } else { "" };
            write!(f, "{and} {} zeros", in_memory - in_file)?;
        }
        Ok(())
    }
}

/// Why a program is not loaded.
struct Failure {
    path: &'static CStr,
    why: Why,
}

enum Why {
    Errno(Errno),
    Malformed(Malformed),
    Missing,
    Taken((u64, u64)),
}

impl From<Errno> for Why {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl<M: Into<Malformed>> From<M> for Why {
    fn from(malformed: M) -> Self {
        Self::Malformed(malformed.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", Lossy(self.path))?;
        match self.why {
            Why::Errno(errno) => errno.fmt(f),
            Why::Malformed(malformed) => malformed.fmt(f),
            Why::Missing => f.write_str("no program is named"),
            Why::Taken((start, end)) => {
                write!(f, "{start:#x} to {end:#x} is not free: something of this process is there")
            }
        }
    }
}
