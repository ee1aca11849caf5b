//! What the definition says of functions is what they say of themselves.

use throughline::saga::Role;
use throughline_orders::fulfil_order;
use throughline_runtime::{Function, Kind};

/// The functions of the saga.
fn functions() -> Vec<Function> {
    vec![
        reserve_stock::function(),
        charge_payment::function(),
        create_shipment::function(),
        complete_order::function(),
        cancel_order::function(),
        release_stock::function(),
        refund_payment::function(),
        cancel_shipment::function(),
    ]
}

#[test]
fn the_saga_calls_functions_that_are_what_it_takes_them_for() {
    let saga = fulfil_order().unwrap();
    let functions = functions();
    let (event_type, version) = saga.input();
    for called in saga.functions() {
        let described = functions.iter().map(Function::describe).find(|described| described.name == called.name);
        let described = described.unwrap_or_else(|| panic!("there is no function `{}`", called.name));
        let kind = if called.role == Role::Compensation { Kind::Compensation } else { Kind::SagaStep };
        assert_eq!(described.kind, kind, "{}", called.name);
        let takes: Vec<_> = described.consumes.iter().map(|taken| (taken.event_type.as_str(), taken.version)).collect();
        assert_eq!(takes, [(event_type, version)], "{}", called.name);
    }
}

#[test]
fn the_saga_calls_all_of_them() {
    let saga = fulfil_order().unwrap();
    let mut called: Vec<_> = saga.functions().into_iter().map(|function| function.name).collect();
    let mut all: Vec<_> = functions().iter().map(|function| function.name().to_owned()).collect();
    called.sort();
    all.sort();
    assert_eq!(called, all);
}

#[test]
fn the_function_that_starts_it_says_so() {
    let starts = start_fulfilment::function().describe().starts.clone();
    assert_eq!(starts.into_iter().collect::<Vec<_>>(), [fulfil_order().unwrap().name()]);
}

/// A saga's deduplication records outlive the saga: its time, and 14 days in which it can be redriven.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>
#[test]
fn records_outlive_the_saga() {
    let saga = fulfil_order().unwrap();
    let days = saga.timeout_seconds().div_ceil(86_400) + 14;
    for function in functions() {
        let kept = function.describe().retention_days;
        assert!(kept >= days, "{} keeps its records for {kept} days, of {days}", function.name());
    }
}
