//! A valid saga, as data.

use std::fmt;

use serde::Serialize;
use throughline_contracts::Contract;

use crate::builder::SagaBuilder;
use crate::names;
use crate::retry::Retry;

/// A saga that has been checked. Made by [`Saga::of`] … [`build`](SagaBuilder::build).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Saga {
    pub(crate) name: String,
    pub(crate) about: Option<String>,
    pub(crate) input: String,
    pub(crate) input_version: u32,
    pub(crate) timeout_seconds: u32,
    pub(crate) stages: Vec<Stage>,
    pub(crate) closing: Option<Task>,
    pub(crate) completed: String,
    pub(crate) compensated: String,
}

/// What a saga does at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// One step. Before the pivot it can be undone; after it, it is tried until it succeeds.
    Step(Task),
    /// Branches of steps, side by side. When one fails, the steps of all are undone, the last first.
    Parallel {
        /// The state's name.
        name: String,
        /// Each branch's steps, in order.
        branches: Vec<Vec<Task>>,
    },
    /// The step that decides: when it has succeeded nothing is undone any more.
    Pivot(Task),
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    pub(crate) name: String,
    pub(crate) function: String,
    pub(crate) about: Option<String>,
    pub(crate) undo: Undo,
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout_seconds: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<OutputType>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) needs: Vec<OutputType>,
}

/// The contract of what a step answers to later steps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct OutputType {
    /// Its type: `orders.payment.charged`.
    pub name: String,
    /// Its version.
    pub version: u32,
}

/// What undoes a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Undo {
    /// The definition does not say: right after the pivot, a mistake before it.
    Unsaid,
    /// Nothing has to.
    Harmless,
    /// A function.
    By(Compensation),
}

/// A compensation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compensation {
    pub(crate) function: String,
    pub(crate) retry: Retry,
    pub(crate) timeout_seconds: u32,
}

/// What a function is for in a saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// It does a step: `Function::saga_step`.
    Step,
    /// It undoes one: `Function::compensation`.
    Compensation,
}

/// A function that a saga calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What for.
    pub role: Role,
    /// The step that it does or undoes.
    pub step: String,
}

impl Saga {
    /// Begins the definition of a saga that works on `T`.
    pub fn of<T: Contract>(name: &str) -> SagaBuilder<T> {
        SagaBuilder::new(name)
    }

    /// The saga's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The contract of what every step is given: type and version.
    #[must_use]
    pub fn input(&self) -> (&str, u32) {
        (&self.input, self.input_version)
    }

    /// What is done, in order.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// The step after the last compensation, if there is one.
    #[must_use]
    pub fn closing(&self) -> Option<&Task> {
        self.closing.as_ref()
    }

    /// The longest that an execution may take, in seconds.
    #[must_use]
    pub fn timeout_seconds(&self) -> u32 {
        self.timeout_seconds
    }

    /// The final state of a saga that did all it should.
    #[must_use]
    pub fn completed(&self) -> &str {
        &self.completed
    }

    /// The final state of a saga that undid all it did.
    #[must_use]
    pub fn compensated(&self) -> &str {
        &self.compensated
    }

    /// The pivot, if there is one.
    #[must_use]
    pub fn pivot(&self) -> Option<&Task> {
        self.stages.iter().find_map(|stage| if let Stage::Pivot(task) = stage { Some(task) } else { None })
    }

    /// Every step in the order of the definition, the closing one last.
    pub fn steps(&self) -> impl Iterator<Item = &Task> {
        self.stages.iter().flat_map(Stage::tasks).chain(&self.closing)
    }

    /// Every function that the saga calls, once for each step that it does or undoes.
    #[must_use]
    pub fn functions(&self) -> Vec<Function> {
        let done = self.steps().map(|task| Function::new(&task.function, Role::Step, task));
        let undone = self.steps().filter_map(|task| Some((task.compensation()?, task)));
        let undone = undone.map(|(undo, task)| Function::new(&undo.function, Role::Compensation, task));
        done.chain(undone).collect()
    }

    /// The steps that can be undone, in the order in which they are: the last first.
    pub(crate) fn way_back(&self) -> Vec<(&Task, &Compensation)> {
        let tasks: Vec<_> = self.stages.iter().flat_map(Stage::tasks).collect();
        tasks.into_iter().rev().filter_map(|task| Some((task, task.compensation()?))).collect()
    }

    /// The state where the way back begins when the stage at `index` fails: its own compensation first.
    pub(crate) fn turns_back_to(&self, index: usize) -> String {
        let stages = self.stages.iter().take(index + 1).rev();
        let last = stages.flat_map(Stage::tasks_in_reverse).find_map(Task::compensation);
        let closing = || self.closing.as_ref().map_or_else(|| self.compensated.clone(), Task::state);
        last.map_or_else(closing, Compensation::state)
    }

    /// Whether the stage at `index` comes after the pivot.
    pub(crate) fn is_tail(&self, index: usize) -> bool {
        self.stages.iter().take(index).any(|stage| matches!(stage, Stage::Pivot(_)))
    }
}

impl OutputType {
    pub(crate) fn of<O: Contract>() -> Self {
        Self { name: O::TYPE.to_owned(), version: O::VERSION }
    }
}

impl fmt::Display for OutputType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} version {}", self.name, self.version)
    }
}

impl Function {
    fn new(name: &str, role: Role, task: &Task) -> Self {
        Self { name: name.to_owned(), role, step: task.name.clone() }
    }
}

impl Stage {
    /// Its steps, in order; those of a parallel stage branch by branch.
    #[must_use]
    pub fn tasks(&self) -> Vec<&Task> {
        match self {
            Self::Step(task) | Self::Pivot(task) => vec![task],
            Self::Parallel { branches, .. } => branches.iter().flatten().collect(),
        }
    }

    fn tasks_in_reverse(&self) -> impl Iterator<Item = &Task> {
        self.tasks().into_iter().rev()
    }

    /// The name of its state.
    #[must_use]
    pub fn state(&self) -> String {
        match self {
            Self::Step(task) | Self::Pivot(task) => task.state(),
            Self::Parallel { name, .. } => name.clone(),
        }
    }
}

impl Task {
    /// The step's name; with the saga's id it is the key under which it happens once.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The function that does it.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function
    }

    /// What it does, in words.
    #[must_use]
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// What it answers, for its compensation and for later steps.
    #[must_use]
    pub fn output(&self) -> Option<&OutputType> {
        self.output.as_ref()
    }

    /// The outputs of earlier steps that it is given.
    #[must_use]
    pub fn needs(&self) -> &[OutputType] {
        &self.needs
    }

    /// What undoes it.
    #[must_use]
    pub fn compensation(&self) -> Option<&Compensation> {
        if let Undo::By(compensation) = &self.undo { Some(compensation) } else { None }
    }

    /// What is said about undoing it.
    #[must_use]
    pub fn undo(&self) -> &Undo {
        &self.undo
    }

    /// The name of its state.
    #[must_use]
    pub fn state(&self) -> String {
        names::state(&self.name)
    }
}

impl Compensation {
    /// The function that undoes the step.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The name of its state.
    #[must_use]
    pub fn state(&self) -> String {
        names::state(&self.function)
    }
}
