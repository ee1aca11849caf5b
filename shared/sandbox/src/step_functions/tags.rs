//! Tags of state machines.
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/API_TagResource.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::Input;
use super::{State, errors};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// AWS's limit of tags per resource.
const MOST: usize = 50;

pub(super) fn read(tags: &[Value]) -> BTreeMap<String, String> {
    let text = |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    tags.iter().map(|tag| (text(tag, "key"), text(tag, "value"))).collect()
}

impl State {
    /// The tags of a state machine or an activity; versions and aliases have none.
    fn tags(&mut self, arn: &str) -> Result<&mut BTreeMap<String, String>, ServiceError> {
        let machine = self.machines.get_mut(arn).map(|machine| &mut machine.tags);
        let activity = self.activities.get_mut(arn).map(|activity| &mut activity.tags);
        machine.or(activity).ok_or_else(|| errors::no_resource(arn))
    }
}

pub(super) fn tag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("resourceArn")?;
    let mut state = cloud.step_functions().state();
    let place = state.tags(arn)?;
    let mut tags = place.clone();
    tags.extend(read(input.list("tags")));
    if tags.len() > MOST {
        return Err(ServiceError::new("TooManyTags", format!("'{arn}' would have more than {MOST} tags")));
    }
    *place = tags;
    Ok(json!({}))
}

pub(super) fn untag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("resourceArn")?;
    let mut state = cloud.step_functions().state();
    let tags = state.tags(arn)?;
    for key in input.list("tagKeys").iter().filter_map(Value::as_str) {
        tags.remove(key);
    }
    Ok(json!({}))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("resourceArn")?;
    let mut state = cloud.step_functions().state();
    let tags: Vec<Value> = state.tags(arn)?.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    Ok(json!({ "tags": tags }))
}
