//! Children that do one thing.

use baremap::Errno;
use baremap::process::{ExitStatus, Fork, exit, fork};

/// Has a child do this, and says how it ended.
pub fn child(what: impl FnOnce()) -> Result<ExitStatus, Errno> {
    // SAFETY: there is one thread; the child does this one thing and ends.
    match unsafe { fork() }? {
        Fork::Child => {
            what();
            exit(0)
        }
        Fork::Parent(child) => child.wait(),
    }
}
