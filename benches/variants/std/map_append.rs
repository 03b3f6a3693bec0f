mod map;

use std::fs::File;
use std::io::{Result, Seek, SeekFrom, Write, stdout};

fn main() -> Result<()> {
    let mut file = File::options().read(true).write(true).open("f1.txt")?;
    file.seek(SeekFrom::End(100))?;
    file.write_all(b"\0")?;
    let size = file.metadata()?.len() as usize;
    let map = map::Map::new(&file, size, 3, 1)?;
    stdout().write_all(b"Data of f1.txt that is mapped in memory is:\n")?;
    stdout().write_all(map.text())?;
    let end = map.text().len();
    let new = b"This is GR8\n\0";
    // SAFETY: the file was stretched, so that there is room.
    unsafe { map.0.add(end).copy_from_nonoverlapping(new.as_ptr(), new.len()) };
    stdout().write_all(b"New data in the memory mapped region is:\n")?;
    stdout().write_all(map.text())?;
    // SAFETY: it is mapped.
    unsafe { map::msync(map.0.cast(), map.1, 4) };
    Ok(())
}
