//! The flags of the system calls, typed. They lose their C prefix, which the
//! type's name now says: `PROT_READ` is [`Prot::READ`]. A bit that has no name
//! here can be passed all the same, by `from_bits_retain`, for newer kernels.

mod file;
mod fs;
mod mm;
mod net;
mod process;

pub use file::{
    FallocateFlags, FdFlags, RenameFlags, ResolveFlags, Seals, StatxAttributes, StatxMask, SyncFileRangeFlags,
};
pub use fs::{AtFlags, Mode, MountFlags, OpenFlags, PipeFlags};
pub use mm::{MapFlags, MemfdFlags, MlockFlags, MlockallFlags, MremapFlags, MsyncFlags, PkeyRights, Prot};
pub use net::{MsgFlags, PollEvents, SocketFlags};
pub use process::{CloneFlags, WaitFlags};
