//! What may be done with the memory of a map, as types.

use crate::flags::Prot;

/// What may be done with the memory of a [`Map`](crate::Map): one of the types
/// that stand in its first parameter. Nobody else can add one.
pub trait Access: Sealed {}

/// The memory can be read, so a map lends it as a slice.
pub trait Readable: Access + Protection {}

/// The memory can be read and written, so a map lends it as a mutable slice.
pub trait Writable: Readable {}

/// The kernel's word for it.
pub trait Protection {
    const PROT: Prot;
}

/// Keeps [`Access`] from being implemented elsewhere.
pub trait Sealed {}

/// Reading.
#[derive(Debug)]
pub enum Read {}

/// Reading and writing.
#[derive(Debug)]
pub enum Write {}

/// Reading, and running it as code.
#[derive(Debug)]
pub enum Exec {}

/// Reading, writing, and running it as code.
#[derive(Debug)]
pub enum WriteExec {}

/// Whatever pointers do: the map lends nothing but its address.
#[derive(Debug)]
pub enum Raw {}

/// Nothing: a touch of it is `SIGSEGV`.
#[derive(Debug)]
pub enum NoAccess {}

macro_rules! access {
    ($($access:ident)*) => {
        $(impl Sealed for $access {}
        impl Access for $access {})*
    };
}

macro_rules! readable {
    ($($access:ident: $prot:expr,)*) => {
        $(impl Protection for $access {
            const PROT: Prot = $prot;
        }
        impl Readable for $access {})*
    };
}

access! { Read Write Exec WriteExec Raw NoAccess }

readable! {
    Read: Prot::READ,
    Write: Prot::READ.union(Prot::WRITE),
    Exec: Prot::READ.union(Prot::EXEC),
    WriteExec: Prot::READ.union(Prot::WRITE).union(Prot::EXEC),
}

impl Writable for Write {}
impl Writable for WriteExec {}
