//! Every rule of a definition, with a definition that breaks it and no other.

use serde_json::{Value, json};
use throughline_states_language::{Rule, Severity, StateMachine};

use crate::common::only;

/// The errors of a definition: rule and location.
fn errors(definition: &Value) -> Vec<(Rule, String)> {
    let error = StateMachine::parse(&definition.to_string()).unwrap_err();
    let errors = error.diagnostics.into_iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| (d.rule, d.location)).collect()
}

fn breaks(definition: Value, rule: Rule, location: &str) {
    assert_eq!(errors(&definition), [(rule, location.to_owned())], "{definition:#}");
}

fn with(mut state: Value, name: &str, value: Value) -> Value {
    state[name] = value;
    only(state)
}

fn pass() -> Value {
    json!({"Type": "Pass", "End": true})
}

fn task() -> Value {
    json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true})
}

/// A case of each rule; the tests below have more.
fn cases() -> Vec<(Rule, Value)> {
    let branch = json!({"StartAt": "Only", "States": {"Only": pass()}});
    let choice = json!({
        "StartAt": "A",
        "States": {"A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "End"}], "Default": "End"}, "End": pass()},
    });
    vec![
        (Rule::Json, Value::Null),
        (Rule::MissingField, json!({"StartAt": "A"})),
        (Rule::WrongType, json!([])),
        (Rule::WrongValue, json!({"StartAt": "A", "States": {}})),
        (Rule::UnknownField, with(pass(), "Extra", json!(1))),
        (Rule::UnknownStateType, only(json!({"Type": "Loop"}))),
        (Rule::MissingTransition, only(json!({"Type": "Pass"}))),
        (Rule::NextAndEnd, with(pass(), "Next", json!("Only"))),
        (Rule::BadStartAt, json!({"StartAt": "B", "States": {"A": pass()}})),
        (Rule::DanglingTransition, json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "C"}}})),
        (Rule::UnreachableState, json!({"StartAt": "A", "States": {"A": pass(), "B": pass()}})),
        (Rule::NoTerminalState, json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}})),
        (Rule::DuplicateStateName, only(json!({"Type": "Parallel", "Branches": [branch], "End": true}))),
        (Rule::BadPath, with(pass(), "InputPath", json!("a"))),
        (Rule::BadIntrinsic, with(task(), "Parameters", json!({"v.$": "States.Nothing()"}))),
        (
            Rule::BadExpression,
            only(json!({"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 + %}", "End": true})),
        ),
        (
            Rule::StatesAllNotLast,
            with(task(), "Retry", json!([{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}])),
        ),
        (Rule::BadChoiceRule, choice),
        (Rule::ExclusiveFields, only(json!({"Type": "Fail", "Error": "E", "ErrorPath": "$.e"}))),
        (Rule::BadResource, with(task(), "Resource", json!("reserve"))),
        (
            Rule::Unsupported,
            only(json!({"Type": "Map", "ItemProcessor": branch_of("Item"), "ItemReader": {}, "End": true})),
        ),
    ]
}

fn branch_of(name: &str) -> Value {
    json!({"StartAt": name, "States": {name: pass()}})
}

#[test]
fn every_rule_has_a_case() {
    let cases = cases();
    assert_eq!(cases.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), Rule::ALL);
    for (rule, definition) in cases {
        let text = if rule == Rule::Json { "not a definition".to_owned() } else { definition.to_string() };
        let found = StateMachine::parse(&text).unwrap_err().diagnostics;
        assert!(found.iter().any(|d| d.rule == rule && !d.location.is_empty()), "{rule:?}: {found:?}");
    }
}

#[test]
fn text_that_is_not_json_is_named_as_aws_names_it() {
    let found = StateMachine::parse("not a definition").unwrap_err().diagnostics;
    let place = "[Source: (String)\"not a definition\"; line: 1, column: 4]";
    let message = "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    assert_eq!(
        (found[0].location.as_str(), found[0].message.as_str()),
        (place, format!("{message}\n at {place}").as_str())
    );
}

#[test]
fn not_json() {
    let error = StateMachine::parse("{").unwrap_err();
    assert_eq!((error.diagnostics[0].rule, error.diagnostics[0].rule.code()), (Rule::Json, "INVALID_JSON_DESCRIPTION"));
}

#[test]
fn fields_that_are_missing() {
    breaks(json!({"States": {"A": pass()}}), Rule::MissingField, "/");
    breaks(json!({"StartAt": "A"}), Rule::MissingField, "/");
    breaks(only(json!({"End": true})), Rule::MissingField, "/States/Only");
    breaks(only(json!({"Type": "Task", "End": true})), Rule::MissingField, "/States/Only");
    breaks(only(json!({"Type": "Wait", "End": true})), Rule::MissingField, "/States/Only");
    breaks(only(json!({"Type": "Map", "End": true})), Rule::MissingField, "/States/Only");
    breaks(with(task(), "Credentials", json!({})), Rule::MissingField, "/States/Only/Credentials");
    breaks(with(task(), "Retry", json!([{}])), Rule::MissingField, "/States/Only/Retry[0]");
    breaks(with(task(), "Catch", json!([{"ErrorEquals": ["E"]}])), Rule::MissingField, "/States/Only/Catch[0]");
}

#[test]
fn values_of_the_wrong_type() {
    breaks(json!([]), Rule::WrongType, "/");
    breaks(json!({"StartAt": "A", "States": 1}), Rule::WrongType, "/States");
    breaks(with(pass(), "Comment", json!(1)), Rule::WrongType, "/States/Only/Comment");
    breaks(with(task(), "TimeoutSeconds", json!("1")), Rule::WrongType, "/States/Only/TimeoutSeconds");
    breaks(with(task(), "Retry", json!({})), Rule::WrongType, "/States/Only/Retry");
    let retry = json!([{"ErrorEquals": [1, "E"]}]);
    breaks(with(task(), "Retry", retry), Rule::WrongType, "/States/Only/Retry[0]/ErrorEquals");
}

#[test]
fn values_that_are_not_allowed() {
    breaks(json!({"StartAt": "A", "States": {}}), Rule::WrongValue, "/States");
    breaks(with(task(), "TimeoutSeconds", json!(0)), Rule::WrongValue, "/States/Only/TimeoutSeconds");
    let timestamp = json!({"Type": "Wait", "Timestamp": "tomorrow", "End": true});
    breaks(only(timestamp), Rule::WrongValue, "/States/Only/Timestamp");
    let retry = |name: &str, value: Value| with(task(), "Retry", json!([{"ErrorEquals": ["E"], name: value}]));
    breaks(retry("BackoffRate", json!(0.5)), Rule::WrongValue, "/States/Only/Retry[0]/BackoffRate");
    breaks(retry("JitterStrategy", json!("SOME")), Rule::WrongValue, "/States/Only/Retry[0]/JitterStrategy");
    breaks(retry("MaxDelaySeconds", json!(1)), Rule::WrongValue, "/States/Only/Retry[0]/MaxDelaySeconds");
    let long = "x".repeat(81);
    breaks(json!({"StartAt": long, "States": {&long: pass()}}), Rule::WrongValue, &format!("/States/{long}"));
    let mut beats = task();
    beats["TimeoutSeconds"] = json!(10);
    breaks(with(beats, "HeartbeatSeconds", json!(10)), Rule::WrongValue, "/States/Only/HeartbeatSeconds");
    breaks(with(pass(), "QueryLanguage", json!("SQL")), Rule::WrongValue, "/States/Only/QueryLanguage");
}

#[test]
fn fields_that_are_not_known() {
    breaks(with(pass(), "Resource", json!("x")), Rule::UnknownField, "/States/Only/Resource");
    breaks(with(pass(), "Arguments", json!({})), Rule::UnknownField, "/States/Only/Arguments");
    breaks(json!({"StartAt": "Only", "States": {"Only": pass()}, "Extra": 1}), Rule::UnknownField, "/Extra");
    let jsonata = json!({"Type": "Pass", "QueryLanguage": "JSONata", "InputPath": "$", "End": true});
    breaks(only(jsonata), Rule::UnknownField, "/States/Only/InputPath");
    breaks(only(json!({"Type": "Succeed", "End": true})), Rule::UnknownField, "/States/Only/End");
}

#[test]
fn a_state_type_that_does_not_exist() {
    breaks(only(json!({"Type": "Loop"})), Rule::UnknownStateType, "/States/Only/Type");
}

#[test]
fn transitions() {
    breaks(only(json!({"Type": "Pass"})), Rule::MissingTransition, "/States/Only");
    breaks(with(pass(), "Next", json!("Only")), Rule::NextAndEnd, "/States/Only");
    breaks(json!({"StartAt": "B", "States": {"A": pass()}}), Rule::BadStartAt, "/StartAt");
    let next = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "C"}, "B": pass()}});
    let found = [(Rule::DanglingTransition, "/States/A/Next".to_owned()), (Rule::UnreachableState, "/States/B".into())];
    assert_eq!(errors(&next), found);
    let catch = json!([{"ErrorEquals": ["States.ALL"], "Next": "Nowhere"}]);
    breaks(with(task(), "Catch", catch), Rule::DanglingTransition, "/States/Only/Catch[0]/Next");
    let choice = json!({
        "Type": "Choice",
        "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "End"}, {"Variable": "$.a", "IsNull": true, "Next": "X"}],
        "Default": "Y",
    });
    let machine = json!({"StartAt": "A", "States": {"A": choice, "End": pass()}});
    let found = [
        (Rule::DanglingTransition, "/States/A/Choices[1]/Next".to_owned()),
        (Rule::DanglingTransition, "/States/A/Default".into()),
    ];
    assert_eq!(errors(&machine), found);
    breaks(json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}), Rule::NoTerminalState, "/States");
    let island = json!({"StartAt": "A", "States": {"A": pass(), "B": {"Type": "Pass", "Next": "A"}}});
    breaks(island, Rule::UnreachableState, "/States/B");
}

#[test]
fn a_name_that_is_used_twice() {
    let branch = json!({"StartAt": "Only", "States": {"Only": pass()}});
    let parallel = json!({"Type": "Parallel", "Branches": [branch], "End": true});
    breaks(only(parallel), Rule::DuplicateStateName, "/States/Only/Branches[0]/States/Only");
}

#[test]
fn paths() {
    for path in ["", "a", "$.", "$.a[", "$['a'", "$.a..", "$[x]", "$.a b", "$[1:2:3:4]", "$[?(@.a ==)]"] {
        breaks(with(pass(), "InputPath", json!(path)), Rule::BadPath, "/States/Only/InputPath");
    }
    for path in ["$.a[*]", "$..a", "$.a[0:1]", "$['a','b']", "$$.a", "$variable"] {
        breaks(with(pass(), "ResultPath", json!(path)), Rule::BadPath, "/States/Only/ResultPath");
    }
    let parameters = json!({"order": {"id.$": "x"}});
    breaks(with(task(), "Parameters", parameters), Rule::BadPath, "/States/Only/Parameters");
}

#[test]
fn intrinsic_functions() {
    let calls = [
        "States.Nothing()",
        "States.Format()",
        "States.Format('a'",
        "States.Format('a') x",
        "States.Format('a)",
        "States.MathAdd(1)",
        "States.Array(a)",
        "States.UUID",
    ];
    for call in calls {
        let parameters = json!({"value.$": call});
        breaks(with(task(), "Parameters", parameters), Rule::BadIntrinsic, "/States/Only/Parameters");
    }
}

#[test]
fn expressions() {
    let state = json!({"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"a": ["{% 1 + %}"]}, "End": true});
    breaks(only(state), Rule::BadExpression, "/States/Only/Output/a[0]");
}

#[test]
fn states_all_stands_alone_and_last() {
    let retry = json!([{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]);
    breaks(with(task(), "Retry", retry), Rule::StatesAllNotLast, "/States/Only/Retry[0]/ErrorEquals");
    let catch = json!([{"ErrorEquals": ["E", "States.ALL"], "Next": "Only"}]);
    breaks(with(task(), "Catch", catch), Rule::StatesAllNotLast, "/States/Only/Catch[0]/ErrorEquals");
}

#[test]
fn choice_rules() {
    let choice = |mut rule: Value| {
        rule["Next"] = json!("End");
        json!({"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [rule], "Default": "End"}, "End": pass()}})
    };
    let place = "/States/A/Choices[0]";
    breaks(choice(json!({"Variable": "$.a"})), Rule::BadChoiceRule, place);
    let two = json!({"Variable": "$.a", "IsNull": true, "IsPresent": true});
    breaks(choice(two), Rule::BadChoiceRule, place);
    let text = json!({"Variable": "$.a", "NumericEquals": "1"});
    breaks(choice(text), Rule::WrongType, &format!("{place}/NumericEquals"));
    let nested = json!({"And": [{"Variable": "$.a", "IsNull": true, "Next": "End"}]});
    breaks(choice(nested), Rule::UnknownField, &format!("{place}/And[0]/Next"));
    let unknown = choice(json!({"Variable": "$.a", "BooleanLessThan": true}));
    let found = [(Rule::BadChoiceRule, place.to_owned()), (Rule::UnknownField, format!("{place}/BooleanLessThan"))];
    assert_eq!(errors(&unknown), found);
}

#[test]
fn fields_that_exclude_each_other() {
    let wait = json!({"Type": "Wait", "Seconds": 1, "SecondsPath": "$.a", "End": true});
    breaks(only(wait), Rule::ExclusiveFields, "/States/Only/SecondsPath");
    let fail = json!({"Type": "Fail", "Error": "E", "ErrorPath": "$.e"});
    breaks(only(fail), Rule::ExclusiveFields, "/States/Only/ErrorPath");
}

#[test]
fn resources() {
    for resource in
        ["", "reserve", "arn:aws:s3:::bucket", "arn:aws:states:::lambda", "arn:aws:lambda:us-east-1:1:layer:x"]
    {
        breaks(with(task(), "Resource", json!(resource)), Rule::BadResource, "/States/Only/Resource");
    }
}

#[test]
fn features_that_are_not_run_are_named() {
    let processor = json!({
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Item",
        "States": {"Item": pass()},
    });
    let map = json!({"Type": "Map", "ItemProcessor": processor, "ItemReader": {}, "End": true});
    breaks(only(map), Rule::Unsupported, "/States/Only/ItemReader");
}

#[test]
fn a_choice_without_default_is_a_warning() {
    let choice = json!({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "End"}]});
    let machine = json!({"StartAt": "A", "States": {"A": choice, "End": pass()}});
    let machine = StateMachine::parse(&machine.to_string()).unwrap();
    let warnings: Vec<_> = machine.warnings().iter().map(|w| (w.severity, w.location.as_str())).collect();
    assert_eq!(warnings, [(Severity::Warning, "/States/A")]);
}

#[test]
fn a_definition_that_nests_too_deep_is_refused_without_harm() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let definition = format!(r#"{{"StartAt":"A","States":{{"A":{{"Type":"Pass","Result":{deep},"End":true}}}}}}"#);
    assert_eq!(StateMachine::parse(&definition).unwrap_err().diagnostics[0].rule, Rule::Json);
}
