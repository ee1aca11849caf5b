//! Mutants that die where several things go wrong one after the other: the faults are told where to strike.

use serde_json::json;
use throughline_simulation::workflow::{Call, Fault, Faults, Settings, Turn};

use super::{dies_under, holds, mutant, wire};

/// One order, and this many of a function's commits throttled. It tries six times at an attempt, and is given five attempts.
pub(super) fn throttled(function: &str, commits: usize) -> Settings {
    let ids = (0..commits).map(|commit| format!("throttle/{function}/TransactWriteItems/wf000000/{commit}"));
    let faults = Faults::none().rate(Fault::Throttle, 1.0).only(ids.collect::<Vec<_>>());
    Settings::of(1).workflows(1).faults(faults)
}

#[test]
fn a_message_that_is_acknowledged_and_not_parked_is_lost() {
    let unparked = |call: &Call<'_>| match call.operation {
        "SendMessage" if call.input()["QueueUrl"].as_str().is_some_and(|url| url.contains("-dead")) => {
            Turn::Answer(json!({ "MessageId": "m" }))
        }
        _ => Turn::Pass,
    };
    dies_under(
        move |workflow| workflow.hook(unparked),
        &throttled("notify-customer", 32),
        "each event has a final outcome",
    );
}

/// Every attempt to reserve is refused or throttled but for the last request of the last one: that takes effect when the step is
/// given up and its compensation has run. How many requests an attempt makes is found by trying.
#[test]
fn without_the_tombstone_a_step_takes_effect_after_its_compensation() {
    let settings = |throttled: usize| {
        let refused = (0..5).map(|attempt| format!("refused/reserve-stock/Invoke/wf000000/{attempt}"));
        let commit = |fault: &str, commit: usize| format!("{fault}/reserve-stock/TransactWriteItems/wf000000/{commit}");
        let throttled_ids = (0..throttled).map(|number| commit("throttle", number));
        let late = (throttled..throttled + 3).map(|number| commit("late", number));
        let only = refused.chain(throttled_ids).chain(late).collect::<Vec<_>>();
        let faults = Faults::none().rate(Fault::Refused, 1.0).rate(Fault::Throttle, 1.0).rate(Fault::Late, 1.0);
        Settings::of(1).workflows(1).faults(faults.only(only))
    };
    let dead = mutant(|workflow| workflow.hook(wire::without_tombstone));
    let killed = (2..=8).map(settings).find(|settings| {
        let run = dead.run(settings).unwrap_or_else(|error| panic!("{error}"));
        holds(settings);
        run.broken.is_some_and(|broken| broken.name == "what an order holds is what it needs")
    });
    assert!(killed.is_some(), "the mutant lives");
}
