//! Shared memory by name: whole from the start, and refused for what is wrong with it.

mod hosted;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use baremap::ipc::{Peer, Ring, Segment, SegmentError};
use baremap::process::exit;
use baremap::{CPathBuf, Errno};
use hosted::{c_path, child, in_child};

const KIND: u32 = 7;

/// A folder of its own, which goes in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("baremap-segment-{test}-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn path(&self) -> (PathBuf, CPathBuf) {
        let path = self.0.join("segment");
        (path.clone(), c_path(&path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn length() -> u64 {
    2 * Ring::size(1).unwrap() as u64
}

#[test]
fn processes_meet_by_name() {
    let folder = Folder::new("meet");
    let (_, path) = folder.path();
    let segment = Segment::create(&path, KIND, length(), Peer::new()).unwrap();
    // SAFETY: nobody cuts it short.
    let ring = |segment: &Segment, number| unsafe { segment.ring(number, 1) };
    let other = child(|| {
        let (segment, me) = (Segment::open(&path, KIND, length()).unwrap(), Peer::new());
        let mut from = ring(&segment, 0).unwrap().receiver(me).unwrap();
        let mut to = ring(&segment, 1).unwrap().sender(me).unwrap();
        let mut buffer = [0; 8];
        let length = from.recv(&mut buffer).unwrap();
        buffer.reverse();
        to.send(&buffer[8 - length..]).unwrap();
        0
    });
    let me = Peer::new();
    let mut to = ring(&segment, 0).unwrap().sender(me).unwrap();
    let mut from = ring(&segment, 1).unwrap().receiver(me).unwrap();
    to.send(b"abc").unwrap();
    let mut buffer = [0; 8];
    assert_eq!(from.recv(&mut buffer), Ok(3));
    assert_eq!(&buffer[..3], b"cba");
    assert!(other.wait().unwrap().success());
    assert_eq!(ring(&segment, 2).err(), Some(Errno::EINVAL));
    assert_eq!(ring(&segment, u32::MAX).err(), Some(Errno::EINVAL));
}

#[test]
fn it_is_this_users_alone_and_nothing_is_left_beside_it() {
    let folder = Folder::new("alone");
    let (file, path) = folder.path();
    let segment = Segment::create(&path, KIND, length(), Peer::new()).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let again = Segment::create(&path, KIND, length(), Peer::new());
    assert_eq!(again.err(), Some(SegmentError::Os(Errno::EEXIST)));
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    Segment::remove(&path).unwrap();
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    drop(segment);
}

#[test]
fn what_is_wrong_with_it_is_named() {
    let folder = Folder::new("wrong");
    let (file, path) = folder.path();
    let open = || Segment::open(&path, KIND, length()).err();
    assert_eq!(open(), Some(SegmentError::Os(Errno::ENOENT)));
    drop(Segment::create(&path, KIND, length(), Peer::new()).unwrap());
    assert_eq!(open(), None);
    assert_eq!(Segment::open(&path, 8, length()).err(), Some(SegmentError::Kind(KIND)));
    assert_eq!(Segment::open(&path, KIND, 1).err(), Some(SegmentError::Length(length())));

    let whole = fs::read(&file).unwrap();
    let with = |place: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[place] = byte;
        fs::write(&file, bytes).unwrap();
        open()
    };
    assert_eq!(with(0, b'B'), Some(SegmentError::NoSegment));

    assert_eq!(with(8, 9), Some(SegmentError::Version(u32::from_ne_bytes([9, 0, 0, 0]))));
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(open(), Some(SegmentError::Length(length() - 1)));
    for text in [&b""[..], b"baremap\n", &whole[..27]] {
        fs::write(&file, text).unwrap();
        assert_eq!(open(), Some(SegmentError::NoSegment));
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(open(), None);
}

#[test]
fn no_file_and_no_folder_is_refused() {
    let folder = Folder::new("folder");
    let open = |path: &std::ffi::CStr| Segment::open(path, KIND, length()).err();
    assert_eq!(open(c"/dev/null"), Some(SegmentError::NoSegment));
    assert_eq!(open(&c_path(&folder.0)), Some(SegmentError::Os(Errno::EISDIR)));
    let create = |path: &std::ffi::CStr| Segment::create(path, KIND, length(), Peer::new()).err();
    assert_eq!(create(&c_path(&folder.0.join("none/segment"))), Some(SegmentError::Os(Errno::ENOENT)));
    assert_eq!(
        create(&c_path(&PathBuf::from("a/".repeat(2046)))),
        Some(SegmentError::Os(Errno::ENAMETOOLONG))
    );
    let huge = Segment::create(&folder.path().1, KIND, u64::MAX, Peer::new());
    assert_eq!(huge.err(), Some(SegmentError::Os(Errno::EFBIG)));
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
}

#[test]
fn one_whose_maker_has_ended_is_abandoned() {
    let folder = Folder::new("abandoned");
    let (_, path) = folder.path();
    let status = in_child(|| {
        let made = Segment::create(&path, KIND, length(), Peer::new()).unwrap();
        exit(i32::from(made.is_abandoned(Peer::new())))
    });
    assert!(status.success());
    let segment = Segment::open(&path, KIND, length()).unwrap();
    assert!(segment.is_abandoned(Peer::new()));
}
