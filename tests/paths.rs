//! Paths without allocation: how long, of which bytes, and how they print.

mod common;
mod hosted;

use std::os::unix::ffi::OsStrExt;

use baremap::sys::fs::open as sys_open;
use baremap::{CPathBuf, Errno, File, Lossy, Mode, OpenFlags, OpenOptions, PATH_MAX};
use common::Folder;

#[test]
fn a_path_may_be_as_long_as_the_kernel_takes_it() {
    let folder = Folder::new();
    let path = folder.file("f", b"text");
    let name = path.as_os_str().as_bytes();
    // Many a slash leads to the same file.
    let long = [vec![b'/'; PATH_MAX - 1 - name.len()], name.to_vec()].concat();
    assert_eq!(long.len(), 4095);
    assert_eq!(File::open(&CPathBuf::new(&long).unwrap()).unwrap().len(), Ok(4));
    let longer = [b"/", &long[..]].concat();
    assert_eq!(CPathBuf::new(&longer).unwrap_err(), Errno::ENAMETOOLONG);
    assert_eq!(CPathBuf::new(vec![b'a'; 1 << 20]).unwrap_err(), Errno::ENAMETOOLONG);
    // The kernel agrees, also where only one name is too long.
    let longer = std::ffi::CString::new(longer).unwrap();
    assert_eq!(sys_open(&longer, OpenFlags::RDONLY, Mode::empty()), Err(Errno::ENAMETOOLONG));
    let name = CPathBuf::new(vec![b'a'; 4095]).unwrap();
    assert_eq!(File::open(&name).unwrap_err(), Errno::ENAMETOOLONG);
}

#[test]
fn a_path_is_any_bytes_but_nul() {
    let folder = Folder::new();
    for text in [&b"\0"[..], b"a\0", b"\0a", b"a\0b"] {
        assert_eq!(CPathBuf::new(text).unwrap_err(), Errno::EINVAL);
    }
    assert_eq!(File::open(&CPathBuf::new("").unwrap()).unwrap_err(), Errno::ENOENT);
    let path = [folder.path().as_os_str().as_bytes(), b"/caf\xe9 \xff\n"].concat();
    let path = CPathBuf::new(&path).unwrap();
    OpenOptions::new().write().create_new().open(&path).unwrap();
    assert_eq!(File::open(&path.clone()).unwrap().len(), Ok(0));
    assert_eq!(format!("{:?}", CPathBuf::new("a\"b").unwrap()), r#""a\"b""#);
}

#[test]
fn a_path_is_the_string_it_was_made_of() {
    let path = CPathBuf::new("/tmp/f").unwrap();
    assert_eq!((path.as_c_str(), &*path), (c"/tmp/f", c"/tmp/f"));
    assert_eq!(CPathBuf::new("").unwrap().as_c_str(), c"");
    let longest = CPathBuf::new(vec![b'x'; 4095]).unwrap();
    assert_eq!(longest.as_c_str().to_bytes(), vec![b'x'; 4095]);
}

#[test]
fn what_is_no_utf_8_prints_as_the_replacement_character() {
    for bytes in
        [&b"plain"[..], b"", b"caf\xe9", b"\xff\xfe", "ünïcode".as_bytes(), b"a\xf0\x9f\x98b", b"\xe2\x82"]
    {
        let text = std::ffi::CString::new(bytes).unwrap();
        assert_eq!(Lossy(&text).to_string(), String::from_utf8_lossy(bytes), "{bytes:?}");
    }
}
