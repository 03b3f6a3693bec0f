//! Text as C has it.

/// The text of a map as C's `%s` has it: to the first NUL, or to the end.
pub fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
}
