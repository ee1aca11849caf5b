//! The lines of one attempt: what they share is made text once.

use std::io::Write as _;

use jiff::Timestamp;
use serde::Serialize;
use throughline_envelope::{EventId, RawEvent, SagaId, TraceContext};

use crate::line::{FORMAT, Outcome, Stage};

/// What the lines of one attempt share: all that is known when it begins. The fields are those of a
/// [`JournalLine`](crate::JournalLine).
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are documented once, in `fields` and in docs/journal.md")]
pub struct SharedFields<'a> {
    pub function: &'a str,
    pub function_version: Option<&'a str>,
    pub request_id: Option<&'a str>,
    pub trigger: Option<&'a str>,
    /// The event, and the span in which it is looked at.
    pub event: Option<(&'a RawEvent, &'a TraceContext)>,
    pub queue: Option<&'a str>,
    pub message_id: Option<&'a str>,
    pub delivery: Option<u32>,
    pub age_ms: Option<f64>,
    pub saga_id: Option<&'a SagaId>,
    pub saga: Option<&'a str>,
    pub step: Option<&'a str>,
    pub direction: Option<&'a str>,
}

/// What one line of an attempt has itself. The fields are those of a [`JournalLine`](crate::JournalLine).
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the fields are documented once, in `fields` and in docs/journal.md")]
pub struct OwnFields<'a> {
    pub stage: Stage,
    pub outcome: Option<Outcome>,
    pub attempt: Option<u32>,
    pub duration_ms: Option<f64>,
    pub code: Option<&'a str>,
    pub cause: Option<&'a str>,
    pub class: Option<&'a str>,
    pub retry_after_ms: Option<u64>,
    pub idempotency_key: Option<&'a str>,
    pub emitted: &'a [EventId],
    pub started: &'a [SagaId],
    pub dead_letter_queue: Option<&'a str>,
}

impl OwnFields<'_> {
    /// A line of this stage, and nothing else.
    #[must_use]
    pub fn of_stage(stage: Stage) -> Self {
        Self {
            stage,
            outcome: None,
            attempt: None,
            duration_ms: None,
            code: None,
            cause: None,
            class: None,
            retry_after_ms: None,
            idempotency_key: None,
            emitted: &[],
            started: &[],
            dead_letter_queue: None,
        }
    }
}

/// Shared fields as text, in the two places of a line where they stand.
#[derive(Debug, Clone)]
pub struct Shared {
    head: Vec<u8>,
    age_ms: Option<f64>,
    tail: Vec<u8>,
}

/// Adds members of these fields, each with the comma before it.
macro_rules! put {
    ($text:expr, $of:expr, $($field:ident),*) => {
        $(put($text, concat!(",\"", stringify!($field), "\":"), $of.$field);)*
    };
}

impl Shared {
    /// The text of these fields.
    #[must_use]
    pub fn new(fields: &SharedFields<'_>) -> Self {
        let (mut head, mut tail) = (Vec::with_capacity(768), Vec::new());
        put(&mut head, ",\"function\":", Some(fields.function));
        put!(&mut head, fields, function_version, request_id, trigger);
        if let Some((event, span)) = fields.event {
            put_event(&mut head, event, span);
        }
        put!(&mut head, fields, queue, message_id, delivery);
        put!(&mut tail, fields, saga_id, saga, step, direction);
        Self { head, age_ms: fields.age_ms, tail }
    }

    /// Adds a line of shared and own fields, written as a [`JournalLine`](crate::JournalLine) that has both would be.
    pub(crate) fn write(&self, own: &OwnFields<'_>, time: Timestamp, line: &mut Vec<u8>) {
        line.reserve(self.head.len() + 384);
        let (level, stage) = (own.stage.level(), own.stage.as_str());
        // Writing to memory does not fail.
        let _ = write!(line, r#"{{"journal":{FORMAT},"time":"{time:.9}","level":"{level}","stage":"{stage}""#);
        put!(line, own, outcome);
        line.extend_from_slice(&self.head);
        put!(line, own, attempt, duration_ms);
        put!(line, self, age_ms);
        put!(line, own, code, cause, class, retry_after_ms);
        line.extend_from_slice(&self.tail);
        put!(line, own, idempotency_key);
        put(line, ",\"emitted\":", some(own.emitted));
        put(line, ",\"started\":", some(own.started));
        put!(line, own, dead_letter_queue);
        line.push(b'}');
    }
}

/// The fields of an event; the span of a child has its parent's id.
fn put_event(text: &mut Vec<u8>, event: &RawEvent, span: &TraceContext) {
    put(text, ",\"correlation_id\":", Some(&event.correlation_id));
    put(text, ",\"event_id\":", Some(&event.id));
    put(text, ",\"event_type\":", Some(event.event_type.as_str()));
    put(text, ",\"event_source\":", Some(event.source.as_str()));
    put(text, ",\"schema_version\":", Some(event.schema_version));
    put(text, ",\"causation_id\":", event.causation_id.as_ref());
    put(text, ",\"subject\":", event.subject.as_deref());
    put(text, ",\"partition_key\":", event.partition_key.as_deref());
    put(text, ",\"sequence\":", event.sequence);
    put(text, ",\"trace_id\":", Some(span.trace_id));
    put(text, ",\"span_id\":", Some(span.span_id));
    put(text, ",\"parent_span_id\":", span.parent_span_id);
}

fn put(text: &mut Vec<u8>, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value {
        text.extend_from_slice(name.as_bytes());
        // Writing a text, a number or a list of texts to memory does not fail.
        let _ = serde_json::to_writer(text, &value);
    }
}

fn some<T>(list: &[T]) -> Option<&[T]> {
    Some(list).filter(|list| !list.is_empty())
}
