//! Reserved concurrency.

use std::sync::Arc;

use serde_json::{Value, json};

use super::input::number;
use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::names::Reference;
use crate::wire::Answer;

pub(super) fn put(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    let reserved = number(input, "ReservedConcurrentExecutions", 0, u64::from(u32::MAX))?;
    let reserved = reserved.ok_or_else(|| errors::invalid("ReservedConcurrentExecutions is missing"))?;
    let reserved = u32::try_from(reserved).ok();
    function.modify(|settings| Arc::make_mut(&mut settings.spec).reserved_concurrency = reserved);
    Ok(json!({ "ReservedConcurrentExecutions": reserved }))
}

pub(super) fn get(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    Ok(match function.spec().reserved_concurrency {
        Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
        None => json!({}),
    })
}

pub(super) fn delete(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    function.modify(|settings| Arc::make_mut(&mut settings.spec).reserved_concurrency = None);
    Ok(json!({}))
}
