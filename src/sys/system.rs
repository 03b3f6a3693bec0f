//! The machine: what a PID 1 does with it.

use core::ffi::CStr;

use super::Argument;
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};
use crate::flags::MountFlags;

/// `int mount(const char *source, const char *target, const char *fstype, unsigned long flags, const void *data)`
///
/// Mounts a filesystem of the type `fstype` on the directory `target`.
///
/// # Errors
///
/// Those of the filesystem, and
///
/// - `EACCES`: a directory on the way may not be searched; for writing, and the
///   device is read-only; a device where `NODEV` forbids them.
/// - `EBUSY`: it is mounted there already.
/// - `EINVAL`: flags that exclude each other, or do not fit what is there; data
///   that the filesystem does not know; a device without such a filesystem.
/// - `ELOOP`: too many symbolic links on the way.
/// - `EMFILE`: too many filesystems without a device.
/// - `ENAMETOOLONG`: a name, or a path, is too long.
/// - `ENODEV`: the kernel has no such filesystem.
/// - `ENOENT`, `ENOTDIR`: `target` is not there, or no directory.
/// - `ENOMEM`: no memory for it.
/// - `ENOTBLK`, `ENXIO`: `source` must be a block device, and is none, or one
///   that is not there.
/// - `EPERM`: for the privileged only.
/// - `EROFS`: for writing, and the filesystem can only be read.
///
/// # References
///
/// [mount(2)](https://man7.org/linux/man-pages/man2/mount.2.html)
#[inline(always)]
pub fn mount(source: &CStr, target: &CStr, fstype: &CStr, flags: MountFlags, data: &CStr) -> Result<()> {
    // SAFETY: each `CStr` ends with a NUL; the call writes no memory of ours.
    errno::unit(unsafe {
        arch::syscall5(
            Sysno::mount,
            source.word(),
            target.word(),
            fstype.word(),
            flags.bits().word(),
            data.word(),
        )
    })
}

/// What [`reboot`] does to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Reboot {
    /// Start it anew.
    Restart = 0x0123_4567,
    /// Stop it.
    Halt = 0xcdef_0123,
    /// Stop it and switch it off.
    PowerOff = 0x4321_fedc,
}

/// `int reboot(int magic, int magic2, int op, void *arg)`
///
/// Restarts or stops the machine at once: nothing is written back first.
///
/// # Errors
///
/// - `EPERM`: for the privileged only.
///
/// # References
///
/// [reboot(2)](https://man7.org/linux/man-pages/man2/reboot.2.html)
#[inline(always)]
pub fn reboot(op: Reboot) -> Result<()> {
    const MAGIC1: u32 = 0xfee1_dead;
    const MAGIC2: u32 = 672_274_793;
    // SAFETY: the call touches no memory of ours.
    errno::unit(unsafe {
        arch::syscall4(Sysno::reboot, MAGIC1.word(), MAGIC2.word(), (op as u32).word(), 0_usize.word())
    })
}
