//! What calls are given of other steps' answers, and what they should be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use throughline_saga::{OutputType, Saga, Stage, Task};
use throughline_states_language::Request;

use super::model::{Direction, Key};
use super::report::way;

/// Who answers what, and who should be given it.
pub(crate) struct Outputs {
    /// The answer of each step that has an output.
    answers: BTreeMap<String, Value>,
    /// The outputs that each call takes.
    taken: BTreeMap<Key, Vec<Taken>>,
}

/// An output that a call takes.
struct Taken {
    output: String,
    /// The step that answers it.
    giver: String,
    /// The steps that must have answered for it to be known. For a step that needs it, its giver; on the way back, the giver's whole
    /// stage, since Step Functions drops what branches had done when one of them fails.
    known_with: Vec<String>,
}

impl Outputs {
    pub(crate) fn of(saga: &Saga) -> Self {
        let answer = |task: &Task| Some((task.name().to_owned(), answer(task)?));
        let mut taken = BTreeMap::new();
        for task in saga.steps() {
            let own = task.output().filter(|_| task.compensation().is_some());
            for (direction, outputs) in
                [(Direction::Do, task.needs()), (Direction::Undo, own.map(std::slice::from_ref).unwrap_or_default())]
            {
                let key = (task.name().to_owned(), direction);
                taken.insert(
                    key,
                    outputs.iter().filter_map(|output| Taken::of(saga, direction, output)).collect::<Vec<_>>(),
                );
            }
        }
        Self { answers: saga.steps().filter_map(answer).collect(), taken }
    }

    /// What `step` answers.
    pub(crate) fn answer_of(&self, step: &str) -> Value {
        self.answers.get(step).cloned().unwrap_or_default()
    }

    /// What is wrong with what the call `key` is given, when the steps in `answered` have answered.
    pub(crate) fn badly_given(&self, key: &Key, answered: &BTreeSet<String>, request: &Request) -> Option<String> {
        let given = request.input.get("Payload").and_then(|payload| payload.get("outputs"));
        let wrong = self.taken.get(key)?.iter().find(|taken| {
            let known = taken.known_with.iter().all(|step| answered.contains(step));
            let expected = if known { self.answer_of(&taken.giver) } else { Value::Null };
            given.and_then(|given| given.get(&taken.output)) != Some(&expected)
        })?;
        Some(format!("{} {} is not given what {} answered", way(key.1), key.0, wrong.giver))
    }
}

/// A step's output, which names the step.
fn answer(task: &Task) -> Option<Value> {
    let output = task.output()?;
    Some(json!({ "type": output.name, "version": output.version, "data": { "answered_by": task.name() } }))
}

impl Taken {
    fn of(saga: &Saga, direction: Direction, output: &OutputType) -> Option<Self> {
        let (stage, giver) = saga.stages().iter().find_map(|stage| Some((stage, giver(stage, output)?)))?;
        let known_with = if direction == Direction::Do { vec![giver] } else { stage.tasks() };
        let known_with = known_with.into_iter().map(|task| task.name().to_owned()).collect();
        Some(Self { output: output.name.clone(), giver: giver.name().to_owned(), known_with })
    }
}

fn giver<'a>(stage: &'a Stage, output: &OutputType) -> Option<&'a Task> {
    stage.tasks().into_iter().find(|task| task.output() == Some(output))
}
