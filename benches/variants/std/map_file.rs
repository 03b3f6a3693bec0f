mod map;

use std::fs::File;
use std::io::{Result, Seek, SeekFrom, Write, stdout};

fn main() -> Result<()> {
    let mut file = File::open("f1.txt")?;
    let size = file.seek(SeekFrom::End(0))? as usize;
    let map = map::Map::new(&file, size, 1, 2)?;
    stdout().write_all(b"Data in the file is:\n")?;
    stdout().write_all(map.text())
}
