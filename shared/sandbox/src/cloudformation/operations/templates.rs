//! Templates, of stacks and before there is one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{capabilities, stacks};
use crate::cloud::Cloud;
use crate::cloudformation::input::Input;
use crate::cloudformation::model::{self, transforms};
use crate::cloudformation::{errors, parameters};
use crate::wire::{Answer, ServiceError};

pub(in crate::cloudformation) fn get(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.cloudformation().state();
    let stack = state.stack(stacks::name(input)?)?;
    let model = match input.optional("ChangeSetName") {
        Some(asked) => {
            let set = stack.change_sets.values().find(|set| set.name == asked || set.id == asked);
            set.ok_or_else(|| errors::no_change_set(asked))?.model.clone()
        }
        None => stack.model.clone(),
    };
    let model = model.ok_or_else(|| errors::invalid(format!("Template for stack {} is not available", stack.name)))?;
    let body = match input.optional("TemplateStage") {
        Some("Processed") => model.document.to_string(),
        _ => model.text.clone(),
    };
    Ok(json!({ "TemplateBody": body, "StagesAvailable": ["Original", "Processed"] }))
}

/// The template that a request brings or names by its stack.
fn asked(cloud: &Cloud, input: Input<'_>) -> Result<Value, ServiceError> {
    if let Some(name) = input.optional("StackName") {
        let state = cloud.cloudformation().state();
        let model = state.stack(name)?.model.clone();
        return model.map(|model| model.original.clone()).ok_or_else(|| errors::no_stack(name));
    }
    model::read(&input.template(cloud, None)?)
}

fn needed(document: &Value) -> (Option<Vec<&'static str>>, Option<String>) {
    let needed = capabilities::needed(document);
    let mut all: Vec<&str> = needed.iter().map(|(capability, _)| *capability).collect();
    let reason =
        needed.map(|(_, types)| format!("The following resource(s) require capabilities: [{}]", types.join(", ")));
    if !transforms(document).is_empty() {
        all.push("CAPABILITY_AUTO_EXPAND");
    }
    (Some(all).filter(|all| !all.is_empty()), reason)
}

pub(in crate::cloudformation) fn summary(cloud: &Cloud, input: Input<'_>) -> Answer {
    let document = asked(cloud, input)?;
    let resources = document.get("Resources").and_then(Value::as_object).into_iter().flatten();
    let types: BTreeSet<&str> = resources.filter_map(|(_, resource)| resource.get("Type")?.as_str()).collect();
    let (capabilities, reason) = needed(&document);
    Ok(json!({
        "Parameters": parameters::declarations(&document, true),
        "Description": document.get("Description"),
        "Capabilities": capabilities,
        "CapabilitiesReason": reason,
        "ResourceTypes": types,
        "Version": document.get("AWSTemplateFormatVersion"),
        "Metadata": document.get("Metadata").map(Value::to_string),
        "DeclaredTransforms": transforms(&document),
    }))
}

pub(in crate::cloudformation) fn validate(cloud: &Cloud, input: Input<'_>) -> Answer {
    let document = model::read(&input.template(cloud, None)?)?;
    model::check_names(&document)?;
    let (capabilities, reason) = needed(&document);
    Ok(json!({
        "Parameters": parameters::declarations(&document, false),
        "Description": document.get("Description"),
        "Capabilities": capabilities,
        "CapabilitiesReason": reason,
        "DeclaredTransforms": transforms(&document),
    }))
}
