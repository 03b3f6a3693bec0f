//! A file to try things on, which goes away with the program.

use baremap::memfd::Memfd;
use baremap::{Errno, File, OpenFlags, OpenOptions};

/// A file without a name in /tmp, or in memory where that folder has none.
pub fn scratch(content: &[u8]) -> Result<File, Errno> {
    let options = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE);
    let file = match options.open(c"/tmp") {
        Ok(file) => file,
        Err(_) => Memfd::new(c"scratch")?.into(),
    };
    file.write_all_at(content, 0)?;
    Ok(file)
}
