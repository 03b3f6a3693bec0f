//! How guarded memory is accessed.

use super::Guards;
use crate::arch::guarded;
use crate::errno::{Errno, Result};
use crate::fd::AsFd;
use crate::retry::retry;
use crate::sys::process::getpid;
use crate::sys::{IoVec, fs, mm};

/// A way to access memory that may not be there. Nobody else can add one.
pub trait Means: Access {}

/// The part of [`Means`] that is not public.
pub trait Access {
    /// Reads from `base` on, `position` bytes in the map; as many bytes as there
    /// are, and why not more. A count of 0 says that the next is not there.
    ///
    /// # Safety
    ///
    /// The range must be of a map, so that nothing else is ever there.
    unsafe fn read(&self, base: *const u8, position: usize, to: &mut [u8]) -> (usize, Result<()>);

    /// As `read`, the other way.
    ///
    /// # Safety
    ///
    /// As for `read`; the map must be the caller's to write.
    unsafe fn write(&self, base: *mut u8, position: usize, from: &[u8]) -> (usize, Result<()>);

    /// Reads one value, by one instruction if there is such a thing.
    ///
    /// # Safety
    ///
    /// As for `read`.
    unsafe fn load<V: Value>(&self, base: *const u8, position: usize) -> Result<V> {
        let mut bytes = V::Bytes::default();
        // SAFETY: the caller vouches for the range.
        unsafe { self.read(base, position, bytes.as_mut()) }.1?;
        Ok(V::from_bytes(bytes))
    }

    /// Writes one value, by one instruction if there is such a thing.
    ///
    /// # Safety
    ///
    /// As for `write`.
    unsafe fn store<V: Value>(&self, base: *mut u8, position: usize, value: V) -> Result<()> {
        // SAFETY: the caller vouches for the range.
        unsafe { self.write(base, position, value.to_bytes().as_ref()) }.1
    }
}

/// A value of 1, 2, 4 or 8 bytes, of which every pattern of bits is one.
pub trait Value: Copy + Bits {}

/// The part of [`Value`] that is not public.
pub trait Bits: Sized {
    type Bytes: Default + AsRef<[u8]> + AsMut<[u8]>;
    fn from_bytes(bytes: Self::Bytes) -> Self;
    fn to_bytes(self) -> Self::Bytes;
    /// # Safety
    ///
    /// As for [`guarded::load8`].
    unsafe fn load(from: *const u8) -> Option<Self>;
    /// # Safety
    ///
    /// As for [`guarded::store8`].
    unsafe fn store(self, to: *mut u8) -> bool;
}

macro_rules! values {
    ($($value:ident as $word:ident by $load:ident $store:ident,)*) => {
        $(impl Value for $value {}

        impl Bits for $value {
            type Bytes = [u8; size_of::<$value>()];

            fn from_bytes(bytes: Self::Bytes) -> Self {
                Self::from_ne_bytes(bytes)
            }

            fn to_bytes(self) -> Self::Bytes {
                self.to_ne_bytes()
            }

            #[inline(always)]
            unsafe fn load(from: *const u8) -> Option<Self> {
                // SAFETY: the caller vouches for the address.
                unsafe { guarded::$load(from) }.map(|word| word as Self)
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut u8) -> bool {
                // SAFETY: the caller vouches for the address.
                unsafe { guarded::$store(to, self as $word) }
            }
        })*
    };
}

values! {
    u8 as u8 by load1 store1,
    u16 as u16 by load2 store2,
    u32 as u32 by load4 store4,
    u64 as u64 by load8 store8,
    usize as u64 by load8 store8,
    i8 as u8 by load1 store1,
    i16 as u16 by load2 store2,
    i32 as u32 by load4 store4,
    i64 as u64 by load8 store8,
    isize as u64 by load8 store8,
}

/// The answer for so many bytes of `length` without an error of its own.
fn so_far(done: usize, length: usize) -> (usize, Result<()>) {
    (done, if done == length { Ok(()) } else { Err(Errno::EFAULT) })
}

impl Means for Guards {}

impl Access for Guards {
    #[inline]
    unsafe fn read(&self, base: *const u8, position: usize, to: &mut [u8]) -> (usize, Result<()>) {
        let from = base.wrapping_add(position);
        // SAFETY: the handler is installed, and the range is of a map.
        let left = unsafe { guarded::copy_from(to.as_mut_ptr(), from, to.len()) };
        so_far(to.len().wrapping_sub(left), to.len())
    }

    #[inline]
    unsafe fn write(&self, base: *mut u8, position: usize, from: &[u8]) -> (usize, Result<()>) {
        let to = base.wrapping_add(position);
        // SAFETY: the handler is installed, and the range is the caller's to write.
        let left = unsafe { guarded::copy_to(to, from.as_ptr(), from.len()) };
        so_far(from.len().wrapping_sub(left), from.len())
    }

    #[inline(always)]
    unsafe fn load<V: Value>(&self, base: *const u8, position: usize) -> Result<V> {
        // SAFETY: the handler is installed, and the range is of a map.
        unsafe { V::load(base.wrapping_add(position)) }.ok_or(Errno::EFAULT)
    }

    #[inline(always)]
    unsafe fn store<V: Value>(&self, base: *mut u8, position: usize, value: V) -> Result<()> {
        // SAFETY: the handler is installed, and the range is the caller's to write.
        let there = unsafe { value.store(base.wrapping_add(position)) };
        if there { Ok(()) } else { Err(Errno::EFAULT) }
    }
}

/// The kernel's own copies, which need no handler: `process_vm_readv` and
/// `process_vm_writev` on this process. Each access is two system calls, and a
/// value is not read or written at once.
///
/// qemu-user has neither call: there every access is `ENOSYS`.
#[derive(Clone, Copy, Debug)]
#[doc(alias = "process_vm_readv")]
pub struct KernelCopies;

impl Means for KernelCopies {}

impl Access for KernelCopies {
    unsafe fn read(&self, base: *const u8, position: usize, to: &mut [u8]) -> (usize, Result<()>) {
        let length = to.len();
        let to = IoVec { base: to.as_mut_ptr(), len: length };
        step_by_step(length, |done| {
            let rest = length.wrapping_sub(done);
            let from = IoVec { base: base.wrapping_add(position).wrapping_add(done).cast_mut(), len: rest };
            let to = IoVec { base: to.base.wrapping_add(done), len: rest };
            // SAFETY: the kernel writes no more than the buffer has.
            unsafe { mm::process_vm_readv(getpid(), &[to], &[from]) }
        })
    }

    unsafe fn write(&self, base: *mut u8, position: usize, from: &[u8]) -> (usize, Result<()>) {
        step_by_step(from.len(), |done| {
            let rest = from.len().wrapping_sub(done);
            let to = IoVec { base: base.wrapping_add(position).wrapping_add(done), len: rest };
            let from = IoVec { base: from.as_ptr().wrapping_add(done).cast_mut(), len: rest };
            // SAFETY: the range is the caller's to write.
            unsafe { mm::process_vm_writev(getpid(), &[from], &[to]) }
        })
    }
}

/// The file itself, beside its map: `pread` and `pwrite`. The map is not touched,
/// and has to be of this file from this byte on.
#[derive(Clone, Copy, Debug)]
#[doc(alias = "pread")]
pub struct ByFile<F> {
    file: F,
    offset: u64,
}

impl<F: AsFd> ByFile<F> {
    /// For a map of `file` from byte `offset` on.
    pub const fn new(file: F, offset: u64) -> Self {
        Self { file, offset }
    }

    fn at(&self, position: usize) -> Result<i64> {
        let at = self.offset.checked_add(position as u64).ok_or(Errno::EFBIG)?;
        i64::try_from(at).map_err(|_| Errno::EFBIG)
    }
}

impl<F: AsFd> Means for ByFile<F> {}

impl<F: AsFd> Access for ByFile<F> {
    unsafe fn read(&self, _: *const u8, position: usize, to: &mut [u8]) -> (usize, Result<()>) {
        let fd = self.file.as_fd().as_raw_fd();
        step_by_step(to.len(), |done| {
            let rest = to.get_mut(done..).unwrap_or_default();
            fs::pread64(fd, rest, self.at(position.wrapping_add(done))?)
        })
    }

    unsafe fn write(&self, _: *mut u8, position: usize, from: &[u8]) -> (usize, Result<()>) {
        let fd = self.file.as_fd().as_raw_fd();
        step_by_step(from.len(), |done| {
            let at = self.at(position.wrapping_add(done))?;
            // A map has no bytes past the end of its file. Whoever cuts it short
            // after this finds it longer again.
            let there = fs::fstat(fd)?.st_size.saturating_sub(at).max(0) as usize;
            let rest = from.get(done..).unwrap_or_default();
            let rest = rest.get(..there).unwrap_or(rest);
            // SAFETY: as for the map, the bytes are the caller's to write.
            if rest.is_empty() { Ok(0) } else { unsafe { fs::pwrite64(fd, rest, at) } }
        })
    }
}

/// Makes a call for what is left until nothing is, or it does nothing.
fn step_by_step(length: usize, mut step: impl FnMut(usize) -> Result<usize>) -> (usize, Result<()>) {
    let mut done = 0_usize;
    while done < length {
        match retry(|| step(done)) {
            Ok(0) => break,
            Ok(more) => done = done.saturating_add(more),
            Err(errno) => return (done, Err(errno)),
        }
    }
    so_far(done, length)
}
