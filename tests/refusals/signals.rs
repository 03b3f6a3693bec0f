//! Refusals of the calls about signals.

use std::ptr::{null, without_provenance_mut};

use baremap::flags::StackFlags;
use baremap::sys::process::Signal;
use baremap::sys::signal::{SigAction, SigHow, SigSet, SigStack, rt_sigaction, rt_sigprocmask, sigaltstack};

use super::{BAD, HUGE, unknown};

#[test]
fn of_calls_about_signals() {
    let (mut words, none) = ([0_u64; 4], null::<u8>());
    let to = words.as_mut_ptr();
    let set = SigSet::EMPTY;
    let strange = SigStack { ss_sp: without_provenance_mut(BAD), ss_flags: unknown(0x80), ss_size: HUGE };
    let short = SigStack { ss_flags: StackFlags::empty(), ss_size: 0, ..strange };
    let (odd, empty) = (&raw const strange, &raw const short);
    let (kill, usr1) = (Signal::KILL.0, Signal::USR1.0);
    refusals! {
        rt_sigaction(Signal(77), None) => RT_SIGACTION(77, none, to, 8) => EINVAL;
        rt_sigaction(Signal(0), None) => RT_SIGACTION(0, none, to, 8) => EINVAL;
        rt_sigaction(Signal::KILL, Some(&SigAction::DFL)) => RT_SIGACTION(kill, to, none, 8) => EINVAL;
        rt_sigprocmask(SigHow(77), Some(&set)) => RT_SIGPROCMASK(77, to, none, 8) => EINVAL;
        sigaltstack(Some(&strange)) => SIGALTSTACK(odd, none) => EINVAL;
        sigaltstack(Some(&short)) => SIGALTSTACK(empty, none) => ENOMEM;
    }
    raw_refusals! {
        RT_SIGACTION(usr1, BAD, none, 8) => EFAULT;
        RT_SIGACTION(usr1, none, BAD, 8) => EFAULT;
        RT_SIGACTION(usr1, none, to, 0) => EINVAL;
        RT_SIGACTION(usr1, none, to, HUGE) => EINVAL;
        RT_SIGPROCMASK(0, BAD, none, 8) => EFAULT;
        RT_SIGPROCMASK(0, none, BAD, 8) => EFAULT;
        RT_SIGPROCMASK(0, none, to, 0) => EINVAL;
        RT_SIGPROCMASK(0, none, to, HUGE) => EINVAL;
        SIGALTSTACK(BAD, none) => EFAULT;
        SIGALTSTACK(none, BAD) => EFAULT;
    }
}
