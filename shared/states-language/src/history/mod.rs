//! An execution's history.
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html>

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::data::Variables;
use crate::execute::Start;
use crate::limits::HISTORY_EVENTS;

/// The details' member of an event, and what is in it.
pub(crate) type Details = Option<(&'static str, Map<String, Value>)>;

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
            let data = |name: &str| matches!(name, "input" | "output" | "parameters" | "assignedVariables");
            let shown = details.iter().filter(|(name, _)| include_data || !data(name));
            let shown = shown.map(|(name, value)| (name.clone(), value.clone())).collect();
            event.insert((*member).to_owned(), Value::Object(shown));
        }
        event
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
fn epoch_seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

/// The history of one execution. Can be read while the execution runs.
#[derive(Debug)]
pub struct History {
    events: Mutex<Events>,
    resume: Mutex<Option<Resume>>,
}

#[derive(Debug, Default)]
struct Events {
    list: Vec<HistoryEvent>,
    /// The last event is the execution's last.
    ended: bool,
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
    /// The event before it.
    pub(crate) previous: u64,
    pub(crate) at: Timestamp,
}

impl History {
    /// The history of an execution that starts at `at`: `ExecutionStarted`.
    pub fn started(start: &Start, at: Timestamp) -> Self {
        let input = Some(start.text());
        let details = details([("input", input), ("roleArn", Some(start.role_arn.clone()))]);
        let history = Self { events: Mutex::default(), resume: Mutex::default() };
        history.push(at, 0, "ExecutionStarted", Some(("executionStartedEventDetails", details)));
        history
    }

    /// Looks at the events so far, in order. None is added meanwhile.
    pub fn read<T>(&self, look: impl FnOnce(&[HistoryEvent]) -> T) -> T {
        look(&self.lock().list)
    }

    /// The events so far, in order.
    pub fn events(&self) -> Vec<HistoryEvent> {
        self.lock().list.clone()
    }

    /// The id of the last event, and the events of `wanted` types after the event `id`, in order.
    pub fn since(&self, id: u64, wanted: impl Fn(&str) -> bool) -> (u64, Vec<HistoryEvent>) {
        let events = self.lock();
        let new = events.list.iter().skip(usize::try_from(id).unwrap_or(usize::MAX));
        (events.list.len() as u64, new.filter(|event| wanted(event.kind)).cloned().collect())
    }

    /// Ends the history with `ExecutionAborted`. Answers whether it did: not when the execution had ended already.
    /// Whoever stops an execution by dropping its future calls this first.
    pub fn abort(&self, at: Timestamp, error: Option<String>, cause: Option<String>) -> bool {
        let details = details([("error", error), ("cause", cause)]);
        // AWS records no cause of an abort among the events: its previous event is 0.
        self.end(at, 0, "ExecutionAborted", Some(("executionAbortedEventDetails", details)))
    }

    /// Adds an event and answers its id. Nothing is added to a history that has ended.
    pub(crate) fn push(&self, at: Timestamp, previous: u64, kind: &'static str, details: Details) -> u64 {
        self.lock().push(at, previous, kind, details)
    }

    /// Adds the last event. Answers whether it did: the first end holds.
    pub(crate) fn end(&self, at: Timestamp, previous: u64, kind: &'static str, details: Details) -> bool {
        let mut events = self.lock();
        if events.ended {
            return false;
        }
        events.push(at, previous, kind, details);
        events.ended = true;
        true
    }

    /// A redrive: the history goes on.
    pub(crate) fn reopen(&self) {
        self.lock().ended = false;
    }

    /// When the execution started.
    pub(crate) fn start(&self) -> Option<Timestamp> {
        self.lock().list.first().map(|first| first.timestamp)
    }

    /// The id of the last event, or 0.
    pub fn last_id(&self) -> u64 {
        self.lock().list.len() as u64
    }

    pub(crate) fn keep(&self, resume: Resume) {
        *self.resume.lock().unwrap_or_else(PoisonError::into_inner) = Some(resume);
    }

    pub(crate) fn resume(&self) -> Option<Resume> {
        self.resume.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether only the event that ends the execution still fits.
    pub(crate) fn is_full(&self) -> bool {
        self.lock().list.len() + 1 >= HISTORY_EVENTS
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    fn push(&mut self, timestamp: Timestamp, previous_event_id: u64, kind: &'static str, details: Details) -> u64 {
        if self.ended {
            return self.list.len() as u64;
        }
        let id = self.list.len() as u64 + 1;
        self.list.push(HistoryEvent { id, previous_event_id, timestamp, kind, details });
        id
    }
}

/// Details of an event. Inputs and outputs get the companion that says that they are whole.
pub(crate) fn details<const N: usize>(members: [(&str, Option<String>); N]) -> Map<String, Value> {
    let mut details = Map::with_capacity(2 * N);
    for (name, value) in members {
        if let Some(value) = value {
            details.insert(name.to_owned(), Value::String(value));
            if matches!(name, "input" | "output") {
                details.insert(format!("{name}Details"), json!({"truncated": false}));
            }
        }
    }
    details
}
