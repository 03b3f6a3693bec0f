//! The operations: numbers that choose among what is there at that moment.

use std::ops::Bound;

use baremap::sys::page_size;
use baremap::{Advice, UncheckedAdvice};

use super::held::Bounds;
use super::naive::Mapped;

/// A position in a map, or a length.
#[derive(Clone, Copy, Debug)]
pub enum Position {
    /// So many bytes from the start of a page.
    Page(u8, i8),
    Byte(u32),
    /// So many bytes before the end of the address space.
    Far(u32),
}

impl Position {
    /// In a map of so many bytes, with some before it on its first page.
    pub fn of(self, length: usize, head: usize, unit: usize) -> usize {
        match self {
            Self::Page(page, more) => {
                let pages = (head + length).div_ceil(unit);
                let place = usize::from(page) % (pages + 2) * unit;
                place.saturating_sub(head).saturating_add_signed(more.into())
            }
            // Inside a huge page it is pages that matter.
            Self::Byte(byte) if unit > page_size() => {
                byte as usize % (length / page_size() + 2) * page_size()
            }
            Self::Byte(byte) => byte as usize % (length + 2),
            Self::Far(less) => usize::MAX - less as usize,
        }
    }

    pub fn inside(self, map: &Mapped) -> usize {
        self.of(map.length, map.head, map.unit)
    }
}

/// A range, which may be wrong.
#[derive(Clone, Copy, Debug)]
pub struct Span(pub Bound<Position>, pub Bound<Position>);

impl Span {
    pub fn of(self, map: &Mapped) -> Bounds {
        (self.0.map(|position| position.inside(map)), self.1.map(|position| position.inside(map)))
    }
}

/// What is made.
#[derive(Clone, Copy, Debug)]
pub enum What {
    Anon,
    Map,
    MapMut,
    MapCopy,
    MapCopyReadOnly,
    MapExec,
    MapRaw,
    MapRawReadOnly,
}

#[derive(Clone, Copy, Debug)]
pub enum Where {
    Anywhere,
    Hint(u16),
    Fixed(u16),
    FixedWithinAPage(u16),
    Aligned(u8),
    AlignedBadly,
}

#[derive(Clone, Copy, Debug)]
pub struct Create {
    pub what: What,
    pub file: u8,
    /// Whether the file is open for reading only.
    pub read_only: bool,
    pub private: bool,
    /// From any byte of the file on.
    pub window: bool,
    pub offset: Position,
    pub length: Option<Position>,
    pub place: Where,
    pub populate: bool,
    pub no_reserve: bool,
    pub locked: bool,
    pub stack: bool,
}

/// A change of rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    ReadOnly,
    Exec,
    ExecMut,
    Mut,
    MutUnchecked,
    Guard,
    Raw,
}

/// What is asked of the kernel about a range.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    Flush,
    FlushAsync,
    Invalidate,
    Prefetch,
    Advise(Advice),
    Unchecked(UncheckedAdvice),
    Unlock,
}

#[derive(Clone, Copy, Debug)]
pub enum Operation {
    Create(Create),
    SharedAnon {
        pages: u8,
        place: Where,
    },
    Huge {
        pages: u8,
    },
    Write {
        map: u8,
        at: u32,
        length: u16,
        byte: u8,
    },
    Call {
        map: u8,
        call: Call,
        span: Span,
    },
    CallAll {
        map: u8,
        call: Call,
    },
    Lock {
        map: u8,
        span: Option<Span>,
        on_fault: bool,
    },
    Residency {
        map: u8,
        buffer: u8,
    },
    Discard {
        map: u8,
        span: Span,
    },
    Protect {
        map: u8,
        span: Span,
        rights: u8,
    },
    Split {
        map: u8,
        at: Position,
        off: bool,
    },
    /// With its neighbour, if it has one and there is no other.
    Join {
        first: u8,
        second: Option<u8>,
    },
    Shrink {
        map: u8,
        length: Position,
    },
    Resize {
        map: u8,
        length: Position,
        may_move: bool,
    },
    Turn {
        map: u8,
        turn: Turn,
    },
    IntoRawAndBack {
        map: u8,
    },
    IntoPages {
        map: u8,
    },
    Unmap {
        map: u8,
    },
    Drop {
        map: u8,
    },
    Divide {
        piece: u8,
        at: Position,
    },
    Commit {
        piece: u8,
    },
    /// A map into a piece as long, if there is no other.
    Place {
        map: u8,
        piece: Option<u8>,
    },
    IntoPiece {
        map: u8,
    },
}
