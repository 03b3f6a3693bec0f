//! What `main` may take and return.

use core::ffi::CStr;
use core::fmt;

use super::{Start, print};
use crate::errno::Errno;
use crate::path::Lossy;

/// The code that a program exits with: 0 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExitCode(u8);

impl ExitCode {
    /// 0.
    pub const SUCCESS: Self = Self(0);
    /// 1.
    pub const FAILURE: Self = Self(1);
}

impl From<u8> for ExitCode {
    fn from(code: u8) -> Self {
        Self(code)
    }
}

/// What `main` may return.
pub trait Termination {
    /// The code to exit with; an error is printed first, as `program: error`.
    fn report(self, start: Start) -> i32;
}

impl Termination for () {
    fn report(self, _: Start) -> i32 {
        0
    }
}

/// `!`, which has no other name outside a return type yet.
type Never = <fn() -> ! as Returns>::Output;

#[doc(hidden)]
pub trait Returns {
    /// What the function returns.
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}

impl Termination for Never {
    fn report(self, _: Start) -> i32 {
        self
    }
}

impl Termination for ExitCode {
    fn report(self, _: Start) -> i32 {
        self.0.into()
    }
}

impl<T: Termination, E: fmt::Display> Termination for Result<T, E> {
    fn report(self, start: Start) -> i32 {
        match self {
            Ok(value) => value.report(start),
            Err(error) => {
                // Where standard error fails too, the exit code still tells.
                let _ =
                    print::print_to(print::stderr(), format_args!("{}: {error}", Lossy(name(start))), "\n");
                1
            }
        }
    }
}

/// An error of `main` that is told by the exit code alone, which is its number:
/// nothing is printed, and no text takes room in the program.
///
/// ```ignore
/// fn main() -> Result<(), Status> {
///     File::open(c"f1.txt")?.sync_all()?;
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status(pub Errno);

impl From<Errno> for Status {
    fn from(errno: Errno) -> Self {
        Self(errno)
    }
}

impl<T: Termination> Termination for Result<T, Status> {
    fn report(self, start: Start) -> i32 {
        let code = match self {
            Ok(value) => value.report(start),
            Err(Status(errno)) => errno.raw(),
        };
        // An exit code has 8 bits. Few of the errors beyond are ever told.
        code.min(255)
    }
}

/// The last part of the path that the program was started by. Who started it
/// may have given none.
fn name(start: Start) -> &'static CStr {
    let path = start.args().next().unwrap_or_default().to_bytes_with_nul();
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    // SAFETY: it is the end of a C string, with its NUL, which is no slash.
    let name = unsafe { CStr::from_bytes_with_nul_unchecked(name) };
    if name.is_empty() { c"?" } else { name }
}

/// What [`entry!`](crate::entry) takes: a function of nothing or of the
/// [`Start`]. `M` only tells the two apart.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the start of a program",
    note = "it takes nothing or `rt::Start`, and returns `()`, `!`, `rt::ExitCode` or a `Result` of one of these whose error is `Display`"
)]
pub trait Main<M> {
    /// Runs it and reports how it ended.
    fn run(self, start: Start) -> i32;
}

impl<F: FnOnce() -> T, T: Termination> Main<()> for F {
    #[inline(always)]
    fn run(self, start: Start) -> i32 {
        self().report(start)
    }
}

impl<F: FnOnce(Start) -> T, T: Termination> Main<(Start,)> for F {
    #[inline(always)]
    fn run(self, start: Start) -> i32 {
        self(start).report(start)
    }
}
