//! A model of what functions do to the world: effects through deduplication records, with tombstones.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// A step's name, and whether it is undone.
pub(crate) type Key = (String, Direction);

/// Which way a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The step.
    Do,
    /// Its compensation.
    Undo,
}

/// What came of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Committed {
    /// It took effect.
    Effect,
    /// It had before.
    Duplicate,
    /// Its compensation came first.
    Superseded,
}

/// The world that a saga changes.
#[derive(Debug, Default)]
pub(crate) struct World {
    records: BTreeMap<Key, ()>,
    /// The effects, in order.
    pub(crate) effects: Vec<Key>,
    /// Steps whose effect is still under way.
    late: Vec<String>,
    /// Late steps that were refused.
    pub(crate) superseded: Vec<String>,
    /// Steps that have answered.
    pub(crate) answered: BTreeSet<String>,
    tombstones: bool,
}

impl World {
    pub(crate) fn new(tombstones: bool) -> Self {
        Self { tombstones, ..Self::default() }
    }

    /// The transaction at the end of a call: record and effect, or neither.
    pub(crate) fn commit(&mut self, step: &str, direction: Direction) -> Committed {
        let key = (step.to_owned(), direction);
        if self.records.contains_key(&key) {
            return Committed::Duplicate;
        }
        let undone = self.records.contains_key(&(step.to_owned(), Direction::Undo));
        if direction == Direction::Do && undone && self.tombstones {
            self.superseded.push(step.to_owned());
            return Committed::Superseded;
        }
        self.records.insert(key.clone(), ());
        self.effects.push(key);
        if direction == Direction::Undo {
            self.land(Some(step));
        }
        Committed::Effect
    }

    /// A call that will take effect some time later.
    pub(crate) fn delay(&mut self, step: &str) {
        if !self.late.iter().any(|late| late == step) {
            self.late.push(step.to_owned());
        }
    }

    /// What is under way takes effect now: of one step, or all of it.
    pub(crate) fn land(&mut self, step: Option<&str>) {
        let lands = |late: &String| step.is_none_or(|step| step == late);
        let landing: Vec<_> = self.late.iter().filter(|late| lands(late)).cloned().collect();
        self.late.retain(|late| !lands(late));
        for step in landing {
            self.commit(&step, Direction::Do);
        }
    }

    pub(crate) fn has(&self, step: &str, direction: Direction) -> bool {
        self.effects.iter().any(|(name, way)| name == step && *way == direction)
    }
}
