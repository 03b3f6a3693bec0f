//! Each errno that the docs of a call name is provoked, and is the one that
//! comes. The table, with what cannot be provoked, is in calls/.

mod calls;
mod common;
mod hosted;
mod memory;
mod oracle;

#[test]
fn calls_that_map_refuse_as_documented() {
    calls::check(calls::mapping::CALLS);
}
