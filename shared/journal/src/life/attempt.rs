//! One attempt of a function at an event.

use jiff::Timestamp;
use serde::Serialize;
use throughline_telemetry::{JournalLine, Stage};

use crate::row::Report;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptOutcome {
    /// It has not ended, as far as is known.
    #[default]
    Open,
    /// Its effects are committed.
    Handled,
    /// It was handled before.
    Duplicate,
    /// It will be tried again.
    Retrying,
    /// It failed for good.
    Failed,
    /// It is not an event, or breaks its contract.
    Rejected,
    /// It was not started.
    HandedBack,
    /// The invocation ended without a word.
    Crashed,
}

/// One attempt.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// From 1.
    pub attempt: u32,
    /// SQS's receive count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<u32>,
    /// The invocation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// SQS's id for the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The queue it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The failure's class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The failure's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The failure's cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// When the next attempt may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The dead-letter queue that the message was parked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked_in: Option<String>,
    /// The span, which the attempt's lines share.
    #[serde(skip)]
    pub(crate) span_id: Option<String>,
}

impl Attempt {
    /// The attempt that a line begins.
    pub(super) fn begin(line: &JournalLine) -> Self {
        Self {
            attempt: line.attempt.unwrap_or(1),
            delivery: line.delivery,
            request_id: line.request_id.clone(),
            message_id: line.message_id.clone(),
            queue: line.queue.clone(),
            started_at: line.time,
            span_id: line.span_id.clone(),
            ..Self::default()
        }
    }

    /// Whether a line is of this attempt: the same span, or, of what is not an event, the same message in the same invocation.
    pub(super) fn has(&self, line: &JournalLine) -> bool {
        self.span_id == line.span_id && self.request_id == line.request_id && self.message_id == line.message_id
    }

    /// Takes up what a line says.
    pub(super) fn add(&mut self, line: &JournalLine) {
        let outcome = match line.stage {
            Stage::Handled => AttemptOutcome::Handled,
            Stage::Duplicate => AttemptOutcome::Duplicate,
            Stage::Retrying => AttemptOutcome::Retrying,
            Stage::Failed => AttemptOutcome::Failed,
            Stage::Rejected => AttemptOutcome::Rejected,
            Stage::HandedBack => AttemptOutcome::HandedBack,
            Stage::Parked => {
                self.parked_in = line.dead_letter_queue.clone().or_else(|| Some("unknown".into()));
                return;
            }
            _ => return,
        };
        self.outcome = outcome;
        self.attempt = line.attempt.unwrap_or(self.attempt);
        self.ended_at = Some(line.time);
        self.duration_ms = line.duration_ms;
        self.class.clone_from(&line.class);
        self.code.clone_from(&line.code);
        self.cause.clone_from(&line.cause);
        self.retry_after_ms = line.retry_after_ms;
    }

    /// An attempt without an end whose invocation has one crashed with it.
    pub(super) fn settle(&mut self, reports: &[Report]) {
        if self.outcome != AttemptOutcome::Open {
            return;
        }
        let ours = |report: &&Report| Some(&report.request_id) == self.request_id.as_ref() && !report.succeeded();
        if let Some(report) = reports.iter().find(ours) {
            self.outcome = AttemptOutcome::Crashed;
            self.ended_at = Some(report.time);
            self.duration_ms = report.duration_ms;
            self.code = report.error_type.clone().or_else(|| Some(report.status.clone()));
            self.cause = Some(format!("the invocation ended with status `{}`", report.status));
        }
    }

    /// Whether its work is done, now or before.
    pub fn succeeded(&self) -> bool {
        matches!(self.outcome, AttemptOutcome::Handled | AttemptOutcome::Duplicate)
    }

    /// Whether nothing comes after it by itself.
    pub fn gave_up(&self) -> bool {
        matches!(self.outcome, AttemptOutcome::Failed | AttemptOutcome::Rejected) || self.parked_in.is_some()
    }
}
