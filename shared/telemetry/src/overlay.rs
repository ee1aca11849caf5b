//! A line of which most is the same as in others.

use jiff::Timestamp;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::fields;
use crate::line::{FixedWidth, JournalLine};

/// A line's own fields, over those that it shares with others. Written as a [`JournalLine`] that has both would be.
pub(crate) struct Overlaid<'a> {
    pub(crate) time: Timestamp,
    pub(crate) own: &'a JournalLine,
    pub(crate) shared: &'a JournalLine,
}

macro_rules! optional {
    ($self:ident, $line:ident, $($field:ident),*) => {
        $(put(&mut $line, stringify!($field), &$self.own.$field, &$self.shared.$field)?;)*
    };
}

impl Serialize for Overlaid<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("JournalLine", fields::ALL.len())?;
        line.serialize_field(fields::JOURNAL, &self.own.journal)?;
        line.serialize_field(fields::TIME, &FixedWidth(self.time))?;
        line.serialize_field(fields::LEVEL, self.own.stage.level())?;
        line.serialize_field(fields::STAGE, &self.own.stage)?;
        optional!(
            self,
            line,
            outcome,
            function,
            function_version,
            request_id,
            trigger,
            correlation_id,
            event_id,
            event_type,
            event_source,
            schema_version,
            causation_id,
            subject,
            partition_key,
            sequence,
            trace_id,
            span_id,
            parent_span_id,
            queue,
            message_id,
            delivery,
            attempt,
            duration_ms,
            age_ms,
            code,
            cause,
            class,
            retry_after_ms,
            saga_id,
            saga,
            step,
            direction,
            idempotency_key,
            emitted,
            started,
            destinations,
            dead_letter_queue,
            dependency
        );
        line.end()
    }
}

fn put<S: SerializeStruct, F: Field>(line: &mut S, name: &'static str, own: &F, shared: &F) -> Result<(), S::Error> {
    match [own, shared].into_iter().find(|field| !field.is_absent()) {
        Some(field) => line.serialize_field(name, field),
        None => Ok(()),
    }
}

/// What a field of a line can be.
trait Field: Serialize {
    fn is_absent(&self) -> bool;
}

impl<T: Serialize> Field for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl Field for Vec<String> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl Field for String {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}
