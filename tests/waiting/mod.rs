//! A process to look at.

#![allow(dead_code, reason = "each test file uses a part")]

use std::fs;

use baremap::process::Child;
use baremap::sys::process::{Pid, Signal, kill};

use crate::hosted::child;

/// A process that does nothing, so that its mappings stay.
pub struct Waiting(Option<Child>);

impl Waiting {
    pub fn new() -> Self {
        let child = child(|| {
            loop {
                // SAFETY: it waits for a signal.
                unsafe { libc::pause() };
            }
        });
        until_state(child.pid(), 'S');
        Self(Some(child))
    }

    pub fn pid(&self) -> Pid {
        self.0.as_ref().unwrap().pid()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let child = self.0.take().unwrap();
        kill(child.pid(), Signal::KILL).unwrap();
        child.wait().unwrap();
    }
}

/// Waits until a process sleeps, or has ended.
pub fn until_state(pid: Pid, state: char) {
    while !fs::read_to_string(format!("/proc/{pid}/stat")).unwrap().contains(&format!(") {state}")) {
        std::thread::yield_now();
    }
}
