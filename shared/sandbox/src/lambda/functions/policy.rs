//! A function's policy: kept and shown, not enforced.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::names::Reference;
use crate::wire::{Answer, set_member};

pub(super) fn add(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let (Some(id), Some(action), Some(principal)) = (text("StatementId"), text("Action"), text("Principal")) else {
        return Err(errors::invalid("StatementId, Action and Principal are needed"));
    };
    if function.settings().policy.contains_key(id) {
        let message = format!(
            "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement."
        );
        return Err(errors::conflict(message));
    }
    let principal = match principal {
        "*" => json!("*"),
        service if service.contains(".amazonaws.com") => json!({ "Service": service }),
        account => json!({ "AWS": account }),
    };
    let statement = statement(&function.arn, id, action, &principal, text("SourceArn"), text("SourceAccount"));
    function.modify(|settings| drop(settings.policy.insert(id.to_owned(), statement.clone())));
    Ok(json!({ "Statement": statement.to_string() }))
}

fn statement(
    resource: &str,
    id: &str,
    action: &str,
    principal: &Value,
    source: Option<&str>,
    account: Option<&str>,
) -> Value {
    let mut statement =
        json!({ "Sid": id, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource });
    let mut condition = json!({});
    if let Some(account) = account {
        set_member(&mut condition, "StringEquals", json!({ "AWS:SourceAccount": account }));
    }
    if let Some(source) = source {
        set_member(&mut condition, "ArnLike", json!({ "AWS:SourceArn": source }));
    }
    if condition != json!({}) {
        set_member(&mut statement, "Condition", condition);
    }
    statement
}

pub(super) fn remove(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    let id = input.get("StatementId").and_then(Value::as_str).unwrap_or_default();
    let mut removed = None;
    function.modify(|settings| removed = settings.policy.remove(id));
    let missing = || errors::not_found(format!("Statement {id} is not found in resource policy."));
    removed.map(|_| json!({})).ok_or_else(missing)
}

pub(super) fn get(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    let settings = function.settings();
    if settings.policy.is_empty() {
        return Err(errors::not_found("The resource you requested does not exist."));
    }
    let statements: Vec<_> = settings.policy.values().collect();
    let policy = json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements });
    Ok(json!({ "Policy": policy.to_string(), "RevisionId": settings.revision }))
}
