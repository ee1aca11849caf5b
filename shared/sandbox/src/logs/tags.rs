//! Tags of log groups.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::input::{Input, group_of_arn};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

pub(super) fn given(map: Option<&Map<String, Value>>) -> BTreeMap<String, String> {
    let texts = map.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
    texts.collect()
}

/// The group: by ARN, or by name in the older operations.
fn group(input: Input<'_>) -> Result<&str, ServiceError> {
    input.optional_text("resourceArn").map_or_else(|| input.text("logGroupName"), |arn| Ok(group_of_arn(arn)))
}

pub(super) fn tag(cloud: &Cloud, input: Input<'_>) -> Answer {
    cloud.logs().state().group(group(input)?)?.tags.extend(given(input.map("tags")));
    Ok(json!({}))
}

pub(super) fn untag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.logs().state();
    let tags = &mut state.group(group(input)?)?.tags;
    for key in input.list("tagKeys").chain(input.list("tags")).filter_map(Value::as_str) {
        tags.remove(key);
    }
    Ok(json!({}))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    Ok(json!({ "tags": cloud.logs().state().group(group(input)?)?.tags }))
}
