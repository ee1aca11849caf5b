//! The forms an event arrives in.

mod saga;

#[cfg(test)]
mod tests;

pub use saga::{Direction, SagaFailure, SagaStep, StepOutput, saga_input};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::{Attributes, parse_time};
use crate::{EnvelopeError, Event, RawEvent};

/// An event as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// The event.
    pub event: RawEvent,
    /// What it came in.
    pub form: Form,
    /// The saga step it is the input of, if it is one.
    pub saga: Option<SagaStep>,
}

/// What an event came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// An EventBridge event whose `detail` is the CloudEvent.
    EventBridge,
    /// An SQS body holding such an EventBridge event.
    SqsEventBridge,
    /// An SQS body holding the bare CloudEvent.
    SqsBare,
    /// The input of a saga's step.
    SagaStep,
    /// A direct invocation with the bare CloudEvent.
    Direct,
}

impl Arrival {
    /// From an EventBridge event, whose `source` and `detail-type` say what the event itself says.
    ///
    /// # Errors
    /// What is wrong with either.
    pub fn from_eventbridge(value: Value) -> Result<Self, EnvelopeError> {
        let mut outer = Attributes::of(value, "the EventBridge event")?;
        let arrived = outer.optional_text("time")?.map(parse_time).transpose()?;
        let detail = outer.object("detail")?;
        let event = Event::read(detail.into_value(), arrived)?;
        let (source, detail_type) = (outer.text("source")?, outer.text("detail-type")?);
        if source != event.source {
            return Err(EnvelopeError::SourceMismatch { outer: source, inner: event.source });
        }
        if detail_type != event.event_type {
            return Err(EnvelopeError::TypeMismatch { outer: detail_type, inner: event.event_type });
        }
        Ok(Self { event, form: Form::EventBridge, saga: None })
    }

    /// From the body of an SQS message: an EventBridge event or a bare CloudEvent.
    ///
    /// # Errors
    /// When it is neither, or something is wrong with it.
    pub fn from_sqs_body(body: &str) -> Result<Self, EnvelopeError> {
        let value: Value =
            serde_json::from_str(body).map_err(|error| EnvelopeError::NotJson { reason: error.to_string() })?;
        let members = value.as_object().ok_or(EnvelopeError::NotAnObject { name: "the body" })?;
        if members.contains_key("specversion") {
            let event = Event::from_json(value)?;
            Ok(Self { event, form: Form::SqsBare, saga: None })
        } else if members.contains_key("detail-type") {
            Ok(Self { form: Form::SqsEventBridge, ..Self::from_eventbridge(value)? })
        } else {
            Err(EnvelopeError::NotAnEvent)
        }
    }

    /// From a direct invocation's payload: a bare CloudEvent.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_direct(value: Value) -> Result<Self, EnvelopeError> {
        let members = value.as_object().ok_or(EnvelopeError::NotAnObject { name: "the payload" })?;
        if !members.contains_key("specversion") && !members.contains_key("id") && !members.contains_key("type") {
            return Err(EnvelopeError::NotAnEvent);
        }
        Ok(Self { event: Event::from_json(value)?, form: Form::Direct, saga: None })
    }

    /// From the input of a saga's step.
    ///
    /// # Errors
    /// What is wrong with the event, or with what stands beside it.
    pub fn from_saga_step(value: Value) -> Result<Self, EnvelopeError> {
        let mut input = Attributes::of(value, "the step's input")?;
        let step = SagaStep::take(&mut input)?;
        let event = Event::from_json(input.object("event")?.into_value())?;
        Ok(Self { event, form: Form::SagaStep, saga: Some(step) })
    }
}
