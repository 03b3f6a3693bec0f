//! A program with std that is allowed nothing unsafe does what examples/truncated.rs
//! does: it maps a file that another process cuts short and writes anew.

#![forbid(unsafe_code)]

use std::ffi::CString;
use std::time::{Duration, Instant};

use baremap::guard::{Guarded, Guards};
use baremap::memfd::{Memfd, Sealed};
use baremap::sys::page_size;
use baremap::{Command, Errno, File, MapOptions, OpenOptions};

const TEST: &str = "a_file_that_another_process_cuts_short_is_read_without_unsafe";
const OTHER: &str = "BAREMAP_CUT_IT_SHORT";

fn until(mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < end, "the other process does nothing");
        std::thread::yield_now();
    }
}

/// Makes the file three pages long, the first of which is written last.
fn write(file: &File, letter: u8) {
    file.set_len(3 * page_size() as u64).unwrap();
    (0..3).rev().for_each(|number| file.write_all_at(&[letter], (number * page_size()) as u64).unwrap());
}

/// What the other process does.
fn cut_short() {
    let file = OpenOptions::new().read().write().open(c"/proc/self/fd/3").unwrap();
    let map = Guarded::new(MapOptions::new().map_raw(&file).unwrap(), Guards::install().unwrap());
    file.set_len(page_size() as u64).unwrap();
    until(|| map.get(0) == Ok(b'!'));
    write(&file, b'b');
}

/// This test again, in a process of its own.
fn again() -> Vec<CString> {
    let mut words = vec!["/proc/self/exe".to_owned(), TEST.to_owned(), "--exact".to_owned()];
    if std::env::var_os("BAREMAP_EMULATED").is_some() {
        // The host's kernel starts what it knows: the emulator, with us to run.
        let name = format!("qemu-{}", std::env::consts::ARCH);
        let path = std::env::var_os("PATH").expect("PATH, where the emulator is");
        let runner = std::env::split_paths(&path).map(|folder| folder.join(&name)).find(|file| file.exists());
        words[0] = std::env::current_exe().unwrap().to_str().unwrap().to_owned();
        words.insert(0, runner.expect("the emulator").to_str().unwrap().to_owned());
    }
    words.into_iter().map(|word| CString::new(word).unwrap()).collect()
}

#[test]
fn a_file_that_another_process_cuts_short_is_read_without_unsafe() {
    if std::env::var_os(OTHER).is_some() {
        return cut_short();
    }
    let page = page_size();
    let file = Memfd::new(c"shared").unwrap();
    write(&file, b'a');
    let map = Guarded::new(MapOptions::new().map_raw(&file).unwrap(), Guards::install().unwrap());
    let letters = || [0, 1, 2].map(|number| map.get(number * page));
    assert_eq!(letters(), [Ok(b'a'); 3]);

    let (words, variable) = (again(), CString::new(format!("{OTHER}=1")).unwrap());
    let nowhere = OpenOptions::new().write().open(c"/dev/null").unwrap();
    let command = words[1..].iter().fold(Command::new(&words[0]), |command, word| command.arg(word));
    let child = command.env(&variable).pass(&*file, 3).pass(&nowhere, 1).spawn().unwrap();
    until(|| map.get::<u8>(page).is_err());
    let mut bytes = vec![0; 2 * page];
    let fault = map.read_at(10, &mut bytes).unwrap_err();
    assert_eq!((fault.errno, fault.done, fault.offset), (Errno::EFAULT, page - 10, page));
    assert_eq!(map.set(page, 1_u32).map_err(|fault| fault.errno), Err(Errno::EFAULT));
    map.set(0, b'!').unwrap();
    until(|| map.get(0) == Ok(b'b'));
    assert_eq!(letters(), [Ok(b'b'); 3]);
    assert_eq!(child.wait().unwrap().code(), Some(0));

    let sealed = Memfd::new(c"sealed").unwrap();
    sealed.write_all_at(b"lent for good", 0).unwrap();
    let sealed: Sealed = sealed.seal().unwrap();
    let map = sealed.map().unwrap();
    let text: &[u8] = &map;
    assert_eq!(text, b"lent for good");
}
