//! Tags of state machines.
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/API_TagResource.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors;
use super::input::Input;
use crate::cloud::Cloud;
use crate::wire::Answer;

/// AWS's limit of tags per resource.
const MOST: usize = 50;

pub(super) fn read(tags: &[Value]) -> BTreeMap<String, String> {
    let text = |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    tags.iter().map(|tag| (text(tag, "key"), text(tag, "value"))).collect()
}

pub(super) fn tag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("resourceArn")?;
    let mut state = cloud.step_functions().state();
    let machine = state.machines.get_mut(arn).ok_or_else(|| errors::no_resource(arn))?;
    let mut tags = machine.tags.clone();
    tags.extend(read(input.list("tags")));
    if tags.len() > MOST {
        return Err(crate::wire::ServiceError::new("TooManyTags", format!("'{arn}' would have more than {MOST} tags")));
    }
    machine.tags = tags;
    Ok(json!({}))
}

pub(super) fn untag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("resourceArn")?;
    let mut state = cloud.step_functions().state();
    let machine = state.machines.get_mut(arn).ok_or_else(|| errors::no_resource(arn))?;
    for key in input.list("tagKeys").iter().filter_map(Value::as_str) {
        machine.tags.remove(key);
    }
    Ok(json!({}))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("resourceArn")?;
    let state = cloud.step_functions().state();
    let machine = state.machines.get(arn).ok_or_else(|| errors::no_resource(arn))?;
    let tags: Vec<Value> = machine.tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    Ok(json!({ "tags": tags }))
}
