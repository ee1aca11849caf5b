//! From a saga to Amazon States Language.

use serde_json::{Map, Value, json};

use crate::definition::{Compensation, Saga, Stage, Task};
use crate::names;
use crate::outputs::START;
use crate::retry::{CIRCUIT_OPEN, Retry, TRANSIENT_ERRORS, UNAVAILABLE_ERRORS};

/// Why the machine has this shape, for those who read only it.
const SHAPE: &str = "A step that fails for good, or whose retries are used up, starts the compensations in reverse with \
its OWN: a timeout or an unknown error leaves open whether the step happened, and a compensation is idempotent and \
harmless when there is nothing to undo, so that is always right. A task's timeout is longer than its function's, so a \
step has ended when the next one starts.";
const BACKSTOP: &str = "TimeoutSeconds is a backstop above the sum of all retries.";

impl Saga {
    /// The saga in Amazon States Language, with `${ReserveStock}` where the ARN of the function `reserve-stock` is to be
    /// substituted. Pretty, ends with a line break, the same for the same saga.
    #[must_use]
    pub fn to_states_language(&self) -> String {
        // With the alternate flag, a `Value` prints itself pretty.
        format!("{:#}\n", self.to_value())
    }

    /// The same, as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let start = self.start_state().map(|_| START.to_owned());
        let first = start.or_else(|| self.stages.first().map(Stage::state));
        json!({
            "Comment": self.comment(),
            "StartAt": first,
            "TimeoutSeconds": self.timeout_seconds,
            "States": self.states(),
        })
    }

    fn comment(&self) -> String {
        let uncaught = match &self.closing {
            Some(task) => format!("Compensations and {} are", task.name),
            None => "Compensations are".to_owned(),
        };
        let uncaught = format!(
            "{uncaught} deliberately not caught: when one cannot succeed the execution fails there, which is what \
             'needs attention' means, and redriving the execution resumes it at that very state; a Fail state would only \
             fail again."
        );
        let parts = self.about.as_deref().into_iter().chain([SHAPE, &uncaught, BACKSTOP]);
        parts.collect::<Vec<_>>().join(" ")
    }

    fn states(&self) -> Value {
        let mut states = Map::new();
        states.extend(self.start_state().map(|state| (START.to_owned(), state)));
        for (index, stage) in self.stages.iter().enumerate() {
            states.insert(stage.state(), self.stage(stage, index));
        }
        states.insert(self.completed.clone(), json!({ "Type": "Succeed" }));
        let back = self.way_back();
        let after = |index: usize| back.get(index).map(|(_, undo)| undo.state());
        let last = self.closing.as_ref().map_or_else(|| self.compensated.clone(), Task::state);
        for (index, (task, undo)) in back.iter().enumerate() {
            let next = after(index + 1).unwrap_or_else(|| last.clone());
            states.insert(undo.state(), self.compensation(task, undo, &next));
        }
        if let Some(task) = &self.closing {
            let call = Call { failure: true, ..self.call(task, task.retry.unwrap_or(Retry::PATIENT)) };
            states.insert(task.state(), call.state(&[("Next", json!(self.compensated))]));
        }
        let comment = "A business outcome, not a fault: everything that was done is undone.";
        states.insert(self.compensated.clone(), json!({ "Comment": comment, "Type": "Succeed" }));
        Value::Object(states)
    }

    fn stage(&self, stage: &Stage, index: usize) -> Value {
        let next = self.stages.get(index + 1).map_or_else(|| self.completed.clone(), Stage::state);
        let catch = json!([{
            "ErrorEquals": ["States.ALL"],
            "ResultPath": "$.failure",
            "Next": self.turns_back_to(index),
        }]);
        let next = ("Next", json!(next));
        let then = if self.is_tail(index) { vec![next] } else { vec![("Catch", catch), next] };
        match stage {
            Stage::Step(task) | Stage::Pivot(task) => self.call(task, self.retry(stage, index, task)).state(&then),
            Stage::Parallel { branches, .. } => {
                let keeping = self.keeping_branches(branches);
                let branches: Vec<_> = branches.iter().map(|tasks| self.branch(stage, index, tasks)).collect();
                let mut state = Map::new();
                state.insert("Type".into(), json!("Parallel"));
                state.insert("Branches".into(), json!(branches));
                state.extend(keeping.into_iter().chain(then).map(|(name, value)| (name.to_owned(), value)));
                Value::Object(state)
            }
        }
    }

    fn branch(&self, stage: &Stage, index: usize, tasks: &[Task]) -> Value {
        let mut states = Map::new();
        for (at, task) in tasks.iter().enumerate() {
            let next = tasks.get(at + 1).map_or(("End", json!(true)), |next| ("Next", json!(next.state())));
            states.insert(task.state(), self.call(task, self.retry(stage, index, task)).state(&[next]));
        }
        json!({ "StartAt": tasks.first().map(Task::state), "States": states })
    }

    fn compensation(&self, task: &Task, undo: &Compensation, next: &str) -> Value {
        let call = Call {
            about: Some(format!("Undoes {}.", task.name)),
            function: &undo.function,
            step: &task.name,
            direction: "undo",
            failure: true,
            retry: undo.retry,
            timeout_seconds: undo.timeout_seconds,
            outputs: Self::given_back(task),
            keeping: vec![("ResultPath", Value::Null)],
        };
        call.state(&[("Next", json!(next))])
    }

    /// The call that does a step.
    fn call<'a>(&self, task: &'a Task, retry: Retry) -> Call<'a> {
        Call {
            about: task.about.clone(),
            function: &task.function,
            step: &task.name,
            direction: "do",
            failure: false,
            retry,
            timeout_seconds: task.timeout_seconds,
            outputs: self.given(task),
            keeping: self.keeping(task),
        }
    }

    /// How often a step is tried: as it says, or as its place demands.
    pub(crate) fn retry(&self, stage: &Stage, index: usize, task: &Task) -> Retry {
        let decided = self.is_tail(index) || matches!(stage, Stage::Pivot(_));
        task.retry.unwrap_or(if decided { Retry::PATIENT } else { Retry::QUICK })
    }
}

/// One call of a function.
struct Call<'a> {
    about: Option<String>,
    function: &'a str,
    step: &'a str,
    direction: &'static str,
    /// Whether it is told why the saga turned back.
    failure: bool,
    retry: Retry,
    timeout_seconds: u32,
    /// The outputs of other steps that it is given.
    outputs: Map<String, Value>,
    /// What becomes of its answer.
    keeping: Vec<(&'static str, Value)>,
}

impl Call<'_> {
    /// The state that makes it, and what comes then.
    fn state(&self, then: &[(&str, Value)]) -> Value {
        let mut state = Map::new();
        if let Some(about) = &self.about {
            state.insert("Comment".into(), json!(about));
        }
        state.insert("Type".into(), json!("Task"));
        state.insert("Resource".into(), json!("arn:aws:states:::lambda:invoke"));
        let function = format!("${{{}}}", names::state(self.function));
        state.insert("Parameters".into(), json!({ "FunctionName": function, "Payload": self.payload() }));
        state.extend(self.keeping.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        state.insert("TimeoutSeconds".into(), json!(self.timeout_seconds));
        state.insert("Retry".into(), retriers(self.retry));
        state.extend(then.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Value::Object(state)
    }

    /// As `docs/wire.md` has it.
    fn payload(&self) -> Value {
        let mut payload = json!({
            "saga": {
                "id.$": "$.saga.id",
                "name.$": "$.saga.name",
                "step": self.step,
                "direction": self.direction,
                "attempt.$": "$$.State.RetryCount",
            },
            "event.$": "$.event",
        });
        if let Some(payload) = payload.as_object_mut() {
            payload.extend((!self.outputs.is_empty()).then(|| ("outputs".into(), json!(self.outputs))));
            payload.extend(self.failure.then(|| ("failure.$".into(), json!("$.failure"))));
        }
        payload
    }
}

/// A service that is away and an open circuit take none of the attempts: each has a retrier of its own, and
/// [counts](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error) apart.
fn retriers(retry: Retry) -> Value {
    json!([
        retrier(&TRANSIENT_ERRORS, retry),
        retrier(&UNAVAILABLE_ERRORS, Retry::WHILE_UNAVAILABLE),
        retrier(&[CIRCUIT_OPEN], Retry::WHILE_CIRCUIT_OPEN),
    ])
}

fn retrier(errors: &[&str], retry: Retry) -> Value {
    json!({
        "ErrorEquals": errors,
        "IntervalSeconds": retry.interval_seconds,
        "BackoffRate": retry.backoff_rate,
        "MaxAttempts": retry.max_attempts,
        "MaxDelaySeconds": retry.max_delay_seconds,
        "JitterStrategy": "FULL",
    })
}
