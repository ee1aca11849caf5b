//! Resource policies of buses: kept and shown, never checked.

use serde_json::{Value, json};

use super::errors::{self, Violations};
use super::input::Input;
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError, set_member};

/// The longest policy, in bytes.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const LONGEST: usize = 10_240;

/// Adds a statement, replaces the one of the same id, or replaces the whole policy.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html>
pub(super) fn put(cloud: &Cloud, input: Input<'_>) -> Answer {
    let now = cloud.clock().now();
    let mut state = cloud.eventbridge().state(cloud);
    let bus = state.bus(input.bus())?;
    let policy = match input.optional("Policy") {
        Some(text) => read_policy(text)?,
        None => with_statement(bus.policy.take(), statement(input, &bus.arn)?),
    };
    if policy.to_string().len() > LONGEST {
        let message = "The size of the policy exceeds the maximum allowed.";
        return Err(ServiceError::new("PolicyLengthExceededException", message));
    }
    bus.policy = Some(policy);
    bus.modified = now;
    Ok(json!({}))
}

fn read_policy(text: &str) -> Result<Value, ServiceError> {
    let policy: Option<Value> = serde_json::from_str(text).ok().filter(Value::is_object);
    policy.ok_or_else(|| errors::validation("Parameter Policy is not valid. Reason: Policy is not valid JSON."))
}

fn statement(input: Input<'_>, arn: &str) -> Result<Value, ServiceError> {
    let mut violations = Violations::default();
    violations.require(input, &["Action", "Principal", "StatementId"]);
    let text = |member| input.optional(member).unwrap_or_default();
    let (action, principal, id) = (text("Action"), text("Principal"), text("StatementId"));
    let is_account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    if input.0.get("Principal").is_some() && !is_account && principal != "*" {
        violations.pattern(principal, "principal", r"(\d{12}|\*)");
    }
    if input.0.get("Action").is_some()
        && !action.strip_prefix("events:").is_some_and(|name| name.chars().all(char::is_alphabetic))
    {
        violations.pattern(action, "action", "events:[a-zA-Z]+");
    }
    let named = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if input.0.get("StatementId").is_some() && !named {
        violations.pattern(id, "statementId", "[a-zA-Z0-9-_]+");
    }
    violations.check()?;
    let principal =
        if is_account { json!({ "AWS": format!("arn:aws:iam::{principal}:root") }) } else { principal.into() };
    let mut statement =
        json!({ "Sid": id, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": arn });
    if let Some(condition) = input.part("Condition") {
        let (kind, key, value) = (condition.text("Type")?, condition.text("Key")?, condition.text("Value")?);
        set_member(&mut statement, "Condition", json!({ kind: { key: value } }));
    }
    Ok(statement)
}

fn with_statement(policy: Option<Value>, statement: Value) -> Value {
    let mut policy = policy.unwrap_or_else(|| json!({ "Version": "2012-10-17", "Statement": [] }));
    if let Some(statements) = policy.get_mut("Statement").and_then(Value::as_array_mut) {
        let id = statement.get("Sid").cloned();
        match statements.iter_mut().find(|old| old.get("Sid") == id.as_ref()) {
            Some(old) => *old = statement,
            None => statements.push(statement),
        }
    }
    policy
}

/// Takes out a statement, or the whole policy.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemovePermission.html>
pub(super) fn remove(cloud: &Cloud, input: Input<'_>) -> Answer {
    let now = cloud.clock().now();
    let mut state = cloud.eventbridge().state(cloud);
    let bus = state.bus(input.bus())?;
    if input.flag("RemoveAllPermissions") {
        bus.policy.take().ok_or_else(|| errors::not_found("EventBus does not have a policy."))?;
        bus.modified = now;
        return Ok(json!({}));
    }
    let id = input.optional("StatementId").ok_or_else(|| errors::validation("Parameter StatementId is not valid."))?;
    let statements = bus.policy.as_mut().and_then(|policy| policy.get_mut("Statement")).and_then(Value::as_array_mut);
    let no_statement = || errors::not_found("Statement with the provided id does not exist.");
    let statements = statements.ok_or_else(no_statement)?;
    let before = statements.len();
    statements.retain(|statement| statement.get("Sid").and_then(Value::as_str) != Some(id));
    let (left, removed) = (statements.len(), before > statements.len());
    if left == 0 {
        bus.policy = None;
    }
    if !removed {
        return Err(no_statement());
    }
    bus.modified = now;
    Ok(json!({}))
}
