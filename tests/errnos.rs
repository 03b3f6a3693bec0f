//! Each errno that the docs of a call name is provoked, and is the one that
//! comes. The table, with what cannot be provoked, is in calls/.

mod calls;
mod common;
mod hosted;
mod memory;
mod oracle;

#[test]
fn calls_that_wait_for_words_refuse_as_documented() {
    calls::check(calls::futex::CALLS);
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
