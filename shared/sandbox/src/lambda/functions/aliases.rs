//! Aliases: names for versions
//! ([aliases](https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html)).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::paging;
use super::versions::check_revision;
use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::family::{Alias, Beside, LATEST};
use crate::lambda::function::Function;
use crate::lambda::names::Reference;
use crate::wire::{Answer, ServiceError, set_member};

pub(super) fn create(cloud: &Cloud, input: &Value) -> Answer {
    let name = name(input)?;
    let version = text(input, "FunctionVersion").unwrap_or_default().to_owned();
    let latest = latest(cloud, input, &version)?;
    let mut alias = Alias {
        name: name.clone(),
        version,
        description: text(input, "Description").unwrap_or_default().to_owned(),
        weights: BTreeMap::new(),
        revision: cloud.uuid().to_string(),
    };
    let mut beside = latest.family.beside();
    route(&mut alias, &beside, &latest, input)?;
    if beside.aliases.contains_key(&name) {
        return Err(errors::conflict(format!("Alias already exists: {}:{name}", latest.family.arn)));
    }
    let shown = show(&latest, &alias);
    beside.aliases.insert(name, alias);
    Ok(shown)
}

pub(super) fn update(cloud: &Cloud, input: &Value) -> Answer {
    let name = name(input)?;
    let latest = latest(cloud, input, text(input, "FunctionVersion").unwrap_or(LATEST))?;
    let mut beside = latest.family.beside();
    let missing = || errors::not_found(format!("Alias not found: {}:{name}", latest.family.arn));
    let mut alias = beside.aliases.get(&name).cloned().ok_or_else(missing)?;
    check_revision(input, &alias.revision)?;
    if let Some(version) = text(input, "FunctionVersion") {
        alias.version = version.to_owned();
    }
    if let Some(description) = text(input, "Description") {
        alias.description = description.to_owned();
    }
    route(&mut alias, &beside, &latest, input)?;
    alias.revision = cloud.uuid().to_string();
    let shown = show(&latest, &alias);
    beside.aliases.insert(name, alias);
    Ok(shown)
}

pub(super) fn get(cloud: &Cloud, input: &Value) -> Answer {
    let name = name(input)?;
    let latest = latest(cloud, input, LATEST)?;
    let beside = latest.family.beside();
    let missing = || errors::not_found(format!("Cannot find alias arn: {}:{name}", latest.family.arn));
    beside.aliases.get(&name).map(|alias| show(&latest, alias)).ok_or_else(missing)
}

/// An alias that is not there is deleted all the same.
pub(super) fn delete(cloud: &Cloud, input: &Value) -> Answer {
    let name = name(input)?;
    let latest = latest(cloud, input, LATEST)?;
    let mut beside = latest.family.beside();
    beside.aliases.remove(&name);
    beside.event_invoke.remove(&name);
    beside.policies.remove(&name);
    Ok(json!({}))
}

pub(super) fn list(cloud: &Cloud, input: &Value) -> Answer {
    let latest = latest(cloud, input, LATEST)?;
    let beside = latest.family.beside();
    let wanted = |alias: &&Alias| text(input, "FunctionVersion").is_none_or(|version| alias.version == version);
    let shown = beside.aliases.values().filter(wanted).map(|alias| (alias.name.clone(), show(&latest, alias)));
    Ok(paging::page(input, "Aliases", 50, shown.collect()))
}

fn text<'i>(input: &'i Value, name: &str) -> Option<&'i str> {
    input.get(name).and_then(Value::as_str)
}

/// The function. A missing one is named with the version that was asked for.
fn latest(cloud: &Cloud, input: &Value, version: &str) -> Result<Arc<Function>, ServiceError> {
    let reference = Reference::from_input(cloud, input)?;
    let wanted = Reference { name: reference.name, qualifier: Some(version.to_owned()).filter(|v| v != LATEST) };
    cloud.lambda().latest(cloud, &wanted)
}

fn name(input: &Value) -> Result<String, ServiceError> {
    let name = text(input, "Name").unwrap_or_default();
    let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if name.is_empty() || !letters || name.chars().all(|c| c.is_ascii_digit()) {
        return Err(errors::validation(format!(
            "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
        )));
    }
    Ok(name.to_owned())
}

/// Takes over a request's weights, and checks the versions.
fn route(alias: &mut Alias, beside: &Beside, latest: &Function, input: &Value) -> Result<(), ServiceError> {
    if let Some(weights) = input.pointer("/RoutingConfig/AdditionalVersionWeights").and_then(Value::as_object) {
        alias.weights =
            weights.iter().filter_map(|(version, weight)| Some((version.clone(), weight.as_f64()?))).collect();
        check_weights(&alias.weights)?;
    } else if input.get("RoutingConfig").is_some_and(Value::is_object) {
        alias.weights.clear();
    }
    let weighted = alias.weights.keys();
    for version in weighted.chain([&alias.version]).filter(|version| *version != LATEST) {
        if beside.published(version).is_none() {
            return Err(errors::no_function(&format!("{}:{version}", latest.family.arn)));
        }
    }
    if alias.weights.contains_key(&alias.version) {
        let version = &alias.version;
        return Err(errors::invalid(format!(
            "Invalid function version {version}. Function version {version} is already included in routing configuration."
        )));
    }
    if alias.version == LATEST && !alias.weights.is_empty() {
        return Err(errors::invalid("$LATEST is not supported for an alias pointing to more than 1 version"));
    }
    Ok(())
}

fn check_weights(weights: &BTreeMap<String, f64>) -> Result<(), ServiceError> {
    if weights.len() > 1 {
        return Err(errors::invalid("Number of items in AdditionalVersionWeights cannot be greater than 1"));
    }
    let Some((version, weight)) = weights.first_key_value() else { return Ok(()) };
    let constraint = if !(0.0..=1.0).contains(weight) {
        "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value \
         greater than or equal to 0.0, Member must not be null]"
    } else if !version.chars().all(|c| c.is_ascii_digit()) {
        "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length \
         greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"
    } else {
        return Ok(());
    };
    Err(errors::validation(format!(
        "1 validation error detected: Value '{{{version}={weight:?}}}' at 'routingConfig.additionalVersionWeights' failed \
         to satisfy constraint: {constraint}"
    )))
}

fn show(latest: &Function, alias: &Alias) -> Value {
    let mut shown = json!({
        "AliasArn": format!("{}:{}", latest.family.arn, alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    });
    if !alias.weights.is_empty() {
        set_member(&mut shown, "RoutingConfig", json!({ "AdditionalVersionWeights": alias.weights }));
    }
    shown
}
