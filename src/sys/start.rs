//! The initial stack: what the kernel leaves for a program that starts.
//!
//! ```text
//! higher   0, 0
//!          auxiliary vector, pairs of key and value
//!          0
//!          environment, pointers to strings "NAME=value"
//!          0
//!          arguments, pointers to strings
//! lower    the number of arguments                      <- stack pointer
//! ```

use core::ffi::{CStr, c_char};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// Where the initial stack lies, in a process that we started; null in others.
static STACK: AtomicPtr<usize> = AtomicPtr::new(null_mut());

/// What the kernel left on the stack of this process when it started it:
/// arguments, environment and auxiliary vector.
///
/// # References
///
/// [execve(2)](https://man7.org/linux/man-pages/man2/execve.2.html),
/// [getauxval(3)](https://man7.org/linux/man-pages/man3/getauxval.3.html)
#[derive(Clone, Copy, Debug)]
pub struct Start(*const usize);

// SAFETY: what it points to is never written again.
unsafe impl Send for Start {}
// SAFETY: what it points to is only read, by any number of threads.
unsafe impl Sync for Start {}

impl Start {
    /// Takes the initial stack, and remembers it for [`get`](Self::get).
    ///
    /// # Safety
    ///
    /// `stack` must be the stack pointer that the kernel gave this process, and
    /// what lies from there upwards must stay as it is until the process ends.
    pub(crate) unsafe fn new(stack: *mut usize) -> Self {
        STACK.store(stack, Relaxed);
        Self(stack)
    }

    /// The initial stack, if [`entry!`](crate::entry) started this process.
    pub(crate) fn get() -> Option<Self> {
        let stack = STACK.load(Relaxed);
        (!stack.is_null()).then_some(Self(stack))
    }

    /// The arguments, the program's name first.
    #[must_use]
    pub fn args(self) -> Strings {
        Strings(self.0.wrapping_add(1).cast())
    }

    /// The environment, as `NAME=value`.
    #[must_use]
    pub fn env(self) -> Strings {
        // SAFETY: the lowest word of the initial stack is the argument count.
        let count = unsafe { self.0.read() };
        Strings(self.0.wrapping_add(1 + count + 1).cast())
    }

    /// The auxiliary vector, as pairs of key and value.
    #[must_use]
    pub fn auxv(self) -> Auxv {
        let mut env = self.env();
        while env.next().is_some() {}
        Auxv(env.0.wrapping_add(1).cast())
    }
}

/// Arguments or environment: an iterator over strings on the initial stack.
#[derive(Clone, Debug)]
pub struct Strings(*const *const c_char);

impl Strings {
    /// Those not yet taken, as `execve` wants them: pointers, then a null one.
    #[must_use]
    pub const fn as_ptr(&self) -> *const *const c_char {
        self.0
    }
}

impl Iterator for Strings {
    type Item = &'static CStr;

    fn next(&mut self) -> Option<&'static CStr> {
        // SAFETY: a list on the initial stack ends with a null pointer, which
        // is never passed.
        let string = unsafe { self.0.read() };
        if string.is_null() {
            return None;
        }
        self.0 = self.0.wrapping_add(1);
        // SAFETY: the kernel ends each string with a NUL and keeps it as long
        // as the process lives.
        Some(unsafe { CStr::from_ptr(string) })
    }
}

impl core::iter::FusedIterator for Strings {}

/// The auxiliary vector: an iterator over its pairs of key and value.
#[derive(Clone, Debug)]
pub struct Auxv(*const [usize; 2]);

impl Iterator for Auxv {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        // SAFETY: the vector ends with the key 0, which is never passed.
        let [key, value] = unsafe { self.0.read() };
        if key == 0 {
            return None;
        }
        self.0 = self.0.wrapping_add(1);
        Some((key, value))
    }
}

impl core::iter::FusedIterator for Auxv {}
