//! The calls about the machine, randomness, and what `prctl` does.

use baremap::flags::{MountFlags, RandomFlags};
use baremap::sys::system::{Reboot, mount, reboot};
use baremap::sys::{getrandom, prctl_get_auxv, prctl_set_vma_anon_name};

use super::{Call, ODD};

pub const CALLS: &[Call] = &[
    (|| _ = getrandom(&mut [0; 11], RandomFlags::from_bits_retain(0x56)), "getrandom(…, 11, 0x56)"),
    (
        || _ = prctl_set_vma_anon_name(ODD, 0x5015, Some(c"named")),
        "prctl(0x53564d41, 0, 0x123456789001, 20501, \"named\")",
    ),
    (|| _ = prctl_set_vma_anon_name(ODD, 0x5016, None), "prctl(0x53564d41, 0, 0x123456789001, 20502, NULL)"),
    (|| _ = prctl_get_auxv(&mut [0; 3]), "prctl(0x41555856, …, 0x18, 0, 0)"),
    (
        || _ = mount(c"one", c"/no/such/place", c"none", MountFlags::NOEXEC | MountFlags::RDONLY, c"more"),
        "mount(\"one\", \"/no/such/place\", \"none\", 0x9, \"more\")",
    ),
    // strace has each of these refused before the kernel is asked.
    (|| _ = reboot(Reboot::Restart), "reboot(0xfee1dead, 0x28121969, 0x1234567)"),
    (|| _ = reboot(Reboot::Halt), "reboot(0xfee1dead, 0x28121969, 0xcdef0123)"),
    (|| _ = reboot(Reboot::PowerOff), "reboot(0xfee1dead, 0x28121969, 0x4321fedc)"),
];
