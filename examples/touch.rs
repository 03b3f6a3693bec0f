//! Bytes that may not be there.

use baremap::Errno;
use baremap::process::ExitStatus;

use crate::child::child;

/// How a child ends that reads this byte.
pub fn touch(at: *const u8) -> Result<ExitStatus, Errno> {
    child(|| {
        // SAFETY: a byte that is not there ends the child, which is the question.
        let _ = unsafe { at.read_volatile() };
    })
}
