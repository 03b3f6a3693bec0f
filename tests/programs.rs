//! The freestanding programs do what they say, on every kernel they were built
//! for, and answer bad input with one line.

mod common;

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

use common::{Folder, command, programs, run, texts, told};

const LECTURE: [&str; 3] = ["map_file", "map_inherit", "map_append"];

/// Content of every length at which a program could run off the page.
fn contents() -> Vec<(&'static str, Vec<u8>)> {
    let mut contents = texts();
    contents.push(("empty", Vec::new()));
    contents.push(("a page without a NUL", vec![b'p'; 4096]));
    contents.push(("sixteen pages without a NUL", vec![b'q'; 65536]));
    contents.push(("ending just before the page", vec![b'r'; 4096 - 101]));
    contents.push(("stretched across the page's end", vec![b's'; 4096 - 50]));
    contents
}

/// What `map_append` makes of a file.
fn appended(content: &[u8]) -> Vec<u8> {
    let mut changed = content.to_vec();
    changed.resize(content.len() + 101, 0);
    let end = text(&changed).len();
    changed[end..end + 13].copy_from_slice(b"This is GR8\n\0");
    changed
}

/// What a program leaves of a file, whether or not its output took the text.
fn left(program: &str, content: &[u8]) -> Vec<u8> {
    if program == "map_append" { appended(content) } else { content.to_vec() }
}

/// What `%s` prints: up to the first NUL.
fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap()
}

fn joined(parts: &[&[u8]]) -> String {
    String::from_utf8_lossy(&parts.concat()).into_owned()
}

#[test]
fn golden_outputs_are_met() {
    let folder = Folder::new();
    let file = folder.file("f1.txt", include_bytes!("../examples/f1.txt"));
    for (program, expected) in [
        ("map_file", include_str!("../examples/map_file.stdout")),
        ("map_inherit", include_str!("../examples/map_inherit.stdout")),
        ("map_append", include_str!("../examples/map_append.stdout")),
        ("atomics", include_str!("../examples/atomics.stdout")),
        ("memory", include_str!("../examples/memory.stdout")),
        ("counter", include_str!("../examples/counter.stdout")),
        ("nothing", include_str!("../examples/nothing.stdout")),
    ] {
        assert_eq!(told(&run(program, &[&file])), (expected.into(), String::new(), Some(0)), "{program}");
    }
}

#[test]
fn a_main_that_never_returns_ends_itself() {
    let expected = include_str!("../examples/never.stdout").to_owned();
    assert_eq!(told(&run("never", &[] as &[&str])), (expected, String::new(), Some(3)));
}

#[test]
fn a_file_that_is_cut_short_is_no_end() {
    // The kernel that starts it again does not know what an emulator runs.
    let runner = std::env::var("BAREMAP_RUNNER").unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let runner = std::env::split_paths(&path).map(|folder| folder.join(&runner)).find(|file| file.is_file());
    let output = run("truncated", runner.as_slice());
    let expected = include_str!("../examples/truncated.stdout");
    assert_eq!(told(&output), (expected.into(), String::new(), Some(0)));
}

#[test]
fn runtime_meets_its_golden_output() {
    let output = run("runtime", &["args", "one", "", "three words here", "ünïcode"]);
    let expected = include_str!("../examples/runtime.stdout");
    assert_eq!(told(&output), (expected.into(), String::new(), Some(0)));
}

#[test]
fn map_file_prints_the_text() {
    let folder = Folder::new();
    for (name, content) in contents() {
        let file = folder.file(name, &content);
        let expected = joined(&[b"Data in the file is:\n", text(&content)]);
        assert_eq!(told(&run("map_file", &[&file])), (expected, String::new(), Some(0)), "{name}");
        assert_eq!(fs::read(&file).unwrap(), content, "{name}: changed");
    }
}

#[test]
fn map_inherit_prints_the_text_twice_the_child_first() {
    let folder = Folder::new();
    for (name, content) in contents() {
        let file = folder.file(name, &content);
        let child = b"Child access memory mapped file:\n";
        let parent = b"Parent access memory mapped file:\n";
        let expected = joined(&[child, text(&content), parent, text(&content)]);
        assert_eq!(told(&run("map_inherit", &[&file])), (expected, String::new(), Some(0)), "{name}");
        assert_eq!(fs::read(&file).unwrap(), content, "{name}: changed");
    }
}

#[test]
fn map_append_appends_after_the_text() {
    let folder = Folder::new();
    for (name, content) in contents() {
        let file = folder.file(name, &content);
        let expected = joined(&[
            b"Data of f1.txt that is mapped in memory is:\n",
            text(&content),
            b"New data in the memory mapped region is:\n",
            text(&content),
            b"This is GR8\n",
        ]);
        assert_eq!(told(&run("map_append", &[&file])), (expected, String::new(), Some(0)), "{name}");
        assert_eq!(fs::read(&file).unwrap(), appended(&content), "{name}: the file");
    }
}

#[test]
fn f1_txt_is_taken_when_no_file_is_named() {
    let folder = Folder::new();
    folder.file("f1.txt", b"by default\n");
    for program in LECTURE {
        let output = command(program).current_dir(folder.path()).output().unwrap();
        let (said, error, code) = told(&output);
        assert!(said.contains("by default\n"), "{program}: {said}");
        assert_eq!((error, code), (String::new(), Some(0)), "{program}");
    }
}

#[test]
fn a_missing_file_is_one_line() {
    for program in LECTURE {
        let expected = format!("{program}: /tmp/no/such file: ENOENT: No such file or directory\n");
        assert_eq!(told(&run(program, &["/tmp/no/such file"])), (String::new(), expected, Some(1)));
    }
}

#[test]
fn a_directory_is_one_line() {
    let folder = Folder::new();
    for program in LECTURE {
        let (said, error, code) = told(&run(program, &[folder.path()]));
        let is_directory = format!("{program}: {}: EISDIR: Is a directory\n", folder.path().display());
        // Some filesystems let a directory be measured by a seek, some refuse.
        let no_seek = format!("map_file: {}: EINVAL: Invalid argument\n", folder.path().display());
        assert!(error == is_directory || error == no_seek, "{error}");
        assert_eq!((said.as_str(), code), ("", Some(1)), "{program}");
    }
}

#[test]
fn a_file_without_permission_is_one_line() {
    let folder = Folder::new();
    let file = folder.file("secret", b"secret");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    for program in LECTURE {
        // Where nobody may enter the folder of the build, a copy can be run.
        let copy = folder.path().join(program);
        fs::copy(programs().join(program), &copy).unwrap();
        let mut command = command(&copy);
        command.arg(&file);
        if fs::File::open(&file).is_ok() {
            // Nothing is forbidden to root, so the program runs as nobody.
            command.uid(65534).gid(65534);
        }
        let expected = format!("{program}: {}: EACCES: Permission denied\n", file.display());
        let output = loop {
            match command.output() {
                // Another test's child, between fork and execve, still has the
                // copy open for writing, as this test had.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
                output => break output.unwrap(),
            }
        };
        assert_eq!(told(&output), (String::new(), expected, Some(1)));
    }
    assert_eq!(fs::metadata(&file).unwrap().len(), 6);
}

#[test]
fn a_pipe_is_one_line_and_no_hang() {
    let seek = "ESPIPE: Illegal seek";
    let map = "ENODEV: No such device";
    for (program, errno) in [("map_file", seek), ("map_inherit", map), ("map_append", seek)] {
        // Opening what stands there opens the pipe itself.
        let output = command(program).arg("/proc/self/fd/0").stdin(Stdio::piped()).output().unwrap();
        let expected = format!("{program}: /proc/self/fd/0: {errno}\n");
        assert_eq!(told(&output), (String::new(), expected, Some(1)));
    }
}

#[test]
fn a_device_is_one_line() {
    for program in LECTURE {
        let expected = format!("{program}: /dev/null: ENODEV: No such device\n");
        assert_eq!(told(&run(program, &["/dev/null"])), (String::new(), expected, Some(1)));
    }
}

#[test]
fn a_file_that_says_0_and_has_content_is_one_line() {
    // The second says EINVAL to a seek from its end.
    let expected = "map_inherit: /proc/version: ENODATA: No data available\n".to_owned();
    assert_eq!(told(&run("map_inherit", &["/proc/version"])), (String::new(), expected, Some(1)));
    let (said, error, code) = told(&run("map_file", &["/proc/version"]));
    assert_eq!((said.as_str(), code), ("", Some(1)));
    assert!(error.starts_with("map_file: /proc/version: E"), "{error}");
}

#[test]
fn a_closed_standard_input_is_no_place_for_the_file() {
    let folder = Folder::new();
    let file = folder.file("f1.txt", b"text\n");
    let mut command = command("map_append");
    let close = || {
        for fd in 0..=2 {
            // SAFETY: closing is async-signal-safe; the child owns them.
            unsafe { libc::close(fd) };
        }
        Ok(())
    };
    // SAFETY: the closure does only what a signal handler may.
    unsafe { command.arg(&file).pre_exec(close) };
    // Nowhere to say it, but the file is whole, with no heading in it.
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert_eq!(fs::read(&file).unwrap(), appended(b"text\n"));
}

#[test]
fn a_reader_that_goes_away_leaves_the_file_whole() {
    let folder = Folder::new();
    let file = folder.file("f1.txt", b"text\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command("map_append").arg(&file).stdout(writer).output().unwrap();
    assert_eq!(output.status.signal(), Some(libc::SIGPIPE));
    assert_eq!(fs::read(&file).unwrap(), appended(b"text\n"));
}

#[test]
fn map_inherit_works_where_children_leave_no_status() {
    let folder = Folder::new();
    let file = folder.file("f1.txt", b"text\n");
    let mut command = command("map_inherit");
    let ignore = || {
        // SAFETY: this is async-signal-safe and runs no handler.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        Ok(())
    };
    // SAFETY: the closure does only what a signal handler may.
    unsafe { command.arg(&file).pre_exec(ignore) };
    let said = "Child access memory mapped file:\ntext\nParent access memory mapped file:\ntext\n";
    assert_eq!(told(&command.output().unwrap()), (said.into(), String::new(), Some(0)));
}

#[test]
fn a_full_output_is_one_line_and_the_file_whole() {
    let folder = Folder::new();
    for (name, content) in contents() {
        for program in LECTURE {
            let file = folder.file(name, &content);
            let full = File::options().write(true).open("/dev/full").unwrap();
            let output = command(program).arg(&file).stdout(full).output().unwrap();
            let expected = format!("{program}: standard output: ENOSPC: No space left on device\n");
            assert_eq!(told(&output), (String::new(), expected, Some(1)), "{program}, {name}");
            assert_eq!(fs::read(&file).unwrap(), left(program, &content), "{program}, {name}: the file");
        }
    }
}

#[test]
fn an_output_that_ends_halfway_leaves_the_file_whole() {
    // A limit on file sizes lets the first lines through and refuses the rest.
    // It is larger than the file itself becomes.
    let folder = Folder::new();
    let content = b"with \0 inside, which must come back\n".repeat(2);
    let limit = content.len() + 101;
    let headings = 44 + 5 + 41 + 5 + 12;
    for room in 0..headings {
        let file = folder.file("f1.txt", &content);
        let output = folder.file("output", &vec![b'.'; limit - room]);
        let target = File::options().append(true).open(&output).unwrap();
        let mut command = command("map_append");
        command.arg(&file).stdout(target);
        limit_file_size(&mut command, limit as u64);
        let (_, error, code) = told(&command.output().unwrap());
        let expected = "map_append: standard output: EFBIG: File too large\n".to_owned();
        assert_eq!((error, code), (expected, Some(1)), "room for {room} bytes");
        assert_eq!(fs::read(&output).unwrap().len(), limit, "room for {room} bytes");
        assert_eq!(fs::read(&file).unwrap(), appended(&content), "room for {room} bytes");
    }
}

/// Has every write past `bytes` of a file refused, without the signal.
fn limit_file_size(command: &mut Command, bytes: u64) {
    let set = move || {
        let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
        // SAFETY: both are async-signal-safe, and the pointer is to a local.
        let set = unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) };
        // SAFETY: as above; ignoring runs no handler.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        if set == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    };
    // SAFETY: the closure does only what a signal handler may.
    unsafe { command.pre_exec(set) };
}

#[test]
fn a_closed_output_is_one_line_and_the_file_whole() {
    let folder = Folder::new();
    for (name, content) in contents() {
        for program in LECTURE {
            let file = folder.file(name, &content);
            let mut command = command(program);
            let close = || {
                // SAFETY: closing is async-signal-safe; the child owns it.
                unsafe { libc::close(1) };
                Ok(())
            };
            // SAFETY: the closure does only what a signal handler may.
            unsafe { command.arg(&file).pre_exec(close) };
            let expected = format!("{program}: standard output: EBADF: Bad file number\n");
            assert_eq!(
                told(&command.output().unwrap()),
                (String::new(), expected, Some(1)),
                "{program}, {name}"
            );
            assert_eq!(fs::read(&file).unwrap(), left(program, &content), "{program}, {name}: the file");
        }
    }
}

#[test]
fn a_pipe_that_nobody_reads_ends_by_sigpipe_and_is_epipe_where_ignored() {
    let folder = Folder::new();
    let file = folder.file("f1.txt", b"text");
    for ignored in [false, true] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command("map_file");
        command.arg(&file).stdout(writer);
        if ignored {
            let ignore = || {
                // SAFETY: this is async-signal-safe and runs no handler.
                unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
                Ok(())
            };
            // SAFETY: the closure does only what a signal handler may.
            unsafe { command.pre_exec(ignore) };
        }
        let output = command.output().unwrap();
        if ignored {
            let expected = "map_file: standard output: EPIPE: Broken pipe\n".to_owned();
            assert_eq!(told(&output), (String::new(), expected, Some(1)));
        } else {
            assert_eq!(output.status.signal(), Some(libc::SIGPIPE));
        }
    }
}

#[test]
fn an_error_and_a_code_are_what_main_returned() {
    let error = "runtime: EPERM: Operation not permitted\n".to_owned();
    assert_eq!(told(&run("runtime", &["error"])), (String::new(), error, Some(1)));
    assert_eq!(told(&run("runtime", &["code"])), (String::new(), String::new(), Some(42)));
    assert_eq!(told(&run("runtime", &["exit"])), (String::new(), String::new(), Some(7)));
}

#[test]
fn a_program_started_without_a_name_is_a_question_mark() {
    let error = "?: EPERM: Operation not permitted\n".to_owned();
    for name in ["", "folder/"] {
        let mut command = command("runtime");
        if std::env::var_os("BAREMAP_RUNNER").is_some_and(|runner| !runner.is_empty()) {
            println!("an emulator gives the program's name itself: this runs where there is none");
            return;
        }
        assert_eq!(
            told(&command.arg0(name).arg("error").output().unwrap()),
            (String::new(), error.clone(), Some(1))
        );
    }
}

#[test]
fn the_environment_is_handed_on() {
    let output = command("runtime")
        .args(["var", "SECOND"])
        .env_clear()
        .env("FIRST", "1")
        .env("SECOND", "=a=b")
        .env("SECONDS", "9")
        .output();
    assert_eq!(told(&output.unwrap()), ("=a=b\n".into(), String::new(), Some(0)));
    let output = command("runtime").args(["var", "SECON"]).env("SECOND", "x").output().unwrap();
    assert_eq!(told(&output), ("nothing\n".into(), String::new(), Some(0)));
    let output = command("runtime").arg("env").env_clear().env("ONLY", "this one").output().unwrap();
    assert_eq!(told(&output), ("ONLY=this one\n".into(), String::new(), Some(0)));
}

#[test]
fn the_page_size_comes_from_the_auxiliary_vector() {
    assert_eq!(told(&run("runtime", &["page"])), ("true true\n".into(), String::new(), Some(0)));
}

#[test]
fn a_line_longer_than_the_buffer_is_whole() {
    let expected = format!("{:>3000}|{:<3000}|\n", "right", "left");
    assert_eq!(told(&run("runtime", &["long"])), (expected, String::new(), Some(0)));
}

#[test]
fn a_panic_says_what_and_where_and_ends_by_sigabrt() {
    for (what, message) in
        [("panic", "because somebody asked for it"), ("overflow", "attempt to divide by zero")]
    {
        let output = run("runtime", &[what]);
        assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{what}");
        let error = String::from_utf8_lossy(&output.stderr);
        let mut lines = error.lines();
        let place = lines.next().unwrap();
        assert!(place.starts_with("panicked at "), "{error}");
        assert!(place.contains("runtime.rs:"), "{error}");
        assert_eq!(lines.next(), Some(message), "{error}");
    }
}

#[test]
fn sigabrt_comes_even_where_it_is_ignored_and_blocked() {
    let mut command = command("runtime");
    let ignore = || {
        // SAFETY: this is async-signal-safe and runs no handler.
        unsafe { libc::signal(libc::SIGABRT, libc::SIG_IGN) };
        // SAFETY: a signal set is a plain array, valid as zeros.
        let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
        for signal in [libc::SIGABRT, libc::SIGTERM] {
            // SAFETY: the pointer is to a local.
            unsafe { libc::sigaddset(&mut set, signal) };
        }
        // SAFETY: as above; the child has one thread.
        unsafe { libc::sigprocmask(libc::SIG_BLOCK, &set, std::ptr::null_mut()) };
        // A signal that waits must not take the place of SIGABRT.
        // SAFETY: as above; it is blocked.
        unsafe { libc::raise(libc::SIGTERM) };
        Ok(())
    };
    // SAFETY: the closure does only what a signal handler may.
    unsafe { command.arg("panic").pre_exec(ignore) };
    assert_eq!(command.output().unwrap().status.signal(), Some(libc::SIGABRT));
}

#[test]
fn init_refuses_to_run_beside_a_system() {
    let expected = "init: only PID 1 may run this: EPERM: Operation not permitted\n".to_owned();
    assert_eq!(told(&run("init", &[] as &[&str])), (String::new(), expected, Some(1)));
}
