//! The flags of the system calls, typed. They lose their C prefix, which the
//! type's name now says: `PROT_READ` is [`Prot::READ`]. A bit that has no name
//! here can be passed all the same, by `from_bits_retain`, for newer kernels.

mod file;
mod fs;
mod mm;
mod net;
mod numa;
mod process;
mod procmap;
mod userfaultfd;
mod waiting;

pub use file::{
    FallocateFlags, FdFlags, RenameFlags, ResolveFlags, Seals, StatxAttributes, StatxMask, SyncFileRangeFlags,
};
pub use fs::{AtFlags, Mode, MountFlags, OpenFlags, PipeFlags};
pub use mm::{MapFlags, MemfdFlags, MlockFlags, MlockallFlags, MremapFlags, MsyncFlags, PkeyRights, Prot};
pub use net::{MsgFlags, PollEvents, SocketFlags};
pub use numa::{MbindFlags, PolicyFlags};
pub use process::{CloneFlags, PidfdFlags, PidfdSignalFlags, WaitFlags};
pub use procmap::{PageCategories, PmScanFlags, ProcmapFlags};
pub use userfaultfd::{
    UffdContinueMode, UffdCopyMode, UffdFeatures, UffdMoveMode, UffdPagefaultFlags, UffdPoisonMode,
    UffdRegisterMode, UffdWriteprotectMode, UffdZeropageMode, UserfaultfdFlags,
};
pub use waiting::{Futex2Flags, FutexFlags, RandomFlags, SaFlags, StackFlags, TimerFlags};
