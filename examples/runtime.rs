//! What the runtime gives a program: `runtime WHAT [ARGUMENTS…]` shows one.

#![no_std]
#![no_main]

use core::ffi::CStr;
use core::fmt;

use baremap::rt::{self, ExitCode, Start, println};
use baremap::{Errno, process, sys};

baremap::entry!(main);

fn main(start: Start) -> Result<ExitCode, Failure> {
    let what = start.args().nth(1).unwrap_or(c"args").to_bytes();
    match what {
        b"args" => list(start.args().skip(2))?,
        b"env" => list(start.env())?,
        b"var" => show(rt::args().nth(2).and_then(|name| rt::var(name.to_bytes())))?,
        b"page" => println!(
            "{} {}",
            sys::page_size().is_power_of_two(),
            rt::auxv().any(|(key, value)| key == 6 && value == sys::page_size()),
        )?,
        b"long" => {
            // Longer than the buffer of `println!`, in pieces of every size.
            println!("{:>3000}|{:<3000}|", "right", "left")?;
        }
        b"code" => return Ok(ExitCode::from(42)),
        b"error" => return Err(Failure::Refused(Errno::EPERM)),
        b"exit" => process::exit(7),
        b"panic" => panic!("because {} asked for it", "somebody"),
        b"overflow" => {
            // A panic that the compiler inserts, in any profile.
            let zero = start.args().count().saturating_sub(2);
            println!("{}", 1 / zero)?;
        }
        _ => return Err(Failure::Unknown),
    }
    Ok(ExitCode::SUCCESS)
}

/// Why this program exits with 1.
enum Failure {
    Unknown,
    Refused(Errno),
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::Refused(errno)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("the first argument names nothing that can be shown"),
            Self::Refused(errno) => errno.fmt(f),
        }
    }
}

fn list(strings: impl Iterator<Item = &'static CStr>) -> Result<(), Errno> {
    for string in strings {
        show(Some(string))?;
    }
    Ok(())
}

fn show(string: Option<&CStr>) -> Result<(), Errno> {
    println!("{}", string.and_then(|string| string.to_str().ok()).unwrap_or("nothing"))
}
