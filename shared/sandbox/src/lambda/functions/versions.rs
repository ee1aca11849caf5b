//! Versions: what a function was when it was published
//! ([versions](https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html)).

use std::sync::Arc;

use serde_json::{Value, json};

use super::configuration::{self, Phase};
use super::{code, paging};
use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::family::LATEST;
use crate::lambda::function::Function;
use crate::lambda::names::Reference;
use crate::lambda::spec::FunctionSpec;
use crate::wire::{Answer, ServiceError};

pub(super) fn publish(cloud: &Cloud, input: &Value) -> Answer {
    let latest = cloud.lambda().latest(cloud, &Reference::from_input(cloud, input)?)?;
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    check_revision(input, &latest.settings().revision)?;
    if let Some(wanted) = text("CodeSha256").filter(|wanted| !wanted.is_empty()) {
        let (current, _) = code::digest(&latest.spec().code);
        if wanted != current {
            return Err(errors::invalid(format!(
                "CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({current}). Please try again with \
                 the CodeSHA256 in $LATEST."
            )));
        }
    }
    let version = new_version(cloud, &latest, text("Description"));
    Ok(configuration::show(&version, None, Phase::Steady))
}

/// Publishes what the function is now; nothing new is published when it has not changed since the last time.
pub(super) fn new_version(cloud: &Cloud, latest: &Arc<Function>, description: Option<&str>) -> Arc<Function> {
    let settings = latest.settings();
    let mut beside = latest.family.beside();
    let last = beside.last;
    if let Some(published) = beside.versions.get(&last)
        && same(&published.settings().origin, &settings.spec)
    {
        return published.clone();
    }
    beside.last += 1;
    let number = beside.last;
    let environment_given = settings.environment_given;
    let revision = cloud.uuid().to_string();
    let version =
        Function::new(latest.family.clone(), number.to_string(), settings.spec, cloud.clock().now(), revision);
    version.modify(|own| own.environment_given = environment_given);
    if let Some(description) = description.filter(|description| !description.is_empty()) {
        version.modify(|own| Arc::make_mut(&mut own.spec).description = description.to_owned());
    }
    let version = Arc::new(version);
    beside.versions.insert(number, version.clone());
    drop(beside);
    // Publishing is a change of the function, too.
    latest.modify(|own| own.revision = cloud.uuid().to_string());
    version
}

fn same(a: &FunctionSpec, b: &FunctionSpec) -> bool {
    let parts = |spec: &FunctionSpec| {
        let limits = (spec.timeout, spec.memory_mb, spec.log_format, spec.system_log_level);
        let texts =
            [&spec.description, &spec.handler, &spec.role, &spec.runtime, &spec.architecture].map(String::clone);
        let options = [&spec.log_group, &spec.application_log_level, &spec.dead_letter_target].map(Option::clone);
        (code::digest(&spec.code), spec.environment.clone(), limits, texts, options)
    };
    parts(a) == parts(b)
}

pub(super) fn list(cloud: &Cloud, input: &Value) -> Answer {
    let latest = cloud.lambda().latest(cloud, &Reference::from_input(cloud, input)?)?;
    let mut all = vec![(String::new(), latest.clone())];
    let versions = latest.family.beside();
    all.extend(versions.versions.iter().map(|(number, version)| (format!("{number:020}"), version.clone())));
    drop(versions);
    let show = |version: &Arc<Function>| configuration::show(version, Some(&version.version), Phase::Listed);
    let shown = all.iter().map(|(key, version)| (key.clone(), show(version))).collect();
    Ok(paging::page(input, "Versions", 50, shown))
}

/// Deletes one version.
pub(super) fn delete(cloud: &Cloud, reference: &Reference, qualifier: &str) -> Answer {
    if qualifier == LATEST {
        return Err(errors::invalid("$LATEST version cannot be deleted without deleting the function."));
    }
    let alias = qualifier.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if alias && !qualifier.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(errors::invalid("Deletion of aliases is not currently supported."));
    }
    let unqualified = Reference { name: reference.name.clone(), qualifier: None };
    let latest = cloud.lambda().latest(cloud, &unqualified)?;
    let mut beside = latest.family.beside();
    if let Some(alias) = beside.aliases.values().find(|a| a.version == qualifier || a.weights.contains_key(qualifier)) {
        let arn = format!("{}:{}", latest.family.arn, alias.name);
        return Err(errors::conflict(format!(
            "Version {qualifier} of function {} is referenced by alias {arn} and cannot be deleted",
            latest.name()
        )));
    }
    // A version that is not there is deleted all the same.
    let version = qualifier.parse().ok().and_then(|number: u64| beside.versions.remove(&number));
    drop(beside);
    if let Some(version) = version {
        version.end_idle();
    }
    Ok(json!({}))
}

/// The answer to a `RevisionId` that is not the current one.
pub(super) fn check_revision(input: &Value, current: &str) -> Result<(), ServiceError> {
    match input.get("RevisionId").and_then(Value::as_str) {
        Some(wanted) if wanted != current => Err(errors::other_revision("GetFunction/GetAlias")),
        _ => Ok(()),
    }
}
