//! mbind, pkey_alloc, pkey_free, pkey_mprotect.

use std::ptr::{null, null_mut};

use baremap::flags::{MbindFlags, PkeyRights, PolicyFlags};
use baremap::sys::mm::{self, Policy};
use baremap::sys::page_size;
use baremap::{Errno, Prot, Result};

use super::circumstances::*;
use super::{Call, call, in_child_answer, refused, unprovoked};
use crate::memory::put;

/// The one node that every machine has.
const FIRST_NODE: &[u64] = &[1];
const NO_FLAGS: MbindFlags = MbindFlags::empty();

/// One page to these nodes.
fn mbind(start: *mut u8, policy: Policy, nodes: *const u64, bits: usize, flags: MbindFlags) -> Result<()> {
    mm::mbind(start, page_size(), policy, PolicyFlags::empty(), nodes, bits, flags)
}

fn to_first_node(start: *mut u8, flags: MbindFlags) -> Result<()> {
    mbind(start, Policy::BIND, FIRST_NODE.as_ptr(), 64, flags)
}

/// Without a key, which leaves it the one it has.
fn protect(start: *mut u8, prot: Prot) -> Result<()> {
    protect_by(start, prot, -1)
}

fn protect_by(start: *mut u8, prot: Prot, key: i32) -> Result<()> {
    // SAFETY: nothing refers to the page.
    unsafe { mm::pkey_mprotect(start, page_size(), prot, key) }
}

fn free(key: i32) -> Result<()> {
    // SAFETY: no memory has the key.
    unsafe { mm::pkey_free(key) }
}

fn has_nodes() -> bool {
    with_pages(1, |start| mbind(start, Policy::DEFAULT, null(), 0, NO_FLAGS)).is_ok()
}

fn has_keys() -> bool {
    mm::pkey_alloc(PkeyRights::empty()).and_then(free).is_ok()
}

/// What has the calls about keys, be there a key or none.
const WITH_KEYS: &[&str] = &["x86_64"];
const WITHOUT_KEYS: &[&str] = &["aarch64", "riscv64"];

pub const CALLS: &[Call] = &[
    call(
        "mbind",
        &[
            refused(Errno::EFAULT, "nothing is mapped there", || to_first_node(null_mut(), NO_FLAGS))
                .not_emulated()
                .where_there_is("a node", has_nodes),
            refused(Errno::EFAULT, "the nodes are not readable", || {
                let nowhere = std::ptr::without_provenance(8);
                with_pages(1, |start| mbind(start, Policy::BIND, nowhere, 64, NO_FLAGS))
            })
            .not_emulated()
            .where_there_is("a node", has_nodes),
            refused(Errno::EINVAL, "the policy is unknown", || {
                with_pages(1, |start| mbind(start, Policy(99), FIRST_NODE.as_ptr(), 64, NO_FLAGS))
            })
            .not_emulated()
            .where_there_is("a node", has_nodes),
            refused(Errno::EINVAL, "a policy with nodes, and there are none", || {
                with_pages(1, |start| mbind(start, Policy::BIND, null(), 0, NO_FLAGS))
            })
            .not_emulated()
            .where_there_is("a node", has_nodes),
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| to_first_node(start.wrapping_add(1), NO_FLAGS))
            })
            .not_emulated()
            .where_there_is("a node", has_nodes),
            refused(Errno::EIO, "a page is there, and not where it is to be", || {
                with_pages(1, |start| {
                    put(start, 1);
                    // Of no node at all.
                    mbind(start, Policy::LOCAL, null(), 0, MbindFlags::STRICT)
                })
            })
            .not_emulated()
            .where_there_is("a node", has_nodes),
            refused(Errno::ENOMEM, "the middle of a mapping, and there are too many already", || {
                with_all_mappings(|second| to_first_node(second, NO_FLAGS))
            })
            .not_emulated()
            .where_there_is("a node", has_nodes),
            unprovoked(Errno::ENOSYS, "the kernels here have nodes"),
            refused(Errno::EPERM, "nobody moves the pages of others", || {
                with_pages(1, |start| {
                    in_child_answer(|| {
                        become_nobody()?;
                        to_first_node(start, MbindFlags::MOVE_ALL)
                    })
                })
            })
            .not_emulated()
            .where_there_is("a node", has_nodes),
        ],
    ),
    call(
        "pkey_alloc",
        &[
            refused(Errno::EINVAL, "the rights are unknown", || {
                mm::pkey_alloc(PkeyRights::from_bits_retain(0x80)).map(drop)
            })
            .on(WITH_KEYS),
            refused(Errno::ENOSPC, "all are taken", || {
                // A child has keys of its own.
                in_child_answer(|| {
                    loop {
                        mm::pkey_alloc(PkeyRights::empty())?;
                    }
                })
            })
            .where_there_is("a processor with keys", has_keys),
            refused(Errno::ENOSYS, "the instruction set has none", || {
                mm::pkey_alloc(PkeyRights::empty()).map(drop)
            })
            .on(WITHOUT_KEYS)
            .before(6, 12),
        ],
    ),
    call(
        "pkey_free",
        &[
            refused(Errno::EINVAL, "the key is not taken", || free(1000)).on(WITH_KEYS),
            refused(Errno::ENOSYS, "the instruction set has none", || free(1)).on(WITHOUT_KEYS).before(6, 12),
        ],
    ),
    call(
        "pkey_mprotect",
        &[
            refused(Errno::EACCES, "shared, and the file was not opened for writing", || {
                with_read_only_page(|start| protect(start, Prot::WRITE))
            })
            .on(WITH_KEYS),
            refused(Errno::EINVAL, "the address is inside a page", || {
                with_pages(2, |start| protect(start.wrapping_add(1), Prot::READ))
            })
            .on(WITH_KEYS),
            refused(Errno::EINVAL, "the key is not taken", || {
                with_pages(1, |start| protect_by(start, Prot::READ, 1000))
            })
            .on(WITH_KEYS),
            refused(Errno::ENOMEM, "nothing is mapped there", || protect(null_mut(), Prot::READ))
                .on(WITH_KEYS),
            refused(Errno::ENOSYS, "the instruction set has none", || {
                with_pages(1, |start| protect(start, Prot::READ))
            })
            .on(WITHOUT_KEYS)
            .before(6, 12),
            refused(Errno::EPERM, "it is sealed", || with_sealed_page(|start| protect(start, Prot::NONE)))
                .on(WITH_KEYS)
                .since(6, 10),
        ],
    ),
];
