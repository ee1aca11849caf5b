//! Definitions of state machines, and their validation.

use std::sync::Arc;

use serde_json::{Value, json};
use throughline_states_language::{Diagnostic, JobPattern, Resource, ResourceKind, Severity, StateMachine};

use super::input::Input;
use super::{errors, integrations};
use crate::wire::{Answer, ServiceError};

/// How long an Express execution lasts at most, in seconds: five minutes.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html>
const EXPRESS_SECONDS: u64 = 300;

/// A definition, as text and parsed. A running execution keeps the one that it started with.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) text: String,
    pub(super) machine: StateMachine,
}

impl Definition {
    /// Parses the definition of a machine of the given type.
    pub(super) fn parse(text: &str, express: bool) -> Result<Arc<Self>, ServiceError> {
        let machine = StateMachine::parse(text).map_err(|error| {
            let mistakes = error.diagnostics.iter().filter(|d| d.severity == Severity::Error);
            errors::invalid_definition(&mistakes.map(ToString::to_string).collect::<Vec<_>>().join(", "))
        })?;
        if express && let Some((place, what)) = express_mistakes(&machine).first() {
            return Err(errors::invalid_definition(&format!("SCHEMA_VALIDATION_FAILED: {what} at {place}")));
        }
        for resource in machine.resources() {
            integrations::check(resource).map_err(|what| errors::invalid_definition(&what))?;
        }
        let machine = if express { machine.at_most(EXPRESS_SECONDS) } else { machine };
        Ok(Arc::new(Self { text: text.to_owned(), machine }))
    }

    /// `variableReferences`, unless there are none.
    pub(super) fn variable_references(&self) -> Option<Value> {
        let references = self.machine.variable_references();
        (!references.is_empty()).then(|| json!(references))
    }
}

/// What an Express machine cannot do, with the places.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html>
fn express_mistakes(machine: &StateMachine) -> Vec<(String, String)> {
    let located = machine.located_resources().into_iter();
    located.filter_map(|(place, resource)| express_mistake(resource).map(|what| (place, what))).collect()
}

fn express_mistake(resource: &Resource) -> Option<String> {
    let what = match resource.kind() {
        ResourceKind::Activity => "Activity ARN",
        ResourceKind::Integration { pattern: JobPattern::Sync | JobPattern::Sync2, .. } => {
            "'.sync' service integration"
        }
        // The space at the end is AWS's.
        ResourceKind::Integration { pattern: JobPattern::WaitForTaskToken, .. } => {
            "'.waitForTaskToken' service integration "
        }
        _ => return None,
    };
    Some(format!("Express state machine does not support {what}"))
}

/// [ValidateStateMachineDefinition](https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html)
pub(super) fn validate(input: Input<'_>) -> Answer {
    let text = input.optional_text("definition").unwrap_or_default();
    if text.is_empty() {
        let found = json!({"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": "Definition must be a valid JSON object"});
        return Ok(json!({"result": "FAIL", "truncated": false, "diagnostics": [found]}));
    }
    let parsed = StateMachine::parse(text);
    let mut express = Vec::new();
    let diagnostics = match &parsed {
        Ok(machine) => {
            if input.optional_text("type") == Some("EXPRESS") {
                express = express_mistakes(machine);
            }
            machine.warnings()
        }
        Err(error) => &error.diagnostics,
    };
    let failed = !express.is_empty() || diagnostics.iter().any(|d| d.severity == Severity::Error);
    let wanted = |d: &&Diagnostic| input.optional_text("severity") == Some("WARNING") || d.severity == Severity::Error;
    let most = input.member("maxResults").and_then(Value::as_u64).filter(|n| *n > 0).unwrap_or(100);
    let express = express.into_iter().map(|(place, what)| {
        json!({"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": what, "location": place})
    });
    let found: Vec<Value> = diagnostics.iter().filter(wanted).map(diagnostic).chain(express).collect();
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
