//! Versions of state machines.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html>

use serde_json::{Value, json};

use super::input::Input;
use super::machines::{Machine, Settings, seconds};
use super::{arn, errors, paging};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// What a state machine was when it was published.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) settings: Settings,
    pub(super) description: Option<String>,
    pub(super) created: f64,
}

impl Machine {
    /// Publishes the current revision; answers with the number of the version that is there already if it is the latest.
    pub(super) fn publish(&mut self, description: Option<&str>, now: f64) -> u64 {
        if let Some((number, latest)) = self.versions.last_key_value()
            && *number == self.last_version
            && latest.settings.revision == self.settings.revision
        {
            return *number;
        }
        self.last_version += 1;
        let description = description.map(str::to_owned);
        let version = Version { settings: self.settings.clone(), description, created: now };
        self.versions.insert(self.last_version, version);
        self.last_version
    }

    pub(super) fn qualified(&self, qualifier: impl std::fmt::Display) -> String {
        format!("{}:{qualifier}", self.arn)
    }
}

/// [PublishStateMachineVersion](https://docs.aws.amazon.com/step-functions/latest/apireference/API_PublishStateMachineVersion.html)
pub(super) fn publish(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("stateMachineArn")?;
    let now = seconds(cloud.clock().now());
    let mut state = cloud.step_functions().state();
    let machine = state.machine_mut(arn)?;
    let current = machine.settings.revision.as_deref().unwrap_or("INITIAL");
    if let Some(wanted) = input.optional_text("revisionId").filter(|wanted| *wanted != current) {
        return Err(errors::conflict(format!(
            "Failed to publish the State Machine version for revision {wanted}. The current State Machine revision is {current}."
        )));
    }
    let number = machine.publish(input.optional_text("description"), now);
    let created = machine.versions.get(&number).map_or(now, |version| version.created);
    Ok(json!({"creationDate": created, "stateMachineVersionArn": machine.qualified(number)}))
}

/// [ListStateMachineVersions](https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineVersions.html):
/// the latest first.
pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let machine = state.machine(input.text("stateMachineArn")?)?;
    let versions = machine.versions.iter().rev().map(|(number, version)| {
        json!({"creationDate": version.created, "stateMachineVersionArn": machine.qualified(number)})
    });
    paging::page(input, "stateMachineVersions", versions.collect())
}

/// [DeleteStateMachineVersion](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachineVersion.html):
/// no error when there is none; not while an alias leads to it.
pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let given = input.text("stateMachineVersionArn")?;
    let (base, qualifier) = arn::machine(given)?;
    let number: Option<u64> = qualifier.and_then(|qualifier| qualifier.parse().ok());
    let Some(number) = number else {
        return Err(ServiceError::new("ValidationException", format!("State machine version ARN is invalid: {given}")));
    };
    let mut state = cloud.step_functions().state();
    if let Some(machine) = state.machines.get_mut(base) {
        let aliases: Vec<&str> =
            machine.aliases.iter().filter(|(_, alias)| alias.leads_to(given)).map(|(name, _)| name.as_str()).collect();
        if !aliases.is_empty() {
            return Err(errors::conflict(format!(
                "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [{}]",
                aliases.join(", ")
            )));
        }
        machine.versions.remove(&number);
    }
    Ok(Value::Object(serde_json::Map::new()))
}
