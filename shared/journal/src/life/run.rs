//! What one function made of one event, or of one step of a saga.

use jiff::Timestamp;
use serde::Serialize;
use throughline_telemetry::JournalLine;

use super::{Attempt, AttemptOutcome, EventNode, SagaNode};
use crate::failure::Failure;
use crate::row::{Change, Report};

/// A function's work on one event.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Run {
    /// The function.
    pub function: String,
    /// What kind of trigger it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// The attempts, in order of time; duplicates are attempts too.
    pub attempts: Vec<Attempt>,
    /// What it changed in the business tables.
    pub changes: Vec<Change>,
    /// The events that it emitted.
    pub emitted: Vec<EventNode>,
    /// The sagas that it started.
    pub started: Vec<SagaNode>,
    /// The dead letters that it left.
    pub failures: Vec<Failure>,
    /// Ids of what it emitted and started.
    #[serde(skip)]
    pub(crate) emitted_ids: Vec<String>,
    #[serde(skip)]
    pub(crate) started_ids: Vec<String>,
}

impl Run {
    /// When it began.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.attempts.first().map(|attempt| attempt.started_at)
    }

    /// The attempt whose outcome counts: the first that did the work, else the last. Deliveries of the same event that come
    /// after it are duplicates.
    pub fn deciding(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.succeeded()).or_else(|| self.attempts.last())
    }

    /// How it stands.
    pub fn outcome(&self) -> AttemptOutcome {
        self.deciding().map(|attempt| attempt.outcome).unwrap_or_default()
    }

    /// Attempts that found the work done.
    pub fn duplicates(&self) -> usize {
        self.attempts.iter().filter(|attempt| attempt.outcome == AttemptOutcome::Duplicate).count()
    }

    /// Whether it is done, or nothing more comes by itself.
    pub(super) fn is_settled(&self) -> bool {
        self.deciding().is_some_and(|attempt| attempt.succeeded() || attempt.gave_up()) || !self.failures.is_empty()
    }

    pub(super) fn add(&mut self, line: &JournalLine) {
        if self.function.is_empty() {
            self.function.clone_from(&line.function);
        }
        if self.trigger.is_none() {
            self.trigger.clone_from(&line.trigger);
        }
        let position = self.attempts.iter().rposition(|attempt| attempt.has(line));
        let attempt = match position.and_then(|position| self.attempts.get_mut(position)) {
            Some(attempt) => attempt,
            None => {
                self.attempts.push(Attempt::begin(line));
                let Some(attempt) = self.attempts.last_mut() else { return };
                attempt
            }
        };
        attempt.add(line);
        self.emitted_ids.extend(line.emitted.iter().cloned());
        self.started_ids.extend(line.started.iter().cloned());
    }

    pub(super) fn settle(&mut self, reports: &[Report]) {
        for attempt in &mut self.attempts {
            attempt.settle(reports);
        }
    }
}
