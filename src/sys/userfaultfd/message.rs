//! What is read from the descriptor: which fault waits for a page, or what the
//! process did to its memory.

use crate::flags::UffdPagefaultFlags;

/// What a message tells of. The type is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "UFFD_EVENT_PAGEFAULT")]
pub struct UffdEvent(pub u8);

impl UffdEvent {
    /// A fault, which waits for a page.
    pub const PAGEFAULT: Self = Self(0x12);
    /// A child, whose faults its own descriptor tells: the first word of `arg`.
    pub const FORK: Self = Self(0x13);
    /// `mremap`: from, to and length in bytes.
    pub const REMAP: Self = Self(0x14);
    /// `madvise` took the pages: from the first byte to before the second.
    pub const REMOVE: Self = Self(0x15);
    /// `munmap` took the mapping: from the first byte to before the second.
    pub const UNMAP: Self = Self(0x16);
}

/// What reading the descriptor gives: `struct uffd_msg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct UffdMsg {
    /// What it tells of: the value of a [`UffdEvent`].
    pub event: u8,
    reserved: [u8; 7],
    /// What there is to tell, by the event.
    pub arg: [u64; 3],
}
static_assertions::const_assert_eq!(size_of::<UffdMsg>(), 32);

/// A fault: `uffd_msg.arg.pagefault`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UffdPagefault {
    /// Of what kind.
    pub flags: UffdPagefaultFlags,
    /// Where: the first byte of the page, or the byte with `EXACT_ADDRESS`.
    pub address: usize,
    /// Whose: the number of the thread with `THREAD_ID`, else 0.
    pub ptid: u32,
}

impl UffdMsg {
    /// A message out of the bytes that were read.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        // SAFETY: every value of these bytes is one of this type, of the same
        // size and without padding.
        unsafe { core::mem::transmute(bytes) }
    }

    /// The fault that it tells of, if that is what it tells of.
    #[must_use]
    pub const fn pagefault(&self) -> Option<UffdPagefault> {
        if self.event != UffdEvent::PAGEFAULT.0 {
            return None;
        }
        let [flags, address, ptid] = self.arg;
        let flags = UffdPagefaultFlags::from_bits_retain(flags);
        Some(UffdPagefault { flags, address: address as usize, ptid: ptid as u32 })
    }
}
