//! clone3.

use std::ffi::CStr;
use std::ptr::{null, without_provenance};

use baremap::sys::RawFd;
use baremap::sys::fs::{self, AT_FDCWD};
use baremap::sys::process::{self, CloneArgs};
use baremap::{AtFlags, CloneFlags, Errno, Mode, OpenFlags, Result, syscall};

use super::circumstances::*;
use super::process::{
    after_the_first_has_ended, as_nobody, of_too_many, without_descriptors, without_namespaces,
};
use super::{Call, call, in_child_answer, refused, unprovoked};
use crate::common::Folder;
use crate::hosted::{c_path, write};
use crate::oracle::pipe;

const PLAIN: CloneArgs = CloneArgs::new();

fn clone3(args: &CloneArgs) -> Result<()> {
    // SAFETY: the child ends at once, if it is not refused.
    made(unsafe { process::clone3(args) })
}

fn with(flags: CloneFlags) -> Result<()> {
    clone3(&CloneArgs { flags, ..PLAIN })
}

fn into(cgroup: RawFd) -> Result<()> {
    clone3(&CloneArgs { flags: CloneFlags::INTO_CGROUP, cgroup: cgroup as u64, ..PLAIN })
}

/// The answer of `call` in the folder of all cgroups.
fn among_cgroups(call: impl FnOnce() -> Result<()>) -> Result<()> {
    let folder = Folder::new();
    let place = c_path(folder.path());
    in_child_answer(|| {
        mount_alone()?;
        let (kind, none) = (c"cgroup2".as_ptr(), null::<u8>());
        // SAFETY: it reads the paths.
        unsafe { syscall!(libc::SYS_mount as usize, kind, place.as_ptr(), kind, 0, none) }?;
        // SAFETY: as before.
        unsafe { syscall!(libc::SYS_chdir as usize, place.as_ptr()) }?;
        call()
    })
}

/// The answer of `call` while there is a cgroup of this name.
fn beside_cgroup(name: &CStr, call: impl FnOnce() -> Result<()>) -> Result<()> {
    // SAFETY: it reads the path.
    unsafe { syscall!(libc::SYS_mkdirat as usize, libc::AT_FDCWD, name.as_ptr(), 0o755) }?;
    let answer = call();
    let _ = fs::unlinkat(AT_FDCWD, name, AtFlags::REMOVEDIR);
    answer
}

fn folder(name: &CStr) -> Result<RawFd> {
    fs::open(name, OpenFlags::DIRECTORY, Mode::empty())
}

/// Writes to one of the files by which a cgroup is told what to be.
fn tell(file: &CStr, text: &[u8]) -> Result<()> {
    let file = fs::open(file, OpenFlags::WRONLY, Mode::empty())?;
    let answer = write(file, text).map(drop);
    // SAFETY: it was opened here.
    unsafe { fs::close(file) }?;
    answer
}

/// A cgroup whose children share something out has no processes of its own.
fn into_a_parent() -> Result<()> {
    const CONTROL: &CStr = c"cgroup.subtree_control";
    among_cgroups(|| {
        let (mut before, shared) = ([0; 256], b"hugetlb");
        let read = fs::read(fs::open(CONTROL, OpenFlags::RDONLY, Mode::empty())?, &mut before)?;
        let was_shared = before[..read].windows(shared.len()).any(|name| name == shared);
        tell(CONTROL, b"+hugetlb")?;
        let answer = beside_cgroup(c"baremap-parent", || {
            tell(c"baremap-parent/cgroup.subtree_control", b"+hugetlb")?;
            into(folder(c"baremap-parent")?)
        });
        if !was_shared {
            tell(CONTROL, b"-hugetlb")?;
        }
        answer
    })
}

/// Beside a cgroup of threads, one of processes is invalid.
fn into_an_invalid_one() -> Result<()> {
    among_cgroups(|| {
        beside_cgroup(c"baremap-threaded", || {
            beside_cgroup(c"baremap-threaded/threads", || {
                tell(c"baremap-threaded/threads/cgroup.type", b"threaded")?;
                let invalid = c"baremap-threaded/invalid";
                beside_cgroup(invalid, || into(folder(invalid)?))
            })
        })
    })
}

pub const CALLS: &[Call] = &[call(
    "clone3",
    &[
        unprovoked(Errno::E2BIG, "no kernel here is that old"),
        refused(Errno::EACCES, "the cgroup is root's, and the process nobody's", || {
            among_cgroups(|| {
                let cgroup = folder(c".")?;
                become_nobody()?;
                into(cgroup)
            })
        })
        .as_root()
        .not_emulated(),
        refused(Errno::EAGAIN, "the user may have no more processes", || {
            of_too_many(|| with(CloneFlags::empty()))
        })
        .not_emulated(),
        refused(Errno::EBADF, "the descriptor is a pipe's, not a cgroup's", || {
            let [reader, _writer] = pipe();
            into(reader.as_raw_fd())
        })
        .not_emulated(),
        refused(Errno::EBUSY, "the cgroup's children share something out", into_a_parent)
            .as_root()
            .not_emulated(),
        refused(Errno::EEXIST, "the number is our own", || {
            let taken = process::getpid();
            clone3(&CloneArgs { set_tid: &raw const taken, set_tid_size: 1, ..PLAIN })
        })
        .as_root()
        .not_emulated(),
        refused(Errno::EFAULT, "there is no number where it should be", || {
            clone3(&CloneArgs { set_tid: without_provenance(8), set_tid_size: 1, ..PLAIN })
        })
        .not_emulated(),
        refused(Errno::EINVAL, "handlers are shared, and not the memory", || with(CloneFlags::SIGHAND))
            .not_emulated(),
        refused(Errno::EMFILE, "the limit of descriptors is 0", || {
            without_descriptors(|| with(CloneFlags::PIDFD))
        })
        .not_emulated(),
        too_many_files(),
        refused(Errno::ENOENT, "the cgroup was removed", || {
            among_cgroups(|| {
                let mut removed = 0;
                beside_cgroup(c"baremap-removed", || {
                    removed = folder(c"baremap-removed")?;
                    Ok(())
                })?;
                into(removed)
            })
        })
        .as_root()
        .not_emulated(),
        refused(Errno::ENOMEM, "the first process of the namespace has ended", || {
            after_the_first_has_ended(|| with(CloneFlags::empty()))
        })
        .as_root()
        .not_emulated(),
        refused(Errno::ENOSPC, "there may be no such namespaces", || {
            without_namespaces(|| with(CloneFlags::NEWPID))
        })
        .not_emulated(),
        unprovoked(Errno::ENOSYS, "no kernel here is that old; a filter's answer is not the kernel's"),
        refused(Errno::EOPNOTSUPP, "the cgroup is invalid", into_an_invalid_one).as_root().not_emulated(),
        refused(Errno::EPERM, "a namespace of mounts, to nobody", || as_nobody(|| with(CloneFlags::NEWNS)))
            .not_emulated(),
    ],
)];
