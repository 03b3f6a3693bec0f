//! What may be done with the memory of a map, as types.

use crate::flags::Prot;

/// What may be done with the memory of a [`Map`](crate::Map): one of the types
/// that stand in its first parameter. Nobody else can add one.
///
/// ```
/// use baremap::map::{Access, Backing, Map};
/// fn end(map: &Map<impl Access, impl Backing>) -> *const u8 {
///     map.as_ptr().wrapping_add(map.len())
/// }
/// let map = baremap::MapAnon::new(10)?;
/// assert_eq!(end(&map), map.as_ptr().wrapping_add(10));
/// # Ok::<(), baremap::Errno>(())
/// ```
pub trait Access: Sealed {}

/// The memory can be read, so a map lends it as a slice.
///
/// ```
/// use baremap::map::{Backing, Map, Readable};
/// fn zeros(map: &Map<impl Readable, impl Backing>) -> usize {
///     map.iter().filter(|&&byte| byte == 0).count()
/// }
/// assert_eq!(zeros(&baremap::MapAnon::new(10)?), 10);
/// # Ok::<(), baremap::Errno>(())
/// ```
pub trait Readable: Access + Protection {}

/// The memory can be read and written, so a map lends it as a mutable slice.
///
/// ```
/// use baremap::map::{Backing, Map, Writable};
/// fn wipe(map: &mut Map<impl Writable, impl Backing>) {
///     map.fill(0);
/// }
/// wipe(&mut baremap::MapAnon::new(10)?);
/// # Ok::<(), baremap::Errno>(())
/// ```
pub trait Writable: Readable {}

/// The kernel's word for it.
pub trait Protection {
    const PROT: Prot;
}

/// Keeps [`Access`] from being implemented elsewhere.
pub trait Sealed {}

/// Reading.
///
/// ```
/// use baremap::MapAnon;
/// use baremap::map::{Anon, Map, Read};
/// let map: Map<Read, Anon> = MapAnon::new(10)?.make_read_only()?;
/// assert_eq!(map[0], 0);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub enum Read {}

/// Reading and writing.
///
/// ```
/// use baremap::MapAnon;
/// use baremap::map::{Anon, Map, Write};
/// let mut map: Map<Write, Anon> = MapAnon::new(10)?;
/// map[0] = 1;
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub enum Write {}

/// Reading, and running it as code.
///
/// ```
/// use baremap::MapAnon;
/// use baremap::map::{Anon, Exec, Map};
/// let map: Map<Exec, Anon> = MapAnon::new(10)?.make_exec()?;
/// assert_eq!(map[0], 0);
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub enum Exec {}

/// Reading, writing, and running it as code.
///
/// ```
/// use baremap::MapAnon;
/// use baremap::map::{Anon, Map, WriteExec};
/// let mut map: Map<WriteExec, Anon> = MapAnon::new(10)?.make_exec_mut()?;
/// map[0] = 0xc3;
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub enum WriteExec {}

/// Whatever pointers do: the map lends nothing but its address.
///
/// ```
/// use baremap::MapAnon;
/// use baremap::map::{Anon, Map, Raw};
/// let map: Map<Raw, Anon> = MapAnon::new(10)?.into();
/// assert!(!map.as_mut_ptr().is_null());
/// # Ok::<(), baremap::Errno>(())
/// ```
#[derive(Debug)]
pub enum Raw {}

/// Nothing: a touch of it is `SIGSEGV`.
///
/// ```
/// use baremap::MapAnon;
/// use baremap::map::{Anon, Map, NoAccess};
/// let map: Map<NoAccess, Anon> = MapAnon::new(10)?.make_guard()?;
/// assert_eq!(map.len(), 10);
/// # Ok::<(), baremap::Errno>(())
/// ```
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
