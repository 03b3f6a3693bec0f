//! execve.

use std::ffi::{CStr, c_char};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::ptr::{null, without_provenance};

use baremap::sys::fs::{close, open, read, write};
use baremap::sys::process::{self, Resource};
use baremap::{Errno, Mode, OpenFlags, Result, syscall};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused};
use crate::common::Folder;
use crate::hosted::{self, c_path};
use crate::oracle::pipe;

const MYSELF: &CStr = c"/proc/self/exe";

/// What is refused, in a child, which would be another program if it were not.
fn execute_with(path: &CStr, argv: *const *const c_char) -> Result<()> {
    let envp = [null()];
    in_child_answer(|| {
        // SAFETY: the list ends with a null pointer, and the kernel refuses what `argv` may be.
        unsafe { process::execve(path, argv, envp.as_ptr()) }
    })
}

/// A child of another test has the file of this one open as long as it lives.
fn execute(path: &CStr) -> Result<()> {
    let argv = [path.as_ptr(), null()];
    loop {
        match execute_with(path, argv.as_ptr()) {
            Err(Errno::ETXTBSY) => std::thread::yield_now(),
            answer => return answer,
        }
    }
}

/// The path of what `make` makes in a folder, executed.
fn execute_made(make: impl FnOnce(&Folder) -> PathBuf) -> Result<()> {
    let folder = Folder::new();
    let path = make(&folder);
    execute(&c_path(&path))
}

/// A file that may be executed.
fn executable(folder: &Folder, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.file(name, content);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("the test's own file");
    path
}

/// A program of this machine without code: its header, and one of a segment, of
/// the kind given and with what follows as content.
fn program(kind: u32, content: &[u8]) -> Vec<u8> {
    const HEADER: usize = 64;
    const SEGMENT: usize = 56;
    let myself = fs::read(std::env::current_exe().expect("/proc is mounted")).expect("this program");
    let mut bytes = myself[..HEADER].to_vec();
    bytes[32..40].copy_from_slice(&(HEADER as u64).to_ne_bytes()); // e_phoff
    bytes[56..58].copy_from_slice(&1_u16.to_ne_bytes()); // e_phnum
    let mut segment = [0_u64; SEGMENT / 8];
    segment[0] = kind.into(); // p_type, p_flags
    segment[1] = (HEADER + SEGMENT) as u64; // p_offset
    segment[4] = content.len() as u64; // p_filesz
    bytes.extend(segment.iter().flat_map(|word| word.to_ne_bytes()));
    bytes.extend(content);
    bytes
}

/// The answer to a program whose interpreter is a file of these bytes.
fn execute_interpreted_by(interpreter: &[u8]) -> Result<()> {
    const PT_INTERP: u32 = 3;
    execute_made(|folder| {
        let interpreter = c_path(&executable(folder, "interpreter", interpreter));
        executable(folder, "program", &program(PT_INTERP, interpreter.to_bytes_with_nul()))
    })
}

/// The answer to a process that is to have a capability by the file, and never may.
fn execute_what_may_reboot() -> Result<()> {
    const CAP_SYS_BOOT: u32 = 22;
    // vfs_cap_data: revision 2, in effect at once; permitted and inheritable, twice.
    let data = [0x0200_0001_u32, 1 << CAP_SYS_BOOT, 0, 0, 0];
    let name = c"security.capability";
    let (folder, program) = (Folder::new(), program(0, &[]));
    let (place, path) = (c_path(folder.path()), c_path(&folder.path().join("program")));
    let argv = [path.as_ptr(), null()];
    in_child_answer(|| {
        // Elsewhere such files may be without effect.
        mount_alone()?;
        let (kind, none) = (c"tmpfs".as_ptr(), null::<u8>());
        // SAFETY: it reads the paths.
        unsafe { syscall!(libc::SYS_mount as usize, kind, place.as_ptr(), kind, 0, none) }?;
        let file = open(&path, OpenFlags::CREAT | OpenFlags::WRONLY, Mode::from_bits_retain(0o700))?;
        // SAFETY: nobody was promised that it stays as it is.
        unsafe { write(file, &program) }?;
        let (data, size) = (data.as_ptr(), size_of_val(&data));
        // SAFETY: it reads the name and so many bytes.
        unsafe { syscall!(libc::SYS_fsetxattr as usize, file, name.as_ptr(), data, size, 0) }?;
        // SAFETY: it is the child's own.
        unsafe { close(file) }?;
        // SAFETY: it only takes away what this process may.
        unsafe { syscall!(libc::SYS_prctl as usize, libc::PR_CAPBSET_DROP, CAP_SYS_BOOT) }?;
        // SAFETY: both lists end with a null pointer.
        unsafe { process::execve(&path, argv.as_ptr(), argv[1..].as_ptr()) }
    })
}

/// The answer to a process of a user who had too many before it became the user's.
fn execute_as_one_too_many() -> Result<()> {
    let argv = [MYSELF.as_ptr(), null()];
    let [reader, writer] = pipe();
    let (reader, writer) = (reader.as_raw_fd(), writer.as_raw_fd());
    let other = || {
        let ready = become_nobody().and_then(|()| hosted::write(writer, b"x"));
        let _ = ready.and_then(|_| sleep());
    };
    in_child_answer(|| {
        beside(other, |_| {
            read(reader, &mut [0])?;
            limit(Resource::NPROC, 0)?;
            become_nobody()?;
            // SAFETY: both lists end with a null pointer.
            unsafe { process::execve(MYSELF, argv.as_ptr(), argv[1..].as_ptr()) }
        })
    })
}

pub const CALLS: &[Call] = &[call(
    "execve",
    &[
        refused(Errno::E2BIG, "an argument has 4 MiB", || {
            let long = [&[b'x'; 4 << 20][..], b"\0"].concat();
            let argv = [long.as_ptr().cast(), null()];
            execute_with(MYSELF, argv.as_ptr())
        }),
        refused(Errno::EACCES, "the file may not be executed", || {
            execute_made(|folder| folder.file("text", b"text"))
        }),
        refused(Errno::EAGAIN, "the user had too many processes already", execute_as_one_too_many).as_root(),
        refused(Errno::EFAULT, "there are no arguments where they should be", || {
            execute_with(MYSELF, without_provenance(8))
        }),
        refused(Errno::EIO, "the interpreter is shorter than a program's header", || {
            execute_interpreted_by(b"short")
        })
        .not_emulated(),
        refused(Errno::ELIBBAD, "the interpreter is no program", || execute_interpreted_by(&[b'x'; 4096]))
            .not_emulated(),
        refused(Errno::ELOOP, "the path is a link to itself", || {
            execute_made(|folder| {
                let path = folder.path().join("link");
                symlink("link", &path).expect("a link");
                path
            })
        }),
        refused(Errno::ENAMETOOLONG, "a name has more than 255 bytes", || {
            execute_made(|folder| folder.path().join("x".repeat(256)))
        }),
        too_many_files(),
        refused(Errno::ENOENT, "there is no such file", || execute_made(|folder| folder.path().join("none"))),
        refused(Errno::ENOEXEC, "the file is text", || {
            execute_made(|folder| executable(folder, "text", b"text"))
        }),
        no_memory(),
        refused(Errno::ENOTDIR, "a file is taken for a folder", || {
            execute_made(|folder| executable(folder, "file", b"text").join("inner"))
        }),
        refused(Errno::EPERM, "the file's capability is never to be had", execute_what_may_reboot)
            .as_root()
            .not_emulated(),
        refused(Errno::ETXTBSY, "the file is open for writing", || {
            let folder = Folder::new();
            let path = executable(&folder, "text", b"text");
            let _open = OpenOptions::new().write(true).open(&path).expect("the test's own file");
            execute_with(&c_path(&path), [null()].as_ptr())
        }),
    ],
)];
