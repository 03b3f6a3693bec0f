//! The arithmetic of pages against its definition, page by page, for every size
//! of page that Linux has and at both ends of the address space. The definition
//! counts in 128 bits, where nothing overflows.

use std::ops::{Bound, Range};

use baremap::Errno;
use baremap::page::{PageRange, round_down, round_up};
use proptest::prelude::*;

const SIZES: [usize; 4] = [4096, 16384, 65536, 1 << 21];

/// So many pages at most are looked at one by one.
const MOST: u128 = 16;

/// Where the address space ends.
const END: u128 = 1 << usize::BITS;

type Bounds = (Bound<usize>, Bound<usize>);

/// A map and a range of it, with the size of a page.
#[derive(Clone, Copy, Debug)]
struct Question {
    page: usize,
    base: usize,
    length: usize,
    bounds: Bounds,
}

impl Question {
    /// The range as addresses, if it is one and within the map.
    fn addresses(self) -> Option<Range<u128>> {
        let (base, length) = (self.base as u128, self.length as u128);
        let start = match self.bounds.0 {
            Bound::Included(start) => start as u128,
            Bound::Excluded(before) => before as u128 + 1,
            Bound::Unbounded => 0,
        };
        let end = match self.bounds.1 {
            Bound::Included(last) => last as u128 + 1,
            Bound::Excluded(end) => end as u128,
            Bound::Unbounded => length,
        };
        let within = start <= end && end <= length && base + end < END;
        within.then_some(base + start..base + end)
    }

    /// The pages around a range, of which it may have a part.
    fn around(self, range: &Range<u128>) -> impl Iterator<Item = Range<u128>> + use<> {
        let page = self.page as u128;
        let first = (range.start / page).saturating_sub(1);
        (first..=range.end / page + 1).map(move |number| number * page..(number + 1) * page)
    }

    /// What the pages should be that `belongs` chooses among those around.
    fn expected(
        self,
        belongs: impl Fn(&Range<u128>, &Range<u128>) -> bool,
    ) -> Result<Option<Range<u128>>, Errno> {
        let range = self.addresses().ok_or(Errno::EINVAL)?;
        let pages: Vec<_> = self.around(&range).filter(|page| belongs(page, &range)).collect();
        let (Some(first), Some(last)) = (pages.first(), pages.last()) else { return Ok(None) };
        assert_eq!(last.end - first.start, pages.len() as u128 * self.page as u128, "they are neighbours");
        if last.end < END { Ok(Some(first.start..last.end)) } else { Err(Errno::EINVAL) }
    }
}

/// The pages of an answer, if there are any: no pages start nowhere.
fn told(answer: Result<PageRange, Errno>) -> Result<Option<Range<u128>>, Errno> {
    let pages = answer?;
    assert_eq!(pages.is_empty(), matches!(pages.len(), 0));
    let start = pages.start() as u128;
    Ok((!pages.is_empty()).then_some(start..start + pages.len() as u128))
}

fn has_a_byte_of(page: &Range<u128>, range: &Range<u128>) -> bool {
    page.start.max(range.start) < page.end.min(range.end)
}

fn has_none_outside(page: &Range<u128>, range: &Range<u128>) -> bool {
    page.start >= range.start && page.end <= range.end
}

fn size() -> impl Strategy<Value = usize> {
    prop::sample::select(&SIZES[..])
}

/// Something near a multiple of a page, up to five pages on.
fn near(page: usize) -> impl Strategy<Value = usize> {
    prop_oneof![
        3 => (0..6_usize, -2..3_isize)
            .prop_map(move |(count, more)| (count * page).saturating_add_signed(more)),
        1 => 0..5 * page,
    ]
}

/// A position in a map of so many bytes, now and then one that no map has.
fn position(page: usize, length: usize) -> impl Strategy<Value = usize> {
    prop_oneof![
        8 => near(page),
        4 => (-2..3_isize).prop_map(move |more| length.saturating_add_signed(more)),
        1 => near(page).prop_map(|less| usize::MAX - less),
    ]
}

fn bound(page: usize, length: usize) -> impl Strategy<Value = Bound<usize>> {
    prop_oneof![
        3 => position(page, length).prop_map(Bound::Included),
        3 => position(page, length).prop_map(Bound::Excluded),
        1 => Just(Bound::Unbounded),
    ]
}

fn question() -> impl Strategy<Value = Question> {
    size().prop_flat_map(|page| {
        let base = prop_oneof![
            1 => near(page),
            1 => near(page).prop_map(|more| 0x7f00_0000_0000 + more),
            2 => near(page).prop_map(|less| usize::MAX - less),
        ];
        let length = prop_oneof![
            12 => near(page),
            1 => near(page).prop_map(|less| usize::MAX - less),
        ];
        (base, length).prop_flat_map(move |(base, length)| {
            let bounds = (bound(page, length), bound(page, length));
            bounds.prop_map(move |bounds| Question { page, base, length, bounds })
        })
    })
}

/// Twenty times as many cases as `PROPTEST_CASES` says, for each takes a moment.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { failure_persistence: None, cases: usual.cases * 20, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn pages_of_a_range_are_those_that_the_definition_names(question in question()) {
        let Question { page, base, length, bounds } = question;
        if let Some(range) = question.addresses() {
            prop_assume!((range.end - range.start) / (page as u128) < MOST);
        }
        let covering = told(PageRange::covering(base, length, bounds, page));
        prop_assert_eq!(covering, question.expected(has_a_byte_of));

        let within = told(PageRange::within(base, length, bounds, page));
        prop_assert_eq!(within, question.expected(has_none_outside));

        // The pages of a range that has each of its pages whole, as far as the
        // map goes.
        let exactly = told(PageRange::exactly(base, length, bounds, page));
        let map_end = base as u128 + length as u128;
        let whole = |range: &Range<u128>| {
            let up_to_the_end = |part: &Range<u128>| {
                let end = if range.end == map_end { part.end.min(map_end) } else { part.end };
                has_none_outside(&(part.start..end), range)
            };
            let mut parts = question.around(range).filter(|part| has_a_byte_of(part, range));
            parts.all(|part| up_to_the_end(&part))
        };
        let expected = match question.addresses() {
            Some(range) if whole(&range) => question.expected(has_a_byte_of),
            _ => Err(Errno::EINVAL),
        };
        prop_assert_eq!(exactly, expected);
    }

    #[test]
    fn rounding_finds_the_nearest_multiple(page in size(), near_start in any::<bool>(), more in 0..4_usize << 21) {
        let number = if near_start { more } else { usize::MAX - more };
        let multiples = || (0..).map(|count| (number as u128 / page as u128 + count) * page as u128);
        prop_assert_eq!(round_down(number, page) as u128, multiples().next().unwrap());
        let up = multiples().find(|multiple| *multiple >= number as u128).unwrap();
        prop_assert_eq!(round_up(number, page).map(|up| up as u128), (up < END).then_some(up));
    }
}

#[test]
fn nothing_is_a_page_of_a_map_without_bytes() {
    for page in SIZES {
        // Where an empty map lies, and where nothing can.
        for base in [0, 1, page, usize::MAX - page, usize::MAX] {
            for pages in [PageRange::covering(base, 0, .., page), PageRange::within(base, 0, 0..0, page)] {
                assert!(pages.unwrap().is_empty(), "{base:#x}");
            }
            assert_eq!(PageRange::covering(base, 0, ..1, page), Err(Errno::EINVAL));
            assert_eq!(PageRange::covering(base, 0, 1.., page), Err(Errno::EINVAL));
        }
    }
}

#[test]
fn a_map_of_the_whole_address_space_has_all_pages_but_the_last() {
    for page in SIZES {
        let most = usize::MAX - page + 1;
        let all = PageRange::within(0, usize::MAX, .., page).unwrap();
        assert_eq!((all.start(), all.len()), (0, most));
        assert_eq!(PageRange::covering(0, usize::MAX, .., page), Err(Errno::EINVAL));
        let all = PageRange::covering(0, usize::MAX, ..most, page).unwrap();
        assert_eq!((all.start(), all.len()), (0, most));
        assert_eq!(PageRange::exactly(0, usize::MAX, ..most, page), Ok(all));
        assert_eq!(PageRange::exactly(0, usize::MAX, ..most - 1, page), Err(Errno::EINVAL));
    }
}
