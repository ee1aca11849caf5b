//! From the wire.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use super::write::{URN, contract_urn};
use super::{Attributes, Event, RawEvent};
use crate::{CorrelationId, EnvelopeError, EventId, IdError, TraceContext};

impl Event<Value> {
    /// Reads a CloudEvent in structured JSON mode. Extension attributes that are not ours are ignored.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn from_json(value: Value) -> Result<RawEvent, EnvelopeError> {
        Self::read(Attributes::of(value, "the event")?, None)
    }

    /// Reads a CloudEvent; `arrived` is its time when it has none of its own.
    pub(crate) fn read(mut attributes: Attributes<'_>, arrived: Option<Timestamp>) -> Result<RawEvent, EnvelopeError> {
        check_form(&mut attributes)?;
        let id = parse_id("id", &attributes.text("id")?, EventId::parse)?;
        let source = source(&mut attributes)?;
        let event_type = attributes.text("type")?.into_owned();
        let time = time(&mut attributes)?.or(arrived).or_else(|| time_of(&id)).unwrap_or_default();
        let correlation_id = match attributes.optional_text("correlationid")? {
            Some(text) => parse_id("correlationid", &text, CorrelationId::parse)?,
            None => CorrelationId::derived(&source, &id),
        };
        let causation_id = attributes.optional_text("causationid")?;
        let schema_version = schema_version(&mut attributes, &event_type)?;
        Ok(Event {
            subject: attributes.optional_text("subject")?.map(Cow::into_owned),
            causation_id: causation_id.map(|text| parse_id("causationid", &text, EventId::parse)).transpose()?,
            trace: trace(&mut attributes, &correlation_id, &id)?,
            partition_key: attributes.optional_text("partitionkey")?.map(Cow::into_owned),
            sequence: sequence(&mut attributes)?,
            data: attributes.take("data").ok_or(EnvelopeError::MissingAttribute { name: "data" })?,
            id,
            source,
            event_type,
            time,
            schema_version,
            correlation_id,
        })
    }
}

impl<'de> Deserialize<'de> for Event<Value> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// CloudEvents 1.0 with JSON data, or nothing.
fn check_form(attributes: &mut Attributes<'_>) -> Result<(), EnvelopeError> {
    let found = attributes.text("specversion")?;
    if found != "1.0" {
        return Err(EnvelopeError::SpecVersion { found: found.into_owned() });
    }
    if attributes.has("data_base64") {
        return Err(EnvelopeError::BinaryData);
    }
    match attributes.optional_text("datacontenttype")? {
        Some(found) if !is_json(&found) => Err(EnvelopeError::ContentType { found: found.into_owned() }),
        _ => Ok(()),
    }
}

/// `application/json`, with or without parameters.
fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

pub(crate) fn parse_id<I>(
    name: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<I, IdError>,
) -> Result<I, EnvelopeError> {
    parse(text).map_err(|reason| EnvelopeError::Id { name, reason })
}

/// A source is a URI reference: in it there is none of the characters that [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2)
/// has no place for. So `|` separates it from what stands beside it in a key.
fn source(attributes: &mut Attributes<'_>) -> Result<String, EnvelopeError> {
    let source = attributes.text("source")?.into_owned();
    let unfit = |c: &char| c.is_whitespace() || c.is_control() || "|\"<>\\^`{}".contains(*c);
    match source.chars().find(unfit) {
        Some(found) => Err(EnvelopeError::Source { found }),
        None => Ok(source),
    }
}

fn time(attributes: &mut Attributes<'_>) -> Result<Option<Timestamp>, EnvelopeError> {
    let Some(found) = attributes.optional_text("time")? else { return Ok(None) };
    parse_time(&found).map(Some)
}

pub(crate) fn parse_time(found: &str) -> Result<Timestamp, EnvelopeError> {
    found.parse().map_err(|_| EnvelopeError::Time { found: found.to_owned() })
}

/// The time in a UUID v7 of ours.
fn time_of(id: &EventId) -> Option<Timestamp> {
    let uuid = Uuid::try_parse(id.as_str().strip_prefix(EventId::PREFIX)?).ok()?;
    let (seconds, nanoseconds) = uuid.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
}

/// The version by `schemaversion`, else by a `dataschema` of ours, else 1; the two may not disagree.
fn schema_version(attributes: &mut Attributes<'_>, event_type: &str) -> Result<u32, EnvelopeError> {
    let urn = attributes.optional_text("dataschema")?.filter(|urn| urn.starts_with(URN));
    let named = urn.as_deref().and_then(|urn| urn.strip_prefix(URN)?.rsplit_once(':'));
    let by_urn = named.and_then(|(_, version)| version.parse().ok());
    let version = match attributes.take("schemaversion") {
        None | Some(Value::Null) => by_urn.unwrap_or(1),
        Some(found) => found
            .as_u64()
            .and_then(|version| u32::try_from(version).ok())
            .filter(|version| *version > 0)
            .ok_or_else(|| EnvelopeError::SchemaVersion { found: found.to_string() })?,
    };
    match urn {
        Some(found) if named != Some((event_type, &version.to_string())) => {
            Err(EnvelopeError::DataSchema { found: found.into_owned(), expected: contract_urn(event_type, version) })
        }
        _ => Ok(version),
    }
}

/// The trace context, or one derived: the trace from the correlation, so that a workflow is one trace, the span from the id.
fn trace(
    attributes: &mut Attributes<'_>,
    correlation_id: &CorrelationId,
    id: &EventId,
) -> Result<TraceContext, EnvelopeError> {
    let state = attributes.optional_text("tracestate")?;
    match attributes.optional_text("traceparent")? {
        Some(parent) => {
            TraceContext::parse(&parent, state.as_deref()).map_err(|reason| EnvelopeError::Traceparent { reason })
        }
        None => {
            let span_id = TraceContext::derived(id.as_str()).span_id;
            Ok(TraceContext { span_id, ..TraceContext::derived(correlation_id.as_str()) })
        }
    }
}

fn sequence(attributes: &mut Attributes<'_>) -> Result<Option<u64>, EnvelopeError> {
    let Some(found) = attributes.optional_text("sequence")? else { return Ok(None) };
    let digits = found.len() <= 20 && found.bytes().all(|b| b.is_ascii_digit());
    match found.parse() {
        Ok(sequence) if digits => Ok(Some(sequence)),
        _ => Err(EnvelopeError::Sequence { found: found.into_owned() }),
    }
}
