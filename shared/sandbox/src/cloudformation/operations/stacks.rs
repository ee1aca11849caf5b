//! Stacks as a whole.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{capabilities, time};
use crate::cloud::Cloud;
use crate::cloudformation::engine::{OnFailure, Run, Update, exports as all_exports, outputs};
use crate::cloudformation::input::Input;
use crate::cloudformation::model::Model;
use crate::cloudformation::stack::{Settings, Stack};
use crate::cloudformation::{errors, parameters, plan};
use crate::wire::{Answer, ServiceError};

pub(in crate::cloudformation) async fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = name(input)?;
    let waiting = {
        let state = cloud.cloudformation().state();
        let stack = state.stack(name).ok();
        if let Some(stack) = stack.filter(|stack| stack.status != "REVIEW_IN_PROGRESS") {
            return Err(exists(&format!("Stack [{}] already exists", stack.name)));
        }
        stack.map(|stack| stack.id.clone())
    };
    let model = Model::new(cloud, name, &input.template(cloud, None)?, &input.given(), None)?;
    let settings = input.settings(None);
    capabilities::check(&model, &settings.capabilities, false)?;
    // A stack that waits for a change set is made without it.
    let waiting = waiting.and_then(|id| cloud.cloudformation().state().stacks.shift_remove(&id));
    let mut stack = waiting.unwrap_or_else(|| Stack::new(cloud, name, settings.clone()));
    stack.outdate_change_sets();
    stack.protected = input.flag("EnableTerminationProtection");
    let on_failure = match input.optional("OnFailure") {
        Some("DELETE") => OnFailure::Delete,
        _ if settings.keep_failed => OnFailure::Keep,
        _ => OnFailure::RollBack,
    };
    let id = stack.id.clone();
    begin_create(cloud, stack, model.into(), settings, on_failure).await;
    Ok(json!({ "StackId": id }))
}

pub(super) fn exists(message: &str) -> ServiceError {
    ServiceError::new("AlreadyExistsException", message)
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html>
pub(super) fn name(input: Input<'_>) -> Result<&str, ServiceError> {
    let name = input.text("StackName")?;
    let starts = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    if name.starts_with("arn:")
        || (starts && name.len() <= 128 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    {
        return Ok(name);
    }
    Err(errors::invalid(format!(
        "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
    )))
}

pub(super) async fn begin_create(
    cloud: &Cloud,
    mut stack: Stack,
    model: Arc<Model>,
    settings: Settings,
    on_failure: OnFailure,
) {
    stack.model = Some(model.clone());
    stack.settings = settings.clone();
    stack.set_status(cloud, "CREATE_IN_PROGRESS", Some("User Initiated".into()));
    let run = Run::new(cloud, &stack);
    cloud.cloudformation().state().stacks.insert(stack.id.clone(), stack);
    cloud.cloudformation().start(run.create_stack(model, settings, on_failure)).await;
}

/// Whether a stack in this state can be updated
/// ([stack status codes](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html)).
pub(super) fn updatable(stack: &Stack) -> Result<(), ServiceError> {
    let settled =
        ["CREATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE"];
    // One that was kept though it failed may be mended.
    if settled.contains(&stack.status) || (stack.status == "CREATE_FAILED" && stack.settings.keep_failed) {
        return Ok(());
    }
    Err(errors::invalid(format!("Stack:{} is in {} state and can not be updated.", stack.id, stack.status)))
}

/// Refuses what no stack can become: a resource of another type.
pub(super) fn same_types(stack: &Stack, model: &Model) -> Result<(), ServiceError> {
    let changed = |(id, declared): (&String, &crate::cloudformation::model::Declared)| {
        stack.resources.get(id).is_some_and(|resource| resource.kind != declared.kind).then(|| id.clone())
    };
    let changed: Vec<String> = model.resources.iter().filter_map(changed).collect();
    if changed.is_empty() {
        return Ok(());
    }
    Err(errors::invalid(format!(
        "Update of resource type is not permitted. The new template modifies resource type of the following resources: [{}]",
        changed.join(", ")
    )))
}

/// Whether anything at all differs.
pub(super) fn differs(
    stack: &Stack,
    model: &Model,
    settings: &Settings,
    changes: &[plan::Change],
    exports: std::collections::BTreeMap<String, String>,
) -> bool {
    let shown = outputs(model, &plan::world(stack, exports)).unwrap_or_default();
    !changes.is_empty() || settings.tags != stack.settings.tags || shown != stack.outputs
}

pub(in crate::cloudformation) async fn update(cloud: &Cloud, input: Input<'_>) -> Answer {
    let asked = name(input)?;
    let (id, name, before) = {
        let state = cloud.cloudformation().state();
        let stack = state.stack(asked).map_err(|_| errors::no_such_stack(asked))?;
        updatable(stack)?;
        (stack.id.clone(), stack.name.clone(), stack.model.clone())
    };
    let text = input.template(cloud, before.as_deref())?;
    let model = Arc::new(Model::new(cloud, &name, &text, &input.given(), before.as_deref())?);
    let exports = all_exports(cloud);
    let settings = {
        let state = cloud.cloudformation().state();
        let stack = state.stack(&id)?;
        let settings = input.settings(Some(stack));
        capabilities::check(&model, &settings.capabilities, false)?;
        same_types(stack, &model)?;
        let changes = plan::changes(stack, &model, &settings, exports.clone()).map_err(errors::invalid)?;
        if !differs(stack, &model, &settings, &changes, exports) {
            return Err(errors::no_updates());
        }
        settings
    };
    begin_update(cloud, &id, model, settings, input.flag("DisableRollback")).await?;
    Ok(json!({ "StackId": id }))
}

pub(super) async fn begin_update(
    cloud: &Cloud,
    id: &str,
    model: Arc<Model>,
    settings: Settings,
    keep_failed: bool,
) -> Result<(), ServiceError> {
    let (run, update) = {
        let mut state = cloud.cloudformation().state();
        let stack = state.stack_mut(id)?;
        let update = Update {
            before: stack.model.replace(model.clone()),
            settings_before: std::mem::replace(&mut stack.settings, settings.clone()),
            model,
            settings,
            keep_failed,
        };
        stack.updated = Some(cloud.clock().now());
        // Nothing else may start between this answer and the first event.
        stack.status = "UPDATE_IN_PROGRESS";
        (Run::new(cloud, stack), update)
    };
    cloud.cloudformation().start(run.update_stack(update)).await;
    Ok(())
}

pub(in crate::cloudformation) async fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let run = {
        let mut state = cloud.cloudformation().state();
        let name = name(input)?;
        let Ok(stack) = state.stack(name) else { return Ok(json!({})) };
        if stack.is_gone() {
            return Ok(json!({}));
        }
        if stack.protected {
            let message = format!("Stack [{}] cannot be deleted while TerminationProtection is enabled", stack.id);
            return Err(errors::invalid(message));
        }
        if stack.is_busy() {
            let message = format!("Stack:{} is in {} state and can not be deleted.", stack.id, stack.status);
            return Err(errors::invalid(message));
        }
        let retain = input.texts("RetainResources");
        if !retain.is_empty() && stack.status != "DELETE_FAILED" {
            let message = format!(
                "Invalid operation on stack [{}]. RetainResources can only be specified when the stack is in the DELETE_FAILED state.",
                stack.id
            );
            return Err(errors::invalid(message));
        }
        let exports: Vec<String> = stack.outputs.iter().filter_map(|output| output.export.clone()).collect();
        let user = |name: &String| {
            let others = state.stacks.values().filter(|other| other.id != stack.id && !other.is_gone());
            others
                .into_iter()
                .find(|other| other.imports.contains(name))
                .map(|other| (name.clone(), other.name.clone()))
        };
        let used = exports.iter().find_map(user);
        let stack = state.stack_mut(name)?;
        if let Some((export, user)) = used {
            let reason = format!("Delete canceled. Cannot delete export {export} as it is in use by {user}.");
            stack.set_status(cloud, "DELETE_FAILED", Some(reason));
            return Ok(json!({}));
        }
        stack.status = "DELETE_IN_PROGRESS";
        Run::new(cloud, stack).delete_stack(retain)
    };
    cloud.cloudformation().start(run).await;
    Ok(json!({}))
}

pub(in crate::cloudformation) fn protect(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.cloudformation().state();
    let stack = state.stack_mut(name(input)?)?;
    stack.protected = input.flag("EnableTerminationProtection");
    Ok(json!({ "StackId": stack.id }))
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

fn show(stack: &Stack) -> Value {
    let model = stack.model.as_ref();
    let shown = model.map(|model| parameters::shown(&model.original, &model.parameters)).unwrap_or_default();
    let output = |output: &crate::cloudformation::stack::Output| {
        json!({
            "OutputKey": output.key,
            "OutputValue": output.value,
            "Description": output.description,
            "ExportName": output.export,
        })
    };
    let tags: Vec<Value> =
        stack.settings.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    json!({
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": stack.change_set.as_ref().filter(|_| stack.deleted.is_none()),
        "Description": model.and_then(|model| model.description()),
        "Parameters": some(shown),
        "CreationTime": time(stack.created),
        "DeletionTime": stack.deleted.map(time),
        "LastUpdatedTime": stack.updated.map(time),
        "RollbackConfiguration": {},
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "DisableRollback": stack.settings.keep_failed,
        "NotificationARNs": stack.settings.notifications,
        "TimeoutInMinutes": stack.settings.timeout,
        "Capabilities": some(stack.settings.capabilities.clone()),
        "Outputs": some(stack.outputs.iter().map(output).collect()),
        "RoleARN": stack.settings.role,
        "Tags": tags,
        "EnableTerminationProtection": (!stack.is_gone()).then_some(stack.protected),
        "DriftInformation": { "StackDriftStatus": "NOT_CHECKED" },
    })
}

pub(in crate::cloudformation) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.cloudformation().state();
    let stacks: Vec<Value> = match input.optional("StackName") {
        Some(name) => vec![show(state.stack(name)?)],
        None => state.stacks.values().rev().filter(|stack| !stack.is_gone()).map(show).collect(),
    };
    Ok(json!({ "Stacks": stacks }))
}

pub(in crate::cloudformation) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let wanted = input.texts("StackStatusFilter");
    let summary = |stack: &Stack| {
        json!({
            "StackId": stack.id,
            "StackName": stack.name,
            "TemplateDescription": stack.model.as_ref().and_then(|model| model.description()),
            "CreationTime": time(stack.created),
            "LastUpdatedTime": stack.updated.map(time),
            "DeletionTime": stack.deleted.map(time),
            "StackStatus": stack.status,
            "StackStatusReason": stack.reason,
            "DriftInformation": { "StackDriftStatus": "NOT_CHECKED" },
        })
    };
    let state = cloud.cloudformation().state();
    let stacks =
        state.stacks.values().rev().filter(|stack| wanted.is_empty() || wanted.iter().any(|s| s == stack.status));
    let summaries: Vec<Value> = stacks.map(summary).collect();
    Ok(json!({ "StackSummaries": summaries }))
}

pub(in crate::cloudformation) fn exports(cloud: &Cloud) -> Answer {
    let state = cloud.cloudformation().state();
    let mut found = Vec::new();
    for stack in state.stacks.values().filter(|stack| !stack.is_gone()) {
        for output in &stack.outputs {
            if let Some(name) = &output.export {
                found.push(json!({ "ExportingStackId": stack.id, "Name": name, "Value": output.value }));
            }
        }
    }
    Ok(json!({ "Exports": found }))
}

pub(in crate::cloudformation) fn imports(cloud: &Cloud, input: Input<'_>) -> Answer {
    let export = input.text("ExportName")?;
    let state = cloud.cloudformation().state();
    let importers = state.stacks.values().filter(|stack| !stack.is_gone() && stack.imports.contains(export));
    let names: Vec<&str> = importers.map(|stack| stack.name.as_str()).collect();
    if names.is_empty() {
        return Err(errors::invalid(format!("Export '{export}' is not imported by any stack.")));
    }
    Ok(json!({ "Imports": names }))
}
