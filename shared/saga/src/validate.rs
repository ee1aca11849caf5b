//! Checking a definition.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::{Role, Saga, Stage, Task, Undo};
use crate::error::{InvalidSaga, Problem, ProblemKind};
use crate::names::{is_kebab, is_pascal};
use crate::outputs;
use crate::retry::Retry;

/// The longest name of a state, in characters; of an execution's, and so of a saga's id, as well.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html>
const NAME_CHARS: usize = 80;
/// The longest `MaxDelaySeconds`.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error>
const MAX_DELAY_SECONDS: u32 = 31_622_400;

pub(crate) fn validate(saga: &Saga) -> Result<(), InvalidSaga> {
    let mut found = Found::default();
    shape(saga, &mut found);
    names(saga, &mut found);
    states(saga, &mut found);
    compensations(saga, &mut found);
    times(saga, &mut found);
    for (task, problem) in saga.output_problems() {
        found.add(step(task), problem);
    }
    if found.0.is_empty() { Ok(()) } else { Err(InvalidSaga { saga: saga.name.clone(), problems: found.0 }) }
}

#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, place: impl Into<String>, kind: ProblemKind) {
        self.0.push(Problem { place: place.into(), kind });
    }

    /// Adds a problem of a name, if it has one.
    fn name(&mut self, place: &str, name: &str, is_one: fn(&str) -> bool, kind: fn(String) -> ProblemKind) {
        if !is_one(name) {
            self.add(place, kind(name.to_owned()));
        }
        let length = name.chars().count();
        if length > NAME_CHARS {
            self.add(place, ProblemKind::LongName { name: name.to_owned(), length });
        }
    }
}

fn step(task: &Task) -> String {
    format!("step `{}`", task.name)
}

fn undo(task: &Task) -> String {
    format!("compensation of `{}`", task.name)
}

fn shape(saga: &Saga, found: &mut Found) {
    if saga.stages.is_empty() {
        found.add("saga", ProblemKind::Empty);
    }
    let mut decided = false;
    for stage in &saga.stages {
        match stage {
            Stage::Step(_) => {}
            Stage::Parallel { name, branches, .. } if branches.len() < 2 => {
                found.add(format!("parallel `{name}`"), ProblemKind::OneBranch);
            }
            Stage::Parallel { .. } => {}
            Stage::Pivot(task) if decided => found.add(step(task), ProblemKind::SecondPivot),
            Stage::Pivot(_) => decided = true,
        }
    }
}

fn names(saga: &Saga, found: &mut Found) {
    found.name("saga", &saga.name, is_kebab, ProblemKind::BadName);
    found.name("final state", &saga.completed, is_pascal, ProblemKind::BadStateName);
    found.name("final state", &saga.compensated, is_pascal, ProblemKind::BadStateName);
    let mut seen = BTreeSet::new();
    for task in saga.steps() {
        found.name(&step(task), &task.name, is_kebab, ProblemKind::BadName);
        if task.function != task.name {
            found.name(&format!("function of `{}`", task.name), &task.function, is_kebab, ProblemKind::BadName);
        }
        if let Some(compensation) = task.compensation() {
            found.name(&undo(task), &compensation.function, is_kebab, ProblemKind::BadName);
        }
        if !seen.insert(&task.name) {
            found.add(step(task), ProblemKind::DuplicateStep);
        }
    }
    for stage in &saga.stages {
        if let Stage::Parallel { name, .. } = stage {
            found.name(&format!("parallel `{name}`"), name, is_pascal, ProblemKind::BadStateName);
        }
    }
}

/// Names of states are unique in the whole machine, those in branches included.
fn states(saga: &Saga, found: &mut Found) {
    let parallels = saga.stages.iter().filter(|stage| matches!(stage, Stage::Parallel { .. }));
    let mut all: Vec<_> = parallels.map(|stage| (format!("parallel `{}`", stage.state()), stage.state())).collect();
    let mut names = BTreeSet::new();
    // A step that has another's name is told of by that name.
    all.extend(saga.steps().filter(|task| names.insert(&task.name)).map(|task| (step(task), task.state())));
    all.push(("final state".to_owned(), saga.completed.clone()));
    all.extend(saga.start_state().map(|_| ("state before the first step".to_owned(), outputs::START.to_owned())));
    all.extend(saga.steps().filter_map(|task| Some((undo(task), task.compensation()?.state()))));
    all.push(("final state".to_owned(), saga.compensated.clone()));
    let mut seen = BTreeSet::new();
    for (place, state) in all {
        if !seen.insert(state.clone()) {
            found.add(place, ProblemKind::DuplicateState(state));
        }
    }
    let mut roles = BTreeMap::new();
    for function in saga.functions() {
        let other = roles.insert(function.name.clone(), function.role);
        if other.is_some_and(|other: Role| other != function.role) {
            found.add(format!("step `{}`", function.step), ProblemKind::BothRoles(function.name));
        }
    }
}

fn compensations(saga: &Saga, found: &mut Found) {
    for (index, stage) in saga.stages.iter().enumerate() {
        let decided = saga.is_tail(index) || matches!(stage, Stage::Pivot(_));
        for task in stage.tasks() {
            match &task.undo {
                Undo::By(undo) if decided => {
                    found.add(step(task), ProblemKind::CompensationAfterPivot(undo.function.clone()));
                }
                Undo::Unsaid if !decided => found.add(step(task), ProblemKind::NoCompensation),
                _ => {}
            }
        }
    }
    if let Some((task, undo)) = saga.closing.as_ref().and_then(|task| Some((task, task.compensation()?))) {
        found.add(step(task), ProblemKind::ClosingUndone(undo.function.clone()));
    }
}

fn times(saga: &Saga, found: &mut Found) {
    if saga.timeout_seconds == 0 {
        found.add("saga", ProblemKind::NoTime);
    }
    let mut longest = 0_u64;
    let mut check = |place: String, timeout: u32, retry: Retry| {
        if timeout == 0 {
            found.add(place.clone(), ProblemKind::NoTime);
        }
        if timeout > saga.timeout_seconds {
            found.add(place.clone(), ProblemKind::LongerThanSaga { step: timeout, saga: saga.timeout_seconds });
        }
        if let Some(problem) = bad(retry) {
            found.add(place, ProblemKind::BadRetry(problem));
        }
        longest = longest.saturating_add(retry.longest(timeout).unwrap_or_default());
    };
    for (index, stage) in saga.stages.iter().enumerate() {
        for task in stage.tasks() {
            check(step(task), task.timeout_seconds, saga.retry(stage, index, task));
        }
    }
    for (task, compensation) in saga.way_back() {
        check(undo(task), compensation.timeout_seconds, compensation.retry);
    }
    if let Some(task) = &saga.closing {
        check(step(task), task.timeout_seconds, task.retry.unwrap_or(Retry::PATIENT));
    }
    if longest > u64::from(saga.timeout_seconds) {
        found.add("saga", ProblemKind::LongestWay { longest, saga: saga.timeout_seconds });
    }
}

fn bad(retry: Retry) -> Option<&'static str> {
    if retry.interval_seconds == 0 {
        return Some("the interval is at least 1 s");
    }
    if retry.backoff_rate == 0 {
        return Some("the backoff rate is at least 1");
    }
    if retry.max_attempts > Retry::MOST {
        return Some("there are at most 99,999,999 attempts");
    }
    if retry.max_delay_seconds <= retry.interval_seconds {
        return Some("the longest delay is longer than the interval");
    }
    (retry.max_delay_seconds > MAX_DELAY_SECONDS).then_some("the longest delay is at most 31,622,400 s")
}
