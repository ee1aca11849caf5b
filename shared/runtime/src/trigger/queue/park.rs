//! Parking: a message that cannot be handled goes to the dead-letter queue with its reason, then it is acknowledged.

use aws_sdk_sqs::types::MessageAttributeValue;
use serde_json::{Value, json};
use throughline_effects::{Failure, IdempotencyKey, Place, WAITS_BEHIND, World};

use crate::attempt::Lines;
use crate::trigger::Message;

/// Characters of a cause that travel with a parked message. The journal has all of it.
const CAUSE_CHARACTERS: usize = 1024;

/// A message that is given up, and why.
pub(super) struct Letter<'a> {
    pub(super) record: &'a Message,
    pub(super) lines: &'a Lines<'a>,
    /// The key under which its event is done once; none where it is no event.
    pub(super) key: Option<&'a IdempotencyKey>,
    /// Its place in the order of its key, at a consumer that parks in sequence.
    pub(super) place: Option<&'a Place>,
    pub(super) failure: &'a Failure,
    /// `permanent`, `poison` or `exhausted`.
    pub(super) class: &'a str,
    pub(super) attempt: u32,
}

impl Letter<'_> {
    /// Why, as it travels with the message.
    pub(super) fn reason(&self, world: &World, function: &str) -> Value {
        let cause: String = self.failure.cause().chars().take(CAUSE_CHARACTERS).collect();
        let event = self.lines.event();
        let mut reason = json!({
            "code": self.failure.code(),
            "class": self.class,
            "cause": cause,
            "function": function,
            "attempt": self.attempt,
            "correlation_id": event.map(|event| &event.correlation_id),
            "event_id": event.map(|event| &event.id),
            "event_type": event.map(|event| &event.event_type),
            "subject": event.and_then(|event| event.subject.as_ref()),
            "source_queue": self.record.queue().unwrap_or("unknown"),
            "message_id": self.record.message_id,
            "request_id": self.lines.request_id(),
            "failed_at": world.ambient().now(),
        });
        if let Some(place) = self.place {
            add(&mut reason, "parked_key", json!(place.key.group));
            add(&mut reason, "sequence", json!(place.sequence));
        }
        if let Some(redrive) = redrive(self.record) {
            add(&mut reason, "redrive", redrive);
        }
        reason
    }

    /// Why a message waits: for the event that its key is parked for.
    pub(super) fn waiting(&self, world: &World, function: &str, head: Option<&str>) -> (Failure, Value) {
        let ahead = head.unwrap_or("what was parked before it");
        let failure =
            Failure::transient(WAITS_BEHIND, format!("waits behind {ahead}: its key is parked at {function}"));
        let letter = Letter { failure: &failure, class: "waiting", attempt: 1, ..*self };
        let mut reason = letter.reason(world, function);
        add(&mut reason, "waits_for", json!(head));
        (failure, reason)
    }
}

fn add(reason: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = reason {
        members.insert(name.to_owned(), value);
    }
}

/// What a redrive said of a message that it sent: `{"of": failure id, "times": how often}`.
fn redrive(record: &Message) -> Option<Value> {
    let text = record.redrive()?;
    serde_json::from_str(text).ok()
}

/// Sends the record to the function's dead-letter queue with its reason. Answers the queue's name.
pub(super) async fn send(world: &World, record: &Message, reason: &Value) -> Result<String, Failure> {
    let url = world.settings().text("THROUGHLINE_DEAD_LETTER_QUEUE")?;
    let said = |name: &str| reason.get(name).and_then(Value::as_str).unwrap_or("unknown").to_owned();
    let mut request = world
        .clients()
        .sqs()
        .send_message()
        .queue_url(url)
        .message_body(record.body())
        .message_attributes("code", text(&said("code"))?)
        .message_attributes("function", text(&said("function"))?)
        .message_attributes("reason", text(&reason.to_string())?);
    if record.is_fifo() {
        request = request
            .set_message_group_id(record.group().cloned())
            .set_message_deduplication_id(record.message_id.clone());
    }
    request.send().await?;
    Ok(url.rsplit('/').next().unwrap_or(url).to_owned())
}

fn text(value: &str) -> Result<MessageAttributeValue, Failure> {
    Ok(MessageAttributeValue::builder().data_type("String").string_value(value).build()?)
}
