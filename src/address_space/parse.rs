//! A line of /proc/PID/maps, taken apart: text in, values out.
//!
//! ```text
//! 7f1c2a000000-7f1c2a021000 rw-p 00000000 08:01 1234      /tmp/a file (deleted)
//! start        end          prot offset   device inode    name
//! ```

use super::{Device, Mapping, Name, Sharing};
use crate::flags::Prot;

/// The mapping that a line is about, if it is about one.
pub(super) fn mapping(line: &[u8]) -> Option<Mapping<'_>> {
    let mut rest = Rest(line);
    let start = rest.address()?;
    rest.byte(b'-')?;
    let end = rest.address().filter(|&end| end > start)?;
    rest.byte(b' ')?;
    let mut prot = Prot::NONE;
    for (letter, right) in [(b'r', Prot::READ), (b'w', Prot::WRITE), (b'x', Prot::EXEC)] {
        prot.set(right, rest.either(letter, b'-')? == letter);
    }
    let sharing = if rest.either(b's', b'p')? == b's' { Sharing::Shared } else { Sharing::Private };
    rest.byte(b' ')?;
    let offset = rest.number(16)?;
    rest.byte(b' ')?;
    let major = rest.number(16)?.try_into().ok()?;
    rest.byte(b':')?;
    let minor = rest.number(16)?.try_into().ok()?;
    rest.byte(b' ')?;
    let inode = rest.number(10)?;
    let name = rest.after_spaces()?;
    let (device, name) = (Device { major, minor }, Name::in_text(name));
    Some(Mapping { start, end, prot, sharing, offset, device, inode, name })
}

/// A figure of /proc/PID/smaps: its name, and its value in bytes if it is a size.
pub(super) fn figure(line: &[u8]) -> Option<(&[u8], Option<u64>)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    let Some(value) = value.strip_suffix(b" kB") else {
        return Some((name, None));
    };
    let mut rest = Rest(value.get(1..)?.trim_ascii_start());
    let kilobytes = rest.number(10)?;
    if !rest.0.is_empty() {
        return None;
    }
    Some((name, Some(kilobytes.checked_mul(1024)?)))
}

/// What of a line has yet to be read. Each step is `None` where it does not fit.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn byte(&mut self, wanted: u8) -> Option<()> {
        self.either(wanted, wanted).map(drop)
    }

    fn either(&mut self, one: u8, other: u8) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte).filter(|&byte| byte == one || byte == other)
    }

    /// A number without sign, of as many digits as there are.
    fn number(&mut self, radix: u32) -> Option<u64> {
        let mut number = None;
        while let Some((&byte, rest)) = self.0.split_first() {
            let Some(digit) = char::from(byte).to_digit(radix) else { break };
            number = Some(number.unwrap_or(0_u64).checked_mul(radix.into())?.checked_add(digit.into())?);
            self.0 = rest;
        }
        number
    }

    fn address(&mut self) -> Option<usize> {
        self.number(16)?.try_into().ok()
    }

    /// What follows the spaces that must be here, if anything does.
    fn after_spaces(self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return Some(self.0);
        }
        let spaces = self.0.iter().position(|&byte| byte != b' ').unwrap_or(self.0.len());
        self.0.get(spaces..).filter(|_| spaces > 0)
    }
}
