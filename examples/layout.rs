//! Draws an address space as the lecture does, from the top down: `layout [--svg] [PID]`,
//! this program's own if no process is named. It says, too, where the machine differs
//! from the lecture.
//!
//! On a terminal it is in colour unless `NO_COLOR` is set, and as wide as the terminal;
//! elsewhere `COLUMNS` tells, or it is 80. `--svg` writes a picture instead.

#![no_std]
#![no_main]

#[path = "layout/facts.rs"]
mod facts;
#[path = "layout/line.rs"]
mod line;
#[path = "layout/regions.rs"]
mod regions;
#[path = "layout/svg.rs"]
mod svg;
#[path = "layout/text.rs"]
mod text;

use core::fmt;
use core::ops::Range;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use baremap::memfd::Memfd;
use baremap::rt::{self, Start, println};
use baremap::sys::fs::ioctl;
use baremap::sys::mm::brk;
use baremap::sys::process::{Pid, getpid};
use baremap::{Errno, File, Map, MapOptions, address_space};
use regions::Regions;
use text::{Colour, Style};

baremap::entry!(main);

/// Data that the program's file has, and data that it only says the size of.
static INITIALIZED: AtomicUsize = AtomicUsize::new(1);
static UNINITIALIZED: [AtomicU8; 1 << 16] = [const { AtomicU8::new(0) }; 1 << 16];

fn main(start: Start) -> Result<(), Failure> {
    let (picture, pid) = wanted(start)?;
    if let Some(pid) = pid {
        return draw(&Regions::read(Some(pid), 0..0)?, picture, pid);
    }
    // What the lecture has in its picture, and this program would not need.
    let heap = heap(33 << 12);
    let memory = Memfd::new(c"shared")?;
    memory.set_len(1 << 20)?;
    let shared = MapOptions::new().map_raw(&*memory)?;
    // SAFETY: whoever runs this is asked to let the program's file be meanwhile.
    let file = unsafe { Map::map(&File::open(c"/proc/self/exe")?) }?;
    INITIALIZED.store(start.args().count(), Ordering::Relaxed);
    UNINITIALIZED.iter().step_by(4096).for_each(|byte| byte.store(1, Ordering::Relaxed));

    let regions = Regions::read(None, heap.clone())?;
    draw(&regions, picture, getpid())?;
    if picture == Picture::Text {
        let local = 0_u8;
        println!("\nWhere this program's own things are:")?;
        for (what, address) in [
            ("argv[0]", start.args().next().map_or(0, |name| name.as_ptr().addr())),
            ("a local variable", (&raw const local).addr()),
            ("shared memory", shared.as_ptr().addr()),
            ("a file, mapped", file.as_ptr().addr()),
            ("what brk gave", heap.start),
            ("UNINITIALIZED", UNINITIALIZED.as_ptr().addr()),
            ("INITIALIZED", (&raw const INITIALIZED).addr()),
            ("main", (main as *const ()).addr()),
        ] {
            println!("  {what:20} {address:#x}")?;
        }
    }
    Ok(())
}

/// What is to be drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Picture {
    Text,
    Svg,
}

fn wanted(start: Start) -> Result<(Picture, Option<Pid>), Failure> {
    let (mut picture, mut pid) = (Picture::Text, None);
    for argument in start.args().skip(1) {
        match argument.to_str().unwrap_or_default() {
            "--svg" => picture = Picture::Svg,
            word => pid = Some(word.parse().map_err(|_| Failure::Usage)?),
        }
    }
    Ok((picture, pid))
}

fn draw(regions: &Regions, picture: Picture, pid: Pid) -> Result<(), Failure> {
    match picture {
        Picture::Svg => svg::draw(regions, format_args!("The address space of process {pid}"))?,
        Picture::Text => {
            println!("The address space of process {pid}, high addresses at the top\n")?;
            text::draw(regions, style())?;
        }
    }
    Ok(())
}

/// Makes a heap of so many bytes. The kernel may refuse; then it is empty.
fn heap(size: usize) -> Range<usize> {
    // SAFETY: it only asks.
    let start = unsafe { brk(null_mut()) };
    // SAFETY: it takes nothing away; there is no libc to have a heap.
    let end = unsafe { brk(start.wrapping_add(size)) };
    if start < end {
        // SAFETY: the kernel has just given it.
        unsafe { start.write(1) };
    }
    start.addr()..end.addr()
}

/// How standard output is to be drawn on.
fn style() -> Style {
    const TIOCGWINSZ: u32 = 0x5413;
    let mut size = [0_u16; 4];
    // SAFETY: the answer is four such numbers: rows, columns, and two in pixels.
    let terminal = unsafe { ioctl(1, TIOCGWINSZ, &raw mut size) }.is_ok();
    let number =
        || rt::var("COLUMNS").and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    let columns = if terminal { Some(size[1].into()) } else { number() };
    let coloured = terminal && rt::var("NO_COLOR").is_none_or(|value| value.is_empty());
    Style {
        columns: columns.filter(|&columns| columns > 0).unwrap_or(80),
        colour: if coloured { Colour::Ansi } else { Colour::Plain },
    }
}

/// Why there is no picture.
enum Failure {
    Usage,
    Unread(address_space::Error),
}

impl From<address_space::Error> for Failure {
    fn from(error: address_space::Error) -> Self {
        Self::Unread(error)
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::Unread(errno.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage => f.write_str("[--svg] [PID], and nothing else"),
            Self::Unread(error) => error.fmt(f),
        }
    }
}
