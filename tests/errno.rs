//! Every error has the name and the number that the kernel's headers give it.
//!
//! Where an error ends and a value begins (-4095 and -4096) cannot be seen from
//! outside, for no call returns either: `only_the_topmost_4095_words_are_errors`
//! in src/errno.rs holds that.

use std::collections::HashSet;
use std::error::Error;

use baremap::Errno;
use linux_raw_sys::errno as headers;

/// Our constant of each name beside that of the kernel's headers.
macro_rules! table {
    ($($name:ident)*) => {
        const TABLE: &[(&str, Errno, u32)] = &[$((stringify!($name), Errno::$name, headers::$name),)*];
    };
}

table! {
    EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT
    ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG
    ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP
    ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL
    ENOANO EBADRQC EBADSLT EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV
    ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD
    ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE
    EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT
    EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN
    ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY
    EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE
    ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL
    EHWPOISON
}

/// Errors that are the kernel's own and in no header for programs, so that the
/// oracle has none of them. Source: include/linux/errno.h.
const INTERNAL: &[(&str, Errno, u32)] = &[
    ("ERESTARTSYS", Errno::ERESTARTSYS, 512),
    ("ERESTARTNOINTR", Errno::ERESTARTNOINTR, 513),
    ("ERESTARTNOHAND", Errno::ERESTARTNOHAND, 514),
    ("ENOIOCTLCMD", Errno::ENOIOCTLCMD, 515),
    ("EOPENSTALE", Errno::EOPENSTALE, 518),
    ("ENOPARAM", Errno::ENOPARAM, 519),
    ("EBADHANDLE", Errno::EBADHANDLE, 521),
    ("ENOTSYNC", Errno::ENOTSYNC, 522),
    ("EBADCOOKIE", Errno::EBADCOOKIE, 523),
    ("ENOTSUPP", Errno::ENOTSUPP, 524),
    ("ETOOSMALL", Errno::ETOOSMALL, 525),
    ("ESERVERFAULT", Errno::ESERVERFAULT, 526),
    ("EBADTYPE", Errno::EBADTYPE, 527),
    ("EJUKEBOX", Errno::EJUKEBOX, 528),
    ("EIOCBQUEUED", Errno::EIOCBQUEUED, 529),
    ("ERECALLCONFLICT", Errno::ERECALLCONFLICT, 530),
    ("ENOGRACE", Errno::ENOGRACE, 531),
];

#[test]
fn each_name_has_the_number_of_the_headers() {
    for &(name, errno, number) in TABLE.iter().chain(INTERNAL) {
        assert_eq!(errno.raw(), number as i32, "{name}");
        assert_eq!(errno.name(), Some(name));
        assert_eq!(Errno::from_raw(number as i32), Some(errno), "{name}");
    }
}

#[test]
fn the_table_leaves_no_number_out() {
    let numbers: Vec<u32> = TABLE.iter().map(|row| row.2).collect();
    // 41 and 58 were never given.
    let expected: Vec<u32> = (1..=133).filter(|number| ![41, 58].contains(number)).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn all_is_every_error_once_in_the_order_of_numbers() {
    let expected: Vec<Errno> = TABLE.iter().chain(INTERNAL).map(|row| row.1).collect();
    assert_eq!(Errno::ALL, expected);
    assert_eq!(Errno::ALL.iter().collect::<HashSet<_>>().len(), Errno::ALL.len());
    assert!(Errno::ALL.is_sorted_by_key(|errno| errno.raw()));
}

#[test]
fn a_second_name_is_the_same_error() {
    assert_eq!(Errno::EWOULDBLOCK, Errno::EAGAIN);
    assert_eq!(Errno::EWOULDBLOCK.raw(), headers::EWOULDBLOCK as i32);
    assert_eq!(Errno::EDEADLOCK, Errno::EDEADLK);
    assert_eq!(Errno::EDEADLOCK.raw(), headers::EDEADLOCK as i32);
    // ENOTSUP is the C library's name; the kernel's ENOTSUPP is another error.
    assert_eq!(Errno::ENOTSUP, Errno::EOPNOTSUPP);
    assert_ne!(Errno::ENOTSUP, Errno::ENOTSUPP);
}

#[test]
fn an_error_prints_its_name_and_its_text() {
    assert_eq!(format!("{:?}", Errno::ENOENT), "ENOENT");
    assert_eq!(Errno::ENOENT.to_string(), "ENOENT: No such file or directory");
    assert_eq!(Errno::EIO.to_string(), "EIO: I/O error");
    for errno in Errno::ALL {
        let (name, text) = (errno.name().unwrap(), errno.text().unwrap());
        assert_eq!(Some(text), syscalls::Errno::new(errno.raw()).description(), "{name}");
        assert_eq!(format!("{errno:?}"), name);
        // Those of the kernel's own take no room in a program that prints errors.
        let known = format!("{name}: {text}");
        let expected = if errno.raw() < 512 { known } else { format!("unknown error {}", errno.raw()) };
        assert_eq!(errno.to_string(), expected);
    }
}

#[test]
fn a_number_without_a_name_prints_as_a_number() {
    for number in [41, 58, 134, 511, 4094, 4095] {
        let errno = Errno::from_raw(number).unwrap();
        assert_eq!((errno.name(), errno.text()), (None, None), "{number}");
        assert_eq!(format!("{errno:?}"), format!("Errno({number})"));
        assert_eq!(errno.to_string(), format!("unknown error {number}"));
    }
}

#[test]
fn only_1_to_4095_are_errors() {
    assert_eq!(Errno::MAX, 4095);
    for number in 1..=4095 {
        assert_eq!(Errno::from_raw(number).map(Errno::raw), Some(number));
    }
    for number in [0, -1, -4095, 4096, i32::MIN, i32::MAX] {
        assert_eq!(Errno::from_raw(number), None, "{number}");
    }
}

#[test]
fn success_and_error_take_one_word_together() {
    assert_eq!(size_of::<Errno>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), Errno>>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Errno>>(), size_of::<usize>());
}

#[test]
fn an_error_can_be_passed_on_as_any_other() {
    fn fails() -> Result<(), Box<dyn Error + Send + Sync>> {
        Err(Errno::EPERM)?
    }
    assert_eq!(fails().unwrap_err().downcast_ref(), Some(&Errno::EPERM));
}

#[cfg(feature = "std")]
#[test]
fn an_error_becomes_one_of_std() {
    for &(name, errno, number) in TABLE {
        assert_eq!(std::io::Error::from(errno).raw_os_error(), Some(number as i32), "{name}");
    }
    assert_eq!(std::io::Error::from(Errno::ENOENT).kind(), std::io::ErrorKind::NotFound);
}
