//! What the kernel must refuse is passed to it as it is, and comes back with the
//! kernel's errno: no check of ours stands before it, no translation behind it.
//! For each call, those of these that it can be given and that it refuses:
//! pointers to nothing, closed descriptors, unknown flags, addresses that are not
//! aligned, lengths of zero and lengths that are too large.
//!
//! A row is our function, `sc`'s call with the same words, and the errno. What a
//! function's types keep from being written down, such as a reference to nothing,
//! goes through `syscall!`, the way round them.

mod hosted;
mod memory;
mod oracle;
#[macro_use]
mod refusals;
