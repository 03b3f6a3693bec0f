//! Maps: memory that is a file's, unmapped on drop.

mod mapping;
mod options;
mod read_only;
mod writable;

pub use mapping::Refused;
pub use options::MapOptions;
pub use read_only::Map;
pub use writable::MapMut;
