//! Step Functions: executions.

pub(crate) mod callbacks;
pub(crate) mod integrations;
pub(crate) mod states;

use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use crate::given::{code, eventually, machine, only, output, run};

const START: &str = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html";
const STOP: &str = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html";
const HISTORY: &str = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html";
const CREATE: &str = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html";
const UPDATE: &str = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html";
const LIST: &str = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html";
const DESCRIBE: &str = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html";
const STRUCTURE: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html";
const REDRIVE: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        an_execution_runs_to_its_output,
        "An execution starts RUNNING and ends SUCCEEDED with the last state's output.",
        DESCRIBE
    ),
    case!(
        the_same_start_is_the_same_execution,
        "StartExecution with the name and input of a running execution answers that one.",
        START
    ),
    case!(
        another_input_is_refused,
        "StartExecution with the name of a running execution and another input fails with ExecutionAlreadyExists.",
        START
    ),
    case!(
        a_closed_name_is_taken,
        "StartExecution with the name of a closed execution fails with ExecutionAlreadyExists, whatever the input.",
        START
    ),
    case!(an_input_is_json, "An input that is not JSON fails with InvalidExecutionInput.", START),
    case!(
        a_machine_that_is_not_there,
        "StartExecution of a state machine that does not exist fails with StateMachineDoesNotExist.",
        START
    ),
    case!(
        a_stopped_execution_is_aborted,
        "StopExecution ends an execution as ABORTED, with its error and cause.",
        STOP
    ),
    case!(
        a_machine_has_a_timeout,
        "An execution longer than TimeoutSeconds ends as TIMED_OUT with States.Timeout.",
        STRUCTURE
    ),
    case!(the_history_is_linked, "The history's events are numbered from 1; each names the event before it.", HISTORY),
    case!(the_history_can_be_read_backwards, "ReverseOrder answers the newest event first; maxResults pages.", HISTORY),
    case!(executions_are_listed_by_status, "ListExecutions filters by status, newest first.", LIST),
    case!(
        a_bad_definition_is_refused,
        "A definition that names a state that is not there fails with InvalidDefinition.",
        CREATE
    ),
    case!(
        an_update_counts_for_new_executions,
        "A running execution goes on with the definition that it started with.",
        UPDATE
    ),
    case!(
        a_succeeded_execution_has_nothing_to_redrive,
        "RedriveExecution of a succeeded execution fails with ExecutionNotRedrivable.",
        REDRIVE
    ),
    case!(
        a_redrive_goes_on_at_the_failed_state,
        "A redriven execution runs again from the state that failed, keeps its history, and counts its redrives.",
        REDRIVE
    ),
];

fn wait(seconds: u32) -> Value {
    only(json!({ "Type": "Wait", "Seconds": seconds }))
}

async fn an_execution_runs_to_its_output(t: Account) {
    let machine = machine(&t, only(json!({ "Type": "Pass", "Result": { "done": true }, "ResultPath": "$.r" }))).await;
    let execution = machine.start("e", json!({ "n": 1 })).await;
    let closed = machine.closed(&t, &execution).await;
    assert_eq!(closed.status(), &ExecutionStatus::Succeeded);
    assert_eq!(output(&closed), json!({ "n": 1, "r": { "done": true } }));
    assert_eq!(closed.input(), Some(r#"{"n":1}"#));
    assert!(closed.stop_date().is_some() && closed.name() == Some("e"));
}

async fn the_same_start_is_the_same_execution(t: Account) {
    let machine = machine(&t, wait(600)).await;
    let start = || t.sfn.start_execution().state_machine_arn(&machine.arn).name("e").input("{}");
    let (first, second) = (start().send().await.unwrap(), start().send().await.unwrap());
    assert_eq!(first.execution_arn(), second.execution_arn());
    assert_eq!(first.start_date(), second.start_date());
}

async fn another_input_is_refused(t: Account) {
    let machine = machine(&t, wait(600)).await;
    machine.start("e", json!({ "n": 1 })).await;
    let other = t.sfn.start_execution().state_machine_arn(&machine.arn).name("e").input(r#"{"n":2}"#);
    assert_eq!(code(other.send().await), "ExecutionAlreadyExists");
}

async fn a_closed_name_is_taken(t: Account) {
    let machine = machine(&t, only(json!({ "Type": "Pass" }))).await;
    let execution = machine.start("e", json!({})).await;
    machine.closed(&t, &execution).await;
    let again = t.sfn.start_execution().state_machine_arn(&machine.arn).name("e").input("{}");
    assert_eq!(code(again.send().await), "ExecutionAlreadyExists");
}

async fn an_input_is_json(t: Account) {
    let machine = machine(&t, only(json!({ "Type": "Pass" }))).await;
    let start = t.sfn.start_execution().state_machine_arn(&machine.arn).input("{not JSON");
    assert_eq!(code(start.send().await), "InvalidExecutionInput");
}

async fn a_machine_that_is_not_there(t: Account) {
    let machine = machine(&t, only(json!({ "Type": "Pass" }))).await;
    let start = t.sfn.start_execution().state_machine_arn(format!("{}-none", machine.arn));
    assert_eq!(code(start.send().await), "StateMachineDoesNotExist");
}

async fn a_stopped_execution_is_aborted(t: Account) {
    let machine = machine(&t, wait(600)).await;
    let execution = machine.start("e", json!({})).await;
    t.sfn.stop_execution().execution_arn(&execution).error("Enough").cause("by hand").send().await.unwrap();
    let closed = machine.closed(&t, &execution).await;
    assert_eq!(closed.status(), &ExecutionStatus::Aborted);
    assert_eq!((closed.error(), closed.cause()), (Some("Enough"), Some("by hand")));
    assert_eq!(machine.kinds(&execution).await.last().map(String::as_str), Some("ExecutionAborted"));
}

async fn a_machine_has_a_timeout(t: Account) {
    let mut definition = wait(600);
    definition["TimeoutSeconds"] = 1.into();
    let closed = run(&t, definition, json!({})).await;
    assert_eq!(closed.status(), &ExecutionStatus::TimedOut);
}

async fn the_history_is_linked(t: Account) {
    let machine = machine(&t, only(json!({ "Type": "Pass" }))).await;
    let execution = machine.start("e", json!({})).await;
    machine.closed(&t, &execution).await;
    let expected = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"];
    assert_eq!(machine.kinds(&execution).await, expected);
    let history = machine.history(&execution).await;
    let links: Vec<_> = history.iter().map(|event| (event.id(), event.previous_event_id())).collect();
    // The first state's event names 0, as the start does.
    assert_eq!(links, [(1, 0), (2, 0), (3, 2), (4, 3)]);
}

async fn the_history_can_be_read_backwards(t: Account) {
    let machine = machine(&t, only(json!({ "Type": "Pass" }))).await;
    let execution = machine.start("e", json!({})).await;
    machine.closed(&t, &execution).await;
    let request = t.sfn.get_execution_history().execution_arn(&execution).reverse_order(true).max_results(3);
    let first = request.clone().send().await.unwrap();
    let ids = |events: &[aws_sdk_sfn::types::HistoryEvent]| events.iter().map(|event| event.id()).collect::<Vec<_>>();
    assert_eq!(ids(first.events()), [4, 3, 2]);
    let second = request.next_token(first.next_token().unwrap()).send().await.unwrap();
    assert_eq!(ids(second.events()), [1]);
}

async fn executions_are_listed_by_status(t: Account) {
    let machine = machine(&t, json!({
        "StartAt": "Long",
        "States": {
            "Long": { "Type": "Choice", "Choices": [{ "Variable": "$.long", "BooleanEquals": true, "Next": "Wait" }], "Default": "Done" },
            "Wait": { "Type": "Wait", "Seconds": 600, "End": true },
            "Done": { "Type": "Succeed" },
        },
    })).await;
    machine.start("running", json!({ "long": true })).await;
    let closed = machine.start("closed", json!({ "long": false })).await;
    machine.closed(&t, &closed).await;
    let names = async |status: ExecutionStatus| {
        let request = t.sfn.list_executions().state_machine_arn(&machine.arn).status_filter(status);
        let executions = request.send().await.unwrap().executions;
        executions.into_iter().map(|execution| execution.name).collect::<Vec<_>>()
    };
    assert_eq!(names(ExecutionStatus::Running).await, ["running"]);
    assert_eq!(names(ExecutionStatus::Succeeded).await, ["closed"]);
}

async fn a_bad_definition_is_refused(t: Account) {
    let definition = json!({ "StartAt": "None", "States": { "Only": { "Type": "Pass", "End": true } } });
    let request = t.sfn.create_state_machine().name(t.name("m")).role_arn(&t.role);
    assert_eq!(code(request.definition(definition.to_string()).send().await), "InvalidDefinition");
}

async fn an_update_counts_for_new_executions(t: Account) {
    let first = json!({
        "StartAt": "Wait",
        "States": { "Wait": { "Type": "Wait", "Seconds": 5, "Next": "Old" }, "Old": { "Type": "Pass", "Result": "old", "End": true } },
    });
    let machine = machine(&t, first).await;
    let running = machine.start("old", json!({})).await;
    eventually(&t, "the wait", async || {
        machine.kinds(&running).await.iter().any(|kind| kind == "WaitStateEntered").then_some(())
    })
    .await;
    let second = only(json!({ "Type": "Pass", "Result": "new" }));
    let request = t.sfn.update_state_machine().state_machine_arn(&machine.arn);
    request.definition(second.to_string()).send().await.unwrap();
    assert_eq!(output(&machine.closed(&t, &running).await), "old");
    // An update takes effect within seconds.
    t.quiet().await;
    let started = machine.start("new", json!({})).await;
    assert_eq!(output(&machine.closed(&t, &started).await), "new");
}

async fn a_succeeded_execution_has_nothing_to_redrive(t: Account) {
    let machine = machine(&t, only(json!({ "Type": "Pass" }))).await;
    let execution = machine.start("e", json!({})).await;
    machine.closed(&t, &execution).await;
    assert_eq!(code(t.sfn.redrive_execution().execution_arn(&execution).send().await), "ExecutionNotRedrivable");
}

async fn a_redrive_goes_on_at_the_failed_state(t: Account) {
    let queue = crate::given::queue(&t, "q", &[]).await;
    let definition = json!({
        "StartAt": "First",
        "States": {
            "First": { "Type": "Pass", "Result": { "first": true }, "Next": "Ask" },
            "Ask": callbacks::ask(&queue, json!({ "End": true })),
        },
    });
    let machine = machine(&t, definition).await;
    let execution = machine.start("e", json!({})).await;
    let token = callbacks::token(&t, &queue).await;
    t.sfn.send_task_failure().task_token(token).error("No").send().await.unwrap();
    assert_eq!(machine.closed(&t, &execution).await.status(), &ExecutionStatus::Failed);
    t.sfn.redrive_execution().execution_arn(&execution).send().await.unwrap();
    let token = callbacks::token(&t, &queue).await;
    t.sfn.send_task_success().task_token(token).output(r#"{"answer":2}"#).send().await.unwrap();
    let closed = machine.closed(&t, &execution).await;
    assert_eq!((closed.status(), closed.redrive_count()), (&ExecutionStatus::Succeeded, Some(1)));
    assert_eq!(output(&closed), json!({ "answer": 2 }));
    let kinds = machine.kinds(&execution).await;
    let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
    assert_eq!(
        (count("PassStateEntered"), count("ExecutionFailed"), count("ExecutionRedriven")),
        (1, 1, 1),
        "{kinds:?}"
    );
}
