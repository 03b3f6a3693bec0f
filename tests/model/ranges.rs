//! Operations on ranges of a map, which leave it what and where it is.

use std::ops::Range;

use baremap::sys::page_size;
use baremap::{Advice, Errno, Prot, UncheckedAdvice};

use super::case::{Case, Live};
use super::held::Any;
use super::naive::{Lock, Page};
use super::operation::{Call, Span};

impl Case<'_> {
    /// What changes nothing but what the kernel does with the pages, mostly.
    pub(super) fn call(&mut self, map: usize, call: Call, span: Option<Span>) {
        // What becomes of a part of a huge page is another matter on each kernel.
        if self.huge && matches!(call, Call::Unchecked(UncheckedAdvice::Remove)) {
            return;
        }
        let Live { map, model } = &mut self.live[map];
        let bounds = span.map(|span| span.of(model));
        let result = match bounds {
            Some(bounds) => map.call(call, bounds),
            None => map.call_all(call),
        };
        let range = match bounds.map_or(Ok(0..model.length), |bounds| model.range(bounds)) {
            Ok(range) if !range.is_empty() => range,
            // Wrong, or of no bytes.
            other => return assert_eq!(result, other.map(drop), "{call:?} {bounds:?}"),
        };
        let pages = model.covering(&range);
        let is_locked = pages.iter().any(|&page| model.pages[page].lock != Lock::No);
        let as_expected = match call {
            Call::Flush | Call::FlushAsync => result == Ok(()),
            Call::Invalidate if is_locked => result == Err(Errno::EBUSY),
            Call::Invalidate => result == Ok(()),
            Call::Unlock => {
                pages.iter().for_each(|&page| model.pages[page].lock = Lock::No);
                result == Ok(())
            }
            Call::Unchecked(UncheckedAdvice::DontNeed | UncheckedAdvice::DontNeedLocked) if self.huge => {
                // The kernel rounds the end down and the start not at all.
                let aligned = pages[0] * model.unit;
                let start = (model.head + range.start) / page_size() * page_size();
                let end = (model.head + range.end).next_multiple_of(page_size());
                let whole: Vec<_> =
                    pages.iter().copied().filter(|&page| (page + 1) * model.unit <= end).collect();
                if start == aligned {
                    let _ = model.forget(&whole, true);
                }
                result.is_ok() == (start == aligned)
            }
            Call::Unchecked(UncheckedAdvice::DontNeed) => result == model.forget(&pages, false),
            Call::Unchecked(UncheckedAdvice::DontNeedLocked) if result != Err(Errno::EINVAL) => {
                result == model.forget(&pages, true)
            }
            // Not every filesystem can.
            Call::Unchecked(UncheckedAdvice::Remove) if result == Err(Errno::EOPNOTSUPP) => true,
            Call::Unchecked(UncheckedAdvice::Remove) => {
                result.is_ok() == model.remove(&pages, &mut self.files).is_ok()
            }
            Call::Advise(Advice::PopulateWrite) => {
                let good = |page: &Page| page.is_writable();
                result.is_ok() == model.populate(&pages, &self.files, good).is_ok()
            }
            Call::Advise(Advice::PopulateRead) => {
                result.is_ok() == pages.iter().all(|&page| model.pages[page].is_readable())
            }
            Call::Advise(Advice::Normal | Advice::Random | Advice::Sequential | Advice::DoFork)
                if !self.huge =>
            {
                result == Ok(())
            }
            // Whether it works depends on how the kernel was built.
            _ => true,
        };
        assert!(as_expected, "{call:?} of {bounds:?} gave {result:?}");
    }

    pub(super) fn lock(&mut self, map: usize, span: Option<Span>, on_fault: bool) {
        let Live { map, model } = &mut self.live[map];
        let bounds = span.map(|span| span.of(model));
        let result = map.lock(bounds, on_fault);
        let range = bounds.map_or(Ok(0..model.length), |bounds| model.range(bounds));
        let pages = range.as_ref().map_or(Vec::new(), |range| model.covering(range));
        let lock = if on_fault && span.is_some() { Lock::OnFault } else { Lock::Now };
        let expected = range.clone().and_then(|_| model.lock(&pages, lock, &self.files, self.huge));
        assert_eq!(result.map_err(|error| error.errno), expected, "{bounds:?}");
        if let Err(error) = result {
            let page = page_size();
            let asked = range.map_or(0, |range| {
                (model.head + range.end).next_multiple_of(page) - (model.head + range.start) / page * page
            });
            assert_eq!(error.bytes, asked, "{error:?}");
        }
    }

    pub(super) fn residency(&mut self, map: usize, buffer: usize) {
        let Live { map, model } = &self.live[map];
        let result = map.residency(&mut vec![0; buffer]);
        if buffer == 0 && model.length != 0 {
            return assert_eq!(result, Err(Errno::EINVAL));
        }
        let ranges = result.expect("the map is mapped");
        let inside = |range: &Range<usize>| range.start < range.end && range.end <= model.length;
        assert!(ranges.iter().all(inside), "{ranges:?} of {}", model.length);
        assert!(ranges.is_sorted_by(|one, next| one.end < next.start), "{ranges:?}");
        for (index, page) in model.pages.iter().enumerate() {
            let bytes = model.bytes_of(index);
            let parts = ranges.iter().filter(|range| range.start < bytes.end && bytes.start < range.end);
            let whole = ranges.iter().any(|range| range.start <= bytes.start && bytes.end <= range.end);
            assert!(self.huge || whole || parts.count() == 0, "{ranges:?} divides page {index}");
            if page.lock == Lock::Now && page.is_readable() && page.own.is_some() {
                assert!(whole, "page {index} is locked, and not in {ranges:?}");
            }
        }
    }

    pub(super) fn discard(&mut self, map: usize, span: Span) -> Option<()> {
        let Live { map, model } = &mut self.live[map];
        map.can_discard().then_some(())?;
        let bounds = span.of(model);
        let result = map.discard(bounds);
        let expected = model.range(bounds).and_then(|range| {
            let whole = model.within(&range);
            model.forget(&whole, false)?;
            if !self.huge {
                let there = map.residency(&mut [0; 3]).expect("the map is mapped");
                let gone =
                    |&page: &usize| !there.iter().any(|range| range.contains(&model.bytes_of(page).start));
                assert!(whole.iter().all(gone), "{whole:?} should be gone, {there:?} are there");
            }
            for place in range {
                if !whole.contains(&((model.head + place) / model.unit)) {
                    model.write(&mut self.files, place, 0);
                }
            }
            Ok(())
        });
        assert_eq!(result, expected, "{bounds:?}");
        Some(())
    }

    pub(super) fn protect(&mut self, map: usize, span: Span, rights: u8) -> Option<()> {
        let Live { map, model } = &mut self.live[map];
        matches!(map, Any::Raw(_)).then_some(())?;
        let bounds = span.of(model);
        // The kernel may take the rights of a part of a huge page or not.
        let ends = |range: &Range<usize>| (model.head + range.end).next_multiple_of(page_size());
        let divides = model.range(bounds).is_ok_and(|range| {
            ends(&range) % model.unit != 0 || (model.head + range.start) % model.unit != 0
        });
        (!divides || !self.huge).then_some(())?;
        let result = map.protect(bounds, Prot::from_bits_retain(rights.into()));
        let expected = model.range(bounds).and_then(|range| {
            let whole = |place: usize| (model.head + place) % model.unit == 0;
            let at_the_end = range.end == model.length;
            if range.is_empty() {
                return Ok(());
            }
            if !whole(range.start) || !whole(range.end) && !at_the_end {
                return Err(Errno::EINVAL);
            }
            let pages = model.covering(&range);
            model.protect(pages[0]..pages[pages.len() - 1] + 1, rights, &self.files)
        });
        assert_eq!(result, expected, "{bounds:?} to {rights}");
        Some(())
    }
}
