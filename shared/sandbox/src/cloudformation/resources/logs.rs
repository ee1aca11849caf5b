//! `AWS::Logs::LogGroup`, `AWS::Logs::SubscriptionFilter`.

use serde_json::{Value, json};

use super::properties::{tag_changes, tags, text, typed};
use super::{At, Kind, Made, Refused};
use crate::cloud::Service;

pub(super) async fn create_group(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let name = at.name(kind, properties);
    let tags = tags(properties);
    let mut input = json!({ "logGroupName": name });
    if !tags.is_empty() {
        crate::wire::set_member(&mut input, "tags", json!(tags));
    }
    at.call(Service::Logs, "CreateLogGroup", input).await?;
    retention(at, &name, &Value::Null, properties).await?;
    let arn = at.cloud.arn("logs", &format!("log-group:{name}:*"));
    Ok(Made::new(name).with("Arn", arn))
}

async fn retention(at: &At<'_>, name: &str, old: &Value, new: &Value) -> Result<(), Refused> {
    let days = |properties: &Value| properties.get("RetentionInDays").map(typed);
    match (days(old), days(new)) {
        (old, new) if old == new => Ok(()),
        (_, Some(days)) => {
            let input = json!({ "logGroupName": name, "retentionInDays": days });
            at.call(Service::Logs, "PutRetentionPolicy", input).await.map(drop)
        }
        (_, None) => at.call(Service::Logs, "DeleteRetentionPolicy", json!({ "logGroupName": name })).await.map(drop),
    }
}

pub(super) async fn update_group(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    retention(at, &made.id, old, new).await?;
    let arn = at.cloud.arn("logs", &format!("log-group:{}", made.id));
    let (set, gone) = tag_changes(old, new);
    if !set.is_empty() {
        at.call(Service::Logs, "TagResource", json!({ "resourceArn": arn, "tags": set })).await?;
    }
    if !gone.is_empty() {
        at.call(Service::Logs, "UntagResource", json!({ "resourceArn": arn, "tagKeys": gone })).await?;
    }
    Ok(made.clone())
}

pub(super) async fn subscribe(at: &At<'_>, name: &str, properties: &Value) -> Result<Made, Refused> {
    let member = |property: &str| text(properties, property).unwrap_or_default();
    let mut input = json!({
        "logGroupName": member("LogGroupName"),
        "filterName": name,
        "filterPattern": member("FilterPattern"),
        "destinationArn": member("DestinationArn"),
    });
    for (property, name) in [("RoleArn", "roleArn"), ("Distribution", "distribution")] {
        if let Some(value) = text(properties, property) {
            crate::wire::set_member(&mut input, name, value);
        }
    }
    at.call(Service::Logs, "PutSubscriptionFilter", input).await?;
    Ok(Made::new(name))
}
