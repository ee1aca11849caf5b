//! `AWS::Lambda::EventSourceMapping`, `AWS::Lambda::EventInvokeConfig`, `AWS::Lambda::Permission`.

use serde_json::{Map, Value, json};

use super::properties::{picked, text};
use super::{At, Made, Refused};
use crate::cloud::Service;

/// Properties that CreateEventSourceMapping and UpdateEventSourceMapping take by the same name, with their defaults.
fn changeable() -> [(&'static str, Value); 12] {
    [
        ("BatchSize", Value::Null),
        ("BisectBatchOnFunctionError", json!(false)),
        ("DestinationConfig", json!({ "OnFailure": {} })),
        ("Enabled", json!(true)),
        ("FilterCriteria", json!({ "Filters": [] })),
        ("FunctionResponseTypes", json!([])),
        ("MaximumBatchingWindowInSeconds", json!(0)),
        ("MaximumRecordAgeInSeconds", json!(-1)),
        ("MaximumRetryAttempts", json!(-1)),
        ("ParallelizationFactor", json!(1)),
        ("ScalingConfig", json!({})),
        ("TumblingWindowInSeconds", json!(0)),
    ]
}

/// The same, with filters that are documents as text.
fn member(properties: &Value, name: &str) -> Option<Value> {
    let value = properties.get(name)?;
    // A pattern is text that may look like a number.
    if name == "FilterCriteria" { Some(value.clone()) } else { picked(properties, &[name]).shift_remove(name) }
}

fn all(properties: &Value) -> Map<String, Value> {
    let members = changeable().into_iter().filter_map(|(name, _)| Some((name.to_owned(), member(properties, name)?)));
    members.chain(text(properties, "FunctionName").map(|name| ("FunctionName".to_owned(), name.into()))).collect()
}

pub(super) async fn create(at: &At<'_>, properties: &Value) -> Result<Made, Refused> {
    let mut input = all(properties);
    for name in ["EventSourceArn", "StartingPosition"] {
        if let Some(value) = text(properties, name) {
            input.insert(name.to_owned(), value.into());
        }
    }
    input.extend(picked(properties, &["StartingPositionTimestamp"]));
    let tags = super::properties::tags(properties);
    if !tags.is_empty() {
        input.insert("Tags".into(), json!(tags));
    }
    let answer = at.call(Service::Lambda, "CreateEventSourceMapping", input.into()).await?;
    let id = text(&answer, "UUID").unwrap_or_default();
    let arn = at.cloud.arn("lambda", &format!("event-source-mapping:{id}"));
    Ok(Made::new(id.clone()).with("Id", id).with("EventSourceMappingArn", arn))
}

pub(super) async fn update(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    let mut input = Map::from_iter([("UUID".to_owned(), Value::from(made.id.as_str()))]);
    for (name, default) in changeable() {
        if old.get(name) != new.get(name) {
            input.insert(name.to_owned(), member(new, name).unwrap_or(default));
        }
    }
    if let Some(function) = text(new, "FunctionName").filter(|_| old.get("FunctionName") != new.get("FunctionName")) {
        input.insert("FunctionName".into(), function.into());
    }
    if input.len() > 1 {
        at.call(Service::Lambda, "UpdateEventSourceMapping", input.into()).await?;
    }
    Ok(made.clone())
}

pub(super) async fn put_invoke_config(at: &At<'_>, properties: &Value) -> Result<Made, Refused> {
    let mut input = picked(properties, &["MaximumEventAgeInSeconds", "MaximumRetryAttempts"]);
    let function = text(properties, "FunctionName").unwrap_or_default();
    input.insert("FunctionName".into(), function.as_str().into());
    let qualifier = text(properties, "Qualifier").unwrap_or_else(|| "$LATEST".into());
    if qualifier != "$LATEST" {
        input.insert("Qualifier".into(), qualifier.as_str().into());
    }
    if let Some(destinations) = properties.get("DestinationConfig") {
        input.insert("DestinationConfig".into(), destinations.clone());
    }
    at.call(Service::Lambda, "PutFunctionEventInvokeConfig", input.into()).await?;
    Ok(Made::new(format!("{function}|{qualifier}")))
}

pub(super) async fn permit(at: &At<'_>, id: &str, properties: &Value) -> Result<Made, Refused> {
    let mut input = Map::from_iter([("StatementId".to_owned(), Value::from(id))]);
    let names = [
        "Action",
        "EventSourceToken",
        "FunctionName",
        "FunctionUrlAuthType",
        "Principal",
        "PrincipalOrgID",
        "SourceAccount",
        "SourceArn",
    ];
    for name in names {
        if let Some(value) = text(properties, name) {
            input.insert(name.to_owned(), value.into());
        }
    }
    at.call(Service::Lambda, "AddPermission", input.into()).await?;
    Ok(Made::new(id).with("Id", id))
}
