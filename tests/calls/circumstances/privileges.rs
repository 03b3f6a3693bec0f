//! A child of the test that may less than the test, or is alone with what it changes.

use std::ffi::c_uint;

use baremap::sys::process::{Resource, Rlimit64, prlimit64};
use baremap::sys::system::mount;
use baremap::{CloneFlags, MountFlags, Result, syscall};

use crate::hosted::{end_with_parent, is_root};

/// From here on this process is a user's who may nothing, as it is already where
/// the tests are not root's. Not by the libc, which would tell the threads that
/// the child does not have.
pub fn become_nobody() -> Result<()> {
    const NOBODY: c_uint = 65_534;
    if !is_root() {
        return Ok(());
    }
    for call in [libc::SYS_setresgid, libc::SYS_setresuid] {
        // SAFETY: it only takes away what this process may.
        unsafe { syscall!(call as usize, NOBODY, NOBODY, NOBODY) }?;
    }
    // The kernel forgets that of whoever becomes another user.
    end_with_parent();
    Ok(())
}

/// From here on this process may use so much, and can never again have more.
pub fn limit(resource: Resource, most: u64) -> Result<()> {
    prlimit64(0, resource, Some(&Rlimit64 { rlim_cur: most, rlim_max: most })).map(drop)
}

/// Nobody, who may lock so many bytes.
pub fn nobody_who_locks(bytes: usize) -> Result<()> {
    limit(Resource::MEMLOCK, bytes as u64)?;
    become_nobody()
}

/// Leaves these namespaces for new ones.
pub fn unshare(namespaces: CloneFlags) -> Result<()> {
    // SAFETY: it shares nothing that was promised to be shared.
    unsafe { syscall!(libc::SYS_unshare as usize, namespaces.bits()) }.map(drop)
}

/// Leaves the namespace of mounts for one whose mounts nobody else sees.
pub fn mount_alone() -> Result<()> {
    unshare(CloneFlags::NEWNS)?;
    // What is mounted from here on is not to spread to where this came from.
    mount(c"", c"/", c"", MountFlags::from_bits_retain(libc::MS_REC | libc::MS_PRIVATE), c"")
}
