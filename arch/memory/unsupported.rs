//! Stands in for an instruction set that there is no file for, so that the one
//! error is that of `arch/mod.rs`.

#[doc(hidden)]
#[macro_export]
macro_rules! __support {
    () => {};
}
