//! An execution's history.
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html>

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::data::Variables;
use crate::limits::HISTORY_EVENTS;

/// One event, as AWS records it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoryEvent {
    /// Counted from 1.
    pub id: u64,
    /// The event that led to this one; 0 for the first event and the first state.
    pub previous_event_id: u64,
    /// When.
    pub timestamp: Timestamp,
    /// The event's type: `TaskStateEntered`.
    pub kind: &'static str,
    /// The details' member of the event (`stateEnteredEventDetails`), and what is in it.
    pub details: Option<(&'static str, Map<String, Value>)>,
}

impl HistoryEvent {
    /// The event as `GetExecutionHistory` answers it; inputs and outputs only with `include_data`.
    pub fn to_json(&self, include_data: bool) -> Value {
        let mut event = json!({
            "timestamp": epoch_seconds(self.timestamp),
            "type": self.kind,
            "id": self.id,
            "previousEventId": self.previous_event_id,
        });
        if let (Some((member, details)), Some(event)) = (&self.details, event.as_object_mut()) {
            let mut details = details.clone();
            if !include_data {
                details.retain(|name, _| {
                    !matches!(name.as_str(), "input" | "output" | "parameters" | "assignedVariables")
                });
            }
            event.insert((*member).to_owned(), Value::Object(details));
        }
        event
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
fn epoch_seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

/// The history of one execution. Can be read while the execution runs.
#[derive(Debug, Default)]
pub struct History {
    events: Mutex<Vec<HistoryEvent>>,
    resume: Mutex<Option<Resume>>,
}

/// Where a redrive takes the execution up: the last top-level state.
#[derive(Debug, Clone)]
pub(crate) struct Resume {
    pub(crate) state: String,
    pub(crate) input: Value,
    pub(crate) variables: Variables,
    pub(crate) entered: Entered,
}

/// When a state was entered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entered {
    pub(crate) event: u64,
    pub(crate) at: Timestamp,
}

impl History {
    /// The events so far, in order.
    pub fn events(&self) -> Vec<HistoryEvent> {
        self.lock().clone()
    }

    /// Adds an event and answers its id. An execution adds its own; a caller adds how it was stopped.
    pub fn push(
        &self,
        timestamp: Timestamp,
        previous_event_id: u64,
        kind: &'static str,
        details: Option<(&'static str, Map<String, Value>)>,
    ) -> u64 {
        let mut events = self.lock();
        let id = events.len() as u64 + 1;
        events.push(HistoryEvent { id, previous_event_id, timestamp, kind, details });
        id
    }

    /// The id of the last event, or 0.
    pub fn last_id(&self) -> u64 {
        self.lock().len() as u64
    }

    pub(crate) fn keep(&self, resume: Resume) {
        *self.resume.lock().unwrap_or_else(PoisonError::into_inner) = Some(resume);
    }

    pub(crate) fn resume(&self) -> Option<Resume> {
        self.resume.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether only the event that ends the execution still fits.
    pub(crate) fn is_full(&self) -> bool {
        self.lock().len() + 1 >= HISTORY_EVENTS
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<HistoryEvent>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
