//! What becomes of a reservation where the kernel refuses: pieces come back, or
//! are lost for good, and what is lost is never used again nor unmapped.

mod hosted;

use std::mem::forget;

use baremap::map::{Committed, Write};
use baremap::sys::{mm, page_size};
use baremap::{Errno, Map, MapAnon, MapMut, MsyncFlags, Refused, Reservation};
use hosted::{Filter, holds, holds_in_child, wrong_under_emulation};

/// Whether a whole range is mapped, with whatever rights.
fn mapped(start: *const u8, length: usize) -> bool {
    mm::msync(start.cast_mut(), length, MsyncFlags::ASYNC).is_ok()
}

#[test]
fn a_commit_that_is_refused_gives_the_piece_back() {
    if wrong_under_emulation("a filter of system calls") {
        return;
    }
    let mut filter = Filter::new(&[sc::nr::MPROTECT], Errno::ENOMEM);
    let mut reservation = Reservation::new(page_size()).unwrap();
    holds_in_child(|| {
        let piece = reservation.whole().or(Err(line!()))?;
        holds!(filter.install());
        let refused = piece.commit().err().ok_or(line!())?;
        holds!(refused.errno == Errno::ENOMEM && refused.value.len() == page_size());
        Ok(())
    });
}

/// A reservation of two pages, the first of which cannot be emptied when its map ends.
fn lose(
    reservation: &mut Reservation,
    filter: &mut Filter,
    end: fn(Map<Write, Committed<'_>>) -> bool,
) -> Result<(), u32> {
    let (start, length) = (reservation.as_ptr(), reservation.len());
    let (first, second) =
        reservation.whole().and_then(|piece| Ok(piece.split_at(page_size())?)).or(Err(line!()))?;
    let memory = first.commit().or(Err(line!()))?;
    holds!(filter.install());
    holds!(end(memory));
    // The others go on, but the whole is never lent again, nor unmapped.
    let memory = second.commit().or(Err(line!()))?;
    holds!(memory[0] == 0);
    forget(memory);
    holds!(reservation.whole().err() == Some(Errno::ENOMEM));
    holds!(reservation.whole().err() == Some(Errno::ENOMEM) && mapped(start, length));
    Ok(())
}

#[test]
fn a_piece_that_cannot_be_emptied_is_lost_and_never_used_again() {
    if wrong_under_emulation("a filter of system calls") {
        return;
    }
    let page = page_size();
    let ends: [fn(Map<Write, Committed<'_>>) -> bool; 3] = [
        |memory| memory.into_piece().err() == Some(Errno::ENOMEM),
        |memory| memory.unmap().is_ok(),
        |memory| {
            drop(memory);
            true
        },
    ];
    for end in ends {
        let mut filter = Filter::new(&[sc::nr::MMAP], Errno::ENOMEM);
        holds_in_child(|| {
            let mut reservation = Reservation::new(2 * page).or(Err(line!()))?;
            let start = reservation.as_ptr();
            lose(&mut reservation, &mut filter, end)?;
            drop(reservation);
            holds!(mapped(start, 2 * page));
            Ok(())
        });
    }
}

#[test]
fn a_forgotten_map_that_cannot_be_taken_away_keeps_the_whole_from_being_lent() {
    if wrong_under_emulation("a filter of system calls") {
        return;
    }
    let mut filter = Filter::new(&[sc::nr::MMAP], Errno::ENOMEM);
    let mut reservation = Reservation::new(page_size()).unwrap();
    holds_in_child(|| {
        forget(reservation.whole().and_then(|piece| Ok(piece.commit()?)).or(Err(line!()))?);
        holds!(filter.install());
        holds!(reservation.whole().err() == Some(Errno::ENOMEM));
        holds!(reservation.whole().err() == Some(Errno::ENOMEM));
        Ok(())
    });
}

#[test]
fn a_move_that_is_refused_gives_the_map_back_and_says_if_the_piece_is_lost() {
    if wrong_under_emulation("a filter of system calls") {
        return;
    }
    let page = page_size();
    for (errno, lost) in [(Errno::EINVAL, false), (Errno::EFAULT, false), (Errno::ENOMEM, true)] {
        let mut filter = Filter::new(&[sc::nr::MREMAP], errno);
        let mut reservation = Reservation::new(page).unwrap();
        let mut map: MapMut = MapAnon::new(page).unwrap().into();
        map.fill(1);
        holds_in_child(|| {
            let piece = reservation.whole().or(Err(line!()))?;
            holds!(filter.install());
            let Refused { value: (piece, map), errno: said } = piece.place(map).err().ok_or(line!())?;
            holds!(said == errno && map.iter().all(|&byte| byte == 1));
            // Whether something was unmapped cannot be told: something is there.
            holds!(piece.is_none() == lost);
            holds!(reservation.whole().is_err() == lost);
            Ok(())
        });
    }
}
