//! A map of any type, as one type: its operations, where the type has them.

use std::ops::Bound;

use baremap::map::{
    Access, Anon, Committed, Exec, HugeAnon, NoAccess, Pages, Piece, Placed, Raw, Read, Window, Write,
    WriteExec,
};
use baremap::{LockError, Map, Prot, Refused, Result};

use super::operation::{Call, Turn};

pub type Bounds = (Bound<usize>, Bound<usize>);

/// What an operation gives that consumes the map.
pub type Outcome<'r, T> = std::result::Result<T, Refused<Any<'r>>>;

#[derive(Debug)]
pub enum Held<'r, A: Access> {
    Anon(Map<A, Anon>),
    Huge(Map<A, HugeAnon>),
    Pages(Map<A, Pages>),
    Window(Map<A, Window>),
    Committed(Map<A, Committed<'r>>),
    Placed(Map<A, Placed<'r>>),
}

#[derive(Debug)]
pub enum Any<'r> {
    Read(Held<'r, Read>),
    Write(Held<'r, Write>),
    Exec(Held<'r, Exec>),
    WriteExec(Held<'r, WriteExec>),
    Raw(Held<'r, Raw>),
    NoAccess(Held<'r, NoAccess>),
}

/// What the memory of a map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    Anon,
    Huge,
    Pages,
    Window,
    Committed,
    Placed,
}

impl<A: Access> Held<'_, A> {
    const fn memory(&self) -> Memory {
        match self {
            Self::Anon(_) => Memory::Anon,
            Self::Huge(_) => Memory::Huge,
            Self::Pages(_) => Memory::Pages,
            Self::Window(_) => Memory::Window,
            Self::Committed(_) => Memory::Committed,
            Self::Placed(_) => Memory::Placed,
        }
    }
}

/// Evaluates `$body` with the map that is held, if it has one of these rights and
/// is one of these kinds of memory.
macro_rules! with {
    ($any:expr, [$($access:ident)*], $backings:tt, $map:ident => $body:expr) => {
        match $any {
            $(Any::$access(held) => with!(held, $backings, $map => $body),)*
            #[allow(unreachable_patterns, reason = "the list may be of all")]
            other => panic!("no such operation: {other:?}"),
        }
    };
    ($held:expr, [$($backing:ident)*], $map:ident => $body:expr) => {
        match $held {
            $(Held::$backing($map) => $body,)*
            #[allow(unreachable_patterns, reason = "the list may be of all")]
            other => panic!("no such operation: {other:?}"),
        }
    };
}

macro_rules! any {
    ($any:expr, $map:ident => $body:expr) => {
        with!($any, [Read Write Exec WriteExec Raw NoAccess], [Anon Huge Pages Window Committed Placed], $map => $body)
    };
}

macro_rules! readable {
    ($any:expr, $map:ident => $body:expr) => {
        with!($any, [Read Write Exec WriteExec], [Anon Huge Pages Window Committed Placed], $map => $body)
    };
}

macro_rules! wrap {
    ($backings:tt $($access:ident)*) => { $(wrap! { @ $access $backings })* };
    (@ $access:ident [$($backing:ident: $type:ty,)*]) => {
        $(impl<'r> From<Map<$access, $type>> for Any<'r> {
            fn from(map: Map<$access, $type>) -> Self {
                Self::$access(Held::$backing(map))
            }
        })*
    };
}

wrap! {
    [Anon: Anon, Huge: HugeAnon, Pages: Pages, Window: Window, Committed: Committed<'r>, Placed: Placed<'r>,]
    Read Write Exec WriteExec Raw NoAccess
}

fn back<'r, T: Into<Any<'r>>>(refused: Refused<T>) -> Refused<Any<'r>> {
    Refused { value: refused.value.into(), errno: refused.errno }
}

fn turned<'r, T: Into<Any<'r>>, F: Into<Any<'r>>>(
    result: std::result::Result<T, Refused<F>>,
) -> Outcome<'r, Any<'r>> {
    result.map(Into::into).map_err(back)
}

impl<'r> Any<'r> {
    pub fn address(&self) -> usize {
        any!(self, map => map.as_ptr().addr())
    }

    pub fn len(&self) -> usize {
        let (length, empty) = any!(self, map => (map.len(), map.is_empty()));
        assert_eq!(empty, length == 0);
        length
    }

    pub fn is_readable(&self) -> bool {
        !matches!(self, Self::Raw(_) | Self::NoAccess(_))
    }

    pub fn is_writable(&self) -> bool {
        matches!(self, Self::Write(_) | Self::WriteExec(_))
    }

    pub fn memory(&self) -> Memory {
        match self {
            Self::Read(held) => held.memory(),
            Self::Write(held) => held.memory(),
            Self::Exec(held) => held.memory(),
            Self::WriteExec(held) => held.memory(),
            Self::Raw(held) => held.memory(),
            Self::NoAccess(held) => held.memory(),
        }
    }

    /// Whether it is private memory of no file, by its type.
    pub fn is_private(&self) -> bool {
        matches!(self.memory(), Memory::Anon | Memory::Huge | Memory::Committed)
    }

    /// Whether it lies in a reservation; what does not can be made longer.
    pub fn is_reserved(&self) -> bool {
        matches!(self.memory(), Memory::Committed | Memory::Placed)
    }

    pub fn bytes(&self) -> &[u8] {
        readable!(self, map => map)
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        with!(self, [Write WriteExec], [Anon Huge Pages Window Committed Placed], map => map)
    }

    pub fn call(&self, call: Call, range: Bounds) -> Result<()> {
        any!(self, map => match call {
            Call::Flush => map.flush_range(range),
            Call::FlushAsync => map.flush_async_range(range),
            Call::Invalidate => map.invalidate(range),
            Call::Prefetch => map.prefetch(range),
            Call::Advise(advice) => map.advise_range(advice, range),
            // SAFETY: nothing is borrowed from the map, and the model knows.
            Call::Unchecked(advice) => unsafe { map.unchecked_advise_range(advice, range) },
            Call::Unlock => map.unlock_range(range),
        })
    }

    /// As `call`, about the whole map.
    pub fn call_all(&self, call: Call) -> Result<()> {
        any!(self, map => match call {
            Call::Flush => map.flush(),
            Call::FlushAsync => map.flush_async(),
            Call::Advise(advice) => map.advise(advice),
            // SAFETY: as above.
            Call::Unchecked(advice) => unsafe { map.unchecked_advise(advice) },
            Call::Unlock => map.unlock(),
            Call::Invalidate | Call::Prefetch => self.call(call, (Bound::Unbounded, Bound::Unbounded)),
        })
    }

    /// Of no range, the whole map.
    pub fn lock(&self, range: Option<Bounds>, on_fault: bool) -> std::result::Result<(), LockError> {
        any!(self, map => match range {
            Some(range) if on_fault => map.lock_on_fault(range),
            Some(range) => map.lock_range(range),
            None => map.lock(),
        })
    }

    pub fn residency(&self, buffer: &mut [u8]) -> Result<Vec<std::ops::Range<usize>>> {
        any!(self, map => map.residency(buffer).collect())
    }

    pub fn discard(&mut self, range: Bounds) -> Result<()> {
        with!(self, [Write], [Anon Huge Committed], map => map.discard(range))
    }

    pub fn can_discard(&self) -> bool {
        matches!(self, Self::Write(_)) && self.is_private()
    }

    pub fn protect(&mut self, range: Bounds, prot: Prot) -> Result<()> {
        with!(self, [Raw], [Anon Huge Pages Window Committed Placed], map => map.protect(range, prot))
    }

    pub fn split_at(self, mid: usize) -> Outcome<'r, (Self, Self)> {
        any!(self, map => map.split_at(mid).map(|(first, second)| (first.into(), second.into())).map_err(back))
    }

    pub fn split_off(&mut self, at: usize) -> Result<Self> {
        any!(self, map => map.split_off(at).map(Into::into))
    }

    /// Joins two maps of one type; others come back without an error.
    pub fn join(self, next: Self) -> std::result::Result<Self, (Self, Self, Option<baremap::Errno>)> {
        macro_rules! of_one_type {
            ($($access:ident)*) => {
                match (self, next) {
                    $((Self::$access(first), Self::$access(second)) => match (first, second) {
                        (Held::Anon(first), Held::Anon(second)) => joined(first.join(second)),
                        (Held::Huge(first), Held::Huge(second)) => joined(first.join(second)),
                        (Held::Pages(first), Held::Pages(second)) => joined(first.join(second)),
                        (Held::Window(first), Held::Window(second)) => joined(first.join(second)),
                        (Held::Committed(first), Held::Committed(second)) => joined(first.join(second)),
                        (Held::Placed(first), Held::Placed(second)) => joined(first.join(second)),
                        (first, second) => Err((Self::$access(first), Self::$access(second), None)),
                    },)*
                    (first, second) => Err((first, second, None)),
                }
            };
        }
        of_one_type! { Read Write Exec WriteExec Raw NoAccess }
    }

    pub fn shrink(&mut self, length: usize) -> Result<()> {
        with!(self, [Read Write Exec WriteExec Raw NoAccess], [Anon Huge Pages Window], map => map.shrink(length))
    }

    /// Without moving, or moving if need be.
    pub fn resize(&mut self, length: usize, may_move: bool) -> Result<()> {
        if self.is_private() && self.is_readable() {
            return with!(self, [Read Write Exec WriteExec], [Anon Huge], map => match may_move {
                true => map.remap(length),
                false => map.grow(length),
            });
        }
        with!(self, [Read Write Exec WriteExec Raw NoAccess], [Anon Huge Pages Window], map => match may_move {
            // SAFETY: the test goes no farther than the file.
            true => unsafe { map.remap_unchecked(length) },
            // SAFETY: as above.
            false => unsafe { map.grow_unchecked(length) },
        })
    }

    pub fn can_turn(&self, turn: Turn) -> bool {
        match turn {
            Turn::ReadOnly | Turn::Exec | Turn::MutUnchecked | Turn::Raw => self.is_readable(),
            Turn::ExecMut => self.is_writable(),
            Turn::Mut => self.is_private() && !matches!(self, Self::Raw(_)),
            Turn::Guard => self.can_discard(),
        }
    }

    pub fn turn(self, turn: Turn) -> Outcome<'r, Self> {
        match turn {
            Turn::ReadOnly => readable!(self, map => turned(map.make_read_only())),
            Turn::Exec => readable!(self, map => turned(map.make_exec())),
            Turn::Raw => Ok(readable!(self, map => into_raw_access(map))),
            // SAFETY: the test has no reference into any map of the file.
            Turn::MutUnchecked => readable!(self, map => turned(unsafe { map.make_mut_unchecked() })),
            Turn::ExecMut => {
                with!(self, [Write WriteExec], [Anon Huge Pages Window Committed Placed], map => turned(map.make_exec_mut()))
            }
            Turn::Mut => {
                with!(self, [Read Write Exec WriteExec NoAccess], [Anon Huge Committed], map => turned(map.make_mut()))
            }
            Turn::Guard => with!(self, [Write], [Anon Huge Committed], map => turned(map.make_guard())),
        }
    }

    /// Gives ownership up and takes it back, where the type can.
    pub fn into_raw_and_back(self) -> Self {
        macro_rules! bare {
            ($($access:ident)*) => {
                match self {
                    $(Self::$access(Held::Anon(map)) => {
                        let bytes = map.into_raw();
                        // SAFETY: it was given up a moment ago.
                        Self::$access(Held::Anon(unsafe { Map::from_raw(bytes) }))
                    }
                    Self::$access(Held::Pages(map)) => {
                        let bytes = map.into_raw();
                        // SAFETY: as above.
                        Self::$access(Held::Pages(unsafe { Map::from_raw(bytes) }))
                    })*
                    other => other,
                }
            };
        }
        bare! { Read Write Exec WriteExec Raw NoAccess }
    }

    /// As memory that others may reach, too.
    pub fn into_pages(self) -> Self {
        macro_rules! private {
            ($($access:ident)*) => {
                match self {
                    $(Self::$access(Held::Anon(map)) => Self::$access(Held::Pages(map.into())),)*
                    other => other,
                }
            };
        }
        private! { Read Write Exec WriteExec Raw NoAccess }
    }

    /// Into a piece of a reservation, which takes `Memory::Pages`.
    #[allow(clippy::type_complexity, reason = "it is what it takes")]
    pub fn place(
        self,
        piece: Piece<'r>,
    ) -> std::result::Result<Self, (Option<Piece<'r>>, Self, baremap::Errno)> {
        with!(self, [Read Write Exec WriteExec Raw NoAccess], [Pages], map => {
            piece.place(map).map(Into::into).map_err(|refused| {
                let (piece, map) = refused.value;
                (piece, map.into(), refused.errno)
            })
        })
    }

    pub fn into_piece(self) -> Result<Piece<'r>> {
        with!(self, [Read Write Exec WriteExec Raw NoAccess], [Committed Placed], map => map.into_piece())
    }

    pub fn unmap(self) -> Outcome<'r, ()> {
        any!(self, map => map.unmap().map_err(back))
    }
}

#[allow(clippy::type_complexity, reason = "it is what joining gives")]
fn joined<'r, A: Access, B: baremap::map::Backing>(
    result: std::result::Result<Map<A, B>, Refused<(Map<A, B>, Map<A, B>)>>,
) -> std::result::Result<Any<'r>, (Any<'r>, Any<'r>, Option<baremap::Errno>)>
where
    Any<'r>: From<Map<A, B>>,
{
    result.map(Into::into).map_err(|refused| {
        let (first, second) = refused.value;
        (first.into(), second.into(), Some(refused.errno))
    })
}

fn into_raw_access<'r, A: baremap::map::Readable, B: baremap::map::Backing>(map: Map<A, B>) -> Any<'r>
where
    Any<'r>: From<Map<Raw, B>>,
{
    Map::<Raw, B>::from(map).into()
}
