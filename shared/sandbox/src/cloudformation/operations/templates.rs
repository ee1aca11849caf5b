//! Templates, of stacks and before there is one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::capabilities;
use crate::cloud::Cloud;
use crate::cloudformation::input::Input;
use crate::cloudformation::model::{self, transforms};
use crate::cloudformation::{errors, parameters};
use crate::wire::{Answer, ServiceError};

pub(in crate::cloudformation) fn get(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.cloudformation().state();
    let (stack, model) = match (input.optional("StackName"), input.optional("ChangeSetName")) {
        (None, None) => return Err(errors::invalid("StackName is required if ChangeSetName is not specified.")),
        (None, Some(asked)) if !asked.starts_with("arn:") => {
            return Err(errors::invalid("StackName is a required parameter."));
        }
        (_, Some(_)) => {
            let (stack, set) = state.change_set(input)?;
            (stack, set.model.clone())
        }
        (Some(name), None) => {
            let stack = state.stack(name)?;
            (stack, stack.model.clone())
        }
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
        let stack = state.stack(name)?;
        if stack.status == "REVIEW_IN_PROGRESS" {
            return Err(errors::invalid("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."));
        }
        let model = stack.model.clone();
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

/// The property that identifies a resource of a type, where a template can say it.
const IDENTIFIERS: [(&str, &str); 8] = [
    ("AWS::CloudWatch::Alarm", "AlarmName"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::Events::Archive", "ArchiveName"),
    ("AWS::Events::EventBus", "Name"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::S3::Bucket", "BucketName"),
];

/// The resources of each type, and what identifies them.
fn identifiers(document: &Value) -> Vec<Value> {
    let mut found: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for (id, resource) in document.get("Resources").and_then(Value::as_object).into_iter().flatten() {
        if let Some(kind) = resource.get("Type").and_then(Value::as_str) {
            found.entry(kind).or_default().push(id);
        }
    }
    let show = |(kind, ids): (&str, Vec<&String>)| {
        let name = IDENTIFIERS.iter().find(|(known, _)| *known == kind).map(|(_, name)| [*name]);
        json!({ "ResourceType": kind, "LogicalResourceIds": ids, "ResourceIdentifiers": name })
    };
    found.into_iter().map(show).collect()
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
        "ResourceIdentifierSummaries": identifiers(&document),
        "Version": document.get("AWSTemplateFormatVersion"),
        "Metadata": document.get("Metadata").map(Value::to_string),
        "DeclaredTransforms": Some(transforms(&document)).filter(|names| !names.is_empty()),
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
        "DeclaredTransforms": Some(transforms(&document)).filter(|names| !names.is_empty()),
    }))
}
