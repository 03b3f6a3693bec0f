mod map;

use std::fs::File;
use std::io::{Result, Write, stdout};

fn main() -> Result<()> {
    let file = File::open("f1.txt")?;
    let size = file.metadata()?.len() as usize;
    let map = map::Map::new(&file, size, 1, 1)?;
    // SAFETY: there is one thread.
    let child = unsafe { map::fork() };
    if child == 0 {
        stdout().write_all(b"Child access memory mapped file:\n")?;
    } else {
        // SAFETY: no status is asked for.
        unsafe { map::waitpid(child, std::ptr::null_mut(), 0) };
        stdout().write_all(b"Parent access memory mapped file:\n")?;
    }
    stdout().write_all(map.text())
}
