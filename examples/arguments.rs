//! The six arguments of mmap, each by what changes with it.

#![no_std]
#![no_main]

mod child;
mod scratch;
mod told;
mod touch;

use core::ptr::{null_mut, without_provenance_mut};

use baremap::process::ExitStatus;
use baremap::rt::println;
use baremap::sys::fs::pipe2;
use baremap::sys::mm::{mmap, munmap};
use baremap::{AsFd, Errno, File, MapFlags, OpenOptions, PipeFlags, Prot, sys};
use child::child;
use scratch::scratch;
use told::told;
use touch::touch;

baremap::entry!(main);

const READ: Prot = Prot::READ;
const BOTH: Prot = Prot::READ.union(Prot::WRITE);
const PRIVATE: MapFlags = MapFlags::PRIVATE;
const SHARED: MapFlags = MapFlags::SHARED;
const ANONYMOUS: MapFlags = MapFlags::PRIVATE.union(MapFlags::ANONYMOUS);
const FIXED: MapFlags = ANONYMOUS.union(MapFlags::FIXED_NOREPLACE);

fn main() -> Result<(), Errno> {
    let page = sys::page_size();
    // Two pages, which begin with an `a` and a `b`.
    let file = scratch(c"/tmp", b"a")?;
    file.write_all_at(b"b", page as u64)?;
    file.set_len(2 * page as u64)?;
    let fd = file.as_fd().as_raw_fd();
    addr(page)?;
    len(page)?;
    prot(page)?;
    flags(&file)?;
    descriptor(fd)?;
    offset(fd, page)
}

/// The call, with its arguments as the lecture has them.
fn map(
    addr: *mut u8,
    len: usize,
    prot: Prot,
    flags: MapFlags,
    fd: i32,
    offset: u64,
) -> Result<*mut u8, Errno> {
    // SAFETY: nobody passes FIXED, so nothing is replaced.
    unsafe { mmap(addr, len, prot, flags, fd, offset) }
}

fn addr(page: usize) -> Result<(), Errno> {
    let [one, two] =
        [map(null_mut(), 1, BOTH, ANONYMOUS, -1, 0)?, map(null_mut(), 1, BOTH, ANONYMOUS, -1, 0)?];
    let at_pages = one.addr() % page == 0 && two.addr() % page == 0;
    println!("1. addr")?;
    println!(
        "null, twice:               {}, {}",
        distinct(one, two),
        if at_pages { "each at a page" } else { "odd" }
    )?;
    // SAFETY: nothing is in it.
    unsafe { munmap(two, 1) }?;
    println!("a free place:              {}", placed(map(two, 1, BOTH, ANONYMOUS, -1, 0)?, two))?;
    println!("a taken place:             {}", placed(map(one, 1, BOTH, ANONYMOUS, -1, 0)?, one))?;
    println!("a taken place, and fixed:  {}", told(map(one, 1, BOTH, FIXED, -1, 0)))?;
    let odd = without_provenance_mut(one.addr() + 1);
    println!("within a page, and fixed:  {}", told(map(odd, 1, BOTH, FIXED, -1, 0)))
}

fn len(page: usize) -> Result<(), Errno> {
    let one = map(null_mut(), 1, BOTH, ANONYMOUS, -1, 0)?;
    println!("2. len")?;
    println!("1, the last of the page:   {}", touch(one.wrapping_add(page - 1))?)?;
    println!("0:                         {}", told(map(null_mut(), 0, BOTH, ANONYMOUS, -1, 0)))?;
    println!(
        "all addresses there are:   {}",
        told(map(null_mut(), usize::MAX - page, BOTH, ANONYMOUS, -1, 0))
    )
}

fn prot(page: usize) -> Result<(), Errno> {
    println!("3. prot")?;
    for (name, prot) in [("NONE:      ", Prot::NONE), ("READ:      ", READ), ("READ|WRITE:", BOTH)] {
        let start = map(null_mut(), page, prot, ANONYMOUS, -1, 0)?;
        println!("{name}                a load {}, a store {}", touch(start)?, store(start, b'!')?)?;
    }
    let program = File::open(c"/proc/self/exe")?;
    let reading = program.as_fd().as_raw_fd();
    println!(
        "READ|EXEC of a program:    {}",
        told(map(null_mut(), page, READ | Prot::EXEC, PRIVATE, reading, 0))
    )?;
    println!("WRITE, open to read:       {}", told(map(null_mut(), 1, BOTH, SHARED, reading, 0)))?;
    println!("the same, private:         {}", told(map(null_mut(), 1, BOTH, PRIVATE, reading, 0)))
}

fn flags(file: &File) -> Result<(), Errno> {
    let fd = file.as_fd().as_raw_fd();
    println!("4. flags")?;
    for (name, flags, letter) in
        [("PRIVATE, a store of p:", PRIVATE, b'p'), ("SHARED, a store of s: ", SHARED, b's')]
    {
        store(map(null_mut(), 1, BOTH, flags, fd, 0)?, letter)?;
        let mut byte = [0];
        file.read_at(&mut byte, 0)?;
        println!("{name}     the file has {}", char::from(byte[0]))?;
    }
    file.write_all_at(b"a", 0)?;
    println!("neither:                   {}", told(map(null_mut(), 1, BOTH, MapFlags::empty(), fd, 0)))
}

fn descriptor(fd: i32) -> Result<(), Errno> {
    println!("5. fd")?;
    println!("of the file:               {}", first(map(null_mut(), 1, READ, PRIVATE, fd, 0)?))?;
    println!("-1, and anonymous:         {}", first(map(null_mut(), 1, READ, ANONYMOUS, -1, 0)?))?;
    println!("99, and anonymous:         {}", first(map(null_mut(), 1, READ, ANONYMOUS, 99, 0)?))?;
    println!("-1, and not:               {}", told(map(null_mut(), 1, READ, PRIVATE, -1, 0)))?;
    let (pipe, _) = pipe2(PipeFlags::CLOEXEC)?;
    println!("of a pipe:                 {}", told(map(null_mut(), 1, READ, PRIVATE, pipe, 0)))?;
    let writing = OpenOptions::new().write().open(c"/dev/null")?;
    println!(
        "open to write alone:       {}",
        told(map(null_mut(), 1, READ, PRIVATE, writing.as_fd().as_raw_fd(), 0))
    )
}

fn offset(fd: i32, page: usize) -> Result<(), Errno> {
    println!("6. offset")?;
    println!("0:                         {}", first(map(null_mut(), 1, READ, PRIVATE, fd, 0)?))?;
    println!("a page:                    {}", first(map(null_mut(), 1, READ, PRIVATE, fd, page as u64)?))?;
    println!("1:                         {}", told(map(null_mut(), 1, READ, PRIVATE, fd, 1)))?;
    println!("1, and anonymous:          {}", told(map(null_mut(), 1, READ, ANONYMOUS, -1, 1)))?;
    let past = map(null_mut(), 1, READ, PRIVATE, fd, 2 * page as u64)?;
    println!("past the end, a load:      {}", touch(past)?)
}

fn distinct(one: *mut u8, two: *mut u8) -> &'static str {
    if one == two { "one place" } else { "two places" }
}

fn placed(start: *mut u8, wanted: *mut u8) -> &'static str {
    if start == wanted { "there" } else { "elsewhere" }
}

/// The first byte of a map, as a letter.
fn first(start: *mut u8) -> char {
    // SAFETY: the map has at least one byte, of the file or a zero.
    match unsafe { start.read_volatile() } {
        0 => '0',
        byte => byte.into(),
    }
}

/// How a child ends that stores this byte.
fn store(at: *mut u8, byte: u8) -> Result<ExitStatus, Errno> {
    // SAFETY: a byte that may not be written ends the child, which is the question.
    child(|| unsafe { at.write_volatile(byte) })
}
