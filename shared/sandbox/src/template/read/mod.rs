//! From the properties of each resource type to the topology.

mod bus;
mod event_sources;
mod function;
mod function_events;
mod logs;
mod queue;
mod rule;
mod state_machine;
mod table;

use std::path::Path;

use super::error::ErrorKind;
use super::identity::Identity;
use super::node::Place;
use super::reader::Reader;
use super::scope::Scope;
use super::topology::Topology;

/// What a reader of a resource knows besides its properties.
pub(super) struct Resource<'a> {
    pub(super) logical_id: &'a str,
    pub(super) place: Place,
    pub(super) identity: &'a Identity,
    pub(super) scope: &'a Scope<'a>,
}

const SUPPORTED: &str = "AWS::Serverless::Function, AWS::Serverless::StateMachine, AWS::CloudWatch::Alarm, \
    AWS::DynamoDB::Table, AWS::Events::Archive, AWS::Events::EventBus, AWS::Events::Rule, AWS::IAM::ManagedPolicy, \
    AWS::IAM::Policy, AWS::IAM::Role, AWS::Lambda::EventInvokeConfig, AWS::Lambda::EventSourceMapping, \
    AWS::Lambda::Function, AWS::Lambda::Permission, AWS::Logs::LogGroup, AWS::Logs::SubscriptionFilter, \
    AWS::SQS::Queue, AWS::SQS::QueuePolicy, AWS::StepFunctions::StateMachine";

/// Adds the resource to the topology, or reports why it cannot be.
pub(super) fn resource(
    topology: &mut Topology,
    resource: &Resource<'_>,
    resource_type: &str,
    reader: Reader<'_>,
    folder: &Path,
) {
    match resource_type {
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => function::read(topology, resource, reader),
        "AWS::Serverless::StateMachine" => state_machine::serverless(topology, resource, reader, folder),
        "AWS::StepFunctions::StateMachine" => state_machine::plain(topology, resource, reader, folder),
        "AWS::DynamoDB::Table" => table::read(topology, resource, reader),
        "AWS::SQS::Queue" => queue::queue(topology, resource, reader),
        "AWS::SQS::QueuePolicy" => queue::policy(topology, resource, reader),
        "AWS::Events::EventBus" => bus::bus(topology, resource, reader),
        "AWS::Events::Archive" => bus::archive(topology, resource, reader),
        "AWS::Events::Rule" => rule::read(topology, resource, reader),
        "AWS::Logs::LogGroup" => logs::group(topology, resource, reader),
        "AWS::Logs::SubscriptionFilter" => logs::subscription(topology, resource, reader),
        "AWS::Lambda::EventSourceMapping" => event_sources::mapping(topology, resource, reader),
        "AWS::Lambda::EventInvokeConfig" => event_sources::invoke_config(topology, resource, reader),
        // These only allow or watch; the local cloud enforces no permissions and has no alarms.
        "AWS::IAM::Role"
        | "AWS::IAM::Policy"
        | "AWS::IAM::ManagedPolicy"
        | "AWS::Lambda::Permission"
        | "AWS::CloudWatch::Alarm" => {}
        _ => resource.scope.errors.report_with_help(
            ErrorKind::UnsupportedResource,
            resource.place,
            format!("{} has the type {resource_type}, which the local cloud does not have", resource.logical_id),
            format!("it has {SUPPORTED}; put a condition on the resource to leave it out locally"),
        ),
    }
}

/// A function's name from its name or ARN.
fn function_name(name_or_arn: &str) -> String {
    match name_or_arn.split_once(":function:") {
        Some((_, rest)) => rest.split(':').next().unwrap_or(rest).to_owned(),
        None => name_or_arn.to_owned(),
    }
}
