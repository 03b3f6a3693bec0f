//! Rounding to pages, as arithmetic. The size of a page is an argument, for it
//! is known only at run time: see [`page_size`](crate::sys::page_size).

/// `length` bytes rounded up to whole pages of `page` bytes, a power of two;
/// `None` if that passes the end of the address space.
///
/// ```
/// use baremap::page::round_up;
/// assert_eq!(round_up(1, 4096), Some(4096));
/// assert_eq!(round_up(4096, 4096), Some(4096));
/// assert_eq!(round_up(usize::MAX, 4096), None);
/// ```
#[must_use]
pub const fn round_up(length: usize, page: usize) -> Option<usize> {
    match length.checked_add(page.wrapping_sub(1)) {
        Some(sum) => Some(round_down(sum, page)),
        None => None,
    }
}

/// `offset` in bytes rounded down to the start of its page of `page` bytes, a
/// power of two.
///
/// ```
/// use baremap::page::round_down;
/// assert_eq!(round_down(4095, 4096), 0);
/// assert_eq!(round_down(70_000, 65_536), 65_536);
/// ```
#[must_use]
pub const fn round_down(offset: usize, page: usize) -> usize {
    offset & !page.wrapping_sub(1)
}
