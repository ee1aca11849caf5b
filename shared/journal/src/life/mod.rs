//! The life cycle of a workflow: a tree by causation, from the first event to the final outcome.

mod attempt;
mod build;
mod outcome;
mod plant;
mod run;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::Serialize;
use throughline_telemetry::JournalLine;

pub use attempt::{Attempt, AttemptOutcome};
pub(crate) use build::open_requests;
pub use outcome::{FinalOutcome, SagaOutcome};
pub use run::Run;

use crate::failure::Failure;
use crate::row::Change;

/// Everything that is known of one workflow.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LifeCycle {
    /// What its events share.
    pub correlation_id: String,
    /// The events that nothing known caused, in order of time: usually one.
    pub roots: Vec<EventNode>,
    /// Sagas whose start nothing known caused.
    pub sagas: Vec<SagaNode>,
    /// Dead letters that belong to no attempt that is known.
    pub failures: Vec<Failure>,
    /// Changes that belong to no attempt that is known.
    pub changes: Vec<Change>,
    /// What else the journal says of it, in order of time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// The first trace of it.
    pub started_at: Option<Timestamp>,
    /// The last trace of it.
    pub ended_at: Option<Timestamp>,
}

/// Something that happened beside the attempts: a call to an outside party that ended after its lease had passed to another, a
/// circuit that opened or closed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Note {
    /// When.
    pub time: Timestamp,
    /// The function that wrote it down.
    pub function: String,
    /// What it is: `stale_holder`, or the line's stage.
    pub code: String,
    /// What happened.
    pub cause: String,
}

impl Note {
    fn of(line: &JournalLine) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let code = line.code.clone().unwrap_or_else(|| line.stage.to_string());
        Self { time: line.time, function: line.function.clone(), code, cause: text(&line.cause) }
    }
}

/// An event, or a message that is not one, and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EventNode {
    /// Its id; none for a message that is not an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// SQS's id, for a message that is not an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The business key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The event that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<String>,
    /// When it is first known of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// Committed but not sent yet.
    pub unsent: bool,
    /// When the event store has it as sent: also by the relay, which leaves no line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// When and where it was sent, by the lines of functions.
    pub published: Vec<Publication>,
    /// The functions that took it, in order of time.
    pub runs: Vec<Run>,
    /// Sagas that it started, where the function that did is not known.
    pub sagas: Vec<SagaNode>,
    /// Events that it caused, where the function that emitted them is not known.
    pub caused: Vec<EventNode>,
}

/// One sending of an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Publication {
    /// When.
    pub time: Timestamp,
    /// The function that sent it.
    pub function: String,
    /// The bus and queues.
    pub destinations: Vec<String>,
}

/// A saga: one execution of a state machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SagaNode {
    /// The execution's name.
    pub saga_id: String,
    /// The saga's name.
    pub saga: Option<String>,
    /// The event that its input carries.
    pub event_id: Option<String>,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// Its steps, in order of time.
    pub steps: Vec<Step>,
    /// Events that it caused, where the step that emitted them is not known.
    pub caused: Vec<EventNode>,
    /// How it stands, as far as its steps tell.
    pub outcome: SagaOutcome,
}

/// A step of a saga, in one direction.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// The step's name.
    pub step: String,
    /// `do` or `undo`.
    pub direction: String,
    /// The function's work.
    pub run: Run,
}

impl Step {
    /// Whether it is a compensation.
    pub fn is_undo(&self) -> bool {
        self.direction == "undo"
    }
}
