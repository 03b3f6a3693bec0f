//! Operations that divide maps, join them, and make them longer, shorter, or
//! something else; and those of a reservation.

use baremap::sys::page_size;
use baremap::{Errno, Refused};

use super::case::{Case, Live};
use super::held::{Any, Memory};
use super::naive::{EXEC, Lock, Mapped, Page, READ, WRITE};
use super::operation::{Position, Turn};

/// No map of no file gets longer than so many pages.
const MOST: usize = 10;

impl<'r> Case<'r> {
    pub(super) fn split(&mut self, map: usize, at: Position, off: bool) {
        let Live { mut map, mut model } = self.live.swap_remove(map);
        let at = at.inside(&model);
        let before = (map.address(), map.len());
        let result = if off {
            map.split_off(at).map_err(|errno| (errno, (map.address(), map.len())))
        } else {
            match map.split_at(at) {
                Ok((first, second)) => {
                    map = first;
                    Ok(second)
                }
                Err(Refused { value, errno }) => {
                    map = value;
                    Err((errno, (map.address(), map.len())))
                }
            }
        };
        if 0 < at && at < model.length && (model.head + at) % model.unit == 0 {
            let second = model.split_off(at);
            self.live.push(Live { map: result.expect("a page starts there"), model: second });
        } else {
            assert_eq!(result.expect_err("no page starts there"), (Errno::EINVAL, before));
        }
        self.live.push(Live { map, model });
    }

    /// The map that starts where another ends.
    pub(super) fn neighbour(&self, first: usize) -> Option<usize> {
        let model = &self.live[first].model;
        let end = model.start() + model.length;
        self.live.iter().position(|second| second.model.length > 0 && second.model.start() == end)
    }

    pub(super) fn join(&mut self, first: usize, second: usize) -> Option<()> {
        (first != second).then_some(())?;
        let later = self.live.swap_remove(first.max(second));
        let earlier = self.live.swap_remove(first.min(second));
        let (first, second) = if first < second { (earlier, later) } else { (later, earlier) };
        let neighbours = first.model.length > 0
            && second.model.length > 0
            && first.model.start() + first.model.length == second.model.first;
        match first.map.join(second.map) {
            Ok(map) => {
                assert!(neighbours && second.model.head == 0, "no neighbours were joined");
                let mut model = first.model;
                model.pages.extend(second.model.pages);
                model.length += second.model.length;
                self.live.push(Live { map, model });
            }
            Err((one, other, errno)) => {
                assert!(errno.is_none() || !neighbours || second.model.head > 0, "neighbours gave {errno:?}");
                assert!(matches!(errno, None | Some(Errno::EINVAL)), "{errno:?}");
                self.live.push(Live { map: one, model: first.model });
                self.live.push(Live { map: other, model: second.model });
            }
        }
        Some(())
    }

    pub(super) fn shrink(&mut self, map: usize, length: Position) -> Option<()> {
        let Live { map, model } = &mut self.live[map];
        (!map.is_reserved()).then_some(())?;
        let asked = length.inside(model);
        let result = map.shrink(asked);
        let length = match map.memory() {
            Memory::Huge => asked.checked_next_multiple_of(model.unit).unwrap_or(asked),
            _ => asked,
        };
        // What ends inside of a page ends with it, and a huge page is not divided.
        let ends = |length: usize| (model.head + length).next_multiple_of(page_size());
        let possible = (1..=model.length).contains(&length) && {
            let divides = ends(length) % model.unit != 0;
            let unmaps = ends(length) < model.head + model.length;
            !(unmaps && divides)
        };
        assert_eq!(result, if possible { Ok(()) } else { Err(Errno::EINVAL) }, "{asked} bytes");
        if possible {
            model.resize(length, &self.files);
        }
        Some(())
    }

    pub(super) fn resize(&mut self, map: usize, length: Position, may_move: bool) -> Option<()> {
        let Live { map, model } = &mut self.live[map];
        (!map.is_reserved()).then_some(())?;
        let asked = match length {
            Position::Far(_) => length.inside(model),
            _ => {
                let most = model.most(&self.files, MOST * model.unit);
                length.of(most, model.head, model.unit).min(most)
            }
        };
        let before = map.address();
        let result = map.resize(asked, may_move);
        if let Position::Far(_) = length {
            assert!(result.is_err(), "{asked} bytes are more than there are");
            return Some(());
        }
        let length = if map.memory() == Memory::Huge { asked.next_multiple_of(model.unit) } else { asked };
        let more = (model.head + length).div_ceil(model.unit).saturating_sub(model.pages.len());
        let end = model.end();
        let expected = if length == 0 || model.length == 0 || more > 0 && self.huge {
            Err(Errno::EINVAL)
        } else if more > 0 && !self.maps.is_one(&(model.first..end)) {
            Err(Errno::EFAULT)
        } else if more > 0 && !may_move && !self.maps.is_free(&(end..end + more * model.unit)) {
            Err(Errno::ENOMEM)
        } else {
            model.resize(length, &self.files);
            Ok(())
        };
        assert_eq!(result, expected, "{asked} bytes, {more} new pages");
        if map.address() != before {
            assert!(may_move && more > 0 && expected.is_ok(), "it has moved");
            model.first = map.address() - model.head;
        }
        Some(())
    }

    pub(super) fn turn(&mut self, map: usize, turn: Turn) -> Option<()> {
        self.live[map].map.can_turn(turn).then_some(())?;
        let model = &self.live[map].model;
        // The kernel may take the rights of a part of a huge page or not.
        let ends = (model.head + model.length).next_multiple_of(page_size());
        (ends % model.unit == 0 || !self.huge || turn == Turn::Raw).then_some(())?;
        let Live { map, mut model } = self.live.swap_remove(map);
        let before = (map.address(), map.len());
        let closed = matches!(map, Any::NoAccess(_));
        let (map, result) = match map.turn(turn) {
            Ok(map) => (map, Ok(())),
            Err(Refused { value, errno }) => (value, Err(errno)),
        };
        assert_eq!((map.address(), map.len()), before);
        let rights = match turn {
            Turn::ReadOnly => READ,
            Turn::Exec => READ | EXEC,
            Turn::ExecMut => READ | WRITE | EXEC,
            Turn::Mut | Turn::MutUnchecked => READ | WRITE,
            Turn::Guard | Turn::Raw => 0,
        };
        let all = 0..model.pages.len();
        let expected = if model.length == 0 || turn == Turn::Raw {
            Ok(())
        } else if turn == Turn::Guard {
            model.guard(self.guards && !self.huge, &self.files)
        } else {
            if closed {
                model.pages.iter_mut().for_each(|page| page.guard = false);
            }
            let old = model.pages[0].rights;
            let result = model.protect(all.clone(), rights, &self.files);
            if result.is_err() {
                model.protect(all, old, &self.files).expect("they were so before");
            }
            result
        };
        assert_eq!(result, expected, "{turn:?}");
        self.live.push(Live { map, model });
        Some(())
    }

    pub(super) fn divide(&mut self, piece: u8, at: Position) -> Option<()> {
        let piece = usize::from(piece).checked_rem(self.pieces.len())?;
        let (piece, range) = self.pieces.swap_remove(piece);
        let at = at.of(range.len(), 0, page_size());
        let possible = 0 < at && at < range.len() && at % page_size() == 0;
        match piece.split_at(at) {
            Ok((first, second)) => {
                assert!(possible, "{at}");
                self.pieces.push((first, range.start..range.start + at));
                self.pieces.push((second, range.start + at..range.end));
            }
            Err(Refused { value, errno }) => {
                assert!(!possible && errno == Errno::EINVAL, "{at}: {errno}");
                self.pieces.push((value, range));
            }
        }
        Some(())
    }

    pub(super) fn commit(&mut self, piece: u8) -> Option<()> {
        let piece = usize::from(piece).checked_rem(self.pieces.len())?;
        let (piece, range) = self.pieces.swap_remove(piece);
        let map = piece.commit().expect("there is memory").into();
        let pages = vec![Page::anonymous(); range.len() / page_size()];
        let model = Mapped { first: range.start, head: 0, length: range.len(), unit: page_size(), pages };
        self.live.push(Live { map, model });
        Some(())
    }

    pub(super) fn place(&mut self, map: usize, piece: Option<u8>) -> Option<()> {
        let Live { map: any, model } = &self.live[map];
        (any.memory() == Memory::Pages).then_some(())?;
        let as_long =
            || self.pieces.iter().position(|(_, range)| range.len() == model.pages.len() * model.unit);
        let piece = match piece {
            Some(piece) => usize::from(piece).checked_rem(self.pieces.len()),
            None => as_long(),
        }?;
        let Live { map, mut model } = self.live.swap_remove(map);
        let (piece, range) = self.pieces.swap_remove(piece);
        let before = (map.address(), map.len());
        let fits = model.length > 0 && model.pages.len() * model.unit == range.len();
        let one = self.maps.is_one(&(model.first..model.end()));
        match map.place(piece) {
            Ok(map) => {
                assert!(fits, "{} pages are in {range:x?}", model.pages.len());
                model.first = range.start;
                self.live.push(Live { map, model });
            }
            Err((piece, map, errno)) => {
                // Since Linux 6.17 several mappings can be moved at once.
                let expected = if fits && !one { Errno::EFAULT } else { Errno::EINVAL };
                assert!(errno == expected && !(fits && one), "{errno}");
                assert_eq!((map.address(), map.len()), before);
                self.pieces.push((piece.expect("it is not lost"), range));
                self.live.push(Live { map, model });
            }
        }
        Some(())
    }

    pub(super) fn take_out(&mut self, map: usize) -> Option<()> {
        self.live[map].map.is_reserved().then_some(())?;
        let Live { map, model } = self.live.swap_remove(map);
        let piece = map.into_piece().expect("there is memory");
        self.pieces.push((piece, model.first..model.end()));
        Some(())
    }
}

impl Mapped {
    /// A guard of all of it: by itself, if the kernel has that and no page is locked,
    /// or without rights. What it held is lost, and no page stays locked.
    fn guard(&mut self, by_itself: bool, files: &[Vec<u8>]) -> Result<(), Errno> {
        let all: Vec<_> = (0..self.pages.len()).collect();
        let by_itself = by_itself && self.pages.iter().all(|page| page.lock == Lock::No);
        self.lock(&all, Lock::No, files, false)?;
        self.forget(&all, false)?;
        if by_itself {
            self.pages.iter_mut().for_each(|page| page.guard = true);
            return Ok(());
        }
        self.protect(0..all.len(), 0, files)
    }
}
