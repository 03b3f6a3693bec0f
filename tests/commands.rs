//! Commands: what the program is given and what it is not, that a failure is
//! reported, and that nothing is left of it.

mod common;
mod hosted;

use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::os::unix::fs::PermissionsExt;

use baremap::flags::FdFlags;
use baremap::memfd::Memfd;
use baremap::process::Child;
use baremap::sys::process::{Resource, Rlimit64, prlimit64, wait4};
use baremap::sys::{RawFd, fs};
use baremap::{Command, Errno, File, Result, WaitFlags};
use common::Folder;
use hosted::{Again, c_path, in_child, lowest_free, raw, wrong_under_emulation};

/// In the environment of the program that a test starts: what it is to do.
const ROLE: &str = "BAREMAP_COMMAND";

/// What this program is to do, if a test has started it.
fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

fn finish(right: bool) -> ! {
    std::process::exit(if right { 42 } else { 1 })
}

/// Somewhere for a program to write to that nobody reads.
fn nowhere() -> File {
    Memfd::new(c"output").unwrap().into()
}

#[track_caller]
fn is_right(child: Result<Child>) {
    let status = child.expect("it starts").wait().expect("our child");
    assert_eq!(status.code(), Some(42), "{status}");
}

fn strings(list: &[&str]) -> Vec<CString> {
    list.iter().map(|string| CString::new(*string).unwrap()).collect()
}

const ODD: [&str; 4] = ["", "with spaces", "with=sign", "--é"];

#[test]
fn arguments_and_environment_arrive_as_they_are() {
    if role().is_some() {
        let arguments: Vec<String> = std::env::args().collect();
        let names: BTreeSet<String> = std::env::vars().map(|(name, _)| name).collect();
        let known = [ROLE, "BAREMAP_EMULATED", "PATH", "ONE"];
        let environment = names.iter().all(|name| known.contains(&name.as_str()));
        let one = std::env::var("ONE").unwrap() == " value = 1";
        finish(arguments.ends_with(&ODD.map(str::to_owned)) && environment && one);
    }
    let again = Again::new("arguments_and_environment_arrive_as_they_are", ROLE, "given");
    let (output, odd) = (nowhere(), strings(&ODD));
    // After this, what begins with a dash is no option of the test program's.
    let command = odd.iter().fold(again.command().arg(c"--"), |command, odd| command.arg(odd));
    is_right(command.env(c"ONE= value = 1").pass(&output, 1).spawn());
}

#[test]
fn the_environment_is_empty_unless_given() {
    const SIGN: &CStr = c"nothing-in-the-environment";
    if std::env::args().any(|argument| argument.as_bytes() == SIGN.to_bytes()) {
        finish(std::env::vars_os().next().is_none());
    }
    let again = Again::new("the_environment_is_empty_unless_given", ROLE, "not given");
    is_right(again.bare_command().arg(SIGN).pass(&nowhere(), 1).spawn());
}

/// What tells files apart.
fn inode(fd: RawFd) -> Option<(u64, u64)> {
    fs::fstat(fd).ok().map(|stat| (stat.st_dev, stat.st_ino))
}

/// The numbers of what is open, but for the folder that lists them.
fn open_numbers() -> BTreeSet<RawFd> {
    let listed = std::fs::read_dir("/proc/self/fd").expect("/proc is mounted");
    let numbers: Vec<RawFd> =
        listed.map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap()).collect();
    // The folder is closed by now.
    numbers.into_iter().filter(|&fd| inode(fd).is_some()).collect()
}

/// As the value of the role: pairs of a number and the inode it is to be, then the
/// numbers that may be open beside those.
fn expectation(pairs: &[(RawFd, &File)], others: &BTreeSet<RawFd>) -> String {
    let pairs = pairs.iter().map(|(number, file)| format!("{number}={}", inode(raw(*file)).unwrap().1));
    pairs.chain(others.iter().map(|number| number.to_string())).collect::<Vec<_>>().join(",")
}

/// Whether what is open is what the value says, and nothing else.
fn meets(expectation: &str) -> bool {
    let mut expected = BTreeSet::new();
    let mut right = true;
    for word in expectation.split(',') {
        let (number, file) = word.split_once('=').map_or((word, None), |(number, file)| (number, Some(file)));
        let number = number.parse().unwrap();
        expected.insert(number);
        right &= file.is_none_or(|file| inode(number).unwrap().1.to_string() == file);
        right &= file.is_none() || fs::fcntl_getfd(number) == Ok(FdFlags::empty());
    }
    // The emulator has some of its own.
    right && (std::env::var_os("BAREMAP_EMULATED").is_some() || open_numbers() == expected)
}

/// What a program of ours gets without being passed it: what whoever started us
/// has left open.
fn inherited() -> BTreeSet<RawFd> {
    let kept = |fd: &RawFd| fs::fcntl_getfd(*fd) == Ok(FdFlags::empty());
    open_numbers().into_iter().filter(kept).chain([0, 1, 2]).collect()
}

#[test]
fn what_is_passed_is_open_and_nothing_else() {
    const TEST: &str = "what_is_passed_is_open_and_nothing_else";
    if let Some(expected) = role() {
        finish(meets(&expected));
    }
    let files = [nowhere(), nowhere(), nowhere(), nowhere()];
    let files = files.each_ref();
    let [a, b, c, unpassed] = files;
    let [low, high] = [raw(a).min(raw(b)), raw(a).max(raw(b))];
    for (passed, what) in [
        (vec![(1, a), (500, b)], "new numbers"),
        (vec![(1, a), (raw(b), b), (raw(c), c)], "its own number"),
        (vec![(1, c), (raw(a), b), (raw(b), a)], "each other's numbers"),
        (vec![(1, c), (raw(b), a), (raw(c), b), (raw(a), c)], "numbers in a ring"),
        (vec![(1, a), (low, a), (high, a), (raw(c), a)], "one as several"),
        (vec![(raw(unpassed), a), (1, b)], "the number of what is not passed"),
        ((500..520).map(|number| (number, c)).chain([(1, b)]).collect(), "many"),
        // The pipe that reports failures, and what is moved out of the way, are among these.
        (
            (3..34).map(|number| (number, files[number as usize % 4])).chain([(1, b)]).collect(),
            "numbers that are in use",
        ),
    ] {
        let again = Again::new(TEST, ROLE, &expectation(&passed, &inherited()));
        let command =
            passed.iter().fold(again.command(), |command, (number, file)| command.pass(*file, *number));
        let status = command.spawn().unwrap().wait().unwrap();
        assert_eq!(status.code(), Some(42), "{what}: {passed:?}");
    }
    // The later one has it.
    let again = Again::new(TEST, ROLE, &expectation(&[(1, a), (500, b)], &inherited()));
    is_right(again.command().pass(a, 500).pass(b, 1).pass(a, 1).pass(b, 500).spawn());
}

#[test]
fn numbers_up_to_the_limit_can_be_passed() {
    const LIMIT: RawFd = 64;
    if role().is_some() {
        let there = |fds: std::ops::Range<RawFd>| fds.filter(|&fd| fs::fstat(fd).is_ok()).count();
        finish(there(LIMIT - 20..LIMIT) == 20);
    }
    let again = Again::new("numbers_up_to_the_limit_can_be_passed", ROLE, "1");
    let output = nowhere();
    let command = (LIMIT - 20..LIMIT).fold(again.command(), |command, number| command.pass(&output, number));
    let (command, past) = (command.clone().pass(&output, 1), command.pass(&output, LIMIT));
    let status = in_child(|| {
        let limit = Rlimit64 { rlim_cur: LIMIT as u64, rlim_max: LIMIT as u64 };
        if prlimit64(0, Resource::NOFILE, Some(&limit)).is_err() {
            return 1;
        }
        if past.spawn().map(drop) != Err(Errno::EBADF) {
            return 2;
        }
        command.spawn().and_then(Child::wait).map_or(3, |status| status.code().unwrap_or(4))
    });
    assert_eq!(status.code(), Some(42), "{status}");
}

/// In a process of its own: the command fails so, and nothing is left of it, no
/// descriptor and no child.
#[track_caller]
fn fails(command: &Command<'_>, errno: Errno) {
    let status = in_child(|| {
        let Ok(free) = lowest_free() else { return 1 };
        match command.spawn() {
            Err(found) if found == errno => {}
            Err(_) => return 2,
            Ok(_) => return 3,
        }
        if wait4(-1, WaitFlags::empty()) != Err(Errno::ECHILD) {
            return 4;
        }
        i32::from(lowest_free() != Ok(free)) * 5
    });
    assert!(status.success(), "{status} with {errno:?}, {command:?}");
}

#[test]
fn a_program_that_cannot_be_executed_is_reported() {
    let folder = Folder::new();
    let script = |name, mode, content| {
        let path = folder.file(name, content);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        c_path(&path)
    };
    fails(&Command::new(c"/nowhere/at/all"), Errno::ENOENT);
    fails(&Command::new(c""), Errno::ENOENT);
    fails(&Command::new(&c_path(folder.path())), Errno::EACCES);
    fails(&Command::new(&script("unexecutable", 0o644, b"#!/nowhere\n")), Errno::EACCES);
    fails(&Command::new(&script("no interpreter", 0o755, b"#!/nowhere\n")), Errno::ENOENT);
    fails(&Command::new(&script("no program", 0o755, b"\0\x01\x02")), Errno::ENOEXEC);
    let below = c_path(&folder.path().join("no program/below"));
    fails(&Command::new(&below), Errno::ENOTDIR);
    let long = CString::new(vec![b'a'; 200_000]).unwrap();
    if !wrong_under_emulation("an argument of 200,000 bytes") {
        fails(&Command::new(c"/proc/self/exe").arg(&long), Errno::E2BIG);
    }
}

#[test]
fn there_is_room_for_32_of_each() {
    let file = nowhere();
    let command = || Command::new(c"/nowhere/at/all");
    let times = |count, more: fn(Command<'static>) -> Command<'static>| {
        (0..count).fold(command(), |command, _| more(command))
    };
    fails(&times(31, |command| command.arg(c"a")), Errno::ENOENT);
    fails(&times(32, |command| command.arg(c"a")), Errno::E2BIG);
    fails(&times(32, |command| command.env(c"A=a")), Errno::ENOENT);
    fails(&times(33, |command| command.env(c"A=a")), Errno::E2BIG);
    let passing = |count| (0..count).fold(command(), |command, number| command.pass(&file, 100 + number));
    fails(&passing(32), Errno::ENOENT);
    fails(&passing(33), Errno::E2BIG);
    // The pipe that reports it has one of these numbers.
    fails(&(3..35).fold(command(), |command, number| command.pass(&file, number)), Errno::ENOENT);
}

#[test]
fn numbers_that_no_descriptor_has_are_refused() {
    let file = nowhere();
    for number in [-1, -100, RawFd::MIN, RawFd::MAX, RawFd::MAX - 1, 1 << 30] {
        fails(&Command::new(c"/nowhere/at/all").pass(&file, number), Errno::EBADF);
    }
}

#[test]
fn failing_is_reported_where_standard_input_and_output_are_closed() {
    let file = nowhere();
    let (bad, passing) = (Command::new(c"/nowhere"), Command::new(c"/nowhere").pass(&file, 0).pass(&file, 2));
    let status = in_child(|| {
        for fd in [0, 1, 2] {
            // SAFETY: this process uses none of them from here on.
            let _ = unsafe { fs::close(fd) };
        }
        i32::from([bad.spawn(), passing.spawn()].iter().any(|answer| !matches!(answer, Err(Errno::ENOENT))))
    });
    assert!(status.success(), "{status}");
}

#[test]
fn a_command_can_be_started_more_than_once() {
    if role().is_some() {
        finish(true);
    }
    let again = Again::new("a_command_can_be_started_more_than_once", ROLE, "1");
    let output = nowhere();
    let command = again.command().pass(&output, 1);
    let children = [command.spawn(), command.clone().spawn(), command.spawn()];
    children.into_iter().for_each(is_right);
}

#[test]
fn its_program_shows_in_debug_output() {
    let text = format!("{:?}", Command::new(c"/bin/true").arg(c"a"));
    assert!(text.contains("/bin/true"), "{text}");
}
