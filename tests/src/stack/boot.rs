//! Creates what a topology describes, each kind after those that it needs.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use throughline_sandbox::lambda::{Code, FunctionSpec, LogFormat};
use throughline_sandbox::template::{FunctionResource, Topology};
use throughline_sandbox::{Cloud, Service};

/// Boots everything; `code` gives the functions theirs.
pub(super) async fn boot(cloud: &Cloud, topology: &Topology, code: impl Fn(&FunctionResource) -> Code) {
    queues(cloud, topology).await;
    let streams = tables(cloud, topology).await;
    for function in &topology.functions {
        let spec = spec(function, code(function));
        cloud.lambda().add_function(cloud, spec).unwrap_or_else(|error| panic!("{}: {error}", function.name));
    }
    for config in &topology.invoke_configs {
        call(cloud, Service::Lambda, "PutFunctionEventInvokeConfig", config.definition.clone()).await;
    }
    for source in &topology.event_sources {
        let mut input = source.definition.clone();
        if let Some(stream) = streams.get(&source.source_arn) {
            input["EventSourceArn"] = stream.as_str().into();
        }
        call(cloud, Service::Lambda, "CreateEventSourceMapping", input).await;
    }
    logs(cloud, topology).await;
    for machine in &topology.state_machines {
        let input = json!({
            "name": machine.name, "definition": machine.definition, "roleArn": machine.role_arn, "type": machine.kind,
        });
        call(cloud, Service::StepFunctions, "CreateStateMachine", input).await;
    }
    rules(cloud, topology).await;
}

/// Redrive policies come last: they name queues.
async fn queues(cloud: &Cloud, topology: &Topology) {
    for queue in &topology.queues {
        let mut attributes = queue.attributes.clone();
        attributes.remove("RedrivePolicy");
        call(cloud, Service::Sqs, "CreateQueue", json!({ "QueueName": queue.name, "Attributes": attributes })).await;
    }
    for queue in &topology.queues {
        if let Some(policy) = queue.attributes.get("RedrivePolicy") {
            let input = json!({ "QueueUrl": queue.url, "Attributes": { "RedrivePolicy": policy } });
            call(cloud, Service::Sqs, "SetQueueAttributes", input).await;
        }
    }
}

/// Gives the streams' ARNs by the names that the topology has for them.
async fn tables(cloud: &Cloud, topology: &Topology) -> BTreeMap<String, String> {
    let mut streams = BTreeMap::new();
    for table in &topology.tables {
        let answer = call(cloud, Service::DynamoDb, "CreateTable", table.definition.clone()).await;
        if let Some(stream) = answer["TableDescription"]["LatestStreamArn"].as_str() {
            streams.insert(format!("{}/stream/latest", table.arn), stream.to_owned());
        }
    }
    streams
}

fn spec(function: &FunctionResource, code: Code) -> FunctionSpec {
    let json = function.log_format == "JSON";
    FunctionSpec {
        environment: function.environment.clone(),
        timeout: Duration::from_secs(function.timeout.into()),
        memory_mb: function.memory,
        log_group: function.log_group.clone(),
        log_format: if json { LogFormat::Json } else { LogFormat::Text },
        reserved_concurrency: function.reserved_concurrency,
        ..FunctionSpec::new(function.name.clone(), code)
    }
}

async fn logs(cloud: &Cloud, topology: &Topology) {
    for group in &topology.log_groups {
        call(cloud, Service::Logs, "CreateLogGroup", json!({ "logGroupName": group.name })).await;
    }
    for subscription in &topology.subscriptions {
        let input = json!({
            "logGroupName": subscription.log_group, "filterName": subscription.name,
            "filterPattern": subscription.pattern, "destinationArn": subscription.destination_arn,
        });
        call(cloud, Service::Logs, "PutSubscriptionFilter", input).await;
    }
}

async fn rules(cloud: &Cloud, topology: &Topology) {
    for bus in &topology.buses {
        call(cloud, Service::EventBridge, "CreateEventBus", json!({ "Name": bus.name })).await;
    }
    for rule in &topology.rules {
        let mut input = json!({ "Name": rule.name, "EventBusName": rule.bus, "State": rule.state });
        if let Some(pattern) = &rule.pattern {
            input["EventPattern"] = pattern.to_string().into();
        }
        if let Some(schedule) = &rule.schedule {
            input["ScheduleExpression"] = schedule.as_str().into();
        }
        call(cloud, Service::EventBridge, "PutRule", input).await;
        let targets: Vec<_> = rule.targets.iter().map(|target| &target.definition).collect();
        let input = json!({ "Rule": rule.name, "EventBusName": rule.bus, "Targets": targets });
        call(cloud, Service::EventBridge, "PutTargets", input).await;
    }
}

async fn call(cloud: &Cloud, service: Service, operation: &str, input: Value) -> Value {
    let answer = cloud.call(service, operation, input.clone()).await;
    answer.unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
}
