//! The picture as text, as wide as the terminal.

use core::fmt::{self, Write};

use baremap::Errno;
use baremap::rt::{print, println};

use crate::line::Line;
use crate::regions::{Kind, Region, Regions};

/// How the text is drawn.
#[derive(Clone, Copy)]
pub struct Style {
    /// How wide, in columns.
    pub columns: usize,
    /// Whether in colour.
    pub colour: Colour,
}

/// Whether escape sequences are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Plain,
    Ansi,
}

/// The columns that sizes and rights take, beside the box.
const FIGURES: usize = 22;
/// How wide a box gets at most, and from which width remarks stand beside it.
const WIDEST: usize = 52;
const WIDE: usize = 130;

/// Draws the parts from the top down:
///
/// ```text
/// address ┌ box ┐ size  rights  remark, where there is room
/// ```
pub fn draw(regions: &Regions, style: Style) -> Result<(), Errno> {
    let highest = regions.top_down().next().map_or(0, |region| region.end);
    let digits = hexadecimal_digits(highest);
    let inner = style.columns.saturating_sub(digits + FIGURES + 6).clamp(24, WIDEST);
    let page = Page { digits, inner, style };
    let mut above: Option<Kind> = None;
    for region in regions.top_down() {
        page.border(region.end, above, Some(region.kind))?;
        page.body(&region)?;
        above = Some(region.kind);
    }
    page.border(0, above, None)
}

struct Page {
    digits: usize,
    inner: usize,
    style: Style,
}

impl Page {
    /// The line between two parts, with the address that they meet at.
    fn border(&self, address: usize, above: Option<Kind>, below: Option<Kind>) -> Result<(), Errno> {
        let (left, right) = match (above, below) {
            (None, _) => ('┌', '┐'),
            (_, None) => ('└', '┘'),
            _ => ('├', '┤'),
        };
        println!("{:>width$x} {left}{}{right}", address, Repeat('─', self.inner + 2), width = self.digits)
    }

    fn body(&self, region: &Region) -> Result<(), Errno> {
        let beside = self.style.columns >= WIDE;
        let remark = region.remark.as_str();
        let room = if beside {
            self.style.columns.saturating_sub(self.digits + self.inner + FIGURES + 7)
        } else {
            0
        };
        let figures = Line::new(format_args!("{:>9} {}", region.size(), region.rights().as_str()));
        let (first, mut rest) = if beside { wrap(remark, room) } else { ("", remark) };
        self.row(side(region.kind), region.kind, [region.label.as_str(), figures.as_str(), first])?;
        while !rest.is_empty() {
            let (line, after) = wrap(rest, if beside { room } else { self.inner - 2 });
            rest = after;
            if beside {
                self.row(side(region.kind), region.kind, ["", "", line])?;
            } else {
                self.remark(region.kind, line)?;
            }
        }
        if region.kind.is_gap() {
            return self.row('≈', region.kind, ["", "", ""]);
        }
        // More rows for what is a thousand times larger, and for that again.
        let size = region.end - region.start;
        let rows = usize::from(size >> 20 > 0) + usize::from(size >> 30 > 0);
        (0..rows).try_for_each(|_| self.row('│', region.kind, ["", "", ""]))
    }

    /// A row of a part: between its sides the label, beside them figures and remark.
    fn row(&self, side: char, kind: Kind, [label, figures, remark]: [&str; 3]) -> Result<(), Errno> {
        let label = cut(label, self.inner);
        let pad = Repeat(' ', self.inner - label.chars().count());
        let (on, off) = (self.on(kind), self.off());
        print!("{:width$} {side} {on}{label}{off}{pad} {side}", "", width = self.digits)?;
        match (figures, remark) {
            ("", "") => println!(""),
            (_, "") => println!(" {}", figures.trim_end()),
            _ => println!(" {figures:<FIGURES$} {}{remark}{off}", self.dim()),
        }
    }

    /// A row of a remark inside the box.
    fn remark(&self, kind: Kind, text: &str) -> Result<(), Errno> {
        let text = cut(text, self.inner - 2);
        let pad = self.inner - 2 - text.chars().count();
        let (dim, off, side) = (self.dim(), self.off(), side(kind));
        println!("{:width$} {side}   {dim}{text}{off}{} {side}", "", Repeat(' ', pad), width = self.digits)
    }

    fn on(&self, kind: Kind) -> &'static str {
        match (self.style.colour, kind) {
            (Colour::Plain, _) => "",
            (_, Kind::Kernel) => "\x1b[90m",
            (_, Kind::Arguments | Kind::Stack) => "\x1b[1;31m",
            (_, Kind::Mapping) => "\x1b[1;35m",
            (_, Kind::Heap) => "\x1b[1;33m",
            (_, Kind::Bss | Kind::Data) => "\x1b[1;32m",
            (_, Kind::Text | Kind::Constants) => "\x1b[1;34m",
            _ => "\x1b[2m",
        }
    }

    fn dim(&self) -> &'static str {
        if self.style.colour == Colour::Ansi { "\x1b[2m" } else { "" }
    }

    fn off(&self) -> &'static str {
        if self.style.colour == Colour::Ansi { "\x1b[0m" } else { "" }
    }
}

/// The side of a box: of what is empty, it is open.
fn side(kind: Kind) -> char {
    if kind.is_gap() { '┊' } else { '│' }
}

struct Repeat(char, usize);

impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.1).try_for_each(|_| f.write_char(self.0))
    }
}

/// The first so many characters.
fn cut(text: &str, most: usize) -> &str {
    let end = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or(text)
}

/// Divides a text where a line ends that has room for so many characters.
pub fn wrap(text: &str, most: usize) -> (&str, &str) {
    let line = cut(text, most);
    if line.len() == text.len() {
        return (text, "");
    }
    // The space that the line ends with may be the one behind it.
    let end = cut(text, most + 1).rfind(' ').unwrap_or(line.len());
    (text.get(..end).unwrap_or(text), text.get(end..).unwrap_or_default().trim_start())
}

fn hexadecimal_digits(address: usize) -> usize {
    (usize::BITS - address.leading_zeros()).div_ceil(4).max(8) as usize
}
