//! State machines.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::aliases::Alias;
use super::definition::Definition;
use super::input::Input;
use super::logging::Logging;
use super::versions::Version;
use super::{State, arn, errors, names, paging, tags};
use crate::cloud::Cloud;
use crate::iam;
use crate::wire::{Answer, ServiceError};

#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) express: bool,
    pub(super) settings: Settings,
    /// Seconds since 1970.
    created: f64,
    pub(super) versions: BTreeMap<u64, Version>,
    /// The number of the latest version ever; numbers are not used again.
    pub(super) last_version: u64,
    /// By name.
    pub(super) aliases: BTreeMap<String, Alias>,
    pub(super) tags: BTreeMap<String, String>,
}

/// What an update can change, and a version keeps.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) definition: Arc<Definition>,
    pub(super) role: String,
    /// `None` until the first change.
    pub(super) revision: Option<String>,
    pub(super) logging: Logging,
    /// The log stream of its executions.
    pub(super) stream: String,
    tracing: Value,
    /// Seconds since 1970.
    updated: f64,
}

impl Settings {
    /// What `DescribeStateMachine` and `DescribeStateMachineForExecution` have in common.
    fn description(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        shown.insert("definition".into(), self.definition.text.clone().into());
        shown.insert("roleArn".into(), self.role.clone().into());
        shown.insert("loggingConfiguration".into(), self.logging.to_json());
        shown.insert("tracingConfiguration".into(), self.tracing.clone());
        shown.extend(self.revision.clone().map(|revision| ("revisionId".to_owned(), revision.into())));
        let references = self.definition.variable_references();
        shown.extend(references.map(|references| ("variableReferences".to_owned(), references)));
        shown
    }
}

/// What `StartExecution` starts.
pub(super) struct Target {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) express: bool,
    pub(super) settings: Settings,
    pub(super) version_arn: Option<String>,
    pub(super) alias_arn: Option<String>,
}

impl State {
    /// The machine of an ARN without a qualifier.
    pub(super) fn machine(&self, arn: &str) -> Result<&Machine, ServiceError> {
        arn::machine(arn)?;
        self.machines.get(arn).ok_or_else(|| errors::no_machine(arn))
    }

    pub(super) fn machine_mut(&mut self, arn: &str) -> Result<&mut Machine, ServiceError> {
        arn::machine(arn)?;
        self.machines.get_mut(arn).ok_or_else(|| errors::no_machine(arn))
    }

    /// The machine, version or alias that an ARN names. `draw` is out of 100 and chooses between an alias's versions.
    pub(super) fn target(&self, arn: &str, draw: u64) -> Result<Target, ServiceError> {
        let missing = || errors::no_machine(arn);
        let (base, qualifier) = arn::machine(arn)?;
        let machine = self.machines.get(base).ok_or_else(missing)?;
        let target = |settings: &Settings, version_arn, alias_arn| Target {
            arn: machine.arn.clone(),
            name: machine.name.clone(),
            express: machine.express,
            settings: settings.clone(),
            version_arn,
            alias_arn,
        };
        let Some(qualifier) = qualifier else { return Ok(target(&machine.settings, None, None)) };
        if let Ok(number) = qualifier.parse() {
            let version = machine.versions.get(&number).ok_or_else(missing)?;
            return Ok(target(&version.settings, Some(arn.to_owned()), None));
        }
        let chosen = machine.aliases.get(qualifier).and_then(|alias| alias.version(draw)).ok_or_else(missing)?;
        let number = chosen.rsplit(':').next().and_then(|number| number.parse().ok());
        let version = number.and_then(|number: u64| machine.versions.get(&number)).ok_or_else(missing)?;
        Ok(target(&version.settings, Some(chosen.to_owned()), Some(arn.to_owned())))
    }
}

fn role(arn: &str) -> Result<&str, ServiceError> {
    let error = || ServiceError::new("InvalidArn", format!("Invalid Role Arn: '{arn}'"));
    iam::is_role(arn).then_some(arn).ok_or_else(error)
}

/// [CreateStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html)
pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("name")?;
    names::check(name)?;
    let role = role(input.text("roleArn")?)?;
    let express = express(input)?;
    let publish = published(input)?;
    let logging = input.member("loggingConfiguration").map(|value| Logging::read(cloud, value)).transpose()?;
    let definition = Definition::parse(input.text("definition")?, express)?;
    let arn = cloud.arn("states", &format!("stateMachine:{name}"));
    let stream = stream(cloud, name);
    let now = seconds(cloud.clock().now());
    let mut state = cloud.step_functions().state();
    if let Some(existing) = state.machines.get(&arn) {
        let same = existing.settings.definition.text == definition.text
            && existing.settings.role == role
            && existing.express == express;
        let answer = json!({"stateMachineArn": arn, "creationDate": existing.created});
        return if same { Ok(answer) } else { Err(errors::machine_exists(&arn)) };
    }
    let logging = logging.unwrap_or_default();
    logging.announce(cloud);
    let tracing = input.member("tracingConfiguration").cloned().unwrap_or_else(|| json!({"enabled": false}));
    let role = role.to_owned();
    let mut machine = Machine {
        arn: arn.clone(),
        name: name.to_owned(),
        express,
        settings: Settings { definition, role, revision: None, logging, stream, tracing, updated: now },
        created: now,
        versions: BTreeMap::new(),
        last_version: 0,
        aliases: BTreeMap::new(),
        tags: tags::read(input.list("tags")),
    };
    let mut answer = json!({"stateMachineArn": arn, "creationDate": now});
    if publish {
        let number = machine.publish(input.optional_text("versionDescription"), now);
        crate::wire::set_member(&mut answer, "stateMachineVersionArn", machine.qualified(number));
    }
    state.machines.insert(arn, machine);
    Ok(answer)
}

/// `states/NAME/2026-11-25-12-00/1f2e3d4c`, as AWS names its streams.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>
fn stream(cloud: &Cloud, name: &str) -> String {
    let at = cloud.clock().now().strftime("%Y-%m-%d-%H-%M").to_string();
    let id: String = cloud.uuid().to_string().chars().take(8).collect();
    format!("states/{name}/{at}/{id}")
}

/// Whether the machine is an Express one.
fn express(input: Input<'_>) -> Result<bool, ServiceError> {
    if input.member("encryptionConfiguration").is_some_and(|c| c.get("kmsKeyId").is_some()) {
        return Err(errors::unsupported("encryptionConfiguration with a key"));
    }
    match input.optional_text("type") {
        None | Some("STANDARD") => Ok(false),
        Some("EXPRESS") => Ok(true),
        Some(other) => {
            Err(errors::constraint("type", other, "Member must satisfy enum value set: [STANDARD, EXPRESS]"))
        }
    }
}

fn published(input: Input<'_>) -> Result<bool, ServiceError> {
    let publish = input.flag("publish") == Some(true);
    if !publish && input.member("versionDescription").is_some() {
        let message = "Version description can only be set when publish is true";
        return Err(ServiceError::new("ValidationException", message));
    }
    Ok(publish)
}

/// [UpdateStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html): a
/// change makes a new revision.
pub(super) fn update(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("stateMachineArn")?;
    let publish = published(input)?;
    let revision = cloud.uuid().to_string();
    let now = seconds(cloud.clock().now());
    let logging = input.member("loggingConfiguration").map(|value| Logging::read(cloud, value)).transpose()?;
    let mut state = cloud.step_functions().state();
    let machine = state.machine_mut(arn)?;
    let definition =
        input.optional_text("definition").map(|text| Definition::parse(text, machine.express)).transpose()?;
    let (given, tracing) = (input.optional_text("roleArn"), input.member("tracingConfiguration"));
    let role = given.map(role).transpose()?;
    if definition.is_none() && role.is_none() && logging.is_none() && tracing.is_none() && !publish {
        let message = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified";
        return Err(ServiceError::new("MissingRequiredParameter", message));
    }
    let old = &machine.settings;
    let new = Settings {
        definition: definition.unwrap_or_else(|| old.definition.clone()),
        role: role.unwrap_or(&old.role).to_owned(),
        logging: logging.unwrap_or_else(|| old.logging.clone()),
        tracing: tracing.unwrap_or(&old.tracing).clone(),
        ..old.clone()
    };
    let changed = new.definition.text != old.definition.text
        || new.role != old.role
        || new.logging != old.logging
        || new.tracing != old.tracing;
    if new.logging != old.logging {
        new.logging.announce(cloud);
    }
    let revision = if changed { Some(revision) } else { old.revision.clone() };
    machine.settings = Settings { revision: revision.clone(), updated: now, ..new };
    let mut answer = json!({ "updateDate": now });
    if let Some(revision) = revision {
        crate::wire::set_member(&mut answer, "revisionId", revision);
    }
    if publish {
        let number = machine.publish(input.optional_text("versionDescription"), now);
        crate::wire::set_member(&mut answer, "stateMachineVersionArn", machine.qualified(number));
    }
    Ok(answer)
}

/// [DeleteStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html): with its
/// versions and aliases; running executions go on. No error when there is none.
pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("stateMachineArn")?;
    arn::machine(arn)?;
    cloud.step_functions().state().machines.remove(arn);
    Ok(json!({}))
}

/// [DescribeStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html): a
/// machine, or what it was when a version was published.
pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("stateMachineArn")?;
    let state = cloud.step_functions().state();
    let target = state.target(arn, 0)?;
    let machine = state.machine(&target.arn)?;
    let number = target.version_arn.as_deref().and_then(|arn| arn.rsplit(':').next()?.parse::<u64>().ok());
    let version = number.and_then(|number| machine.versions.get(&number));
    let mut answer = target.settings.description();
    answer.insert("stateMachineArn".into(), arn.into());
    answer.insert("name".into(), machine.name.clone().into());
    answer.insert("status".into(), "ACTIVE".into());
    answer.insert("type".into(), type_name(machine.express).into());
    answer.insert("creationDate".into(), version.map_or(machine.created, |version| version.created).into());
    let description = version.and_then(|version| version.description.clone());
    answer.extend(description.map(|description| ("description".to_owned(), description.into())));
    Ok(Value::Object(answer))
}

fn type_name(express: bool) -> &'static str {
    if express { "EXPRESS" } else { "STANDARD" }
}

/// [DescribeStateMachineForExecution](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineForExecution.html)
pub(super) fn describe_for_execution(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let execution = state.execution(input.text("executionArn")?)?;
    let mut answer = execution.settings.description();
    answer.insert("stateMachineArn".into(), execution.start.state_machine_arn.clone().into());
    answer.insert("name".into(), execution.start.state_machine_name.clone().into());
    answer.insert("updateDate".into(), execution.settings.updated.into());
    Ok(Value::Object(answer))
}

/// [ListStateMachines](https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachines.html)
pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let machines = state.machines.values().map(|machine| {
        json!({
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "type": type_name(machine.express),
            "creationDate": machine.created,
        })
    });
    paging::page(input, "stateMachines", machines.collect())
}

/// As AWS JSON writes a time.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
pub(super) fn seconds(at: jiff::Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
