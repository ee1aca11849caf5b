//! Makes a stack of what a topology describes, as a deployment would, with code from this machine.

use std::collections::BTreeMap;
use std::time::Duration;

use super::topology::{FunctionResource, Topology};
use crate::cloud::Cloud;
use crate::cloudformation::{self, Unmade};
use crate::lambda::{Code, FunctionSpec, LogFormat, LogLevel};
use crate::wire::ServiceError;

/// A resource could not be created.
#[derive(Debug, thiserror::Error)]
#[error("{}{operation} was refused: {source}", place(logical_id, *line))]
#[non_exhaustive]
pub struct BootError {
    /// The resource's name in the template, or SAM's for what it makes of one.
    pub logical_id: String,
    /// The line where it is declared.
    pub line: usize,
    /// What was tried.
    pub operation: String,
    /// What the service said.
    pub source: ServiceError,
}

/// Where it stands in the template; nothing for the template itself.
fn place(logical_id: &str, line: usize) -> String {
    match (logical_id, line) {
        ("", _) => String::new(),
        (id, 0) => format!("{id}: "),
        (id, line) => format!("{id} (line {line}): "),
    }
}

/// Creates everything as one stack; `code` says what each function runs.
///
/// # Errors
/// The first resource that a service refused. What was created before it stays: end the cloud.
pub async fn boot(
    cloud: &Cloud,
    topology: &Topology,
    code: impl Fn(&FunctionResource) -> Result<Code, ServiceError>,
) -> Result<(), BootError> {
    let Some(source) = &topology.source else {
        let source = ServiceError::new("ValidationError", "a topology that no template gave cannot be booted");
        let (logical_id, operation) = (topology.stack_name.clone(), "CreateStack".into());
        return Err(BootError { logical_id, line: 0, operation, source });
    };
    let prepared: BTreeMap<_, _> = topology
        .functions
        .iter()
        .map(|function| (function.logical_id.clone(), code(function).map(|code| spec(function, code))))
        .collect();
    cloudformation::boot(cloud, source, prepared).await.map_err(|unmade| error(topology, unmade))
}

/// What SAM makes of a resource has a name that begins with the resource's.
fn error(topology: &Topology, Unmade { logical_id, refused }: Unmade) -> BootError {
    let owners = topology.resources.iter().filter(|resource| logical_id.starts_with(&resource.logical_id));
    let line = owners.max_by_key(|resource| resource.logical_id.len()).map_or(0, |resource| resource.line);
    BootError { logical_id, line, operation: refused.operation, source: refused.source }
}

fn spec(function: &FunctionResource, code: Code) -> FunctionSpec {
    let json = function.log_format.eq_ignore_ascii_case("json");
    FunctionSpec {
        environment: function.environment.clone(),
        timeout: Duration::from_secs(function.timeout.into()),
        memory_mb: function.memory,
        log_group: function.log_group.clone(),
        log_format: if json { LogFormat::Json } else { LogFormat::Text },
        system_log_level: level(function.system_log_level.as_deref()),
        application_log_level: function.application_log_level.clone(),
        reserved_concurrency: function.reserved_concurrency,
        handler: function.handler.clone(),
        runtime: function.runtime.clone(),
        architecture: function.architectures.first().cloned().unwrap_or_else(|| "x86_64".to_owned()),
        ..FunctionSpec::new(&function.name, code)
    }
}

fn level(name: Option<&str>) -> LogLevel {
    match name {
        Some("DEBUG") => LogLevel::Debug,
        Some("WARN") => LogLevel::Warn,
        _ => LogLevel::Info,
    }
}
