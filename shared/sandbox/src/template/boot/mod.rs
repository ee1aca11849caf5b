//! Creates what a topology describes in a cloud, through the same operations that a deployment would call.

mod functions;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::topology::{FunctionResource, QueueResource, Topology};
use crate::cloud::{Cloud, Service};
use crate::lambda::Code;
use crate::wire::{ServiceError, set_member};

/// A resource could not be created.
#[derive(Debug, thiserror::Error)]
#[error("{logical_id} (line {line}): {operation} was refused: {source}")]
#[non_exhaustive]
pub struct BootError {
    /// The resource's name in the template.
    pub logical_id: String,
    /// The line where it is declared.
    pub line: usize,
    /// What was tried.
    pub operation: String,
    /// What the service said.
    pub source: ServiceError,
}

/// Where an error belongs.
#[derive(Clone, Copy)]
struct At<'a>(&'a str, usize);

impl At<'_> {
    fn error(self, operation: &str, source: ServiceError) -> BootError {
        BootError { logical_id: self.0.to_owned(), line: self.1, operation: operation.to_owned(), source }
    }

    async fn call(self, cloud: &Cloud, service: Service, operation: &str, input: Value) -> Result<Value, BootError> {
        cloud.call(service, operation, input).await.map_err(|error| self.error(operation, error))
    }
}

/// Creates everything; `code` says what each function runs.
///
/// # Errors
/// The first resource that a service refused. What was created before it stays: end the cloud.
pub async fn boot(
    cloud: &Cloud,
    topology: &Topology,
    code: impl Fn(&FunctionResource) -> Result<Code, ServiceError>,
) -> Result<(), BootError> {
    log_groups(cloud, topology).await?;
    queues(cloud, topology).await?;
    tables(cloud, topology).await?;
    buses(cloud, topology).await?;
    state_machines(cloud, topology).await?;
    functions::create(cloud, topology, code).await?;
    rules(cloud, topology).await?;
    functions::connect(cloud, topology).await
}

async fn log_groups(cloud: &Cloud, topology: &Topology) -> Result<(), BootError> {
    for group in &topology.log_groups {
        let at = At(&group.logical_id, group.line);
        at.call(cloud, Service::Logs, "CreateLogGroup", json!({ "logGroupName": group.name })).await?;
        if let Some(days) = group.retention_days {
            let input = json!({ "logGroupName": group.name, "retentionInDays": days });
            at.call(cloud, Service::Logs, "PutRetentionPolicy", input).await?;
        }
    }
    Ok(())
}

/// A queue after its dead-letter queue.
async fn queues(cloud: &Cloud, topology: &Topology) -> Result<(), BootError> {
    let mut waiting: Vec<&QueueResource> = topology.queues.iter().collect();
    let mut there: BTreeSet<&str> = BTreeSet::new();
    while !waiting.is_empty() {
        let ours = |arn: &str| topology.queues.iter().any(|queue| queue.arn == arn);
        let ready = |queue: &&QueueResource| {
            queue.dead_letter_arn.as_deref().is_none_or(|arn| there.contains(arn) || !ours(arn))
        };
        let (now, later): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(ready);
        // A circle of dead-letter queues is created as it comes.
        let (now, later) = if now.is_empty() { (later, Vec::new()) } else { (now, later) };
        for queue in now {
            let input = json!({ "QueueName": queue.name, "Attributes": queue.attributes });
            At(&queue.logical_id, queue.line).call(cloud, Service::Sqs, "CreateQueue", input).await?;
            there.insert(&queue.arn);
        }
        waiting = later;
    }
    for policy in &topology.queue_policies {
        for queue in &policy.queues {
            let input = json!({ "QueueUrl": queue, "Attributes": { "Policy": policy.policy.to_string() } });
            At(&policy.logical_id, policy.line).call(cloud, Service::Sqs, "SetQueueAttributes", input).await?;
        }
    }
    Ok(())
}

async fn tables(cloud: &Cloud, topology: &Topology) -> Result<(), BootError> {
    for table in &topology.tables {
        let at = At(&table.logical_id, table.line);
        at.call(cloud, Service::DynamoDb, "CreateTable", table.definition.clone()).await?;
        if let Some(attribute) = &table.time_to_live {
            let specification = json!({ "Enabled": true, "AttributeName": attribute });
            let input = json!({ "TableName": table.name, "TimeToLiveSpecification": specification });
            at.call(cloud, Service::DynamoDb, "UpdateTimeToLive", input).await?;
        }
        if table.point_in_time_recovery {
            let specification = json!({ "PointInTimeRecoveryEnabled": true });
            let input = json!({ "TableName": table.name, "PointInTimeRecoverySpecification": specification });
            at.call(cloud, Service::DynamoDb, "UpdateContinuousBackups", input).await?;
        }
    }
    Ok(())
}

async fn buses(cloud: &Cloud, topology: &Topology) -> Result<(), BootError> {
    for bus in &topology.buses {
        let at = At(&bus.logical_id, bus.line);
        at.call(cloud, Service::EventBridge, "CreateEventBus", json!({ "Name": bus.name })).await?;
    }
    for archive in &topology.archives {
        let mut input = json!({ "ArchiveName": archive.name, "EventSourceArn": archive.source_arn });
        if let Some(description) = &archive.description {
            set_member(&mut input, "Description", json!(description));
        }
        if let Some(pattern) = &archive.pattern {
            set_member(&mut input, "EventPattern", json!(pattern.to_string()));
        }
        if let Some(days) = archive.retention_days {
            set_member(&mut input, "RetentionDays", json!(days));
        }
        At(&archive.logical_id, archive.line).call(cloud, Service::EventBridge, "CreateArchive", input).await?;
    }
    Ok(())
}

async fn state_machines(cloud: &Cloud, topology: &Topology) -> Result<(), BootError> {
    for machine in &topology.state_machines {
        let input = json!({
            "name": machine.name, "type": machine.kind, "definition": machine.definition, "roleArn": machine.role_arn,
        });
        let at = At(&machine.logical_id, machine.line);
        at.call(cloud, Service::StepFunctions, "CreateStateMachine", input).await?;
    }
    Ok(())
}

async fn rules(cloud: &Cloud, topology: &Topology) -> Result<(), BootError> {
    for rule in &topology.rules {
        let at = At(&rule.logical_id, rule.line);
        let mut input = json!({ "Name": rule.name, "EventBusName": rule.bus, "State": rule.state });
        if let Some(pattern) = &rule.pattern {
            set_member(&mut input, "EventPattern", json!(pattern.to_string()));
        }
        if let Some(schedule) = &rule.schedule {
            set_member(&mut input, "ScheduleExpression", json!(schedule));
        }
        if let Some(description) = &rule.description {
            set_member(&mut input, "Description", json!(description));
        }
        at.call(cloud, Service::EventBridge, "PutRule", input).await?;
        let targets: Vec<&Value> = rule.targets.iter().map(|target| &target.definition).collect();
        if targets.is_empty() {
            continue;
        }
        let input = json!({ "Rule": rule.name, "EventBusName": rule.bus, "Targets": targets });
        let answer = at.call(cloud, Service::EventBridge, "PutTargets", input).await?;
        if let Some(refused) = answer.get("FailedEntries").and_then(|entries| entries.get(0)) {
            return Err(at.error("PutTargets", ServiceError::new("FailedEntry", refused.to_string())));
        }
    }
    Ok(())
}
