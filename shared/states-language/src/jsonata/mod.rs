//! JSONata in state machines.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>

mod functions;

use jsonata_core::evaluator::{Context, Evaluator, EvaluatorOptions};
use jsonata_core::parser;
use jsonata_core::value::JValue;
use serde_json::{Value, json};

use crate::data::{Data, EvaluationError};

/// An expression, without its `{%` and `%}`.
///
/// The text is kept, not the syntax tree: `jsonata-core`'s trees are not `Send`, and an execution must be.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    text: String,
}

/// How deep an evaluation may nest. AWS's own limit is not documented; this one keeps a runaway recursion short.
const STACK_DEPTH: usize = 1_000;

impl Expression {
    /// The expression in `{% … %}`, or nothing if `text` is plain text.
    pub(crate) fn inside(text: &str) -> Option<&str> {
        text.strip_prefix("{%")?.strip_suffix("%}")
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        parser::parse(text).map_err(|e| format!("'{}' is not a valid JSONata expression: {e}", text.trim()))?;
        Ok(Self { text: text.trim().to_owned() })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn evaluate(&self, data: Data<'_>) -> Result<Value, EvaluationError> {
        let failed = |message: String| {
            EvaluationError::query(&self.text, format!("threw an error during evaluation. {message}"))
        };
        let tree = parser::parse(&self.text).map_err(|e| failed(e.to_string()))?;
        let mut context = Context::new();
        for (name, value) in data.variables {
            context.bind(name.clone(), JValue::from(value.clone()));
        }
        context.bind("states".into(), JValue::from(states(data)));
        let options = EvaluatorOptions { max_stack_depth: Some(STACK_DEPTH), ..EvaluatorOptions::default() };
        let mut evaluator = Evaluator::with_options(context, options);
        functions::register(&mut evaluator, data).map_err(|e| failed(e.message().to_owned()))?;
        let found = evaluator.evaluate(&tree, &JValue::Undefined).map_err(|e| failed(e.message().to_owned()))?;
        if found.is_undefined() {
            return Err(EvaluationError::query(&self.text, "returned nothing (undefined)."));
        }
        if found.is_function() || found.is_regex() {
            return Err(EvaluationError::query(&self.text, "returned an unsupported result type."));
        }
        let text = found.to_json_string().map_err(|e| failed(e.to_string()))?;
        serde_json::from_str(&text).map_err(|e| failed(e.to_string()))
    }
}

/// The reserved variable `$states`.
fn states(data: Data<'_>) -> Value {
    let mut states = json!({"input": data.input, "context": data.context});
    if let Some(object) = states.as_object_mut() {
        object.extend(data.result.map(|v| ("result".to_owned(), v.clone())));
        object.extend(data.error_output.map(|v| ("errorOutput".to_owned(), v.clone())));
    }
    states
}
