//! What steps answer to others: who is given it, and where it is kept on the way.
//!
//! The state machine keeps outputs in its data under `$.outputs`, by the state that answered. There they are `null` from the
//! start, so that a compensation whose step never answered can be given `null`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::definition::{OutputType, Saga, Stage, Task};
use crate::error::ProblemKind;

/// The state in which a saga that keeps outputs begins.
pub(crate) const START: &str = "Start";

impl Saga {
    /// The steps whose output someone is given: a later step, or their compensation.
    #[must_use]
    pub fn steps_with_kept_output(&self) -> Vec<&Task> {
        let needed = |output: &OutputType| self.steps().any(|task| task.needs.contains(output));
        let kept =
            |task: &&Task| task.output.as_ref().is_some_and(|output| task.compensation().is_some() || needed(output));
        self.steps().filter(kept).collect()
    }

    /// The state before the first step, for a saga that keeps outputs: so far there are none.
    pub(crate) fn start_state(&self) -> Option<Value> {
        let kept = self.steps_with_kept_output();
        let nothing: Map<_, _> = kept.iter().map(|task| (task.state(), Value::Null)).collect();
        let next = self.stages.first().map(Stage::state);
        let comment = "No step has answered yet.";
        (!nothing.is_empty()).then(|| {
            json!({ "Comment": comment, "Type": "Pass", "Result": nothing, "ResultPath": "$.outputs", "Next": next })
        })
    }

    /// How the answer of `task` is kept: `ResultSelector` and `ResultPath`, or dropped.
    pub(crate) fn keeping(&self, task: &Task) -> Vec<(&'static str, Value)> {
        if !self.steps_with_kept_output().contains(&task) {
            return vec![("ResultPath", Value::Null)];
        }
        let selector = json!({
            "type.$": "$.Payload.response.type",
            "version.$": "$.Payload.response.version",
            "data.$": "$.Payload.response.data",
        });
        vec![("ResultSelector", selector), ("ResultPath", json!(place(task)))]
    }

    /// How the answers of a parallel stage's branches are kept. The stage's result has the data of each branch; an output is
    /// in that of the branch that has its step, and those of earlier steps are in all of them.
    pub(crate) fn keeping_branches(&self, branches: &[Vec<Task>]) -> Vec<(&'static str, Value)> {
        let kept = self.steps_with_kept_output();
        if !branches.iter().flatten().any(|task| kept.contains(&task)) {
            return vec![("ResultPath", Value::Null)];
        }
        let from = |task: &Task| {
            let branch = branches.iter().position(|tasks| tasks.contains(task)).unwrap_or_default();
            (format!("{}.$", task.state()), json!(format!("$[{branch}].outputs.{}", task.state())))
        };
        let selector: Map<_, _> = kept.into_iter().map(from).collect();
        vec![("ResultSelector", Value::Object(selector)), ("ResultPath", json!("$.outputs"))]
    }

    /// What a step is given: each output by its type, from where it is kept.
    pub(crate) fn given(&self, task: &Task) -> Map<String, Value> {
        let giver = |output: &OutputType| self.steps().find(|giver| giver.output.as_ref() == Some(output));
        let given = task.needs.iter().filter_map(|output| Some((output, giver(output)?)));
        given.map(|(output, giver)| entry(output, giver)).collect()
    }

    /// What a compensation is given: the output of its own step.
    pub(crate) fn given_back(task: &Task) -> Map<String, Value> {
        task.output.iter().map(|output| entry(output, task)).collect()
    }

    /// What is wrong with outputs and needs, and at which step.
    pub(crate) fn output_problems(&self) -> Vec<(&Task, ProblemKind)> {
        let mut problems = Vec::new();
        let mut givers = BTreeMap::new();
        for task in self.steps() {
            let Some(output) = &task.output else { continue };
            if let Some(other) = givers.insert(&output.name, task) {
                let other = other.name.clone();
                problems.push((task, ProblemKind::SameOutput { output: output.clone(), other }));
            }
        }
        let mut before = Vec::new();
        for stage in &self.stages {
            match stage {
                Stage::Step(task) | Stage::Pivot(task) => lacking(&[task], &before, &mut problems),
                Stage::Parallel { branches, .. } => {
                    branches
                        .iter()
                        .for_each(|tasks| lacking(&tasks.iter().collect::<Vec<_>>(), &before, &mut problems));
                }
            }
            before.extend(stage.tasks());
        }
        let closing = self.closing.iter().flat_map(|task| task.needs.iter().map(move |output| (task, output)));
        problems.extend(closing.map(|(task, output)| (task, ProblemKind::ClosingNeeds(output.clone()))));
        problems
    }
}

/// The needs of steps one after the other that neither those before nor one of `earlier` outputs.
fn lacking<'a>(tasks: &[&'a Task], earlier: &[&'a Task], problems: &mut Vec<(&'a Task, ProblemKind)>) {
    for (at, task) in tasks.iter().enumerate() {
        let answered = || earlier.iter().chain(tasks.iter().take(at));
        let missing = task.needs.iter().filter(|need| answered().all(|giver| giver.output.as_ref() != Some(need)));
        problems.extend(missing.map(|need| (*task, ProblemKind::NoSuchOutput(need.clone()))));
    }
}

/// Where the output of `task` is kept.
fn place(task: &Task) -> String {
    format!("$.outputs.{}", task.state())
}

fn entry(output: &OutputType, giver: &Task) -> (String, Value) {
    (format!("{}.$", output.name), json!(place(giver)))
}
