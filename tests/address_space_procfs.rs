//! The reader of address spaces against the crate `procfs`, on every process that there
//! is: both tell the same mappings and the same figures.
//!
//! Processes come and go, and change their mappings. What is compared has not changed
//! from before the other one's look until after it.

mod hosted;
mod waiting;

use baremap::address_space::{AddressSpace, Error, Mapping, Name, Sharing, Usage};
use baremap::sys::process::Pid;
use baremap::{Errno, Prot};
use hosted::wrong_under_emulation;
use procfs::process::{MMPermissions, MMapPath, MemoryMap, Process, all_processes};
use waiting::Waiting;

/// A mapping in the other crate's words, but for its name; and its figures.
type Told = ((u64, u64), MMPermissions, u64, (i32, i32), u64, Vec<u8>);

fn ours(mapping: &Mapping<'_>) -> Told {
    let mut rights = match mapping.sharing {
        Sharing::Private => MMPermissions::PRIVATE,
        Sharing::Shared => MMPermissions::SHARED,
    };
    rights.set(MMPermissions::READ, mapping.prot.contains(Prot::READ));
    rights.set(MMPermissions::WRITE, mapping.prot.contains(Prot::WRITE));
    rights.set(MMPermissions::EXECUTE, mapping.prot.contains(Prot::EXEC));
    let device = (mapping.device.major as i32, mapping.device.minor as i32);
    let name = match mapping.name {
        Name::None => Vec::new(),
        Name::Stack => b"stack".into(),
        Name::Heap => b"heap".into(),
        Name::Vdso => b"vdso".into(),
        Name::Vvar => b"vvar".into(),
        Name::File(path) => path.as_written().into(),
        Name::Deleted(path) => [path.as_written(), b" (deleted)"].concat(),
        Name::Anon(name) => [b"anon:", name].concat(),
        Name::SharedAnon(name) => [b"anon_shmem:", name].concat(),
        Name::Other(name) => {
            name.strip_prefix(b"[").and_then(|name| name.strip_suffix(b"]")).unwrap_or(name).into()
        }
        other => panic!("{other:?}"),
    };
    ((mapping.start as u64, mapping.end as u64), rights, mapping.offset, device, mapping.inode, name)
}

fn theirs(map: &MemoryMap) -> Told {
    let name = match &map.pathname {
        MMapPath::Anonymous => String::new(),
        MMapPath::Stack => "stack".into(),
        MMapPath::Heap => "heap".into(),
        MMapPath::Vdso => "vdso".into(),
        MMapPath::Vvar => "vvar".into(),
        MMapPath::Vsyscall => "vsyscall".into(),
        MMapPath::TStack(thread) => format!("stack:{thread}"),
        MMapPath::Path(path) => path.to_str().expect("they read UTF-8").into(),
        MMapPath::Other(name) => name.clone(),
        MMapPath::Vsys(key) => format!("/SYSV{key:08x} (deleted)"),
        MMapPath::Rollup => panic!("that is no mapping"),
    };
    (map.address, map.perms, map.offset, map.dev, map.inode, name.into_bytes())
}

fn our_maps(pid: Pid) -> Result<Vec<Told>, Error> {
    let (mut buffer, mut all) = ([0; 8192], Vec::new());
    let mut maps = AddressSpace::of(pid).maps(&mut buffer)?;
    while let Some(mapping) = maps.next_mapping()? {
        all.push(ours(&mapping));
    }
    Ok(all)
}

fn our_figures(pid: Pid) -> Result<Vec<(Told, Usage)>, Error> {
    let (mut buffer, mut all) = ([0; 8192], Vec::new());
    let mut smaps = AddressSpace::of(pid).smaps(&mut buffer)?;
    while let Some((mapping, usage)) = smaps.next_mapping()? {
        all.push((ours(&mapping), usage));
    }
    Ok(all)
}

/// The figures that every kernel has.
fn figures(usage: &Usage) -> [u64; 12] {
    let Usage { size, page_size, rss, pss, shared_clean, shared_dirty, .. } = *usage;
    let Usage { private_clean, private_dirty, referenced, anonymous, swap, locked, .. } = *usage;
    [
        size,
        page_size,
        rss,
        pss,
        shared_clean,
        shared_dirty,
        private_clean,
        private_dirty,
        referenced,
        anonymous,
        swap,
        locked,
    ]
}

fn their_figures(map: &MemoryMap) -> [u64; 12] {
    [
        "Size",
        "KernelPageSize",
        "Rss",
        "Pss",
        "Shared_Clean",
        "Shared_Dirty",
        "Private_Clean",
        "Private_Dirty",
        "Referenced",
        "Anonymous",
        "Swap",
        "Locked",
    ]
    .map(|name| map.extension.map[name])
}

/// Compares what has not changed meanwhile; returns of how many processes, and of how
/// many mappings. Of a process that never stands still, there is nothing to say.
fn compare<T: PartialEq + std::fmt::Debug>(
    ours: impl Fn(Pid) -> Result<Vec<T>, Error>,
    theirs: impl Fn(&Process) -> procfs::ProcResult<Vec<T>>,
) -> (usize, usize) {
    let (mut processes, mut mappings) = (0, 0);
    for process in all_processes().expect("/proc is mounted").flatten() {
        let own = process.pid as u32 == std::process::id();
        if own && wrong_under_emulation("/proc/self/maps, which it makes itself unless openat is asked") {
            continue;
        }
        for _ in 0..20 {
            let before = match ours(process.pid) {
                Ok(before) => before,
                // It has ended; or it is not ours to see.
                Err(Error::System(Errno::ENOENT | Errno::ESRCH | Errno::EACCES)) => break,
                Err(error) => panic!("{}: {error}", process.pid),
            };
            let told = theirs(&process);
            if ours(process.pid).as_ref() != Ok(&before) {
                continue;
            }
            let Ok(told) = told else { break };
            assert_eq!(before.len(), told.len(), "{}", process.pid);
            before.iter().zip(&told).for_each(|(ours, theirs)| assert_eq!(ours, theirs, "{}", process.pid));
            processes += usize::from(!before.is_empty());
            mappings += before.len();
            break;
        }
    }
    (processes, mappings)
}

#[test]
fn both_tell_the_same_mappings_of_every_process() {
    let still = Waiting::new();
    let (processes, mappings) = compare(our_maps, |process| Ok(process.maps()?.iter().map(theirs).collect()));
    drop(still);
    println!("{processes} processes with {mappings} mappings");
    assert!(processes >= 1 && mappings >= 5, "{processes} {mappings}");
}

#[test]
fn both_tell_the_same_figures_of_every_process() {
    let still = Waiting::new();
    let (processes, mappings) = compare(
        |pid| {
            Ok(our_figures(pid)?.into_iter().map(|(told, usage)| (told, figures(&usage))).collect::<Vec<_>>())
        },
        |process| Ok(process.smaps()?.iter().map(|map| (theirs(map), their_figures(map))).collect()),
    );
    drop(still);
    println!("{processes} processes with {mappings} mappings");
    assert!(processes >= 1 && mappings >= 5, "{processes} {mappings}");
}
