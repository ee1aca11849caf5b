//! JSONata states.

use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{fails, run, run_with};

fn machine(states: Value) -> Value {
    json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": states})
}

async fn output(expression: &str, input: Value) -> Value {
    let state = json!({"Type": "Pass", "Output": {"v": format!("{{% {expression} %}}")}, "End": true});
    run(&machine(json!({ "A": state })), input).await.output()["v"].clone()
}

#[tokio::test(start_paused = true)]
async fn expressions() {
    let input = json!({"order": {"lines": [{"n": 2, "price": 5}, {"n": 1, "price": 10}]}});
    let cases = [
        ("$sum($states.input.order.lines.(n * price))", json!(20)),
        ("$states.context.Execution.Name", json!("run")),
        ("$states.input.order.lines[n = 1].price", json!(10)),
        ("$partition([1,2,3], 2)", json!([[1, 2], [3]])),
        ("$range(0, 10, 5)", json!([0, 5, 10])),
        ("$hash('abc', 'MD5')", json!("900150983cd24fb0d6963f7d28e17f72")),
        ("$parse('{\"a\": 1}').a", json!(1)),
        ("$length($uuid())", json!(36)),
        ("$random() < 1", json!(true)),
        ("$random(3) = $random(3)", json!(true)),
        ("{'a': [1, 'x', null, true]}", json!({"a": [1, "x", null, true]})),
        ("0.1 + 1", json!(1.1)),
    ];
    for (expression, expected) in cases {
        assert_eq!(output(expression, input.clone()).await, expected, "{expression}");
    }
}

#[tokio::test(start_paused = true)]
async fn arguments_output_and_assign() {
    let definition = machine(json!({
        "A": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Arguments": {"id": "{% $states.input.id %}", "fixed": 1},
            "Assign": {"kept": "{% $states.result.id %}"},
            "Output": {"was": "{% $states.input.id %}", "is": "{% $states.result %}"},
            "Next": "B",
        },
        "B": {"Type": "Pass", "Output": "{% $merge([$states.input, {'kept': $kept}]) %}", "End": true},
    }));
    let ran = run(&definition, json!({"id": 7})).await;
    assert_eq!(ran.seen, [json!({"id": 7, "fixed": 1})]);
    assert_eq!(ran.output(), &json!({"was": 7, "is": {"id": 7, "fixed": 1}, "kept": 7}));
}

#[tokio::test(start_paused = true)]
async fn choices_and_waits() {
    let definition = machine(json!({
        "A": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.n > 3 %}", "Assign": {"big": true}, "Next": "Big"}],
            "Default": "Small",
        },
        "Big": {"Type": "Wait", "Seconds": "{% $states.input.n * 10 %}", "Output": "{% $big %}", "End": true},
        "Small": {"Type": "Fail", "Error": "{% 'n' & $states.input.n %}", "Cause": "small"},
    }));
    let ran = run(&definition, json!({"n": 4})).await;
    assert_eq!((ran.output(), ran.took), (&json!(true), Duration::from_secs(40)));
    assert_eq!(run(&definition, json!({"n": 1})).await.error(), ("n1", "small"));
}

#[tokio::test(start_paused = true)]
async fn a_catcher_reads_the_error() {
    let definition = machine(json!({
        "A": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Catch": [{
                "ErrorEquals": ["States.ALL"],
                "Output": {"name": "{% $states.errorOutput.Error %}"},
                "Assign": {"cause": "{% $states.errorOutput.Cause %}"},
                "Next": "B",
            }],
            "End": true,
        },
        "B": {"Type": "Pass", "Output": "{% $states.input.name & ': ' & $cause %}", "End": true},
    }));
    let ran = run_with(&definition, json!({}), |_, _| fails("Broken")).await;
    assert_eq!(ran.output(), &json!("Broken: Broken happened"));
}

#[tokio::test(start_paused = true)]
async fn an_expression_that_fails_or_gives_nothing() {
    for expression in [
        "$states.input.absent",
        "'a' + 1",
        "$eval('1')",
        "function($x) { $x }",
        "($f := function() { 1 + $f() }; $f())",
    ] {
        let state = json!({"Type": "Pass", "Output": format!("{{% {expression} %}}"), "End": true});
        let ran = run(&machine(json!({ "A": state })), json!({})).await;
        let (error, cause) = ran.error();
        assert_eq!(error, "States.QueryEvaluationError", "{expression}");
        assert!(cause.contains("The JSONata expression"), "{cause}");
        assert!(ran.kinds().contains(&"EvaluationFailed"));
    }
}
