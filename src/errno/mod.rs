//! What the kernel answers when it refuses: [`Errno`].

mod table;

use core::fmt::{self, Write};
use core::num::NonZeroIsize;

use crate::arch::Word;

/// The result of a system call.
pub type Result<T> = core::result::Result<T, Errno>;

/// The reason for which the kernel refused a call, one of 4,095 possible ones.
///
/// `Debug` prints its name, `Display` its name and text:
///
/// ```
/// use baremap::Errno;
/// assert_eq!(format!("{:?}", Errno::ENOENT), "ENOENT");
/// assert_eq!(Errno::ENOENT.to_string(), "ENOENT: No such file or directory");
/// ```
///
/// From 512 on they are the kernel's own, which no program is told of: to
/// `Display`, these are unknown.
///
/// It is one word with a niche, so that a `Result<(), Errno>` is one word too.
///
/// # References
///
/// [errno(3)](https://man7.org/linux/man-pages/man3/errno.3.html)
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
// The kernel's word as it came, -4095..=-1: keeping the sign saves each call
// the instruction that would turn it.
pub struct Errno(NonZeroIsize);

static_assertions::assert_eq_size!(Errno, Result<()>, usize);
static_assertions::assert_impl_all!(Errno: Copy, Send, Sync, core::error::Error);

impl Errno {
    /// The largest number that is an error: a result of -4095..=-1 is one,
    /// every other value is none.
    pub const MAX: i32 = 4095;

    /// The error of this number, as in `errno.h`; `None` outside 1..=4095.
    #[must_use]
    pub const fn from_raw(number: i32) -> Option<Self> {
        if number < 1 || number > Self::MAX {
            return None;
        }
        match NonZeroIsize::new(-(number as isize)) {
            Some(word) => Some(Self(word)),
            None => None,
        }
    }

    /// The number of this error, as in `errno.h`: 1..=4095.
    #[must_use]
    pub const fn raw(self) -> i32 {
        -(self.0.get() as i32)
    }

    /// The name of this error, such as `ENOENT`; `None` if Linux has no error
    /// of this number.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        table::entry(self).map(|(name, _)| name)
    }

    /// What this error means, in English; `None` as for [`name`](Self::name).
    #[must_use]
    pub fn text(self) -> Option<&'static str> {
        table::entry(self).map(|(_, text)| text)
    }
}

/// Tells the kernel's errors from its values, keeping a pointer's provenance.
#[inline(always)]
pub(crate) fn pointer(word: Word) -> Result<Word> {
    let number = word.addr() as isize;
    // One compare, since it is unsigned: errors are the topmost 4,095 words.
    if word.addr() > (-(Errno::MAX as isize) - 1) as usize {
        // SAFETY: a word above -4096 as unsigned is -4095..=-1, never 0.
        return Err(Errno(unsafe { NonZeroIsize::new_unchecked(number) }));
    }
    Ok(word)
}

/// Tells the kernel's errors from its values, for a call that returns a number.
#[inline(always)]
pub(crate) fn value(word: Word) -> Result<usize> {
    pointer(word).map(|word| word.addr())
}

/// Tells the kernel's errors from success, for a call that returns nothing.
#[inline(always)]
pub(crate) fn unit(word: Word) -> Result<()> {
    pointer(word).map(|_| ())
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => {
                f.write_str("Errno(")?;
                write_number(f, self.raw())?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((name, text)) = table::told(*self) else {
            f.write_str("unknown error ")?;
            return write_number(f, self.raw());
        };
        [name, ": ", text].into_iter().try_for_each(|part| f.write_str(part))
    }
}

/// Writes 1..=4095 in decimal. A program that prints no other number is spared
/// the 1.2 KB by which `core` prints any.
fn write_number(f: &mut fmt::Formatter<'_>, number: i32) -> fmt::Result {
    let mut place = 1000;
    while place > 0 {
        if number >= place {
            f.write_char(char::from(b'0' + (number / place % 10) as u8))?;
        }
        place /= 10;
    }
    Ok(())
}

impl core::error::Error for Errno {}

#[cfg(feature = "std")]
impl From<Errno> for std::io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.raw())
    }
}

/// Gives back an error that is not the kernel's.
#[cfg(feature = "std")]
impl TryFrom<std::io::Error> for Errno {
    type Error = std::io::Error;

    fn try_from(error: std::io::Error) -> core::result::Result<Self, std::io::Error> {
        error.raw_os_error().and_then(Self::from_raw).ok_or(error)
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::without_provenance_mut;

    use super::*;

    fn word(number: isize) -> Word {
        without_provenance_mut(number as usize)
    }

    #[test]
    fn only_the_topmost_4095_words_are_errors() {
        for number in [-1, -2, -4094, -4095] {
            assert_eq!(value(word(number)), Err(Errno::from_raw(-number as i32).unwrap()));
            assert_eq!(unit(word(number)).unwrap_err().raw(), -number as i32);
        }
        for number in [0, 1, 4095, -4096, -4097, isize::MIN, isize::MAX] {
            assert_eq!(value(word(number)), Ok(number as usize));
            assert_eq!(unit(word(number)), Ok(()));
            assert_eq!(pointer(word(number)), Ok(word(number)));
        }
    }
}
