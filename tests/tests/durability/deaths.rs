//! The ways in which a message of a queue can die, and what its failure says.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use throughline_effects::{Effects, Failure};
use throughline_envelope::CorrelationId;
use throughline_journal::Subject;
use throughline_sandbox::lambda::{Code, FunctionError};
use throughline_tests::{Stack, sample};

use crate::support::{HOUR, assert_says, comes_again_at_once, event, given_notify, of_event};

/// A way to die.
struct Death {
    /// What is done to the function, or to the message.
    given: fn(&Stack),
    message: fn() -> Value,
    /// It takes a hundred deliveries: then the queue waits a second between them, and not three minutes.
    often: bool,
    /// What the failure says beyond, or other than, [`of_event`]; and how its cause begins.
    says: Value,
    cause: &'static str,
}

async fn dies(death: Death) -> (Stack, Value) {
    let stack = Stack::start().await;
    (death.given)(&stack);
    if death.often {
        comes_again_at_once(&stack, "notify-customer").await;
    }
    stack.when_message("notify-customer", &(death.message)()).await;
    stack.settle_within(10 * HOUR).await;
    let row = stack.then_one_failure().await;
    let mut expected = of_event();
    expected.as_object_mut().unwrap().extend(death.says.as_object().unwrap().clone());
    if expected["event_id"].is_null() {
        let derived = CorrelationId::of_delivery(row["message_id"].as_str().unwrap());
        expected["correlation_id"] = json!(derived.as_str());
    }
    assert_says(&row, &[&expected], death.cause);
    then_traced(&stack, &row).await;
    stack.then_queues_are_empty().await;
    (stack, row)
}

/// Its correlation id and SQS's id of the message both lead to it.
async fn then_traced(stack: &Stack, row: &Value) {
    let (correlation, message) = (row["correlation_id"].as_str().unwrap(), row["message_id"].as_str().unwrap());
    assert_eq!(row["correlation_derived"] == true, row["event_id"].is_null(), "{row}");
    for id in [correlation, message] {
        let found = stack.reader().find(id).await.unwrap();
        assert_eq!(found, [Subject::Workflow(correlation.to_owned())], "{id}");
    }
    let life = serde_json::to_string(&stack.reader().life_cycle(correlation).await.unwrap()).unwrap();
    assert!(life.contains(row["failure_id"].as_str().unwrap()), "{life}");
}

macro_rules! deaths {
    ($($name:ident: {
        given: $given:expr, message: $message:expr, $(often: $often:expr,)? says: $says:tt, cause: $cause:expr
    }),+ $(,)?) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                let often = [$($often,)? false][0];
                dies(Death { given: $given, message: $message, often, says: json!($says), cause: $cause }).await;
            }
        )+
    };
}

fn nothing(_: &Stack) {}

fn refuses(stack: &Stack) {
    given_notify(stack, |_| async { Err(Failure::permanent("refused", "the customer wants no mail")) });
}

fn is_busy(stack: &Stack) {
    given_notify(stack, |_| async { Err(Failure::transient("busy", "503")) });
}

fn panics(stack: &Stack) {
    given_notify(stack, |_| async { panic!("boom") });
}

fn never_ends(stack: &Stack) {
    given_notify(stack, |_| std::future::pending());
}

fn answers_too_much(stack: &Stack) {
    given_notify(stack, |_| async { Ok(Effects::new().respond("a".repeat(70_000))) });
}

/// The process is gone before anything can be counted.
fn dies_with_its_first_request(stack: &Stack) {
    given_notify(stack, |_| async { Err(Failure::transient("busy", "503")) });
    stack.given_death_at("notify-customer", "UpdateItem");
}

/// The process does not even start.
fn does_not_start(stack: &Stack) {
    let code = |_| -> BoxFuture<'static, Result<Value, FunctionError>> {
        let (error_type, message) =
            ("Runtime.ExitError".to_owned(), "Runtime exited with error: exit status 1".to_owned());
        async { Err(FunctionError { error_type, message }) }.boxed()
    };
    let name = stack.name("notify-customer");
    stack.cloud().lambda().replace_code(stack.cloud(), &name, Code::InProcess(Arc::new(code))).unwrap();
}

fn broken() -> Value {
    let mut event = event();
    event["data"]["total_cents"] = json!("many");
    event
}

fn not_json() -> Value {
    json!("[1, 2")
}

/// An event for somebody else.
fn other_type() -> Value {
    sample("orders.order.placed/samples/v2.json")
}

deaths! {
    refused_for_good: {
        given: refuses, message: event,
        says: { "class": "permanent", "code": "refused", "attempt": 1 }, cause: "the customer wants no mail"
    },
    attempts_used_up: {
        given: is_busy, message: event,
        says: { "class": "exhausted", "code": "busy", "attempt": 5 }, cause: "503 (attempt 5, the last)"
    },
    a_panic: {
        given: panics, message: event,
        says: { "class": "exhausted", "code": "panicked", "attempt": 5 }, cause: "the handler panicked: boom"
    },
    a_handler_that_never_ends: {
        given: never_ends, message: event,
        says: { "class": "exhausted", "code": "deadline", "attempt": 5 }, cause: "not done within the "
    },
    too_large: {
        given: answers_too_much, message: event,
        says: { "class": "permanent", "code": "too_large", "attempt": 1 }, cause: "the response is 70002 bytes"
    },
    a_broken_contract: {
        given: nothing, message: broken,
        says: { "class": "poison", "code": "contract_violated", "attempt": 1 }, cause: "the contract orders.order.completed version 1 is broken: /total_cents: "
    },
    an_event_of_another_type: {
        given: nothing, message: other_type,
        says: {
            "class": "poison", "code": "unknown_type", "attempt": 1,
            "event_id": (other_type()["id"]), "event_type": "orders.order.placed",
            "correlation_id": (other_type()["correlationid"]),
        },
        cause: ""
    },
    what_is_not_an_event: {
        given: nothing, message: not_json,
        says: {
            "class": "poison", "code": "not_an_object", "attempt": 1, "event_id": null, "event_type": null, "subject": null,
        },
        cause: ""
    },
    what_is_not_an_event_and_cannot_be_parked: {
        given: |stack| stack.given_death_at("notify-customer", "SendMessage"), message: not_json, often: true,
        says: {
            "class": "poison", "code": "not_an_object", "attempt": 1, "derived": true, "event_id": null, "event_type": null,
            "subject": null,
        },
        cause: ""
    },
    what_is_not_an_event_at_a_function_that_does_not_start: {
        given: does_not_start, message: not_json, often: true,
        says: {
            "class": "crashed", "code": "never_received", "derived": true, "event_id": null, "event_type": null, "subject": null,
        },
        cause: "no function left a journal line"
    },
    a_process_that_is_killed_each_time: {
        given: |stack| stack.given_death_at("notify-customer", "TransactWriteItems"), message: event, often: true,
        says: { "class": "crashed", "code": "process_died", "attempt": 5, "derived": true },
        cause: "5 runs of it began and none came to an end: the process died, or ran out of time; the last of them: the invocation \
                ended with status `error`"
    },
    a_process_that_runs_out_of_time_each_time: {
        given: |stack| stack.given_hanging_at("notify-customer", "TransactWriteItems"), message: event,
        says: { "class": "crashed", "code": "process_died", "attempt": 5, "derived": true },
        cause: "5 runs of it began and none came to an end: the process died, or ran out of time; the last of them: the invocation \
                ended with status `timeout` after 30000 ms (Sandbox.Timedout)"
    },
    a_process_that_is_killed_before_anything_is_counted: {
        given: dies_with_its_first_request, message: event, often: true,
        says: { "class": "crashed", "code": "Runtime.ExitError", "attempt": 100, "derived": true },
        cause: "the invocation ended with status `error`"
    },
    a_function_that_does_not_start: {
        given: does_not_start, message: event, often: true,
        says: { "class": "crashed", "code": "never_received", "derived": true }, cause: "no function left a journal line"
    },
}

/// Each redrive of what is no event is another message, and the same workflow.
#[tokio::test(start_paused = true)]
async fn what_is_not_an_event_stays_one_workflow_when_it_is_redriven() {
    let stack = Stack::start().await;
    stack.when_message("notify-customer", &not_json()).await;
    stack.settle().await;
    let first = stack.reader().open_failures().await.unwrap().remove(0);
    let sent = stack.redriver().redrive(&first).await.unwrap().unwrap();
    stack.settle().await;

    let second = stack.reader().open_failures().await.unwrap().remove(0);
    assert_eq!((second.redrive_of.as_ref(), second.redrives), (Some(&first.failure_id), 1));
    assert_eq!((&second.correlation_id, second.correlation_derived), (&first.correlation_id, true));
    assert_eq!(second.message_id, Some(sent.clone()));
    let correlation = first.correlation_id.unwrap();
    assert_eq!(stack.reader().find(&sent).await.unwrap(), [Subject::Workflow(correlation.clone())]);
    let life = stack.reader().life_cycle(&correlation).await.unwrap();
    let messages: Vec<_> = life.roots.iter().map(|root| root.message_id.clone()).collect();
    assert_eq!(messages, [first.message_id, Some(sent)]);
    assert!(life.roots.iter().all(|root| root.runs[0].failures.len() == 1), "{life:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_is_found_by_its_workflow_and_can_be_redriven() {
    let (stack, row) =
        dies(Death { given: is_busy, message: event, often: false, says: json!({ "code": "busy" }), cause: "503" })
            .await;
    let found = stack.reader().failures_of(event()["correlationid"].as_str().unwrap()).await.unwrap();
    assert_eq!(found[0].failure_id, row["failure_id"]);

    given_notify(&stack, |_| async { Ok(Effects::new()) });
    let redriver = stack.redriver();
    let sent = redriver.redrive(&found[0]).await.unwrap();
    stack.settle().await;
    let again = stack.reader().failure(&found[0].failure_id).await.unwrap().unwrap();
    assert_eq!((again.status.as_str(), again.attempt, again.redriven_as.clone()), ("redriven", Some(5), sent));
    assert_eq!(redriver.redrive(&again).await.unwrap(), None, "once");
    stack.then_journal(event()["id"].as_str().unwrap(), "notify-customer", "handled", 1).await;
    stack.then_queues_are_empty().await;
}
