//! Tags of queues.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::input::Input;
use crate::cloud::Cloud;
use crate::wire::Answer;

pub(super) fn given(map: Option<&Map<String, Value>>) -> BTreeMap<String, String> {
    let texts = map.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
    texts.collect()
}

pub(super) fn tag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    state.queue(cloud, input)?.tags.extend(given(input.map("Tags")));
    Ok(json!({}))
}

pub(super) fn untag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    for key in input.texts("TagKeys") {
        queue.tags.remove(key);
    }
    Ok(json!({}))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let tags = &state.queue(cloud, input)?.tags;
    Ok(if tags.is_empty() { json!({}) } else { json!({ "Tags": tags }) })
}
