//! What the definition says of functions is what they say of themselves.

use throughline::contracts::ContractInfo;
use throughline::saga::Role;
use throughline_orders::{fulfil_order, registry};
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

/// An output is what its step says it answers, whoever takes one is given it, and its contract is in the registry.
#[test]
fn functions_answer_and_take_the_outputs_that_the_saga_hands_on() {
    let (saga, functions) = (fulfil_order().unwrap(), functions());
    let described = |name: &str| functions.iter().find(|function| function.name() == name).unwrap().describe();
    let registered: Vec<_> = registry().entries().map(|entry| entry.info().clone()).collect();
    for task in saga.steps() {
        let function = described(task.function());
        let answered = function.outputs.as_ref().map(name_and_version);
        assert_eq!(answered, task.output().map(|output| (output.name.as_str(), output.version)), "{}", task.name());
        assert!(function.outputs.iter().all(|output| registered.contains(output)), "{answered:?} is not registered");
        let taken: Vec<_> = function.needs.iter().map(|need| name_and_version(&need.contract)).collect();
        let given: Vec<_> = task.needs().iter().map(|output| (output.name.as_str(), output.version)).collect();
        assert_eq!(taken, given, "{}", task.name());
        let Some(compensation) = task.compensation() else { continue };
        for need in &described(compensation.function()).needs {
            assert_eq!(Some(name_and_version(&need.contract)), answered, "{}", compensation.function());
            assert!(need.optional, "{} also runs where {} never answered", compensation.function(), task.name());
        }
    }
}

fn name_and_version(contract: &ContractInfo) -> (&str, u32) {
    (&contract.event_type, contract.version)
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

/// A saga that needs attention, or whose time is up, rings.
#[test]
fn an_alarm_rings_for_every_saga_that_does_not_end() {
    let template = std::fs::read_to_string(throughline_tests::template()).unwrap();
    for metric in ["ExecutionsFailed", "ExecutionsTimedOut"] {
        for saga in throughline_orders::sagas::all().unwrap() {
            let machine = pascal(saga.name());
            let rings = template.split("\n\n").any(|resource| {
                let says = |what: &str| resource.contains(what);
                says("Type: AWS::CloudWatch::Alarm")
                    && says("Namespace: AWS/States")
                    && says(&format!("MetricName: {metric}"))
                    && says(&format!("Value: !Ref {machine}\n"))
                    && says("Threshold: 0\n")
                    && says("ComparisonOperator: GreaterThanThreshold")
            });
            assert!(rings, "no alarm on {metric} of {machine}");
        }
    }
}

fn pascal(name: &str) -> String {
    let words = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}
