//! How a workflow begins, and the client that begins it.

use std::time::Duration;

use serde_json::{Value, json};
use throughline_sandbox::{Cloud, Service, ServiceError};

use super::id::WorkflowId;

/// The first request of a workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct Start(What);

#[derive(Debug, Clone, PartialEq)]
enum What {
    Invoke { function: String, payload: Value },
    Event { bus: String, event: Value },
    Message { queue: String, body: Value, group: Option<String> },
}

impl Start {
    /// A function is invoked, and its answer waited for.
    pub fn invoke(function: &str, payload: Value) -> Self {
        Self(What::Invoke { function: function.to_owned(), payload })
    }

    /// A `CloudEvent` is put on a bus.
    pub fn event(bus: &str, event: Value) -> Self {
        Self(What::Event { bus: bus.to_owned(), event })
    }

    /// A message is sent to a standard queue.
    pub fn message(queue: &str, body: Value) -> Self {
        Self(What::Message { queue: queue.to_owned(), body, group: None })
    }

    /// A message is sent to a FIFO queue.
    pub fn ordered(queue: &str, body: Value, group: &str) -> Self {
        Self(What::Message { queue: queue.to_owned(), body, group: Some(group.to_owned()) })
    }
}

/// What a client knows of the workflow that it began.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Began {
    /// It was taken: with a function's answer, else with null.
    Accepted(Value),
    /// A function refused it for good, with this code.
    Refused(String),
    /// The client gave up without knowing.
    Unknown,
}

/// How long a client waits before it asks again for the first time; then twice as long each time.
const AGAIN: Duration = Duration::from_secs(1);

/// A client: it asks again, with the same ids, until it has an answer or no more attempts.
pub(crate) async fn begin(cloud: &Cloud, stack: &str, start: &Start, workflow: WorkflowId, attempts: u32) -> Began {
    let mut wait = AGAIN;
    for attempt in 1..=attempts {
        if let Some(began) = ask(cloud, stack, start, workflow).await {
            return began;
        }
        if attempt < attempts {
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }
    Began::Unknown
}

async fn ask(cloud: &Cloud, stack: &str, start: &Start, workflow: WorkflowId) -> Option<Began> {
    let sent = |answer: Result<Value, ServiceError>| answer.ok().map(|_| Began::Accepted(Value::Null));
    match &start.0 {
        What::Invoke { function, payload } => {
            let input = json!({ "FunctionName": format!("{stack}-{function}"), "Payload": payload.to_string() });
            answered(&cloud.call(Service::Lambda, "Invoke", input).await.ok()?)
        }
        What::Event { bus, event } => {
            let member = |name: &str| event.get(name).cloned().unwrap_or_default();
            let entry = json!({
                "EventBusName": format!("{stack}-{bus}"), "Source": member("source"), "DetailType": member("type"),
                "Detail": event.to_string(),
            });
            sent(cloud.call(Service::EventBridge, "PutEvents", json!({ "Entries": [entry] })).await)
        }
        What::Message { queue, body, group } => {
            let name = json!({ "QueueName": format!("{stack}-{queue}") });
            let url = cloud.call(Service::Sqs, "GetQueueUrl", name).await.ok()?;
            let mut input = json!({ "QueueUrl": url.get("QueueUrl"), "MessageBody": body.to_string() });
            if let (Some(group), Value::Object(members)) = (group, &mut input) {
                members.insert("MessageGroupId".into(), group.clone().into());
                members.insert("MessageDeduplicationId".into(), workflow.to_string().into());
            }
            sent(cloud.call(Service::Sqs, "SendMessage", input).await)
        }
    }
}

/// `None`: it may be worth asking again.
fn answered(answer: &Value) -> Option<Began> {
    let payload = answer.get("Payload").and_then(Value::as_str).unwrap_or_default();
    let payload: Value = serde_json::from_str(payload).unwrap_or_default();
    if answer.get("FunctionError").is_none() {
        return Some(Began::Accepted(payload));
    }
    let kind = payload.get("errorType").and_then(Value::as_str).unwrap_or_default();
    let transient = ["", "Transient", "Unavailable", "CircuitOpen"].contains(&kind)
        || ["Runtime.", "Sandbox.", "Lambda."].iter().any(|platform| kind.starts_with(platform));
    (!transient).then(|| Began::Refused(kind.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(error_type: Option<&str>) -> Value {
        let Some(kind) = error_type else { return json!({ "StatusCode": 200, "Payload": r#"{"order": 1}"# }) };
        let payload = json!({ "errorType": kind, "errorMessage": "no" }).to_string();
        json!({ "StatusCode": 200, "FunctionError": "Unhandled", "Payload": payload })
    }

    #[test]
    fn a_client_asks_again_unless_it_is_refused_for_good() {
        assert_eq!(answered(&answer(None)), Some(Began::Accepted(json!({ "order": 1 }))));
        for again in
            ["Transient", "Unavailable", "CircuitOpen", "Runtime.ExitError", "Sandbox.Timedout", "Lambda.Unknown"]
        {
            assert_eq!(answered(&answer(Some(again))), None, "{again}");
        }
        for refused in ["Business", "Poison"] {
            assert_eq!(answered(&answer(Some(refused))), Some(Began::Refused(refused.to_owned())));
        }
        let cut_off = json!({ "StatusCode": 200, "FunctionError": "Unhandled", "Payload": "no JSON" });
        assert_eq!(answered(&cut_off), None);
    }
}
