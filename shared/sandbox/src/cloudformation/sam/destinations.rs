//! Where the outcomes of asynchronous invocations go.

use serde_json::{Map, Value, json};

use super::{Made, Source, get_att, role};

/// What a role needs to send to a destination.
pub(super) fn policy(name: &str, kind: &str, destination: &Value) -> Option<Value> {
    let action = match kind {
        "SQS" => "sqs:SendMessage",
        "SNS" => "sns:publish",
        "Lambda" => "lambda:InvokeFunction",
        "EventBridge" => "events:PutEvents",
        _ => return None,
    };
    let document = json!({ "Statement": [{ "Action": action, "Effect": "Allow", "Resource": destination }] });
    Some(role::policy(&format!("{name}{kind}Policy"), &document))
}

/// `EventInvokeConfig` as a resource of its own.
pub(super) fn invoke_config(source: &Source<'_>, made: &mut Made, extras: &mut role::Extras) -> Result<(), String> {
    let Some(config) = source.get("EventInvokeConfig") else { return Ok(()) };
    let id = format!("{}EventInvokeConfig", source.logical_id);
    let mut properties = Map::new();
    if let Some(destinations) = config.get("DestinationConfig") {
        let mut found = Map::new();
        for on in ["OnSuccess", "OnFailure"] {
            let Some(given) = destinations.get(on) else { continue };
            let kind = given.get("Type").and_then(Value::as_str);
            let name = format!("{id}{on}");
            let destination = match (given.get("Destination"), kind) {
                (Some(destination), _) => destination.clone(),
                (None, Some("SQS")) => {
                    let queue = format!("{name}Queue");
                    let destination = get_att(&queue, "Arn");
                    made.insert(queue, source.companion("AWS::SQS::Queue", json!({})));
                    destination
                }
                (None, _) => return Err(source.error("Destination is required if Type is not ['SQS', 'SNS']")),
            };
            if let Some(kind) = kind {
                let policy = policy(&name, kind, &destination);
                extras
                    .first
                    .push(policy.ok_or_else(|| source.error(format!("'Type: {kind}' must be one of {TYPES:?}")))?);
            }
            found.insert(on.to_owned(), json!({ "Destination": destination }));
        }
        properties.insert("DestinationConfig".into(), found.into());
    }
    properties.insert("FunctionName".into(), json!({ "Ref": source.logical_id }));
    for name in ["MaximumEventAgeInSeconds", "MaximumRetryAttempts"] {
        if let Some(value) = config.get(name) {
            properties.insert(name.to_owned(), value.clone());
        }
    }
    properties.insert("Qualifier".into(), "$LATEST".into());
    made.insert(id, source.companion("AWS::Lambda::EventInvokeConfig", properties.into()));
    Ok(())
}

const TYPES: [&str; 4] = ["SQS", "SNS", "EventBridge", "Lambda"];
