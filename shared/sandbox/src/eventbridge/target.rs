//! One target of a rule: where an event goes, as what, and how often it is tried.

use serde_json::Value;
use throughline_event_pattern::transform::{Delivery, InputPath, InputTransformer, TransformError};

use super::event::Event;
use super::input::{Input, check_name};
use super::rules::Rule;
use super::{errors, event};
use crate::cloud::Service;
use crate::wire::{ServiceError, json_text};

/// [RetryPolicy](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html).
const MOST_ATTEMPTS: i64 = 185;
const OLDEST: i64 = 86_400;
const YOUNGEST: i64 = 60;

pub(super) struct Target {
    /// As the request had it, which is how it is listed.
    pub(super) definition: Value,
    pub(super) arn: String,
    pub(super) kind: Kind,
    pub(super) group: Option<String>,
    shape: Shape,
    pub(super) attempts: i64,
    pub(super) age_seconds: i64,
    pub(super) dead_letters: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Queue,
    Function,
    StateMachine,
    LogGroup,
    Bus,
}

enum Shape {
    Whole,
    Constant(String),
    Path(InputPath),
    Transformed(InputTransformer),
}

impl Target {
    /// Reads the target at `place` (from 1) of a request.
    pub(super) fn read(input: Input<'_>, place: usize) -> Result<Self, ServiceError> {
        let member = |name: &str| format!("targets.{place}.member.{name}");
        let id = input.optional("Id").ok_or_else(|| errors::missing(&member("id")))?;
        check_name(id, &member("id"), 64)?;
        let arn = input.optional("Arn").ok_or_else(|| errors::missing(&member("arn")))?;
        let kind = Kind::of(arn)?;
        let group = input.part("SqsParameters").and_then(|sqs| sqs.optional("MessageGroupId"));
        if kind == Kind::Queue && group.is_none() && arn.to_ascii_lowercase().ends_with(".fifo") {
            return Err(errors::validation(format!("Parameter(s) SqsParameters must be specified for target: {id}.")));
        }
        let retry = |name, low, high| read_limit(input.part("RetryPolicy"), name, low, high, &member("retryPolicy"));
        Ok(Self {
            shape: read_shape(input, id)?,
            attempts: retry("MaximumRetryAttempts", 0, MOST_ATTEMPTS)?,
            age_seconds: retry("MaximumEventAgeInSeconds", YOUNGEST, OLDEST)?,
            dead_letters: read_dead_letters(input)?,
            definition: input.0.clone(),
            arn: arn.to_owned(),
            kind,
            group: group.map(str::to_owned),
        })
    }

    /// What the target gets.
    pub(super) fn input(&self, rule: &RuleName, event: &Event) -> Result<String, TransformError> {
        match &self.shape {
            Shape::Whole => Ok(json_text(&event.value)),
            Shape::Constant(text) => Ok(text.clone()),
            Shape::Path(path) => Ok(path.find(&event.value).unwrap_or_default().to_string()),
            Shape::Transformed(transformer) => {
                let ingestion_time = event::time(event.ingested);
                let delivery = Delivery { rule_arn: &rule.arn, rule_name: &rule.name, ingestion_time: &ingestion_time };
                transformer.apply(&event.value, &delivery)
            }
        }
    }
}

/// The rule that a delivery is for, kept when the rule itself is long gone.
pub(super) struct RuleName {
    pub(super) name: String,
    pub(super) arn: String,
}

impl From<&Rule> for RuleName {
    fn from(rule: &Rule) -> Self {
        Self { name: rule.name.clone(), arn: rule.arn.clone() }
    }
}

impl Kind {
    fn of(arn: &str) -> Result<Self, ServiceError> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [prefix, _, service, _, _, resource] = parts.as_slice() else { return Err(errors::bad_arn(arn)) };
        if *prefix != "arn" || resource.is_empty() {
            return Err(errors::bad_arn(arn));
        }
        match (*service, resource.split([':', '/']).next()) {
            ("sqs", _) => Ok(Self::Queue),
            ("lambda", Some("function")) => Ok(Self::Function),
            ("states", Some("stateMachine")) => Ok(Self::StateMachine),
            ("logs", Some("log-group")) => Ok(Self::LogGroup),
            ("events", Some("event-bus")) => Ok(Self::Bus),
            _ => Err(ServiceError::unsupported(Service::EventBridge, &format!("PutTargets with a target like {arn}"))),
        }
    }
}

fn read_limit(policy: Option<Input<'_>>, name: &str, low: i64, high: i64, member: &str) -> Result<i64, ServiceError> {
    let Some(value) = policy.and_then(|policy| policy.integer(name)) else { return Ok(high) };
    let bound = match value {
        _ if value < low => format!("greater than or equal to {low}"),
        _ if value > high => format!("less than or equal to {high}"),
        _ => return Ok(value),
    };
    let member = format!("{member}.{}", super::input::camel(name));
    Err(errors::constraint(format!("'{value}'"), &member, &format!("Member must have value {bound}")))
}

fn read_shape(input: Input<'_>, id: &str) -> Result<Shape, ServiceError> {
    let given =
        ["Input", "InputPath", "InputTransformer"].into_iter().filter(|name| input.0.get(name).is_some()).count();
    if given > 1 {
        let message = format!("Only one of Input, InputPath, or InputTransformer must be provided for target {id}.");
        return Err(errors::validation(message));
    }
    if let Some(text) = input.optional("Input") {
        let valid = serde_json::from_str::<Value>(text).is_ok();
        let refusal = || errors::validation(format!("JSON syntax error in input for target {id}."));
        return if valid { Ok(Shape::Constant(text.to_owned())) } else { Err(refusal()) };
    }
    if let Some(path) = input.optional("InputPath") {
        let path = InputPath::parse(path);
        return path
            .map(Shape::Path)
            .map_err(|e| errors::validation(format!("Invalid InputPath for target {id} : {e}.")));
    }
    input.part("InputTransformer").map_or(Ok(Shape::Whole), |transformer| read_transformer(transformer, id))
}

fn read_transformer(input: Input<'_>, id: &str) -> Result<Shape, ServiceError> {
    let paths = input.map("InputPathsMap").into_iter().flatten();
    let paths = paths.map(|(name, path)| (name.as_str(), path.as_str().unwrap_or_default()));
    let template = input.text("InputTemplate")?;
    let transformer = InputTransformer::new(paths, template);
    let refusal = |error| match error {
        TransformError::UnknownVariable(name) => {
            format!("InputTemplate for target {id} contains invalid placeholder {name}.")
        }
        TransformError::InvalidTemplate(reason) => format!("Invalid InputTemplate for target {id} : [{reason}]."),
        other => format!("Invalid InputTransformer for target {id} : {other}."),
    };
    transformer.map(Shape::Transformed).map_err(|error| errors::validation(refusal(error)))
}

fn read_dead_letters(input: Input<'_>) -> Result<Option<String>, ServiceError> {
    let Some(arn) = input.part("DeadLetterConfig").and_then(|config| config.optional("Arn")) else { return Ok(None) };
    let queue = arn.starts_with("arn:") && arn.split(':').nth(2) == Some("sqs");
    if queue && !arn.ends_with(".fifo") { Ok(Some(arn.to_owned())) } else { Err(errors::bad_arn(arn)) }
}
