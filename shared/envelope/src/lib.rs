//! Event envelopes: [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) attributes,
//! correlation and causation, [W3C Trace Context](https://www.w3.org/TR/trace-context/), and the forms an event arrives in.
//!
//! No AWS and no I/O: time and randomness come in through [`Ambient`].

mod ambient;
mod arrival;
mod canonical;
mod error;
mod event;
mod id;
mod trace;

pub use ambient::{Ambient, Clock};
pub use arrival::{Arrival, Direction, Form, SagaFailure, SagaStep, StepOutput, saga_input};
pub use canonical::{canonical_json, write_canonical_json};
pub use error::EnvelopeError;
pub use event::{Event, RawEvent, contract_urn};
pub use id::{CorrelationId, EventId, FailureId, IdError, SagaId};
pub use trace::{SpanId, TraceContext, TraceError, TraceId};
