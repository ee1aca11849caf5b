//! The targets of rules.

use std::sync::Arc;

use serde_json::{Value, json};

use super::errors;
use super::input::Input;
use super::target::Target;
use crate::cloud::Cloud;
use crate::wire::Answer;

/// The most targets of one rule.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST: usize = 5;

pub(super) fn put(cloud: &Cloud, input: Input<'_>) -> Answer {
    let inputs: Vec<Input<'_>> = input.list("Targets").collect();
    if inputs.is_empty() {
        return Err(errors::constraint("'[]'", "targets", "Member must have length greater than or equal to 1"));
    }
    let mut state = cloud.eventbridge().state(cloud);
    let rule = state.rule(input, "Rule")?;
    let mut targets = rule.targets.clone();
    for (target, place) in inputs.into_iter().zip(1..) {
        let read = Target::read(target, place)?;
        targets.insert(target.text("Id")?.to_owned(), Arc::new(read));
    }
    if targets.len() > MOST {
        return Err(errors::limit());
    }
    rule.targets = targets;
    Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

pub(super) fn remove(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let rule = state.rule(input, "Rule")?;
    for id in input.texts("Ids") {
        rule.targets.shift_remove(&id);
    }
    Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let targets = state.rule(input, "Rule")?.targets.iter();
    input.page("Targets", targets.map(|(id, target)| (id.clone(), target.definition.clone())).collect())
}

pub(super) fn list_rules(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("TargetArn")?;
    let mut state = cloud.eventbridge().state(cloud);
    let rules = state.bus(input.bus())?.rules.values();
    let names =
        rules.filter(|rule| rule.targets.values().any(|target| target.arn == arn)).map(|rule| rule.name.clone());
    input.page("RuleNames", names.map(|name| (name.clone(), Value::from(name))).collect())
}
