//! EventBridge's errors, in its words.

use std::fmt::Display;

use throughline_event_pattern::PatternError;

use super::input::{Input, camel};
use crate::wire::ServiceError;

pub(super) fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

/// A member that breaks the shape that the API reference gives it.
pub(super) fn constraint(value: impl Display, member: &str, constraint: &str) -> ServiceError {
    validation(format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: {constraint}"
    ))
}

/// Members that break the shape that the API reference gives them, all said in one error.
#[derive(Default)]
pub(super) struct Violations(Vec<String>);

impl Violations {
    /// What `value` of `member` breaks.
    pub(super) fn add(&mut self, value: &str, member: &str, constraint: &str) {
        self.0.push(format!("Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"));
    }

    pub(super) fn pattern(&mut self, value: &str, member: &str, pattern: &str) {
        self.add(value, member, &format!("Member must satisfy regular expression pattern: {pattern}"));
    }

    pub(super) fn one_of(&mut self, value: &str, member: &str, values: &[&str]) {
        self.add(value, member, &format!("Member must satisfy enum value set: [{}]", values.join(", ")));
    }

    /// The members that have to be there.
    pub(super) fn require(&mut self, input: Input<'_>, members: &[&str]) {
        for member in members.iter().filter(|member| input.0.get(**member).is_none_or(serde_json::Value::is_null)) {
            let member = camel(member);
            self.0.push(format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"));
        }
    }

    /// A name, if it is there: letters, digits and `.-_`, one to `longest`.
    pub(super) fn name(&mut self, input: Input<'_>, member: &str, longest: usize) {
        let Some(name) = input.optional(member) else { return };
        let member = camel(member);
        if name.is_empty() {
            self.add(name, &member, "Member must have length greater than or equal to 1");
        }
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
            self.pattern(name, &member, r"[\.\-_A-Za-z0-9]+");
        }
        if name.chars().count() > longest {
            self.add(name, &member, &format!("Member must have length less than or equal to {longest}"));
        }
    }

    /// # Errors
    /// All of them, if there are any.
    pub(super) fn check(self) -> Result<(), ServiceError> {
        let plural = match self.0.len() {
            0 => return Ok(()),
            1 => "",
            _ => "s",
        };
        Err(validation(format!("{} validation error{plural} detected: {}", self.0.len(), self.0.join("; "))))
    }
}

pub(super) fn missing(member: &str) -> ServiceError {
    constraint("null", member, "Member must not be null")
}

pub(super) fn bad_arn(arn: &str) -> ServiceError {
    validation(format!("Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."))
}

pub(super) fn bad_pattern(error: &PatternError) -> ServiceError {
    ServiceError::new("InvalidEventPatternException", error.to_string())
}

pub(super) fn no_bus(name: &str) -> ServiceError {
    not_found(format!("Event bus {name} does not exist."))
}

pub(super) fn no_rule(name: &str, bus: &str) -> ServiceError {
    not_found(format!("Rule {name} does not exist on EventBus {bus}."))
}

pub(super) fn not_found(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", message)
}

pub(super) fn exists(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ResourceAlreadyExistsException", message)
}

pub(super) fn limit() -> ServiceError {
    ServiceError::new("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}
