//! Two of the many things that `prctl` does.

use core::ffi::CStr;

use super::Argument;
use crate::arch::{self, Sysno};
use crate::errno::{self, Result};

/// `int prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, unsigned long addr, unsigned long size, const char *name)`
///
/// Names the anonymous memory in a range of pages, which /proc/self/maps then
/// shows as `[anon:NAME]`; `None` takes the name away. It stops at memory of a
/// file.
///
/// # Errors
///
/// - `EBADF`: memory of a file.
/// - `EINVAL`: `addr` is not a multiple of the page size; the range overflows;
///   the name has more than 79 bytes, or one that is not printable, or one of
///   `[` `]` `\\` `$` `` ` ``. Before Linux 5.17, or built without it: always.
/// - `ENOMEM`: a part of the range is not mapped; the rest is named.
///
/// # References
///
/// [PR_SET_VMA(2const)](https://man7.org/linux/man-pages/man2/PR_SET_VMA.2const.html)
#[inline(always)]
pub fn prctl_set_vma_anon_name(addr: *const u8, size: usize, name: Option<&CStr>) -> Result<()> {
    const PR_SET_VMA: i32 = 0x5356_4d41;
    const PR_SET_VMA_ANON_NAME: usize = 0;
    let name = name.map_or(0_usize.word(), Argument::word);
    // SAFETY: the kernel reads the name, which ends with a NUL; memory keeps its
    // bytes and its protection.
    errno::unit(unsafe {
        arch::syscall5(
            Sysno::prctl,
            PR_SET_VMA.word(),
            PR_SET_VMA_ANON_NAME.word(),
            addr.word(),
            size.word(),
            name,
        )
    })
}

/// `int prctl(PR_GET_AUXV, void *auxv, unsigned long size, 0, 0)`
///
/// Reads the auxiliary vector, pairs of key and value that end with the key 0,
/// as far as it fits into `auxv` (Linux 6.4). Returns how many bytes the whole
/// takes. Before that, it is in the file /proc/self/auxv.
///
/// # Errors
///
/// - `EINVAL`: before Linux 6.4.
///
/// # References
///
/// [PR_GET_AUXV(2const)](https://man7.org/linux/man-pages/man2/PR_GET_AUXV.2const.html)
#[inline(always)]
pub fn prctl_get_auxv(auxv: &mut [usize]) -> Result<usize> {
    const PR_GET_AUXV: i32 = 0x4155_5856;
    let (place, size, none) = (auxv.as_mut_ptr().word(), size_of_val(auxv).word(), 0_usize.word());
    // SAFETY: the kernel writes at most `size_of_val(auxv)` bytes there.
    errno::value(unsafe { arch::syscall5(Sysno::prctl, PR_GET_AUXV.word(), place, size, none, none) })
}
