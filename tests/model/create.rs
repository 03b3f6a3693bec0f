//! Making maps.

use baremap::map::{Exec, OfFile, Raw, Read, Write};
use baremap::page::round_down;
use baremap::sys::page_size;
use baremap::{AsFd, Errno, HugePage, Map, MapAnon, MapOptions, Result};

use super::case::{Case, Live};
use super::held::Any;
use super::naive::{EXEC, Lock, Mapped, Page, READ, WRITE};
use super::operation::{Create, Position, What, Where};
use super::world::Store;

/// So many pages a new map has at most.
const MOST: usize = 4;

fn configured<B: OfFile>(options: MapOptions<B>, create: &Create, length: Option<usize>) -> MapOptions<B> {
    let options = length.map_or(options, |length| options.len(length));
    let options = if create.private { options.private() } else { options.shared() };
    let options = if create.populate { options.populate() } else { options };
    let options = if create.no_reserve { options.no_reserve() } else { options };
    let options = if create.locked { options.locked() } else { options };
    if create.stack { options.stack() } else { options }
}

fn of_file<'r, B: OfFile>(options: MapOptions<B>, what: What, file: &impl AsFd) -> Result<Any<'r>>
where
    Any<'r>: From<Map<Read, B>> + From<Map<Write, B>> + From<Map<Exec, B>> + From<Map<Raw, B>>,
{
    // The test changes its files through its maps, one at a time, and has no
    // reference into any but for the moment of an operation.
    match what {
        // SAFETY: see above.
        What::Anon | What::Map => unsafe { options.map(file) }.map(Into::into),
        // SAFETY: see above.
        What::MapMut => unsafe { options.map_mut(file) }.map(Into::into),
        // SAFETY: see above.
        What::MapCopy => unsafe { options.map_copy(file) }.map(Into::into),
        // SAFETY: see above.
        What::MapCopyReadOnly => unsafe { options.map_copy_read_only(file) }.map(Into::into),
        // SAFETY: see above.
        What::MapExec => unsafe { options.map_exec(file) }.map(Into::into),
        What::MapRaw => options.map_raw(file).map(Into::into),
        What::MapRawReadOnly => options.map_raw_read_only(file).map(Into::into),
    }
}

/// What is known of a place.
struct Place {
    /// The address, where it should be that or nothing.
    exactly: Option<usize>,
    alignment: usize,
    /// Why it can be refused.
    reason: Option<Errno>,
}

impl<'r> Case<'r> {
    fn placed<B>(&self, options: MapOptions<B>, place: Where, bytes: usize) -> (MapOptions<B>, Place) {
        let nothing = Place { exactly: None, alignment: 1, reason: None };
        let Some(arena) = &self.arena else { return (options, nothing) };
        let is_free = |address: usize| {
            let end = address.checked_add(bytes.max(1));
            end.is_some_and(|end| self.maps.is_free(&(address..end)))
        };
        match place {
            Where::Anywhere => (options, nothing),
            Where::Hint(number) => {
                let address = arena.page(number.into());
                let exactly = is_free(address).then_some(address);
                (options.hint(address), Place { exactly, ..nothing })
            }
            Where::Fixed(number) => {
                let address = arena.page(number.into());
                let reason = (!is_free(address)).then_some(Errno::EEXIST);
                (options.fixed(address), Place { exactly: Some(address), reason, ..nothing })
            }
            Where::FixedWithinAPage(number) => {
                let address = arena.page(number.into()) + 1 + usize::from(number) % (page_size() - 1);
                (options.fixed(address), Place { reason: Some(Errno::EINVAL), ..nothing })
            }
            Where::Aligned(power) => {
                (options.aligned(1 << power), Place { alignment: 1 << power, ..nothing })
            }
            Where::AlignedBadly => {
                (options.aligned(3 * page_size()), Place { reason: Some(Errno::EINVAL), ..nothing })
            }
        }
    }

    /// Takes a new map in, if one should be there.
    fn take(&mut self, result: Result<Any<'r>>, reasons: &[Errno], place: &Place, model: Mapped) {
        let map = match result {
            Ok(map) => map,
            Err(errno) => return assert!(reasons.contains(&errno), "{errno}, expected {reasons:?}"),
        };
        assert_eq!(reasons, [], "it should have been refused");
        let mut model = Mapped { first: map.address() - model.head, ..model };
        if let Some(exactly) = place.exactly.filter(|_| model.length > 0) {
            assert_eq!(model.first, exactly);
        }
        for page in &mut model.pages {
            if page.lock == Lock::Now {
                page.populate(&self.files, model.unit);
            }
        }
        self.live.push(Live { map, model });
    }

    pub(super) fn create(&mut self, create: Create) -> Option<()> {
        match create.what {
            What::Anon if self.huge => None,
            What::Anon => self.create_anon(&create),
            _ => self.create_of_file(create),
        }
    }

    fn create_anon(&mut self, create: &Create) -> Option<()> {
        let page = page_size();
        let asked = create.length.map(|length| length.of(MOST * page, 0, page));
        let length = asked.unwrap_or(0);
        let (options, place) =
            self.placed(configured(MapOptions::new(), create, asked), create.place, length);
        // The plainest have a shorter name.
        let plain = matches!(create.place, Where::Anywhere) && !create.populate && !create.locked;
        let result = if plain { MapAnon::new(length) } else { options.map_anon() };
        let mut reasons: Vec<_> = place.reason.into_iter().collect();
        let mut pages = Vec::new();
        match create.length {
            Some(Position::Far(_)) => reasons.push(Errno::ENOMEM),
            _ if length == 0 => reasons.push(Errno::EINVAL),
            _ => pages = vec![Page::anonymous(); length.div_ceil(page)],
        }
        if create.locked && !plain {
            pages.iter_mut().for_each(|page| page.lock = Lock::Now);
        }
        if let Ok(map) = &result {
            assert_eq!(map.as_ptr().addr() % place.alignment, 0);
        }
        let model = Mapped { first: 0, head: 0, length, unit: page, pages };
        self.take(result.map(Into::into), &reasons, &place, model);
        Some(())
    }

    pub(super) fn create_shared(&mut self, pages: u8, place: Where) -> Option<()> {
        let length = usize::from(pages) * page_size();
        let (options, place) = self.placed(MapOptions::new().len(length), place, length);
        let result = options.map_shared_anon().map(Any::from);
        let file = self.files.len();
        let page =
            |index| Page { shared: true, origin: Some((file, index * page_size())), ..Page::anonymous() };
        let pages = (0..pages.into()).map(page).collect();
        self.stores.push(Store::shared());
        self.files.push(vec![0; length]);
        let reasons: Vec<_> = place.reason.into_iter().collect();
        self.take(result, &reasons, &place, Mapped { first: 0, head: 0, length, unit: page_size(), pages });
        Some(())
    }

    pub(super) fn create_huge(&mut self, pages: u8) -> Option<()> {
        let pages = usize::from(pages);
        let used: usize =
            self.live.iter().filter(|live| live.map.is_private()).map(|live| live.model.pages.len()).sum();
        (used + pages <= self.budget).then_some(())?;
        // Any length up to the whole is the same.
        let length = pages * self.unit;
        let map = MapOptions::new()
            .len(length - pages * 1000)
            .map_huge(HugePage::of(self.unit)?)
            .expect("the pool is full");
        let pages = vec![Page::anonymous(); pages];
        let model = Mapped { first: map.as_ptr().addr(), head: 0, length, unit: self.unit, pages };
        self.live.push(Live { map: map.into(), model });
        Some(())
    }

    fn create_of_file(&mut self, mut create: Create) -> Option<()> {
        // Private maps of huge pages would need pages that the model does not count.
        if self.huge {
            create.private = false;
            create.no_reserve = false;
            if matches!(create.what, What::MapCopy | What::MapCopyReadOnly) {
                create.what = What::MapMut;
            }
        }
        let known: Vec<_> =
            (0..self.stores.len()).filter(|&file| self.stores[file].readable.is_some()).collect();
        let file = known[usize::from(create.file) % known.len()];
        let size = self.files[file].len();
        let offset = create.offset.of(size, 0, self.unit);
        let rest = size.saturating_sub(offset);
        // Pages past the end of the file are not to be touched: not by us, either.
        let length = create
            .length
            .filter(|_| rest > 0)
            .map(|length| length.of(rest.min(MOST * self.unit), 0, self.unit).min(rest));
        let head = if create.window { offset % page_size() } else { 0 };
        let bytes = length.unwrap_or(rest);

        let first = offset - head;
        let whole = configured(MapOptions::new().offset(offset as u64), &create, length);
        let window = configured(MapOptions::new().byte_offset(offset as u64), &create, length);
        let (whole, place) = self.placed(whole, create.place, head + bytes);
        let (window, _) = self.placed(window, create.place, head + bytes);
        let store = &self.stores[file];
        let (writable, readable) = (store.writable.as_ref()?, store.readable.as_ref()?);
        let result = match (create.window, create.read_only) {
            (false, false) => of_file(whole, create.what, writable),
            (false, true) => of_file(whole, create.what, readable),
            (true, false) => of_file(window, create.what, writable),
            (true, true) => of_file(window, create.what, readable),
        };

        let rights = match create.what {
            What::Anon | What::Map | What::MapCopyReadOnly | What::MapRawReadOnly => READ,
            What::MapMut | What::MapCopy | What::MapRaw => READ | WRITE,
            What::MapExec => READ | EXEC,
        };
        let shared = !create.private && !matches!(create.what, What::MapCopy | What::MapCopyReadOnly);
        let mut reasons = Vec::new();
        if length.is_none() && offset > size {
            reasons.push(Errno::EOVERFLOW);
        } else if bytes > 0 {
            reasons.extend(place.reason);
            let starts = if self.huge { self.unit } else { page_size() };
            if round_down(first, starts) != first {
                reasons.push(Errno::EINVAL);
            }
            if shared && create.read_only && rights & WRITE != 0 {
                reasons.push(Errno::EACCES);
            }
            if let Ok(map) = &result {
                assert_eq!((map.address() - head) % place.alignment, first % place.alignment);
            }
        }
        // An empty map has nothing before it.
        let (head, count) = if bytes == 0 { (0, 0) } else { (head, (head + bytes).div_ceil(self.unit)) };
        let page = |index: usize| Page {
            rights,
            shared,
            may_write: !create.read_only,
            origin: Some((file, first + index * self.unit)),
            own: None,
            lock: if create.locked && !self.huge { Lock::Now } else { Lock::No },
            guard: false,
        };
        let mut model =
            Mapped { first: 0, head, length: bytes, unit: self.unit, pages: (0..count).map(page).collect() };
        if create.populate {
            model.pages.iter_mut().for_each(|page| page.populate(&self.files, self.unit));
        }
        self.take(result, &reasons, &place, model);
        Some(())
    }
}
