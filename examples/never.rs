//! A program whose `main` never returns: it ends itself.

#![no_std]
#![no_main]

use baremap::process;
use baremap::rt::println;

baremap::entry!(main);

fn main() -> ! {
    // Where there is nobody to tell, the exit code still does.
    let said = println!("This is the end.");
    process::exit(if said.is_ok() { 3 } else { 1 })
}
