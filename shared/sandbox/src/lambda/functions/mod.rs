//! Operations on functions and their settings.

mod account;
mod aliases;
mod checks;
mod code;
mod concurrency;
mod configuration;
mod environment;
mod event_invoke;
mod input;
mod paging;
mod policy;
mod runtimes;
mod tags;
mod versions;

use std::sync::Arc;

use serde_json::{Value, json};

use configuration::Phase;

use super::family::LATEST;
use super::function::Function;
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
        "GetAccountSettings" => account::settings(cloud),
        "GetFunction" => get(cloud, input),
        "GetFunctionConfiguration" => get_configuration(cloud, input),
        "ListFunctions" => list(cloud, input),
        "DeleteFunction" => delete(cloud, input),
        "PutFunctionEventInvokeConfig" => event_invoke::put(cloud, input),
        "UpdateFunctionEventInvokeConfig" => event_invoke::update(cloud, input),
        "GetFunctionEventInvokeConfig" => event_invoke::get(cloud, input),
        "DeleteFunctionEventInvokeConfig" => event_invoke::delete(cloud, input),
        "ListFunctionEventInvokeConfigs" => event_invoke::list(cloud, input),
        "PublishVersion" => versions::publish(cloud, input),
        "ListVersionsByFunction" => versions::list(cloud, input),
        "CreateAlias" => aliases::create(cloud, input),
        "UpdateAlias" => aliases::update(cloud, input),
        "GetAlias" => aliases::get(cloud, input),
        "DeleteAlias" => aliases::delete(cloud, input),
        "ListAliases" => aliases::list(cloud, input),
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
    let reference = Reference::from_input(cloud, input)?;
    let function = cloud.lambda().function(cloud, &reference)?;
    let spec = function.spec();
    let mut answer = json!({
        "Configuration": configuration::show(&function, reference.qualifier.as_deref(), Phase::Steady),
        "Code": { "RepositoryType": "S3", "Location": code::location(&spec.code) },
    });
    let tags = cloud.lambda().latest(cloud, &reference)?.spec().tags.clone();
    if !tags.is_empty() {
        set_member(&mut answer, "Tags", json!(tags));
    }
    if let Some(reserved) = function.family.reserved() {
        set_member(&mut answer, "Concurrency", json!({ "ReservedConcurrentExecutions": reserved }));
    }
    Ok(answer)
}

fn get_configuration(cloud: &Cloud, input: &Value) -> Answer {
    let reference = Reference::from_input(cloud, input)?;
    let function = cloud.lambda().function(cloud, &reference)?;
    Ok(configuration::show(&function, reference.qualifier.as_deref(), Phase::Steady))
}

/// `FunctionVersion: ALL` lists the published versions too, each function's after it.
fn list(cloud: &Cloud, input: &Value) -> Answer {
    let all = match input.get("FunctionVersion").and_then(Value::as_str) {
        None => false,
        Some("ALL") => true,
        Some(other) => {
            return Err(errors::validation(format!(
                "1 validation error detected: Value '{other}' at 'functionVersion' failed to satisfy constraint: Member \
                 must satisfy enum value set: [ALL]"
            )));
        }
    };
    let functions: Vec<_> = cloud.lambda().state().functions.values().cloned().collect();
    let mut shown = Vec::new();
    for function in functions {
        let qualifier = all.then_some(LATEST);
        shown.push((function.name().to_owned(), configuration::show(&function, qualifier, Phase::Listed)));
        if all {
            let versions: Vec<_> = function.family.beside().versions.iter().map(|(n, v)| (*n, v.clone())).collect();
            let entry = |(number, version): (u64, Arc<Function>)| {
                (format!("{}:{number:020}", function.name()), configuration::show(&version, None, Phase::Listed))
            };
            shown.extend(versions.into_iter().map(entry));
        }
    }
    Ok(paging::page(input, "Functions", 50, shown))
}

fn delete(cloud: &Cloud, input: &Value) -> Answer {
    let reference = Reference::from_input(cloud, input)?;
    if let Some(qualifier) = reference.qualifier.as_deref() {
        return versions::delete(cloud, &reference, qualifier);
    }
    cloud.lambda().latest(cloud, &reference)?;
    let removed = cloud.lambda().state().functions.remove(&reference.name);
    if let Some(function) = removed {
        function.end();
        // Mappings stay, as on AWS, but have nothing to call.
        mappings::orphan(cloud, function.name());
    }
    Ok(json!({}))
}
