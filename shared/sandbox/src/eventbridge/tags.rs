//! Tags of buses and rules.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::Input;
use super::{State, buses, errors};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

pub(super) type Tags = BTreeMap<String, String>;

/// The most tags of one resource.
const MOST: usize = 50;

/// Adds the request's `Tags`.
pub(super) fn add(tags: &mut Tags, input: Input<'_>) -> Result<(), ServiceError> {
    for tag in input.list("Tags") {
        tags.insert(tag.text("Key")?.to_owned(), tag.text("Value")?.to_owned());
    }
    if tags.len() > MOST { Err(errors::limit()) } else { Ok(()) }
}

pub(super) fn tag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    add(resource(cloud, &mut state, input)?, input)?;
    Ok(json!({}))
}

pub(super) fn untag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let tags = resource(cloud, &mut state, input)?;
    for key in input.texts("TagKeys") {
        tags.remove(&key);
    }
    Ok(json!({}))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let tags = resource(cloud, &mut state, input)?;
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({ "Tags": tags }))
}

fn resource<'a>(cloud: &Cloud, state: &'a mut State, input: Input<'_>) -> Result<&'a mut Tags, ServiceError> {
    let arn = input.text("ResourceARN")?;
    let rest = arn.strip_prefix(cloud.arn("events", "").as_str()).ok_or_else(|| errors::bad_arn(arn))?;
    match rest.split_once('/') {
        Some(("event-bus", name)) => buses::resource(&mut state.buses, name),
        Some(("rule", path)) => {
            let (bus, name) = path.rsplit_once('/').unwrap_or((buses::DEFAULT, path));
            let rule = state.bus(bus)?.rules.get_mut(name).ok_or_else(|| errors::no_rule(name, bus))?;
            Ok(&mut rule.tags)
        }
        _ => Err(errors::bad_arn(arn)),
    }
}
