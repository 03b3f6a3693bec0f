//! Maps: memory that is a file's or nobody's, unmapped on drop.
//!
//! There is one type, [`Map`], with two parameters: what may be done with the
//! memory, and what it is. From the first follows what a map lends, from the second
//! how it ends and which of its operations are safe.
//!
//! | access | lends | | backing | is |
//! |---|---|---|---|---|
//! | [`Read`] | `&[u8]` | | [`Pages`] | a file from the start of a page on, or shared memory |
//! | [`Write`] | `&mut [u8]` | | [`Window`] | a file from any byte on |
//! | [`Exec`] | `&[u8]`, to run | | [`Anon`] | private memory |
//! | [`WriteExec`] | `&mut [u8]`, to run | | [`HugeAnon`] | private memory in huge pages |
//! | [`Raw`] | an address | | [`Committed`] | private memory in a [`Reservation`] |
//! | [`NoAccess`] | nothing | | [`Placed`] | what was moved into a [`Reservation`] |
//! | | | | [`Exact`] | a file, exactly as many bytes as one says |
//!
//! # What holds of every map
//!
//! - An operation on a range takes positions in the map. A range that does not lie
//!   within it is `EINVAL` before the kernel is asked, so that no neighbour is ever
//!   touched. A range of no bytes is no call.
//! - An operation that consumes a map gives it back, in [`Refused`], if it fails.
//! - Dropping a map unmaps it and tells nobody how that went; [`Map::unmap`] does.
//!
//! # Moving from memmap2
//!
//! | memmap2 | here |
//! |---|---|
//! | `Mmap`, `MmapMut`, `MmapRaw` | [`Map`], [`MapMut`], [`MapRaw`]; from [`map_anon`](MapOptions::map_anon), [`MapAnon`]; executable, [`MapExec`] |
//! | `Mmap::map`, `MmapMut::map_mut`, `MmapRaw::map_raw` | [`Map::map`], [`MapMut::map_mut`](Map::map_mut), [`MapRaw::map_raw`](Map::map_raw) |
//! | `MmapMut::map_anon(len)` | [`MapAnon::new(len)`](Map::new) |
//! | `MmapOptions::new`, `len` | [`MapOptions::new`], [`len`](MapOptions::len) |
//! | `offset` | [`offset`](MapOptions::offset) for the start of a page, [`byte_offset`](MapOptions::byte_offset) for any byte |
//! | `stack`, `populate`, `no_reserve_swap` | [`stack`](MapOptions::stack), [`populate`](MapOptions::populate), [`no_reserve`](MapOptions::no_reserve) |
//! | `huge(bits)` with `map_anon` | [`map_huge(HugePage::MB2)`](MapOptions::map_huge), which unmaps |
//! | `map`, `map_mut`, `map_exec` | [`map`](MapOptions::map), [`map_mut`](MapOptions::map_mut), [`map_exec`](MapOptions::map_exec) |
//! | `map_copy`, `map_copy_read_only` | [`map_copy`](MapOptions::map_copy), [`map_copy_read_only`](MapOptions::map_copy_read_only) |
//! | `map_anon` | [`map_anon`](MapOptions::map_anon); shared with children, [`map_shared_anon`](MapOptions::map_shared_anon) |
//! | `map_raw`, `map_raw_read_only` | [`map_raw`](MapOptions::map_raw), [`map_raw_read_only`](MapOptions::map_raw_read_only) |
//! | `flush`, `flush_async` | [`flush`](Map::flush), [`flush_async`](Map::flush_async) |
//! | `flush_range(offset, len)`, `flush_async_range` | [`flush_range(offset..end)`](Map::flush_range), [`flush_async_range`](Map::flush_async_range) |
//! | `advise`, `advise_range(advice, offset, len)` | [`advise`](Map::advise), [`advise_range(advice, offset..end)`](Map::advise_range) |
//! | `unchecked_advise`, `unchecked_advise_range` | [`unchecked_advise`](Map::unchecked_advise), [`unchecked_advise_range`](Map::unchecked_advise_range) |
//! | `Advice`, `UncheckedAdvice` | [`Advice`], [`UncheckedAdvice`]; those about fork that take something away are unchecked here |
//! | `make_read_only`, `make_exec` | [`make_read_only`](Map::make_read_only), [`make_exec`](Map::make_exec), which give the map back if they fail |
//! | `make_mut` | [`make_mut`](Map::make_mut) for private memory; for a file [`make_mut_unchecked`](Map::make_mut_unchecked), since another map may lend the same bytes |
//! | `lock`, `unlock` | [`lock`](Map::lock), [`unlock`](Map::unlock), and [`lock_range`](Map::lock_range) |
//! | `remap(len, RemapOptions::new().may_move(true))` | [`remap`](Map::remap) for private memory, [`remap_unchecked`](Map::remap_unchecked) for a file |
//! | `remap(len, RemapOptions::new())` | [`grow`](Map::grow), [`grow_unchecked`](Map::grow_unchecked), [`shrink`](Map::shrink) |
//! | `as_ptr`, `as_mut_ptr`, `len`, `is_empty` | [`as_ptr`](Map::as_ptr), [`as_mut_ptr`](Map::as_mut_ptr), [`len`](Map::len), [`is_empty`](Map::is_empty) |
//! | `Deref`, `DerefMut`, `AsRef`, `AsMut`, `From<MmapMut> for MmapRaw` | the same |
//! | `MmapAsRawDesc` | [`AsFd`](crate::AsFd) |
//! | `io::Error` | [`Errno`](crate::Errno), which becomes an `io::Error` with the feature `std` |
//!
//! # Moving from `rustix::mm`
//!
//! | rustix | here |
//! |---|---|
//! | `mmap`, `mmap_anonymous`, `munmap` | [`MapOptions`], [`Map::unmap`]; [`sys::mm::mmap`](crate::sys::mm::mmap), [`munmap`](crate::sys::mm::munmap) |
//! | `mremap`, `mremap_fixed` | [`Map::remap`], [`Piece::place`]; [`sys::mm::mremap`](crate::sys::mm::mremap) |
//! | `mprotect`, `MprotectFlags`, `ProtFlags` | [`Map::make_read_only`] and its like, [`protect`](Map::protect); [`sys::mm::mprotect`](crate::sys::mm::mprotect), [`Prot`](crate::Prot) |
//! | `msync`, `MsyncFlags` | [`Map::flush`] and its like, [`invalidate`](Map::invalidate); [`sys::mm::msync`](crate::sys::mm::msync), [`MsyncFlags`](crate::MsyncFlags) |
//! | `madvise`, `Advice` | [`Map::advise`], [`discard`](Map::discard); [`sys::mm::madvise`](crate::sys::mm::madvise) |
//! | `mlock`, `mlock_with`, `munlock` | [`Map::lock_range`], [`lock_on_fault`](Map::lock_on_fault), [`unlock_range`](Map::unlock_range); [`sys::mm::mlock`](crate::sys::mm::mlock), [`mlock2`](crate::sys::mm::mlock2), [`munlock`](crate::sys::mm::munlock) |
//! | `mlockall`, `munlockall` | [`sys::mm::mlockall`](crate::sys::mm::mlockall), [`munlockall`](crate::sys::mm::munlockall) |
//! | `userfaultfd` | [`sys::userfaultfd`](crate::sys::userfaultfd) |
//! | `MapFlags`, `MremapFlags`, `MlockFlags`, … | [`flags`](crate::flags), with the same names |

mod access;
mod advice;
mod anon;
mod backing;
mod exact;
mod extent;
mod file;
mod fork;
mod growing;
mod length;
mod locking;
#[allow(clippy::module_inception, reason = "the module is about the type of this name")]
mod map;
mod options;
mod ownership;
mod piece;
mod place;
mod ranges;
mod refused;
mod reservation;
mod reserved;
mod residency;
mod rights;

pub use access::{Access, Exec, NoAccess, Raw, Read, Readable, Writable, Write, WriteExec};
pub use advice::{Advice, UncheckedAdvice};
pub use anon::HugePage;
pub use backing::{Anon, Backing, Bare, HugeAnon, Movable, Pages, Private, Window};
pub use exact::Exact;
pub use file::OfFile;
pub use fork::{KeptFromChildren, WipedInChildren};
pub use growing::GrowingMap;
pub use locking::LockError;
pub use map::{Map, MapAnon, MapExec, MapMut, MapRaw};
pub use options::MapOptions;
pub use piece::Piece;
pub use refused::Refused;
pub use reservation::Reservation;
pub use reserved::{Committed, Placed, Reserved};
pub use residency::Residency;
