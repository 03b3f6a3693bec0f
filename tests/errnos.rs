//! Each errno that the docs of a call name is provoked, and is the one that
//! comes. The table, with what cannot be provoked, is in calls/.

mod calls;
mod common;
mod hosted;
mod memory;
mod oracle;

#[test]
fn calls_that_advise_refuse_as_documented() {
    calls::check(calls::advice::CALLS);
}

#[test]
fn calls_that_lock_and_seal_refuse_as_documented() {
    calls::check(calls::lock::CALLS);
}

#[test]
fn calls_that_map_refuse_as_documented() {
    calls::check(calls::mapping::CALLS);
}

#[test]
fn files_in_memory_refuse_as_documented() {
    calls::check(calls::memory_file::CALLS);
}

#[test]
fn nodes_and_keys_refuse_as_documented() {
    calls::check(calls::placement::CALLS);
}

#[test]
fn memory_of_processes_refuses_as_documented() {
    calls::check(calls::remote_memory::CALLS);
}

#[test]
fn userfaultfd_refuses_as_documented() {
    calls::check(calls::userfaultfd::CALLS);
}
