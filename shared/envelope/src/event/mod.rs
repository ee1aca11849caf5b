//! The event: its attributes, its children, its wire form.

mod attributes;
mod member;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use attributes::Attributes;
pub(crate) use read::{parse_id, parse_time};
pub use write::contract_urn;

use jiff::Timestamp;
use serde_json::Value;

use crate::{Ambient, CorrelationId, EventId, TraceContext};

/// An event: CloudEvents attributes, where it stands in its workflow, and its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<T> {
    /// The event's id; with `source`, what deduplication goes by.
    pub id: EventId,
    /// Who published it.
    pub source: String,
    /// What happened: `orders.order.placed`.
    pub event_type: String,
    /// The business key.
    pub subject: Option<String>,
    /// When it happened. An event that came without a time has that of its EventBridge envelope, else of its UUID v7, else 1970.
    pub time: Timestamp,
    /// The version of the contract that the data keeps to, from 1.
    pub schema_version: u32,
    /// What all events of one workflow share.
    pub correlation_id: CorrelationId,
    /// The event that caused this one; none for the first of a workflow.
    pub causation_id: Option<EventId>,
    /// Where it stands in its trace.
    pub trace: TraceContext,
    /// What it is ordered by: an aggregate's id.
    pub partition_key: Option<String>,
    /// Its place in that order: the aggregate's version.
    pub sequence: Option<u64>,
    /// What the contract describes.
    pub data: T,
}

/// An event whose data is not looked at yet.
pub type RawEvent = Event<Value>;

impl<T> Event<T> {
    /// The first event of a workflow: new id, correlation and trace; schema version 1.
    #[must_use]
    pub fn root(ambient: &Ambient, source: impl Into<String>, event_type: impl Into<String>, data: T) -> Self {
        Self {
            id: EventId::generate(ambient),
            source: source.into(),
            event_type: event_type.into(),
            subject: None,
            time: ambient.now(),
            schema_version: 1,
            correlation_id: CorrelationId::generate(ambient),
            causation_id: None,
            trace: TraceContext::root(ambient),
            partition_key: None,
            sequence: None,
            data,
        }
    }

    /// An event that this one causes: its causation is this one's id, its correlation this one's, its span a child of
    /// this one's. Schema version 1, no subject, no order.
    #[must_use]
    pub fn child<U>(
        &self,
        ambient: &Ambient,
        source: impl Into<String>,
        event_type: impl Into<String>,
        data: U,
    ) -> Event<U> {
        Event {
            correlation_id: self.correlation_id.clone(),
            causation_id: Some(self.id.clone()),
            trace: self.trace.child(ambient),
            ..Event::root(ambient, source, event_type, data)
        }
    }

    /// Sets the business key.
    #[must_use]
    pub fn with_subject(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// Sets the contract's version.
    #[must_use]
    pub fn with_schema_version(self, schema_version: u32) -> Self {
        Self { schema_version, ..self }
    }

    /// Sets what it is ordered by, and its place in that order.
    #[must_use]
    pub fn ordered(self, partition_key: impl Into<String>, sequence: u64) -> Self {
        Self { partition_key: Some(partition_key.into()), sequence: Some(sequence), ..self }
    }

    /// The same event with other data.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Event<U> {
        let (event, data) = self.split();
        event.with_data(change(data))
    }

    /// The same event with other data, if there is such.
    ///
    /// # Errors
    /// That of `change`.
    pub fn try_map<U, E>(self, change: impl FnOnce(T) -> Result<U, E>) -> Result<Event<U>, E> {
        let (event, data) = self.split();
        Ok(event.with_data(change(data)?))
    }

    /// The envelope with a reference to the data.
    #[must_use]
    pub fn as_ref(&self) -> Event<&T> {
        self.envelope().with_data(&self.data)
    }

    /// The envelope alone.
    #[must_use]
    pub fn envelope(&self) -> Event<()> {
        Event {
            id: self.id.clone(),
            source: self.source.clone(),
            event_type: self.event_type.clone(),
            subject: self.subject.clone(),
            time: self.time,
            schema_version: self.schema_version,
            correlation_id: self.correlation_id.clone(),
            causation_id: self.causation_id.clone(),
            trace: self.trace.clone(),
            partition_key: self.partition_key.clone(),
            sequence: self.sequence,
            data: (),
        }
    }

    fn split(self) -> (Event<()>, T) {
        let Self { id, source, event_type, subject, time, schema_version, .. } = self;
        let Self { correlation_id, causation_id, trace, partition_key, sequence, data, .. } = self;
        let event = Event {
            id,
            source,
            event_type,
            subject,
            time,
            schema_version,
            correlation_id,
            causation_id,
            trace,
            partition_key,
            sequence,
            data: (),
        };
        (event, data)
    }
}

impl Event<()> {
    /// The envelope around `data`.
    #[must_use]
    pub fn with_data<T>(self, data: T) -> Event<T> {
        Event {
            id: self.id,
            source: self.source,
            event_type: self.event_type,
            subject: self.subject,
            time: self.time,
            schema_version: self.schema_version,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            trace: self.trace,
            partition_key: self.partition_key,
            sequence: self.sequence,
            data,
        }
    }
}
