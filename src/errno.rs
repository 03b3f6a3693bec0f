//! What the kernel answers when it refuses: [`Errno`].

use core::fmt;
use core::num::NonZeroIsize;

use crate::arch::Word;

/// The result of a system call.
pub type Result<T> = core::result::Result<T, Errno>;

/// The reason for which the kernel refused a call, one of 4,095 possible ones.
///
/// `Debug` prints its name, `Display` its name and text:
///
/// ```
/// use baremap::Errno;
/// assert_eq!(format!("{:?}", Errno::ENOENT), "ENOENT");
/// assert_eq!(Errno::ENOENT.to_string(), "ENOENT: No such file or directory");
/// ```
///
/// It is one word with a niche, so that a `Result<(), Errno>` is one word too.
///
/// # References
///
/// [errno(3)](https://man7.org/linux/man-pages/man3/errno.3.html)
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
// The kernel's word as it came, -4095..=-1: keeping the sign saves each call
// the instruction that would turn it.
pub struct Errno(NonZeroIsize);

static_assertions::assert_eq_size!(Errno, Result<()>, usize);
static_assertions::assert_impl_all!(Errno: Copy, Send, Sync, core::error::Error);

impl Errno {
    /// The largest number that is an error: a result of -4095..=-1 is one,
    /// every other value is none.
    pub const MAX: i32 = 4095;

    /// The error of this number, as in `errno.h`; `None` outside 1..=4095.
    #[must_use]
    pub const fn from_raw(number: i32) -> Option<Self> {
        if number < 1 || number > Self::MAX {
            return None;
        }
        match NonZeroIsize::new(-(number as isize)) {
            Some(word) => Some(Self(word)),
            None => None,
        }
    }

    /// The number of this error, as in `errno.h`: 1..=4095.
    #[must_use]
    pub const fn raw(self) -> i32 {
        -(self.0.get() as i32)
    }

    /// The name of this error, such as `ENOENT`; `None` if Linux has no error
    /// of this number.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        syscalls::Errno::new(self.raw()).name()
    }

    /// What this error means, in English; `None` as for [`name`](Self::name).
    #[must_use]
    pub fn text(self) -> Option<&'static str> {
        syscalls::Errno::new(self.raw()).description()
    }
}

/// Tells the kernel's errors from its values, keeping a pointer's provenance.
#[inline(always)]
pub(crate) fn pointer(word: Word) -> Result<Word> {
    let number = word.addr() as isize;
    // One compare, since it is unsigned: errors are the topmost 4,095 words.
    if word.addr() > (-(Errno::MAX as isize) - 1) as usize {
        // SAFETY: a word above -4096 as unsigned is -4095..=-1, never 0.
        return Err(Errno(unsafe { NonZeroIsize::new_unchecked(number) }));
    }
    Ok(word)
}

/// Tells the kernel's errors from its values, for a call that returns a number.
#[inline(always)]
pub(crate) fn value(word: Word) -> Result<usize> {
    pointer(word).map(|word| word.addr())
}

/// Tells the kernel's errors from success, for a call that returns nothing.
#[inline(always)]
pub(crate) fn unit(word: Word) -> Result<()> {
    pointer(word).map(|_| ())
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "Errno({})", self.raw()),
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name(), self.text()) {
            (Some(name), Some(text)) => {
                f.write_str(name)?;
                f.write_str(": ")?;
                f.write_str(text)
            }
            _ => write!(f, "unknown error {}", self.raw()),
        }
    }
}

impl core::error::Error for Errno {}

#[cfg(feature = "std")]
impl From<Errno> for std::io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.raw())
    }
}

/// Gives back an error that is not the kernel's.
#[cfg(feature = "std")]
impl TryFrom<std::io::Error> for Errno {
    type Error = std::io::Error;

    fn try_from(error: std::io::Error) -> core::result::Result<Self, std::io::Error> {
        error.raw_os_error().and_then(Self::from_raw).ok_or(error)
    }
}

/// Writes a constant for each error.
macro_rules! errnos {
    ($($name:ident = $number:literal,)*) => {
        /// The errors that Linux has, by their names in `errno.h`.
        #[allow(missing_docs, reason = "`text` says what each means")]
        impl Errno {
            $(pub const $name: Self = Self(NonZeroIsize::new(-$number).unwrap());)*
            pub const EWOULDBLOCK: Self = Self::EAGAIN;
            pub const EDEADLOCK: Self = Self::EDEADLK;
            pub const ENOTSUP: Self = Self::EOPNOTSUPP;

            /// Every error above, by its number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

errnos! {
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    EIO = 5,
    ENXIO = 6,
    E2BIG = 7,
    ENOEXEC = 8,
    EBADF = 9,
    ECHILD = 10,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    ENOTBLK = 15,
    EBUSY = 16,
    EEXIST = 17,
    EXDEV = 18,
    ENODEV = 19,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    ENFILE = 23,
    EMFILE = 24,
    ENOTTY = 25,
    ETXTBSY = 26,
    EFBIG = 27,
    ENOSPC = 28,
    ESPIPE = 29,
    EROFS = 30,
    EMLINK = 31,
    EPIPE = 32,
    EDOM = 33,
    ERANGE = 34,
    EDEADLK = 35,
    ENAMETOOLONG = 36,
    ENOLCK = 37,
    ENOSYS = 38,
    ENOTEMPTY = 39,
    ELOOP = 40,
    ENOMSG = 42,
    EIDRM = 43,
    ECHRNG = 44,
    EL2NSYNC = 45,
    EL3HLT = 46,
    EL3RST = 47,
    ELNRNG = 48,
    EUNATCH = 49,
    ENOCSI = 50,
    EL2HLT = 51,
    EBADE = 52,
    EBADR = 53,
    EXFULL = 54,
    ENOANO = 55,
    EBADRQC = 56,
    EBADSLT = 57,
    EBFONT = 59,
    ENOSTR = 60,
    ENODATA = 61,
    ETIME = 62,
    ENOSR = 63,
    ENONET = 64,
    ENOPKG = 65,
    EREMOTE = 66,
    ENOLINK = 67,
    EADV = 68,
    ESRMNT = 69,
    ECOMM = 70,
    EPROTO = 71,
    EMULTIHOP = 72,
    EDOTDOT = 73,
    EBADMSG = 74,
    EOVERFLOW = 75,
    ENOTUNIQ = 76,
    EBADFD = 77,
    EREMCHG = 78,
    ELIBACC = 79,
    ELIBBAD = 80,
    ELIBSCN = 81,
    ELIBMAX = 82,
    ELIBEXEC = 83,
    EILSEQ = 84,
    ERESTART = 85,
    ESTRPIPE = 86,
    EUSERS = 87,
    ENOTSOCK = 88,
    EDESTADDRREQ = 89,
    EMSGSIZE = 90,
    EPROTOTYPE = 91,
    ENOPROTOOPT = 92,
    EPROTONOSUPPORT = 93,
    ESOCKTNOSUPPORT = 94,
    EOPNOTSUPP = 95,
    EPFNOSUPPORT = 96,
    EAFNOSUPPORT = 97,
    EADDRINUSE = 98,
    EADDRNOTAVAIL = 99,
    ENETDOWN = 100,
    ENETUNREACH = 101,
    ENETRESET = 102,
    ECONNABORTED = 103,
    ECONNRESET = 104,
    ENOBUFS = 105,
    EISCONN = 106,
    ENOTCONN = 107,
    ESHUTDOWN = 108,
    ETOOMANYREFS = 109,
    ETIMEDOUT = 110,
    ECONNREFUSED = 111,
    EHOSTDOWN = 112,
    EHOSTUNREACH = 113,
    EALREADY = 114,
    EINPROGRESS = 115,
    ESTALE = 116,
    EUCLEAN = 117,
    ENOTNAM = 118,
    ENAVAIL = 119,
    EISNAM = 120,
    EREMOTEIO = 121,
    EDQUOT = 122,
    ENOMEDIUM = 123,
    EMEDIUMTYPE = 124,
    ECANCELED = 125,
    ENOKEY = 126,
    EKEYEXPIRED = 127,
    EKEYREVOKED = 128,
    EKEYREJECTED = 129,
    EOWNERDEAD = 130,
    ENOTRECOVERABLE = 131,
    ERFKILL = 132,
    EHWPOISON = 133,
    ERESTARTSYS = 512,
    ERESTARTNOINTR = 513,
    ERESTARTNOHAND = 514,
    ENOIOCTLCMD = 515,
    EOPENSTALE = 518,
    ENOPARAM = 519,
    EBADHANDLE = 521,
    ENOTSYNC = 522,
    EBADCOOKIE = 523,
    ENOTSUPP = 524,
    ETOOSMALL = 525,
    ESERVERFAULT = 526,
    EBADTYPE = 527,
    EJUKEBOX = 528,
    EIOCBQUEUED = 529,
    ERECALLCONFLICT = 530,
    ENOGRACE = 531,
}

#[cfg(test)]
mod tests {
    use core::ptr::without_provenance_mut;

    use super::*;

    fn word(number: isize) -> Word {
        without_provenance_mut(number as usize)
    }

    #[test]
    fn only_the_topmost_4095_words_are_errors() {
        for number in [-1, -2, -4094, -4095] {
            assert_eq!(value(word(number)), Err(Errno::from_raw(-number as i32).unwrap()));
            assert_eq!(unit(word(number)).unwrap_err().raw(), -number as i32);
        }
        for number in [0, 1, 4095, -4096, -4097, isize::MIN, isize::MAX] {
            assert_eq!(value(word(number)), Ok(number as usize));
            assert_eq!(unit(word(number)), Ok(()));
            assert_eq!(pointer(word(number)), Ok(word(number)));
        }
    }
}
