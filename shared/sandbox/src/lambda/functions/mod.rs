//! Operations on functions and their settings.

mod code;
mod concurrency;
mod configuration;
mod event_invoke;
mod input;
mod policy;
mod tags;

use serde_json::{Value, json};

use super::names::Reference;
use super::{errors, mappings};
use crate::cloud::Cloud;
use crate::wire::{Answer, set_member};

/// `None`: there is no such operation.
pub(super) fn call(cloud: &Cloud, operation: &str, input: &Value) -> Option<Answer> {
    Some(match operation {
        "CreateFunction" => input::create(cloud, input),
        "UpdateFunctionCode" => input::update_code(cloud, input),
        "UpdateFunctionConfiguration" => input::update_configuration(cloud, input),
        "GetFunction" => get(cloud, input),
        "GetFunctionConfiguration" => get_configuration(cloud, input),
        "ListFunctions" => list(cloud, input),
        "DeleteFunction" => delete(cloud, input),
        "PutFunctionEventInvokeConfig" => event_invoke::put(cloud, input),
        "UpdateFunctionEventInvokeConfig" => event_invoke::update(cloud, input),
        "GetFunctionEventInvokeConfig" => event_invoke::get(cloud, input),
        "DeleteFunctionEventInvokeConfig" => event_invoke::delete(cloud, input),
        "PutFunctionConcurrency" => concurrency::put(cloud, input),
        "GetFunctionConcurrency" => concurrency::get(cloud, input),
        "DeleteFunctionConcurrency" => concurrency::delete(cloud, input),
        "AddPermission" => policy::add(cloud, input),
        "RemovePermission" => policy::remove(cloud, input),
        "GetPolicy" => policy::get(cloud, input),
        "ListTags" => tags::list(cloud, input),
        "TagResource" => tags::tag(cloud, input),
        "UntagResource" => tags::untag(cloud, input),
        _ => return None,
    })
}

fn get(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    let spec = function.spec();
    let mut answer = json!({
        "Configuration": configuration::show(&function),
        "Code": { "RepositoryType": "S3", "Location": code::location(&spec.code) },
    });
    if !spec.tags.is_empty() {
        set_member(&mut answer, "Tags", json!(spec.tags));
    }
    if let Some(reserved) = spec.reserved_concurrency {
        set_member(&mut answer, "Concurrency", json!({ "ReservedConcurrentExecutions": reserved }));
    }
    Ok(answer)
}

fn get_configuration(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    Ok(configuration::show(&function))
}

fn list(cloud: &Cloud, input: &Value) -> Answer {
    let after = input.get("Marker").and_then(Value::as_str).unwrap_or_default();
    let most = input.get("MaxItems").and_then(Value::as_u64).unwrap_or(50).clamp(1, 50);
    let most = usize::try_from(most).unwrap_or(50);
    let functions: Vec<_> = cloud.lambda().state().functions.values().cloned().collect();
    let rest: Vec<_> = functions.iter().filter(|function| function.name.as_str() > after).collect();
    let page: Vec<_> = rest.iter().take(most).map(|function| configuration::show(function)).collect();
    let mut answer = json!({ "Functions": page });
    if rest.len() > most {
        set_member(
            &mut answer,
            "NextMarker",
            rest.get(most - 1).map_or(Value::Null, |function| function.name.clone().into()),
        );
    }
    Ok(answer)
}

fn delete(cloud: &Cloud, input: &Value) -> Answer {
    let reference = Reference::from_input(input)?;
    if reference.qualifier.is_some() {
        return Err(errors::invalid("the local cloud has no versions that could be deleted"));
    }
    cloud.lambda().function(cloud, &reference)?;
    let removed = cloud.lambda().state().functions.remove(&reference.name);
    if let Some(function) = removed {
        function.end_idle();
        // Mappings stay, as on AWS, but have nothing to call.
        mappings::orphan(cloud, &function.name);
    }
    Ok(json!({}))
}
