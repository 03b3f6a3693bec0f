//! Short texts without allocation.

use core::fmt::{self, Write};

/// A text of up to 120 bytes. What does not fit is left out.
#[derive(Clone, Copy)]
pub struct Line {
    bytes: [u8; 120],
    used: usize,
}

impl Line {
    pub const EMPTY: Self = Self { bytes: [0; 120], used: 0 };

    pub fn new(text: fmt::Arguments<'_>) -> Self {
        let mut line = Self::EMPTY;
        let _ = line.write_fmt(text);
        line
    }

    pub fn as_str(&self) -> &str {
        self.bytes.get(..self.used).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let room = self.bytes.get_mut(self.used..).unwrap_or_default();
            if room.len() < character.len_utf8() {
                break;
            }
            self.used += character.encode_utf8(room).len();
        }
        Ok(())
    }
}

/// Bytes as text: what is none, or would move the cursor, becomes U+FFFD.
pub struct Shown<'a>(pub &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                f.write_char(if character.is_control() { char::REPLACEMENT_CHARACTER } else { character })?;
            }
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

/// A number of bytes, rounded down to three digits at most before its unit.
pub struct Size(pub usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut whole, mut rest) = (self.0, 0);
        for unit in ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
            if whole < 1024 {
                let tenth = rest * 10 / 1024;
                return match (whole, tenth) {
                    (0..10, 1..) => f.pad(Line::new(format_args!("{whole}.{tenth} {unit}")).as_str()),
                    _ => f.pad(Line::new(format_args!("{whole} {unit}")).as_str()),
                };
            }
            (whole, rest) = (whole / 1024, whole % 1024);
        }
        Ok(())
    }
}
