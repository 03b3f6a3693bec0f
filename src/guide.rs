//! The guide of docs/: its Rust is compiled and run as doc tests.

#[doc = include_str!("../docs/src/c.md")]
pub struct CToBaremap;

#[doc = include_str!("../docs/src/programs.md")]
pub struct Programs;

#[doc = include_str!("../docs/src/size.md")]
pub struct TheLastBytes;
