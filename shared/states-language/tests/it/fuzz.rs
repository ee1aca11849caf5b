//! Whatever a definition says, running it ends with an outcome, on virtual time, and without a panic.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use throughline_states_language::{StateMachine, TaskError};

use crate::common::run_with;

/// Paths, calls and expressions, good ones and bad ones.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("$".to_owned()),
        Just("$.a".into()),
        Just("$.a.b[0]".into()),
        Just("$..a".into()),
        Just("$.a[*].b".into()),
        Just("$.a[?(@.b > 1)]".into()),
        Just("$$".into()),
        Just("$$.Execution.Input".into()),
        Just("$$.Map.Item.Value".into()),
        Just("$v".into()),
        Just("$v.a".into()),
        Just("States.UUID()".into()),
        Just("States.Format('{} {}', $.a, $v)".into()),
        Just("States.ArrayRange(0, $.a, 1)".into()),
        Just("States.MathRandom($.a, 9223372036854775807)".into()),
        Just("States.MathAdd($.a, -9223372036854775808)".into()),
        Just("States.ArrayPartition($.a, $.a)".into()),
        Just("States.ArrayGetItem($, 99)".into()),
        Just("States.Base64Decode($.a)".into()),
        Just("States.StringSplit($.a, '')".into()),
        Just("States.JsonMerge($, $, false)".into()),
        Just("{% $states.input %}".into()),
        Just("{% $states.result.a + 1 %}".into()),
        Just("{% $v.a[0] %}".into()),
        Just("{% $range(0, $states.input.a, 1) %}".into()),
        Just("{% $partition([1, 2, 3], 0) %}".into()),
        Just("{% $map([1, 2], function($x) { $x / 0 }) %}".into()),
        Just("{% ($f := function($n) { $f($n) }; $f(1)) %}".into()),
        Just("{% $states.errorOutput.Error %}".into()),
        Just("2026-11-25T12:00:00Z".into()),
        "[a-zé*$.{}%]{0,6}".prop_map(|text| text),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_i64..4).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let names = prop_oneof![Just("a".to_owned()), Just("a.$".into()), Just("b".into()), Just("b.$".into())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A field that any state may have, rightly or wrongly.
fn field() -> impl Strategy<Value = (String, Value)> {
    const ANY: [&str; 10] = [
        "Result",
        "Parameters",
        "Arguments",
        "ResultSelector",
        "Assign",
        "Output",
        "Items",
        "ItemSelector",
        "Error",
        "Cause",
    ];
    const PATHS: [&str; 12] = [
        "InputPath",
        "OutputPath",
        "ResultPath",
        "ItemsPath",
        "ErrorPath",
        "CausePath",
        "SecondsPath",
        "TimestampPath",
        "TimeoutSecondsPath",
        "MaxConcurrencyPath",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentagePath",
    ];
    const NUMBERS: [&str; 6] = [
        "Seconds",
        "TimeoutSeconds",
        "HeartbeatSeconds",
        "MaxConcurrency",
        "ToleratedFailureCount",
        "ToleratedFailurePercentage",
    ];
    let error = prop_oneof![Just("States.ALL"), Just("States.TaskFailed"), Just("E"), Just("States.Timeout")];
    prop_oneof![
        (prop::sample::select(&ANY[..]), value()).prop_map(|(name, value)| (name.to_owned(), value)),
        (prop::sample::select(&PATHS[..]), text()).prop_map(|(name, text)| (name.to_owned(), text.into())),
        (prop::sample::select(&NUMBERS[..]), 0_u64..100_000_000).prop_map(|(name, n)| (name.to_owned(), n.into())),
        (prop::sample::select(&NUMBERS[..]), text()).prop_map(|(name, text)| (name.to_owned(), text.into())),
        error.clone().prop_map(|error| (
            "Retry".to_owned(),
            json!([{"ErrorEquals": [error], "MaxAttempts": 2, "JitterStrategy": "FULL"}])
        )),
        error.prop_map(|error| ("Catch".to_owned(), json!([{"ErrorEquals": [error], "Next": "Last"}]))),
        prop_oneof![Just("JSONata"), Just("JSONPath")].prop_map(|name| ("QueryLanguage".to_owned(), name.into())),
    ]
}

/// The state `name`, which leads to `next`.
fn state(next: &'static str) -> impl Strategy<Value = Value> {
    let kinds = prop_oneof![
        Just(json!({"Type": "Pass"})),
        Just(json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"})),
        Just(json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"})),
        Just(json!({"Type": "Wait", "Seconds": 3600})),
        Just(json!({"Type": "Wait"})),
        Just(json!({"Type": "Parallel"})),
        Just(json!({"Type": "Map"})),
        Just(
            json!({"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}})
        ),
        Just(
            json!({"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": next}], "Default": next})
        ),
        Just(
            json!({"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": "{% $states.input.a %}", "Next": next}], "Default": next})
        ),
    ];
    (kinds, prop::collection::vec(field(), 0..4)).prop_map(move |(mut state, fields)| {
        for (name, value) in fields {
            state[name] = value;
        }
        if state["Type"] != "Choice" {
            state["Next"] = next.into();
        }
        state
    })
}

/// Gives the first state, if it is a Parallel or Map, the second one as its branch; else the second follows it.
fn machine() -> impl Strategy<Value = Value> {
    (state("Second"), state("Last"), state("Inner")).prop_map(|(first, second, inner)| {
        let mut first = first;
        let flow = json!({"StartAt": "Before", "States": {"Before": inner, "Inner": {"Type": "Pass", "End": true}}});
        match first["Type"].as_str() {
            Some("Parallel") => first["Branches"] = json!([flow]),
            Some("Map") => {
                let mut flow = flow;
                if let Some(config) = first["ItemProcessor"].get("ProcessorConfig") {
                    flow["ProcessorConfig"] = config.clone();
                }
                first["ItemProcessor"] = flow;
            }
            _ => {}
        }
        json!({"StartAt": "First", "States": {"First": first, "Second": second, "Last": {"Type": "Succeed"}}})
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn a_machine_of_any_states_ends(machine in machine(), input in value(), fails in any::<bool>()) {
        if StateMachine::parse(&machine.to_string()).is_err() {
            return Ok(());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let ran = runtime.block_on(run_with(&machine, input, move |number, request| {
            let failed = TaskError { error: "E".into(), cause: None };
            let result = if fails && number % 2 == 1 { Err(failed) } else { Ok(request.input.clone()) };
            (Duration::from_secs(1), result)
        }));
        for (index, event) in ran.events.iter().enumerate() {
            prop_assert_eq!(event["id"].as_u64(), Some(index as u64 + 1));
            prop_assert!(event["previousEventId"].as_u64() <= Some(index as u64));
        }
        let last = ran.events.last().unwrap()["type"].as_str().unwrap().to_owned();
        prop_assert!(matches!(last.as_str(), "ExecutionSucceeded" | "ExecutionFailed"), "{}", last);
    }
}
