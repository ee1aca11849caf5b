//! Runs with and without faults, with the journal in memory and with everything that records it.

use throughline_simulation::workflow::{Faults, Settings};

use super::holds;

#[test]
fn orders_hold_without_faults() {
    let run = holds(&Settings::of(1).workflows(20).faults(Faults::none()));
    assert_eq!(run.struck, []);
    assert_eq!((run.given_up.parked, run.given_up.sagas), (0, 0));
    assert_eq!(run.began.len(), 20);
}

#[test]
fn orders_hold_with_all_faults() {
    let struck: usize = (1..=3).map(|seed| holds(&Settings::of(seed).workflows(15)).struck.len()).sum();
    assert!(struck > 20, "{struck} faults struck");
}

#[test]
fn orders_hold_with_everything_that_records_the_journal() {
    let run = holds(&Settings::of(2).workflows(8).full());
    assert!(!run.struck.is_empty());
}
