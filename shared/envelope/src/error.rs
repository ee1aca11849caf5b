use thiserror::Error;

use crate::{IdError, TraceError};

/// Why something is not an event.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The text is not JSON.
    #[error("the body is not JSON: {reason}")]
    NotJson {
        /// What the parser says, with the place.
        reason: String,
    },
    /// JSON, but not an object where there should be one.
    #[error("{name} should be an object")]
    NotAnObject {
        /// Where.
        name: &'static str,
    },
    /// An object that has the marks of none of the forms.
    #[error("it is neither a CloudEvent (no `specversion`) nor an EventBridge event (no `detail-type`)")]
    NotAnEvent,
    /// A required attribute is not there.
    #[error("the attribute `{name}` is missing")]
    MissingAttribute {
        /// Which.
        name: &'static str,
    },
    /// An attribute of another JSON type.
    #[error("the attribute `{name}` should be {expected}")]
    WrongType {
        /// Which.
        name: &'static str,
        /// What it should be, with its article.
        expected: &'static str,
    },
    /// An attribute that may not be empty.
    #[error("the attribute `{name}` is empty")]
    EmptyAttribute {
        /// Which.
        name: &'static str,
    },
    /// A version of CloudEvents other than 1.0.
    #[error("the specversion is {found:?}, not \"1.0\"")]
    SpecVersion {
        /// What it is.
        found: String,
    },
    /// Data that is not JSON, by its content type.
    #[error("the datacontenttype is {found:?}, not \"application/json\"")]
    ContentType {
        /// What it is.
        found: String,
    },
    /// Data in base64.
    #[error("binary data (`data_base64`) is not supported")]
    BinaryData,
    /// An id that is not the id it should be.
    #[error("the attribute `{name}` is not an id: {reason}")]
    Id {
        /// Which attribute.
        name: &'static str,
        /// What is wrong with it.
        reason: IdError,
    },
    /// A source that is no URI reference.
    #[error("the source may not contain {found:?}")]
    Source {
        /// The first character that may not be there.
        found: char,
    },
    /// A time that is not RFC 3339.
    #[error("the time {found:?} is not an RFC 3339 time")]
    Time {
        /// What it is.
        found: String,
    },
    /// A broken `traceparent`.
    #[error("the traceparent is broken: {reason}")]
    Traceparent {
        /// What is wrong with it.
        reason: TraceError,
    },
    /// A `sequence` that is no number of at most 20 digits.
    #[error("the sequence {found:?} is not a whole number in at most 20 digits")]
    Sequence {
        /// What it is.
        found: String,
    },
    /// A `schemaversion` that is no whole number from 1.
    #[error("the schemaversion is {found}, not a whole number from 1")]
    SchemaVersion {
        /// What it is.
        found: String,
    },
    /// A `dataschema` of ours that names another type or version than the event does.
    #[error("the dataschema is {found:?}, but type and schemaversion say {expected:?}")]
    DataSchema {
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// EventBridge's `source` and the event's own differ.
    #[error("the EventBridge source is {outer:?}, but the event's is {inner:?}")]
    SourceMismatch {
        /// EventBridge's.
        outer: String,
        /// The event's.
        inner: String,
    },
    /// EventBridge's `detail-type` and the event's type differ.
    #[error("the detail-type is {outer:?}, but the event's type is {inner:?}")]
    TypeMismatch {
        /// EventBridge's.
        outer: String,
        /// The event's.
        inner: String,
    },
    /// A saga step's direction that is neither `do` nor `undo`.
    #[error("the direction is {found:?}, neither \"do\" nor \"undo\"")]
    Direction {
        /// What it is.
        found: String,
    },
}

impl EnvelopeError {
    /// A short name of the kind of error, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson { .. } => "not_json",
            Self::NotAnObject { .. } => "not_an_object",
            Self::NotAnEvent => "not_an_event",
            Self::MissingAttribute { .. } => "missing_attribute",
            Self::WrongType { .. } => "wrong_type",
            Self::EmptyAttribute { .. } => "empty_attribute",
            Self::SpecVersion { .. } => "unsupported_specversion",
            Self::ContentType { .. } => "unsupported_content_type",
            Self::BinaryData => "binary_data",
            Self::Id { reason: IdError::Prefix { .. }, .. } => "wrong_prefix",
            Self::Id { .. } => "bad_id",
            Self::Source { .. } => "bad_source",
            Self::Time { .. } => "bad_time",
            Self::Traceparent { .. } => "bad_traceparent",
            Self::Sequence { .. } => "bad_sequence",
            Self::SchemaVersion { .. } => "bad_schema_version",
            Self::DataSchema { .. } => "dataschema_mismatch",
            Self::SourceMismatch { .. } => "source_mismatch",
            Self::TypeMismatch { .. } => "type_mismatch",
            Self::Direction { .. } => "bad_direction",
        }
    }
}
