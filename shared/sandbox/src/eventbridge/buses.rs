//! Event buses.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors;
use super::input::{Input, check_name, object, seconds};
use super::rules::Rule;
use super::tags::{self, Tags};
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// The bus that every account has.
pub(super) const DEFAULT: &str = "default";

pub(super) struct Bus {
    name: String,
    pub(super) arn: String,
    description: Option<String>,
    created: Timestamp,
    pub(super) modified: Timestamp,
    /// A policy document.
    pub(super) policy: Option<Value>,
    pub(super) rules: BTreeMap<String, Rule>,
    pub(super) tags: Tags,
}

impl Bus {
    pub(super) fn new(cloud: &Cloud, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            arn: cloud.arn("events", &format!("event-bus/{name}")),
            description: None,
            created: cloud.clock().now(),
            modified: cloud.clock().now(),
            policy: None,
            rules: BTreeMap::new(),
            tags: Tags::new(),
        }
    }

    fn shown(&self) -> Value {
        object([
            ("Name", Some(self.name.clone().into())),
            ("Arn", Some(self.arn.clone().into())),
            ("Description", self.description.clone().map(Value::from)),
            ("CreationTime", Some(seconds(self.created))),
            ("LastModifiedTime", Some(seconds(self.modified))),
            ("Policy", self.policy.as_ref().map(|policy| policy.to_string().into())),
        ])
    }
}

/// The name in a bus's ARN; anything else is a name already.
pub(super) fn name_of(name_or_arn: &str) -> &str {
    match name_or_arn.split_once(":event-bus/") {
        Some((arn, name)) if arn.starts_with("arn:") => name,
        _ => name_or_arn,
    }
}

/// The name of the bus with this ARN, when it is of this account and region.
pub(super) fn name_of_arn<'a>(cloud: &Cloud, arn: &'a str) -> Option<&'a str> {
    let name = name_of(arn);
    (cloud.arn("events", &format!("event-bus/{name}")) == arn).then_some(name)
}

/// Partner event sources, customers' keys, logs of a bus and the dead letters that encryption makes are not here.
fn refuse_unsupported(input: Input<'_>, operation: &str) -> Result<(), ServiceError> {
    let unsupported = ["EventSourceName", "KmsKeyIdentifier", "LogConfig", "DeadLetterConfig"];
    match unsupported.into_iter().find(|member| input.0.get(*member).is_some()) {
        Some(member) => Err(ServiceError::unsupported(Service::EventBridge, &format!("{operation} with {member}"))),
        None => Ok(()),
    }
}

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEventBus.html>
pub(super) fn update(cloud: &Cloud, input: Input<'_>) -> Answer {
    refuse_unsupported(input, "UpdateEventBus")?;
    let name = input.optional("Name").map_or(DEFAULT, name_of);
    let description = input.at_most("Description", 512)?;
    let mut state = cloud.eventbridge().state(cloud);
    let bus = state.bus(name)?;
    if let Some(description) = description {
        bus.description = Some(description.to_owned());
    }
    bus.modified = cloud.clock().now();
    Ok(object([
        ("Arn", Some(bus.arn.clone().into())),
        ("Name", Some(name.into())),
        ("Description", bus.description.clone().map(Value::from)),
    ]))
}

pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    refuse_unsupported(input, "CreateEventBus")?;
    let name = input.text("Name")?;
    if name.contains('/') {
        return Err(errors::validation("Event bus name must not contain '/'."));
    }
    check_name(name, "name", 256)?;
    let description = input.at_most("Description", 512)?;
    let mut state = cloud.eventbridge().state(cloud);
    if state.buses.contains_key(name) {
        return Err(errors::exists(format!("Event bus {name} already exists.")));
    }
    let mut bus = Bus::new(cloud, name);
    bus.description = description.map(str::to_owned);
    tags::add(&mut bus.tags, input)?;
    let answer = object([("EventBusArn", Some(bus.arn.clone().into())), ("Description", description.map(Value::from))]);
    state.buses.insert(name.to_owned(), bus);
    Ok(answer)
}

/// A bus that does not exist is deleted, as far as AWS is concerned.
pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("Name")?;
    if name == DEFAULT {
        return Err(errors::validation("Cannot delete event bus default."));
    }
    let mut state = cloud.eventbridge().state(cloud);
    if state.buses.get(name).is_some_and(|bus| !bus.rules.is_empty()) {
        return Err(errors::validation(format!("Event bus {name} can't be deleted since it has rules.")));
    }
    state.buses.remove(name);
    Ok(json!({}))
}

pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.optional("Name").map_or(DEFAULT, name_of);
    let mut state = cloud.eventbridge().state(cloud);
    Ok(state.bus(name)?.shown())
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let prefix = input.optional("NamePrefix").unwrap_or_default();
    let state = cloud.eventbridge().state(cloud);
    let buses = state.buses.iter().filter(|(name, _)| name.starts_with(prefix));
    input.page("EventBuses", buses.map(|(name, bus)| (name.clone(), bus.shown())).collect())
}

pub(super) fn resource<'a>(buses: &'a mut BTreeMap<String, Bus>, name: &str) -> Result<&'a mut Tags, ServiceError> {
    buses.get_mut(name).map(|bus| &mut bus.tags).ok_or_else(|| errors::no_bus(name))
}
