//! What it takes to be refused. What changes a whole process is for a child: see
//! `in_child_answer`. There it makes system calls only, and nothing outlives it.

pub mod children;
pub mod disks;
pub mod pages;
pub mod places;
pub mod privileges;
pub mod reasons;

pub use children::*;
pub use disks::*;
pub use pages::*;
pub use places::*;
pub use privileges::*;
pub use reasons::*;
