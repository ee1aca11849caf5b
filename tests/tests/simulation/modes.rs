//! Runs with and without faults, with the journal in memory and with everything that records it.

use throughline_simulation::workflow::{Fault, Faults, Settings};

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
fn each_fault_strikes_and_orders_hold() {
    for fault in Fault::ALL {
        // The rarer the sites, the higher the rate: a run has a deployment or none, and an order one call of the gateway.
        let rate = match fault {
            Fault::Deploy | Fault::Outage | Fault::Burst | Fault::StaleRead => 1.0,
            Fault::OutsideSlow | Fault::OutsideFails | Fault::OutsideLost => 0.6,
            _ => 0.15,
        };
        let run = holds(&Settings::of(11).workflows(5).faults(Faults::none().rate(*fault, rate)));
        assert!(run.struck.iter().all(|struck| struck.fault == *fault), "{fault}: {:?}", run.struck);
        assert!(!run.struck.is_empty(), "{fault} did not strike");
    }
}

/// What services ask of each other fails, too: whoever invokes a function, for each kind of trigger, and each way of a delivery.
#[test]
fn calls_between_services_are_struck() {
    let faults =
        [Fault::Refused, Fault::LambdaFails, Fault::ResponseLost, Fault::SlowStart, Fault::Duplicate, Fault::Reorder];
    let faults = faults.into_iter().fold(Faults::none(), |faults, fault| faults.rate(fault, 0.15));
    let run = holds(&Settings::of(4).workflows(25).faults(faults));
    let struck = |fault: Fault, places: &[&str], operation: &str| {
        run.struck.iter().any(|one| one.fault == fault && places.contains(&&*one.place) && one.operation == operation)
    };
    let of_queues = ["notify-customer", "start-fulfilment"];
    let of_runs = [Fault::Refused, Fault::LambdaFails, Fault::ResponseLost, Fault::SlowStart];
    for fault in of_runs {
        assert!(struck(fault, &["reserve-stock", "charge-payment"], "Invoke"), "{fault} of a saga's steps");
        assert!(struck(fault, &of_queues, "Invoke"), "{fault} of a queue's batches");
    }
    // It runs once a minute: a few times while faults strike.
    assert!(of_runs.iter().any(|fault| struck(*fault, &["relay-outbox"], "Invoke")), "of what a schedule invokes");
    for fault in [Fault::Duplicate, Fault::Reorder] {
        assert!(struck(fault, &of_queues, "event"), "{fault} of an event on its way to a queue");
        assert!(struck(fault, &of_queues, "message"), "{fault} of a message");
    }
    assert!(struck(Fault::Reorder, &["project-order.fifo"], "ordered message"), "late in a FIFO queue");
}

/// A table that refuses everything is not got over within an attempt: messages come again.
#[test]
fn a_burst_outlasts_what_is_tried_in_place() {
    let burst = "burst/notifications/table/-/0".to_owned();
    let run = holds(&Settings::of(11).workflows(8).faults(Faults::none().rate(Fault::Burst, 1.0).only([burst])));
    assert_eq!(run.struck.len(), 1, "{:?}", run.struck);
    let again = run.journal.iter().filter(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["function"] == "notify-customer" && line["stage"] == "retrying"
    });
    assert!(again.count() > 0, "no attempt failed");
    assert_eq!(run.given_up.parked, 0, "it was no attempt");
}

#[test]
fn orders_hold_with_everything_that_records_the_journal() {
    let run = holds(&Settings::of(2).workflows(8).full());
    assert!(!run.struck.is_empty());
}
