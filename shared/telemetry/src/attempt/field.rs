//! Values of a line's fields as JSON, as `serde_json` writes them.

use serde::Serialize;
use throughline_envelope::{CorrelationId, EventId, SagaId, SpanId, TraceId, write_json_text};

use crate::line::Outcome;

/// What a field can be.
pub(super) trait Field {
    fn write(&self, text: &mut Vec<u8>);
}

/// Adds a field, if there is one; its name has the comma before it and the colon after it.
pub(super) fn put(text: &mut Vec<u8>, name: &str, value: Option<impl Field>) {
    if let Some(value) = value {
        text.extend_from_slice(name.as_bytes());
        value.write(text);
    }
}

impl Field for &str {
    fn write(&self, text: &mut Vec<u8>) {
        write_json_text(self, text);
    }
}

macro_rules! texts {
    ($($type:ty),*) => {
        $(impl Field for $type {
            fn write(&self, text: &mut Vec<u8>) {
                write_json_text(self.as_str(), text);
            }
        })*
    };
}

macro_rules! digits {
    ($($type:ty),*) => {
        $(impl Field for $type {
            fn write(&self, text: &mut Vec<u8>) {
                text.push(b'"');
                text.extend_from_slice(&self.digits());
                text.push(b'"');
            }
        })*
    };
}

macro_rules! others {
    ($($type:ty),*) => {
        $(impl Field for $type {
            fn write(&self, text: &mut Vec<u8>) {
                // Writing a number, or a list of texts, to memory does not fail.
                let _ = serde_json::to_writer(text, self);
            }
        })*
    };
}

texts!(&CorrelationId, &EventId, &SagaId, Outcome);
digits!(TraceId, SpanId);
others!(u32, u64, f64);

impl<T: Serialize> Field for &[T] {
    fn write(&self, text: &mut Vec<u8>) {
        // As above.
        let _ = serde_json::to_writer(text, self);
    }
}
