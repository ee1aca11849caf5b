//! Functions, and what triggers them.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::topology::{FunctionResource, Topology};
use super::{At, BootError};
use crate::cloud::{Cloud, Service};
use crate::lambda::{Code, FunctionSpec, LogFormat, LogLevel};
use crate::wire::{ServiceError, set_member};

/// Creates the functions, and says what happens to their asynchronous events.
pub(super) async fn create(
    cloud: &Cloud,
    topology: &Topology,
    code: impl Fn(&FunctionResource) -> Result<Code, ServiceError>,
) -> Result<(), BootError> {
    for function in &topology.functions {
        let at = At(&function.logical_id, function.line);
        let code = code(function).map_err(|error| at.error("CreateFunction", error))?;
        let spec = spec(function, code);
        cloud.lambda().add_function(cloud, spec).map_err(|error| at.error("CreateFunction", error))?;
    }
    for config in &topology.invoke_configs {
        let at = At(&config.logical_id, config.line);
        at.call(cloud, Service::Lambda, "PutFunctionEventInvokeConfig", config.definition.clone()).await?;
    }
    Ok(())
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

/// Connects queues, streams and log groups to the functions.
pub(super) async fn connect(cloud: &Cloud, topology: &Topology) -> Result<(), BootError> {
    for source in &topology.event_sources {
        let at = At(&source.logical_id, source.line);
        let mut input = source.definition.clone();
        if source.source_arn.contains(":table/") {
            let stream = stream(cloud, at, &source.source_arn).await?;
            set_member(&mut input, "EventSourceArn", json!(stream));
        }
        at.call(cloud, Service::Lambda, "CreateEventSourceMapping", input).await?;
    }
    for subscription in &topology.subscriptions {
        let input = json!({
            "logGroupName": subscription.log_group, "filterName": subscription.name,
            "filterPattern": subscription.pattern, "destinationArn": subscription.destination_arn,
        });
        let at = At(&subscription.logical_id, subscription.line);
        at.call(cloud, Service::Logs, "PutSubscriptionFilter", input).await?;
    }
    Ok(())
}

/// The ARN of a table's stream: its label is known only now that the table exists.
async fn stream(cloud: &Cloud, at: At<'_>, arn: &str) -> Result<String, BootError> {
    let table = arn.split(":table/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let answer = at.call(cloud, Service::DynamoDb, "DescribeTable", json!({ "TableName": table })).await?;
    let stream = answer.get("Table").and_then(|table| table.get("LatestStreamArn")).and_then(Value::as_str);
    let none = || ServiceError::new("ValidationException", format!("the table {table} has no stream"));
    Ok(stream.ok_or_else(|| at.error("CreateEventSourceMapping", none()))?.to_owned())
}
