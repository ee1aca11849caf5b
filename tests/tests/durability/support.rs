//! What the suites share.

use std::future::Future;
use std::time::Duration;

use serde_json::{Value, json};
use throughline_effects::{Effects, Failure};
use throughline_envelope::Event;
use throughline_orders::OrderCompleted;
use throughline_runtime::Function;
use throughline_sandbox::Service;
use throughline_tests::{Stack, sample};

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

/// The event whose ways to die are told: `orders.order.completed`.
pub(crate) fn event() -> Value {
    sample("orders.order.completed/samples/v1.json")
}

/// `notify-customer` with other code.
pub(crate) fn given_notify<F, Fut>(stack: &Stack, handler: F)
where
    F: Fn(Event<OrderCompleted>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Effects, Failure>> + Send + 'static,
{
    stack.given_code(move || Function::queue("notify-customer", handler.clone()));
}

/// A message that was not acknowledged comes again after a second.
pub(crate) async fn comes_again_at_once(stack: &Stack, queue: &str) {
    let input = json!({ "QueueUrl": stack.queue_url(queue).await, "Attributes": { "VisibilityTimeout": "1" } });
    stack.cloud().call(Service::Sqs, "SetQueueAttributes", input).await.unwrap();
}

/// What every failure of the event at `notify-customer` says.
pub(crate) fn of_event() -> Value {
    let event = event();
    json!({
        "status": "open", "source": "queue", "function": "notify-customer", "source_queue": "orders-notify-customer",
        "dead_letter_queue": "orders-notify-customer-dead", "event_id": event["id"], "event_type": event["type"],
        "correlation_id": event["correlationid"], "subject": event["subject"], "derived": false,
    })
}

/// The row has these members, and `cause` begins so.
pub(crate) fn assert_says(row: &Value, expected: &[&Value], cause: &str) {
    for (name, value) in expected.iter().flat_map(|expected| expected.as_object().unwrap()) {
        assert_eq!(&row[name], value, "{name} of {row}");
    }
    assert!(row["cause"].as_str().unwrap().starts_with(cause), "{row}");
}
