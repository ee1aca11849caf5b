//! What paths and expressions read.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::execute::Random;
use crate::json::json_text;

/// Workflow variables.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html>
pub(crate) type Variables = BTreeMap<String, Value>;

/// What `$`, `$$`, `$name` and `$states` stand for at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Data<'a> {
    pub(crate) input: &'a Value,
    pub(crate) context: &'a Value,
    pub(crate) variables: &'a Variables,
    pub(crate) result: Option<&'a Value>,
    pub(crate) error_output: Option<&'a Value>,
    pub(crate) random: &'a dyn Random,
}

impl<'a> Data<'a> {
    /// The same with another `$`.
    pub(crate) fn with_input(self, input: &'a Value) -> Self {
        Self { input, ..self }
    }
}

/// An evaluation that failed: an error name and its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EvaluationError {
    pub(crate) error: &'static str,
    pub(crate) cause: String,
    /// The field that was evaluated, from the state on: `Output/total`. Known to be complete once it left the state.
    pub(crate) location: String,
    /// The JSONata expression.
    pub(crate) expression: Option<String>,
    /// The state was at work already when it failed.
    pub(crate) late: bool,
}

impl EvaluationError {
    /// `States.Runtime`: no retrier and no catcher sees it.
    pub(crate) fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }

    pub(crate) fn intrinsic(cause: impl Into<String>) -> Self {
        Self::new("States.IntrinsicFailure", cause)
    }

    /// `what` follows "The JSONata expression … specified for the field …".
    pub(crate) fn query(expression: &str, what: impl Into<String>) -> Self {
        Self { expression: Some(expression.to_owned()), ..Self::new("States.QueryEvaluationError", what) }
    }

    pub(crate) fn new(error: &'static str, cause: impl Into<String>) -> Self {
        Self { error, cause: cause.into(), location: String::new(), expression: None, late: false }
    }

    /// An expression whose result has another type than the field needs.
    pub(crate) fn unexpected(expression: &str, expected: &str, value: &Value) -> Self {
        let found = type_name(value);
        let what =
            format!("returned an unexpected result type. Expected '{expected}', but was '{found}' for value: {value}");
        Self::query(expression, what)
    }

    /// The same, one step further out: `/total` becomes `Output/total`.
    pub(crate) fn at(mut self, place: &str) -> Self {
        self.location.insert_str(0, place);
        self
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// `value` as compact JSON, if it is small enough to be a payload: its bytes, and its depth.
pub(crate) fn payload_text(value: &Value) -> Option<String> {
    let text = within_depth(value, crate::limits::PAYLOAD_DEPTH).then(|| json_text(value))?;
    (text.len() <= crate::limits::PAYLOAD_BYTES).then_some(text)
}

fn within_depth(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(items) => left > 0 && items.iter().all(|v| within_depth(v, left - 1)),
        Value::Object(members) => left > 0 && members.values().all(|v| within_depth(v, left - 1)),
        _ => true,
    }
}
