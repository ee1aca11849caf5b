//! Putting the rows of a workflow together.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use jiff::Timestamp;
use throughline_telemetry::{JournalLine, Stage};

use super::plant::Plant;
use super::{EventNode, LifeCycle, Note, Publication, Run, SagaNode, Step};
use crate::failure::Failure;
use crate::read::StoredEvent;
use crate::row::{Change, Report, Rows};

/// Everything that is known, before it is a tree. Events by id, or by `message <id>` where there is none.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub(super) events: IndexMap<String, EventNode>,
    pub(super) sagas: IndexMap<String, SagaNode>,
    /// The event that caused a saga's start.
    pub(super) saga_causes: IndexMap<String, String>,
    pub(super) failures: Vec<Failure>,
    pub(super) changes: Vec<Change>,
    pub(super) notes: Vec<Note>,
}

impl LifeCycle {
    /// Puts the rows of one workflow together. The order of the rows does not matter; what is missing leaves gaps, not errors.
    pub fn build(correlation_id: &str, rows: Rows, events: Vec<StoredEvent>, failures: Vec<Failure>) -> Self {
        let (started_at, ended_at) = span(&rows, &events, &failures);
        let mut pieces = Pieces::default();
        let mut events = events;
        events.sort_by(|a, b| (a.created_at, &a.event_id).cmp(&(b.created_at, &b.event_id)));
        events.into_iter().for_each(|event| pieces.stored(event));
        let mut lines = rows.lines;
        lines.sort_by_key(|line| line.time);
        lines.iter().for_each(|line| pieces.line(line));
        pieces.settle(&rows.reports);
        let mut changes = rows.changes;
        changes.sort_by(|a, b| (a.time, number(a)).cmp(&(b.time, number(b))));
        changes.into_iter().for_each(|change| pieces.change(change));
        failures.into_iter().for_each(|failure| pieces.failure(failure));
        let notes = std::mem::take(&mut pieces.notes);
        let tree = Plant::new(pieces).grow();
        Self {
            correlation_id: correlation_id.to_owned(),
            roots: tree.roots,
            sagas: tree.sagas,
            failures: tree.failures,
            changes: tree.changes,
            notes,
            started_at,
            ended_at,
        }
    }
}

/// The stream's numbers have up to 40 digits.
fn number(change: &Change) -> (usize, &str) {
    (change.sequence_number.len(), &change.sequence_number)
}

fn span(rows: &Rows, events: &[StoredEvent], failures: &[Failure]) -> (Option<Timestamp>, Option<Timestamp>) {
    let times = || {
        let of_lines = rows.lines.iter().map(|line| line.time);
        let of_events = events.iter().map(|event| event.created_at);
        of_lines.chain(of_events).chain(failures.iter().map(|failure| failure.failed_at))
    };
    (times().min(), times().max())
}

/// The invocations of attempts that have no end: Lambda's reports say what became of them.
pub(crate) fn open_requests(lines: &[JournalLine]) -> BTreeSet<String> {
    let key = |line: &JournalLine| (line.span_id.clone(), line.request_id.clone(), line.message_id.clone());
    let ended: BTreeSet<_> = lines.iter().filter(|line| line.outcome.is_some()).map(key).collect();
    let begun = lines.iter().filter(|line| line.stage == Stage::Received && !ended.contains(&key(line)));
    begun.filter_map(|line| line.request_id.clone()).collect()
}

impl Pieces {
    fn stored(&mut self, stored: StoredEvent) {
        match (stored.is_saga(), stored.saga_id.clone()) {
            (true, Some(id)) => {
                if let Some(cause) = stored.causation_id {
                    self.saga_causes.insert(id.clone(), cause);
                }
                let saga = self.saga(&id);
                saga.saga = stored.saga;
                saga.event_id = Some(stored.event_id);
                saga.started_at = Some(stored.created_at);
            }
            _ => {
                let unsent = stored.is_unsent();
                let event = self.event(&stored.event_id);
                event.unsent = unsent;
                event.sent_at = stored.sent_at;
                event.event_type = Some(stored.event_type);
                event.subject = stored.subject;
                event.causation_id = stored.causation_id;
                event.time = Some(stored.created_at);
            }
        }
    }

    fn event(&mut self, id: &str) -> &mut EventNode {
        self.events
            .entry(id.to_owned())
            .or_insert_with(|| EventNode { event_id: Some(id.to_owned()), ..EventNode::default() })
    }

    fn saga(&mut self, id: &str) -> &mut SagaNode {
        self.sagas.entry(id.to_owned()).or_insert_with(|| SagaNode { saga_id: id.to_owned(), ..SagaNode::default() })
    }

    fn line(&mut self, line: &JournalLine) {
        match (line.stage, &line.saga_id) {
            (Stage::Published, _) => self.published(line),
            (Stage::SagaStarted, Some(saga)) => {
                let node = self.saga(saga);
                node.started_at = node.started_at.or(Some(line.time));
                node.saga = node.saga.take().or_else(|| line.saga.clone());
                node.event_id = node.event_id.take().or_else(|| line.event_id.clone());
            }
            (Stage::SagaStarted, None) => {}
            (
                Stage::Skipped | Stage::Fenced | Stage::CircuitOpened | Stage::CircuitHalfOpen | Stage::CircuitClosed,
                _,
            ) => {
                self.notes.push(Note::of(line));
            }
            (_, Some(saga)) => self.step(saga, line),
            (_, None) => self.consumed(line),
        }
    }

    fn published(&mut self, line: &JournalLine) {
        let Some(id) = &line.event_id else { return };
        let publication =
            Publication { time: line.time, function: line.function.clone(), destinations: line.destinations.clone() };
        let event = self.event(id);
        describe(event, line);
        event.published.push(publication);
        event.unsent = false;
    }

    fn step(&mut self, saga: &str, line: &JournalLine) {
        let node = self.saga(saga);
        node.saga = node.saga.take().or_else(|| line.saga.clone());
        node.event_id = node.event_id.take().or_else(|| line.event_id.clone());
        let step = line.step.clone().unwrap_or_else(|| line.function.clone());
        let direction = line.direction.clone().unwrap_or_else(|| "do".into());
        let known = node.steps.iter_mut().find(|known| known.step == step && known.direction == direction);
        if let Some(known) = known {
            known.run.add(line);
            return;
        }
        let mut run = Run::default();
        run.add(line);
        node.steps.push(Step { step, direction, run });
    }

    fn consumed(&mut self, line: &JournalLine) {
        let event = match (&line.event_id, &line.message_id) {
            (Some(id), _) => self.event(id),
            (None, message) => {
                let message = message.clone().or_else(|| line.request_id.clone()).unwrap_or_default();
                let new = EventNode { message_id: Some(message.clone()), ..EventNode::default() };
                self.events.entry(format!("message {message}")).or_insert(new)
            }
        };
        describe(event, line);
        let known = event.runs.iter_mut().find(|run| run.function == line.function);
        if let Some(run) = known {
            run.add(line);
            return;
        }
        let mut run = Run::default();
        run.add(line);
        event.runs.push(run);
    }

    fn settle(&mut self, reports: &[Report]) {
        for run in self.runs() {
            run.settle(reports);
        }
        for saga in self.sagas.values_mut() {
            saga.outcome = saga.judge();
        }
    }

    fn runs(&mut self) -> impl Iterator<Item = &mut Run> {
        let of_events = self.events.values_mut().flat_map(|event| event.runs.iter_mut());
        of_events.chain(self.sagas.values_mut().flat_map(|saga| saga.steps.iter_mut().map(|step| &mut step.run)))
    }

    /// The run of a function at an event, or at a step of the saga whose input carries it.
    fn run_of(&mut self, event_id: &str, function: &str) -> Option<&mut Run> {
        let of_event = self.events.get_mut(event_id).into_iter().flat_map(|event| event.runs.iter_mut());
        let sagas = self.sagas.values_mut().filter(|saga| saga.event_id.as_deref() == Some(event_id));
        let of_sagas = sagas.flat_map(|saga| saga.steps.iter_mut().map(|step| &mut step.run));
        of_event.chain(of_sagas).find(|run| run.function == function)
    }

    fn change(&mut self, change: Change) {
        let by = change.event_id.clone().zip(change.function.clone());
        match by.and_then(|(event, function)| self.run_of(&event, &function)) {
            Some(run) => run.changes.push(change),
            None => self.changes.push(change),
        }
    }

    fn failure(&mut self, failure: Failure) {
        let message = failure.message_id.as_ref().map(|message| format!("message {message}"));
        let event = failure.event_id.clone().or(message).unwrap_or_default();
        match self.run_of(&event, &failure.function) {
            Some(run) => run.failures.push(failure),
            None => self.failures.push(failure),
        }
    }
}

fn describe(event: &mut EventNode, line: &JournalLine) {
    event.event_type = event.event_type.take().or_else(|| line.event_type.clone());
    event.source = event.source.take().or_else(|| line.event_source.clone());
    event.subject = event.subject.take().or_else(|| line.subject.clone());
    event.causation_id = event.causation_id.take().or_else(|| line.causation_id.clone());
    event.time = event.time.or(Some(line.time));
}
