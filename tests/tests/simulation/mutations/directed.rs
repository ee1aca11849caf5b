//! Mutants that die where several things go wrong one after the other: the faults are told where to strike.

use serde_json::{Value, json};
use throughline_simulation::workflow::{Call, Fault, Faults, Settings, Turn};

use super::{dies_under, mutant, wire};

/// One order, and this many of a function's commits throttled. It tries six times at an attempt.
pub(super) fn throttled(function: &str, commits: usize) -> Settings {
    let ids = (0..commits).map(|commit| format!("throttle/{function}/TransactWriteItems/wf000000/{commit}"));
    let faults = Faults::none().rate(Fault::Throttle, 1.0).only(ids.collect::<Vec<_>>());
    Settings::of(1).workflows(1).faults(faults)
}

/// A customer cannot be told, whatever is tried: the message is parked, and nothing is lost. A dead letter that is not sent is.
#[test]
fn a_message_that_is_acknowledged_and_not_parked_is_lost() {
    let untold = |call: &Call<'_>| match call.function {
        "notify-customer" => wire::impossible(call, "notifications"),
        _ => Turn::Pass,
    };
    let unparked = move |call: &Call<'_>| match call.operation {
        "SendMessage" if call.input()["QueueUrl"].as_str().is_some_and(|url| url.contains("-dead")) => {
            Turn::Answer(json!({ "MessageId": "m" }))
        }
        _ => untold(call),
    };
    let settings = Settings::of(1).workflows(1).faults(Faults::none());
    let as_it_is = mutant(move |workflow| workflow.hook(untold)).run(&settings).unwrap();
    assert_eq!((as_it_is.broken, as_it_is.given_up.parked), (None, 1));
    let broken = mutant(move |workflow| workflow.hook(unparked)).run(&settings).unwrap().broken.unwrap();
    assert_eq!(broken.name, "each event has a final outcome");
}

/// The process that is to reserve dies with its commit at each attempt. The last one's commit is late: it takes effect when the step is
/// given up and its compensation has run.
#[test]
fn without_the_tombstone_a_step_takes_effect_after_its_compensation() {
    let commit = |fault: &str, commit: usize| format!("{fault}/reserve-stock/TransactWriteItems/wf000000/{commit}");
    let dies = (0..5).chain([6]).map(|number| commit("crash-before", number));
    let only = dies.chain([commit("late", 5)]).collect::<Vec<_>>();
    let faults = Faults::none().rate(Fault::CrashBefore, 1.0).rate(Fault::Late, 1.0).only(only);
    dies_under(
        |workflow| workflow.hook(wire::without_tombstone),
        &Settings::of(1).workflows(1).faults(faults),
        "what an order holds is what it needs",
    );
}

/// How often the message is received whose function dies with each of its commits.
fn receives_of_what_ends_the_process(
    hook: impl Fn(&Call<'_>) -> Turn + Copy + Send + Sync + 'static,
) -> (usize, usize) {
    let settings = Settings::of(1).workflows(1).faults(Faults::none());
    let run = mutant(move |workflow| workflow.hook(hook)).run(&settings).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(run.broken, None);
    let lines = run.journal.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_it = lines.filter(|line| line["function"] == "notify-customer").collect::<Vec<_>>();
    let count = |stage: &str| of_it.iter().filter(|line| line["stage"] == stage).count();
    (count("received"), count("parked"))
}

/// What ends the process each time is counted before it begins, and parked. Uncounted it goes round until the queue gives it up, and its
/// neighbours with it.
#[test]
fn without_the_count_of_what_began_a_message_ends_the_process_until_its_queue_gives_it_up() {
    fn dies(call: &Call<'_>) -> Turn {
        let dies = call.function == "notify-customer" && call.operation == "TransactWriteItems";
        if dies { Turn::Crash } else { Turn::Pass }
    }
    fn forgets(call: &Call<'_>) -> Turn {
        let mut input = call.input();
        let counts = call.operation == "UpdateItem" && wire::key(&input).starts_with("begun|");
        if !counts {
            return dies(call);
        }
        input["UpdateExpression"] = json!("SET attempts = :one, expires_at = :expires_at");
        Turn::Send(input)
    }
    let (received, parked) = receives_of_what_ends_the_process(dies);
    assert!(received <= 11 && parked == 1, "{received} times, parked {parked} times");
    let (received, parked) = receives_of_what_ends_the_process(forgets);
    assert!(received > 90 && parked == 0, "the mutant lives: {received} times, parked {parked} times");
}
