//! `AWS::Serverless::StateMachine`, `AWS::StepFunctions::StateMachine`.

use std::path::Path;

use serde_json::Value;

use super::Resource;
use crate::template::definition;
use crate::template::reader::Reader;
use crate::template::topology::{StateMachineResource, Topology};

pub(super) fn serverless(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>, folder: &Path) {
    reader.no_effect(&["Name", "Logging", "PermissionsBoundary", "PropagateTags", "RolePath", "Tags", "Tracing"]);
    let role_arn = reader.text("Role").unwrap_or_else(|| {
        let account = &resource.scope.options.account;
        format!("arn:aws:iam::{account}:role/{}-{}Role", resource.scope.options.stack_name, resource.logical_id)
    });
    add(topology, resource, reader, "Type", role_arn, folder);
}

pub(super) fn plain(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>, folder: &Path) {
    let no_effect =
        ["StateMachineName", "EncryptionConfiguration", "LoggingConfiguration", "Tags", "TracingConfiguration"];
    reader.no_effect(&no_effect);
    let role_arn = reader.required_text("RoleArn").unwrap_or_default();
    add(topology, resource, reader, "StateMachineType", role_arn, folder);
}

fn add(
    topology: &mut Topology,
    resource: &Resource<'_>,
    reader: Reader<'_>,
    kind: &str,
    role_arn: String,
    folder: &Path,
) {
    let kind = reader.one_of(kind, &["STANDARD", "EXPRESS"]).unwrap_or("STANDARD");
    let definition = definition::read(&reader, folder);
    let policies = reader.json("Policies").unwrap_or(Value::Null);
    reader.finish();
    let Some(definition) = definition else { return };
    topology.state_machines.push(StateMachineResource {
        logical_id: resource.logical_id.to_owned(),
        name: resource.identity.name.clone(),
        arn: resource.identity.arn.clone(),
        kind: kind.to_owned(),
        definition,
        role_arn,
        policies,
        line: resource.place.line,
    });
}
