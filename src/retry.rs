//! The policy towards signals of all that stands above `sys`: a call that one
//! interrupted before it did anything (`EINTR`) is made again, a short write is
//! continued. `close` is never made again, for it has closed in any case.

use crate::errno::{Errno, Result};

/// Makes a call again as long as a signal interrupts it.
pub(crate) fn retry<T>(mut call: impl FnMut() -> Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
}

/// Writes all of `bytes`, however little a single `write` takes.
pub(crate) fn all(mut bytes: &[u8], mut write: impl FnMut(&[u8]) -> Result<usize>) -> Result<()> {
    while !bytes.is_empty() {
        let written = retry(|| write(bytes))?;
        match bytes.get(written..) {
            Some(rest) if written > 0 => bytes = rest,
            // A write that takes nothing would be tried for ever.
            _ => return Err(Errno::EIO),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// A `write` that takes three bytes at most, and is interrupted every other time.
    fn write(taken: &mut Vec<u8>, calls: &mut u32, bytes: &[u8]) -> Result<usize> {
        *calls += 1;
        if *calls % 2 == 0 {
            return Err(Errno::EINTR);
        }
        let count = bytes.len().min(3);
        taken.extend(&bytes[..count]);
        Ok(count)
    }

    #[test]
    fn short_and_interrupted_writes_lose_and_repeat_nothing() {
        let bytes: Vec<u8> = (0..=255).collect();
        let (mut taken, mut calls) = (Vec::new(), 0);
        assert_eq!(all(&bytes, |rest| write(&mut taken, &mut calls, rest)), Ok(()));
        assert_eq!(taken, bytes);
    }

    #[test]
    fn a_write_that_takes_nothing_ends_in_an_error() {
        assert_eq!(all(b"x", |_| Ok(0)), Err(Errno::EIO));
        assert_eq!(all(b"", |_| Ok(0)), Ok(()));
    }

    #[test]
    fn an_error_other_than_eintr_ends_a_retry() {
        let mut answers = [Err(Errno::EINTR), Err(Errno::EINTR), Err(Errno::EAGAIN), Ok(1)].into_iter();
        assert_eq!(retry(|| answers.next().unwrap()), Err(Errno::EAGAIN));
        assert_eq!(answers.next(), Some(Ok(1)));
    }
}
