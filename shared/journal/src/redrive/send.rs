//! Where a failure is sent, and how.

use aws_sdk_sqs::types::MessageAttributeValue;
use serde_json::{Value, json};

use super::{RedriveError, Redriver};
use crate::failure::{Failure, OutboxRow};

/// How a failure is tried again.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Way {
    /// Its body is sent to this queue.
    Queue {
        /// The queue's name.
        queue: String,
    },
    /// A row of the event store goes back into the outbox; the relay sends it.
    Outbox(OutboxRow),
    /// A function is invoked, and nobody waits for the answer.
    Invocation {
        /// The function, by its name in the code.
        function: String,
        /// What it was given.
        payload: Value,
    },
}

impl Redriver {
    /// How a failure is tried again.
    ///
    /// # Errors
    /// Not at all: records of a stream are known by their position only, a body that was too large is not kept whole, and a message
    /// that no queue is known of cannot go back.
    pub fn way(&self, failure: &Failure) -> Result<Way, RedriveError> {
        if failure.body_cut {
            return Err(RedriveError::not_redrivable(failure, "its body is too large to have been kept whole"));
        }
        match failure.source.as_str() {
            "stream" => {
                let why = "it holds positions in a stream, not records; what they changed stands in the table";
                Err(RedriveError::not_redrivable(failure, why))
            }
            "async" => {
                let record: Value = serde_json::from_str(&failure.body).unwrap_or_default();
                let payload = record.get("requestPayload").cloned();
                let payload =
                    payload.ok_or_else(|| RedriveError::not_redrivable(failure, "it does not say what was asked"))?;
                Ok(Way::Invocation { function: failure.function.clone(), payload })
            }
            "outbox" => {
                let row = failure.row.clone();
                Ok(Way::Outbox(row.ok_or_else(|| RedriveError::not_redrivable(failure, "its row is not known"))?))
            }
            _ => {
                let queue = failure.source_queue.clone();
                let queue = queue.ok_or_else(|| RedriveError::not_redrivable(failure, "its queue is not known"))?;
                Ok(Way::Queue { queue })
            }
        }
    }

    /// Sends the body with the group that it had. Twice within five minutes is once in a FIFO queue: the deduplication id is the
    /// failure's.
    pub(super) async fn send(&self, failure: &Failure, queue: &str) -> Result<String, RedriveError> {
        let found = self.sqs.get_queue_url().queue_name(queue).send().await;
        let found =
            found.map_err(|source| RedriveError::Queue { queue: queue.to_owned(), source: Box::new(source) })?;
        let said = said(failure).to_string();
        let mut request = self.sqs.send_message().queue_url(found.queue_url.unwrap_or_default());
        request = request.message_body(&failure.body);
        if let Ok(said) = MessageAttributeValue::builder().data_type("String").string_value(said).build() {
            request = request.message_attributes("redrive", said);
        }
        if queue.ends_with(".fifo") {
            let group = failure.attributes.get("MessageGroupId").and_then(Value::as_str);
            request = request.set_message_group_id(group.map(str::to_owned));
            request = request.message_deduplication_id(&failure.failure_id);
        }
        let sent = request.send().await;
        let sent = sent.map_err(|source| RedriveError::Send { queue: queue.to_owned(), source: Box::new(source) })?;
        Ok(sent.message_id.unwrap_or_default())
    }
}

/// What travels with the message, so that a failure of it is known as one of a redrive; with the correlation id of what has none.
fn said(failure: &Failure) -> Value {
    match &failure.correlation_id {
        Some(correlation) if failure.correlation_derived => {
            json!({ "of": failure.failure_id, "times": failure.redrives + 1, "correlation_id": correlation })
        }
        _ => json!({ "of": failure.failure_id, "times": failure.redrives + 1 }),
    }
}
