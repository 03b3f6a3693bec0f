//! Maps: memory that is a file's or nobody's, unmapped on drop.

mod access;
mod advice;
mod anon;
mod backing;
mod extent;
mod file;
mod growing;
mod locking;
#[allow(clippy::module_inception, reason = "the module is about the type of this name")]
mod map;
mod options;
mod place;
mod ranges;
mod refused;
mod reservation;
mod residency;
mod rights;

pub use access::{Access, Exec, NoAccess, Raw, Read, Readable, Writable, Write, WriteExec};
pub use advice::{Advice, UncheckedAdvice};
pub use anon::HugePage;
pub use backing::{Anon, Backing, Bare, HugeAnon, Movable, Pages, Private, Window};
pub use file::OfFile;
pub use growing::GrowingMap;
pub use locking::LockError;
pub use map::{Map, MapAnon, MapExec, MapMut, MapRaw};
pub use options::MapOptions;
pub use refused::Refused;
pub use reservation::{Committed, Piece, Placed, Reservation, Reserved};
pub use residency::Residency;
