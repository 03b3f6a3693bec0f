//! Why what is safe here is sound: for each type, what it claims, what that rests on,
//! and who guarantees it.
//!
//! A claim is about safe code: whatever a program does that has no `unsafe` of its
//! own, nothing it does with the type is undefined behaviour. Whoever writes `unsafe`
//! answers for the conditions that stand at what they call; these are the guarantees
//! of "the caller" below. "The kernel" is Linux, as its man pages and tests/ have it.
//!
//! # `Guarded`
//!
//! Claim: whatever becomes of the file and its pages, an access is a copy or an
//! error. ([`Guarded`](crate::guard::Guarded))
//!
//! | what is guaranteed | by whom |
//! |---|---|
//! | No reference to the memory exists: [`Raw`](crate::map::Raw) maps lend an address alone. | the type |
//! | The addresses are a mapping's of ours as long as the value lives, so that an access hits what was mapped there or nothing. | [`Map`](crate::Map), which owns it; callers of `munmap`, `mremap` and `mmap` with an address |
//! | An access does not leave the map. | one check, before all of them |
//! | To the compiler the memory is what it is to a device: read and written by assembly alone. That others write at the same time is no data race of the language, and bytes of every value are fine. | the compiler, for `asm!` |
//! | A fault of one of our instructions is found by the program counter *and* by the address it was to access. The program goes on where the assembly says, with the registers that it says. | the machine, whose faults are precise; the linker, which makes the list |
//! | A value from an access that failed is not used; a copy has counted what it copied. | the assembly |
//! | A fault on the other side of a copy, of other code, and a signal that was sent are not ours. | the handler, which looks at `si_code` too |
//! | The handler is there before the first access. | [`Guards`](crate::guard::Guards), which nothing else makes |
//! | A handler that replaces ours without calling it, or a thread that blocks the signal, has a fault end the process. Nothing goes on. | the kernel |
//! | With [`KernelCopies`](crate::guard::KernelCopies) and [`ByFile`](crate::guard::ByFile) it is the kernel that copies, and never faults. | the kernel |
//! | What is written changes no bytes that are lent: a map that lends bytes of a file was made by somebody who promised that nobody changes them; what is sealed cannot be written. | the caller of [`MapOptions::map`](crate::MapOptions::map); the kernel |
//!
//! # `Sealed`
//!
//! Claim: the bytes that its maps lend never change and are always there.
//! ([`Sealed`](crate::memfd::Sealed))
//!
//! | what is guaranteed | by whom |
//! |---|---|
//! | With `F_SEAL_WRITE` nobody writes to the file or maps it to be written, and nobody does already: the seal is refused then. `F_SEAL_FUTURE_WRITE`, which leaves old maps as they are, does not count. | the kernel |
//! | With `F_SEAL_SHRINK` no page within its length goes. | the kernel |
//! | A seal is not taken away. | the kernel |
//! | The file that was looked at is the one that is mapped: its descriptor is a duplicate of our own, or was given away to us. | the type; callers of `close` and `dup3` |
//! | A map ends where the file does. | one check |
//! | Of huge pages, whose pool may be empty when a hole is read, all pages are there before anything is lent. | `MADV_POPULATE_READ` |
//!
//! # `Shared` and `SharedView`
//!
//! Claim: processes that trust each other in nothing share atomics, and bytes beside
//! them. ([`Shared`](crate::shared::Shared))
//!
//! | what is guaranteed | by whom |
//! |---|---|
//! | Whatever another process writes is a value: the type is made of atomics of one kind without padding. | the author of `unsafe impl Atoms` |
//! | No access has another width than the atomics: there is no other view of them, and bytes are copied only behind them. | the type |
//! | The memory is there: nobody's file, or one with `F_SEAL_SHRINK`, populated, and not of huge pages, which another process could take away by a hole. A hole in other memory is filled again, with zeros. | the kernel |
//! | The bytes behind are never lent: assembly copies them. | the type |
//! | A view that is read only offers relaxed loads, which are loads and nothing else. | the compiler: see [`core::sync::atomic`] on read-only memory |
//! | Two views of one file in one process are at two addresses, to the compiler two memories, of which each is changed by others too. | the compiler, for atomics |
//!
//! # `Lock`, `Mutex`, `Event`, `Semaphore`, `Once`
//!
//! Claim: what other processes do with them, by whatever name, makes nothing of it
//! undefined; as long as they keep to the rules, one at a time has the lock.
//! ([`ipc`](crate::ipc))
//!
//! | what is guaranteed | by whom |
//! |---|---|
//! | Each is made of `AtomicU32` alone, without padding, and every value of one is dealt with. | the types |
//! | What a mutex guards is made of them too: a guard lends it shared, and two that believe to have the lock access atomics. | the bound on `Atoms` |
//! | A guard borrows the memory. | the type |
//! | A system call reads the word and nothing behind it; to wake, its address is only a name. | the kernel |
//! | A lock is taken from exactly the holder who was looked at: by a compare-exchange from his name. | the processor |
//! | A number of a process is nobody else's as long as that one lives or is a zombie; whoever has its descriptor is told of its end. | the kernel, within one PID namespace |
//! | Who took it sees what those before him wrote: `Acquire` and `Release` on one word. | the compiler; loom has tried it |
//!
//! # `Ring`, `Sender`, `Receiver`, `Segment`
//!
//! Claim: whatever the other side writes into a ring, and whenever, a message that is
//! received is some bytes in the caller's buffer or an error; nothing is accessed
//! outside of the ring. ([`ipc`](crate::ipc))
//!
//! | what is guaranteed | by whom |
//! |---|---|
//! | The ends, and the length of a message, are accessed as `AtomicU32` alone; the bytes of a message by assembly, and never lent. | the types |
//! | The file never gets shorter: it is sealed. For a segment, the caller of the `unsafe` function promises it. | the kernel, or the caller |
//! | Where we are is kept in memory of our own; where the other side is, and how long a message is, is read once, and then checked to lie in the ring. | the types |
//! | Behind every byte of the data there are as many bytes as the ring has: the second view lies behind the first. | the reservation, which nobody else maps into |
//! | An end is one process's: it is taken by a compare-exchange from nobody, and only once. A process that forks has it twice; then the messages are garbage, and nothing else is. | the processor |
//! | What is received was written before: `Release` and `Acquire` on the position. | the compiler; loom has tried it |
//!
//! # `KeptFromChildren`
//!
//! Claim: a child, which may have a stranger's memory at the address, neither
//! accesses nor unmaps it. ([`KeptFromChildren`](crate::map::KeptFromChildren))
//!
//! | what is guaranteed | by whom |
//! |---|---|
//! | A byte beside it is 1 here and 0 in a child: `MADV_WIPEONFORK`. Every access and the drop look there first. | the kernel; the type |
//! | A child that shares our memory (`CLONE_VM`) finds 1, and the memory. | the kernel |
//! | No child comes to be while the bytes are lent: a child of this thread is made by an `unsafe` call, and one of another thread does not have this one. | the caller of [`fork`](crate::process::fork); the kernel |
//!
//! # `WipedInChildren`
//!
//! Claim: it is memory, in the parent and in the child.
//! ([`WipedInChildren`](crate::map::WipedInChildren))
//!
//! | what is guaranteed | by whom |
//! |---|---|
//! | Zeros are a value of bytes. | the type |
//! | What a child borrowed before it was one is not used there as if it had not changed. | the caller of [`fork`](crate::process::fork) |
//!
//! # `Reservation`
//!
//! Claim: what is put into the range replaces nothing of anybody else, and the range
//! stays ours. ([`Reservation`](crate::Reservation))
//!
//! | what is guaranteed | by whom |
//! |---|---|
//! | Each address is in one piece at most: pieces are divided and consumed by value. | the type |
//! | The reservation outlives what is in it, which borrows it. | the type |
//! | What is in a piece goes by having memory without rights put in its place, in one call. There is no hole in between that another thread's `mmap` could take. | the kernel, for `MAP_FIXED` |
//! | Where such a call fails and has left a hole, that is filled without replacing anything. If another was there first, the piece is lost: it is not used and not unmapped by us any more. | the kernel, for `MAP_FIXED_NOREPLACE`; the type |
//! | Pointers come from the reservation's own. | the type |
//!
//! # `Command`
//!
//! Claim: starting a program is safe, though making a copy of a process is not.
//! ([`Command`](crate::Command))
//!
//! | what is guaranteed | by whom |
//! |---|---|
//! | Between the copy and the new program only system calls are made; no value of the parent is dropped or used. | the function, which does not return there |
//! | No handler of ours runs in between: all signals are blocked before, and handlers are gone before they are let in. | the kernel |
//! | A descriptor that is passed is open until then. | the borrow |
//!
//! # Out of reach
//!
//! - A process that may trace this one, or open its `/proc/PID/mem`, writes wherever it
//!   likes. So does this one, by its own: a [`File`](crate::File) of that name is safe
//!   to open and to write, as in std.
//! - A hostile process with the same file that is only fixed in length, not sealed: it
//!   may write whatever it likes between any two accesses. What is read from
//!   [`Shared`](crate::shared::Shared) memory is to be believed only as far as that
//!   process is.
//! - Memory that breaks: a machine check, or an error of persistent memory that is
//!   mapped directly (DAX), may be reported by the page alone. It is taken to be no
//!   guarded access's, and ends the process.
//! - A page of sealed or shared memory that cannot be brought back: from a swap device
//!   that fails, or where strict overcommit or the limit of a control group leaves no
//!   page for a hole. It ends the process by `SIGBUS` or out of memory. Guarding such a
//!   map makes that an error.
//! - fs-verity keeps a file from being changed, but a page that the disk cannot read,
//!   or whose hash is wrong, is `SIGBUS`: there is no type for it, and its maps can be
//!   guarded.
