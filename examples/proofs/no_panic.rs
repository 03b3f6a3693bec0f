//! Links only if nothing of the library can panic: its panic handler calls what
//! nobody defines, and stays in the program only if something calls it.
//!
//! It goes through the library with what the compiler cannot foresee. What core can
//! panic in, or its compiler does not see that it cannot, is left out: `Debug` of a
//! `CStr`, and that which is derived for more than five fields. With the
//! feature `panics` it does what can panic, and must not link.

#![no_std]
#![no_main]

use core::ffi::CStr;
use core::hint::black_box;
use core::ops::Bound;
use core::panic::PanicInfo;
use core::sync::atomic::AtomicU32;
use core::time::Duration;

use baremap::address_space::{AddressSpace, PageState};
use baremap::ipc::{Begun, Event, Mutex, Once, Peer, Ring, RingError, Segment, Semaphore};
use baremap::process::{self, Fork};
use baremap::rt::{self, eprintln, println};
use baremap::shared::Shared;
use baremap::sys::{self, fs};
use baremap::{
    Advice, CPathBuf, Errno, File, GrowingMap, HugePage, Lossy, Map, MapAnon, MapMut, MapOptions, MapRaw,
    OpenOptions, Prot, Reservation, SeekFrom, UncheckedAdvice, page,
};

baremap::__start!(start);
baremap::__support!();

#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panicked(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn the_library_can_panic() -> !;
    }
    // SAFETY: there is no such function, so this is never linked.
    unsafe { the_library_can_panic() }
}

unsafe extern "C" fn start(stack: *mut usize) -> ! {
    // SAFETY: `_start` hands on the stack as the kernel left it.
    unsafe { rt::start(stack, main) }
}

fn main() -> Result<(), Errno> {
    #[cfg(feature = "panics")]
    return Err(Errno::ALL[black_box(0)]);
    #[cfg(not(feature = "panics"))]
    everything(black_box(c"f1.txt"), black_box(7))
}

#[cfg_attr(feature = "panics", allow(dead_code))]
fn shares(number: u32) -> Result<(), Errno> {
    let (me, time) = (Peer::new(), Duration::from_secs(number.into()));
    let mutex = Shared::<Mutex<AtomicU32>>::new(number as usize)?;
    println!("{:?} {:?} {:?}", mutex.try_lock(me)?, mutex.lock_timeout(me, time)?, mutex.lock(me).guard())?;
    let event = Shared::<Event>::new(0)?;
    event.set();
    event.wait_timeout(time)?;
    event.wait();
    event.clear();
    let semaphore = Shared::<Semaphore>::new(0)?;
    semaphore.give(number)?;
    semaphore.take_timeout(time)?;
    semaphore.take();
    let once = Shared::<Once>::new(0)?;
    println!("{:?} {:?} {}", *semaphore, *event, once.call(me, |begun| begun == Begun::Anew))
}

/// Sends and receives what it may be.
#[cfg_attr(feature = "panics", allow(dead_code))]
fn sends(path: &CStr, number: usize) -> Result<(), RingError> {
    let (me, time, mut buffer) = (Peer::new(), Duration::from_secs(number as u64), [0; 100]);
    let segment = match Segment::open(path, 1, number as u64) {
        Err(error) => {
            println!("{error} {error:?}")?;
            Segment::create(path, 1, number as u64, me).map_err(|_| RingError::Empty)?
        }
        Ok(segment) => segment,
    };
    println!("{segment:?} {}", segment.is_abandoned(me))?;
    // SAFETY: nobody else has the file.
    let there = unsafe { segment.ring(number as u32, number) }?;
    let (mut sender, mut receiver) = (there.sender(me)?, Ring::new(number)?.receiver(me)?);
    let message = buffer.get(..number).unwrap_or_default();
    sender.try_send(message)?;
    sender.send_timeout(message, time)?;
    sender.send(message)?;
    receiver.try_recv(&mut buffer)?;
    receiver.recv_timeout(&mut buffer, time)?;
    let length = receiver.recv(&mut buffer)?;
    println!("{sender:?} {receiver:?} {length}")?;
    Ok(())
}

#[cfg_attr(feature = "panics", allow(dead_code))]
fn everything(path: &'static CStr, number: usize) -> Result<(), Errno> {
    let copy = CPathBuf::new(path.to_bytes())?;
    let file = OpenOptions::new().read().write().create().open(&copy)?;
    let mut bytes = [0; 300];
    let read = file.read_at(&mut bytes, number as u64)?;
    file.write_all_at(bytes.get(..read).unwrap_or_default(), black_box(u64::MAX))?;
    file.seek(SeekFrom::Current(number as i64))?;
    file.set_len(number as u64)?;

    // SAFETY: this is never run.
    let mut map = unsafe { MapOptions::new().len(number).offset(number as u64).map_mut(&file) }?;
    if let Some(byte) = map.first_mut() {
        *byte = 1;
    }
    map.flush()?;
    println!("{map:?} {}", Lossy(path))?;
    map.unmap()?;
    // SAFETY: this is never run.
    let map = unsafe { MapOptions::new().map(&File::open(path)?) }?;
    for entry in fs::directory_entries(&map) {
        println!("{} {} {}", Lossy(entry.name), entry.inode, entry.kind)?;
    }

    maps(&file, path, number)?;
    if let Err(error) = sends(path, number) {
        println!("{error} {error:?}")?;
    }
    shares(number as u32)?;
    ranges(&file, number)?;
    reservations(&file, number)?;
    address_spaces(number)?;

    // SAFETY: this is never run.
    match unsafe { process::fork() }? {
        Fork::Child => process::exit(number as i32),
        Fork::Parent(child) => eprintln!("{:?}", child.wait()?)?,
    }
    for (key, value) in rt::auxv() {
        println!("{key} {value:#x} {}", sys::page_size())?;
    }
    println!("{}", Lossy(rt::var(path.to_bytes()).unwrap_or_default()))?;
    println!("{:?} {:?}", baremap::page::round_up(number, sys::page_size()), Errno::from_raw(number as i32))?;
    // Whatever the compiler finds never to be reached is no part of the proof: this
    // says that its end is.
    println!("the end of everything")
}

/// Makes maps in each way, and one right out of another.
#[cfg_attr(feature = "panics", allow(dead_code))]
fn maps(file: &File, name: &'static CStr, number: usize) -> Result<(), Errno> {
    let options = MapOptions::new().len(number).offset(number as u64).private().shared();
    let options = options.populate().no_reserve().locked().stack().hint(number).fixed(number);
    let options = options.aligned(number).name(name);
    let window = options.byte_offset(number as u64);
    println!("{:?}", page::PageRange::exactly(number, number, number.., number)?)?;
    // SAFETY: this is never run, here and below.
    let copy = unsafe { window.map_copy(file) }?;
    // SAFETY: as above.
    let read_only = unsafe { window.map_copy_read_only(file) }?;
    // SAFETY: as above.
    println!("{} {}", copy.len(), unsafe { read_only.make_mut_unchecked() }?.len())?;
    // SAFETY: as above.
    let executable = unsafe { options.map_exec(file) }?;
    // SAFETY: as above.
    println!("{:?} {:?}", executable.make_read_only()?.first(), unsafe { Map::map(file) }?.leak().first())?;
    // SAFETY: as above.
    let map = unsafe { MapMut::map_mut(file) }?;
    // SAFETY: as above.
    let mut map = unsafe { MapRaw::from_raw(MapRaw::from(map).into_raw()) };
    map.protect(number.., Prot::READ)?;
    println!("{:?} {:?} {:?}", map.as_ptr(), map.as_mut_ptr(), options.map_raw_read_only(file)?)?;
    println!("{:?} {:?}", MapRaw::map_raw(file)?, options.map_shared_anon()?)?;

    let mut huge = options.map_huge(HugePage::of(number).ok_or(Errno::EINVAL)?)?;
    huge.discard(..=number)?;
    huge.shrink(number)?;
    huge.remap(number)?;

    let mut map =
        MapAnon::new(number)?.make_exec()?.make_mut()?.make_exec_mut()?.make_read_only()?.make_mut()?;
    println!("{} {}", map.read_to_end(file)?, map.is_empty())?;
    let length = map.as_ref().len();
    map.as_mut().fill(length as u8);
    map.grow(number)?;
    // SAFETY: as above.
    unsafe { map.grow_unchecked(number) }?;
    // SAFETY: as above.
    unsafe { map.remap_unchecked(number) }?;
    map.set_name(Some(name))?;
    let last = map.split_off(number)?;
    let (first, middle) = map.split_at(number)?;
    let guard = middle.make_guard()?;
    guard.set_name(None)?;
    let whole = first.join(guard.make_mut()?)?.join(last).map_err(|refused| {
        let _ = println!("{refused} {refused:?}");
        refused.errno
    })?;
    whole.leak_mut().fill(0);
    Ok(())
}

/// Asks about ranges of each kind, and has a file grow.
#[cfg_attr(feature = "panics", allow(dead_code))]
fn ranges(file: &File, number: usize) -> Result<(), Errno> {
    // SAFETY: this is never run, here and below.
    let map = unsafe { MapOptions::new().byte_offset(number as u64).map_mut(file) }?;
    map.flush()?;
    map.flush_async()?;
    map.flush_range(number..=number)?;
    map.flush_async_range((Bound::Excluded(number), Bound::Unbounded))?;
    map.invalidate(..number)?;
    map.prefetch(number..)?;
    map.advise(Advice::WillNeed)?;
    map.advise_range(Advice::Cold, number..number)?;
    // SAFETY: as above.
    unsafe { map.unchecked_advise(UncheckedAdvice::Free) }?;
    // SAFETY: as above.
    unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, number..) }?;
    if let Err(error) = map.lock().and_then(|()| map.lock_range(number..)) {
        println!("{error} {error:?}")?;
    }
    map.lock_on_fault(..number)?;
    map.unlock_range(number..)?;
    map.unlock()?;
    for range in map.residency(&mut [0; 7]) {
        println!("{:?}", range?)?;
    }

    // SAFETY: as above.
    let mut log = unsafe { GrowingMap::new(file, number) }?;
    log.append(&map)?;
    log.flush()?;
    if let Some(byte) = log.last_mut() {
        *byte = 0;
    }
    println!("{log:?} {} {}", log.capacity(), log.file().is_empty()?)?;
    println!("{}", log.into_file().is_empty()?)?;
    file.sync_all()?;
    file.sync_data()?;
    file.try_clone()?.read(&mut [0; 3]).map(drop)
}

/// Divides, fills and empties reservations.
#[cfg_attr(feature = "panics", allow(dead_code))]
fn reservations(file: &File, number: usize) -> Result<(), Errno> {
    let mut reservation = Reservation::aligned(number, number)?;
    println!("{reservation:?} {} {:?}", Reservation::new(number)?.len(), reservation.as_ptr())?;
    let (first, second) = reservation.whole()?.split_at(number)?;
    let (second, third) = second.split_at(number)?;
    println!("{first:?} {} {:?}", second.len(), third.as_ptr())?;
    let placed = match first.place(MapRaw::map_raw(file)?) {
        Ok(placed) => placed,
        Err(refused) => return println!("{refused:?}"),
    };
    let committed = second.commit()?;
    let other = third.place(MapAnon::new(number)?.into())?;
    let (left, right) = committed.split_at(number)?;
    let committed = left.join(right)?.make_guard()?.make_mut()?;
    println!("{:?} {:?} {:?}", other.into_piece()?, committed.first(), placed.len())?;
    placed.unmap()?;
    committed.into_piece().map(drop)
}

/// Reads what there is to know of address spaces.
#[cfg_attr(feature = "panics", allow(dead_code))]
fn address_spaces(number: usize) -> Result<(), Errno> {
    let (mut buffer, mut pages) = ([0; 300], [PageState::default(); 100]);
    let (space, buffer) = (AddressSpace::of(number as i32), buffer.get_mut(..number).unwrap_or_default());
    let mut maps = space.maps(buffer)?;
    match maps.next_mapping() {
        Ok(mapping) => drop(black_box(mapping)),
        Err(error) => println!("{error} {error:?}")?,
    }
    black_box(space.mapping_at(number, buffer)?);
    black_box((space.smaps(buffer)?.next_mapping()?, AddressSpace::own().usage()?));
    let told = space.pages(number, pages.get_mut(..number).unwrap_or_default())?;
    println!("{:?} {:?}", pages.get(told), pages.first().and_then(|page| page.frame()))
}
