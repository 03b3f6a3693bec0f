//! What the kernel tells of a map's pages, in `/proc/PID/smaps`.

use core::fmt;
use core::ops::{AddAssign, Range};

use baremap::sys::process::Pid;
use baremap::{CPathBuf, Errno, File, MapAnon, sys};

/// Pages of a map that are in memory.
#[derive(Clone, Copy, Default)]
pub struct Pages {
    /// Those that another process has mapped, too, or another map.
    pub shared: usize,
    /// Those that this map alone has.
    pub own: usize,
    /// Those of both that were written to, and not yet to the file.
    pub dirty: usize,
}

impl AddAssign for Pages {
    fn add_assign(&mut self, other: Self) {
        self.shared += other.shared;
        self.own += other.own;
        self.dirty += other.dirty;
    }
}

/// The pages that a process has in this range of addresses.
pub fn pages(pid: Pid, range: Range<usize>) -> Result<Pages, Errno> {
    let mut memory = MapAnon::new(1 << 16)?;
    let length = memory.read_to_end(&File::open(path(pid)?.as_c_str())?)?;
    let text =
        memory.get(..length).and_then(|bytes| core::str::from_utf8(bytes).ok()).ok_or(Errno::EILSEQ)?;

    let (mut within, mut pages) = (false, Pages::default());
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        // A line of a map begins with its addresses; below it are its figures.
        if let Some((start, end)) = first.split_once('-') {
            within = hexadecimal(start) >= range.start && hexadecimal(end) <= range.end;
        } else if within {
            let kilobytes: usize = words.next().and_then(|number| number.parse().ok()).unwrap_or(0);
            pages += figure(first, kilobytes * 1024 / sys::page_size());
        }
    }
    Ok(pages)
}

fn figure(name: &str, count: usize) -> Pages {
    match name {
        "Shared_Clean:" => Pages { shared: count, ..Pages::default() },
        "Shared_Dirty:" => Pages { shared: count, dirty: count, ..Pages::default() },
        "Private_Clean:" => Pages { own: count, ..Pages::default() },
        "Private_Dirty:" => Pages { own: count, dirty: count, ..Pages::default() },
        _ => Pages::default(),
    }
}

fn hexadecimal(word: &str) -> usize {
    usize::from_str_radix(word, 16).unwrap_or(0)
}

/// `/proc/PID/smaps`.
fn path(pid: Pid) -> Result<CPathBuf, Errno> {
    let mut path = *b"/proc/0000000000/smaps";
    let mut rest = pid.unsigned_abs();
    for place in path.iter_mut().skip(6).take(10).rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    // The kernel takes no zeros before a number.
    let digits = path.iter().skip(6).skip_while(|&&byte| byte == b'0');
    let mut short = [0; 32];
    let bytes = b"/proc/".iter().chain(digits);
    let length = short.iter_mut().zip(bytes).map(|(place, &byte)| *place = byte).count();
    CPathBuf::new(short.get(..length).unwrap_or_default())
}

/// So many pages of so many, as a picture.
pub struct Bar(pub usize, pub usize);

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.1).try_for_each(|number| f.write_str(if number < self.0 { "#" } else { "." }))
    }
}
