//! The table of calls: for each function of `sys` every errno that its docs
//! name, with what brings it, or the reason why no test can.

#![allow(dead_code, reason = "each test file uses a part")]

pub mod bytes;
pub mod cache;
pub mod descriptor;
pub mod length;
pub mod locks;
pub mod mapping;
pub mod mount;
pub mod name;
pub mod open;
pub mod places;
pub mod stat;

use std::io::Write;

use baremap::{Errno, Result};

use crate::hosted::{in_child, wrong_under_emulation};
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
        mapping::CALLS,
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
    only: (&'static str, fn() -> bool),
}

/// The call is refused with `errno` when `when`, which `provoke` brings about.
pub const fn refused(errno: Errno, when: &'static str, provoke: fn() -> Result<()>) -> Refusal {
    let newest = (u32::MAX, 0);
    Refusal {
        errno,
        why: when,
        provoke: Some(provoke),
        emulated: true,
        from: (0, 0),
        before: newest,
        isas: ISAS,
        only: ("", || true),
    }
}

/// No test provokes this errno, and this is why.
pub const fn unprovoked(errno: Errno, why: &'static str) -> Refusal {
    let refusal = refused(errno, why, || Ok(()));
    Refusal { provoke: None, ..refusal }
}

pub const ISAS: &[&str] = &["x86_64", "aarch64", "riscv64"];

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

    /// Only where this holds, which not every machine of these has.
    pub const fn only(self, place: &'static str, holds: fn() -> bool) -> Self {
        Self { only: (place, holds), ..self }
    }

    /// Only as root: the preparation wants it.
    pub const fn as_root(self) -> Self {
        self.only("as root", places::is_root)
    }

    pub const fn is_provoked(&self) -> bool {
        self.provoke.is_some()
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
        let (place, holds) = self.only;
        let held = asked && holds();
        if asked && !held {
            let line = format!("not provoked here, but {place}: {what}\n");
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
        held.then(provoke)
    }

    /// On which kernels and machines it is provoked, if not on all.
    pub fn place(&self) -> String {
        let mut place = Vec::new();
        let ((major, minor), before) = (self.from, self.before);
        if self.from != (0, 0) {
            place.push(format!("from Linux {major}.{minor} on"));
        }
        if before.0 != u32::MAX {
            place.push(format!("before Linux {}.{}", before.0, before.1));
        }
        if self.isas.len() < ISAS.len() {
            place.push(format!("on {}", self.isas.join(" and ")));
        }
        if !self.only.0.is_empty() {
            place.push(self.only.0.to_owned());
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

/// What `body` answers in a child, where it may only make system calls.
pub fn in_child_answer(body: impl FnOnce() -> Result<()>) -> Result<()> {
    let status = in_child(|| body().err().map_or(0, Errno::raw));
    match status.code().unwrap_or_else(|| panic!("the child that was to answer: {status}")) {
        0 => Ok(()),
        code => Err(Errno::from_raw(code).expect("an error's number")),
    }
}
