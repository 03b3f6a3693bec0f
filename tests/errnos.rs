//! Each errno that the docs of a call name is provoked, and is the one that
//! comes. The table, with what cannot be provoked, is in calls/.

mod calls;
mod common;
mod hosted;
mod memory;
mod oracle;

#[test]
fn calls_that_read_and_write_refuse_as_documented() {
    calls::check(calls::bytes::CALLS);
}

#[test]
fn calls_that_concern_the_cache_refuse_as_documented() {
    calls::check(calls::cache::CALLS);
}

#[test]
fn calls_that_make_descriptors_refuse_as_documented() {
    calls::check(calls::descriptor::CALLS);
}

#[test]
fn calls_that_lock_and_flag_files_refuse_as_documented() {
    calls::check(calls::locks::CALLS);
}

#[test]
fn calls_that_change_lengths_refuse_as_documented() {
    calls::check(calls::length::CALLS);
}

#[test]
fn calls_that_change_names_refuse_as_documented() {
    calls::check(calls::name::CALLS);
}

#[test]
fn calls_that_open_refuse_as_documented() {
    calls::check(calls::open::CALLS);
}

#[test]
fn calls_that_ask_about_files_refuse_as_documented() {
    calls::check(calls::stat::CALLS);
}

#[test]
fn calls_that_are_about_the_machine_refuse_as_documented() {
    calls::check(calls::mount::CALLS);
}

#[test]
fn calls_that_wait_for_words_refuse_as_documented() {
    calls::check(calls::futex::CALLS);
}

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
fn messages_are_refused_as_documented() {
    calls::check(calls::message::CALLS);
}

#[test]
fn pairs_of_sockets_and_polling_refuse_as_documented() {
    calls::check(calls::net::CALLS);
}

#[test]
fn clone3_refuses_as_documented() {
    calls::check(calls::clone3::CALLS);
}

#[test]
fn execution_is_refused_as_documented() {
    calls::check(calls::execution::CALLS);
}

#[test]
fn calls_about_processes_refuse_as_documented() {
    calls::check(calls::process::CALLS);
}

#[test]
fn descriptors_of_processes_refuse_as_documented() {
    calls::check(calls::process_descriptor::CALLS);
}

#[test]
fn signals_clocks_and_random_bytes_refuse_as_documented() {
    calls::check(calls::signal::CALLS);
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

#[test]
fn requests_that_end_a_fault_without_a_copy_are_refused_so() {
    calls::check(calls::userfaultfd_pages::CALLS);
}
