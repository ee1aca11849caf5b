//! From pieces to a tree: everything stands below what caused it, and nothing stands twice.

use std::collections::BTreeSet;

use super::build::Pieces;
use super::{EventNode, Run, SagaNode};
use crate::failure::Failure;
use crate::row::Change;

/// The tree.
pub(super) struct Tree {
    pub(super) roots: Vec<EventNode>,
    pub(super) sagas: Vec<SagaNode>,
    pub(super) failures: Vec<Failure>,
    pub(super) changes: Vec<Change>,
}

/// Pieces of which a tree grows. What is placed leaves the pieces, so that a circle of causes ends.
pub(super) struct Plant {
    pieces: Pieces,
}

impl Plant {
    pub(super) fn new(pieces: Pieces) -> Self {
        Self { pieces }
    }

    pub(super) fn grow(mut self) -> Tree {
        let mut roots: Vec<_> = self.root_ids().iter().filter_map(|id| self.take_event(id)).collect();
        // What is left causes itself in a circle, or hangs from a saga that nothing started.
        let ids: Vec<_> = self.root_saga_ids();
        let sagas: Vec<_> = ids.iter().filter_map(|id| self.take_saga(id)).collect();
        while let Some(id) = self.pieces.events.keys().next().cloned() {
            roots.extend(self.take_event(&id));
        }
        let mut sagas = sagas;
        while let Some(id) = self.pieces.sagas.keys().next().cloned() {
            sagas.extend(self.take_saga(&id));
        }
        roots.sort_by_key(|event| event.time);
        Tree { roots, sagas, failures: self.pieces.failures, changes: self.pieces.changes }
    }

    /// Events that no known run emitted and no known event or saga caused.
    fn root_ids(&self) -> Vec<String> {
        let emitted = self.made(|run| &run.emitted_ids);
        let carried: BTreeSet<_> = self.pieces.sagas.values().filter_map(|saga| saga.event_id.clone()).collect();
        let caused = |event: &EventNode| {
            let cause = event.causation_id.as_ref();
            cause.is_some_and(|cause| self.pieces.events.contains_key(cause) || carried.contains(cause))
        };
        let roots = self.pieces.events.iter().filter(|(id, event)| !emitted.contains(*id) && !caused(event));
        roots.map(|(id, _)| id.clone()).collect()
    }

    fn root_saga_ids(&self) -> Vec<String> {
        let started = self.made(|run| &run.started_ids);
        self.pieces.sagas.keys().filter(|id| !started.contains(*id)).cloned().collect()
    }

    fn made(&self, ids: impl Fn(&Run) -> &Vec<String>) -> BTreeSet<String> {
        let of_events = self.pieces.events.values().flat_map(|event| event.runs.iter());
        let of_sagas = self.pieces.sagas.values().flat_map(|saga| saga.steps.iter().map(|step| &step.run));
        of_events.chain(of_sagas).flat_map(|run| ids(run).clone()).collect()
    }

    fn take_event(&mut self, id: &str) -> Option<EventNode> {
        let mut event = self.pieces.events.shift_remove(id)?;
        for run in &mut event.runs {
            self.fill(run);
        }
        event.sagas = self.sagas_caused_by(id);
        event.caused = self.events_caused_by(id);
        Some(event)
    }

    fn take_saga(&mut self, id: &str) -> Option<SagaNode> {
        let mut saga = self.pieces.sagas.shift_remove(id)?;
        for step in &mut saga.steps {
            self.fill(&mut step.run);
        }
        if let Some(event) = saga.event_id.clone() {
            saga.caused = self.events_caused_by(&event);
        }
        Some(saga)
    }

    fn fill(&mut self, run: &mut Run) {
        let emitted: Vec<_> = run.emitted_ids.iter().filter(|id| !run.started_ids.contains(id)).cloned().collect();
        run.emitted = emitted.iter().filter_map(|id| self.take_event(id)).collect();
        // The list of what a commit wrote holds saga ids too.
        let started: BTreeSet<_> = run.started_ids.iter().chain(&run.emitted_ids).cloned().collect();
        run.started = started.iter().filter_map(|id| self.take_saga(id)).collect();
    }

    fn events_caused_by(&mut self, cause: &str) -> Vec<EventNode> {
        // What a run elsewhere says that it emitted is placed there.
        let emitted = self.made(|run| &run.emitted_ids);
        let ids: Vec<_> = self
            .pieces
            .events
            .iter()
            .filter(|(id, event)| event.causation_id.as_deref() == Some(cause) && !emitted.contains(*id))
            .map(|(id, _)| id.clone())
            .collect();
        ids.iter().filter_map(|id| self.take_event(id)).collect()
    }

    fn sagas_caused_by(&mut self, cause: &str) -> Vec<SagaNode> {
        let started = self.made(|run| &run.started_ids);
        let ids: Vec<_> = self
            .pieces
            .saga_causes
            .iter()
            .filter(|(id, by)| by.as_str() == cause && !started.contains(*id))
            .map(|(id, _)| id.clone())
            .collect();
        ids.iter().filter_map(|id| self.take_saga(id)).collect()
    }
}
