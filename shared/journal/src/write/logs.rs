//! From log lines to rows.

use aws_lambda_events::event::cloudwatch_logs::{LogData, LogEntry};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use throughline_envelope::CorrelationId;
use throughline_telemetry::fields;

use super::{JOURNAL_DAYS, LARGEST};
use crate::keys::{expiry, hash, hour_key, key_time, short_name};
use crate::row::Fields;

/// Attributes that are keys of an index: DynamoDB refuses an item in which one is not text, or empty.
const KEYS: &[&str] = &[fields::EVENT_ID, fields::SUBJECT, fields::SAGA_ID, fields::REQUEST_ID, fields::CORRELATION_ID];

/// The rows of the journal lines and platform reports among the lines.
pub(super) fn rows(logs: &LogData, stack: &str) -> Vec<Fields> {
    logs.log_events.iter().filter_map(|entry| row(entry, &logs.log_stream, stack)).collect()
}

fn row(entry: &LogEntry, stream: &str, stack: &str) -> Option<Fields> {
    let Ok(Value::Object(line)) = serde_json::from_str(&entry.message) else {
        return None;
    };
    let time = time_of(&line, entry);
    let row = if line.get(fields::JOURNAL).and_then(Value::as_u64).is_some_and(|format| format >= 1) {
        journal_line(line, time)
    } else if line.get("type").and_then(Value::as_str) == Some("platform.report") {
        report(&line, stream, stack)
    } else {
        return None;
    };
    Some(finish(row, time, &entry.message))
}

fn time_of(line: &Fields, entry: &LogEntry) -> Timestamp {
    let said = line.get(fields::TIME).and_then(Value::as_str).and_then(|text| text.parse().ok());
    said.unwrap_or_else(|| Timestamp::from_millisecond(entry.timestamp).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn journal_line(mut line: Fields, time: Timestamp) -> Fields {
    line.retain(|_, value| !value.is_null());
    for key in KEYS {
        if line.get(*key).is_some_and(|value| value.as_str().is_none_or(str::is_empty)) {
            line.remove(*key);
        }
    }
    line.insert("kind".into(), "line".into());
    derive_correlation(&mut line);
    let pk = pk(&line, time);
    line.insert("pk".into(), pk.into());
    line
}

/// What is not an event has no correlation id: its message's id gives it one, the same that its failure has.
fn derive_correlation(line: &mut Fields) {
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    let derived = match (text(fields::CORRELATION_ID), text(fields::EVENT_ID), text(fields::MESSAGE_ID)) {
        (None, None, Some(message)) => CorrelationId::of_delivery(message),
        _ => return,
    };
    line.insert(fields::CORRELATION_ID.into(), derived.to_string().into());
    line.insert("correlation_derived".into(), true.into());
}

/// The correlation id. A line that has none is found by its request.
fn pk(line: &Fields, time: Timestamp) -> String {
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    match (text(fields::CORRELATION_ID), text(fields::REQUEST_ID)) {
        (Some(correlation), _) => correlation.to_owned(),
        (None, Some(request)) => format!("req_{request}"),
        (None, None) => hour_key(text(fields::FUNCTION).unwrap_or("unknown"), time),
    }
}

/// The [report](https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report) of an invocation.
fn report(line: &Fields, stream: &str, stack: &str) -> Fields {
    let record = line.get("record").cloned().unwrap_or_default();
    let (function, version) = function_of(stream);
    let request = record.get("requestId").and_then(Value::as_str).unwrap_or("unknown");
    let metric = |name: &str| record.pointer(&format!("/metrics/{name}")).cloned().unwrap_or_default();
    let row = json!({
        "kind": "report",
        "pk": format!("req_{request}"),
        "request_id": request,
        "function": short_name(stack, function),
        "function_version": version,
        "status": record.get("status").cloned().unwrap_or_else(|| "unknown".into()),
        "error_type": record.get("errorType").cloned().unwrap_or_default(),
        "duration_ms": metric("durationMs"),
        "init_duration_ms": metric("initDurationMs"),
        "max_memory_mb": metric("maxMemoryUsedMB"),
        "record": record,
    });
    let Value::Object(mut row) = row else { return Map::new() };
    row.retain(|_, value| !value.is_null());
    row
}

/// Function and version, from `2026/11/24/<function>[<version>]<environment>`: the name of a stream in
/// [a log group that functions share](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html).
fn function_of(stream: &str) -> (&str, &str) {
    let name = stream.rsplit('/').next().unwrap_or(stream);
    let (function, rest) = name.split_once('[').unwrap_or((name, ""));
    (function, rest.split_once(']').map_or("", |(version, _)| version))
}

fn finish(mut row: Fields, time: Timestamp, message: &str) -> Fields {
    if message.len() > LARGEST {
        cut(&mut row);
    }
    let function = row.get(fields::FUNCTION).and_then(Value::as_str).unwrap_or("unknown");
    let function_hour = hour_key(function, time);
    row.insert("function_hour".into(), function_hour.into());
    row.insert("sk".into(), format!("{}#{}", key_time(time), hash(&[message])).into());
    row.insert("time".into(), key_time(time).into());
    row.insert("expires_at".into(), expiry(time, JOURNAL_DAYS).into());
    row
}

/// Keeps the texts that fit, so that the row does: a cause, or a list of ids, can be longer than DynamoDB takes.
fn cut(row: &mut Fields) {
    for value in row.values_mut() {
        if let Value::String(text) = value {
            *text = text.chars().take(2048).collect();
        } else if value.to_string().len() > 2048 {
            *value = Value::Null;
        }
    }
    row.insert("cut".into(), true.into());
}
