//! The program `layout`: its picture has the lecture's parts in the lecture's order, each
//! where /proc or the program itself says that it is, at any width.

mod common;

use std::fs;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{command, run, told};

/// A part of the picture.
#[derive(Debug, PartialEq)]
struct Part {
    start: u64,
    end: u64,
    label: String,
    rights: String,
}

/// Takes the picture apart; and the lines below it, a name and an address each.
fn read(picture: &str) -> (Vec<Part>, Vec<(String, u64)>) {
    let mut parts: Vec<Part> = Vec::new();
    let mut own = Vec::new();
    for line in picture.lines().skip(2) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [address, frame] = words[..] {
            if frame.starts_with(['┌', '├', '└']) {
                let address = u64::from_str_radix(address, 16).expect("an address");
                if let Some(last) = parts.last_mut() {
                    last.start = address;
                }
                if !frame.starts_with('└') {
                    parts.push(Part { start: 0, end: address, label: String::new(), rights: String::new() });
                }
                continue;
            }
        }
        if let Some((_, address)) = line.rsplit_once(" 0x") {
            let name = line.trim().rsplit_once(' ').unwrap().0.trim().to_owned();
            own.push((name, u64::from_str_radix(address, 16).unwrap()));
            continue;
        }
        let columns: Vec<&str> = line.split(['│', '┊', '≈']).collect();
        let [_, inside, beside] = columns[..] else { continue };
        let last = parts.last_mut().expect("a part above its first row");
        if last.label.is_empty() {
            last.label = inside.trim().to_owned();
            // Behind the size and its unit, and before what is said beside it.
            last.rights = beside.split_whitespace().nth(2).unwrap_or_default().to_owned();
        }
    }
    (parts, own)
}

fn picture(arguments: &[&str], columns: &str) -> String {
    let mut command = command("layout");
    let output = command.args(arguments).env("COLUMNS", columns).env_remove("NO_COLOR").output().unwrap();
    let (text, error, code) = told(&output);
    assert_eq!((error.as_str(), code), ("", Some(0)));
    text
}

/// The only part of this name.
fn part<'a>(parts: &'a [Part], label: &str) -> &'a Part {
    let mut found = parts.iter().filter(|part| part.label == label);
    let part = found.next().unwrap_or_else(|| panic!("no {label} in {parts:#?}"));
    assert!(found.next().is_none(), "two of {label} in {parts:#?}");
    part
}

/// Whether qemu-user runs the program, and lays it out its own way.
fn emulated() -> bool {
    std::env::var_os("BAREMAP_RUNNER").is_some_and(|runner| !runner.is_empty())
}

#[test]
fn the_parts_are_in_the_lectures_order_and_hold_what_is_said_to_be_there() {
    let (parts, own) = read(&picture(&[], "80"));
    // Without a gap and without overlap, down to the address 0.
    assert!(parts.windows(2).all(|pair| pair[0].start == pair[1].end), "{parts:#?}");
    assert!(parts.iter().all(|part| part.start < part.end), "{parts:#?}");
    assert_eq!(parts.last().unwrap().start, 0);

    let mut order = vec!["argv, environ", "stack", "shared memory: memfd:shared", "mapping: layout"];
    order.extend(["heap", "uninitialized data (bss)", "initialized data", "text (program code)"]);
    if emulated() {
        println!(
            "not checked under qemu-user: the order, for it has mappings above the stack; and where bss starts"
        );
        order.retain(|label| !label.contains("data"));
    } else {
        let places: Vec<u64> = order.iter().map(|label| part(&parts, label).start).collect();
        assert!(places.is_sorted_by(|one, other| one > other), "{order:?} {places:x?}");
    }

    let expected = [
        ("argv[0]", "argv, environ", "rw-p"),
        ("a local variable", "stack", "rw-p"),
        ("shared memory", "shared memory: memfd:shared", "rw-s"),
        ("a file, mapped", "mapping: layout", "r--s"),
        ("what brk gave", "heap", "rw-p"),
        ("UNINITIALIZED", "uninitialized data (bss)", "rw-p"),
        ("INITIALIZED", "initialized data", "rw-p"),
        ("main", "text (program code)", "r-xp"),
    ];
    assert_eq!(own.len(), expected.len());
    for ((what, address), (expected, label, rights)) in own.iter().zip(expected) {
        assert_eq!(what, expected);
        if !order.contains(&label) {
            continue;
        }
        let part = part(&parts, label);
        assert!((part.start..part.end).contains(address), "{what} {address:#x} is not in {part:x?}");
        assert_eq!(part.rights, rights, "{part:x?}");
    }
}

static INITIALIZED: AtomicUsize = AtomicUsize::new(1);
static UNINITIALIZED: [AtomicUsize; 4096] = [const { AtomicUsize::new(0) }; 4096];

/// A program with std, be it dynamic or a static-pie: this one.
#[test]
fn another_process_is_drawn_with_its_parts_where_it_has_them() {
    if emulated() {
        println!("not checked under qemu-user, where another process is the emulator");
        return;
    }
    INITIALIZED.store(UNINITIALIZED.len(), Ordering::Relaxed);
    let (parts, own) = read(&picture(&[&std::process::id().to_string()], "80"));
    assert!(own.is_empty());
    // SAFETY: the list of the environment is never changed here.
    let environment = unsafe { libc::getauxval(libc::AT_EXECFN) };
    let code = another_process_is_drawn_with_its_parts_where_it_has_them as *const ();
    let expected = [
        ("argv, environ", environment, "rw-p"),
        ("uninitialized data (bss)", (&raw const UNINITIALIZED).addr() as u64, "rw-p"),
        ("initialized data", (&raw const INITIALIZED).addr() as u64, ""),
        ("text (program code)", code.addr() as u64, "r-xp"),
    ];
    for (label, address, rights) in expected {
        let part = part(&parts, label);
        assert!((part.start..part.end).contains(&address), "{address:#x} is not in {part:x?}");
        assert!(part.rights == rights || rights.is_empty(), "{part:x?}");
    }
    let maps = fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
    let heap = maps.lines().any(|line| line.ends_with("[heap]"));
    assert!(!heap || parts.iter().any(|part| part.label == "heap"), "{parts:#?}\n{maps}");
    let place = |label| parts.iter().position(|part| part.label == label);
    let (stack, text) = (place("stack").expect("a stack"), place("text (program code)").expect("code"));
    assert!(parts[stack + 1].label.starts_with("↓ room for the stack"), "{parts:#?}");
    assert!(stack < text);
}

#[test]
fn it_fits_its_width_and_tells_the_same_at_each() {
    // Where the kernel places the parts by chance, there is room between two or none.
    let labels = |picture: &str| {
        let parts = read(picture).0.into_iter().map(|part| part.label);
        parts.filter(|label| label != "nothing").collect::<Vec<_>>()
    };
    let usual = labels(&picture(&[], "80"));
    for columns in [70, 80, 100, 129, 130, 160, 200, 300] {
        let picture = picture(&[], &columns.to_string());
        let widest = picture.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns, "{widest} in {columns}:\n{picture}");
        assert!(!picture.contains('\x1b') && !picture.lines().any(|line| line.ends_with(' ')));
        let told = labels(&picture);
        assert_eq!(told.len(), usual.len());
        // What has no room is cut.
        assert!(usual.iter().zip(&told).all(|(whole, told)| whole.starts_with(told)), "{columns}: {told:?}");
        assert!(columns < 80 || told == usual, "{columns}: {told:?}");
    }
    for nonsense in ["", "0", "-1", "wide", "99999999999999999999"] {
        assert_eq!(labels(&picture(&[], nonsense)), usual);
    }
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, start: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).map(move |rest| rest.split(end).next().unwrap())
}

#[test]
fn the_picture_in_svg_has_every_part_and_nothing_overlaps() {
    let (parts, _) = read(&picture(&[], "80"));
    let svg = picture(&["--svg"], "80");
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n"));
    for part in &parts {
        assert!(svg.contains(&format!(">{}</text>", part.label)), "{}", part.label);
    }
    // A background, and a box for each part that is there.
    let there = parts.iter().filter(|part| !part.rights.is_empty()).count();
    assert_eq!(svg.matches("<rect ").count(), there + 1);
    let mut open = Vec::new();
    for tag in between(&svg, "<", ">") {
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let places: Vec<u32> = between(&svg, "text-anchor=\"end\"", "\n")
        .zip(between(&svg, "<text x=\"176\" y=\"", "\""))
        .map(|(_, place)| place.parse().unwrap())
        .collect();
    assert_eq!(places.len(), parts.len() + 1);
    assert!(places.windows(2).all(|pair| pair[0] + 30 < pair[1]), "{places:?}");
    let height: u32 = between(&svg, "height=\"", "\"").next().unwrap().parse().unwrap();
    assert!(places.last().is_some_and(|last| last + 10 < height));
}

#[test]
fn what_cannot_be_drawn_is_said_to_be_so() {
    let refused = |arguments: &[&str]| {
        let (output, error, code) = told(&run("layout", arguments));
        assert_eq!((output.as_str(), code), ("", Some(1)), "{arguments:?}");
        error
    };
    assert!(refused(&["2147483647"]).starts_with("layout: ENOENT: "));
    assert!(refused(&["--svg", "-5"]).starts_with("layout: ENOENT: "));
    for nonsense in ["x", "--sv", "1x", "99999999999", ""] {
        assert_eq!(refused(&[nonsense]), "layout: [--svg] [PID], and nothing else\n", "{nonsense:?}");
    }
}

/// Runs it on a terminal of this width; `None` if there are none here.
fn on_terminal(columns: u16, no_color: &str) -> Option<String> {
    let master = fs::OpenOptions::new().read(true).write(true).open("/dev/ptmx").ok()?;
    let number: libc::c_int = 0;
    // SAFETY: each call reads or writes the one number, or the size.
    let unlocked = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSPTLCK, &raw const number) };
    let mut name: libc::c_int = 0;
    // SAFETY: as above.
    let named = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTN, &raw mut name) };
    let size = libc::winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: as above.
    let sized = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
    let path = format!("/dev/pts/{name}");
    let slave = fs::OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOCTTY).open(path).ok()?;
    assert_eq!((unlocked, named, sized), (0, 0, 0));
    let mut child = command("layout").env("NO_COLOR", no_color).stdout(slave).spawn().unwrap();
    // It ends with an error when nobody has the other side any more.
    let mut text = Vec::new();
    let _ = (&master).read_to_end(&mut text);
    assert!(child.wait().unwrap().success());
    Some(String::from_utf8(text).unwrap().replace("\r\n", "\n"))
}

#[test]
fn on_a_terminal_it_is_as_wide_and_in_colour_unless_that_is_not_wanted() {
    let Some(coloured) = on_terminal(200, "") else {
        println!("not checked, for there are no terminals here");
        return;
    };
    let plain = on_terminal(200, "1").unwrap();
    assert!(!plain.contains('\x1b') && coloured.contains("\x1b[1;31mstack\x1b[0m"));
    let (parts, _) = read(&plain);
    assert!(parts.iter().any(|part| part.label == "stack"));
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert!(widest(&plain) > Some(80) && widest(&plain) <= Some(200));
    assert!(widest(&on_terminal(80, "1").unwrap()) <= Some(80));
    assert!(widest(&on_terminal(0, "1").unwrap()) <= Some(80));
}
