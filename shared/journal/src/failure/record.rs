//! Recording a dead letter.

use aws_lambda_events::event::sqs::SqsMessage;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use jiff::Timestamp;
use serde_json::Value;
use throughline_telemetry::JournalLine;

use super::derive::derive;
use super::letter::{DeadLetter, attributes, last_part, sent_at};
use super::{Failure, FailureClass, fingerprint};
use crate::attribute::item;
use crate::batch::WriteError;
use crate::keys::{Tables, day_key, expiry, hash, key_time, short_name};
use crate::read::{ReadError, Reader};
use crate::row::{Fields, Report};

/// Days for which a failure is kept.
const FAILURE_DAYS: i64 = 90;
/// Partitions of the inbox.
const SHARDS: u8 = 4;
/// Bytes of a body that fit a row beside everything else. SQS takes a megabyte, DynamoDB 400 KB.
const LARGEST_BODY: usize = 340_000;

/// Writes the row, unless it is there: one that is redriven or resolved is not opened again by a second delivery.
pub(crate) async fn record(
    client: &Client,
    tables: &Tables,
    message: &SqsMessage,
    now: Timestamp,
) -> Result<Failure, WriteError> {
    let letter = DeadLetter::of(message);
    let mut failure = read(&letter, message, tables.stack(), now);
    if failure.code.is_empty() {
        let (last, report) = evidence(client, tables, &failure).await?;
        derive(&mut failure, last.as_ref(), report.as_ref());
    }
    failure.fingerprint = fingerprint(&failure.function, &failure.code, &failure.cause);
    let put = client.put_item().table_name(&tables.failures).set_item(Some(item(&row(&failure))));
    match put.condition_expression("attribute_not_exists(failure_id)").send().await {
        Ok(_) => Ok(failure),
        Err(error) if matches!(error.as_service_error(), Some(PutItemError::ConditionalCheckFailedException(_))) => {
            Ok(failure)
        }
        Err(error) => Err(Box::new(error).into()),
    }
}

/// What the message says.
pub(super) fn read(letter: &DeadLetter, message: &SqsMessage, stack: &str, now: Timestamp) -> Failure {
    let body = message.body.as_deref().unwrap_or_default();
    let queue = last_part(message.event_source_arn.as_deref().unwrap_or("unknown"));
    let id = message.message_id.as_deref().unwrap_or_default();
    let failed_at = sent_at(message).unwrap_or(now);
    let mut failure = Failure {
        failure_id: format!("fail_{}", hash(&[queue, id])),
        dead_letter_queue: queue.to_owned(),
        message_id: Some(id.to_owned()).filter(|id| !id.is_empty()),
        body: body.to_owned(),
        attributes: attributes(message),
        function: "unknown".into(),
        failed_at,
        recorded_at: now,
        ..Failure::default()
    };
    if let Some(event) = letter.event(body) {
        failure.correlation_id = Some(event.correlation_id.to_string());
        failure.event_id = Some(event.id.to_string());
        failure.event_type = Some(event.event_type);
        failure.subject = event.subject;
    }
    fill(&mut failure, letter, stack);
    failure
}

fn fill(failure: &mut Failure, letter: &DeadLetter, stack: &str) {
    match letter {
        DeadLetter::Parked(reason) => parked(failure, reason),
        DeadLetter::Invocation(record) => {
            "async".clone_into(&mut failure.source);
            invocation(failure, record, stack);
            // What the function answered with; a crash has no answer of its own.
            failure.class = FailureClass::Exhausted;
            failure.code = text(record, "/responsePayload/errorType").unwrap_or_default();
            failure.cause = text(record, "/responsePayload/errorMessage").unwrap_or_default();
        }
        DeadLetter::Stream(record) => {
            "stream".clone_into(&mut failure.source);
            invocation(failure, record, stack);
            let condition = text(record, "/requestContext/condition").unwrap_or_else(|| "unknown".into());
            failure.class = FailureClass::Exhausted;
            failure.cause = format!("a batch of the stream was given up: {condition}");
            failure.code = condition;
            failure.derived = true;
        }
        DeadLetter::Rule { rule, target, code, message } => {
            "rule".clone_into(&mut failure.source);
            let rule = short_name(stack, rule.rsplit('/').next().unwrap_or(rule));
            failure.function = rule.to_owned();
            failure.source_queue = Some(last_part(target).to_owned());
            failure.class = FailureClass::Exhausted;
            failure.code.clone_from(code);
            failure.cause = format!("rule {rule} could not deliver to {}: {message}", last_part(target));
        }
        DeadLetter::Redriven { source_queue } => {
            "queue".clone_into(&mut failure.source);
            failure.source_queue.clone_from(source_queue);
        }
    }
}

fn parked(failure: &mut Failure, reason: &Value) {
    let said = |name: &str| text(reason, &format!("/{name}")).filter(|text| !text.is_empty());
    "queue".clone_into(&mut failure.source);
    failure.code = said("code").unwrap_or_else(|| "unknown".into());
    failure.cause = said("cause").unwrap_or_default();
    failure.class = match said("class").as_deref() {
        Some("permanent") => FailureClass::Permanent,
        Some("poison") => FailureClass::Poison,
        _ => FailureClass::Exhausted,
    };
    failure.function = said("function").unwrap_or_else(|| "unknown".into());
    failure.attempt = reason.get("attempt").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    failure.correlation_id = said("correlation_id").or_else(|| failure.correlation_id.take());
    failure.event_id = said("event_id").or_else(|| failure.event_id.take());
    failure.event_type = said("event_type").or_else(|| failure.event_type.take());
    failure.subject = said("subject").or_else(|| failure.subject.take());
    failure.source_queue = said("source_queue");
    failure.request_id = said("request_id");
    failure.message_id = said("message_id").or_else(|| failure.message_id.take());
    if let Some(time) = said("failed_at").and_then(|text| text.parse().ok()) {
        failure.failed_at = time;
    }
}

fn invocation(failure: &mut Failure, record: &Value, stack: &str) {
    failure.request_id = text(record, "/requestContext/requestId");
    // arn:aws:lambda:region:account:function:name:version
    let arn = text(record, "/requestContext/functionArn").unwrap_or_default();
    failure.function = short_name(stack, arn.split(':').nth(6).unwrap_or("unknown")).to_owned();
    let count = record.pointer("/requestContext/approximateInvokeCount").and_then(Value::as_u64);
    failure.attempt = count.and_then(|count| u32::try_from(count).ok());
    if let Some(time) = text(record, "/timestamp").and_then(|time| time.parse().ok()) {
        failure.failed_at = time;
    }
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

/// The last journal line of the event, or of the invocation, and Lambda's report of it.
async fn evidence(
    client: &Client,
    tables: &Tables,
    failure: &Failure,
) -> Result<(Option<JournalLine>, Option<Report>), ReadError> {
    let reader = Reader::new(client.clone(), tables.clone());
    let mut rows = match &failure.event_id {
        Some(event) => reader.by_event(event).await?,
        None => crate::Rows::default(),
    };
    if let Some(request) = failure.request_id.as_ref().filter(|_| rows.lines.is_empty()) {
        rows = reader.by_request(request).await?;
    }
    let ours = |line: &&JournalLine| match &failure.source_queue {
        Some(queue) => line.queue.as_ref() == Some(queue),
        None => failure.function == "unknown" || line.function == failure.function,
    };
    let last = rows.lines.iter().filter(ours).max_by_key(|line| line.time).cloned();
    let request = last.as_ref().and_then(|line| line.request_id.clone()).or_else(|| failure.request_id.clone());
    let report = match request {
        Some(request) => reader.by_request(&request).await?.reports.into_iter().next_back(),
        None => None,
    };
    Ok((last, report))
}

/// The row as the table has it.
pub(super) fn row(failure: &Failure) -> Fields {
    let Ok(Value::Object(mut row)) = serde_json::to_value(failure) else { return Fields::new() };
    if failure.body.len() > LARGEST_BODY {
        let body: String = failure.body.chars().take(LARGEST_BODY / 4).collect();
        row.insert("body".into(), body.into());
        row.insert("body_cut".into(), true.into());
    }
    row.insert("inbox".into(), format!("open#{}", shard(&failure.failure_id)).into());
    row.insert("function_day".into(), day_key(&failure.function, failure.failed_at).into());
    row.insert("failed_at".into(), key_time(failure.failed_at).into());
    row.insert("recorded_at".into(), key_time(failure.recorded_at).into());
    row.insert("expires_at".into(), expiry(failure.recorded_at, FAILURE_DAYS).into());
    row
}

fn shard(failure_id: &str) -> u8 {
    hash(&[failure_id]).bytes().next().unwrap_or_default() % SHARDS
}
