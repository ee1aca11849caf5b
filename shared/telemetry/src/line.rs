//! The journal line.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use throughline_envelope::{Event, TraceContext};

/// The format of the lines that this version writes.
pub const FORMAT: u32 = 1;

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$variant_doc])* #[serde(rename = $name)] $variant,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in a line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

names!(
    /// A stage of an event's life.
    Stage {
        /// A record arrived and its envelope was read.
        Received = "received",
        /// The handler's effects are committed.
        Handled = "handled",
        /// It was handled before.
        Duplicate = "duplicate",
        /// A transient failure: the trigger delivers it again.
        Retrying = "retrying",
        /// A permanent failure, or the last attempt of a transient one.
        Failed = "failed",
        /// It is not an event, or breaks its contract.
        Rejected = "rejected",
        /// It is in the dead-letter queue, and acknowledged.
        Parked = "parked",
        /// It was not started.
        HandedBack = "handed_back",
        /// An event of the outbox was sent.
        Published = "published",
        /// A saga of the outbox was started.
        SagaStarted = "saga_started",
        /// A person said that a sequence of a key never existed: those behind it go on without it.
        Skipped = "skipped",
        /// A call to an outside party ended after its lease had passed to another: its result was not kept.
        Fenced = "fenced",
        /// Calls to a dependency kept failing: no more are made for a while.
        CircuitOpened = "circuit_opened",
        /// One call goes to a dependency, to see whether it is back.
        CircuitHalfOpen = "circuit_half_open",
        /// A dependency answers again.
        CircuitClosed = "circuit_closed",
    }
);

names!(
    /// How an attempt ended.
    Outcome {
        /// Its effects are committed.
        Handled = "handled",
        /// It was handled before.
        Duplicate = "duplicate",
        /// It will be tried again.
        Retrying = "retrying",
        /// It failed for good.
        Failed = "failed",
        /// It is not an event, or breaks its contract.
        Rejected = "rejected",
    }
);

impl Stage {
    /// The level of a line of this stage.
    #[must_use]
    pub const fn level(self) -> &'static str {
        match self {
            Self::Retrying | Self::HandedBack | Self::Fenced | Self::CircuitOpened => "WARN",
            Self::Failed | Self::Rejected | Self::Parked => "ERROR",
            _ => "INFO",
        }
    }
}

/// One line of the journal; `docs/journal.md` says what each field means. Absent fields are left out.
///
/// A reader of an older line finds the fields absent that it does not have; a reader that is older ignores the ones it does not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are documented once, in `fields` and in docs/journal.md")]
#[serde(default)]
pub struct JournalLine {
    pub journal: u32,
    #[serde(serialize_with = "fixed_width")]
    pub time: Timestamp,
    pub level: String,
    pub stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    pub function: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saga_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saga: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emitted: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub started: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter_queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependency: Option<String>,
}

/// Nine digits of fraction, always: so that text order is time order.
fn fixed_width<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.9}"))
}

impl JournalLine {
    /// A line with what is known of an event. `span` is where it is looked at: the event's own, or a child of it.
    #[must_use]
    pub fn of_event<T>(event: &Event<T>, span: &TraceContext) -> Self {
        Self {
            correlation_id: Some(event.correlation_id.to_string()),
            event_id: Some(event.id.to_string()),
            event_type: Some(event.event_type.clone()),
            event_source: Some(event.source.clone()),
            schema_version: Some(event.schema_version),
            causation_id: event.causation_id.as_ref().map(ToString::to_string),
            subject: event.subject.clone(),
            partition_key: event.partition_key.clone(),
            sequence: event.sequence,
            trace_id: Some(span.trace_id.to_string()),
            span_id: Some(span.span_id.to_string()),
            ..Self::default()
        }
    }
}

impl Default for JournalLine {
    fn default() -> Self {
        Self {
            journal: FORMAT,
            time: Timestamp::UNIX_EPOCH,
            level: String::new(),
            stage: Stage::Received,
            outcome: None,
            function: String::new(),
            function_version: None,
            request_id: None,
            trigger: None,
            correlation_id: None,
            event_id: None,
            event_type: None,
            event_source: None,
            schema_version: None,
            causation_id: None,
            subject: None,
            partition_key: None,
            sequence: None,
            trace_id: None,
            span_id: None,
            parent_span_id: None,
            queue: None,
            message_id: None,
            delivery: None,
            attempt: None,
            duration_ms: None,
            age_ms: None,
            code: None,
            cause: None,
            class: None,
            retry_after_ms: None,
            saga_id: None,
            saga: None,
            step: None,
            direction: None,
            idempotency_key: None,
            emitted: Vec::new(),
            started: Vec::new(),
            destinations: Vec::new(),
            dead_letter_queue: None,
            dependency: None,
        }
    }
}
