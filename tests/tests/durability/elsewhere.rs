//! What is given up elsewhere than in a function's queue: by a rule, an asynchronous invocation, a stream, a log subscription, and by
//! the one that records failures.

use serde_json::{Value, json};
use throughline_sandbox::faults::{Call, Faults, RequestFault};
use throughline_sandbox::{Service, ServiceError};
use throughline_tests::{Stack, sample};

use crate::support::{HOUR, assert_says, comes_again_at_once, event, of_event};

#[tokio::test(start_paused = true)]
async fn what_a_rule_cannot_deliver() {
    let stack = Stack::start().await;
    let queue = stack.queue_url("notify-customer").await;
    stack.cloud().call(Service::Sqs, "DeleteQueue", json!({ "QueueUrl": queue })).await.unwrap();

    stack.when_on_the_bus(&event()).await;
    stack.settle_within(30 * HOUR).await;

    let says = json!({
        "source": "rule", "class": "exhausted", "source_queue": "orders-notify-customer",
        "dead_letter_queue": "orders-undelivered",
    });
    let mut expected = of_event();
    expected.as_object_mut().unwrap().extend(says.as_object().unwrap().clone());
    let row = stack.then_one_failure().await;
    assert_says(&row, &[&expected], "rule notify-customer could not deliver to orders-notify-customer: ");
    assert!(row["attempt"].as_u64().unwrap() >= 1 && !row["code"].as_str().unwrap().is_empty(), "{row}");
}

#[tokio::test(start_paused = true)]
async fn a_command_that_nobody_waits_for() {
    let stack = Stack::start().await;
    let mut command = sample("orders.place-order/samples/completes.json");
    command["data"]["total_cents"] = json!(1);
    stack.when_handed_over("place-order", &command).await;
    stack.settle().await;

    let expected = json!({
        "source": "async", "function": "place-order", "class": "permanent", "code": "total_mismatch", "attempt": 3,
        "event_id": command["id"], "event_type": "orders.place-order", "derived": false,
        "dead_letter_queue": "orders-async-failures",
    });
    let row = stack.then_one_failure().await;
    assert_says(&row, &[&expected], "the lines cost 2500 cents, not 1");
    assert!(row["correlation_id"].as_str().unwrap().starts_with("cor_"));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_keeps_failing_to_be_recorded() {
    let stack = Stack::start().await;
    stack.given_death_at("record-changes", "BatchWriteItem");
    stack.given_stock("tea-green-100", 5).await;
    stack.settle_within(30 * HOUR).await;

    let expected = json!({
        "source": "stream", "function": "record-changes", "class": "exhausted", "code": "RetryAttemptsExhausted",
        "attempt": 11, "derived": true, "correlation_derived": true, "dead_letter_queue": "orders-stream-failures",
    });
    let row = stack.then_one_failure().await;
    assert_says(&row, &[&expected], "1 changes of table stock were given up (RetryAttemptsExhausted): ");
    let failure = stack.reader().failure(row["failure_id"].as_str().unwrap()).await.unwrap().unwrap();
    let refused = stack.redriver().redrive(&failure).await.unwrap_err().to_string();
    assert!(refused.contains("it holds positions in a stream, not records"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn log_lines_that_cannot_be_recorded() {
    let stack = Stack::start().await;
    stack.given_death_at("record-journal", "BatchWriteItem");
    stack.when_message("notify-customer", &event()).await;
    stack.settle_within(10 * HOUR).await;

    let rows = stack.rows("failures").await;
    assert!(!rows.is_empty());
    let expected = json!({
        "source": "async", "function": "record-journal", "class": "crashed", "code": "Runtime.ExitError", "attempt": 3, "correlation_derived": true,
        "dead_letter_queue": "orders-async-failures",
    });
    for row in &rows {
        assert_says(row, &[&expected], "");
        let body: Value = serde_json::from_str(row["body"].as_str().unwrap()).unwrap();
        assert!(body["requestPayload"]["awslogs"]["data"].is_string(), "the lines are in it: {body}");
    }
}

/// One operation is refused, with this code.
#[derive(Debug)]
struct Refuses(&'static str, &'static str);

impl Faults for Refuses {
    fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
        let error = || ServiceError::new(self.1, "told to");
        (call.operation == self.0).then(|| RequestFault::Refuse(Box::new(error())))
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_whose_start_is_refused_is_started_once_when_it_can_be() {
    let stack = Stack::start().await;
    stack.given_seed().await;
    stack.cloud().set_faults(Some(std::sync::Arc::new(Refuses("StartExecution", "ThrottlingException"))));
    stack.when_command("place-order", "orders.place-order/samples/completes.json").await.unwrap();
    stack.when_time_passes(HOUR).await;

    let saga = stack.rows_where("events", "kind", "saga").await.remove(0);
    assert!(saga["unsent"].is_string() && saga["expires_at"].is_null(), "{saga}");
    assert!(stack.rows("failures").await.is_empty(), "it waits in the outbox; it has not failed");

    stack.cloud().set_faults(None);
    stack.when_time_passes(2 * HOUR / 60).await;
    stack.settle().await;
    stack.then_order("ord_completes", "completed").await;
    assert_eq!(stack.account_of("ord_completes").await.charges.len(), 1);
    stack.then_all_is_done().await;
}

/// What cannot be sent for good is in the inbox after some minutes, and one redrive later the order is completed.
async fn refused_for_good(operation: &'static str, with: &'static str, event_type: &str, code: &str) {
    let stack = Stack::start().await;
    stack.given_seed().await;
    stack.cloud().set_faults(Some(std::sync::Arc::new(Refuses(operation, with))));
    stack.when_command("place-order", "orders.place-order/samples/completes.json").await.unwrap();
    stack.when_time_passes(HOUR / 6).await;
    stack.settle().await;

    let expected = json!({
        "status": "open", "source": "outbox", "function": "relay-outbox", "class": "permanent", "code": code, "attempt": 5,
        "event_type": event_type, "subject": "ord_completes", "derived": false, "dead_letter_queue": "orders-undelivered",
    });
    let row = stack.then_one_failure().await;
    assert_says(&row, &[&expected], "");
    assert!(row["cause"].as_str().unwrap().contains(with), "{row}");
    let correlation = row["correlation_id"].as_str().unwrap();
    assert_eq!(stack.reader().failures_of(correlation).await.unwrap().len(), 1);
    stack.then_nothing_unsent().await;

    stack.cloud().set_faults(None);
    let failure = stack.reader().failure(row["failure_id"].as_str().unwrap()).await.unwrap().unwrap();
    stack.redriver().redrive(&failure).await.unwrap();
    stack.when_time_passes(HOUR / 20).await;
    stack.settle().await;
    stack.then_order("ord_completes", "completed").await;
    assert_eq!(stack.account_of("ord_completes").await.charges.len(), 1);
    assert_eq!(stack.then_one_failure().await["status"], "redriven");
    stack.then_queues_are_empty().await;
}

#[tokio::test(start_paused = true)]
async fn a_saga_whose_start_is_refused_for_good() {
    refused_for_good("StartExecution", "StateMachineDoesNotExist", "orders.order.fulfil", "not_started").await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_the_bus_refuses_for_good() {
    refused_for_good("PutEvents", "AccessDeniedException", "orders.order.placed", "not_published").await;
}

/// A person decides that it need not be sent: then its row expires as one that was.
#[tokio::test(start_paused = true)]
async fn what_was_refused_for_good_expires_when_it_is_discarded() {
    let stack = Stack::start().await;
    stack.given_seed().await;
    let faults = Refuses("StartExecution", "StateMachineDoesNotExist");
    stack.cloud().set_faults(Some(std::sync::Arc::new(faults)));
    stack.when_command("place-order", "orders.place-order/samples/completes.json").await.unwrap();
    stack.when_time_passes(HOUR / 6).await;
    stack.settle().await;
    stack.cloud().set_faults(None);
    let saga = async || stack.rows_where("events", "kind", "saga").await.remove(0);
    assert!(saga().await["expires_at"].is_null(), "as long as it may be redriven");

    let failure = stack.reader().open_failures().await.unwrap().remove(0);
    stack.redriver().resolve(&failure, "fulfilled by hand").await.unwrap();
    let expires_at = saga().await["expires_at"].as_i64().unwrap();
    let month = stack.cloud().clock().now().as_second() + 30 * 24 * 60 * 60;
    assert!((month - 60..=month).contains(&expires_at), "{expires_at}");
    stack.then_nothing_unsent().await;
    assert_eq!(stack.then_one_failure().await["status"], "resolved");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_cannot_be_recorded_for_an_hour_is_recorded_then() {
    let stack = Stack::start().await;
    stack.given_death_at("record-failure", "PutItem");
    stack.when_message("notify-customer", &json!("no event")).await;
    stack.when_time_passes(HOUR).await;
    assert!(stack.rows("failures").await.is_empty());
    stack.given_peace("record-failure");
    stack.settle().await;
    assert_eq!(stack.then_one_failure().await["function"], "notify-customer");
    stack.then_queues_are_empty().await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_can_never_be_recorded_waits_for_a_person() {
    let stack = Stack::start().await;
    stack.given_death_at("record-failure", "PutItem");
    comes_again_at_once(&stack, "notify-customer-dead").await;
    stack.when_message("notify-customer", &json!("no event")).await;
    stack.settle_within(10 * HOUR).await;
    let url = stack.queue_url("last-resort").await;
    let input = json!({ "QueueUrl": url, "MessageAttributeNames": ["All"] });
    let answer = stack.cloud().call(Service::Sqs, "ReceiveMessage", input).await.unwrap();
    let reason = answer["Messages"][0]["MessageAttributes"]["reason"]["StringValue"].as_str().unwrap();
    assert!(reason.contains(r#""function":"notify-customer""#), "{reason}");
}
