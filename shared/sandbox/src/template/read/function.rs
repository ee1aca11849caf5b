//! `AWS::Serverless::Function`, `AWS::Lambda::Function`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Resource, event_sources, function_events};
use crate::template::error::ErrorKind;
use crate::template::reader::Reader;
use crate::template::topology::{FunctionResource, Topology};

/// What differs between a function in the cloud and here without changing what it does.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html>
const NO_EFFECT: [&str; 15] = [
    "AssumeRolePolicyDocument",
    "CodeSigningConfigArn",
    "Description",
    "EphemeralStorage",
    "FunctionName",
    "KmsKeyArn",
    "PermissionsBoundary",
    "PropagateTags",
    "Role",
    "RolePath",
    "RuntimeManagementConfig",
    "Tags",
    "Tracing",
    "TracingConfig",
    "VpcConfig",
];

pub(super) fn read(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    reader.no_effect(&NO_EFFECT);
    reader.one_of("PackageType", &["Zip"]);
    let code_uri = code_uri(&reader);
    let log = logging(&reader);
    let function = FunctionResource {
        logical_id: resource.logical_id.to_owned(),
        name: resource.identity.name.clone(),
        arn: resource.identity.arn.clone(),
        short_name: short_name(&code_uri),
        code_uri,
        runtime: reader.required_text("Runtime").unwrap_or_default(),
        handler: reader.required_text("Handler").unwrap_or_default(),
        architectures: reader.texts("Architectures").unwrap_or_else(|| vec!["x86_64".to_owned()]),
        environment: environment(&reader),
        timeout: reader.number("Timeout").unwrap_or(3),
        memory: reader.number("MemorySize").unwrap_or(128),
        log_group: log.group,
        log_format: log.format,
        application_log_level: log.application_level,
        system_log_level: log.system_level,
        reserved_concurrency: reader.number("ReservedConcurrentExecutions"),
        policies: reader.json("Policies").unwrap_or(Value::Null),
        line: resource.place.line,
    };
    if let Some(config) = reader.nested("EventInvokeConfig") {
        let id = format!("{}EventInvokeConfig", resource.logical_id);
        event_sources::add_invoke_config(topology, id, function.name.clone(), config, resource.place.line);
    }
    function_events::read(topology, resource, &function, &reader);
    reader.finish();
    topology.functions.push(function);
}

fn short_name(code_uri: &str) -> String {
    code_uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}

fn code_uri(reader: &Reader<'_>) -> String {
    let key = if reader.has("Code") { "Code" } else { "CodeUri" };
    let text = reader.node(key).and_then(|node| node.as_text());
    if text.is_none() {
        let message = format!("{key} must be a local folder, such as ../target/lambda/reserve-stock/");
        reader.report(ErrorKind::UnsupportedProperty, reader.place_of(key), &message);
    }
    text.unwrap_or_default()
}

fn environment(reader: &Reader<'_>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let Some(environment) = reader.nested("Environment") else { return variables };
    for (name, entry) in environment.map("Variables").into_iter().flatten() {
        match entry.node.as_text() {
            Some(value) => {
                variables.insert(name.clone(), value);
            }
            None if entry.node.is_invalid() => {}
            None => {
                let message = format!("the variable {name} must be text, not {}", entry.node.describe());
                reader.report(ErrorKind::Shape, entry.node.place, &message);
            }
        }
    }
    environment.finish();
    variables
}

struct Logging {
    group: Option<String>,
    format: String,
    application_level: Option<String>,
    system_level: Option<String>,
}

fn logging(reader: &Reader<'_>) -> Logging {
    let section = reader.nested("LoggingConfig");
    let text = |key| section.as_ref().and_then(|section| section.text(key));
    let logging = Logging {
        group: text("LogGroup"),
        format: section.as_ref().and_then(|s| s.one_of("LogFormat", &["Text", "JSON"])).unwrap_or("Text").to_owned(),
        application_level: text("ApplicationLogLevel"),
        system_level: text("SystemLogLevel"),
    };
    if let Some(section) = section {
        section.finish();
    }
    logging
}
