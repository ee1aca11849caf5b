//! What one run is made from.

use std::collections::BTreeSet;

use super::id::WorkflowId;
use super::plan::Faults;

/// Settings of a run. The same settings give the same journal, byte for byte.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// What every choice comes from.
    pub seed: u64,
    /// How many workflows.
    pub workflows: u32,
    /// Only these of them, when given; they are what they are among all.
    pub pick: Option<BTreeSet<WorkflowId>>,
    /// What goes wrong.
    pub faults: Faults,
    /// Whether everything runs: also what records the journal. Otherwise the journal is kept in memory, and functions that only
    /// write it do not run.
    pub full: bool,
}

/// How many workflows a run has unless it says so.
pub(crate) const WORKFLOWS: u32 = 50;

impl Settings {
    /// A run under this seed, with all faults.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self { seed, workflows: WORKFLOWS, pick: None, faults: Faults::all(), full: false }
    }

    /// The same with so many workflows.
    #[must_use]
    pub fn workflows(mut self, workflows: u32) -> Self {
        self.workflows = workflows;
        self
    }

    /// The same with other faults.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// The same with everything that records the journal.
    #[must_use]
    pub fn full(mut self) -> Self {
        self.full = true;
        self
    }

    /// The same with only these of the workflows.
    #[must_use]
    pub fn pick(mut self, workflows: impl IntoIterator<Item = WorkflowId>) -> Self {
        self.pick = Some(workflows.into_iter().collect());
        self
    }

    /// The arguments of the command that say the same.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--seed".to_owned(), self.seed.to_string()];
        arguments.extend(["--workflows".to_owned(), self.workflows.to_string()]);
        if let Some(pick) = &self.pick {
            let pick: Vec<_> = pick.iter().map(ToString::to_string).collect();
            arguments.extend(["--pick".to_owned(), pick.join(",")]);
        }
        arguments.extend(self.faults.arguments());
        if self.full {
            arguments.push("--full".to_owned());
        }
        arguments
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = WorkflowId> + '_ {
        let wanted = |id: &WorkflowId| self.pick.as_ref().is_none_or(|pick| pick.contains(id));
        (0..self.workflows).map(WorkflowId).filter(wanted)
    }
}
