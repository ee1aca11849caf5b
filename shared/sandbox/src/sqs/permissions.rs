//! Permissions: statements of a queue's policy. They are kept and shown; nothing is enforced.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::invalid;
use super::input::Input;
use super::queue::Queue;
use crate::cloud::Cloud;
use crate::wire::Answer;

/// What a queue's owner can let others do
/// ([AddPermission](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html)).
const SHARED: &[&str] = &[
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
];

pub(super) fn add(cloud: &Cloud, input: Input<'_>) -> Answer {
    let label = input.text("Label")?;
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    let mut statements = statements(queue);
    if statements.iter().any(|s| has_label(s, label)) {
        return Err(invalid("Label", label, "Already exists."));
    }
    if let Some(action) = input.texts("Actions").find(|action| !SHARED.contains(action)) {
        let reason = "Only the queue owner is allowed to invoke this action.";
        return Err(invalid("ActionName", format!("SQS:{action}"), reason));
    }
    let principals: Vec<_> = input.texts("AWSAccountIds").map(|id| format!("arn:aws:iam::{id}:root")).collect();
    let actions: Vec<_> = input.texts("Actions").map(|action| format!("SQS:{action}")).collect();
    statements.push(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_more(principals) },
        "Action": one_or_more(actions),
        "Resource": queue.arn,
    }));
    store(queue, statements);
    Ok(json!({}))
}

pub(super) fn remove(cloud: &Cloud, input: Input<'_>) -> Answer {
    let label = input.text("Label")?;
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    let mut statements = statements(queue);
    let before = statements.len();
    statements.retain(|s| !has_label(s, label));
    if statements.len() == before {
        return Err(invalid("Label", label, "can't find label."));
    }
    store(queue, statements);
    Ok(json!({}))
}

/// A list of one stands without brackets in a policy
/// ([Grammar of the policy language](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html)).
fn one_or_more(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 { texts.pop().into() } else { texts.into() }
}

fn has_label(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

fn statements(queue: &Queue) -> Vec<Value> {
    let policy = queue.settings.get("Policy").and_then(|policy| serde_json::from_str::<Value>(policy).ok());
    let statements = policy.and_then(|policy| policy.get("Statement").cloned());
    statements.and_then(|s| s.as_array().cloned()).unwrap_or_default()
}

fn store(queue: &mut Queue, statements: Vec<Value>) {
    let id = format!("{}/SQSDefaultPolicy", queue.arn);
    let policy = json!({ "Version": "2008-10-17", "Id": id, "Statement": statements }).to_string();
    let policy = if statements.is_empty() { String::new() } else { policy };
    queue.settings.set(&BTreeMap::from([("Policy".to_owned(), policy)]));
}
