//! Paths, intrinsic functions, and what flows from state to state.

use serde_json::{Value, json};

use crate::common::{only, run, run_with};

async fn parameters(template: Value, input: Value) -> Value {
    run(&only(json!({"Type": "Pass", "Parameters": template, "End": true})), input).await.output().clone()
}

/// What a path or an intrinsic function gives.
async fn value(reference: &str, input: Value) -> Value {
    parameters(json!({"v.$": reference}), input).await["v"].clone()
}

/// The error and cause of a path or an intrinsic function.
async fn fails(reference: &str, input: Value) -> (String, String) {
    let state = json!({"Type": "Pass", "Parameters": {"v.$": reference}, "End": true});
    let ran = run(&only(state), input).await;
    let (error, cause) = ran.error();
    (error.to_owned(), cause.to_owned())
}

#[tokio::test(start_paused = true)]
async fn paths() {
    let input = json!({"a": {"b-c": [1, 2, 3]}, "list": [{"n": 1, "s": "x"}, {"n": 2, "s": "y"}], "none": null});
    let cases = [
        ("$.a.b-c[0]", json!(1)),
        ("$['a']['b-c'][-1]", json!(3)),
        ("$.a.b-c[0:2]", json!([1, 2])),
        ("$.a.b-c[0,2]", json!([1, 3])),
        ("$.list[*].n", json!([1, 2])),
        ("$..s", json!(["x", "y"])),
        ("$.list[?(@.n == 2)].s", json!(["y"])),
        ("$.list[?(@.n > 5)]", json!([])),
        ("$.none", json!(null)),
        ("$$.Execution.Name", json!("run")),
        ("$$.StateMachine.Name", json!("test")),
        ("$$.State.Name", json!("Only")),
        ("$$.Execution.StartTime", json!("2026-11-24T12:00:00.000Z")),
        ("$$.Execution.Input.list[0].s", json!("x")),
    ];
    for (path, expected) in cases {
        assert_eq!(value(path, input.clone()).await, expected, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_that_selects_nothing_is_an_error_that_nobody_catches() {
    let (error, cause) = fails("$.b", json!({"a": 1})).await;
    assert_eq!(error, "States.Runtime");
    let expected = "An error occurred while executing the state 'Only' (entered at the event id #2). \
                    The JSONPath '$.b' specified for the field 'v.$' could not be found in the input '{\"a\":1}'";
    assert_eq!(cause, expected);
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "InputPath": "$.b", "End": true,
              "Retry": [{"ErrorEquals": ["States.Runtime", "States.TaskFailed"]}],
              "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]},
        "B": {"Type": "Succeed"},
    }});
    let ran = run(&definition, json!({"a": 1})).await;
    assert_eq!((ran.error().0, ran.entered()), ("States.Runtime", vec!["A"]));
}

#[tokio::test(start_paused = true)]
async fn intrinsic_functions() {
    let input = json!({"name": "Ada", "n": 5, "list": [1, 2, 3, 2], "o": {"a": 1}, "p": {"a": 2, "b": 3}, "q": "it's"});
    let cases = [
        ("States.Format('{} is {}, {}', $.name, $.n, null)", json!("Ada is 5, null")),
        (r"States.Format('\{{}\} it\'s', $.name)", json!("{Ada} it's")),
        ("States.Format('{}', $.q)", json!("it's")),
        (r#"States.StringToJson('{"a": [1]}')"#, json!({"a": [1]})),
        ("States.JsonToString($.o)", json!(r#"{"a":1}"#)),
        ("States.Array($.n, 'x', true, null, $.o)", json!([5, "x", true, null, {"a": 1}])),
        ("States.Array()", json!([])),
        ("States.ArrayPartition($.list, 3)", json!([[1, 2, 3], [2]])),
        ("States.ArrayContains($.list, 3)", json!(true)),
        ("States.ArrayContains($.list, 9)", json!(false)),
        ("States.ArrayRange(1, 9, 2)", json!([1, 3, 5, 7, 9])),
        ("States.ArrayRange(3, 1, -1)", json!([3, 2, 1])),
        ("States.ArrayRange(1, 0, 1)", json!([])),
        ("States.ArrayGetItem($.list, 2)", json!(3)),
        ("States.ArrayLength($.list)", json!(4)),
        ("States.ArrayUnique($.list)", json!([1, 2, 3])),
        ("States.Base64Encode('Data')", json!("RGF0YQ==")),
        ("States.Base64Decode('RGF0YQ==')", json!("Data")),
        ("States.Hash('abc', 'MD5')", json!("900150983cd24fb0d6963f7d28e17f72")),
        ("States.Hash('abc', 'SHA-1')", json!("a9993e364706816aba3e25717850c26c9cd0d89d")),
        ("States.Hash('abc', 'SHA-256')", json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")),
        ("States.JsonMerge($.o, $.p, false)", json!({"a": 2, "b": 3})),
        ("States.MathAdd($.n, -7)", json!(-2)),
        ("States.StringSplit('1.2-3', '.-')", json!(["1", "2", "3"])),
        ("States.Format('{}', States.ArrayLength(States.Array(1, 2)))", json!("2")),
        ("States.Array($.list[?(@ > 2)])", json!([[3]])),
    ];
    for (call, expected) in cases {
        assert_eq!(value(call, input.clone()).await, expected, "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn random_functions_stay_in_their_range_and_follow_their_seed() {
    let drawn = value("States.MathRandom(1, 4)", json!({})).await.as_i64().unwrap();
    assert!((1..4).contains(&drawn));
    let seeded = value("States.MathRandom(1, 1000, 7)", json!({})).await;
    assert_eq!(value("States.MathRandom(1, 1000, 7)", json!({})).await, seeded);
    let id = value("States.UUID()", json!({})).await;
    assert_eq!(uuid::Uuid::parse_str(id.as_str().unwrap()).unwrap().get_version_num(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_intrinsic_function_that_fails_says_which() {
    for call in [
        "States.StringToJson('{')",
        "States.ArrayGetItem($.list, 9)",
        "States.ArrayPartition($.list, 0)",
        "States.ArrayRange(0, 5000, 1)",
        "States.JsonMerge($, $, true)",
        "States.Format('{}')",
        "States.MathAdd('a', 1)",
        "States.Hash('a', 'CRC')",
        "States.MathRandom(4, 1)",
        "States.Base64Decode('*')",
    ] {
        let (error, cause) = fails(call, json!({"list": [1]})).await;
        assert_eq!(error, "States.IntrinsicFailure", "{call}");
        assert!(cause.contains(call), "{cause}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_five_stations_of_a_task() {
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "InputPath": "$.in",
        "Parameters": {"fixed": 1, "taken.$": "$.a", "deep": [{"also.$": "$.a"}]},
        "ResultSelector": {"picked.$": "$.deep[*].also"},
        "ResultPath": "$.out.here",
        "OutputPath": "$.out",
        "End": true,
    });
    let ran = run(&only(task), json!({"in": {"a": 7}, "other": 1})).await;
    assert_eq!(ran.seen, [json!({"fixed": 1, "taken": 7, "deep": [{"also": 7}]})]);
    assert_eq!(ran.output(), &json!({"here": {"picked": [7]}}));
}

#[tokio::test(start_paused = true)]
async fn paths_that_are_null() {
    let input = json!({"a": 1});
    let state = |name: &str| only(json!({"Type": "Pass", "Result": {"r": 1}, name: null, "End": true}));
    assert_eq!(run(&state("ResultPath"), input.clone()).await.output(), &json!({"a": 1}));
    assert_eq!(run(&state("OutputPath"), input.clone()).await.output(), &json!({}));
    let task = json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "InputPath": null, "End": true});
    assert_eq!(run(&only(task), input).await.seen, [json!({})]);
}

#[tokio::test(start_paused = true)]
async fn a_result_path_that_does_not_fit() {
    let ran = run(&only(json!({"Type": "Pass", "ResultPath": "$.a.b", "End": true})), json!({"a": 1})).await;
    assert_eq!(ran.error().0, "States.ResultPathMatchFailure");
}

#[tokio::test(start_paused = true)]
async fn variables() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Assign": {"id.$": "$.id", "all": {"n": 1}}, "Result": {"id": "from the result"}, "Next": "B"},
        "B": {"Type": "Pass", "Parameters": {"id.$": "$id", "n.$": "$all.n"}, "End": true},
    }});
    let ran = run(&definition, json!({"id": "from the input"})).await;
    assert_eq!(ran.output(), &json!({"id": "from the result", "n": 1}));
    let exited = ran.events.iter().find(|e| e["type"] == "PassStateExited").unwrap();
    let assigned = json!({"id": "\"from the result\"", "all": "{\"n\":1}"});
    assert_eq!(exited["stateExitedEventDetails"]["assignedVariables"], assigned);
}

#[tokio::test(start_paused = true)]
async fn too_much_data() {
    let big = "x".repeat(262_144);
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "End": true,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
    });
    let definition = json!({"StartAt": "A", "States": {"A": task, "Caught": {"Type": "Succeed"}}});
    let ran = run_with(&definition, json!({}), move |_, _| (std::time::Duration::ZERO, Ok(json!(big)))).await;
    let cause =
        "The state/task 'sqs' returned a result with a size exceeding the maximum number of bytes service limit.";
    assert_eq!(ran.output(), &json!({"Error": "States.DataLimitExceeded", "Cause": cause}));
}

#[tokio::test(start_paused = true)]
async fn data_that_nests_deeper_every_round_ends_the_execution() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Parameters": {"x.$": "$"}, "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}], "Default": "A"},
        "C": {"Type": "Succeed"},
    }});
    assert_eq!(run(&definition, json!({})).await.error().0, "States.DataLimitExceeded");
}

#[tokio::test(start_paused = true)]
async fn intrinsic_functions_as_aws_answers() {
    let input = json!({"o": {"a": 1, "b": [null, "x"]}, "half": -3.5, "blank": " ", "zero": "-0"});
    assert_eq!(value("States.Format('{}', $.o)", input.clone()).await, "{a=1, b=[null, x]}");
    assert_eq!(value("States.MathAdd($.half, 0)", input.clone()).await, -3);
    assert_eq!(value("States.StringToJson($.blank)", input.clone()).await, Value::Null);
    assert_eq!(value("States.StringToJson($.zero)", input).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_backslash_in_a_quoted_name_is_itself_before_anything_but_a_quote() {
    let input = json!({"a\\b": 1, "a'b": 2});
    assert_eq!(value("$['a\\b']", input.clone()).await, 1);
    assert_eq!(value("$['a\\'b']", input).await, 2);
}
