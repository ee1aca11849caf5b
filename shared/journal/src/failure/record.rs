//! Recording a dead letter.

use aws_lambda_events::event::sqs::SqsMessage;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use jiff::Timestamp;
use serde_json::Value;
use throughline_envelope::CorrelationId;
use throughline_telemetry::JournalLine;

use super::derive::{add_report, derive};
use super::letter::{DeadLetter, attributes, last_part, sent_at};
use super::{Failure, FailureClass, failure_id, fingerprint};
use crate::attribute::item;
use crate::batch::WriteError;
use crate::keys::{Tables, day_key, hash, key_time, short_name};
use crate::read::{ReadError, Reader};
use crate::row::{Fields, Report};

/// Days for which a failure is kept once it is settled. One that is open does not expire.
pub(crate) const FAILURE_DAYS: i64 = 90;
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
        name_function(&mut failure, tables.stack());
    } else if failure.class == FailureClass::Crashed {
        let report = last_crash(client, tables, &failure).await?;
        add_report(&mut failure, report.as_ref());
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
    redriven(&mut failure, letter, message);
    // By the message as it was in its own queue: one that is parked twice, because it was not acknowledged in between, is one failure.
    failure.failure_id = failure_id(queue, failure.message_id.as_deref().unwrap_or(id));
    failure
}

fn fill(failure: &mut Failure, letter: &DeadLetter, stack: &str) {
    match letter {
        DeadLetter::Parked(reason) => parked(failure, reason),
        DeadLetter::Invocation(record) => {
            "async".clone_into(&mut failure.source);
            invocation(failure, record, stack);
            answered(failure, record);
        }
        DeadLetter::Stream(record) => {
            "stream".clone_into(&mut failure.source);
            invocation(failure, record, stack);
            let condition = text(record, "/requestContext/condition").unwrap_or_else(|| "unknown".into());
            failure.class = FailureClass::Exhausted;
            failure.cause = positions(record, stack, &condition);
            failure.code = condition;
            failure.derived = true;
        }
        DeadLetter::Rule { rule, target, code, message, retries } => {
            "rule".clone_into(&mut failure.source);
            let rule = short_name(stack, rule.rsplit('/').next().unwrap_or(rule));
            failure.function = rule.to_owned();
            failure.source_queue = Some(last_part(target).to_owned());
            failure.class = FailureClass::Exhausted;
            failure.attempt = Some(retries + 1);
            failure.code.clone_from(code);
            failure.cause = format!("rule {rule} could not deliver to {}: {message}", last_part(target));
        }
        DeadLetter::Redriven { source_queue } => {
            "queue".clone_into(&mut failure.source);
            failure.source_queue.clone_from(source_queue);
        }
    }
}

/// What a function answered to an asynchronous invocation: `errorType` is the class, or a permanent failure's code, and the message
/// begins with the code. A crash has an error of Lambda's (`Runtime.ExitError`), or no answer at all.
fn answered(failure: &mut Failure, record: &Value) {
    let kind = text(record, "/responsePayload/errorType").unwrap_or_default();
    let message = text(record, "/responsePayload/errorMessage").unwrap_or_default();
    failure.class = match kind.as_str() {
        "Transient" | "Unavailable" | "CircuitOpen" => FailureClass::Exhausted,
        "Poison" => FailureClass::Poison,
        kind if kind.is_empty() || kind.contains('.') => FailureClass::Crashed,
        _ => FailureClass::Permanent,
    };
    (failure.code, failure.cause) = match message.split_once(": ") {
        Some((code, cause)) if failure.class != FailureClass::Crashed => (code.to_owned(), cause.to_owned()),
        _ => (kind, message),
    };
}

/// Which records of which table a stream's batch had; the records themselves are not in the message.
fn positions(record: &Value, stack: &str, condition: &str) -> String {
    let info = |name: &str| text(record, &format!("/DDBStreamBatchInfo/{name}")).unwrap_or_else(|| "unknown".into());
    let arn = info("streamArn");
    let table = short_name(stack, arn.split('/').nth(1).unwrap_or("unknown")).to_owned();
    let count = record.pointer("/DDBStreamBatchInfo/batchSize").and_then(Value::as_u64).unwrap_or_default();
    format!(
        "{count} changes of table {table} were given up ({condition}): {} to {} of shard {}; the table has them, the journal does not",
        info("startSequenceNumber"),
        info("endSequenceNumber"),
        info("shardId")
    )
}

fn parked(failure: &mut Failure, reason: &Value) {
    let said = |name: &str| text(reason, &format!("/{name}")).filter(|text| !text.is_empty());
    failure.source = said("source").unwrap_or_else(|| "queue".into());
    failure.row = reason.get("row").and_then(|row| serde_json::from_value(row.clone()).ok());
    failure.code = said("code").unwrap_or_else(|| "unknown".into());
    failure.cause = said("cause").unwrap_or_default();
    failure.class = match said("class").as_deref() {
        Some("permanent") => FailureClass::Permanent,
        Some("poison") => FailureClass::Poison,
        Some("waiting") => FailureClass::Waiting,
        Some("crashed") => FailureClass::Crashed,
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
    failure.parked_key = said("parked_key");
    failure.sequence = reason.get("sequence").and_then(Value::as_u64);
    failure.waits_for = said("waits_for");
    if let Some(time) = said("failed_at").and_then(|text| text.parse().ok()) {
        failure.failed_at = time;
    }
}

/// What a redrive said of the message that it sent, and the correlation id of what has none: a redrive keeps it.
fn redriven(failure: &mut Failure, letter: &DeadLetter, message: &SqsMessage) {
    let redrive = match letter {
        DeadLetter::Parked(reason) => reason.get("redrive").cloned(),
        _ => message
            .message_attributes
            .get("redrive")
            .and_then(|said| serde_json::from_str(said.string_value.as_deref()?).ok()),
    };
    let redrive = redrive.unwrap_or_default();
    failure.redrive_of = text(&redrive, "/of");
    let times = redrive.get("times").and_then(Value::as_u64);
    failure.redrives = times.and_then(|times| u32::try_from(times).ok()).unwrap_or_default();
    if failure.correlation_id.is_none() {
        failure.correlation_derived = true;
        failure.correlation_id = text(&redrive, "/correlation_id").or_else(|| derived_correlation(failure));
    }
}

/// By the message as it was in its own queue; an invocation's letter has a message of its own each time, so there the request counts.
fn derived_correlation(failure: &Failure) -> Option<String> {
    let request = failure.request_id.as_ref().filter(|_| failure.source != "queue");
    let delivery = request.or(failure.message_id.as_ref())?;
    Some(CorrelationId::of_delivery(delivery).to_string())
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
    let mut rows = match (&failure.event_id, &failure.correlation_id) {
        (Some(event), _) => reader.by_event(event).await?,
        (None, Some(correlation)) => reader.by_correlation(correlation).await?,
        (None, None) => crate::Rows::default(),
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

/// Where nobody said a word, the queue's name tells whose it is: a function's queue is named for it.
fn name_function(failure: &mut Failure, stack: &str) {
    let queue = failure.source_queue.as_deref().or(failure.dead_letter_queue.strip_suffix("-dead"));
    if let Some(queue) = queue.filter(|_| failure.function == "unknown") {
        failure.function = short_name(stack, queue.strip_suffix(".fifo").unwrap_or(queue)).to_owned();
    }
}

/// Lambda's report of the last invocation that took up the event and did not end as it should.
async fn last_crash(client: &Client, tables: &Tables, failure: &Failure) -> Result<Option<Report>, ReadError> {
    let Some(event) = &failure.event_id else { return Ok(None) };
    let reader = Reader::new(client.clone(), tables.clone());
    let mut lines = reader.by_event(event).await?.lines;
    lines.retain(|line| line.function == failure.function && line.request_id != failure.request_id);
    let Some(request) = lines.into_iter().max_by_key(|line| line.time).and_then(|line| line.request_id) else {
        return Ok(None);
    };
    Ok(reader.by_request(&request).await?.reports.into_iter().rfind(|report| !report.succeeded()))
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
    row
}

fn shard(failure_id: &str) -> u8 {
    hash(&[failure_id]).bytes().next().unwrap_or_default() % SHARDS
}
