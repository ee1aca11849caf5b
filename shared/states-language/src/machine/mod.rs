//! A state machine, parsed.

mod choice;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

pub(crate) use choice::{Choice, Comparison, Operand, Operator, Ordering, Test, ValueKind};
pub(crate) use state::{
    Amount, Catcher, Distributed, Fail, Kind, Map, Next, Parallel, Pass, Percentage, Retrier, ServiceTask, State, Task,
    Text, Wait,
};

pub use state::JobPattern;

use crate::diagnostic::{Diagnostic, InvalidDefinition};
use crate::execute::Resource;
use crate::parse;
use crate::references::References;

/// The language of paths and expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueryLanguage {
    /// JSONPath, with intrinsic functions: the default.
    #[default]
    JsonPath,
    /// JSONata.
    Jsonata,
}

/// A state machine that can be run.
#[derive(Debug, Clone)]
pub struct StateMachine {
    pub(crate) comment: Option<String>,
    pub(crate) query_language: QueryLanguage,
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) flow: Flow,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) references: References,
}

/// States and where they start: a whole machine, a branch, or an item processor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flow {
    pub(crate) start_at: String,
    pub(crate) states: IndexMap<String, State>,
}

impl StateMachine {
    /// Parses and validates a definition.
    ///
    /// # Errors
    /// Every mistake of the definition.
    pub fn parse(definition: &str) -> Result<Self, InvalidDefinition> {
        parse::parse(definition)
    }

    /// `Comment`.
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// `QueryLanguage` of the whole machine.
    pub fn query_language(&self) -> QueryLanguage {
        self.query_language
    }

    /// `TimeoutSeconds` of the whole machine.
    pub fn timeout_seconds(&self) -> Option<u64> {
        self.timeout_seconds
    }

    /// The same, with an execution that ends after so many seconds at the latest.
    #[must_use]
    pub fn at_most(mut self, seconds: u64) -> Self {
        self.timeout_seconds = Some(self.timeout_seconds.map_or(seconds, |own| own.min(seconds)));
        self
    }

    /// The state that an execution starts at.
    pub fn start_at(&self) -> &str {
        &self.flow.start_at
    }

    /// The names of the top-level states, in the order of the definition.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        self.flow.states.keys().map(String::as_str)
    }

    /// The resources of all tasks, branches and item processors included.
    pub fn resources(&self) -> Vec<&Resource> {
        self.located_resources().into_iter().map(|(_, resource)| resource).collect()
    }

    /// The resources of all tasks, each with its place in the definition: `/States/Reserve/Resource`.
    pub fn located_resources(&self) -> Vec<(String, &Resource)> {
        let mut found = Vec::new();
        let mut open = vec![(&self.flow, String::new())];
        while let Some((flow, at)) = open.pop() {
            for (name, state) in &flow.states {
                let place = format!("{at}/States/{name}");
                match &state.kind {
                    Kind::Task(task) => found.push((format!("{place}/Resource"), &task.resource)),
                    Kind::Parallel(parallel) => {
                        let branches = parallel.branches.iter().enumerate();
                        open.extend(branches.map(|(index, branch)| (branch, format!("{place}/Branches[{index}]"))));
                    }
                    Kind::Map(map) => open.push((&map.processor, format!("{place}/ItemProcessor"))),
                    _ => {}
                }
            }
        }
        found
    }

    /// By state, the names of the workflow variables that its paths and expressions read; states that read none are
    /// left out.
    pub fn variable_references(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.references
    }

    /// What is doubtful about the definition, though it can be run.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}
