//! What is in a stack, and what happened to it.

use serde_json::{Value, json};

use super::{stacks, time};
use crate::cloud::Cloud;
use crate::cloudformation::errors;
use crate::cloudformation::input::Input;
use crate::cloudformation::stack::{Event, Resource, Stack};
use crate::wire::{Answer, ServiceError};

/// Events in a page, as in AWS.
const PAGE: usize = 100;

fn show(stack: &Stack, logical_id: &str, resource: &Resource, timestamp: &str) -> Value {
    let mut shown = json!({
        "StackName": stack.name,
        "StackId": stack.id,
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": resource.made.as_ref().map(|made| made.id.as_str()),
        "ResourceType": resource.kind,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason,
        "DriftInformation": { "StackResourceDriftStatus": "NOT_CHECKED" },
    });
    crate::wire::set_member(&mut shown, timestamp, time(resource.changed));
    shown
}

pub(in crate::cloudformation) fn events(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.cloudformation().state();
    let name = stacks::name(input)?;
    let stack = state.stack(name).map_err(|_| errors::no_such_stack(name))?;
    let event = |event: &Event| {
        json!({
            "StackId": stack.id,
            "EventId": event.id,
            "StackName": stack.name,
            "LogicalResourceId": event.logical_id,
            "PhysicalResourceId": event.physical_id,
            "ResourceType": event.kind,
            "Timestamp": time(event.at),
            "ResourceStatus": event.status,
            "ResourceStatusReason": event.reason,
            "ResourceProperties": event.properties,
        })
    };
    let skipped: usize = input.optional("NextToken").and_then(|token| token.parse().ok()).unwrap_or_default();
    let page: Vec<Value> = stack.events.iter().rev().skip(skipped).take(PAGE).map(event).collect();
    let next = skipped + page.len();
    let next = (next < stack.events.len()).then(|| next.to_string());
    Ok(json!({ "StackEvents": page, "NextToken": next }))
}

fn no_resource(stack: &str, logical_id: &str) -> ServiceError {
    errors::invalid(format!("Resource {logical_id} does not exist for stack {stack}"))
}

pub(in crate::cloudformation) fn describe_one(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.cloudformation().state();
    let name = stacks::name(input)?;
    let stack = state.stack(name).map_err(|_| errors::invalid(format!("Stack '{name}' does not exist")))?;
    let logical_id = input.text("LogicalResourceId")?;
    let resource = stack.resources.get(logical_id).ok_or_else(|| no_resource(&stack.name, logical_id))?;
    let mut detail = show(stack, logical_id, resource, "LastUpdatedTimestamp");
    let metadata = resource.metadata.clone().unwrap_or_else(|| json!({}));
    crate::wire::set_member(&mut detail, "Metadata", metadata.to_string());
    Ok(json!({ "StackResourceDetail": detail }))
}

pub(in crate::cloudformation) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.cloudformation().state();
    let stack = match (input.optional("StackName"), input.optional("PhysicalResourceId")) {
        (Some(name), _) => state.stack(name)?,
        (None, Some(physical)) => {
            let owns =
                |stack: &&Stack| stack.resources.values().any(|r| r.made.as_ref().is_some_and(|m| m.id == physical));
            let found = state.stacks.values().filter(|stack| !stack.is_gone()).find(owns);
            found.ok_or_else(|| errors::invalid(format!("Stack for {physical} does not exist")))?
        }
        (None, None) => {
            return Err(errors::invalid("Either stack name or physical resource ID must be specified"));
        }
    };
    let wanted = input.optional("LogicalResourceId");
    let resources = stack.resources.iter().filter(|(id, _)| wanted.is_none_or(|wanted| wanted == *id));
    let shown: Vec<Value> = resources.map(|(id, resource)| show(stack, id, resource, "Timestamp")).collect();
    if let Some(wanted) = wanted.filter(|_| shown.is_empty()) {
        return Err(no_resource(&stack.name, wanted));
    }
    Ok(json!({ "StackResources": shown }))
}

pub(in crate::cloudformation) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.cloudformation().state();
    let stack = state.stack(stacks::name(input)?)?;
    let skipped: usize = input.optional("NextToken").and_then(|token| token.parse().ok()).unwrap_or_default();
    let page = stack.resources.iter().skip(skipped).take(PAGE);
    let shown: Vec<Value> = page.map(|(id, resource)| show(stack, id, resource, "LastUpdatedTimestamp")).collect();
    let next = skipped + shown.len();
    let next = (next < stack.resources.len()).then(|| next.to_string());
    Ok(json!({ "StackResourceSummaries": shown, "NextToken": next }))
}
