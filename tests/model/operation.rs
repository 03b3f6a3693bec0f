//! The operations, as a strategy of proptest: numbers that choose among what is
//! there at that moment.

use std::ops::Bound;

use baremap::{Advice, UncheckedAdvice};
use proptest::prelude::*;

use super::held::{Bounds, Call, Turn};
use super::naive::{EXEC, Mapped, READ, WRITE};

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
            Self::Byte(byte) => byte as usize * (unit / 4096) % (length + 2),
            Self::Far(less) => usize::MAX - less as usize,
        }
    }

    pub fn inside(self, map: &Mapped) -> usize {
        self.of(map.length, map.head, map.unit)
    }
}

/// A range, which may be wrong.
#[derive(Clone, Copy, Debug)]
pub struct Span(Bound<Position>, Bound<Position>);

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

fn position() -> impl Strategy<Value = Position> {
    prop_oneof![
        12 => (any::<u8>(), -2..=2_i8).prop_map(|(page, more)| Position::Page(page, more)),
        12 => any::<u8>().prop_map(|page| Position::Page(page, 0)),
        8 => any::<u32>().prop_map(Position::Byte),
        1 => (0..10_000_u32).prop_map(Position::Far),
    ]
}

fn bound() -> impl Strategy<Value = Bound<Position>> {
    prop_oneof![
        4 => position().prop_map(Bound::Included),
        4 => position().prop_map(Bound::Excluded),
        2 => Just(Bound::Unbounded),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    (bound(), bound()).prop_map(|(start, end)| Span(start, end))
}

fn place() -> impl Strategy<Value = Where> {
    prop_oneof![
        2 => Just(Where::Anywhere),
        2 => any::<u16>().prop_map(Where::Hint),
        12 => any::<u16>().prop_map(Where::Fixed),
        1 => any::<u16>().prop_map(Where::FixedWithinAPage),
        2 => (0..22_u8).prop_map(Where::Aligned),
        1 => Just(Where::AlignedBadly),
    ]
}

fn create() -> impl Strategy<Value = Create> {
    let what = prop_oneof![
        6 => Just(What::Anon),
        2 => Just(What::Map),
        3 => Just(What::MapMut),
        2 => Just(What::MapCopy),
        1 => Just(What::MapCopyReadOnly),
        1 => Just(What::MapExec),
        2 => Just(What::MapRaw),
        1 => Just(What::MapRawReadOnly),
    ];
    let file = (any::<u8>(), prop::bool::weighted(0.15), any::<bool>(), any::<bool>());
    let part = (position(), prop::option::weighted(0.8, position()), place());
    let flags = (
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
    );
    (what, file, part, flags).prop_map(|(what, file, part, flags)| Create {
        what,
        file: file.0,
        read_only: file.1,
        private: file.2,
        window: file.3,
        offset: part.0,
        length: part.1,
        place: part.2,
        populate: flags.0,
        no_reserve: flags.1,
        locked: flags.2,
        stack: flags.3,
    })
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        2 => Just(Call::Flush),
        1 => Just(Call::FlushAsync),
        2 => Just(Call::Invalidate),
        2 => Just(Call::Prefetch),
        3 => Just(Call::Unlock),
        8 => prop::sample::select(&ADVICE[..]).prop_map(Call::Advise),
        5 => prop::sample::select(&UNCHECKED[..]).prop_map(Call::Unchecked),
    ]
}

const ADVICE: [Advice; 17] = [
    Advice::Normal,
    Advice::Random,
    Advice::Sequential,
    Advice::WillNeed,
    Advice::DoFork,
    Advice::Mergeable,
    Advice::Unmergeable,
    Advice::HugePage,
    Advice::NoHugePage,
    Advice::DontDump,
    Advice::DoDump,
    Advice::KeepOnFork,
    Advice::Cold,
    Advice::PageOut,
    Advice::PopulateRead,
    Advice::PopulateWrite,
    Advice::Collapse,
];

/// What takes something away that the model follows. `Free` takes it away when
/// the kernel pleases; the rest breaks pages.
const UNCHECKED: [UncheckedAdvice; 5] = [
    UncheckedAdvice::DontNeed,
    UncheckedAdvice::Remove,
    UncheckedAdvice::DontFork,
    UncheckedAdvice::WipeOnFork,
    UncheckedAdvice::DontNeedLocked,
];

fn turn() -> impl Strategy<Value = Turn> {
    prop::sample::select(
        &[Turn::ReadOnly, Turn::Exec, Turn::ExecMut, Turn::Mut, Turn::MutUnchecked, Turn::Guard, Turn::Raw][..],
    )
}

/// Operations on maps of pages, or of huge pages.
pub fn operation(huge: bool) -> BoxedStrategy<Operation> {
    let map = any::<u8>;
    let new = match huge {
        false => prop_oneof![
            20 => create().prop_map(Operation::Create),
            3 => (1..5_u8, place()).prop_map(|(pages, place)| Operation::SharedAnon { pages, place }),
        ]
        .boxed(),
        true => prop_oneof![
            2 => create().prop_map(Operation::Create),
            2 => (1..4_u8).prop_map(|pages| Operation::Huge { pages }),
        ]
        .boxed(),
    };
    let content = prop_oneof![
        4 => (map(), any::<u32>(), any::<u16>(), any::<u8>())
            .prop_map(|(map, at, length, byte)| Operation::Write { map, at, length, byte }),
        6 => (map(), call(), span()).prop_map(|(map, call, span)| Operation::Call { map, call, span }),
        1 => (map(), call()).prop_map(|(map, call)| Operation::CallAll { map, call }),
        3 => (map(), prop::option::weighted(0.7, span()), any::<bool>())
            .prop_map(|(map, span, on_fault)| Operation::Lock { map, span, on_fault }),
        1 => (map(), 0..4_u8).prop_map(|(map, buffer)| Operation::Residency { map, buffer }),
        3 => (map(), span()).prop_map(|(map, span)| Operation::Discard { map, span }),
    ];
    let rights = prop_oneof![
        6 => (map(), turn()).prop_map(|(map, turn)| Operation::Turn { map, turn }),
        2 => (map(), span(), prop::sample::select(&[0, READ, READ | WRITE, READ | EXEC, READ | WRITE | EXEC][..])).prop_map(|(map, span, rights)| Operation::Protect { map, span, rights }),
    ];
    let extent = prop_oneof![
        5 => (map(), position(), any::<bool>()).prop_map(|(map, at, off)| Operation::Split { map, at, off }),
        6 => (map(), prop::option::weighted(0.2, map())).prop_map(|(first, second)| Operation::Join { first, second }),
        3 => (map(), position()).prop_map(|(map, length)| Operation::Shrink { map, length }),
        5 => (map(), position(), any::<bool>())
            .prop_map(|(map, length, may_move)| Operation::Resize { map, length, may_move }),
    ];
    let owner = prop_oneof![
        1 => map().prop_map(|map| Operation::IntoRawAndBack { map }),
        2 => map().prop_map(|map| Operation::IntoPages { map }),
        1 => map().prop_map(|map| Operation::Unmap { map }),
        1 => map().prop_map(|map| Operation::Drop { map }),
    ];
    let reservation = prop_oneof![
        3 => (map(), position()).prop_map(|(piece, at)| Operation::Divide { piece, at }),
        3 => map().prop_map(|piece| Operation::Commit { piece }),
        3 => (map(), prop::option::weighted(0.2, map())).prop_map(|(map, piece)| Operation::Place { map, piece }),
        1 => map().prop_map(|map| Operation::IntoPiece { map }),
    ];
    let all = prop_oneof![
        6 => new,
        6 => content,
        4 => rights,
        4 => extent,
        1 => owner,
    ];
    if huge { all.boxed() } else { prop_oneof![6 => all, 1 => reservation].boxed() }
}
