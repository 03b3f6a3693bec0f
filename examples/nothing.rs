//! The smallest program: it starts, and ends with success.

#![no_std]
#![no_main]

baremap::entry!(main);

fn main() {}
