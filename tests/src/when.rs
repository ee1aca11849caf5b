//! What happens in a story.

use std::time::Duration;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::{Value, json};

use crate::samples::sample;
use crate::stack::Stack;

/// What an invocation was answered.
pub type Answer = Result<Value, Refusal>;

/// A function's error, as Lambda tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `errorType`.
    pub code: String,
    /// `errorMessage`.
    pub message: String,
}

impl Stack {
    /// A client invokes a function with a file under `events/` and waits for the answer.
    ///
    /// # Panics
    /// Lambda does not take the invocation.
    pub async fn when_command(&self, function: &str, path: &str) -> Answer {
        self.when_invoked(function, &sample(path)).await
    }

    /// A function is invoked with a payload.
    ///
    /// # Panics
    /// Lambda does not take the invocation.
    pub async fn when_invoked(&self, function: &str, payload: &Value) -> Answer {
        let invoke = self.lambda().invoke().function_name(self.name(function));
        let payload = self.marks.text(&payload.to_string());
        let output = invoke.payload(Blob::new(payload)).send().await.unwrap();
        let answer = output.payload().map(|blob| serde_json::from_slice(blob.as_ref()).unwrap()).unwrap_or_default();
        let answer = self.marks.plain(&answer);
        match output.function_error() {
            None => Ok(answer),
            Some(_) => Err(refusal(&answer)),
        }
    }

    /// A function is invoked with a payload, and nobody waits for the answer.
    ///
    /// # Panics
    /// Lambda does not take the invocation.
    pub async fn when_handed_over(&self, function: &str, payload: &Value) {
        let invoke = self.lambda().invoke().function_name(self.name(function)).invocation_type(InvocationType::Event);
        invoke.payload(Blob::new(self.marks.text(&payload.to_string()))).send().await.unwrap();
    }

    /// An event, a file under `events/`, is published as a function would: to the bus and, if it is ordered, to the
    /// ordered queue.
    ///
    /// # Panics
    /// It is not taken.
    pub async fn when_published(&self, path: &str) {
        let event = sample(path);
        self.when_on_the_bus(&event).await;
        if let Some(key) = event["partitionkey"].as_str() {
            self.when_ordered(&event, key).await;
        }
    }

    /// An event is put on the bus.
    ///
    /// # Panics
    /// It is not taken.
    pub async fn when_on_the_bus(&self, event: &Value) {
        let text = |name: &str| event[name].as_str().unwrap();
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(self.name("events"))
            .source(text("source"))
            .detail_type(text("type"))
            .detail(self.marks.text(&event.to_string()))
            .build();
        let output = self.events().put_events().entries(entry).send().await.unwrap();
        assert_eq!(output.failed_entry_count(), 0, "{output:?}");
    }

    /// An event is sent to the ordered queue, in a group of the sender's choice.
    ///
    /// # Panics
    /// It is not taken.
    pub async fn when_ordered(&self, event: &Value, group: &str) {
        let event = self.marks.value(event);
        let send = self.sqs().send_message().queue_url(self.queue_url("project-order.fifo").await);
        // The mark keeps the group of one story from holding up another's.
        let send = send.message_group_id(format!("{group}{}", self.marks.mark()));
        let send = send.message_deduplication_id(event["id"].as_str().unwrap());
        send.message_body(event.to_string()).send().await.unwrap();
    }

    /// Any text is sent to a standard queue.
    ///
    /// # Panics
    /// It is not taken.
    pub async fn when_message(&self, queue: &str, body: &Value) {
        let send = self.sqs().send_message().queue_url(self.queue_url(queue).await);
        let sent = send.message_body(self.marks.text(&body.to_string())).send().await.unwrap();
        self.sent(sent.message_id());
    }

    /// Nobody does anything for a while; schedules run.
    pub async fn when_time_passes(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

fn refusal(answer: &Value) -> Refusal {
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    Refusal { code: text("errorType"), message: text("errorMessage") }
}

impl From<Refusal> for Value {
    fn from(refusal: Refusal) -> Self {
        json!({ "errorType": refusal.code, "errorMessage": refusal.message })
    }
}
