//! The table of calls: for each function of `sys` every errno that its docs
//! name, with what brings it, or the reason why no test can.

#![allow(dead_code, reason = "each test file uses a part")]

pub mod advice;
pub mod bytes;
pub mod cache;
pub mod circumstances;
pub mod clone3;
pub mod descriptor;
pub mod execution;
pub mod futex;
pub mod length;
pub mod lock;
pub mod locks;
pub mod mapping;
pub mod memory_file;
pub mod message;
pub mod mount;
pub mod name;
pub mod net;
pub mod open;
pub mod placement;
pub mod process;
pub mod process_descriptor;
pub mod remote_memory;
pub mod signal;
pub mod stat;
pub mod userfaultfd;
pub mod userfaultfd_pages;

use std::io::Write;

use baremap::{Errno, Result};

use crate::hosted::{in_child, is_root, wrong_under_emulation};
use crate::memory::since;

/// All of them, in the order of `src/sys`.
pub fn all() -> impl Iterator<Item = &'static Call> {
    [
        bytes::CALLS,
        cache::CALLS,
        descriptor::CALLS,
        locks::CALLS,
        length::CALLS,
        name::CALLS,
        open::CALLS,
        stat::CALLS,
        mount::CALLS,
        futex::CALLS,
        mapping::CALLS,
        advice::CALLS,
        lock::CALLS,
        memory_file::CALLS,
        placement::CALLS,
        remote_memory::CALLS,
        userfaultfd::CALLS,
        userfaultfd_pages::CALLS,
        message::CALLS,
        net::CALLS,
        clone3::CALLS,
        execution::CALLS,
        process::CALLS,
        process_descriptor::CALLS,
        signal::CALLS,
    ]
    .into_iter()
    .flatten()
}

/// A function of `sys`, and what it refuses.
pub struct Call {
    pub name: &'static str,
    pub refusals: &'static [Refusal],
}

pub const fn call(name: &'static str, refusals: &'static [Refusal]) -> Call {
    Call { name, refusals }
}

/// One errno of a call.
#[derive(Clone, Copy)]
pub struct Refusal {
    pub errno: Errno,
    /// What brings it, or why it cannot be brought about here.
    pub why: &'static str,
    provoke: Option<fn() -> Result<()>>,
    emulated: bool,
    from: (u32, u32),
    before: (u32, u32),
    isas: &'static [&'static str],
    needs: Option<Need>,
}

/// What not every machine and kernel has, and whether this one has it.
type Need = (&'static str, fn() -> bool);

/// The call is refused with `errno` when `when`, which `provoke` brings about.
pub const fn refused(errno: Errno, when: &'static str, provoke: fn() -> Result<()>) -> Refusal {
    Refusal {
        errno,
        why: when,
        provoke: Some(provoke),
        emulated: true,
        from: (0, 0),
        before: NEWEST,
        isas: ISAS,
        needs: None,
    }
}

/// No test provokes this errno, and this is why.
pub const fn unprovoked(errno: Errno, why: &'static str) -> Refusal {
    let refusal = refused(errno, why, || Ok(()));
    Refusal { provoke: None, ..refusal }
}

pub const ISAS: &[&str] = &["x86_64", "aarch64", "riscv64"];

/// Where the suite runs.
pub struct Place {
    pub name: &'static str,
    isa: &'static str,
    linux: (u32, u32),
    emulated: bool,
}

const NEWEST: (u32, u32) = (u32::MAX, 0);
/// Which Linux the machine itself has is not known; a new one, as a rule.
const NATIVE: (u32, u32) = (u32::MAX - 1, 0);

/// See `./check`.
pub const PLACES: &[Place] = &[
    Place { name: "native", isa: "x86_64", linux: NATIVE, emulated: false },
    Place { name: "qemu-aarch64", isa: "aarch64", linux: NATIVE, emulated: true },
    Place { name: "qemu-riscv64", isa: "riscv64", linux: NATIVE, emulated: true },
    Place { name: "Linux 6.1 on arm64", isa: "aarch64", linux: (6, 1), emulated: false },
    Place { name: "Linux 6.1 on amd64", isa: "x86_64", linux: (6, 1), emulated: false },
];

impl Refusal {
    /// qemu-user answers something else: the real kernels are asked.
    pub const fn not_emulated(self) -> Self {
        Self { emulated: false, ..self }
    }

    /// From this version of Linux on.
    pub const fn since(self, major: u32, minor: u32) -> Self {
        Self { from: (major, minor), ..self }
    }

    /// Up to this version of Linux, which answers otherwise.
    pub const fn before(self, major: u32, minor: u32) -> Self {
        Self { before: (major, minor), ..self }
    }

    /// On these instruction sets alone.
    pub const fn on(self, isas: &'static [&'static str]) -> Self {
        Self { isas, ..self }
    }

    /// Where the machine and the kernel have this.
    pub const fn where_there_is(self, what: &'static str, has: fn() -> bool) -> Self {
        Self { needs: Some((what, has)), ..self }
    }

    /// As root: what is prepared wants it.
    pub const fn as_root(self) -> Self {
        self.where_there_is("root", is_root)
    }

    /// As root, on a machine where a file can be a disk.
    pub const fn with_loop_devices(self) -> Self {
        self.where_there_is("root, with loop devices", circumstances::has_loop_devices)
    }

    pub const fn is_provoked(&self) -> bool {
        self.provoke.is_some()
    }

    /// Whether a test provokes it there, if what it needs is there.
    pub fn is_provoked_in(&self, place: &Place) -> bool {
        self.is_provoked()
            && (self.from..self.before).contains(&place.linux)
            && self.isas.contains(&place.isa)
            && (self.emulated || !place.emulated)
    }

    /// The call's answer, if it is one of this kernel and machine.
    fn answer(&self, call: &str) -> Option<Result<()>> {
        let provoke = self.provoke?;
        let (from, before) = (self.from, self.before);
        let here = since(from.0, from.1)
            && !since(before.0, before.1)
            && self.isas.contains(&std::env::consts::ARCH);
        let what = format!("{call}, {:?}", self.errno);
        let asked = here && (self.emulated || !wrong_under_emulation(&what));
        let lacks = self.needs.filter(|(_, has)| asked && !has());
        if let Some((need, _)) = lacks {
            let line = format!("not provoked here, but where there is {need}: {what}\n");
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
        (asked && lacks.is_none()).then_some(provoke).map(|provoke| provoke())
    }

    /// On which kernels and machines it is provoked, if not on all.
    pub fn place(&self) -> String {
        let mut place = Vec::new();
        let ((major, minor), before) = (self.from, self.before);
        if self.from != (0, 0) {
            place.push(format!("from Linux {major}.{minor} on"));
        }
        if before != NEWEST {
            place.push(format!("before Linux {}.{}", before.0, before.1));
        }
        if self.isas.len() < ISAS.len() {
            place.push(format!("on {}", self.isas.join(" and ")));
        }
        if let Some((what, _)) = self.needs {
            place.push(format!("where there is {what}"));
        }
        if !self.emulated {
            place.push("not under qemu-user".to_owned());
        }
        place.join(", ")
    }
}

/// Every refusal of these calls is as the table says.
#[track_caller]
pub fn check(calls: &[Call]) {
    let mut wrong = Vec::new();
    for call in calls {
        for refusal in call.refusals {
            match refusal.answer(call.name) {
                Some(answer) if answer != Err(refusal.errno) => {
                    wrong.push(format!(
                        "{}: {:?}, when {}: it was {answer:?}",
                        call.name, refusal.errno, refusal.why
                    ));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// None of these is as under qemu-user.
pub const fn none_emulated<const N: usize>(mut refusals: [Refusal; N]) -> [Refusal; N] {
    let mut i = 0;
    while i < N {
        refusals[i].emulated = false;
        i += 1;
    }
    refusals
}

/// The answer of a call that is made in a child, where it may be refused for what
/// must not happen to the tests: see `hosted::child` for what it may do.
pub fn in_child_answer(provoke: impl FnOnce() -> Result<()>) -> Result<()> {
    let status = in_child(|| provoke().map_or_else(Errno::raw, |()| 0));
    let code = status.code().unwrap_or_else(|| panic!("the child was ended: {status:?}"));
    Errno::from_raw(code).map_or(Ok(()), Err)
}
