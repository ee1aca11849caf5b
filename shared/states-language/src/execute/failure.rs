//! Errors on their way to a retrier, a catcher or the end of the execution.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>

use serde_json::{Map, Value};

use super::TaskError;
use crate::data::EvaluationError;
use crate::history::details;

/// Which evaluation failed.
#[derive(Debug, Clone)]
pub(super) struct Evaluated {
    pub(super) location: String,
    pub(super) jsonata: bool,
    /// The state was at work already.
    pub(super) late: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) error: Option<String>,
    pub(super) cause: Option<String>,
    /// The event that it came from.
    pub(super) event: u64,
    /// Of an error that the state itself has, where; its cause still has to say in which state.
    pub(super) evaluated: Option<Evaluated>,
    /// A missed heartbeat: recorded as `States.Timeout`, but caught by either name.
    pub(super) heartbeat: bool,
    /// A task that failed: in a branch or iteration, AWS also records that its state was aborted.
    pub(super) task: bool,
}

impl Failure {
    pub(super) fn new(error: impl Into<String>, cause: Option<String>) -> Self {
        Self { error: Some(error.into()), cause, event: 0, evaluated: None, heartbeat: false, task: false }
    }

    /// Whether an entry of `ErrorEquals` means this error.
    pub(super) fn is(&self, name: &str) -> bool {
        let error = self.error.as_deref().unwrap_or_default();
        let terminal = matches!(error, "States.Runtime" | "States.DataLimitExceeded");
        match name {
            // AWS's page says that it does not catch States.DataLimitExceeded; AWS's answers say that it does.
            "States.ALL" => error != "States.Runtime",
            "States.TaskFailed" => error == name || (!terminal && error != "States.Timeout"),
            "States.HeartbeatTimeout" => error == name || self.heartbeat,
            // Nothing retries or catches it, not even by its own name.
            "States.Runtime" => false,
            _ => error == name,
        }
    }

    pub(super) fn matches(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    /// Says in the cause which state it was, as AWS does for the errors that a state itself has.
    pub(super) fn placed(mut self, state: &str, entered: u64) -> Self {
        if self.evaluated.take().is_some() {
            let cause = self.cause.unwrap_or_default();
            self.cause = Some(format!(
                "An error occurred while executing the state '{state}' (entered at the event id #{entered}). {cause}"
            ));
        }
        self
    }

    pub(super) fn details(&self) -> Map<String, Value> {
        details([("error", self.error.clone()), ("cause", self.cause.clone())])
    }

    /// What a catcher gives to the next state.
    pub(super) fn error_output(&self) -> Value {
        let mut output = Map::new();
        output.insert("Error".into(), self.error.clone().into());
        // An error without a cause has an empty one; a task that was failed with neither shows neither.
        let none = self.error.as_ref().map(|_| String::new());
        output.insert("Cause".into(), self.cause.clone().or(none).into());
        Value::Object(output)
    }

    pub(super) fn too_large(what: &str) -> Self {
        let cause = format!(
            "The state/task '{what}' returned a result with a size exceeding the maximum number of bytes service limit."
        );
        Self::new("States.DataLimitExceeded", Some(cause))
    }
}

impl From<EvaluationError> for Failure {
    fn from(error: EvaluationError) -> Self {
        let cause = match &error.expression {
            Some(expression) => format!(
                "The JSONata expression '{expression}' specified for the field '{}' {}",
                error.location, error.cause
            ),
            None => error.cause,
        };
        let jsonata = error.error == "States.QueryEvaluationError";
        let evaluated = Some(Evaluated { location: error.location, jsonata, late: error.late });
        Self { evaluated, ..Self::new(error.error, Some(cause)) }
    }
}

impl From<TaskError> for Failure {
    fn from(error: TaskError) -> Self {
        let name = (!error.error.is_empty()).then_some(error.error);
        Self { error: name, ..Self::new("", error.cause) }
    }
}
