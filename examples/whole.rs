//! A map of the whole file.

use baremap::MapOptions;

/// Maps as many bytes as the file was measured to have. What measures 0 may be
/// empty, or a directory, or a file of the kernel's with content all the same:
/// then the map is to look for itself.
pub fn whole(size: usize) -> MapOptions {
    match size {
        0 => MapOptions::new(),
        size => MapOptions::new().len(size),
    }
}
