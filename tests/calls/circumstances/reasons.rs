//! Why no test provokes an errno that several calls have.

use baremap::Errno;

use crate::calls::{Refusal, unprovoked};

pub const fn no_memory() -> Refusal {
    unprovoked(Errno::ENOMEM, "the kernel itself would have to run out of memory")
}

pub const fn no_quota() -> Refusal {
    unprovoked(
        Errno::EDQUOT,
        "no filesystem of these kernels has quotas, but one on a device that is set up so",
    )
}

pub const fn too_many_files() -> Refusal {
    unprovoked(
        Errno::ENFILE,
        "root may exceed the limit of the system, and to lower it is to lower it for all",
    )
}

pub const fn no_failure() -> Refusal {
    unprovoked(Errno::EIO, "wants a device that fails under a filesystem")
}

pub const fn no_swap_file() -> Refusal {
    unprovoked(Errno::ETXTBSY, "wants a swap file, which is the whole machine's")
}

pub const fn not_that_old() -> Refusal {
    unprovoked(Errno::ENOSYS, "no kernel here is that old")
}
