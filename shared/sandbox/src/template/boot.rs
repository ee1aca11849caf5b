//! Creates what a topology describes in a cloud, through the same operations that people use.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::identity::STREAM_LABEL;
use super::topology::{FunctionResource, InvokeConfigResource, QueueResource, RuleResource, TableResource, Topology};
use crate::cloud::{Cloud, Service};
use crate::lambda::{Code, EventInvoke, FunctionSpec, LogFormat, LogLevel};
use crate::wire::ServiceError;

/// A resource that could not be created.
#[derive(Debug, thiserror::Error)]
#[error("failed to create {logical_id} (line {line} of the template)")]
#[non_exhaustive]
pub struct BootError {
    /// The resource's name in the template.
    pub logical_id: String,
    /// The line where it is declared.
    pub line: usize,
    /// What stood in the way: a service's answer, or a function's code that is not there.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Creates everything in `topology`, each kind after those that it needs; mappings, which start to read, come last.
/// `code` says what a function runs. A function answers to its short name as well.
///
/// # Errors
/// The first resource that could not be created. What was created before it stays.
pub async fn boot<E>(
    cloud: &Cloud,
    topology: &Topology,
    code: impl Fn(&FunctionResource) -> Result<Code, E>,
) -> Result<(), BootError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut boot = Boot { cloud, topology, streams: BTreeMap::new() };
    boot.log_groups().await?;
    boot.tables().await?;
    boot.queues().await?;
    boot.buses().await?;
    for function in &topology.functions {
        let code = code(function).map_err(|error| failed(&function.logical_id, function.line, error))?;
        boot.function(function, code)?;
    }
    boot.state_machines().await?;
    boot.rules().await?;
    boot.subscriptions().await?;
    boot.event_sources().await
}

fn failed(logical_id: &str, line: usize, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> BootError {
    BootError { logical_id: logical_id.to_owned(), line, source: source.into() }
}

struct Boot<'a> {
    cloud: &'a Cloud,
    topology: &'a Topology,
    /// From a stream's ARN as the template resolves it to its real one.
    streams: BTreeMap<String, String>,
}

impl Boot<'_> {
    async fn call(
        &self,
        at: (&str, usize),
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, BootError> {
        self.cloud.call(service, operation, input).await.map_err(|error| failed(at.0, at.1, error))
    }

    async fn log_groups(&self) -> Result<(), BootError> {
        for group in &self.topology.log_groups {
            let at = (group.logical_id.as_str(), group.line);
            self.call(at, Service::Logs, "CreateLogGroup", json!({ "logGroupName": group.name })).await?;
            if let Some(days) = group.retention_days {
                let input = json!({ "logGroupName": group.name, "retentionInDays": days });
                self.call(at, Service::Logs, "PutRetentionPolicy", input).await?;
            }
        }
        Ok(())
    }

    async fn tables(&mut self) -> Result<(), BootError> {
        for table in &self.topology.tables {
            let stream = self.table(table).await?;
            if let Some(stream) = stream {
                self.streams.insert(format!("{}/stream/{STREAM_LABEL}", table.arn), stream);
            }
        }
        Ok(())
    }

    /// Creates a table. Gives its stream's ARN.
    async fn table(&self, table: &TableResource) -> Result<Option<String>, BootError> {
        let at = (table.logical_id.as_str(), table.line);
        let created = self.call(at, Service::DynamoDb, "CreateTable", table.definition.clone()).await?;
        if let Some(attribute) = &table.time_to_live {
            let input = json!({
                "TableName": table.name,
                "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
            });
            self.call(at, Service::DynamoDb, "UpdateTimeToLive", input).await?;
        }
        if table.point_in_time_recovery {
            let input = json!({
                "TableName": table.name,
                "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
            });
            self.call(at, Service::DynamoDb, "UpdateContinuousBackups", input).await?;
        }
        let stream = created.pointer("/TableDescription/LatestStreamArn").and_then(Value::as_str);
        Ok(stream.map(str::to_owned))
    }

    async fn queues(&self) -> Result<(), BootError> {
        for queue in self.queues_in_order() {
            let at = (queue.logical_id.as_str(), queue.line);
            let input = json!({ "QueueName": queue.name, "Attributes": queue.attributes });
            self.call(at, Service::Sqs, "CreateQueue", input).await?;
        }
        for policy in &self.topology.queue_policies {
            let at = (policy.logical_id.as_str(), policy.line);
            for url in &policy.queues {
                let input = json!({ "QueueUrl": url, "Attributes": { "Policy": policy.policy.to_string() } });
                self.call(at, Service::Sqs, "SetQueueAttributes", input).await?;
            }
        }
        Ok(())
    }

    /// A dead-letter queue comes before the queues that use it.
    fn queues_in_order(&self) -> Vec<&QueueResource> {
        let position = |queue: &&QueueResource| {
            self.topology.resources.iter().position(|resource| resource.logical_id == queue.logical_id)
        };
        let mut queues: Vec<_> = self.topology.queues.iter().collect();
        queues.sort_by_key(position);
        queues
    }

    async fn buses(&self) -> Result<(), BootError> {
        for bus in &self.topology.buses {
            let at = (bus.logical_id.as_str(), bus.line);
            self.call(at, Service::EventBridge, "CreateEventBus", json!({ "Name": bus.name })).await?;
        }
        for archive in &self.topology.archives {
            let mut input = json!({ "ArchiveName": archive.name, "EventSourceArn": archive.source_arn });
            set(&mut input, "Description", archive.description.clone());
            set(&mut input, "EventPattern", archive.pattern.as_ref().map(Value::to_string));
            set(&mut input, "RetentionDays", archive.retention_days);
            self.call((&archive.logical_id, archive.line), Service::EventBridge, "CreateArchive", input).await?;
        }
        Ok(())
    }

    fn function(&self, function: &FunctionResource, code: Code) -> Result<(), BootError> {
        let config = self.topology.invoke_configs.iter().find(|config| config.function == function.name);
        let mut spec = FunctionSpec::new(&function.name, code);
        spec.environment = self.environment(function);
        spec.timeout = Duration::from_secs(function.timeout.into());
        spec.memory_mb = function.memory;
        spec.log_group.clone_from(&function.log_group);
        spec.log_format = if function.log_format == "JSON" { LogFormat::Json } else { LogFormat::Text };
        spec.system_log_level = match function.system_log_level.as_deref() {
            Some("DEBUG") => LogLevel::Debug,
            Some("WARN") => LogLevel::Warn,
            _ => LogLevel::Info,
        };
        spec.application_log_level.clone_from(&function.application_log_level);
        spec.reserved_concurrency = function.reserved_concurrency;
        spec.event_invoke = config.map(event_invoke);
        spec.handler.clone_from(&function.handler);
        spec.runtime.clone_from(&function.runtime);
        if let Some(architecture) = function.architectures.first() {
            spec.architecture.clone_from(architecture);
        }
        let lambda = self.cloud.lambda();
        lambda.add_function(self.cloud, spec).map_err(|error| failed(&function.logical_id, function.line, error))?;
        lambda.set_alias(&function.short_name, &function.name);
        Ok(())
    }

    fn environment(&self, function: &FunctionResource) -> BTreeMap<String, String> {
        let variables = function.environment.iter();
        variables.map(|(name, value)| (name.clone(), self.streams.get(value).unwrap_or(value).clone())).collect()
    }

    async fn state_machines(&self) -> Result<(), BootError> {
        for machine in &self.topology.state_machines {
            let input = json!({
                "name": machine.name, "definition": machine.definition, "roleArn": machine.role_arn, "type": machine.kind,
            });
            let at = (machine.logical_id.as_str(), machine.line);
            self.call(at, Service::StepFunctions, "CreateStateMachine", input).await?;
        }
        Ok(())
    }

    async fn rules(&self) -> Result<(), BootError> {
        for rule in &self.topology.rules {
            self.rule(rule).await?;
        }
        Ok(())
    }

    async fn rule(&self, rule: &RuleResource) -> Result<(), BootError> {
        let at = (rule.logical_id.as_str(), rule.line);
        let mut input = json!({ "Name": rule.name, "EventBusName": rule.bus, "State": rule.state });
        set(&mut input, "EventPattern", rule.pattern.as_ref().map(Value::to_string));
        set(&mut input, "ScheduleExpression", rule.schedule.clone());
        set(&mut input, "Description", rule.description.clone());
        self.call(at, Service::EventBridge, "PutRule", input).await?;
        let targets: Vec<_> = rule.targets.iter().map(|target| &target.definition).collect();
        if targets.is_empty() {
            return Ok(());
        }
        let input = json!({ "Rule": rule.name, "EventBusName": rule.bus, "Targets": targets });
        let answer = self.call(at, Service::EventBridge, "PutTargets", input).await?;
        match answer.pointer("/FailedEntries/0") {
            Some(entry) => {
                let text = |key| entry.get(key).and_then(Value::as_str).unwrap_or_default();
                Err(failed(at.0, at.1, ServiceError::new(text("ErrorCode"), text("ErrorMessage"))))
            }
            None => Ok(()),
        }
    }

    async fn subscriptions(&self) -> Result<(), BootError> {
        for subscription in &self.topology.subscriptions {
            let input = json!({
                "logGroupName": subscription.log_group, "filterName": subscription.name,
                "filterPattern": subscription.pattern, "destinationArn": subscription.destination_arn,
            });
            let at = (subscription.logical_id.as_str(), subscription.line);
            self.call(at, Service::Logs, "PutSubscriptionFilter", input).await?;
        }
        Ok(())
    }

    async fn event_sources(&self) -> Result<(), BootError> {
        for source in &self.topology.event_sources {
            let mut input = source.definition.clone();
            if let Some(stream) = self.streams.get(&source.source_arn) {
                set(&mut input, "EventSourceArn", Some(stream.clone()));
            }
            let at = (source.logical_id.as_str(), source.line);
            self.call(at, Service::Lambda, "CreateEventSourceMapping", input).await?;
        }
        Ok(())
    }
}

fn event_invoke(config: &InvokeConfigResource) -> EventInvoke {
    let number = |key| config.definition.get(key).and_then(Value::as_u64);
    let destination = |key: &str| {
        let found = config.definition.get("DestinationConfig")?.get(key)?.get("Destination")?;
        found.as_str().map(str::to_owned)
    };
    EventInvoke {
        maximum_retry_attempts: number("MaximumRetryAttempts").and_then(|retries| u32::try_from(retries).ok()),
        maximum_event_age: number("MaximumEventAgeInSeconds").map(Duration::from_secs),
        on_failure: destination("OnFailure"),
        on_success: destination("OnSuccess"),
    }
}

/// Sets a member of a JSON object when there is a value.
fn set<T: Into<Value>>(object: &mut Value, key: &str, value: Option<T>) {
    let object: Option<&mut Map<String, Value>> = object.as_object_mut();
    if let (Some(object), Some(value)) = (object, value) {
        object.insert(key.to_owned(), value.into());
    }
}
