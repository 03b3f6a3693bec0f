//! Processes that share memory.

#[cfg(not(all(test, loom)))]
mod word;
#[cfg(all(test, loom))]
#[path = "model.rs"]
mod word;
