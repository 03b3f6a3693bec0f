//! The numbers of requests to what a descriptor is of, for `ioctl`.

/// The number of a request by `_IOR`: the kernel would fill its argument, but
/// those of userfaultfd that are so numbered only read it.
pub(super) const fn ior<T>(kind: u8, number: u8) -> u32 {
    encode::<T>(2, kind, number)
}

/// The number of a request whose argument the kernel reads and fills: `_IOWR`.
pub(super) const fn iowr<T>(kind: u8, number: u8) -> u32 {
    encode::<T>(3, kind, number)
}

/// Direction, size, kind and number, each in bits of its own; the same on each
/// of our instruction sets.
const fn encode<T>(direction: u32, kind: u8, number: u8) -> u32 {
    direction << 30 | (size_of::<T>() as u32) << 16 | (kind as u32) << 8 | number as u32
}
