//! Stands in for an instruction set that is none of ours, so that the refusal in
//! mod.rs is the one error a compiler gives. Nothing of it ever runs.

use super::{Sysno, Word};

macro_rules! trap {
    ($number:ident $(, $register:tt = $argument:ident)*) => {{
        let _ = ($number $(, $argument)*);
        fork()
    }};
}

system_calls! { _ _ _ _ _ _ }

pub unsafe fn open(_: Word, _: Word, _: Word) -> Word {
    unreachable!()
}

pub unsafe fn fork() -> Word {
    unreachable!()
}

pub unsafe fn clone(_: Word, _: Word, _: Word, _: Word, _: Word) -> Word {
    unreachable!()
}

pub const SYNC_FILE_RANGE: Sysno = Sysno::fsync;

#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Stat {
    pub st_mode: u32,
    pub st_size: i64,
}

pub const O_DIRECT: u32 = 0;
pub const O_LARGEFILE: u32 = 0;
pub const O_DIRECTORY: u32 = 0;
pub const O_NOFOLLOW: u32 = 0;

pub type Restorer = [Word; 0];
pub fn signal_return() -> (Restorer, bool) {
    unreachable!()
}

pub unsafe fn run_constructors() {}

pub unsafe fn jump(_: Word, _: Word) -> ! {
    unreachable!()
}

#[doc(hidden)]
#[macro_export]
macro_rules! __start {
    ($main:path) => {};
}
