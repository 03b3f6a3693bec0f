//! Stands in for an instruction set that is none of ours: see ../unsupported.rs.

use core::ffi::c_void;

use super::{Entry, Interrupted};

pub unsafe fn load1(_: *const u8) -> Option<u8> {
    unreachable!()
}

pub unsafe fn load2(_: *const u8) -> Option<u16> {
    unreachable!()
}

pub unsafe fn load4(_: *const u8) -> Option<u32> {
    unreachable!()
}

pub unsafe fn load8(_: *const u8) -> Option<u64> {
    unreachable!()
}

pub unsafe fn store1(_: *mut u8, _: u8) -> bool {
    unreachable!()
}

pub unsafe fn store2(_: *mut u8, _: u16) -> bool {
    unreachable!()
}

pub unsafe fn store4(_: *mut u8, _: u32) -> bool {
    unreachable!()
}

pub unsafe fn store8(_: *mut u8, _: u64) -> bool {
    unreachable!()
}

pub unsafe fn copy_from(_: *mut u8, _: *const u8, _: usize) -> usize {
    unreachable!()
}

pub unsafe fn copy_to(_: *mut u8, _: *const u8, _: usize) -> usize {
    unreachable!()
}

pub fn bounds() -> [*const Entry; 2] {
    unreachable!()
}

pub const LEFT: u16 = 0;

pub unsafe fn interrupted(_: *mut c_void) -> Interrupted {
    unreachable!()
}
