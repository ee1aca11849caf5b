//! What a rule makes of an event before its target gets it: `InputPath` and `InputTransformer`.
//!
//! The rules are those of [AWS's guide](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html).

mod path;
mod template;

use std::collections::BTreeMap;

use serde_json::Value;

pub use path::InputPath;
use template::Template;

/// The most variables an input transformer may define.
const MOST_VARIABLES: usize = 100;

/// The prefix that AWS keeps for its own variables, in any case.
const RESERVED: &str = "aws.";

/// AWS's own variables.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-predefined>
const RESERVED_NAMES: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

/// What the reserved variables stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// `<aws.events.rule-arn>`.
    pub rule_arn: &'a str,
    /// `<aws.events.rule-name>`.
    pub rule_name: &'a str,
    /// `<aws.events.event.ingestion-time>`: when EventBridge received the event, ISO 8601.
    pub ingestion_time: &'a str,
}

/// An input transformer, read once and applied many times.
///
/// ```
/// use serde_json::json;
/// use throughline_event_pattern::transform::{Delivery, InputTransformer};
///
/// let transformer = InputTransformer::new([("state", "$.detail.state")], r#"{"state": <state>, "text": "now <state>"}"#)?;
/// let delivery = Delivery { rule_arn: "arn", rule_name: "rule", ingestion_time: "2026-01-01T00:00:00Z" };
/// let input = transformer.apply(&json!({"detail": {"state": "on"}}), &delivery)?;
/// assert_eq!(input, r#"{"state":"on","text":"now on"}"#);
/// # Ok::<(), throughline_event_pattern::transform::TransformError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct InputTransformer {
    paths: BTreeMap<String, InputPath>,
    template: Template,
}

/// A path or a template that cannot be used, or an event that a template makes no JSON of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransformError {
    /// The path is not one that EventBridge supports.
    #[error("{path} is not a path that EventBridge supports: {reason}")]
    InvalidPath {
        /// The path.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The variable's name belongs to AWS.
    #[error("the variable {0} is reserved")]
    ReservedVariable(String),
    /// More than 100 variables.
    #[error("{0} variables; at most 100 are allowed")]
    TooManyVariables(usize),
    /// The template names a variable that is neither defined nor AWS's own.
    #[error("the input template names the variable {0}, which is not defined")]
    UnknownVariable(String),
    /// The template is neither JSON nor quoted text.
    #[error("the input template is not valid JSON: {0}")]
    InvalidTemplate(String),
    /// What the template made of the event is not JSON: a value with quotes inside quotes, for example.
    #[error("the transformed input is not valid JSON: {0}")]
    InvalidResult(String),
}

impl InputTransformer {
    /// Reads the variables' paths (`InputPathsMap`) and the template (`InputTemplate`).
    ///
    /// # Errors
    /// The first path, variable or template that AWS would refuse.
    pub fn new<'a>(
        paths: impl IntoIterator<Item = (&'a str, &'a str)>,
        template: &str,
    ) -> Result<Self, TransformError> {
        let mut variables = BTreeMap::new();
        for (name, path) in paths {
            if name.to_ascii_lowercase().starts_with(RESERVED) {
                return Err(TransformError::ReservedVariable(name.to_owned()));
            }
            variables.insert(name.to_owned(), InputPath::parse(path)?);
        }
        if variables.len() > MOST_VARIABLES {
            return Err(TransformError::TooManyVariables(variables.len()));
        }
        let template = Template::parse(template)?;
        let known = |name: &&str| RESERVED_NAMES.contains(name) || variables.contains_key(*name);
        if let Some(unknown) = template.variables().find(|name| !known(name)) {
            return Err(TransformError::UnknownVariable(unknown.to_owned()));
        }
        Ok(Self { paths: variables, template })
    }

    /// The target's input. A variable without a value is empty.
    ///
    /// # Errors
    /// When a JSON template does not become JSON.
    pub fn apply(&self, event: &Value, delivery: &Delivery<'_>) -> Result<String, TransformError> {
        self.template.fill(|name| self.value(name, event, delivery))
    }

    fn value(&self, name: &str, event: &Value, delivery: &Delivery<'_>) -> Option<Value> {
        match name {
            "aws.events.rule-arn" => Some(delivery.rule_arn.into()),
            "aws.events.rule-name" => Some(delivery.rule_name.into()),
            "aws.events.event.ingestion-time" => Some(delivery.ingestion_time.into()),
            "aws.events.event.json" => Some(event.clone()),
            "aws.events.event" => Some(without_detail(event)),
            _ => self.paths.get(name)?.find(event),
        }
    }
}

/// The event without its detail. AWS writes it with other names and in another order than the event itself: `detailType`.
fn without_detail(event: &Value) -> Value {
    let Value::Object(fields) = event else { return event.clone() };
    let mut shown = serde_json::Map::new();
    for (name, field) in [
        ("id", "id"),
        ("account", "account"),
        ("detailType", "detail-type"),
        ("time", "time"),
        ("source", "source"),
        ("region", "region"),
        ("resources", "resources"),
        ("version", "version"),
    ] {
        if let Some(value) = fields.get(field) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(shown)
}
