//! State machines.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use throughline_states_language::{Diagnostic, Severity, StateMachine};

use super::input::Input;
use super::{State, errors, integrations, names, paging, tags};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) role: String,
    pub(super) definition: Arc<Definition>,
    /// Seconds since 1970.
    created: f64,
    updated: f64,
    revision: String,
    /// `loggingConfiguration`, `tracingConfiguration`: kept and shown, without effect here.
    configuration: Map<String, Value>,
    pub(super) tags: BTreeMap<String, String>,
}

/// A definition, as text and parsed. A running execution keeps the one that it started with.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) text: String,
    pub(super) machine: StateMachine,
}

impl Definition {
    fn parse(text: &str) -> Result<Arc<Self>, ServiceError> {
        let machine = StateMachine::parse(text).map_err(|error| {
            let mistakes = error.diagnostics.iter().filter(|d| d.severity == Severity::Error);
            errors::invalid_definition(&mistakes.map(ToString::to_string).collect::<Vec<_>>().join(", "))
        })?;
        for resource in machine.resources() {
            integrations::check(resource).map_err(|what| errors::invalid_definition(&what))?;
        }
        Ok(Arc::new(Self { text: text.to_owned(), machine }))
    }
}

impl State {
    pub(super) fn machine(&self, arn: &str) -> Result<&Machine, ServiceError> {
        self.machines.get(checked(arn)?).ok_or_else(|| errors::no_machine(arn))
    }

    pub(super) fn machine_mut(&mut self, arn: &str) -> Result<&mut Machine, ServiceError> {
        self.machines.get_mut(checked(arn)?).ok_or_else(|| errors::no_machine(arn))
    }
}

/// The ARN of a state machine; versions and aliases are not supported.
fn checked(arn: &str) -> Result<&str, ServiceError> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "states", _, _, "stateMachine", _] => Ok(arn),
        ["arn", _, "states", _, _, "stateMachine", _, _] => {
            Err(errors::unsupported(&format!("the version or alias {arn} of a state machine")))
        }
        _ => Err(errors::invalid_arn(arn)),
    }
}

/// [CreateStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html)
pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("name")?;
    names::check(name)?;
    let role = input.text("roleArn")?;
    supported(input)?;
    let definition = Definition::parse(input.text("definition")?)?;
    let arn = cloud.arn("states", &format!("stateMachine:{name}"));
    let mut state = cloud.step_functions().state();
    if let Some(existing) = state.machines.get(&arn) {
        let same = existing.definition.text == definition.text && existing.role == role;
        let answer = json!({"stateMachineArn": arn, "creationDate": existing.created});
        return if same { Ok(answer) } else { Err(errors::machine_exists(&arn)) };
    }
    let created = seconds(cloud.clock().now());
    let machine = Machine {
        arn: arn.clone(),
        name: name.to_owned(),
        role: role.to_owned(),
        definition,
        created,
        updated: created,
        revision: cloud.uuid().to_string(),
        configuration: configuration(input),
        tags: tags::read(input.list("tags")),
    };
    state.machines.insert(arn.clone(), machine);
    Ok(json!({"stateMachineArn": arn, "creationDate": created}))
}

fn supported(input: Input<'_>) -> Result<(), ServiceError> {
    match input.optional_text("type") {
        None | Some("STANDARD") => {}
        Some("EXPRESS") => return Err(errors::unsupported("type EXPRESS of a state machine")),
        Some(_) => return Err(errors::validation("type", "Member must satisfy enum value set: [STANDARD, EXPRESS]")),
    }
    if input.flag("publish") == Some(true) {
        return Err(errors::unsupported("publish"));
    }
    if input.member("encryptionConfiguration").is_some_and(|c| c.get("kmsKeyId").is_some()) {
        return Err(errors::unsupported("encryptionConfiguration with a key"));
    }
    Ok(())
}

fn configuration(input: Input<'_>) -> Map<String, Value> {
    let names = ["loggingConfiguration", "tracingConfiguration"];
    names.into_iter().filter_map(|name| Some((name.to_owned(), input.member(name)?.clone()))).collect()
}

/// [UpdateStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html)
pub(super) fn update(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("stateMachineArn")?;
    supported(input)?;
    let definition = input.optional_text("definition").map(Definition::parse).transpose()?;
    let revision = cloud.uuid().to_string();
    let now = seconds(cloud.clock().now());
    let mut state = cloud.step_functions().state();
    let machine = state.machine_mut(arn)?;
    let role = input.optional_text("roleArn");
    let configuration = configuration(input);
    if definition.is_none() && role.is_none() && configuration.is_empty() {
        let message = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified";
        return Err(ServiceError::new("MissingRequiredParameter", message));
    }
    machine.definition = definition.unwrap_or_else(|| machine.definition.clone());
    machine.role = role.unwrap_or(&machine.role).to_owned();
    machine.configuration.extend(configuration);
    machine.updated = now;
    machine.revision = revision;
    Ok(json!({"updateDate": now, "revisionId": machine.revision}))
}

/// [DeleteStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html):
/// running executions go on. No error when there is none.
pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = checked(input.text("stateMachineArn")?)?;
    cloud.step_functions().state().machines.remove(arn);
    Ok(json!({}))
}

/// [DescribeStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html)
pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let machine = state.machine(input.text("stateMachineArn")?)?;
    let mut answer = json!({
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "status": "ACTIVE",
        "definition": machine.definition.text,
        "roleArn": machine.role,
        "type": "STANDARD",
        "creationDate": machine.created,
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": false},
        "tracingConfiguration": {"enabled": false},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
        "revisionId": machine.revision,
    });
    if let Some(answer) = answer.as_object_mut() {
        answer.extend(machine.configuration.clone());
    }
    Ok(answer)
}

/// [DescribeStateMachineForExecution](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineForExecution.html)
pub(super) fn describe_for_execution(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let execution = state.execution(input.text("executionArn")?)?;
    Ok(json!({
        "stateMachineArn": execution.start.state_machine_arn,
        "name": execution.start.state_machine_name,
        "definition": execution.definition.text,
        "roleArn": execution.start.role_arn,
        "updateDate": state.machines.get(&execution.start.state_machine_arn).map_or(execution.started, |m| m.updated),
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": false},
        "tracingConfiguration": {"enabled": false},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }))
}

/// [ListStateMachines](https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachines.html)
pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let machines = state.machines.values().map(|machine| {
        json!({
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "type": "STANDARD",
            "creationDate": machine.created,
        })
    });
    paging::page(input, "stateMachines", machines.collect())
}

/// [ValidateStateMachineDefinition](https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html)
pub(super) fn validate(input: Input<'_>) -> Answer {
    let diagnostics = match StateMachine::parse(input.text("definition")?) {
        Ok(machine) => machine.warnings().to_vec(),
        Err(error) => error.diagnostics,
    };
    let failed = diagnostics.iter().any(|d| d.severity == Severity::Error);
    let wanted = |d: &&Diagnostic| input.optional_text("severity") == Some("WARNING") || d.severity == Severity::Error;
    let most = input.member("maxResults").and_then(Value::as_u64).filter(|n| *n > 0).unwrap_or(100);
    let found: Vec<Value> = diagnostics.iter().filter(wanted).map(diagnostic).collect();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    Ok(json!({
        "result": if failed { "FAIL" } else { "OK" },
        "truncated": found.len() > most,
        "diagnostics": found.into_iter().take(most).collect::<Vec<_>>(),
    }))
}

fn diagnostic(diagnostic: &Diagnostic) -> Value {
    json!({
        "severity": diagnostic.severity.to_string(),
        "code": diagnostic.rule.code(),
        "message": diagnostic.message,
        "location": diagnostic.location,
    })
}

/// As AWS JSON writes a time.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
pub(super) fn seconds(at: jiff::Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
