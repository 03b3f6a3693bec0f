//! The auxiliary vector: what the kernel tells a new process about itself and
//! the machine, as pairs of words.

use super::prctl::prctl_get_auxv;
use super::start::Start;
use super::{RawFd, fs};
use crate::flags::{Mode, OpenFlags};

/// The value of `key` in the auxiliary vector.
pub(crate) fn value(key: usize) -> Option<usize> {
    if let Some(start) = Start::get() {
        return start.auxv().find(|&(found, _)| found == key).map(|(_, value)| value);
    }
    value_asked(key)
}

/// As [`value`], from the kernel in any case.
pub(crate) fn value_asked(key: usize) -> Option<usize> {
    let mut words = [0; 128];
    from_prctl(&mut words, key).or_else(|| from_proc(&mut words, key))
}

/// A value of an auxiliary vector that was read into words.
fn find(words: &[usize], key: usize) -> Option<usize> {
    let mut words = words.iter().copied();
    while let (Some(found), Some(value)) = (words.next(), words.next()) {
        match found {
            0 => return None,
            found if found == key => return Some(value),
            _ => {}
        }
    }
    None
}

fn from_prctl(words: &mut [usize; 128], key: usize) -> Option<usize> {
    prctl_get_auxv(words).ok()?;
    find(words, key)
}

fn from_proc(words: &mut [usize; 128], key: usize) -> Option<usize> {
    let flags = OpenFlags::RDONLY | OpenFlags::CLOEXEC;
    let fd = fs::open(c"/proc/self/auxv", flags, Mode::empty()).ok()?;
    let size = read_pairs(fd, words, key);
    // SAFETY: the descriptor is ours. Its close cannot fail in a way that matters.
    let _ = unsafe { fs::close(fd) };
    size
}

fn read_pairs(fd: RawFd, words: &mut [usize; 128], key: usize) -> Option<usize> {
    let length = size_of_val(words);
    // SAFETY: an array of words is an array of bytes, any of which is valid.
    let bytes = unsafe { core::slice::from_raw_parts_mut(words.as_mut_ptr().cast::<u8>(), length) };
    let read = fs::read(fd, bytes).ok()?;
    let words = words.get(..read / size_of::<usize>())?;
    find(words, key)
}
