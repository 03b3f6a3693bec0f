//! A file to try things on, which goes away with the program.

use core::ffi::CStr;

use baremap::memfd::Memfd;
use baremap::{Errno, File, OpenFlags, OpenOptions};

/// A file without a name in this folder, or in memory if the folder can have none.
pub fn scratch(folder: &CStr, content: &[u8]) -> Result<File, Errno> {
    let options = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE);
    let file = match options.open(folder) {
        Err(Errno::EOPNOTSUPP | Errno::EISDIR) => Memfd::new(c"scratch")?.into(),
        result => result?,
    };
    file.write_all_at(content, 0)?;
    Ok(file)
}
