//! The names of a journal line's fields.

macro_rules! fields {
    ($($(#[$doc:meta])* $constant:ident = $name:literal;)*) => {
        $($(#[$doc])* pub const $constant: &str = $name;)*

        /// All of them, in the order in which a line has them.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

fields! {
    /// Format of the line.
    JOURNAL = "journal";
    /// When it was written.
    TIME = "time";
    /// `INFO`, `WARN` or `ERROR`.
    LEVEL = "level";
    /// The stage of the event's life.
    STAGE = "stage";
    /// How the attempt ended.
    OUTCOME = "outcome";
    /// The function's name in the code.
    FUNCTION = "function";
    /// Lambda's version of the function.
    FUNCTION_VERSION = "function_version";
    /// The invocation.
    REQUEST_ID = "request_id";
    /// What kind of trigger it was.
    TRIGGER = "trigger";
    /// The workflow.
    CORRELATION_ID = "correlation_id";
    /// The event.
    EVENT_ID = "event_id";
    /// The event's type.
    EVENT_TYPE = "event_type";
    /// Who published the event.
    EVENT_SOURCE = "event_source";
    /// The version of its contract.
    SCHEMA_VERSION = "schema_version";
    /// The event that caused it.
    CAUSATION_ID = "causation_id";
    /// The business key.
    SUBJECT = "subject";
    /// What it is ordered by.
    PARTITION_KEY = "partition_key";
    /// Its place in that order.
    SEQUENCE = "sequence";
    /// The trace.
    TRACE_ID = "trace_id";
    /// The attempt's span.
    SPAN_ID = "span_id";
    /// The event's span.
    PARENT_SPAN_ID = "parent_span_id";
    /// The queue it came from.
    QUEUE = "queue";
    /// SQS's id for the message.
    MESSAGE_ID = "message_id";
    /// SQS's receive count.
    DELIVERY = "delivery";
    /// The attempt, from 1.
    ATTEMPT = "attempt";
    /// From the start of the attempt.
    DURATION_MS = "duration_ms";
    /// From the event's time to the start of the attempt.
    AGE_MS = "age_ms";
    /// The failure's code.
    CODE = "code";
    /// The failure's cause.
    CAUSE = "cause";
    /// The failure's class.
    CLASS = "class";
    /// When the next attempt may come.
    RETRY_AFTER_MS = "retry_after_ms";
    /// The saga.
    SAGA_ID = "saga_id";
    /// The saga's name.
    SAGA = "saga";
    /// The saga's step.
    STEP = "step";
    /// `do` or `undo`.
    DIRECTION = "direction";
    /// The key under which the work is done once.
    IDEMPOTENCY_KEY = "idempotency_key";
    /// Events that the commit wrote.
    EMITTED = "emitted";
    /// Sagas that the commit wrote.
    STARTED = "started";
    /// Where an event was sent.
    DESTINATIONS = "destinations";
    /// Where a message was parked.
    DEAD_LETTER_QUEUE = "dead_letter_queue";
    /// The outside party that a circuit is about.
    DEPENDENCY = "dependency";
}
