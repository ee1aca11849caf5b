//! Parking: a message that cannot be handled goes to the dead-letter queue with its reason, then it is acknowledged.

use aws_lambda_events::event::sqs::SqsMessage;
use aws_sdk_sqs::types::MessageAttributeValue;
use serde_json::json;
use throughline_effects::{Failure, World};

use crate::attempt::Lines;

/// Characters of a cause that travel with a parked message. The journal has all of it.
const CAUSE_CHARACTERS: usize = 1024;

/// Whether a record came from a FIFO queue.
pub(super) fn is_fifo(record: &SqsMessage) -> bool {
    record.event_source_arn.as_deref().is_some_and(|arn| arn.ends_with(".fifo"))
}

/// The queue's name, from the record's ARN.
pub(super) fn queue_name(record: &SqsMessage) -> &str {
    record.event_source_arn.as_deref().and_then(|arn| arn.rsplit(':').next()).unwrap_or("unknown")
}

/// Sends the record to the function's dead-letter queue; `class` is `permanent`, `poison` or `exhausted`. Answers the queue's name.
pub(super) async fn park(
    world: &World,
    function: &str,
    record: &SqsMessage,
    lines: &Lines<'_>,
    failure: &Failure,
    class: &str,
    attempt: u32,
) -> Result<String, Failure> {
    let url = world.settings().text("THROUGHLINE_DEAD_LETTER_QUEUE")?;
    let shared = lines.shared();
    let cause: String = failure.cause().chars().take(CAUSE_CHARACTERS).collect();
    let reason = json!({
        "code": failure.code(),
        "class": class,
        "cause": cause,
        "function": function,
        "attempt": attempt,
        "correlation_id": shared.correlation_id,
        "event_id": shared.event_id,
        "event_type": shared.event_type,
        "subject": shared.subject,
        "source_queue": queue_name(record),
        "message_id": record.message_id,
        "request_id": shared.request_id,
        "failed_at": world.ambient().now(),
    });
    let mut request = world
        .clients()
        .sqs()
        .send_message()
        .queue_url(url)
        .message_body(record.body.as_deref().unwrap_or_default())
        .message_attributes("code", text(failure.code())?)
        .message_attributes("function", text(function)?)
        .message_attributes("reason", text(&reason.to_string())?);
    if is_fifo(record) {
        request = request
            .set_message_group_id(record.attributes.get("MessageGroupId").cloned())
            .set_message_deduplication_id(record.message_id.clone());
    }
    request.send().await?;
    Ok(url.rsplit('/').next().unwrap_or(url).to_owned())
}

fn text(value: &str) -> Result<MessageAttributeValue, Failure> {
    Ok(MessageAttributeValue::builder().data_type("String").string_value(value).build()?)
}
