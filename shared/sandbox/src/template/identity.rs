//! The names and ARNs that a resource will have, known before it exists because every name is set or derived.

use std::collections::BTreeMap;

use super::ResolveOptions;
use super::node::Node;
use super::scope::Scope;

/// What other resources can say about one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) arn: String,
    /// What `Ref` gives; `None` where the local cloud cannot know it beforehand.
    pub(super) reference: Option<String>,
    /// What `Fn::GetAtt` gives.
    pub(super) attributes: BTreeMap<&'static str, String>,
}

/// Stands for a stream's label, which is the time of its creation, until the table exists.
pub(super) const STREAM_LABEL: &str = "latest";

/// The identity of a resource of a known type.
pub(super) fn of(
    scope: &Scope<'_>,
    logical_id: &str,
    resource_type: &str,
    properties: Option<&Node>,
) -> Option<Identity> {
    let given = name_property(resource_type).and_then(|key| properties?.get(key)).map(|node| scope.resolve(node));
    if given.as_ref().is_some_and(Node::is_invalid) {
        return None;
    }
    let name = given.and_then(|node| node.as_text()).unwrap_or_else(|| {
        // CloudFormation adds random characters; here the same stack always has the same names.
        let fifo = properties.and_then(|p| p.get("FifoQueue")).is_some();
        format!("{}-{logical_id}{}", scope.options.stack_name, if fifo { ".fifo" } else { "" })
    });
    let bus = properties.and_then(|p| p.get("EventBusName")).map(|node| scope.resolve(node)).and_then(|n| n.as_text());
    Some(identity(scope.options, resource_type, name, bus.as_deref()))
}

fn name_property(resource_type: &str) -> Option<&'static str> {
    Some(match resource_type {
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => "FunctionName",
        "AWS::Serverless::StateMachine" | "AWS::Events::EventBus" | "AWS::Events::Rule" => "Name",
        "AWS::StepFunctions::StateMachine" => "StateMachineName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::Events::Archive" => "ArchiveName",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::Logs::SubscriptionFilter" => "FilterName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::CloudWatch::Alarm" => "AlarmName",
        _ => return None,
    })
}

fn identity(options: &ResolveOptions, resource_type: &str, name: String, bus: Option<&str>) -> Identity {
    let arn = |service: &str, resource: String| {
        format!("arn:aws:{service}:{}:{}:{resource}", options.region, options.account)
    };
    let (arn, reference) = match resource_type {
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => {
            (arn("lambda", format!("function:{name}")), Some(name.clone()))
        }
        "AWS::Serverless::StateMachine" | "AWS::StepFunctions::StateMachine" => {
            let arn = arn("states", format!("stateMachine:{name}"));
            (arn.clone(), Some(arn))
        }
        "AWS::SQS::Queue" => (arn("sqs", name.clone()), Some(options.queue_url(&name))),
        "AWS::DynamoDB::Table" => (arn("dynamodb", format!("table/{name}")), Some(name.clone())),
        "AWS::Events::EventBus" => (arn("events", format!("event-bus/{name}")), Some(name.clone())),
        // Ref of a rule on a bus other than the default one has the bus in it.
        "AWS::Events::Rule" => match bus.filter(|bus| *bus != "default") {
            Some(bus) => {
                let bus = bus.rsplit('/').next().unwrap_or(bus);
                (arn("events", format!("rule/{bus}/{name}")), Some(format!("{bus}|{name}")))
            }
            None => (arn("events", format!("rule/{name}")), Some(name.clone())),
        },
        "AWS::Events::Archive" => (arn("events", format!("archive/{name}")), Some(name.clone())),
        "AWS::Logs::LogGroup" => (arn("logs", format!("log-group:{name}:*")), Some(name.clone())),
        "AWS::Logs::SubscriptionFilter" => (String::new(), Some(name.clone())),
        "AWS::IAM::Role" => (format!("arn:aws:iam::{}:role/{name}", options.account), Some(name.clone())),
        "AWS::CloudWatch::Alarm" => (arn("cloudwatch", format!("alarm:{name}")), Some(name.clone())),
        _ => (String::new(), None),
    };
    let attributes = attributes(options, resource_type, &name, &arn);
    Identity { name, arn, reference, attributes }
}

fn attributes(options: &ResolveOptions, resource_type: &str, name: &str, arn: &str) -> BTreeMap<&'static str, String> {
    let mut attributes = BTreeMap::new();
    if !arn.is_empty() {
        attributes.insert("Arn", arn.to_owned());
    }
    match resource_type {
        "AWS::SQS::Queue" => {
            attributes.insert("QueueName", name.to_owned());
            attributes.insert("QueueUrl", options.queue_url(name));
        }
        "AWS::DynamoDB::Table" => {
            attributes.insert("StreamArn", format!("{arn}/stream/{STREAM_LABEL}"));
        }
        "AWS::Events::EventBus" | "AWS::Serverless::StateMachine" | "AWS::StepFunctions::StateMachine" => {
            attributes.insert("Name", name.to_owned());
        }
        "AWS::Events::Archive" => {
            attributes.insert("ArchiveName", name.to_owned());
        }
        _ => {}
    }
    attributes
}
