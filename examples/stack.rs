//! The stack that a program finds when it starts.
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

use core::ffi::CStr;
use core::iter::once;

use baremap::Errno;

/// How many words it may have.
const ROOM: usize = 4096;

/// Words on this program's own stack, which becomes the other's: what is below them
/// is its room to grow. The alignment is what every instruction set wants.
#[repr(align(16))]
pub struct Stack([usize; ROOM]);

impl Stack {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self([0; ROOM])
    }

    /// Fills it from the top, and returns the stack pointer. `E2BIG` if there is not
    /// that much room.
    pub fn fill(
        &mut self,
        arguments: impl Iterator<Item = &'static CStr> + Clone,
        environment: impl Iterator<Item = &'static CStr> + Clone,
        auxiliary: impl Iterator<Item = (usize, usize)> + Clone,
    ) -> Result<*mut usize, Errno> {
        let words = once(arguments.clone().count())
            .chain(arguments.map(pointer))
            .chain(once(0))
            .chain(environment.map(pointer))
            .chain(once(0))
            .chain(auxiliary.flat_map(|(key, value)| [key, value]))
            .chain([0, 0]);
        // An even number of words is a multiple of 16 bytes.
        let count = words.clone().count().next_multiple_of(2);
        let start = ROOM.checked_sub(count).ok_or(Errno::E2BIG)?;
        let places = self.0.get_mut(start..).ok_or(Errno::E2BIG)?;
        places.iter_mut().zip(words).for_each(|(place, word)| *place = word);
        Ok(places.as_mut_ptr())
    }
}

fn pointer(string: &'static CStr) -> usize {
    string.as_ptr().expose_provenance()
}
