//! `AWS::Events::Rule` and its targets.

use serde_json::{Map, Value, json};

use super::Resource;
use crate::template::error::ErrorKind;
use crate::template::reader::Reader;
use crate::template::topology::{RuleResource, TargetResource, Topology};

pub(super) fn read(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    reader.no_effect(&["Name", "RoleArn", "Tags"]);
    let rule = RuleResource {
        logical_id: resource.logical_id.to_owned(),
        name: resource.identity.name.clone(),
        bus: reader.text("EventBusName").map_or_else(|| "default".to_owned(), |bus| bus_name(&bus)),
        pattern: reader.json("EventPattern"),
        schedule: reader.text("ScheduleExpression"),
        state: reader.one_of("State", &["ENABLED", "DISABLED"]).unwrap_or("ENABLED").to_owned(),
        description: reader.text("Description"),
        targets: reader.nested_items("Targets").into_iter().filter_map(target).collect(),
        line: resource.place.line,
    };
    if rule.pattern.is_none() && rule.schedule.is_none() {
        reader.report(ErrorKind::Shape, reader.place(), "EventPattern or ScheduleExpression is required");
    }
    reader.finish();
    topology.rules.push(rule);
}

/// A bus's name from its name or ARN.
pub(super) fn bus_name(name_or_arn: &str) -> String {
    name_or_arn.rsplit('/').next().unwrap_or(name_or_arn).to_owned()
}

fn target(reader: Reader<'_>) -> Option<TargetResource> {
    let id = reader.required_text("Id");
    let arn = reader.required_text("Arn");
    reader.no_effect(&["RoleArn"]);
    let mut extras = delivery(&reader);
    if let Some(sqs) = reader.nested("SqsParameters") {
        let group = sqs.required_text("MessageGroupId");
        sqs.finish();
        extras.insert("SqsParameters".into(), json!({ "MessageGroupId": group }));
    }
    reader.finish();
    Some(with_target(&id?, &arn?, extras))
}

/// A target from its id, its ARN and how it is delivered.
pub(super) fn with_target(id: &str, arn: &str, extras: Map<String, Value>) -> TargetResource {
    let mut definition = Map::from_iter([("Id".to_owned(), id.into()), ("Arn".to_owned(), arn.into())]);
    definition.extend(extras);
    let definition = Value::Object(definition);
    let dead_letter_arn = definition.pointer("/DeadLetterConfig/Arn").and_then(Value::as_str).map(str::to_owned);
    TargetResource { id: id.to_owned(), arn: arn.to_owned(), dead_letter_arn, definition }
}

/// What a target and a function's event have in common: input, retries, dead-letter queue.
pub(super) fn delivery(reader: &Reader<'_>) -> Map<String, Value> {
    let mut extras = Map::new();
    for key in ["Input", "InputPath"] {
        if let Some(text) = reader.text(key) {
            extras.insert(key.to_owned(), text.into());
        }
    }
    if let Some(transformer) = reader.nested("InputTransformer") {
        let paths = transformer.json("InputPathsMap").unwrap_or_else(|| json!({}));
        let template = transformer.required_text("InputTemplate");
        transformer.finish();
        extras.insert("InputTransformer".into(), json!({ "InputPathsMap": paths, "InputTemplate": template }));
    }
    if let Some(dead_letters) = reader.nested("DeadLetterConfig") {
        let arn = dead_letters.required_text("Arn");
        dead_letters.finish();
        extras.insert("DeadLetterConfig".into(), json!({ "Arn": arn }));
    }
    if let Some(retry) = reader.nested("RetryPolicy") {
        let mut policy = Map::new();
        for key in ["MaximumEventAgeInSeconds", "MaximumRetryAttempts"] {
            if let Some(number) = retry.number(key) {
                policy.insert(key.to_owned(), number.into());
            }
        }
        retry.finish();
        extras.insert("RetryPolicy".into(), policy.into());
    }
    extras
}
