//! Which operations there are, and how often.

use std::ops::Bound;

use baremap::{Advice, UncheckedAdvice};
use proptest::prelude::*;

use super::naive::{EXEC, READ, WRITE};
use super::operation::{Call, Create, Operation, Position, Span, Turn, What, Where};

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

pub const ADVICE: [Advice; 17] = [
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
pub const UNCHECKED: [UncheckedAdvice; 5] = [
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
