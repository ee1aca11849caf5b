//! A function's policies, one of each qualifier: kept and shown, not enforced.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::family::{LATEST, Policy};
use crate::lambda::function::Function;
use crate::lambda::names::Reference;
use crate::wire::{Answer, ServiceError, set_member};

/// Whose policy it is.
struct Holder {
    latest: Arc<Function>,
    /// Empty: the function's.
    qualifier: String,
}

impl Holder {
    fn of(cloud: &Cloud, input: &Value) -> Result<Self, ServiceError> {
        let reference = Reference::from_input(cloud, input)?;
        let Some(qualifier) = reference.qualifier.clone() else {
            return Ok(Self { latest: cloud.lambda().latest(cloud, &reference)?, qualifier: String::new() });
        };
        if qualifier == LATEST {
            return Err(errors::invalid("We currently do not support adding policies for $LATEST."));
        }
        let latest = cloud.lambda().latest(cloud, &reference)?;
        let known = {
            let beside = latest.family.beside();
            beside.aliases.contains_key(&qualifier) || beside.published(&qualifier).is_some()
        };
        let arn = reference.arn(cloud);
        match known {
            true => Ok(Self { latest, qualifier }),
            // What looks like a number, or has a dollar sign, is no alias.
            false if qualifier.contains('$') || qualifier.chars().all(|c| c.is_ascii_digit()) => {
                Err(errors::no_function(&arn))
            }
            false => Err(errors::not_found(format!("Cannot find alias arn: {arn}"))),
        }
    }

    fn arn(&self) -> String {
        match self.qualifier.as_str() {
            "" => self.latest.family.arn.clone(),
            qualifier => format!("{}:{qualifier}", self.latest.family.arn),
        }
    }

    fn policy(&self) -> Option<Policy> {
        self.latest.family.beside().policies.get(&self.qualifier).cloned()
    }

    /// Puts a changed policy in its place. A change of a policy is a change of what it stands beside.
    fn put(&self, cloud: &Cloud, mut policy: Policy) {
        policy.revision = cloud.uuid().to_string();
        let revision = policy.revision.clone();
        let mut beside = self.latest.family.beside();
        let version = beside.published(&self.qualifier).cloned();
        if let Some(alias) = beside.aliases.get_mut(&self.qualifier) {
            alias.revision = revision;
        } else {
            version.as_ref().unwrap_or(&self.latest).modify(|own| own.revision = revision);
        }
        match policy.statements.is_empty() {
            true => drop(beside.policies.remove(&self.qualifier)),
            false => drop(beside.policies.insert(self.qualifier.clone(), policy)),
        }
    }

    /// The revision that a request's `RevisionId` has to be.
    fn check_revision(&self, input: &Value) -> Result<(), ServiceError> {
        let Some(wanted) = input.get("RevisionId").and_then(Value::as_str) else { return Ok(()) };
        let beside = self.latest.family.beside();
        let current = match (beside.policies.get(&self.qualifier), beside.aliases.get(&self.qualifier)) {
            (_, Some(alias)) => alias.revision.clone(),
            (Some(policy), None) => policy.revision.clone(),
            (None, None) => beside.published(&self.qualifier).unwrap_or(&self.latest).settings().revision,
        };
        if wanted == current { Ok(()) } else { Err(errors::other_revision("GetPolicy")) }
    }
}

fn matches(text: &str, also: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || also.contains(c))
}

fn bad(value: &str, member: &str, pattern: &str) -> ServiceError {
    errors::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: {pattern}"
    ))
}

pub(super) fn add(cloud: &Cloud, input: &Value) -> Answer {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let (Some(id), Some(action), Some(principal)) = (text("StatementId"), text("Action"), text("Principal")) else {
        return Err(errors::invalid("StatementId, Action and Principal are needed"));
    };
    if !matches(id, "") {
        return Err(bad(id, "statementId", "([a-zA-Z0-9-_]+)"));
    }
    if let Some(qualifier) = text("Qualifier").filter(|qualifier| !matches(qualifier, "$")) {
        return Err(bad(qualifier, "qualifier", "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"));
    }
    let principal = principal_of(principal)?;
    let holder = Holder::of(cloud, input)?;
    holder.check_revision(input)?;
    let mut policy = holder.policy().unwrap_or_default();
    if policy.statements.iter().any(|statement| sid(statement) == Some(id)) {
        let message = format!(
            "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing \
             statement."
        );
        return Err(errors::conflict(message));
    }
    let mut statement = json!({
        "Sid": id,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": holder.arn(),
    });
    let condition = condition(input);
    if condition != json!({}) {
        set_member(&mut statement, "Condition", condition);
    }
    policy.statements.push(statement.clone());
    holder.put(cloud, policy);
    Ok(json!({ "Statement": statement.to_string() }))
}

fn sid(statement: &Value) -> Option<&str> {
    statement.get("Sid").and_then(Value::as_str)
}

fn principal_of(principal: &str) -> Result<Value, ServiceError> {
    Ok(match principal {
        "*" => json!("*"),
        service if service.ends_with(".amazonaws.com") => json!({ "Service": service }),
        "alexa-appkit.amazon.com" => json!({ "Service": principal }),
        account if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) => {
            json!({ "AWS": format!("arn:aws:iam::{account}:root") })
        }
        arn if arn.starts_with("arn:") => json!({ "AWS": arn }),
        _ => {
            return Err(errors::invalid(
                "The provided principal was invalid. Please check the principal and try again.",
            ));
        }
    })
}

fn condition(input: &Value) -> Value {
    let members = [
        ("StringEquals", "SourceAccount", "AWS:SourceAccount"),
        ("StringEquals", "EventSourceToken", "lambda:EventSourceToken"),
        ("StringEquals", "FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
        ("StringEquals", "PrincipalOrgID", "aws:PrincipalOrgID"),
        ("ArnLike", "SourceArn", "AWS:SourceArn"),
    ];
    let mut condition = json!({});
    for (operator, member, key) in members {
        let Some(value) = input.get(member).and_then(Value::as_str) else { continue };
        let mut keys = condition.get(operator).cloned().unwrap_or_else(|| json!({}));
        set_member(&mut keys, key, value);
        set_member(&mut condition, operator, keys);
    }
    condition
}

pub(super) fn remove(cloud: &Cloud, input: &Value) -> Answer {
    let reference = Reference::from_input(cloud, input)?;
    if cloud.lambda().latest(cloud, &reference).is_err() {
        return Err(errors::not_found(format!("No policy found for: {}", reference.arn(cloud))));
    }
    let holder = Holder::of(cloud, input)?;
    let id = input.get("StatementId").and_then(Value::as_str).unwrap_or_default();
    let missing = || errors::not_found("No policy is associated with the given resource.");
    let mut policy = holder.policy().ok_or_else(missing)?;
    let count = policy.statements.len();
    policy.statements.retain(|statement| sid(statement) != Some(id));
    if policy.statements.len() == count {
        return Err(errors::not_found(format!("Statement {id} is not found in resource policy.")));
    }
    holder.check_revision(input)?;
    holder.put(cloud, policy);
    Ok(json!({}))
}

pub(super) fn get(cloud: &Cloud, input: &Value) -> Answer {
    let holder = Holder::of(cloud, input);
    let missing = || errors::not_found("The resource you requested does not exist.");
    let policy = holder.ok().and_then(|holder| holder.policy()).ok_or_else(missing)?;
    let document = json!({ "Version": "2012-10-17", "Id": "default", "Statement": policy.statements });
    Ok(json!({ "Policy": document.to_string(), "RevisionId": policy.revision }))
}
