//! Tags of functions.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::function::Function;
use crate::lambda::names::Reference;
use crate::wire::{Answer, ServiceError};

fn function(cloud: &Cloud, input: &Value) -> Result<Arc<Function>, ServiceError> {
    let arn = input.get("Resource").and_then(Value::as_str).unwrap_or_default();
    let reference = Reference::parse(arn).ok_or_else(|| errors::unsupported("Resource", &Value::from(arn)))?;
    cloud.lambda().function(cloud, &reference)
}

pub(super) fn list(cloud: &Cloud, input: &Value) -> Answer {
    Ok(json!({ "Tags": function(cloud, input)?.spec().tags }))
}

pub(super) fn tag(cloud: &Cloud, input: &Value) -> Answer {
    let function = function(cloud, input)?;
    let tags = input.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
    let tags = tags.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
    function.modify(|settings| Arc::make_mut(&mut settings.spec).tags.extend(tags));
    Ok(json!({}))
}

pub(super) fn untag(cloud: &Cloud, input: &Value) -> Answer {
    let function = function(cloud, input)?;
    let names = input.get("TagKeys").and_then(Value::as_array).cloned().unwrap_or_default();
    function.modify(|settings| {
        let tags = &mut Arc::make_mut(&mut settings.spec).tags;
        tags.retain(|name, _| !names.iter().any(|n| n.as_str() == Some(name)));
    });
    Ok(json!({}))
}
