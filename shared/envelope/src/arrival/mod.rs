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
        Self::read_eventbridge(Attributes::of(value, "the EventBridge event")?, Form::EventBridge)
    }

    fn read_eventbridge(mut outer: Attributes<'_>, form: Form) -> Result<Self, EnvelopeError> {
        let arrived = outer.optional_text("time")?.map(|time| parse_time(&time)).transpose()?;
        let event = Event::read(outer.object("detail")?, arrived)?;
        let (source, detail_type) = (outer.text("source")?, outer.text("detail-type")?);
        if source != event.source {
            return Err(EnvelopeError::SourceMismatch { outer: source.into_owned(), inner: event.source });
        }
        if detail_type != event.event_type {
            return Err(EnvelopeError::TypeMismatch { outer: detail_type.into_owned(), inner: event.event_type });
        }
        Ok(Self { event, form, saga: None })
    }

    /// From the body of an SQS message: an EventBridge event or a bare CloudEvent.
    ///
    /// # Errors
    /// When it is neither, or something is wrong with it.
    pub fn from_sqs_body(body: &str) -> Result<Self, EnvelopeError> {
        let attributes = Attributes::parse(body, "the body")?;
        if attributes.has("specversion") {
            Ok(Self { event: Event::read(attributes, None)?, form: Form::SqsBare, saga: None })
        } else if attributes.has("detail-type") {
            Self::read_eventbridge(attributes, Form::SqsEventBridge)
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
        let event = Event::read(input.object("event")?, None)?;
        Ok(Self { event, form: Form::SagaStep, saga: Some(step) })
    }
}
