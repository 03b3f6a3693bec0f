//! Under every limit an operation fails as a whole: the map is given back as it
//! was, and neither a mapping nor a descriptor is left over.
//!
//! tests/map_failures_injected.rs does it for each call of each operation.

mod common;
mod hosted;
mod snapshot;

use baremap::sys::process::{Resource, Rlimit64, prlimit64};
use baremap::sys::{mm, page_size};
use baremap::{Errno, File, GrowingMap, Map, MapAnon, MapFlags, MapMut, MapOptions, Prot, Reservation};
use common::Folder;
use hosted::{address_space, holds, holds_in_child, open, raw, wrong_under_emulation};
use snapshot::Snapshot;

fn limit(resource: Resource, to: u64) -> bool {
    prlimit64(0, resource, Some(&Rlimit64 { rlim_cur: to, rlim_max: to })).is_ok()
}

#[test]
fn without_address_space_nothing_is_mapped_and_nothing_lost() {
    if wrong_under_emulation("a limit on the address space") {
        return;
    }
    let page = page_size();
    let folder = Folder::new();
    let file = open(&folder.file("f", &vec![1; 2 * page]));
    let mut reservation = Reservation::new(2 * page).unwrap();
    holds_in_child(|| {
        let snapshot = Snapshot::new()?;
        let mut anon = MapAnon::new(page).or(Err(line!()))?;
        anon.fill(1);
        // SAFETY: the file is this test's own.
        let mut of_file = unsafe { MapOptions::new().len(page).map_mut(&file) }.or(Err(line!()))?;
        let before = snapshot.take()?;
        holds!(limit(Resource::AS, address_space()?));
        holds!(MapAnon::new(page).err() == Some(Errno::ENOMEM));
        holds!(MapOptions::new().len(page).aligned(1 << 21).map_anon().err() == Some(Errno::ENOMEM));
        holds!(MapOptions::new().len(page).map_shared_anon().err() == Some(Errno::ENOMEM));
        // SAFETY: the file is this test's own, here and below.
        holds!(unsafe { Map::map(&file) }.err() == Some(Errno::ENOMEM));
        // SAFETY: as above.
        holds!(unsafe { MapOptions::new().byte_offset(1).map_copy(&file) }.err() == Some(Errno::ENOMEM));
        holds!(MapOptions::new().map_raw(&file).err() == Some(Errno::ENOMEM));
        // SAFETY: as above.
        holds!(unsafe { GrowingMap::new(&file, 1 << 30) }.err() == Some(Errno::ENOMEM));
        holds!(Reservation::new(page).err() == Some(Errno::ENOMEM));
        holds!(anon.grow(2 * page) == Err(Errno::ENOMEM) && anon.remap(2 * page) == Err(Errno::ENOMEM));
        // SAFETY: as above.
        holds!(unsafe { of_file.remap_unchecked(2 * page) } == Err(Errno::ENOMEM));
        let zeros = File::open(c"/dev/zero").or(Err(line!()))?;
        holds!(anon.read_to_end(&zeros) == Err(Errno::ENOMEM));
        drop(zeros);
        holds!(snapshot.take()? == before);
        holds!(anon.len() == page && anon[page - 1] == 0 && of_file.len() == page && of_file[page - 1] == 1);

        // What is there already needs no more.
        let piece = reservation.whole().or(Err(line!()))?;
        let (first, second) = piece.split_at(page).or(Err(line!()))?;
        let (memory, placed) = (first.commit().or(Err(line!()))?, second.place(of_file).or(Err(line!()))?);
        holds!(memory[0] == 0 && placed[0] == 1);
        holds!(memory.into_piece().is_ok() && placed.into_piece().is_ok());
        Ok(())
    });
}

#[test]
fn without_locked_memory_a_map_is_as_unlocked_as_before() {
    let page = page_size();
    holds_in_child(|| {
        let snapshot = Snapshot::new()?;
        let mut anon = MapAnon::new(3 * page).or(Err(line!()))?;
        anon.fill(1);
        holds!(anon.lock_range(..page).is_ok());
        let before = snapshot.take()?;
        holds!(limit(Resource::MEMLOCK, page as u64));
        // SAFETY: it takes three numbers, and ends the privilege that knows no limit.
        holds!(unsafe { libc::syscall(libc::SYS_setresuid, 65_534, 65_534, 65_534) } == 0);
        for range in [0..3 * page, page..3 * page] {
            let error = anon.lock_range(range.clone()).err().ok_or(line!())?;
            holds!(error.errno == Errno::ENOMEM && error.bytes == range.len());
            holds!(error.limit == Some(page as u64));
        }
        holds!(MapOptions::new().len(page).locked().map_anon().err() == Some(Errno::EAGAIN));
        holds!(snapshot.take()? == before && anon.iter().all(|&byte| byte == 1));
        // A locked map that would get longer passes the limit, too.
        anon.shrink(page).or(Err(line!()))?;
        holds!(anon.remap(2 * page) == Err(Errno::EAGAIN) && anon.len() == page && anon[0] == 1);
        Ok(())
    });
}

/// Makes every other page another mapping until the kernel takes no more.
fn use_up_mappings(most: usize) -> Result<(), u32> {
    let flags = MapFlags::PRIVATE | MapFlags::ANONYMOUS | MapFlags::NORESERVE;
    let page = page_size();
    let length = (most + 2) * page;
    // SAFETY: a new mapping replaces nothing.
    let start =
        unsafe { mm::mmap(std::ptr::null_mut(), length, Prot::NONE, flags, -1, 0) }.or(Err(line!()))?;
    for number in (1..most).step_by(2) {
        // SAFETY: nobody uses it.
        if unsafe { mm::mprotect(start.wrapping_add(number * page), page, Prot::READ) }.is_err() {
            // The split at one end may still be possible: it is one more.
            // SAFETY: as above.
            let _ = unsafe { mm::mprotect(start.wrapping_add(length - page), page, Prot::WRITE) };
            return Ok(());
        }
    }
    Err(line!())
}

#[test]
fn without_mappings_what_would_need_one_is_refused_and_the_rest_goes_on() {
    if wrong_under_emulation("the number of mappings") {
        return;
    }
    let page = page_size();
    let most = std::fs::read_to_string("/proc/sys/vm/max_map_count").unwrap().trim().parse().unwrap();
    let mut reservation = Reservation::new(3 * page).unwrap();
    let folder = Folder::new();
    let file = open(&folder.file("f", &vec![1; 2 * page]));
    holds_in_child(|| {
        let snapshot = Snapshot::new()?;
        let mut anon = MapAnon::new(5 * page).or(Err(line!()))?;
        anon.fill(1);
        let (first, middle) = anon.split_at(2 * page).or(Err(line!()))?;
        let (mut middle, last) = middle.split_at(page).or(Err(line!()))?;
        let (one, rest) = reservation.whole().and_then(|piece| Ok(piece.split_at(page)?)).or(Err(line!()))?;
        let (one_more, other) = rest.split_at(page).or(Err(line!()))?;
        use_up_mappings(most)?;
        let before = snapshot.take()?;

        // It is one mapping with what is beside it, which would have to be divided.
        let Err(refused) = middle.make_read_only() else { return Err(line!()) };
        middle = refused.value;
        holds!(refused.errno == Errno::ENOMEM && snapshot.take()? == before);
        let Err(refused) = middle.make_exec() else { return Err(line!()) };
        middle = refused.value;
        let Err(refused) = middle.make_guard() else { return Err(line!()) };
        middle = refused.value;
        holds!(refused.errno == Errno::ENOMEM && snapshot.take()? == before);
        let Err(refused) = middle.unmap() else { return Err(line!()) };
        middle = refused.value;
        holds!(refused.errno == Errno::ENOMEM && snapshot.take()? == before);
        let error = middle.lock().err().ok_or(line!())?;
        holds!(error.errno == Errno::ENOMEM && snapshot.take()? == before);
        holds!(middle.iter().all(|&byte| byte == 1));
        middle.fill(2);

        let Err(refused) = one_more.commit() else { return Err(line!()) };
        holds!(refused.errno == Errno::ENOMEM && snapshot.take()? == before);
        let map = MapMut::from(middle);
        let Err(refused) = refused.value.place(map) else { return Err(line!()) };
        let (_, map) = refused.value;
        holds!(refused.errno == Errno::ENOMEM && map.iter().all(|&byte| byte == 2));
        holds!(snapshot.take()? == before);
        // A new mapping may pass the limit by one.
        let fresh = [(); 3].map(|()| MapOptions::new().map_raw(&file));
        holds!(fresh[2].as_ref().err() == Some(&Errno::ENOMEM));
        drop(fresh);
        holds!(snapshot.take()? == before);

        // What needs none goes on.
        holds!(map.flush() == Ok(()) && map.advise(baremap::Advice::Normal) == Ok(()));
        let whole = MapMut::from(first).join(map).map(|map| map.join(last.into()).ok());
        holds!(whole.ok().flatten().is_some_and(|map| map.len() == 5 * page && map.unmap().is_ok()));
        // They are pieces still.
        holds!(one.len() == page && other.len() == page);
        Ok(())
    });
}

#[test]
fn without_descriptors_there_is_no_file_and_no_copy() {
    holds_in_child(|| {
        let file = File::open(c"/proc/self/exe").or(Err(line!()))?;
        let none = raw(&file) as u64 + 1;
        // Those below may be free, for the test's other threads had them.
        let mut copies = [const { None }; 64];
        holds!(limit(Resource::NOFILE, none.max(8)));
        let mut refused = None;
        for copy in &mut copies {
            match file.try_clone() {
                Ok(another) => *copy = Some(another),
                Err(errno) => {
                    refused = Some(errno);
                    break;
                }
            }
        }
        holds!(refused == Some(Errno::EMFILE));
        holds!(File::open(c"/proc/self/exe").is_err());
        holds!(file.len().is_ok_and(|length| length > 0));
        // A map needs none.
        // SAFETY: nobody changes a program while it runs.
        holds!(unsafe { Map::map(&file) }.is_ok_and(|map| map[1..4] == *b"ELF"));
        Ok(())
    });
}
