//! `AWS::Events::EventBus`, `AWS::Events::Archive`, `AWS::Events::Rule`.

use serde_json::{Map, Value, json};

use super::properties::{document, items, picked, tag_changes, tags, text};
use super::{At, Kind, Made, Refused};
use crate::cloud::Service;

const BUS: Service = Service::EventBridge;

fn listed(tags: impl IntoIterator<Item = (String, String)>) -> Vec<Value> {
    tags.into_iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

async fn retag(at: &At<'_>, arn: &str, old: &Value, new: &Value) -> Result<(), Refused> {
    let (set, gone) = tag_changes(old, new);
    if !set.is_empty() {
        at.call(BUS, "TagResource", json!({ "ResourceARN": arn, "Tags": listed(set) })).await?;
    }
    if !gone.is_empty() {
        at.call(BUS, "UntagResource", json!({ "ResourceARN": arn, "TagKeys": gone })).await?;
    }
    Ok(())
}

/// The text members of a request that are properties of the same name.
fn same(properties: &Value, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), text(properties, name)?.into()))).collect()
}

pub(super) async fn create_bus(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let name = at.name(kind, properties);
    let mut input = same(properties, &["Description", "EventSourceName", "KmsKeyIdentifier"]);
    for name in ["DeadLetterConfig", "LogConfig"] {
        if let Some(value) = properties.get(name) {
            input.insert(name.to_owned(), value.clone());
        }
    }
    input.insert("Name".into(), name.as_str().into());
    let tags = listed(tags(properties));
    if !tags.is_empty() {
        input.insert("Tags".into(), tags.into());
    }
    at.call(BUS, "CreateEventBus", input.into()).await?;
    let arn = at.cloud.arn("events", &format!("event-bus/{name}"));
    Ok(Made::new(name.clone()).with("Name", name).with("Arn", arn))
}

pub(super) async fn update_bus(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    if super::properties::differ(old, new, &["DeadLetterConfig", "Description", "KmsKeyIdentifier", "LogConfig"]) {
        let mut input = same(new, &["Description", "KmsKeyIdentifier"]);
        for name in ["DeadLetterConfig", "LogConfig"] {
            if let Some(value) = new.get(name) {
                input.insert(name.to_owned(), value.clone());
            }
        }
        input.insert("Name".into(), made.id.as_str().into());
        at.call(BUS, "UpdateEventBus", input.into()).await?;
    }
    retag(at, made.attributes.get("Arn").map_or("", String::as_str), old, new).await?;
    Ok(made.clone())
}

fn archive(name: &str, properties: &Value) -> Value {
    let mut input = same(properties, &["Description", "KmsKeyIdentifier"]);
    input.extend(picked(properties, &["RetentionDays"]));
    input.insert("ArchiveName".into(), name.into());
    if let Some(pattern) = properties.get("EventPattern") {
        input.insert("EventPattern".into(), document(pattern).into());
    }
    input.into()
}

pub(super) async fn create_archive(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let name = at.name(kind, properties);
    let mut input = archive(&name, properties);
    crate::wire::set_member(&mut input, "EventSourceArn", text(properties, "SourceArn").unwrap_or_default());
    at.call(BUS, "CreateArchive", input).await?;
    let arn = at.cloud.arn("events", &format!("archive/{name}"));
    Ok(Made::new(name.clone()).with("ArchiveName", name).with("Arn", arn))
}

pub(super) async fn update_archive(at: &At<'_>, made: &Made, new: &Value) -> Result<Made, Refused> {
    at.call(BUS, "UpdateArchive", archive(&made.id, new)).await?;
    Ok(made.clone())
}

fn bus_of(properties: &Value) -> String {
    let bus = text(properties, "EventBusName").unwrap_or_else(|| "default".into());
    bus.rsplit('/').next().unwrap_or(&bus).to_owned()
}

pub(super) async fn create_rule(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let (name, bus) = (at.name(kind, properties), bus_of(properties));
    // PutRule changes a rule that is there.
    if at.call(BUS, "DescribeRule", json!({ "Name": name, "EventBusName": bus })).await.is_ok() {
        return Err(Refused::exists("PutRule", kind.of, &name));
    }
    put_rule(at, &name, &bus, properties, true).await?;
    if let Err(refused) = put_targets(at, &name, &bus, &Value::Null, properties).await {
        at.remove(BUS, "DeleteRule", json!({ "Name": name, "EventBusName": bus })).await?;
        return Err(refused);
    }
    // Ref of a rule on a bus other than the default one has the bus in it.
    let (id, arn) = match bus.as_str() {
        "default" => (name.clone(), format!("rule/{name}")),
        bus => (format!("{bus}|{name}"), format!("rule/{bus}/{name}")),
    };
    Ok(Made::new(id).with("Arn", at.cloud.arn("events", &arn)))
}

async fn put_rule(at: &At<'_>, name: &str, bus: &str, properties: &Value, is_new: bool) -> Result<(), Refused> {
    let mut input = same(properties, &["Description", "RoleArn", "ScheduleExpression", "State"]);
    input.insert("Name".into(), name.into());
    input.insert("EventBusName".into(), bus.into());
    if let Some(pattern) = properties.get("EventPattern") {
        input.insert("EventPattern".into(), document(pattern).into());
    }
    let tags = listed(tags(properties));
    if is_new && !tags.is_empty() {
        input.insert("Tags".into(), tags.into());
    }
    at.call(BUS, "PutRule", input.into()).await.map(drop)
}

fn targets(properties: &Value) -> Vec<Value> {
    let number = |target: &Value| {
        let mut target = target.clone();
        // Of a target's members only these are numbers.
        if let Some(policy) = target.get_mut("RetryPolicy") {
            *policy = super::properties::typed(policy);
        }
        target
    };
    items(properties, "Targets").iter().map(number).collect()
}

async fn put_targets(at: &At<'_>, name: &str, bus: &str, old: &Value, new: &Value) -> Result<(), Refused> {
    let (before, after) = (targets(old), targets(new));
    let ids: Vec<Option<&Value>> = after.iter().map(|target| target.get("Id")).collect();
    let gone: Vec<&Value> =
        before.iter().filter_map(|target| target.get("Id")).filter(|id| !ids.contains(&Some(id))).collect();
    if !gone.is_empty() {
        let input = json!({ "Rule": name, "EventBusName": bus, "Ids": gone });
        at.call(BUS, "RemoveTargets", input).await?;
    }
    if after.is_empty() || before == after {
        return Ok(());
    }
    let answer = at.call(BUS, "PutTargets", json!({ "Rule": name, "EventBusName": bus, "Targets": after })).await?;
    match answer.pointer("/FailedEntries/0") {
        None => Ok(()),
        Some(failed) => {
            let message = text(failed, "ErrorMessage").unwrap_or_default();
            Err(Refused::new("PutTargets", &text(failed, "ErrorCode").unwrap_or_default(), message))
        }
    }
}

/// The rule's own name: what `Ref` gives may have the bus before it.
fn rule_name(id: &str) -> &str {
    id.rsplit('|').next().unwrap_or(id)
}

pub(super) async fn update_rule(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    let (name, bus) = (rule_name(&made.id), bus_of(new));
    let settings = ["Description", "EventPattern", "RoleArn", "ScheduleExpression", "State"];
    if super::properties::differ(old, new, &settings) {
        put_rule(at, name, &bus, new, false).await?;
    }
    put_targets(at, name, &bus, old, new).await?;
    retag(at, made.attributes.get("Arn").map_or("", String::as_str), old, new).await?;
    Ok(made.clone())
}

pub(super) async fn delete_rule(at: &At<'_>, id: &str, properties: &Value) -> Result<(), Refused> {
    let (name, bus) = (rule_name(id), bus_of(properties));
    let listed = at.call(BUS, "ListTargetsByRule", json!({ "Rule": name, "EventBusName": bus })).await;
    let listed = match listed {
        Err(refused) if refused.is_missing() => return Ok(()),
        listed => listed?,
    };
    let ids: Vec<&Value> = items(&listed, "Targets").iter().filter_map(|target| target.get("Id")).collect();
    if !ids.is_empty() {
        at.call(BUS, "RemoveTargets", json!({ "Rule": name, "EventBusName": bus, "Ids": ids })).await?;
    }
    at.remove(BUS, "DeleteRule", json!({ "Name": name, "EventBusName": bus })).await
}
