//! Memory that may go away at any moment, such as a file that another process cuts
//! short: every access is an error then, never a signal.
//!
//! A [`Guarded`] map lends nothing. Its bytes are copied in and out, by
//! instructions that the handler of faults knows ([`Guards`]), or by the kernel
//! where no handler is wanted ([`KernelCopies`], [`ByFile`]).
//!
//! ```
//! use baremap::guard::{Guarded, Guards};
//! use baremap::{Errno, File, MapOptions, OpenFlags, OpenOptions};
//!
//! let file = OpenOptions::new().read().write().flags(OpenFlags::TMPFILE).open(c"/tmp")?;
//! file.write_all_at(&[7; 10_000], 0)?;
//! // No `unsafe`: whoever changes the file, nothing here can go wrong.
//! let map = Guarded::new(MapOptions::new().map_raw(&file)?, Guards::install()?);
//! assert_eq!(map.get::<u32>(9_000)?, 0x0707_0707);
//! file.set_len(0)?;
//! assert_eq!(map.get::<u32>(9_000).unwrap_err().errno, Errno::EFAULT);
//! # Ok::<(), Errno>(())
//! ```
//!
//! # What it does not do
//!
//! - Whether memory is there is known by the page. Past the end of a file, up to the
//!   end of its last page, are zeros, and a store there is lost, not an error.
//! - Others may write at any moment: what is read is bytes that were there, each at
//!   some moment, not all at one. A [value](Guarded::get) is read by one
//!   instruction.
//! - A thread that blocks `SIGBUS`, and a handler that replaces ours and does not
//!   call it, end the process when a fault comes. That is all they do.
//! - Where a write finds the disk full, the fault is the same; so is that of a page
//!   that the disk cannot read, and of a huge page of which there is none left.
//!
//! Why it is sound is written in `soundness`, among the modules of these docs.

mod fault;
mod guarded;
mod handler;
mod means;

pub use fault::Fault;
pub use guarded::{Chunks, Guarded};
pub use handler::Guards;
pub use means::{ByFile, KernelCopies, Means, Value};
