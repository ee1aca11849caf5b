//! Change sets: an update that is looked at before it is made
//! ([CreateChangeSet](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html)).

use std::sync::Arc;

use serde_json::{Value, json};

use super::{capabilities, stacks, time};
use crate::cloud::Cloud;
use crate::cloudformation::changes::ChangeSet;
use crate::cloudformation::engine::{OnFailure, exports};
use crate::cloudformation::input::Input;
use crate::cloudformation::model::{Model, transforms};
use crate::cloudformation::plan::{self, Change};
use crate::cloudformation::stack::{Settings, Stack};
use crate::cloudformation::{State, errors, parameters};
use crate::wire::{Answer, ServiceError};

/// What a change set that changes nothing says.
const NOTHING: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

pub(in crate::cloudformation) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let asked = stacks::name(input)?;
    let name = input.text("ChangeSetName")?;
    let creates = match input.optional("ChangeSetType") {
        Some("CREATE") => true,
        Some("UPDATE") | None => false,
        Some(other) => {
            return Err(errors::invalid(format!("ChangeSetType {other} is not supported by the local cloud")));
        }
    };
    let (stack_name, before) = target(cloud, asked, name, creates)?;
    let text = input.template(cloud, before.as_deref())?;
    let exports = exports(cloud);
    let model = Model::new(cloud, &stack_name, &text, &input.given(), before.as_deref());
    let mut state = cloud.cloudformation().state();
    if creates && state.stack(asked).is_err() {
        // A template that cannot be read leaves no stack behind.
        if let Err(error) = &model
            && !is_late(&text, error)
        {
            return Err(error.clone());
        }
        let mut stack = Stack::new(cloud, asked, input.settings(None));
        stack.set_status(cloud, "REVIEW_IN_PROGRESS", Some("User Initiated".into()));
        state.stacks.insert(stack.id.clone(), stack);
    }
    let stack = state.stack_mut(asked)?;
    let settings = input.settings(Some(stack));
    let judged = match model {
        Ok(model) => judged(stack, model, &settings, exports)?,
        Err(error) if is_late(&text, &error) => Err(error.message),
        Err(error) => return Err(error),
    };
    let id = cloud.arn("cloudformation", &format!("changeSet/{name}/{}", cloud.uuid()));
    let (status, reason, execution, model, changes) = match judged {
        Ok((model, changes)) => ("CREATE_COMPLETE", None, "AVAILABLE", Some(Arc::new(model)), changes),
        Err(reason) => ("FAILED", Some(reason), "UNAVAILABLE", None, Vec::new()),
    };
    let set = ChangeSet {
        id: id.clone(),
        name: name.to_owned(),
        description: input.optional("Description").map(str::to_owned),
        created: cloud.clock().now(),
        creates,
        status,
        reason,
        execution,
        model,
        settings,
        changes,
        on_failure: input.optional("OnStackFailure").map(str::to_owned),
    };
    stack.change_sets.insert(id.clone(), set);
    Ok(json!({ "Id": id, "StackId": stack.id }))
}

/// Whether a mistake is found only when the template is transformed, so that the change set says it.
fn is_late(text: &str, error: &ServiceError) -> bool {
    error.message.starts_with("Transform ") && text.contains("Transform")
}

/// The stack's name and its model.
fn target(cloud: &Cloud, asked: &str, set: &str, creates: bool) -> Result<(String, Option<Arc<Model>>), ServiceError> {
    let state = cloud.cloudformation().state();
    let Ok(stack) = state.stack(asked) else {
        return match creates {
            true => Ok((asked.to_owned(), None)),
            false => Err(errors::no_such_stack(asked)),
        };
    };
    if stack.change_sets.values().any(|other| other.name == set && other.is_open()) {
        return Err(stacks::exists(&format!("ChangeSet [{set}] already exists")));
    }
    match creates {
        true if stack.status != "REVIEW_IN_PROGRESS" => {
            let message =
                format!("Stack [{asked}] already exists and cannot be created again with the changeSet [{set}].");
            return Err(errors::invalid(message));
        }
        true => {}
        false => stacks::updatable(stack)?,
    }
    Ok((stack.name.clone(), stack.model.clone()))
}

type Judged = Result<(Model, Vec<Change>), String>;

fn judged(
    stack: &Stack,
    model: Model,
    settings: &Settings,
    exports: std::collections::BTreeMap<String, String>,
) -> Result<Judged, ServiceError> {
    if let Err(error) = capabilities::check(&model, &settings.capabilities, true) {
        // What a transform makes is known only to the change set.
        return if transforms(&model.original).is_empty() { Err(error) } else { Ok(Err(error.message)) };
    }
    stacks::same_types(stack, &model)?;
    let changes = match plan::changes(stack, &model, settings, exports.clone()) {
        Ok(changes) => changes,
        Err(reason) => return Ok(Err(reason)),
    };
    let differs = stack.model.is_none() || stacks::differs(stack, &model, settings, &changes, exports);
    Ok(if differs { Ok((model, changes)) } else { Err(NOTHING.to_owned()) })
}

impl State {
    /// The change set that a request names, by its ARN or by its and the stack's names.
    pub(super) fn change_set(&self, input: Input<'_>) -> Result<(&Stack, &ChangeSet), ServiceError> {
        let asked = input.text("ChangeSetName")?;
        if asked.starts_with("arn:") {
            let found = self.stacks.values().find_map(|stack| Some((stack, stack.change_sets.get(asked)?)));
            return found.ok_or_else(|| errors::no_change_set(asked));
        }
        let Some(name) = input.optional("StackName") else {
            return Err(errors::invalid("StackName must be specified if ChangeSetName is not specified as an ARN."));
        };
        let stack = self.stack(name).map_err(|_| errors::no_such_stack(name))?;
        let set = stack.change_sets.values().rev().find(|set| set.name == asked);
        Ok((stack, set.ok_or_else(|| errors::no_change_set(asked))?))
    }
}

pub(in crate::cloudformation) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.cloudformation().state();
    let (stack, set) = state.change_set(input)?;
    let with_values = input.flag("IncludePropertyValues");
    let shown = set.model.as_ref().map(|model| parameters::shown(&model.original, &model.parameters));
    let tags: Vec<Value> = set.settings.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({
        "ChangeSetName": set.name,
        "ChangeSetId": set.id,
        "StackId": stack.id,
        "StackName": stack.name,
        "Description": set.description,
        "Parameters": shown.filter(|shown| !shown.is_empty()),
        "CreationTime": time(set.created),
        "ExecutionStatus": set.execution,
        "Status": set.status,
        "StatusReason": set.reason,
        "NotificationARNs": set.settings.notifications,
        "RollbackConfiguration": {},
        "Capabilities": set.settings.capabilities,
        "Tags": Some(tags).filter(|tags| !tags.is_empty()),
        "Changes": set.changes.iter().map(|change| change.show(with_values)).collect::<Vec<_>>(),
        "IncludeNestedStacks": false,
        "OnStackFailure": set.on_failure,
    }))
}

pub(in crate::cloudformation) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.cloudformation().state();
    let stack = state.stack(stacks::name(input)?)?;
    let summary = |set: &ChangeSet| {
        json!({
            "StackId": stack.id,
            "StackName": stack.name,
            "ChangeSetId": set.id,
            "ChangeSetName": set.name,
            "ExecutionStatus": set.execution,
            "Status": set.status,
            "StatusReason": set.reason,
            "CreationTime": time(set.created),
            "Description": set.description,
            "IncludeNestedStacks": false,
        })
    };
    Ok(json!({ "Summaries": stack.change_sets.values().map(summary).collect::<Vec<_>>() }))
}

pub(in crate::cloudformation) async fn execute(cloud: &Cloud, input: Input<'_>) -> Answer {
    let (stack_id, set_id, model, settings, on_failure) = {
        let state = cloud.cloudformation().state();
        let (stack, set) = state.change_set(input)?;
        let Some(model) = set.model.clone().filter(|_| set.execution == "AVAILABLE") else {
            let (what, status) = match set.status {
                "CREATE_COMPLETE" => ("execution status", set.execution),
                status => ("status", status),
            };
            let message = format!("ChangeSet [{}] cannot be executed in its current {what} of [{status}]", set.id);
            return Err(ServiceError::new("InvalidChangeSetStatus", message));
        };
        if !set.creates {
            stacks::updatable(stack)?;
        }
        (stack.id.clone(), set.id.clone(), model, set.settings.clone(), set.on_failure.clone())
    };
    let keep_failed = input.flag("DisableRollback") || on_failure.as_deref() == Some("DO_NOTHING");
    let waiting = {
        let mut state = cloud.cloudformation().state();
        let stack = state.stack_mut(&stack_id)?;
        // The others were made for a stack that is no longer the same.
        stack.outdate_change_sets();
        if let Some(set) = stack.change_sets.get_mut(&set_id) {
            set.execution = "EXECUTE_COMPLETE";
        }
        stack.change_set = Some(set_id);
        if stack.status == "REVIEW_IN_PROGRESS" { state.stacks.shift_remove(&stack_id) } else { None }
    };
    match waiting {
        Some(mut stack) => {
            stack.updated = Some(cloud.clock().now());
            let on = match on_failure.as_deref() {
                Some("DELETE") => OnFailure::Delete,
                _ if keep_failed => OnFailure::Keep,
                _ => OnFailure::RollBack,
            };
            stacks::begin_create(cloud, stack, model, settings, on).await;
        }
        None => stacks::begin_update(cloud, &stack_id, model, settings, keep_failed).await?,
    }
    Ok(json!({}))
}

pub(in crate::cloudformation) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.cloudformation().state();
    let found = state.change_set(input).map(|(stack, set)| (stack.id.clone(), set.id.clone()));
    let (stack_id, set_id) = match found {
        Err(error) if error.code == "ChangeSetNotFound" => return Ok(json!({})),
        found => found?,
    };
    state.stack_mut(&stack_id)?.change_sets.shift_remove(&set_id);
    Ok(json!({}))
}
